-- markets_instrument.pegged and .watched: what can_trade needs of markets_asset and watch_effective, so that a connection's
-- first call opens two relations less. NULL: not computed yet, which can_trade reads as pegged and as not watched.
-- A row computes its own two columns when it is written. A statement that changes an asset's kind or a watch list updates
-- the instruments that it changes, in its own transaction. What was written past the triggers the daemon mends.

-- The one definition of both. Inlined where it stands in a FROM.
CREATE FUNCTION instrument_flags(venue text, token text, quote text, quote_token text, settle_token text)
RETURNS TABLE (pegged boolean, watched boolean)
LANGUAGE sql STABLE ROWS 1 AS $$
    -- A peg counts unless we know that there is none: coins and other currencies.
    SELECT EXISTS (SELECT FROM unnest(ARRAY[$2, $4, $5]) AS one (code)
                     LEFT JOIN markets_asset AS asset ON asset.code = one.code
                    WHERE one.code <> '' AND (asset.kind IS NULL OR asset.kind IN ('stablecoin', 'unknown'))),
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
    known boolean := false; -- somebody is now known to have no peg
    doubted boolean := false; -- somebody no longer is
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        known := EXISTS (SELECT FROM come WHERE kind NOT IN ('stablecoin', 'unknown'));
    END IF;
    IF TG_OP = 'UPDATE' THEN
        doubted := EXISTS (SELECT code FROM gone WHERE kind NOT IN ('stablecoin', 'unknown')
                           EXCEPT SELECT code FROM come WHERE kind NOT IN ('stablecoin', 'unknown'));
        known := known AND EXISTS (SELECT code FROM come WHERE kind NOT IN ('stablecoin', 'unknown')
                                   EXCEPT SELECT code FROM gone WHERE kind NOT IN ('stablecoin', 'unknown'));
    ELSIF TG_OP = 'DELETE' THEN
        doubted := EXISTS (SELECT FROM gone WHERE kind NOT IN ('stablecoin', 'unknown'));
    ELSIF TG_OP = 'TRUNCATE' THEN
        doubted := true;
    END IF;
    IF known OR doubted THEN
        PERFORM mend_instrument_flags(doubted);
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

CREATE TRIGGER follow_assets_insert AFTER INSERT ON markets_asset REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION follow_assets();
CREATE TRIGGER follow_assets_update AFTER UPDATE ON markets_asset REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION follow_assets();
CREATE TRIGGER follow_assets_delete AFTER DELETE ON markets_asset REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION follow_assets();
CREATE TRIGGER follow_assets_truncate AFTER TRUNCATE ON markets_asset
    FOR EACH STATEMENT EXECUTE FUNCTION follow_assets();

CREATE TRIGGER follow_watch_lists AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON watch_effective
    FOR EACH STATEMENT EXECUTE FUNCTION follow_watch_lists();
