-- Version 3 of the views of DESIGN.md section 6, with what keeps them fresh. Frozen: a change is a version 4 beside it.
-- Run by migrations.operations.WithoutRiskView; risk_view_v3_drop.sql takes all of it away again.
-- New: each change of the view is written to view_changed, and each change of an event to the ledger (ledger_v1.sql has
-- their tables and functions).
-- The enum types, risk_view_state and the role ews_bot outlive a rebuild: 0002_risk_view makes them.

-- ---------------------------------------------------------------------------------------------------------- the views

-- Effects are looked up event by event (LATERAL with OFFSET 0, which the planner cannot turn into a scan of the whole
-- table): the cost follows the open events whatever the statistics say about a million closed ones.
-- Strings are sorted by their bytes, so that the result does not depend on the cluster's locale.
CREATE MATERIALIZED VIEW token_risk_view AS
WITH open_event AS MATERIALIZED (
    SELECT id, source::text AS source, category::text AS category, priority, title, url, important_dates,
           next_important_at, valid_until, seen_at, opened_at, updated_at
      FROM events_event
     WHERE status = 'open' AND priority = 'high'
), effect AS MATERIALIZED (
    SELECT upper(found.token COLLATE "C") COLLATE "default" AS token,
           event.id AS event_id,
           found.venue::text AS venue,
           found.tickers,
           found.scope = 'asset' AND found.venue = '' AS everywhere,
           -- A token whose single pairs are hit goes on trading: its instruments carry the strict state.
           CASE WHEN found.scope = 'pairs' THEN LEAST(found.action::risk_action, 'watch')
                ELSE found.action::risk_action END AS action,
           CASE WHEN found.scope = 'pairs' THEN 'trading'
                ELSE found.trading_status::trading_status END AS trading_status,
           CASE WHEN found.scope = 'pairs' THEN 'high'
                ELSE found.risk_level::risk_level END AS risk_level,
           CASE WHEN found.scope <> 'pairs' THEN found.trading_ends_at END AS trading_ends_at
      FROM open_event AS event
     CROSS JOIN LATERAL (
        SELECT token, scope, venue, tickers, trading_status, action, risk_level, trading_ends_at
          FROM events_effect
         WHERE event_id = event.id
           AND token <> '*' -- whatever a venue trades is no token; can_trade reads it
        OFFSET 0
     ) AS found
), over_effects AS (
    SELECT token,
           max(risk_level) AS risk_level,
           max(action) AS action,
           max(trading_status) AS trading_status,
           min(trading_ends_at) AS trading_ends_at,
           max(action) FILTER (WHERE everywhere) AS asset_action,
           CASE WHEN NOT bool_or(everywhere) THEN
               array_agg(DISTINCT venue COLLATE "C" ORDER BY venue COLLATE "C") FILTER (WHERE venue <> '')
           END AS venues
      FROM effect
     GROUP BY token
), over_venues AS (
    SELECT token, jsonb_object_agg(venue, action) AS venue_actions
      FROM (SELECT token, venue, max(action) AS action FROM effect WHERE venue <> '' GROUP BY token, venue) AS place
     GROUP BY token
), over_tickers AS (
    SELECT token, array_agg(DISTINCT ticker COLLATE "C" ORDER BY ticker COLLATE "C") AS tickers
      FROM effect, unnest(effect.tickers) AS ticker
     GROUP BY token
), over_events AS (
    SELECT token,
           min(next_important_at) AS next_important_at,
           array_agg(DISTINCT category COLLATE "C" ORDER BY category COLLATE "C") AS categories,
           array_agg(DISTINCT source COLLATE "C" ORDER BY source COLLATE "C") AS sources,
           array_agg(id ORDER BY opened_at DESC, id DESC) AS event_ids,
           min(seen_at) AS first_seen_at,
           max(updated_at) AS updated_at,
           CASE WHEN NOT bool_or(valid_until IS NULL) THEN max(valid_until) END AS valid_until,
           jsonb_agg(jsonb_build_object('id', id, 'source', source, 'category', category, 'priority', priority,
                                        'title', title, 'url', url, 'important_dates', important_dates)
                     ORDER BY opened_at DESC, id DESC) AS reasons
      FROM (SELECT DISTINCT token, event_id FROM effect) AS pair
      JOIN open_event AS event ON event.id = pair.event_id
     GROUP BY token
)
SELECT token, risk_level, action, trading_status, trading_ends_at, next_important_at,
       COALESCE(venues, '{}') COLLATE "default" AS venues,
       categories COLLATE "default" AS categories,
       sources COLLATE "default" AS sources,
       COALESCE(tickers, '{}') COLLATE "default" AS tickers,
       event_ids, first_seen_at, updated_at, valid_until, reasons,
       asset_action, COALESCE(venue_actions, '{}') AS venue_actions
  FROM over_effects
  JOIN over_events USING (token)
  LEFT JOIN over_venues USING (token)
  LEFT JOIN over_tickers USING (token)
  WITH DATA;

-- REFRESH … CONCURRENTLY needs it.
CREATE UNIQUE INDEX token_risk_view_token ON token_risk_view (token);

-- Giving empty pages back takes a lock that readers would meet.
ALTER MATERIALIZED VIEW token_risk_view SET (vacuum_truncate = false);

-- What is claimed by two tokens is one row still, under the first of the two names.
CREATE VIEW instrument_risk_view AS
WITH open_event AS MATERIALIZED (
    SELECT id, opened_at FROM events_event WHERE status = 'open' AND priority = 'high'
), effect AS (
    SELECT ticker, event.id, event.opened_at,
           min(upper(found.token COLLATE "C")) AS token,
           max(found.trading_status::trading_status) AS trading_status,
           max(found.action::risk_action) AS action,
           min(found.trading_ends_at) AS trading_ends_at
      FROM open_event AS event
     CROSS JOIN LATERAL (
        SELECT token, tickers, trading_status, action, trading_ends_at
          FROM events_effect
         WHERE event_id = event.id
        OFFSET 0
     ) AS found
     CROSS JOIN unnest(found.tickers) AS ticker
     GROUP BY ticker, event.id, event.opened_at
)
SELECT left(ticker, greatest(strpos(ticker, ':') - 1, 0)) AS exchange,
       substr(ticker, strpos(ticker, ':') + 1) AS symbol,
       min(token) COLLATE "default" AS token,
       max(trading_status) AS trading_status,
       max(action) AS action,
       min(trading_ends_at) AS trading_ends_at,
       array_agg(id ORDER BY opened_at DESC, id DESC) AS event_ids,
       ticker
  FROM effect
 GROUP BY ticker;

-- A source is stale when its last good answer is more than five of its intervals old, lies in the future, or was never
-- given, or when its own state says so: in each case "no row" is no answer. A failure or a drift counts from then on,
-- not at once. The clock is the database's, as it goes on within a transaction; the heartbeat is the reader's to judge.
-- The events are not read here: no lock on them can make a bot wait for the age of what it reads.
CREATE VIEW token_risk_view_status AS
SELECT state.refreshed_at,
       state.seq,
       state.open_events,
       (SELECT max(beat_at) FROM events_heartbeat) AS heartbeat_at,
       ARRAY(SELECT health.source::text
               FROM events_sourcehealth AS health
              WHERE health.source NOT LIKE 'alerts.%' -- a suspended channel blinds people, not bots
                AND (health.state = 'stale'
                     OR health.last_success_at IS NULL
                     OR health.last_success_at < clock_timestamp() - 5 * health.interval_seconds * interval '1 second'
                     OR health.last_success_at > clock_timestamp() + interval '5 seconds')
              ORDER BY health.source COLLATE "C") AS stale_sources
  FROM risk_view_state AS state;

-- -------------------------------------------------------------------------------------------------------- the refresh

-- Returns whether the contents changed. Tables are locked before risk_view_state, in the order of a TRUNCATE or a
-- migration, so that none of them can meet a refresher half-way. What serialises refreshes is a lock on a table that bots
-- have no right to (any role may take any advisory lock), in a statement of its own: under READ COMMITTED the next
-- statement's snapshot then sees what the last holder committed.
CREATE FUNCTION refresh_token_risk_view_now() RETURNS boolean
-- Statistics lag behind a burst. Where they promise one row and two thousand come, nested loops over the view's parts
-- took 12 s instead of 60 ms; and where they promise too many, compiling took 100 ms instead of 5 ms to run.
LANGUAGE plpgsql SECURITY DEFINER SET enable_nestloop = off SET jit = off SET TimeZone = 'UTC' AS $$
DECLARE
    before token_risk_view[];
    added text[];
    changed text[];
    removed text[];
    news boolean;
    at_utc text;
    number bigint;
    message text;
    entries jsonb[];
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'token_risk_view can be refreshed under READ COMMITTED only, this transaction is %',
                        upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'invalid_transaction_state',
                  HINT = 'Write events and effects in transactions with the isolation level READ COMMITTED.';
    END IF;

    LOCK TABLE events_event, events_effect IN ACCESS SHARE MODE;
    LOCK TABLE risk_view_state IN EXCLUSIVE MODE;
    before := ARRAY(SELECT view FROM token_risk_view AS view);

    BEGIN
        REFRESH MATERIALIZED VIEW CONCURRENTLY token_risk_view;
    EXCEPTION WHEN object_in_use THEN
        RAISE EXCEPTION 'token_risk_view cannot be refreshed while this transaction reads it through an open cursor'
            USING ERRCODE = 'object_in_use',
                  HINT = 'Close the cursor before events are written, or read the view in a transaction of its own.';
    END;

    SELECT COALESCE(array_agg(new.token ORDER BY new.token COLLATE "C") FILTER (WHERE old.token IS NULL), '{}'),
           COALESCE(array_agg(new.token ORDER BY new.token COLLATE "C") FILTER (WHERE old.token = new.token), '{}'),
           COALESCE(array_agg(old.token ORDER BY old.token COLLATE "C") FILTER (WHERE new.token IS NULL), '{}')
      INTO added, changed, removed
      FROM unnest(before) AS old
      FULL JOIN token_risk_view AS new ON new.token = old.token
     WHERE old.token IS NULL OR new.token IS NULL
           -- updated_at is left out: alone it is no news.
        OR (old.risk_level, old.action, old.trading_status, old.trading_ends_at, old.next_important_at, old.venues,
            old.categories, old.sources, old.tickers, old.event_ids, old.first_seen_at, old.valid_until, old.reasons,
            old.asset_action, old.venue_actions)
           IS DISTINCT FROM
           (new.risk_level, new.action, new.trading_status, new.trading_ends_at, new.next_important_at, new.venues,
            new.categories, new.sources, new.tickers, new.event_ids, new.first_seen_at, new.valid_until, new.reasons,
            new.asset_action, new.venue_actions);
    news := cardinality(added || changed || removed) > 0;

    -- seq counts what was announced, so that a listener that misses a number knows that it missed a change.
    UPDATE risk_view_state AS state
       SET refreshed_at = clock_timestamp(),
           seq = state.seq + news::int,
           open_events = (SELECT count(*) FROM events_event WHERE status = 'open' AND priority = 'high')
    RETURNING state.seq, to_char(state.refreshed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      INTO STRICT number, at_utc;

    IF news THEN
        message := json_build_object('seq', number, 'refreshed_at', at_utc,
                                     'added', added, 'changed', changed, 'removed', removed);
        -- PostgreSQL refuses a payload of 8,000 bytes.
        IF octet_length(message) > 7900 THEN
            message := json_build_object('seq', number, 'resync', true);
        END IF;
        PERFORM pg_notify('token_risk', message);
        -- Within the lock: history has the order of the announcements. Row by row through the index: a join would read
        -- the whole view, as loops are off here.
        entries := ARRAY(SELECT (SELECT to_jsonb(view) FROM token_risk_view AS view WHERE view.token = named.token)
                           FROM unnest(added || changed || removed) WITH ORDINALITY AS named (token, place)
                          ORDER BY named.place);
        PERFORM view_changed_append(number, false, added || changed || removed, entries);
    END IF;
    RETURN news;
END
$$;

-- Called once per written row at commit, and refreshes once: the first call finds the transaction dirty and clears it.
-- What is written after a SET CONSTRAINTS ALL IMMEDIATE makes it dirty again; a savepoint rolled back takes the
-- setting back to what it was.
CREATE FUNCTION refresh_token_risk_view() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF current_setting('ews.risk_view_dirty', true) = 'on' THEN
        PERFORM set_config('ews.risk_view_dirty', 'off', true);
        PERFORM refresh_token_risk_view_now();
    END IF;
    RETURN NULL;
END
$$;

-- Runs as the writer, before its row: a row trigger that fires at once would else look for the mark before it is set.
CREATE FUNCTION mark_token_risk_view() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF pg_catalog.current_setting('ews.risk_view_dirty', true) IS DISTINCT FROM 'on' THEN
        PERFORM pg_catalog.set_config('ews.risk_view_dirty', 'on', true);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;

-- Runs before each new effect: marks the transaction as mark_token_risk_view does, and sets `open` as its event is.
-- Whoever opens a closed event again meets the row lock, and then finds this effect.
CREATE FUNCTION begin_effect() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    found_status text;
BEGIN
    IF TG_OP = 'INSERT' AND pg_catalog.current_setting('ews.risk_view_dirty', true) IS DISTINCT FROM 'on' THEN
        PERFORM pg_catalog.set_config('ews.risk_view_dirty', 'on', true);
    END IF;
    SELECT status INTO found_status FROM events_event WHERE id = NEW.event_id;
    IF found_status IS DISTINCT FROM 'open' THEN
        SELECT status INTO found_status FROM events_event WHERE id = NEW.event_id FOR SHARE;
    END IF;
    NEW.open := found_status IS NOT DISTINCT FROM 'open';
    RETURN NEW;
END
$$;

-- Runs after an event was closed or opened again.
CREATE FUNCTION turn_effects() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE events_effect SET open = (NEW.status = 'open') WHERE event_id = NEW.id AND open <> (NEW.status = 'open');
    RETURN NULL;
END
$$;

-- Functions that act with their owner's rights must not find a caller's objects first.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION refresh_token_risk_view_now() SET search_path = pg_catalog, %I, pg_temp',
                   current_schema());
    EXECUTE format('ALTER FUNCTION refresh_token_risk_view() SET search_path = pg_catalog, %I, pg_temp',
                   current_schema());
    EXECUTE format('ALTER FUNCTION begin_effect() SET search_path = pg_catalog, %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION turn_effects() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END
$$;

-- ------------------------------------------------------------------------------------------------------- the triggers

-- Only what the view can show marks a transaction: no low-priority or closed event, no column that the view does not
-- read. Rows are judged by themselves, never by a look at other rows, which another transaction may be changing.
CREATE TRIGGER mark_token_risk_view_insert BEFORE INSERT ON events_event FOR EACH ROW
    WHEN (NEW.status = 'open' AND NEW.priority = 'high')
    EXECUTE FUNCTION mark_token_risk_view();
CREATE TRIGGER mark_token_risk_view_update BEFORE UPDATE ON events_event FOR EACH ROW
    WHEN (((OLD.status = 'open' AND OLD.priority = 'high') OR (NEW.status = 'open' AND NEW.priority = 'high'))
          AND (OLD.id, OLD.status, OLD.priority, OLD.source, OLD.category, OLD.title, OLD.url, OLD.important_dates,
               OLD.next_important_at, OLD.valid_until, OLD.seen_at, OLD.opened_at, OLD.updated_at)
              IS DISTINCT FROM
              (NEW.id, NEW.status, NEW.priority, NEW.source, NEW.category, NEW.title, NEW.url, NEW.important_dates,
               NEW.next_important_at, NEW.valid_until, NEW.seen_at, NEW.opened_at, NEW.updated_at))
    EXECUTE FUNCTION mark_token_risk_view();
CREATE TRIGGER mark_token_risk_view_delete BEFORE DELETE ON events_event FOR EACH ROW
    WHEN (OLD.status = 'open' AND OLD.priority = 'high')
    EXECUTE FUNCTION mark_token_risk_view();
CREATE TRIGGER mark_token_risk_view_truncate BEFORE TRUNCATE ON events_event FOR EACH STATEMENT
    EXECUTE FUNCTION mark_token_risk_view();

CREATE TRIGGER mark_token_risk_view_delete BEFORE DELETE ON events_effect FOR EACH ROW
    EXECUTE FUNCTION mark_token_risk_view();
CREATE TRIGGER begin_effect BEFORE INSERT ON events_effect FOR EACH ROW EXECUTE FUNCTION begin_effect();
CREATE TRIGGER begin_effect_anew BEFORE UPDATE ON events_effect FOR EACH ROW
    WHEN (OLD.open <> NEW.open OR OLD.event_id <> NEW.event_id)
    EXECUTE FUNCTION begin_effect();
CREATE TRIGGER turn_effects AFTER UPDATE ON events_event FOR EACH ROW WHEN (OLD.status <> NEW.status)
    EXECUTE FUNCTION turn_effects();
CREATE TRIGGER mark_token_risk_view_update BEFORE UPDATE ON events_effect FOR EACH ROW
    WHEN ((OLD.event_id, OLD.token, OLD.scope, OLD.venue, OLD.tickers, OLD.trading_status, OLD.action,
           OLD.risk_level, OLD.trading_ends_at)
          IS DISTINCT FROM
          (NEW.event_id, NEW.token, NEW.scope, NEW.venue, NEW.tickers, NEW.trading_status, NEW.action,
           NEW.risk_level, NEW.trading_ends_at))
    EXECUTE FUNCTION mark_token_risk_view();
CREATE TRIGGER mark_token_risk_view_truncate BEFORE TRUNCATE ON events_effect FOR EACH STATEMENT
    EXECUTE FUNCTION mark_token_risk_view();

CREATE CONSTRAINT TRIGGER trg_refresh_token_risk_view
    AFTER INSERT OR UPDATE OR DELETE ON events_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (current_setting('ews.risk_view_dirty', true) = 'on')
    EXECUTE FUNCTION refresh_token_risk_view();
CREATE CONSTRAINT TRIGGER trg_refresh_token_risk_view
    AFTER INSERT OR DELETE
       OR UPDATE OF event_id, token, scope, venue, tickers, trading_status, action, risk_level, trading_ends_at
    ON events_effect DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (current_setting('ews.risk_view_dirty', true) = 'on')
    EXECUTE FUNCTION refresh_token_risk_view();

-- A TRUNCATE cannot be deferred; of two tables in one statement the first refreshes for both.
CREATE TRIGGER trg_refresh_token_risk_view_truncate AFTER TRUNCATE ON events_event FOR EACH STATEMENT
    EXECUTE FUNCTION refresh_token_risk_view();
CREATE TRIGGER trg_refresh_token_risk_view_truncate AFTER TRUNCATE ON events_effect FOR EACH STATEMENT
    EXECUTE FUNCTION refresh_token_risk_view();

-- What matters of an event and its effects goes to the ledger when the transaction commits, after the refresh: triggers
-- of one row fire in the order of their names, and behind the view's lock each sees what the one before wrote.
CREATE TRIGGER ledger_anew BEFORE INSERT OR UPDATE OR DELETE ON events_event FOR EACH STATEMENT
    WHEN (current_setting('ews.ledger_done', true) <> '') EXECUTE FUNCTION ledger_anew();
CREATE TRIGGER ledger_anew BEFORE INSERT OR UPDATE OR DELETE ON events_effect FOR EACH STATEMENT
    WHEN (current_setting('ews.ledger_done', true) <> '') EXECUTE FUNCTION ledger_anew();
CREATE CONSTRAINT TRIGGER trg_write_ledger AFTER INSERT OR DELETE ON events_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_event();
CREATE CONSTRAINT TRIGGER trg_write_ledger_update AFTER UPDATE ON events_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.id, OLD.source, OLD.category, OLD.priority, OLD.status, OLD.natural_key, OLD.title, OLD.url,
           OLD.network_tokens, OLD.important_dates, OLD.next_important_at, OLD.valid_until, OLD.published_at,
           OLD.seen_at, OLD.opened_at, OLD.closed_at, OLD.close_reason, OLD.close_kind, OLD.false_alarm, OLD.life,
           OLD.revision)
          IS DISTINCT FROM
          (NEW.id, NEW.source, NEW.category, NEW.priority, NEW.status, NEW.natural_key, NEW.title, NEW.url,
           NEW.network_tokens, NEW.important_dates, NEW.next_important_at, NEW.valid_until, NEW.published_at,
           NEW.seen_at, NEW.opened_at, NEW.closed_at, NEW.close_reason, NEW.close_kind, NEW.false_alarm, NEW.life,
           NEW.revision))
    EXECUTE FUNCTION ledger_event();
CREATE CONSTRAINT TRIGGER trg_write_ledger AFTER INSERT OR DELETE ON events_effect
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_event();
CREATE CONSTRAINT TRIGGER trg_write_ledger_update AFTER UPDATE ON events_effect
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.event_id, OLD.token, OLD.scope, OLD.venue, OLD.tickers, OLD.trading_status, OLD.action, OLD.risk_level,
           OLD.trading_ends_at, OLD.in_force_at)
          IS DISTINCT FROM
          (NEW.event_id, NEW.token, NEW.scope, NEW.venue, NEW.tickers, NEW.trading_status, NEW.action, NEW.risk_level,
           NEW.trading_ends_at, NEW.in_force_at))
    EXECUTE FUNCTION ledger_event();
CREATE TRIGGER trg_write_ledger_truncate AFTER TRUNCATE ON events_event FOR EACH STATEMENT
    EXECUTE FUNCTION ledger_truncated();
CREATE TRIGGER trg_write_ledger_truncate AFTER TRUNCATE ON events_effect FOR EACH STATEMENT
    EXECUTE FUNCTION ledger_truncated();

-- ----------------------------------------------------------------------------------------------------- who may do what

REVOKE EXECUTE ON FUNCTION refresh_token_risk_view_now(), refresh_token_risk_view(), mark_token_risk_view(),
                           begin_effect(), turn_effects() FROM PUBLIC;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ews_bot') THEN
        GRANT SELECT ON token_risk_view, instrument_risk_view, token_risk_view_status TO ews_bot;
    END IF;
END
$$;

-- What listeners knew before a rebuild may no longer hold.
WITH state AS (
    UPDATE risk_view_state
       SET seq = seq + 1,
           refreshed_at = clock_timestamp(),
           open_events = (SELECT count(*) FROM events_event WHERE status = 'open' AND priority = 'high')
    RETURNING seq
)
SELECT pg_notify('token_risk', json_build_object('seq', seq, 'resync', true)::text), view_changed_snapshot(seq) FROM state;
