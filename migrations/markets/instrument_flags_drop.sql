-- Takes away what instrument_flags.sql made.
DROP TRIGGER follow_watch_lists ON watch_effective;
DROP TRIGGER follow_assets_truncate ON markets_asset;
DROP TRIGGER follow_assets_delete ON markets_asset;
DROP TRIGGER follow_assets_update ON markets_asset;
DROP TRIGGER set_instrument_flags ON markets_instrument;
DROP FUNCTION follow_watch_lists();
DROP FUNCTION follow_assets();
DROP FUNCTION mend_instrument_flags(boolean);
DROP FUNCTION set_instrument_flags();
DROP FUNCTION instrument_flags(text, text, text, text, text);
