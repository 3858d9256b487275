-- One audit: what Django logs of changes in the admin is an entry of the audit too, whoever writes it and however many
-- rows at once. Frozen: a change is a version 2 beside it.

CREATE FUNCTION audit_admin_log(logged django_admin_log) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    said text := logged.change_message;
    kind text;
    event bigint;
BEGIN
    SELECT model INTO kind FROM django_content_type WHERE id = logged.content_type_id;
    -- The code that does these writes the audit itself, with the address.
    IF kind IN ('silence', 'addedreceiver', 'apitoken') THEN
        RETURN;
    END IF;
    -- Django's own messages are JSON: [{"changed": {"fields": ["Until"]}}]. A person's text may begin with a bracket.
    IF said LIKE '[%' THEN
        BEGIN
            SELECT coalesce(string_agg(coalesce((SELECT string_agg(field, ', ')
                                                   FROM jsonb_array_elements_text(part.value -> 'fields') AS field),
                                                part.value ->> 'object', ''), '; '), '')
              INTO said
              FROM jsonb_array_elements(logged.change_message::jsonb) AS item,
                   jsonb_each(item) AS part;
        EXCEPTION WHEN others THEN
            said := logged.change_message;
        END;
    END IF;
    IF kind = 'event' AND logged.object_id ~ '^[0-9]{1,18}$' THEN
        SELECT id INTO event FROM events_event WHERE id = logged.object_id::bigint;
    END IF;
    INSERT INTO alerts_auditentry (at, act, by, user_id, "where", address, event_id, what, link, link_ends_at, log_id)
    SELECT logged.action_time,
           CASE logged.action_flag WHEN 1 THEN 'added' WHEN 3 THEN 'deleted' ELSE 'changed' END,
           coalesce((SELECT username FROM auth_user WHERE id = logged.user_id), ''),
           logged.user_id, 'admin', NULL, event,
           concat_ws(': ', concat_ws(' ', kind, logged.object_repr), nullif(said, '')),
           NULL, NULL, logged.id
    ON CONFLICT (log_id) DO NOTHING;
END
$$;

CREATE FUNCTION trg_audit_admin_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_admin_log(NEW);
    RETURN NULL;
END
$$;

CREATE TRIGGER trg_audit_admin_log AFTER INSERT ON django_admin_log
    FOR EACH ROW EXECUTE FUNCTION trg_audit_admin_log();

-- What was logged before, with its own time and user.
SELECT count(audit_admin_log(logged)) FROM django_admin_log AS logged;
