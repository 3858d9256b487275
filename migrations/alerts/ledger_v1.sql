-- Version 1 of what the ledger (migrations/events/ledger_v1.sql) holds of alerts, acknowledgements and silences.
-- Frozen: a change is a version 2 beside it. Run by 0007_ledger; ledger_v1_drop.sql takes all of it away again.
-- Who did something, and what people wrote, is hashed (ledger_private).

CREATE FUNCTION ledger_alert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET TimeZone = 'UTC' AS $$
DECLARE
    what text := CASE NEW.state
        WHEN 'pending' THEN 'alert.queued'
        WHEN 'sent' THEN 'alert.delivered'
        WHEN 'digested' THEN 'alert.delivered'
        WHEN 'dead' THEN 'alert.failed'
        WHEN 'muted' THEN 'alert.suppressed'
        WHEN 'silenced' THEN 'alert.suppressed'
        WHEN 'held' THEN 'alert.deferred'
        ELSE 'alert.' || NEW.state END;
BEGIN
    PERFORM ledger_append(what, NEW.event_id, NULL, jsonb_build_object(
        'alert', NEW.id, 'event', NEW.event_id, 'life', NEW.life, 'reason', NEW.reason, 'revision', NEW.revision,
        'channel', NEW.channel, 'state', NEW.state, 'from', CASE WHEN TG_OP = 'UPDATE' THEN OLD.state END,
        'urgency', NEW.urgency, 'queued_at', NEW.queued_at, 'due_at', NEW.due_at, 'done_at', NEW.done_at,
        -- Why one was held back may name who acknowledged; `muted_by` says it in a word.
        'done_reason', CASE WHEN NEW.state IN ('sent', 'digested', 'dead', 'superseded') THEN NEW.done_reason ELSE '' END,
        'silence', NEW.silence_id, 'muted_by', NEW.muted_by, 'attempts', NEW.attempts,
        'inhibitor', NEW.inhibitor_id, 'digest', NEW.digest_id));
    RETURN NULL;
END
$$;
-- A lease, its end, and waiting in a digest are steps of the dispatcher, not news.
CREATE TRIGGER ledger_alert AFTER INSERT ON alerts_alert FOR EACH ROW EXECUTE FUNCTION ledger_alert();
CREATE TRIGGER ledger_alert_state AFTER UPDATE ON alerts_alert FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state AND NEW.state NOT IN ('sending', 'grouped')
          AND NOT (NEW.state = 'pending' AND OLD.state IN ('sending', 'grouped')))
    EXECUTE FUNCTION ledger_alert();

CREATE FUNCTION ledger_acknowledgement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET TimeZone = 'UTC' AS $$
DECLARE
    entry alerts_acknowledgement := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    PERFORM ledger_append(
        CASE WHEN TG_OP <> 'DELETE' AND entry.ended_at IS NULL THEN 'event.acknowledged' ELSE 'event.unacknowledged' END,
        entry.event_id, NULL, jsonb_build_object(
            'acknowledgement', entry.id, 'event', entry.event_id, 'life', entry.life, 'at', entry.at,
            'by', ledger_private(entry."by"), 'note', ledger_private(entry.note), 'ended_at', entry.ended_at,
            'end_reason', ledger_private(entry.end_reason), 'deleted', TG_OP = 'DELETE'));
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_acknowledgement AFTER INSERT ON alerts_acknowledgement
    FOR EACH ROW EXECUTE FUNCTION ledger_acknowledgement();
CREATE TRIGGER ledger_acknowledgement_deleted AFTER DELETE ON alerts_acknowledgement
    FOR EACH ROW WHEN (OLD.ended_at IS NULL) EXECUTE FUNCTION ledger_acknowledgement();
CREATE TRIGGER ledger_acknowledgement_ended AFTER UPDATE ON alerts_acknowledgement FOR EACH ROW
    WHEN ((OLD.event_id, OLD.life, OLD.by, OLD.at, OLD.ended_at) IS DISTINCT FROM
          (NEW.event_id, NEW.life, NEW.by, NEW.at, NEW.ended_at))
    EXECUTE FUNCTION ledger_acknowledgement();

-- A silence that runs out ends without a row of its own: its `until` says when.
CREATE FUNCTION ledger_silence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET TimeZone = 'UTC' AS $$
DECLARE
    entry alerts_silence := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    PERFORM ledger_append(
        CASE WHEN TG_OP = 'INSERT' THEN 'silence.made'
             WHEN TG_OP = 'DELETE' OR NEW.until < OLD.until AND NEW.until <= clock_timestamp() + interval '5 seconds'
                 THEN 'silence.ended'
             ELSE 'silence.changed' END,
        NULL, NULL, jsonb_build_object(
            'silence', entry.id, 'token', entry.token, 'category', entry.category, 'source', entry.source,
            'exchange', entry.exchange, 'lets_worse_through', entry.lets_worse_through, 'until', entry.until,
            'made_at', entry.made_at, 'made_by', ledger_private(entry.made_by), 'reason', ledger_private(entry.reason),
            'deleted', TG_OP = 'DELETE'));
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_silence AFTER INSERT OR DELETE ON alerts_silence FOR EACH ROW EXECUTE FUNCTION ledger_silence();
CREATE TRIGGER ledger_silence_changed AFTER UPDATE ON alerts_silence FOR EACH ROW
    WHEN ((OLD.token, OLD.category, OLD.source, OLD.exchange, OLD.lets_worse_through, OLD.until, OLD.made_by)
          IS DISTINCT FROM
          (NEW.token, NEW.category, NEW.source, NEW.exchange, NEW.lets_worse_through, NEW.until, NEW.made_by))
    EXECUTE FUNCTION ledger_silence();

DO $$
DECLARE
    routine text;
BEGIN
    FOREACH routine IN ARRAY ARRAY['ledger_alert()', 'ledger_acknowledgement()', 'ledger_silence()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', routine, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
    END LOOP;
END
$$;

-- What stands when the chain begins.
SELECT ledger_append('snapshot.acknowledgement', entry.event_id, NULL, jsonb_build_object(
           'acknowledgement', entry.id, 'event', entry.event_id, 'life', entry.life,
           'at', to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
           'by', ledger_private(entry."by")))
  FROM (SELECT * FROM alerts_acknowledgement WHERE ended_at IS NULL ORDER BY id) AS entry;
SELECT ledger_append('snapshot.silence', NULL, NULL, jsonb_build_object(
           'silence', entry.id, 'token', entry.token, 'category', entry.category, 'source', entry.source,
           'exchange', entry.exchange, 'lets_worse_through', entry.lets_worse_through,
           'until', to_char(entry.until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
           'made_by', ledger_private(entry.made_by)))
  FROM (SELECT * FROM alerts_silence WHERE until > clock_timestamp() ORDER BY id) AS entry;
