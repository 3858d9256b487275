-- Version 1 of the ledger and of the view's history (DESIGN_DESK.md section 15, docs/contracts/ledger.md).
-- Frozen: a change is a version 2 beside it. Run by 0012_ledger; ledger_v1_drop.sql takes all of it away again.
-- Tables and functions here are given to the role ews_ledger (events.database.ledger_owner), where that may exist: then
-- not even our own role can change a row, only append through the functions.

-- ----------------------------------------------------------------------------------------------------------- the tables

-- era: counts restores into a server whose transaction numbers begin again; rows are ordered by (era, xid, n).
CREATE TABLE ledger (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    era integer NOT NULL,
    xid xid8 NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind COLLATE "C" ~ '^[a-z][a-z0-9_.]{0,63}$'),
    event_id bigint,
    payload_sha256 text CHECK (payload_sha256 COLLATE "C" ~ '^[0-9a-f]{64}$'),
    body jsonb NOT NULL CHECK (jsonb_typeof(body) = 'object')
);
CREATE INDEX ledger_order ON ledger (era, xid, n);
CREATE INDEX ledger_event ON ledger (event_id, n) WHERE event_id IS NOT NULL;
CREATE INDEX ledger_at ON ledger (at, n);

-- row NULL: the token left the view. snapshot: written for every token, after the view was built again and now and then.
-- base: the number that the last snapshot before this row begins with. The view at a row is what lies from its base to it.
CREATE TABLE view_changed (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    era integer NOT NULL,
    xid xid8 NOT NULL,
    at timestamptz NOT NULL,
    seq bigint NOT NULL,
    base bigint NOT NULL,
    token text COLLATE "C" NOT NULL,
    snapshot boolean NOT NULL,
    "row" jsonb CHECK (jsonb_typeof("row") = 'object')
);
CREATE INDEX view_changed_order ON view_changed (era, xid, n);
CREATE INDEX view_changed_token ON view_changed (token, n DESC);
CREATE INDEX view_changed_at ON view_changed (at, n);

-- Each seal covers the rows of both tables with from_xid <= xid < to_xid of its era.
CREATE TABLE ledger_seal (
    n bigint PRIMARY KEY CHECK (n > 0),
    at timestamptz NOT NULL,
    era integer NOT NULL,
    from_xid xid8 NOT NULL,
    to_xid xid8 NOT NULL CHECK (to_xid > from_xid),
    count bigint NOT NULL,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    view_count bigint NOT NULL,
    view_root bytea NOT NULL CHECK (octet_length(view_root) = 32),
    prev bytea NOT NULL CHECK (octet_length(prev) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

-- One row. floor: what is sealed of this era ends here; a transaction below it belongs to a server that was restored.
-- salt: of the hashes of personal fields; whoever forgets it makes them unreadable for good.
CREATE TABLE ledger_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    era integer NOT NULL,
    floor xid8 NOT NULL,
    salt bytea NOT NULL
) WITH (fillfactor = 10);
INSERT INTO ledger_state (era, floor, salt)
VALUES (1, '0', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- -------------------------------------------------------------------------------------------------- nothing is changed

-- The switch is a setting of the database, which only its owner can make: ALTER DATABASE … SET ews.ledger_unlocked = on.
CREATE FUNCTION ledger_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_db_role_setting
                WHERE setrole = 0 AND 'ews.ledger_unlocked=on' = ANY (setconfig)
                  AND setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'The ledger is kept for ever; see docs/contracts/ledger.md.';
END
$$;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON view_changed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
ALTER TABLE ledger ENABLE ALWAYS TRIGGER ledger_append_only;
ALTER TABLE ledger_seal ENABLE ALWAYS TRIGGER ledger_append_only;
ALTER TABLE view_changed ENABLE ALWAYS TRIGGER ledger_append_only;

-- ------------------------------------------------------------------------------- functions of the ledger's owner: append

CREATE FUNCTION ledger_append(kind text, event_id bigint, payload_sha256 text, body jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO ledger (era, xid, at, kind, event_id, payload_sha256, body)
    SELECT state.era + (pg_current_xact_id() < state.floor)::int, pg_current_xact_id(), clock_timestamp(),
           $1, $2, $3, $4
      FROM ledger_state AS state;
END
$$;

-- The i-th token with the i-th row; all rows of one refresh have its number and one time. Called under the view's lock,
-- so numbers have the order of the refreshes.
CREATE FUNCTION view_changed_append(seq bigint, snapshot boolean, tokens text[], "rows" jsonb[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
#variable_conflict use_column
DECLARE
    first bigint := nextval('view_changed_n_seq');
    begins bigint := CASE WHEN $2 THEN first ELSE COALESCE(
        (SELECT latest.base FROM view_changed AS latest ORDER BY latest.n DESC LIMIT 1), first) END;
    at_is timestamptz := clock_timestamp();
BEGIN
    INSERT INTO view_changed (n, era, xid, at, seq, base, token, snapshot, "row")
    OVERRIDING SYSTEM VALUE
    SELECT CASE WHEN one.place = 1 THEN first ELSE nextval('view_changed_n_seq') END,
           state.era + (pg_current_xact_id() < state.floor)::int, pg_current_xact_id(), at_is, $1, begins,
           one.token, $2, one."row"
      FROM ledger_state AS state, unnest($3, $4) WITH ORDINALITY AS one (token, "row", place);
END
$$;

-- Hash of a personal field: names and notes can be compared, never read. NULL stays NULL, empty stays empty.
CREATE FUNCTION ledger_private(value text) RETURNS text
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER AS $$
BEGIN
    IF $1 = '' THEN
        RETURN '';
    END IF;
    RETURN (SELECT encode(sha256(state.salt || convert_to($1, 'UTF8')), 'hex') FROM ledger_state AS state);
END
$$;

-- What is hashed of a row: docs/contracts/ledger.md has it in words.
CREATE FUNCTION ledger_line(entry ledger) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', $1.n, $1.era, $1.xid, to_char($1.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), $1.kind,
                     COALESCE($1.event_id::text, ''), COALESCE($1.payload_sha256, ''), $1.body::text)
$$;
CREATE FUNCTION view_changed_line(entry view_changed) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', $1.n, $1.era, $1.xid, to_char($1.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), $1.seq,
                     $1.base, to_jsonb($1.token)::text, $1.snapshot::text, COALESCE($1."row"::text, ''))
$$;

-- Seals what lies below the oldest running transaction; returns whether there was anything. Whoever comes second waits.
-- One seal has at most `most` rows of each table, or the rows of one transaction where that has more.
CREATE FUNCTION ledger_seal_now(most integer DEFAULT 10000) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET jit = off SET enable_seqscan = off AS $$
DECLARE
    state ledger_state;
    last ledger_seal;
    horizon xid8;
    of_era integer;
    begins xid8;
    ends xid8;
    cut xid8;
    found bigint;
    seen bigint;
    root_is bytea;
    view_root_is bytea;
    number bigint;
    at_is timestamptz;
    previous bytea;
BEGIN
    SELECT * INTO STRICT state FROM ledger_state FOR UPDATE;
    -- In a statement before those that read rows: they see every transaction that is below it.
    horizon := pg_snapshot_xmin(pg_current_snapshot());
    IF pg_snapshot_xmax(pg_current_snapshot()) < state.floor THEN
        -- Loaded into a server whose numbers are smaller. What was written since bears the next era already.
        UPDATE ledger_state AS one SET era = one.era + 1, floor = '0' RETURNING * INTO STRICT state;
    END IF;
    SELECT * INTO last FROM ledger_seal ORDER BY n DESC LIMIT 1;

    -- The oldest row that no seal has. What an earlier era left unsealed is complete: its transactions are over.
    SELECT entry.era INTO of_era
      FROM (SELECT era, xid FROM (SELECT era, xid FROM ledger
                                   WHERE (era, xid) >= (COALESCE(last.era, 0), COALESCE(last.to_xid, '0'))
                                   ORDER BY era, xid LIMIT 1) AS a
            UNION ALL
            SELECT era, xid FROM (SELECT era, xid FROM view_changed
                                   WHERE (era, xid) >= (COALESCE(last.era, 0), COALESCE(last.to_xid, '0'))
                                   ORDER BY era, xid LIMIT 1) AS b) AS entry
     ORDER BY era, xid LIMIT 1;
    IF of_era IS NULL THEN
        RETURN false;
    END IF;
    begins := CASE WHEN of_era = last.era THEN last.to_xid ELSE '0' END;
    ends := CASE WHEN of_era < state.era THEN '18446744073709551615' ELSE horizon END;
    IF ends <= begins THEN
        RETURN false;
    END IF;
    SELECT xid INTO cut FROM ledger WHERE era = of_era AND xid >= begins AND xid < ends
     ORDER BY xid, n OFFSET most LIMIT 1;
    IF cut > begins THEN
        ends := cut;
    ELSIF cut = begins THEN
        SELECT xid INTO cut FROM ledger WHERE era = of_era AND xid > begins AND xid < ends ORDER BY xid LIMIT 1;
        ends := COALESCE(cut, ends);
    END IF;
    SELECT xid INTO cut FROM view_changed WHERE era = of_era AND xid >= begins AND xid < ends
     ORDER BY xid, n OFFSET most LIMIT 1;
    IF cut > begins THEN
        ends := cut;
    ELSIF cut = begins THEN
        SELECT xid INTO cut FROM view_changed WHERE era = of_era AND xid > begins AND xid < ends ORDER BY xid LIMIT 1;
        ends := COALESCE(cut, ends);
    END IF;

    SELECT count(*), sha256(COALESCE(string_agg(sha256(convert_to(ledger_line(entry), 'UTF8')), ''
                                                ORDER BY entry.xid, entry.n), ''))
      INTO found, root_is
      FROM ledger AS entry WHERE era = of_era AND xid >= begins AND xid < ends;
    SELECT count(*), sha256(COALESCE(string_agg(sha256(convert_to(view_changed_line(entry), 'UTF8')), ''
                                                ORDER BY entry.xid, entry.n), ''))
      INTO seen, view_root_is
      FROM view_changed AS entry WHERE era = of_era AND xid >= begins AND xid < ends;
    IF found + seen = 0 THEN
        RETURN false;
    END IF;

    number := COALESCE(last.n, 0) + 1;
    at_is := clock_timestamp();
    previous := COALESCE(last.hash, decode(repeat('00', 32), 'hex'));
    INSERT INTO ledger_seal (n, at, era, from_xid, to_xid, count, root, view_count, view_root, prev, hash)
    VALUES (number, at_is, of_era, begins, ends, found, root_is, seen, view_root_is, previous,
            sha256(convert_to(concat_ws('|', 'ews-seal-1', number, to_char(at_is AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                        of_era, begins, ends, found, encode(root_is, 'hex'), seen,
                                        encode(view_root_is, 'hex'), encode(previous, 'hex')), 'UTF8')));
    IF of_era = state.era THEN
        UPDATE ledger_state SET floor = ends;
    END IF;
    RETURN true;
END
$$;

-- After a restore transaction numbers may begin again, or jump: what follows is of the next era.
CREATE FUNCTION ledger_restored() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    LOCK TABLE ledger, view_changed IN EXCLUSIVE MODE;
    UPDATE ledger_state SET era = GREATEST(era, (SELECT max(one.era) FROM ledger AS one),
                                           (SELECT max(one.era) FROM view_changed AS one)) + 1,
                            floor = '0';
    PERFORM ledger_append('restored', NULL, NULL, jsonb_build_object('server', version()));
END
$$;

-- ------------------------------------------------------------------------------- functions of ours: what is written when

-- The columns of an event without personal ones. A note of a person, and a reason that a person gave, are hashed.
CREATE FUNCTION ledger_event_body(which bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SET TimeZone = 'UTC' AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
        'event', jsonb_build_object(
            'id', event.id, 'source', event.source, 'category', event.category, 'priority', event.priority,
            'status', event.status, 'natural_key', event.natural_key, 'title', event.title, 'url', event.url,
            'network_tokens', event.network_tokens, 'important_dates', event.important_dates,
            'next_important_at', event.next_important_at, 'valid_until', event.valid_until,
            'published_at', event.published_at, 'seen_at', event.seen_at, 'opened_at', event.opened_at,
            'updated_at', event.updated_at, 'closed_at', event.closed_at, 'close_kind', event.close_kind,
            -- The kind says who closed it last: a source that closes again leaves the reason of the person.
            'close_reason', CASE WHEN event.close_kind = 'by_hand' OR event.close_reason ~ '^(closed|false alarm) by '
                                 THEN ledger_private(event.close_reason) ELSE event.close_reason END,
            'false_alarm', event.false_alarm, 'life', event.life, 'revision', event.revision,
            'facts', CASE WHEN octet_length(event.facts::text) > 4000 THEN '{}'::jsonb
                          WHEN event.facts ? 'note' AND event.source = 'manual' THEN
                              event.facts || jsonb_build_object('note', ledger_private(event.facts->>'note'))
                          ELSE event.facts END),
        'effects', COALESCE((
            SELECT jsonb_agg(jsonb_build_object(
                       'token', effect.token, 'scope', effect.scope, 'venue', effect.venue, 'tickers', effect.tickers,
                       'trading_status', effect.trading_status, 'action', effect.action,
                       'risk_level', effect.risk_level, 'trading_ends_at', effect.trading_ends_at,
                       'in_force_at', effect.in_force_at) ORDER BY effect.id)
              FROM events_effect AS effect WHERE effect.event_id = event.id), '[]'))
      FROM events_event AS event WHERE event.id = which);
END
$$;

-- Facts and times of the last look change with every poll: alone they are no news.
CREATE FUNCTION ledger_news(body jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$ SELECT $1 #- '{event,facts}' #- '{event,updated_at}' $$;

-- One row per event and transaction, with the state at its end, and none where nothing that matters differs from the
-- event's last row. made: the event was inserted by this transaction.
CREATE FUNCTION ledger_event_now(which bigint, made boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    before jsonb;
    after jsonb;
    was text;
    becomes text;
    life integer;
BEGIN
    SELECT entry.body INTO before FROM ledger AS entry
     -- A range of one value, so that no plan walks back through all rows by their number until it meets the event.
     WHERE entry.event_id >= which AND entry.event_id < which + 1
       AND entry.kind IN ('event.opened', 'event.updated', 'event.closed', 'event.reopened', 'event.deleted', 'snapshot')
       -- After a TRUNCATE that restarts the numbers, an earlier event may have had this one.
       AND (NOT made OR entry.era = (SELECT era FROM ledger_state) AND entry.xid = pg_current_xact_id())
     ORDER BY entry.event_id DESC, entry.n DESC LIMIT 1;
    after := ledger_event_body(which);
    IF after IS NULL THEN
        IF before IS NOT NULL AND NOT before ? 'deleted' THEN
            PERFORM ledger_append('event.deleted', which, NULL, jsonb_build_object('deleted', true, 'event',
                jsonb_build_object('id', which, 'natural_key', before #> '{event,natural_key}',
                                   'source', before #> '{event,source}', 'category', before #> '{event,category}')));
        END IF;
        RETURN;
    END IF;
    IF before IS NOT NULL AND ledger_news(before) = ledger_news(after) THEN
        RETURN;
    END IF;
    was := before #>> '{event,status}';
    becomes := after #>> '{event,status}';
    life := (after #>> '{event,life}')::integer;
    PERFORM ledger_append(
        CASE WHEN becomes = 'closed' AND (was = 'open' OR made) THEN 'event.closed'
             WHEN becomes = 'closed' THEN 'event.updated'
             WHEN was = 'closed' OR was IS NULL AND life > 1 THEN 'event.reopened'
             WHEN was IS NULL THEN 'event.opened'
             ELSE 'event.updated' END,
        which, (SELECT payload_id FROM events_event WHERE id = which), after);
END
$$;

-- Called at commit, once for each written row: the first call for an event writes, the others find its number in a
-- setting of the transaction. A statement after that (SET CONSTRAINTS ALL IMMEDIATE) empties it: ledger_anew.
CREATE FUNCTION ledger_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    done text := COALESCE(current_setting('ews.ledger_done', true), '');
    which bigint;
    other bigint;
BEGIN
    IF TG_TABLE_NAME = 'events_event' THEN
        which := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
        other := CASE WHEN TG_OP = 'UPDATE' THEN OLD.id ELSE which END;
    ELSE
        which := CASE WHEN TG_OP = 'DELETE' THEN OLD.event_id ELSE NEW.event_id END;
        other := CASE WHEN TG_OP = 'UPDATE' THEN OLD.event_id ELSE which END;
    END IF;
    IF other <> which THEN
        PERFORM ledger_event_now(other, false);
    END IF;
    IF strpos(done, format(',%s,', which)) > 0 THEN
        RETURN NULL;
    END IF;
    -- A long list would cost more than the look that it spares.
    PERFORM set_config('ews.ledger_done', format(',%s,', which) || left(done, 2000), true);
    PERFORM ledger_event_now(which, TG_TABLE_NAME = 'events_event' AND TG_OP = 'INSERT');
    RETURN NULL;
END
$$;

CREATE FUNCTION ledger_anew() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.set_config('ews.ledger_done', '', true);
    RETURN NULL;
END
$$;

-- All events at once; deferred row triggers do not see it.
CREATE FUNCTION ledger_truncated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM ledger_append('truncated', NULL, NULL, jsonb_build_object('table', TG_TABLE_NAME));
    RETURN NULL;
END
$$;

CREATE FUNCTION ledger_source() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET TimeZone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM ledger_append('source.removed', NULL, NULL,
                              jsonb_build_object('source', OLD.source, 'from', OLD.state, 'to', NULL));
    ELSE
        PERFORM ledger_append('source.' || NEW.state, NULL, NULL, jsonb_build_object(
            'source', NEW.source, 'from', CASE WHEN TG_OP = 'UPDATE' THEN OLD.state END, 'to', NEW.state,
            'last_success_at', NEW.last_success_at, 'interval_seconds', NEW.interval_seconds,
            'error', CASE WHEN NEW.state <> 'ok' THEN left(NEW.last_error, 300) ELSE '' END));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_source AFTER INSERT OR DELETE ON events_sourcehealth
    FOR EACH ROW EXECUTE FUNCTION ledger_source();
CREATE TRIGGER ledger_source_state AFTER UPDATE ON events_sourcehealth
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION ledger_source();

-- The heartbeat bears the name of who leads.
CREATE FUNCTION ledger_leader() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM ledger_append('daemon.leads', NULL, NULL, jsonb_build_object(
        'daemon', NEW.daemon, 'before', CASE WHEN TG_OP = 'UPDATE' THEN OLD.daemon END));
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_leader AFTER INSERT ON events_heartbeat FOR EACH ROW EXECUTE FUNCTION ledger_leader();
CREATE TRIGGER ledger_leader_changed AFTER UPDATE ON events_heartbeat
    FOR EACH ROW WHEN (OLD.daemon IS DISTINCT FROM NEW.daemon) EXECUTE FUNCTION ledger_leader();

-- After each build of the view: every token that it has, and an end for each that it has no more.
CREATE FUNCTION view_changed_snapshot(seq bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET TimeZone = 'UTC' AS $$
DECLARE
    tokens text[];
    entries jsonb[];
BEGIN
    SELECT array_agg(one.token ORDER BY one.token COLLATE "C"), array_agg(one."row" ORDER BY one.token COLLATE "C")
      INTO tokens, entries
      FROM (SELECT view.token, to_jsonb(view) AS "row" FROM token_risk_view AS view
            UNION ALL
            SELECT known.token, NULL FROM view_changed_tokens() AS known (token)
             WHERE NOT EXISTS (SELECT FROM token_risk_view AS view WHERE view.token = known.token)) AS one;
    IF tokens IS NOT NULL THEN
        PERFORM view_changed_append(seq, true, tokens, entries);
    END IF;
END
$$;

-- The view at a moment is read from the last snapshot on, so there is one in every `most` changes. Between refreshes.
CREATE FUNCTION view_changed_keep(most bigint DEFAULT 1500) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF COALESCE((SELECT n - base FROM view_changed ORDER BY n DESC LIMIT 1), 0)
       < most + (SELECT count(*) FROM token_risk_view) THEN
        RETURN false;
    END IF;
    -- As a refresh does, and in its order.
    LOCK TABLE events_event, events_effect IN ACCESS SHARE MODE;
    LOCK TABLE risk_view_state IN EXCLUSIVE MODE;
    PERFORM view_changed_snapshot(state.seq) FROM risk_view_state AS state;
    RETURN true;
END
$$;

-- Tokens whose last row is not their end, found by leaps through the index.
CREATE FUNCTION view_changed_tokens() RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE leap AS (
        (SELECT token FROM view_changed ORDER BY token LIMIT 1)
        UNION ALL
        SELECT (SELECT later.token FROM view_changed AS later WHERE later.token > leap.token ORDER BY later.token LIMIT 1)
          FROM leap WHERE leap.token IS NOT NULL
    )
    SELECT leap.token FROM leap
     CROSS JOIN LATERAL (SELECT "row" IS NOT NULL AS stands FROM view_changed AS one WHERE one.token >= leap.token AND one.token <= leap.token
                          ORDER BY one.token, one.n DESC LIMIT 1) AS latest
     WHERE leap.token IS NOT NULL AND latest.stands
$$;

-- ------------------------------------------------------------------------------------------------------ who may do what

DO $$
DECLARE
    routine text;
BEGIN
    FOR routine IN
        SELECT oid::regprocedure::text FROM pg_proc
         WHERE pronamespace = current_schema()::regnamespace AND proname ~ '^(ledger|view_changed)_'
    LOOP
        -- Functions that act with their owner's rights must not find a caller's objects first.
        IF routine !~ '^(ledger_refuse|ledger_anew|ledger_news|ledger_line|view_changed_line)\(' THEN
            EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', routine, current_schema());
        END IF;
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
    END LOOP;
END
$$;
REVOKE ALL ON ledger, ledger_seal, view_changed, ledger_state FROM PUBLIC;

-- ------------------------------------------------------------------------------------------ the chain's first rows

SELECT ledger_append('snapshot.begins', NULL, NULL, jsonb_build_object(
    'events', (SELECT count(*) FROM events_event WHERE status = 'open'),
    'sources', (SELECT count(*) FROM events_sourcehealth)));
SELECT ledger_append('snapshot', id, payload_id, ledger_event_body(id)) FROM (
    SELECT id, payload_id FROM events_event WHERE status = 'open' ORDER BY id) AS event;
SELECT ledger_append('snapshot.source', NULL, NULL, jsonb_build_object('source', source, 'from', NULL, 'to', state))
  FROM (SELECT source, state FROM events_sourcehealth ORDER BY source) AS health;
