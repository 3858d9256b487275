-- events_heartbeat.trade_listed and .database_off_seconds: copies of trade_setting and events_clockstate, so that a
-- connection's first can_trade opens two relations less. NULL: not copied yet; can_trade then reads the tables themselves.

-- Returns whether something was wrong. The heartbeat is not touched where nothing changes: it must never wait for
-- somebody who has confirmed a clock and not committed.
CREATE FUNCTION copy_trade_settings() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    FOR round IN 1..2 LOOP
        IF NOT EXISTS (
            SELECT FROM events_heartbeat AS heart
             WHERE heart.trade_listed IS DISTINCT FROM
                   COALESCE((SELECT bool_or(setting.trade_listed) FROM trade_setting AS setting), false)
                OR heart.database_off_seconds IS DISTINCT FROM
                   COALESCE((SELECT max(clocks.database_off_seconds) FROM events_clockstate AS clocks), 0)
        ) THEN
            RETURN false;
        END IF;
        -- Who waits for the row here copies what is there afterwards, not what it saw before.
        PERFORM FROM events_heartbeat FOR UPDATE;
    END LOOP;
    -- The trigger of the row computes what is NULL.
    UPDATE events_heartbeat SET trade_listed = NULL, database_off_seconds = NULL;
    RETURN true;
END
$$;

CREATE FUNCTION follow_trade_settings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM copy_trade_settings();
    RETURN NULL;
END
$$;

-- Nobody writes the copies but this. A new row has none: each beat is an INSERT … ON CONFLICT, which must cost nothing.
CREATE FUNCTION set_trade_settings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    NEW.trade_listed := NULL;
    NEW.database_off_seconds := NULL;
    IF TG_OP = 'UPDATE' THEN
        NEW.trade_listed := COALESCE((SELECT bool_or(setting.trade_listed) FROM trade_setting AS setting), false);
        NEW.database_off_seconds :=
            COALESCE((SELECT max(clocks.database_off_seconds) FROM events_clockstate AS clocks), 0);
    END IF;
    RETURN NEW;
END
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['copy_trade_settings()', 'follow_trade_settings()', 'set_trade_settings()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', name, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
END
$$;

-- At commit: a transaction that somebody leaves open must not hold the heartbeat, or every bot reads `unknown` soon. And
-- only for what is copied: a beat holds its row before it writes the clocks, a confirmation of them must not wait for it.
CREATE CONSTRAINT TRIGGER follow_trade_settings AFTER INSERT OR DELETE OR UPDATE OF database_off_seconds ON events_clockstate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION follow_trade_settings();
CREATE CONSTRAINT TRIGGER follow_trade_settings AFTER INSERT OR DELETE OR UPDATE OF trade_listed ON trade_setting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION follow_trade_settings();
CREATE TRIGGER follow_trade_settings_truncate AFTER TRUNCATE ON events_clockstate
    FOR EACH STATEMENT EXECUTE FUNCTION follow_trade_settings();
CREATE TRIGGER follow_trade_settings_truncate AFTER TRUNCATE ON trade_setting
    FOR EACH STATEMENT EXECUTE FUNCTION follow_trade_settings();
-- Whoever sets session_replication_role does not write past them.
ALTER TABLE events_clockstate ENABLE ALWAYS TRIGGER follow_trade_settings,
    ENABLE ALWAYS TRIGGER follow_trade_settings_truncate;
ALTER TABLE trade_setting ENABLE ALWAYS TRIGGER follow_trade_settings,
    ENABLE ALWAYS TRIGGER follow_trade_settings_truncate;
