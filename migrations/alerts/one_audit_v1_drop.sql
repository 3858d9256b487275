DROP TRIGGER trg_audit_admin_log ON django_admin_log;
DROP FUNCTION trg_audit_admin_log();
DROP FUNCTION audit_admin_log(django_admin_log);
DELETE FROM alerts_auditentry WHERE log_id IS NOT NULL;
