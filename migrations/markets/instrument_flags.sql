-- markets_instrument.pegged and .watched: what can_trade needs of markets_asset and watch_effective, so that a connection's
-- first call opens two relations less. NULL: not computed yet, which can_trade reads as pegged and as not watched.
-- A row computes its own two columns when it is written. A statement that makes answers stricter (an asset is no longer known
-- to have no peg, a watch list shrinks) updates the instruments that it changes, in its own transaction; so does one that
-- lengthens a watch list. An asset that becomes known the daemon follows, as it mends what was written past the triggers:
-- instrument lists learn assets, and two lists that updated each other's instruments would end in a deadlock.

-- The one definition of both. Inlined where it stands in a FROM.
CREATE FUNCTION instrument_flags(venue text, token text, quote text, quote_token text, settle_token text)
RETURNS TABLE (pegged boolean, watched boolean)
LANGUAGE sql STABLE ROWS 1 AS $$
    -- A peg counts unless we know that there is none: coins and other currencies. Each EXISTS by itself: PostgreSQL then
    -- hashes the table for all instruments and looks into its index for one, by itself.
    SELECT $2 <> '' AND NOT EXISTS (SELECT FROM markets_asset AS asset
                                     WHERE asset.code = $2 AND asset.kind NOT IN ('stablecoin', 'unknown'))
           OR $4 <> '' AND NOT EXISTS (SELECT FROM markets_asset AS asset
                                        WHERE asset.code = $4 AND asset.kind NOT IN ('stablecoin', 'unknown'))
           OR $5 <> '' AND NOT EXISTS (SELECT FROM markets_asset AS asset
                                        WHERE asset.code = $5 AND asset.kind NOT IN ('stablecoin', 'unknown')),
           EXISTS (SELECT FROM watch_effective AS entry
                    WHERE entry.watch_list = CASE WHEN split_part($1, '_', 2) IN ('USDM', 'COINM', 'OPTIONS') THEN 'usdm'
                                                  ELSE 'spot' END
                      AND entry.currency = $2)
           AND (EXISTS (SELECT FROM watch_effective AS entry
                         WHERE entry.watch_list = 'quote' AND entry.currency = upper($3))
                OR upper($3) = 'USD' AND split_part($1, '_', 2) IN ('USDM', 'COINM', 'OPTIONS'))
$$;

CREATE FUNCTION set_instrument_flags() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.venue, OLD.token, OLD.quote, OLD.quote_token, OLD.settle_token, OLD.pegged, OLD.watched)
                            IS NOT DISTINCT FROM
                            (NEW.venue, NEW.token, NEW.quote, NEW.quote_token, NEW.settle_token, NEW.pegged, NEW.watched)
       AND NEW.pegged IS NOT NULL AND NEW.watched IS NOT NULL
    THEN
        RETURN NEW;
    END IF;
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        -- It does not see what others have committed since it began.
        NEW.pegged := NULL;
        NEW.watched := NULL;
        RETURN NEW;
    END IF;
    SELECT flags.pegged, flags.watched INTO NEW.pegged, NEW.watched
      FROM instrument_flags(NEW.venue, NEW.token, NEW.quote, NEW.quote_token, NEW.settle_token) AS flags;
    RETURN NEW;
END
$$;

-- Correct every instrument that is wrong; returns how many were. Where `stricter`, a change is under way that makes answers
-- stricter, and no instrument that is being written at this moment may escape it: writers of instruments are waited for and
-- held up until the commit. EXCLUSIVE, since whoever has only locked rows (SELECT FOR UPDATE) must be among them; bots read on.
-- Else rows that somebody holds are left as strict as they are (the daemon comes by): nobody waits, so nobody can deadlock.
CREATE FUNCTION mend_instrument_flags(stricter boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    wrong bigint[];
    mended bigint;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        IF stricter THEN
            RAISE EXCEPTION 'assets and watch lists cannot change in a transaction with isolation %, expected READ COMMITTED',
                            upper(current_setting('transaction_isolation'))
                USING HINT = 'It would miss instruments that others have stored since it began.',
                      ERRCODE = 'invalid_transaction_state';
        END IF;
        RETURN 0;
    END IF;
    IF stricter THEN
        LOCK TABLE markets_instrument IN EXCLUSIVE MODE;
    END IF;
    wrong := ARRAY(
        SELECT instrument.id
          FROM markets_instrument AS instrument
         CROSS JOIN LATERAL instrument_flags(instrument.venue, instrument.token, instrument.quote,
                                             instrument.quote_token, instrument.settle_token) AS flags
         WHERE instrument.pegged IS DISTINCT FROM flags.pegged OR instrument.watched IS DISTINCT FROM flags.watched);
    IF cardinality(wrong) = 0 THEN
        RETURN 0;
    END IF;
    wrong := ARRAY(SELECT instrument.id FROM markets_instrument AS instrument
                    WHERE instrument.id = ANY (wrong) ORDER BY instrument.id FOR UPDATE SKIP LOCKED);
    -- The trigger of the row computes what is NULL.
    UPDATE markets_instrument AS instrument SET pegged = NULL, watched = NULL WHERE instrument.id = ANY (wrong);
    GET DIAGNOSTICS mended = ROW_COUNT;
    RETURN mended;
END
$$;

CREATE FUNCTION follow_assets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    doubted boolean := true; -- somebody is no longer known to have no peg
BEGIN
    IF TG_OP = 'UPDATE' THEN
        doubted := EXISTS (SELECT code FROM gone WHERE kind NOT IN ('stablecoin', 'unknown')
                           EXCEPT SELECT code FROM come WHERE kind NOT IN ('stablecoin', 'unknown'));
    ELSIF TG_OP = 'DELETE' THEN
        doubted := EXISTS (SELECT FROM gone WHERE kind NOT IN ('stablecoin', 'unknown'));
    END IF;
    IF doubted THEN
        PERFORM mend_instrument_flags(true);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION follow_watch_lists() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM mend_instrument_flags(TG_OP <> 'INSERT');
    RETURN NULL;
END
$$;

-- Functions that act with their owner's rights must not find a caller's objects first.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['set_instrument_flags()', 'mend_instrument_flags(boolean)', 'follow_assets()',
                                'follow_watch_lists()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', name, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
    REVOKE EXECUTE ON FUNCTION instrument_flags(text, text, text, text, text) FROM PUBLIC;
END
$$;

CREATE TRIGGER set_instrument_flags BEFORE INSERT OR UPDATE ON markets_instrument FOR EACH ROW
    EXECUTE FUNCTION set_instrument_flags();

CREATE TRIGGER follow_assets_update AFTER UPDATE ON markets_asset REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION follow_assets();
CREATE TRIGGER follow_assets_delete AFTER DELETE ON markets_asset REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION follow_assets();
CREATE TRIGGER follow_assets_truncate AFTER TRUNCATE ON markets_asset
    FOR EACH STATEMENT EXECUTE FUNCTION follow_assets();

CREATE TRIGGER follow_watch_lists AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON watch_effective
    FOR EACH STATEMENT EXECUTE FUNCTION follow_watch_lists();

-- Whoever sets session_replication_role does not write past them.
ALTER TABLE markets_instrument ENABLE ALWAYS TRIGGER set_instrument_flags;
ALTER TABLE markets_asset ENABLE ALWAYS TRIGGER follow_assets_update, ENABLE ALWAYS TRIGGER follow_assets_delete,
    ENABLE ALWAYS TRIGGER follow_assets_truncate;
ALTER TABLE watch_effective ENABLE ALWAYS TRIGGER follow_watch_lists;
