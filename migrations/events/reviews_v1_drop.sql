-- Takes away what reviews_v1.sql made.
DROP TRIGGER ledger_review ON events_review;
DROP TRIGGER ledger_review_changed ON events_review;
DROP TRIGGER ledger_truncated ON events_review;
DROP TRIGGER reviews_change ON events_review;
DROP TRIGGER follow_reviews ON events_review;
DROP TRIGGER follow_reviews_truncate ON events_review;
DROP FUNCTION ledger_review();
DROP FUNCTION follow_reviews();
DROP FUNCTION reviews_change();
DROP FUNCTION copy_reviews();
