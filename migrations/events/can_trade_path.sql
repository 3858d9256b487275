
-- CREATE OR REPLACE takes the path away that can_trade_v1.sql set; who may call the function stays.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION can_trade_many(text[], text[]) SET search_path = pg_catalog, %I, pg_temp',
                   current_schema());
END
$$;
