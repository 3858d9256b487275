-- Takes away what risk_view_v1.sql made. Objects that others built on the views stop it: PostgreSQL names them.
DROP TRIGGER trg_refresh_token_risk_view ON events_event;
DROP TRIGGER trg_refresh_token_risk_view_truncate ON events_event;
DROP TRIGGER mark_token_risk_view_insert ON events_event;
DROP TRIGGER mark_token_risk_view_update ON events_event;
DROP TRIGGER mark_token_risk_view_delete ON events_event;
DROP TRIGGER mark_token_risk_view_truncate ON events_event;
DROP TRIGGER trg_refresh_token_risk_view ON events_effect;
DROP TRIGGER trg_refresh_token_risk_view_truncate ON events_effect;
DROP TRIGGER mark_token_risk_view_insert_delete ON events_effect;
DROP TRIGGER mark_token_risk_view_update ON events_effect;
DROP TRIGGER mark_token_risk_view_truncate ON events_effect;
DROP FUNCTION refresh_token_risk_view();
DROP FUNCTION refresh_token_risk_view_now();
DROP FUNCTION mark_token_risk_view();
DROP VIEW token_risk_view_status;
DROP VIEW instrument_risk_view;
DROP MATERIALIZED VIEW token_risk_view;
