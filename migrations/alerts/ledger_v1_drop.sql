-- Takes away what ledger_v1.sql made; the rows stay in the ledger.
DROP TRIGGER ledger_alert ON alerts_alert;
DROP TRIGGER ledger_alert_state ON alerts_alert;
DROP TRIGGER ledger_acknowledgement ON alerts_acknowledgement;
DROP TRIGGER ledger_acknowledgement_deleted ON alerts_acknowledgement;
DROP TRIGGER ledger_acknowledgement_ended ON alerts_acknowledgement;
DROP TRIGGER ledger_silence ON alerts_silence;
DROP TRIGGER ledger_silence_changed ON alerts_silence;
DROP FUNCTION ledger_silence();
DROP FUNCTION ledger_acknowledgement();
DROP FUNCTION ledger_alert();
