-- What the ledger and can_trade have of events_review (docs/contracts/can_trade.md, docs/contracts/ledger.md).
-- Frozen: a change is a version 2 beside it. Run by 0017_reviews_answered; reviews_v1_drop.sql takes all of it away again.

-- risk_view_state.reviews_until: until when an undecided review counts in can_trade, which reads events_review only before
-- that; NULL: none does. reviewed_names: the assets and symbols that they name, and only for these it reads them; NULL: too
-- many to compare. Returns whether something was wrong.
CREATE FUNCTION copy_reviews() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    -- One that nobody decided ceases to count, but stays in the queue; can_trade has the same number.
    counts constant interval := '30 days';
    latest timestamptz;
    names text[];
BEGIN
    FOR round IN 1..2 LOOP
        SELECT max(released_at) + counts INTO latest FROM events_review WHERE decided_at IS NULL;
        SELECT COALESCE(array_agg(DISTINCT named.name ORDER BY named.name), '{}') INTO names
          FROM events_review AS review
         CROSS JOIN LATERAL (SELECT upper(unnest(review.tokens)) AS name
                              UNION ALL SELECT split_part(unnest(review.tickers), ':', 2)) AS named
         WHERE review.decided_at IS NULL;
        IF cardinality(names) > 500 THEN
            names := NULL;
        END IF;
        IF NOT EXISTS (SELECT FROM risk_view_state AS state
                        WHERE (state.reviews_until, state.reviewed_names) IS DISTINCT FROM (latest, names)) THEN
            RETURN false;
        END IF;
        IF round = 1 THEN
            -- As a refresh of the view does, and in its order: the two can then not wait for each other. What follows sees
            -- what whoever held it before has committed.
            LOCK TABLE events_event, events_effect IN ACCESS SHARE MODE;
            LOCK TABLE risk_view_state IN EXCLUSIVE MODE;
        END IF;
    END LOOP;
    UPDATE risk_view_state SET reviews_until = latest, reviewed_names = names;
    RETURN true;
END
$$;

-- At commit: an admin's open transaction must not hold up the refreshes of the view. Once for all rows of a transaction: a
-- constraint trigger fires for each, and each time the whole table would be read.
CREATE FUNCTION reviews_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM set_config('ews.reviews_changed', 'yes', true);
    RETURN NULL;
END
$$;

CREATE FUNCTION follow_reviews() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF current_setting('ews.reviews_changed', true) = 'yes' OR TG_OP = 'TRUNCATE' THEN
        PERFORM copy_reviews();
        PERFORM set_config('ews.reviews_changed', '', true);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION ledger_review() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET TimeZone = 'UTC' AS $$
DECLARE
    entry events_review := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    PERFORM ledger_append(
        CASE WHEN TG_OP = 'DELETE' THEN 'review.deleted'
             WHEN TG_OP = 'INSERT' AND NEW.decided_at IS NULL THEN 'review.opened'
             WHEN TG_OP = 'INSERT' OR OLD.decided_at IS NULL AND NEW.decided_at IS NOT NULL THEN 'review.decided'
             WHEN OLD.decided_at IS NOT NULL AND NEW.decided_at IS NULL THEN 'review.reopened'
             ELSE 'review.changed' END,
        entry.event_id, entry.payload_id, jsonb_build_object(
            'review', entry.id, 'source', entry.source, 'natural_key', entry.natural_key, 'title', entry.title,
            'url', entry.url, 'reason', entry.reason, 'ending', entry.ending, 'first', entry.first,
            'tokens', entry.tokens, 'tickers', entry.tickers, 'venues', entry.venues, 'digest', entry.digest,
            'released_at', entry.released_at, 'opened_at', entry.opened_at, 'decided_at', entry.decided_at,
            'decided_by', ledger_private(entry.decided_by), 'decision', entry.decision, 'label', entry.label,
            'event', entry.event_id));
    RETURN NULL;
END
$$;

DO $$
DECLARE
    routine text;
BEGIN
    FOREACH routine IN ARRAY ARRAY['copy_reviews()', 'reviews_change()', 'follow_reviews()', 'ledger_review()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', routine, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
    END LOOP;
END
$$;

CREATE TRIGGER ledger_review AFTER INSERT OR DELETE ON events_review FOR EACH ROW EXECUTE FUNCTION ledger_review();
-- A queued card, and an event or payload that retention took, are no news of the review.
CREATE TRIGGER ledger_review_changed AFTER UPDATE ON events_review FOR EACH ROW
    WHEN ((OLD.natural_key, OLD.title, OLD.url, OLD.reason, OLD.ending, OLD.first, OLD.tokens, OLD.tickers, OLD.venues,
           OLD.digest, OLD.released_at, OLD.decided_at, OLD.decided_by, OLD.decision, OLD.label)
          IS DISTINCT FROM
          (NEW.natural_key, NEW.title, NEW.url, NEW.reason, NEW.ending, NEW.first, NEW.tokens, NEW.tickers, NEW.venues,
           NEW.digest, NEW.released_at, NEW.decided_at, NEW.decided_by, NEW.decision, NEW.label))
    EXECUTE FUNCTION ledger_review();
CREATE TRIGGER ledger_truncated AFTER TRUNCATE ON events_review FOR EACH STATEMENT EXECUTE FUNCTION ledger_truncated();

CREATE TRIGGER reviews_change BEFORE INSERT OR DELETE OR UPDATE OF released_at, decided_at, tokens, tickers ON events_review
    FOR EACH STATEMENT EXECUTE FUNCTION reviews_change();
CREATE CONSTRAINT TRIGGER follow_reviews AFTER INSERT OR DELETE OR UPDATE OF released_at, decided_at, tokens, tickers ON events_review
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION follow_reviews();
CREATE TRIGGER follow_reviews_truncate AFTER TRUNCATE ON events_review
    FOR EACH STATEMENT EXECUTE FUNCTION follow_reviews();
-- Whoever sets session_replication_role does not write past it.
ALTER TABLE events_review ENABLE ALWAYS TRIGGER reviews_change, ENABLE ALWAYS TRIGGER follow_reviews,
    ENABLE ALWAYS TRIGGER follow_reviews_truncate;

-- A database that was migrated back for a while has reviews already.
SELECT copy_reviews();
