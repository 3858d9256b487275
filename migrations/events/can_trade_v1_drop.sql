-- Takes away what can_trade_v1.sql made.
DROP FUNCTION can_trade(text);
DROP FUNCTION can_trade(text, text);
DROP FUNCTION can_trade_many(text[], text[]);
DROP FUNCTION can_trade_repair(text, text);
DROP FUNCTION can_trade_scope(text);
DROP FUNCTION can_trade_latest(timestamptz);
