-- Takes away what trade_settings.sql made.
DROP TRIGGER follow_trade_settings_truncate ON trade_setting;
DROP TRIGGER follow_trade_settings_truncate ON events_clockstate;
DROP TRIGGER follow_trade_settings ON trade_setting;
DROP TRIGGER follow_trade_settings ON events_clockstate;
DROP FUNCTION follow_trade_settings();
DROP FUNCTION copy_trade_settings();
