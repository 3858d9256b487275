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
    UPDATE events_heartbeat AS heart
       SET trade_listed = COALESCE((SELECT bool_or(setting.trade_listed) FROM trade_setting AS setting), false),
           database_off_seconds =
               COALESCE((SELECT max(clocks.database_off_seconds) FROM events_clockstate AS clocks), 0);
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

DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION copy_trade_settings() SET search_path = pg_catalog, %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION follow_trade_settings() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END
$$;
REVOKE EXECUTE ON FUNCTION copy_trade_settings(), follow_trade_settings() FROM PUBLIC;

CREATE TRIGGER follow_trade_settings AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON events_clockstate
    FOR EACH STATEMENT EXECUTE FUNCTION follow_trade_settings();
CREATE TRIGGER follow_trade_settings AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON trade_setting
    FOR EACH STATEMENT EXECUTE FUNCTION follow_trade_settings();
