-- A database of release 0.1 with a row of everything, made by tests/upgrades/make_dump.py. Never edited.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ews_bot') THEN CREATE ROLE ews_bot LOGIN; END IF;
END $$;
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE TYPE "public"."risk_action" AS ENUM (
    'watch',
    'avoid_new',
    'reduce_only',
    'exit',
    'halt'
);
CREATE TYPE "public"."risk_level" AS ENUM (
    'high',
    'critical'
);
CREATE TYPE "public"."trading_status" AS ENUM (
    'trading',
    'deposits_suspended',
    'delisting',
    'trading_suspended',
    'delisted'
);
CREATE FUNCTION "public"."mark_token_risk_view"() RETURNS "trigger"
    LANGUAGE "plpgsql"
    AS $$
BEGIN
    IF pg_catalog.current_setting('ews.risk_view_dirty', true) IS DISTINCT FROM 'on' THEN
        PERFORM pg_catalog.set_config('ews.risk_view_dirty', 'on', true);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION "public"."refresh_token_risk_view"() RETURNS "trigger"
    LANGUAGE "plpgsql" SECURITY DEFINER
    SET "search_path" TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF current_setting('ews.risk_view_dirty', true) = 'on' THEN
        PERFORM set_config('ews.risk_view_dirty', 'off', true);
        PERFORM refresh_token_risk_view_now();
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION "public"."refresh_token_risk_view_now"() RETURNS boolean
    LANGUAGE "plpgsql" SECURITY DEFINER
    SET "enable_nestloop" TO 'off'
    SET "jit" TO 'off'
    SET "search_path" TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    before token_risk_view[];
    added text[];
    changed text[];
    removed text[];
    news boolean;
    at_utc text;
    number bigint;
    message text;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'token_risk_view can be refreshed under READ COMMITTED only, this transaction is %',
                        upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'invalid_transaction_state',
                  HINT = 'Write events and effects in transactions with the isolation level READ COMMITTED.';
    END IF;
    LOCK TABLE events_event, events_effect IN ACCESS SHARE MODE;
    PERFORM pg_advisory_xact_lock(7310034283826832740);
    before := ARRAY(SELECT view FROM token_risk_view AS view);
    BEGIN
        REFRESH MATERIALIZED VIEW CONCURRENTLY token_risk_view;
    EXCEPTION WHEN object_in_use THEN
        RAISE EXCEPTION 'token_risk_view cannot be refreshed while this transaction reads it through an open cursor'
            USING ERRCODE = 'object_in_use',
                  HINT = 'Close the cursor before events are written, or read the view in a transaction of its own.';
    END;
    SELECT COALESCE(array_agg(new.token ORDER BY new.token COLLATE "C") FILTER (WHERE old.token IS NULL), '{}'),
           COALESCE(array_agg(new.token ORDER BY new.token COLLATE "C") FILTER (WHERE old.token = new.token), '{}'),
           COALESCE(array_agg(old.token ORDER BY old.token COLLATE "C") FILTER (WHERE new.token IS NULL), '{}')
      INTO added, changed, removed
      FROM unnest(before) AS old
      FULL JOIN token_risk_view AS new ON new.token = old.token
     WHERE old.token IS NULL OR new.token IS NULL
           -- updated_at is left out: alone it is no news.
        OR (old.risk_level, old.action, old.trading_status, old.trading_ends_at, old.next_important_at, old.venues,
            old.categories, old.sources, old.tickers, old.event_ids, old.first_seen_at, old.valid_until, old.reasons)
           IS DISTINCT FROM
           (new.risk_level, new.action, new.trading_status, new.trading_ends_at, new.next_important_at, new.venues,
            new.categories, new.sources, new.tickers, new.event_ids, new.first_seen_at, new.valid_until, new.reasons);
    news := cardinality(added || changed || removed) > 0;
    -- seq counts what was announced, so that a listener that misses a number knows that it missed a change.
    UPDATE risk_view_state AS state
       SET refreshed_at = clock_timestamp(),
           seq = state.seq + news::int,
           open_events = (SELECT count(*) FROM events_event WHERE status = 'open' AND priority = 'high')
    RETURNING state.seq, to_char(state.refreshed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      INTO STRICT number, at_utc;
    IF news THEN
        message := json_build_object('seq', number, 'refreshed_at', at_utc,
                                     'added', added, 'changed', changed, 'removed', removed);
        -- PostgreSQL refuses a payload of 8,000 bytes.
        IF octet_length(message) > 7900 THEN
            message := json_build_object('seq', number, 'resync', true);
        END IF;
        PERFORM pg_notify('token_risk', message);
    END IF;
    RETURN news;
END
$$;
SET default_tablespace = '';
SET default_table_access_method = "heap";
CREATE TABLE "public"."alerts_acknowledgement" (
    "id" bigint NOT NULL,
    "by" character varying(150) NOT NULL,
    "at" timestamp with time zone NOT NULL,
    "note" "text" NOT NULL,
    "event_id" bigint NOT NULL,
    "end_reason" character varying(200) NOT NULL,
    "ended_at" timestamp with time zone
);
ALTER TABLE "public"."alerts_acknowledgement" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."alerts_acknowledgement_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."alerts_addedreceiver" (
    "id" bigint NOT NULL,
    "name" character varying(32) NOT NULL,
    "kind" character varying(16) NOT NULL,
    "follows" character varying(32)[] NOT NULL,
    "sealed_target" "text" NOT NULL,
    "sealed_secret" "text" NOT NULL,
    "enabled" boolean NOT NULL,
    "made_by" character varying(150) NOT NULL,
    "made_at" timestamp with time zone NOT NULL,
    "changed_at" timestamp with time zone NOT NULL
);
ALTER TABLE "public"."alerts_addedreceiver" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."alerts_addedreceiver_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."alerts_alert" (
    "id" bigint NOT NULL,
    "reason" character varying(16) NOT NULL,
    "revision" integer NOT NULL,
    "channel" character varying(32) NOT NULL,
    "state" character varying(16) NOT NULL,
    "urgency" smallint NOT NULL,
    "detail" "jsonb" NOT NULL,
    "queued_at" timestamp with time zone NOT NULL,
    "due_at" timestamp with time zone NOT NULL,
    "attempts" integer NOT NULL,
    "leased_until" timestamp with time zone,
    "leased_by" character varying(200) NOT NULL,
    "shrunk" boolean NOT NULL,
    "done_at" timestamp with time zone,
    "done_reason" character varying(200) NOT NULL,
    "digest_id" bigint,
    "event_id" bigint,
    "silence_id" bigint,
    "alone" boolean NOT NULL,
    "decisions" "jsonb" NOT NULL,
    "inhibitor_id" bigint,
    "muted_by" character varying(32) NOT NULL,
    "severity" smallint NOT NULL,
    CONSTRAINT "alerts_alert_attempts_check" CHECK (("attempts" >= 0)),
    CONSTRAINT "alerts_alert_revision_check" CHECK (("revision" >= 0))
);
ALTER TABLE "public"."alerts_alert" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."alerts_alert_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."alerts_alertattempt" (
    "id" bigint NOT NULL,
    "channel" character varying(32) NOT NULL,
    "started_at" timestamp with time zone NOT NULL,
    "duration_ms" integer NOT NULL,
    "http_status" smallint,
    "decision" character varying(16) NOT NULL,
    "reason" character varying(300) NOT NULL,
    "excerpt" "text" NOT NULL,
    "alert_id" bigint NOT NULL,
    CONSTRAINT "alerts_alertattempt_duration_ms_check" CHECK (("duration_ms" >= 0)),
    CONSTRAINT "alerts_alertattempt_http_status_check" CHECK (("http_status" >= 0))
);
ALTER TABLE "public"."alerts_alertattempt" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."alerts_alertattempt_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."alerts_auditentry" (
    "id" bigint NOT NULL,
    "at" timestamp with time zone NOT NULL,
    "act" character varying(32) NOT NULL,
    "by" character varying(150) NOT NULL,
    "where" character varying(80) NOT NULL,
    "address" "inet",
    "what" "text" NOT NULL,
    "link" character varying(32),
    "link_ends_at" timestamp with time zone,
    "event_id" bigint,
    "user_id" integer
);
ALTER TABLE "public"."alerts_auditentry" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."alerts_auditentry_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."alerts_channelstate" (
    "channel" character varying(32) NOT NULL,
    "suspended_at" timestamp with time zone,
    "suspended_reason" character varying(300) NOT NULL,
    "probe_at" timestamp with time zone,
    "last_started_at" timestamp with time zone,
    "market_card_at" timestamp with time zone,
    "recent_starts" timestamp with time zone[] NOT NULL
);
CREATE TABLE "public"."alerts_silence" (
    "id" bigint NOT NULL,
    "token" character varying(64) NOT NULL,
    "category" character varying(32) NOT NULL,
    "source" character varying(32) NOT NULL,
    "until" timestamp with time zone NOT NULL,
    "reason" character varying(200) NOT NULL,
    "made_by" character varying(150) NOT NULL,
    "made_at" timestamp with time zone NOT NULL,
    "exchange" character varying(32) NOT NULL,
    "lets_worse_through" boolean NOT NULL
);
ALTER TABLE "public"."alerts_silence" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."alerts_silence_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."auth_group" (
    "id" integer NOT NULL,
    "name" character varying(150) NOT NULL
);
ALTER TABLE "public"."auth_group" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."auth_group_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."auth_group_permissions" (
    "id" bigint NOT NULL,
    "group_id" integer NOT NULL,
    "permission_id" integer NOT NULL
);
ALTER TABLE "public"."auth_group_permissions" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."auth_group_permissions_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."auth_permission" (
    "id" integer NOT NULL,
    "name" character varying(255) NOT NULL,
    "content_type_id" integer NOT NULL,
    "codename" character varying(100) NOT NULL
);
ALTER TABLE "public"."auth_permission" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."auth_permission_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."auth_user" (
    "id" integer NOT NULL,
    "password" character varying(128) NOT NULL,
    "last_login" timestamp with time zone,
    "is_superuser" boolean NOT NULL,
    "username" character varying(150) NOT NULL,
    "first_name" character varying(150) NOT NULL,
    "last_name" character varying(150) NOT NULL,
    "email" character varying(254) NOT NULL,
    "is_staff" boolean NOT NULL,
    "is_active" boolean NOT NULL,
    "date_joined" timestamp with time zone NOT NULL
);
CREATE TABLE "public"."auth_user_groups" (
    "id" bigint NOT NULL,
    "user_id" integer NOT NULL,
    "group_id" integer NOT NULL
);
ALTER TABLE "public"."auth_user_groups" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."auth_user_groups_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE "public"."auth_user" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."auth_user_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."auth_user_user_permissions" (
    "id" bigint NOT NULL,
    "user_id" integer NOT NULL,
    "permission_id" integer NOT NULL
);
ALTER TABLE "public"."auth_user_user_permissions" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."auth_user_user_permissions_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."defillama_currencyrate" (
    "id" bigint NOT NULL,
    "currency" character varying(16) NOT NULL,
    "per_dollar" double precision NOT NULL,
    "dated" timestamp with time zone NOT NULL,
    "received_at" timestamp with time zone NOT NULL
);
ALTER TABLE "public"."defillama_currencyrate" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."defillama_currencyrate_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."defillama_depegevent" (
    "event_ptr_id" bigint NOT NULL,
    "coin" character varying(64) NOT NULL,
    "symbol" character varying(64) NOT NULL,
    "on_venue" character varying(32) NOT NULL,
    "currency" character varying(16) NOT NULL
);
CREATE TABLE "public"."defillama_hackevent" (
    "event_ptr_id" bigint NOT NULL,
    "day" "date" NOT NULL,
    "amount_usd" bigint,
    "bridge_hack" boolean NOT NULL,
    "target_type" character varying(64) NOT NULL,
    "technique" "text" NOT NULL,
    "chains" "text"[] NOT NULL
);
CREATE TABLE "public"."defillama_network" (
    "id" bigint NOT NULL,
    "name" character varying(300) NOT NULL,
    "aliases" character varying(300)[] NOT NULL,
    "coin" character varying(64) NOT NULL,
    "canonical_bridges" character varying(300)[] NOT NULL,
    "origin" character varying(16) NOT NULL,
    "note" "text" NOT NULL
);
ALTER TABLE "public"."defillama_network" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."defillama_network_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."defillama_peggedcoin" (
    "id" bigint NOT NULL,
    "venue" character varying(32) NOT NULL,
    "coin" character varying(64) NOT NULL,
    "symbol" character varying(64) NOT NULL,
    "name" character varying(200) NOT NULL,
    "currency" character varying(16) NOT NULL,
    "fixed_peg" boolean NOT NULL,
    "first_seen_at" timestamp with time zone NOT NULL,
    "first_deviation" double precision NOT NULL,
    "standing" character varying(32) NOT NULL,
    "price" double precision NOT NULL,
    "peg" double precision NOT NULL,
    "supply" double precision,
    "read_at" timestamp with time zone NOT NULL
);
ALTER TABLE "public"."defillama_peggedcoin" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."defillama_peggedcoin_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."defillama_protocoltoken" (
    "id" bigint NOT NULL,
    "name" character varying(300) NOT NULL,
    "aliases" character varying(300)[] NOT NULL,
    "tokens" character varying(64)[] NOT NULL,
    "origin" character varying(16) NOT NULL,
    "note" "text" NOT NULL
);
ALTER TABLE "public"."defillama_protocoltoken" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."defillama_protocoltoken_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."defillama_seenhack" (
    "id" bigint NOT NULL,
    "natural_key" character varying(400) NOT NULL,
    "name" character varying(300) NOT NULL,
    "day" "date" NOT NULL,
    "amount_usd" bigint,
    "bridge_hack" boolean NOT NULL,
    "told" "jsonb" NOT NULL,
    "state" character varying(8) NOT NULL,
    "first_seen_at" timestamp with time zone NOT NULL,
    "event_id" bigint
);
ALTER TABLE "public"."defillama_seenhack" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."defillama_seenhack_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."django_admin_log" (
    "id" integer NOT NULL,
    "action_time" timestamp with time zone NOT NULL,
    "object_id" "text",
    "object_repr" character varying(200) NOT NULL,
    "action_flag" smallint NOT NULL,
    "change_message" "text" NOT NULL,
    "content_type_id" integer,
    "user_id" integer NOT NULL,
    CONSTRAINT "django_admin_log_action_flag_check" CHECK (("action_flag" >= 0))
);
ALTER TABLE "public"."django_admin_log" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."django_admin_log_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."django_content_type" (
    "id" integer NOT NULL,
    "app_label" character varying(100) NOT NULL,
    "model" character varying(100) NOT NULL
);
ALTER TABLE "public"."django_content_type" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."django_content_type_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."django_migrations" (
    "id" bigint NOT NULL,
    "app" character varying(255) NOT NULL,
    "name" character varying(255) NOT NULL,
    "applied" timestamp with time zone NOT NULL
);
ALTER TABLE "public"."django_migrations" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."django_migrations_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."django_session" (
    "session_key" character varying(40) NOT NULL,
    "session_data" "text" NOT NULL,
    "expire_date" timestamp with time zone NOT NULL
);
CREATE TABLE "public"."events_actionrule" (
    "id" bigint NOT NULL,
    "category" character varying(32) NOT NULL,
    "stage" character varying(16) NOT NULL,
    "action" character varying(32) NOT NULL,
    "trading_status" character varying(32) NOT NULL,
    "risk_level" character varying(16) NOT NULL,
    "lead_hours" double precision NOT NULL
);
ALTER TABLE "public"."events_actionrule" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."events_actionrule_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."events_effect" (
    "id" bigint NOT NULL,
    "token" character varying(64) NOT NULL,
    "scope" character varying(8) NOT NULL,
    "venue" character varying(32) NOT NULL,
    "tickers" "text"[] NOT NULL,
    "trading_status" character varying(32) NOT NULL,
    "action" character varying(32) NOT NULL,
    "risk_level" character varying(16) NOT NULL,
    "trading_ends_at" timestamp with time zone,
    "in_force_at" timestamp with time zone,
    "declared" "jsonb" NOT NULL,
    "event_id" bigint NOT NULL,
    CONSTRAINT "effect_action_known" CHECK ((("action")::"text" = ANY ((ARRAY['watch'::character varying, 'avoid_new'::character varying, 'reduce_only'::character varying, 'exit'::character varying, 'halt'::character varying])::"text"[]))),
    CONSTRAINT "effect_risk_known" CHECK ((("risk_level")::"text" = ANY ((ARRAY['high'::character varying, 'critical'::character varying])::"text"[]))),
    CONSTRAINT "effect_scope_known" CHECK ((("scope")::"text" = ANY ((ARRAY['asset'::character varying, 'venue'::character varying, 'pairs'::character varying])::"text"[]))),
    CONSTRAINT "effect_status_known" CHECK ((("trading_status")::"text" = ANY ((ARRAY['trading'::character varying, 'deposits_suspended'::character varying, 'delisting'::character varying, 'trading_suspended'::character varying, 'delisted'::character varying])::"text"[])))
);
ALTER TABLE "public"."events_effect" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."events_effect_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."events_event" (
    "id" bigint NOT NULL,
    "source" character varying(32) NOT NULL,
    "category" character varying(32) NOT NULL,
    "priority" character varying(8) NOT NULL,
    "status" character varying(8) NOT NULL,
    "natural_key" character varying(400) NOT NULL,
    "title" "text" NOT NULL,
    "url" "text" NOT NULL,
    "network_tokens" "text"[] NOT NULL,
    "important_dates" "jsonb" NOT NULL,
    "next_important_at" timestamp with time zone,
    "valid_until" timestamp with time zone,
    "step_due_at" timestamp with time zone,
    "reminded_until" timestamp with time zone,
    "published_at" timestamp with time zone,
    "seen_at" timestamp with time zone NOT NULL,
    "opened_at" timestamp with time zone NOT NULL,
    "recorded_at" timestamp with time zone NOT NULL,
    "updated_at" timestamp with time zone NOT NULL,
    "closed_at" timestamp with time zone,
    "close_reason" character varying(200) NOT NULL,
    "false_alarm" boolean NOT NULL,
    "revision" integer NOT NULL,
    "facts" "jsonb" NOT NULL,
    "pinned" "jsonb" NOT NULL,
    "draft_digest" character varying(64) NOT NULL,
    "polymorphic_ctype_id" integer,
    "payload_id" character varying(64),
    CONSTRAINT "event_closed_has_time" CHECK (((("closed_at" IS NULL) AND (("status")::"text" = 'open'::"text")) OR (("closed_at" IS NOT NULL) AND (("status")::"text" = 'closed'::"text")))),
    CONSTRAINT "event_priority_known" CHECK ((("priority")::"text" = ANY ((ARRAY['high'::character varying, 'low'::character varying])::"text"[]))),
    CONSTRAINT "event_status_known" CHECK ((("status")::"text" = ANY ((ARRAY['open'::character varying, 'closed'::character varying])::"text"[]))),
    CONSTRAINT "events_event_revision_check" CHECK (("revision" >= 0))
);
ALTER TABLE "public"."events_event" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."events_event_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."events_heartbeat" (
    "only_row" boolean NOT NULL,
    "beat_at" timestamp with time zone NOT NULL,
    "daemon" character varying(200) NOT NULL,
    CONSTRAINT "heartbeat_only_row" CHECK ("only_row")
);
CREATE TABLE "public"."events_keysuppression" (
    "id" bigint NOT NULL,
    "natural_key" character varying(400) NOT NULL,
    "until" timestamp with time zone,
    "reason" character varying(200) NOT NULL,
    "made_by" character varying(150) NOT NULL,
    "made_at" timestamp with time zone NOT NULL
);
ALTER TABLE "public"."events_keysuppression" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."events_keysuppression_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."events_manualevent" (
    "event_ptr_id" bigint NOT NULL,
    "opened_by" character varying(150) NOT NULL,
    "note" "text" NOT NULL
);
CREATE TABLE "public"."events_operationsevent" (
    "event_ptr_id" bigint NOT NULL,
    "subject" character varying(64) NOT NULL
);
CREATE TABLE "public"."events_payloadbody" (
    "sha256" character varying(64) NOT NULL,
    "compressed" "bytea" NOT NULL,
    "size" integer NOT NULL,
    "stored_size" integer NOT NULL,
    "first_seen_at" timestamp with time zone NOT NULL,
    CONSTRAINT "events_payloadbody_size_check" CHECK (("size" >= 0)),
    CONSTRAINT "events_payloadbody_stored_size_check" CHECK (("stored_size" >= 0))
);
CREATE TABLE "public"."events_payloadpoll" (
    "id" bigint NOT NULL,
    "source" character varying(64) NOT NULL,
    "url" "text" NOT NULL,
    "received_at" timestamp with time zone NOT NULL,
    "status" smallint NOT NULL,
    "duration_ms" integer NOT NULL,
    "body_id" character varying(64),
    CONSTRAINT "events_payloadpoll_duration_ms_check" CHECK (("duration_ms" >= 0)),
    CONSTRAINT "events_payloadpoll_status_check" CHECK (("status" >= 0))
);
ALTER TABLE "public"."events_payloadpoll" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."events_payloadpoll_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."events_quarantineditem" (
    "id" bigint NOT NULL,
    "source" character varying(64) NOT NULL,
    "item_key" character varying(400) NOT NULL,
    "title" "text" NOT NULL,
    "error" "text" NOT NULL,
    "excerpt" "text" NOT NULL,
    "first_at" timestamp with time zone NOT NULL,
    "last_at" timestamp with time zone NOT NULL,
    "attempts" integer NOT NULL,
    "resolved_at" timestamp with time zone,
    "payload_id" character varying(64),
    CONSTRAINT "events_quarantineditem_attempts_check" CHECK (("attempts" >= 0))
);
ALTER TABLE "public"."events_quarantineditem" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."events_quarantineditem_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."events_retentionrule" (
    "id" bigint NOT NULL,
    "category" character varying(32) NOT NULL,
    "undated_days" double precision NOT NULL,
    "dated_days" double precision NOT NULL
);
ALTER TABLE "public"."events_retentionrule" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."events_retentionrule_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."events_sourcehealth" (
    "source" character varying(64) NOT NULL,
    "state" character varying(16) NOT NULL,
    "interval_seconds" double precision NOT NULL,
    "last_attempt_at" timestamp with time zone,
    "last_success_at" timestamp with time zone,
    "last_item_count" integer,
    "last_duration_ms" integer,
    "clock_skew_seconds" double precision,
    "consecutive_failures" integer NOT NULL,
    "next_attempt_at" timestamp with time zone,
    "last_error" "text" NOT NULL,
    "last_error_at" timestamp with time zone,
    "watched_since" timestamp with time zone NOT NULL,
    "error_payload_id" character varying(64),
    CONSTRAINT "events_sourcehealth_consecutive_failures_check" CHECK (("consecutive_failures" >= 0)),
    CONSTRAINT "events_sourcehealth_last_duration_ms_check" CHECK (("last_duration_ms" >= 0)),
    CONSTRAINT "events_sourcehealth_last_item_count_check" CHECK (("last_item_count" >= 0))
);
CREATE TABLE "public"."exchanges_binanceannouncement" (
    "event_ptr_id" bigint NOT NULL,
    "article_id" character varying(300) NOT NULL,
    "market" character varying(16) NOT NULL,
    "phase" character varying(16) NOT NULL,
    "rule" character varying(80) NOT NULL
);
CREATE TABLE "public"."exchanges_exchangehaltevent" (
    "event_ptr_id" bigint NOT NULL,
    "stopped" "text"[] NOT NULL
);
CREATE TABLE "public"."exchanges_instrumentstatusevent" (
    "event_ptr_id" bigint NOT NULL,
    "venue" character varying(32) NOT NULL,
    "token" character varying(64) NOT NULL,
    "state" character varying(200) NOT NULL
);
CREATE TABLE "public"."exchanges_okxannouncement" (
    "event_ptr_id" bigint NOT NULL,
    "article_id" character varying(300) NOT NULL,
    "market" character varying(16) NOT NULL,
    "phase" character varying(16) NOT NULL,
    "rule" character varying(80) NOT NULL
);
CREATE TABLE "public"."exchanges_seenarticle" (
    "id" bigint NOT NULL,
    "exchange" character varying(32) NOT NULL,
    "article_id" character varying(300) NOT NULL,
    "title" "text" NOT NULL,
    "url" "text" NOT NULL,
    "catalogue" character varying(100) NOT NULL,
    "released_at" timestamp with time zone,
    "first_seen_at" timestamp with time zone NOT NULL,
    "read_at" timestamp with time zone,
    "state" character varying(16) NOT NULL,
    "rule" character varying(80) NOT NULL,
    "category" character varying(32) NOT NULL,
    "body_digest" character varying(64) NOT NULL,
    "anchors" boolean NOT NULL,
    "attempts" integer NOT NULL,
    "next_attempt_at" timestamp with time zone,
    "event_id" bigint,
    "payload_id" character varying(64),
    CONSTRAINT "exchanges_seenarticle_attempts_check" CHECK (("attempts" >= 0))
);
ALTER TABLE "public"."exchanges_seenarticle" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."exchanges_seenarticle_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."exchanges_statusspell" (
    "id" bigint NOT NULL,
    "venue" character varying(32) NOT NULL,
    "symbol" character varying(64) NOT NULL,
    "status" character varying(32) NOT NULL,
    "live" boolean NOT NULL,
    "began_at" timestamp with time zone NOT NULL,
    "ended_at" timestamp with time zone NOT NULL
);
ALTER TABLE "public"."exchanges_statusspell" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."exchanges_statusspell_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."exchanges_tagspell" (
    "id" bigint NOT NULL,
    "exchange" character varying(32) NOT NULL,
    "token" character varying(64) NOT NULL,
    "tag" character varying(32) NOT NULL,
    "began_at" timestamp with time zone NOT NULL,
    "ended_at" timestamp with time zone,
    "at_first_reading" boolean NOT NULL
);
ALTER TABLE "public"."exchanges_tagspell" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."exchanges_tagspell_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW "public"."instrument_risk_view" AS
 WITH "open_event" AS MATERIALIZED (
         SELECT "events_event"."id",
            "events_event"."opened_at"
           FROM "public"."events_event"
          WHERE ((("events_event"."status")::"text" = 'open'::"text") AND (("events_event"."priority")::"text" = 'high'::"text"))
        ), "effect" AS (
         SELECT "ticker"."ticker",
            "event"."id",
            "event"."opened_at",
            "min"("upper"((("found"."token")::"text" COLLATE "C"))) AS "token",
            "max"(("found"."trading_status")::"public"."trading_status") AS "trading_status",
            "max"(("found"."action")::"public"."risk_action") AS "action",
            "min"("found"."trading_ends_at") AS "trading_ends_at"
           FROM (("open_event" "event"
             CROSS JOIN LATERAL ( SELECT "events_effect"."token",
                    "events_effect"."tickers",
                    "events_effect"."trading_status",
                    "events_effect"."action",
                    "events_effect"."trading_ends_at"
                   FROM "public"."events_effect"
                  WHERE ("events_effect"."event_id" = "event"."id")
                 OFFSET 0) "found")
             CROSS JOIN LATERAL "unnest"("found"."tickers") "ticker"("ticker"))
          GROUP BY "ticker"."ticker", "event"."id", "event"."opened_at"
        )
 SELECT "left"("ticker", GREATEST(("strpos"("ticker", ':'::"text") - 1), 0)) AS "exchange",
    "substr"("ticker", ("strpos"("ticker", ':'::"text") + 1)) AS "symbol",
    ("min"("token") COLLATE "default") AS "token",
    "max"("trading_status") AS "trading_status",
    "max"("action") AS "action",
    "min"("trading_ends_at") AS "trading_ends_at",
    "array_agg"("id" ORDER BY "opened_at" DESC, "id" DESC) AS "event_ids",
    "ticker"
   FROM "effect"
  GROUP BY "ticker";
CREATE TABLE "public"."liquidity_lowliquidity" (
    "event_ptr_id" bigint NOT NULL,
    "depth_usd" double precision NOT NULL,
    "market" character varying(250) NOT NULL,
    "volume_24h_usd" double precision
);
CREATE TABLE "public"."liquidity_tokenliquidity" (
    "token" character varying(64) NOT NULL,
    "read_at" timestamp with time zone NOT NULL,
    "depth_usd" double precision NOT NULL,
    "market" character varying(250) NOT NULL,
    "volume_24h_usd" double precision,
    "low_in_a_row" integer NOT NULL,
    "clear_in_a_row" integer NOT NULL,
    "alerted_depth_usd" double precision,
    "lowest_depth_usd" double precision,
    CONSTRAINT "liquidity_tokenliquidity_clear_in_a_row_check" CHECK (("clear_in_a_row" >= 0)),
    CONSTRAINT "liquidity_tokenliquidity_low_in_a_row_check" CHECK (("low_in_a_row" >= 0))
);
CREATE TABLE "public"."markets_asset" (
    "id" bigint NOT NULL,
    "code" character varying(64) NOT NULL,
    "name" character varying(200) NOT NULL,
    "kind" character varying(16) NOT NULL,
    "reviewed" boolean NOT NULL,
    "note" "text" NOT NULL
);
ALTER TABLE "public"."markets_asset" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."markets_asset_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."markets_assetname" (
    "id" bigint NOT NULL,
    "venue" character varying(32) NOT NULL,
    "name" character varying(64) NOT NULL,
    "multiplier" numeric(20,8) NOT NULL,
    "valid_from" timestamp with time zone,
    "valid_to" timestamp with time zone,
    "origin" character varying(200) NOT NULL,
    "asset_id" bigint NOT NULL
);
ALTER TABLE "public"."markets_assetname" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."markets_assetname_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."markets_instrument" (
    "id" bigint NOT NULL,
    "venue" character varying(32) NOT NULL,
    "symbol" character varying(64) NOT NULL,
    "base" character varying(64) NOT NULL,
    "quote" character varying(64) NOT NULL,
    "token" character varying(64) NOT NULL,
    "multiplier" numeric(20,8) NOT NULL,
    "contract_type" character varying(32) NOT NULL,
    "status" character varying(32) NOT NULL,
    "live" boolean NOT NULL,
    "ends_at" timestamp with time zone,
    "since" timestamp with time zone NOT NULL,
    "first_seen_at" timestamp with time zone NOT NULL,
    "last_seen_at" timestamp with time zone NOT NULL
);
ALTER TABLE "public"."markets_instrument" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."markets_instrument_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."markets_quoteasset" (
    "id" bigint NOT NULL,
    "code" character varying(32) NOT NULL,
    "note" character varying(200) NOT NULL
);
ALTER TABLE "public"."markets_quoteasset" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."markets_quoteasset_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."markets_watchlistentry" (
    "id" bigint NOT NULL,
    "watch_list" character varying(16) NOT NULL,
    "currency" character varying(64) NOT NULL,
    "watched" boolean NOT NULL,
    "note" character varying(200) NOT NULL
);
ALTER TABLE "public"."markets_watchlistentry" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."markets_watchlistentry_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."orderbooks_bookminute" (
    "id" bigint NOT NULL,
    "venue" "text" NOT NULL,
    "symbol" "text" NOT NULL,
    "minute" timestamp with time zone NOT NULL,
    "partial" boolean NOT NULL,
    "mid" double precision,
    "best_bid" double precision,
    "best_bid_size" double precision,
    "best_ask" double precision,
    "best_ask_size" double precision,
    "spread" double precision,
    "micro_price" double precision,
    "bid_levels" integer,
    "ask_levels" integer,
    "order_flow_imbalance" double precision NOT NULL,
    "updates" integer NOT NULL,
    "trades" integer NOT NULL,
    "buy_volume" double precision NOT NULL,
    "sell_volume" double precision NOT NULL,
    "last_update_at" timestamp with time zone,
    "bias_0_1" real,
    "bias_0_5" real,
    "bias_1" real,
    "bias_2" real,
    "bias_4" real,
    "bid_depth_0_1" double precision,
    "bid_depth_0_5" double precision,
    "bid_depth_1" double precision,
    "bid_depth_2" double precision,
    "bid_depth_4" double precision,
    "ask_depth_0_1" double precision,
    "ask_depth_0_5" double precision,
    "ask_depth_1" double precision,
    "ask_depth_2" double precision,
    "ask_depth_4" double precision,
    "bid_coverage_0_1" real,
    "bid_coverage_0_5" real,
    "bid_coverage_1" real,
    "bid_coverage_2" real,
    "bid_coverage_4" real,
    "ask_coverage_0_1" real,
    "ask_coverage_0_5" real,
    "ask_coverage_1" real,
    "ask_coverage_2" real,
    "ask_coverage_4" real
)
PARTITION BY RANGE ("minute");
CREATE SEQUENCE "public"."orderbooks_bookminute_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE "public"."orderbooks_bookminute_id_seq" OWNED BY "public"."orderbooks_bookminute"."id";
CREATE TABLE "public"."orderbooks_bookminute_20261119" (
    "id" bigint DEFAULT "nextval"('"public"."orderbooks_bookminute_id_seq"'::"regclass") CONSTRAINT "orderbooks_bookminute_id_not_null" NOT NULL,
    "venue" "text" CONSTRAINT "orderbooks_bookminute_venue_not_null" NOT NULL,
    "symbol" "text" CONSTRAINT "orderbooks_bookminute_symbol_not_null" NOT NULL,
    "minute" timestamp with time zone CONSTRAINT "orderbooks_bookminute_minute_not_null" NOT NULL,
    "partial" boolean CONSTRAINT "orderbooks_bookminute_partial_not_null" NOT NULL,
    "mid" double precision,
    "best_bid" double precision,
    "best_bid_size" double precision,
    "best_ask" double precision,
    "best_ask_size" double precision,
    "spread" double precision,
    "micro_price" double precision,
    "bid_levels" integer,
    "ask_levels" integer,
    "order_flow_imbalance" double precision CONSTRAINT "orderbooks_bookminute_order_flow_imbalance_not_null" NOT NULL,
    "updates" integer CONSTRAINT "orderbooks_bookminute_updates_not_null" NOT NULL,
    "trades" integer CONSTRAINT "orderbooks_bookminute_trades_not_null" NOT NULL,
    "buy_volume" double precision CONSTRAINT "orderbooks_bookminute_buy_volume_not_null" NOT NULL,
    "sell_volume" double precision CONSTRAINT "orderbooks_bookminute_sell_volume_not_null" NOT NULL,
    "last_update_at" timestamp with time zone,
    "bias_0_1" real,
    "bias_0_5" real,
    "bias_1" real,
    "bias_2" real,
    "bias_4" real,
    "bid_depth_0_1" double precision,
    "bid_depth_0_5" double precision,
    "bid_depth_1" double precision,
    "bid_depth_2" double precision,
    "bid_depth_4" double precision,
    "ask_depth_0_1" double precision,
    "ask_depth_0_5" double precision,
    "ask_depth_1" double precision,
    "ask_depth_2" double precision,
    "ask_depth_4" double precision,
    "bid_coverage_0_1" real,
    "bid_coverage_0_5" real,
    "bid_coverage_1" real,
    "bid_coverage_2" real,
    "bid_coverage_4" real,
    "ask_coverage_0_1" real,
    "ask_coverage_0_5" real,
    "ask_coverage_1" real,
    "ask_coverage_2" real,
    "ask_coverage_4" real
);
CREATE TABLE "public"."orderbooks_bookminute_20261120" (
    "id" bigint DEFAULT "nextval"('"public"."orderbooks_bookminute_id_seq"'::"regclass") CONSTRAINT "orderbooks_bookminute_id_not_null" NOT NULL,
    "venue" "text" CONSTRAINT "orderbooks_bookminute_venue_not_null" NOT NULL,
    "symbol" "text" CONSTRAINT "orderbooks_bookminute_symbol_not_null" NOT NULL,
    "minute" timestamp with time zone CONSTRAINT "orderbooks_bookminute_minute_not_null" NOT NULL,
    "partial" boolean CONSTRAINT "orderbooks_bookminute_partial_not_null" NOT NULL,
    "mid" double precision,
    "best_bid" double precision,
    "best_bid_size" double precision,
    "best_ask" double precision,
    "best_ask_size" double precision,
    "spread" double precision,
    "micro_price" double precision,
    "bid_levels" integer,
    "ask_levels" integer,
    "order_flow_imbalance" double precision CONSTRAINT "orderbooks_bookminute_order_flow_imbalance_not_null" NOT NULL,
    "updates" integer CONSTRAINT "orderbooks_bookminute_updates_not_null" NOT NULL,
    "trades" integer CONSTRAINT "orderbooks_bookminute_trades_not_null" NOT NULL,
    "buy_volume" double precision CONSTRAINT "orderbooks_bookminute_buy_volume_not_null" NOT NULL,
    "sell_volume" double precision CONSTRAINT "orderbooks_bookminute_sell_volume_not_null" NOT NULL,
    "last_update_at" timestamp with time zone,
    "bias_0_1" real,
    "bias_0_5" real,
    "bias_1" real,
    "bias_2" real,
    "bias_4" real,
    "bid_depth_0_1" double precision,
    "bid_depth_0_5" double precision,
    "bid_depth_1" double precision,
    "bid_depth_2" double precision,
    "bid_depth_4" double precision,
    "ask_depth_0_1" double precision,
    "ask_depth_0_5" double precision,
    "ask_depth_1" double precision,
    "ask_depth_2" double precision,
    "ask_depth_4" double precision,
    "bid_coverage_0_1" real,
    "bid_coverage_0_5" real,
    "bid_coverage_1" real,
    "bid_coverage_2" real,
    "bid_coverage_4" real,
    "ask_coverage_0_1" real,
    "ask_coverage_0_5" real,
    "ask_coverage_1" real,
    "ask_coverage_2" real,
    "ask_coverage_4" real
);
CREATE TABLE "public"."orderbooks_depthdropevent" (
    "event_ptr_id" bigint NOT NULL,
    "depth" double precision NOT NULL,
    "median" double precision NOT NULL
);
CREATE TABLE "public"."orderbooks_streamstatus" (
    "venue" character varying(32) NOT NULL,
    "at" timestamp with time zone NOT NULL,
    "collector" character varying(200) NOT NULL,
    "started_at" timestamp with time zone NOT NULL,
    "connections" integer NOT NULL,
    "symbols" integer NOT NULL,
    "in_sync" integer NOT NULL,
    "lag_ms" double precision,
    "queue" integer NOT NULL,
    "frames" bigint NOT NULL,
    "bytes" bigint NOT NULL,
    "gaps" integer NOT NULL,
    "resyncs" integer NOT NULL,
    "checksum_failures" integer NOT NULL,
    "dropped" integer NOT NULL,
    "malformed" integer NOT NULL,
    "silences" integer NOT NULL,
    "snapshots" integer NOT NULL,
    "snapshot_failures" integer NOT NULL,
    "handovers" integer NOT NULL,
    "disconnects" integer NOT NULL,
    CONSTRAINT "orderbooks_streamstatus_checksum_failures_check" CHECK (("checksum_failures" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_connections_check" CHECK (("connections" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_disconnects_check" CHECK (("disconnects" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_dropped_check" CHECK (("dropped" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_gaps_check" CHECK (("gaps" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_handovers_check" CHECK (("handovers" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_in_sync_check" CHECK (("in_sync" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_malformed_check" CHECK (("malformed" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_queue_check" CHECK (("queue" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_resyncs_check" CHECK (("resyncs" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_silences_check" CHECK (("silences" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_snapshot_failures_check" CHECK (("snapshot_failures" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_snapshots_check" CHECK (("snapshots" >= 0)),
    CONSTRAINT "orderbooks_streamstatus_symbols_check" CHECK (("symbols" >= 0))
);
CREATE TABLE "public"."orderbooks_whaleevent" (
    "event_ptr_id" bigint NOT NULL,
    "side" character varying(3) NOT NULL,
    "price" double precision NOT NULL,
    "size" double precision NOT NULL,
    "score" smallint NOT NULL
);
CREATE TABLE "public"."orderbooks_whaleorder" (
    "id" bigint NOT NULL,
    "venue" "text" NOT NULL,
    "symbol" "text" NOT NULL,
    "at" timestamp with time zone NOT NULL,
    "is_bid" boolean NOT NULL,
    "price" double precision NOT NULL,
    "size" double precision NOT NULL,
    "level_size" double precision NOT NULL,
    "mid" double precision NOT NULL,
    "distance" real NOT NULL,
    "sigmas" real,
    "score" smallint NOT NULL,
    "received_at" timestamp with time zone,
    "ended_at" timestamp with time zone,
    "possible_spoof" boolean
)
PARTITION BY RANGE ("at");
CREATE SEQUENCE "public"."orderbooks_whaleorder_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE "public"."orderbooks_whaleorder_id_seq" OWNED BY "public"."orderbooks_whaleorder"."id";
CREATE TABLE "public"."orderbooks_whaleorder_20261119" (
    "id" bigint DEFAULT "nextval"('"public"."orderbooks_whaleorder_id_seq"'::"regclass") CONSTRAINT "orderbooks_whaleorder_id_not_null" NOT NULL,
    "venue" "text" CONSTRAINT "orderbooks_whaleorder_venue_not_null" NOT NULL,
    "symbol" "text" CONSTRAINT "orderbooks_whaleorder_symbol_not_null" NOT NULL,
    "at" timestamp with time zone CONSTRAINT "orderbooks_whaleorder_at_not_null" NOT NULL,
    "is_bid" boolean CONSTRAINT "orderbooks_whaleorder_is_bid_not_null" NOT NULL,
    "price" double precision CONSTRAINT "orderbooks_whaleorder_price_not_null" NOT NULL,
    "size" double precision CONSTRAINT "orderbooks_whaleorder_size_not_null" NOT NULL,
    "level_size" double precision CONSTRAINT "orderbooks_whaleorder_level_size_not_null" NOT NULL,
    "mid" double precision CONSTRAINT "orderbooks_whaleorder_mid_not_null" NOT NULL,
    "distance" real CONSTRAINT "orderbooks_whaleorder_distance_not_null" NOT NULL,
    "sigmas" real,
    "score" smallint CONSTRAINT "orderbooks_whaleorder_score_not_null" NOT NULL,
    "received_at" timestamp with time zone,
    "ended_at" timestamp with time zone,
    "possible_spoof" boolean
);
CREATE TABLE "public"."orderbooks_whaleorder_20261120" (
    "id" bigint DEFAULT "nextval"('"public"."orderbooks_whaleorder_id_seq"'::"regclass") CONSTRAINT "orderbooks_whaleorder_id_not_null" NOT NULL,
    "venue" "text" CONSTRAINT "orderbooks_whaleorder_venue_not_null" NOT NULL,
    "symbol" "text" CONSTRAINT "orderbooks_whaleorder_symbol_not_null" NOT NULL,
    "at" timestamp with time zone CONSTRAINT "orderbooks_whaleorder_at_not_null" NOT NULL,
    "is_bid" boolean CONSTRAINT "orderbooks_whaleorder_is_bid_not_null" NOT NULL,
    "price" double precision CONSTRAINT "orderbooks_whaleorder_price_not_null" NOT NULL,
    "size" double precision CONSTRAINT "orderbooks_whaleorder_size_not_null" NOT NULL,
    "level_size" double precision CONSTRAINT "orderbooks_whaleorder_level_size_not_null" NOT NULL,
    "mid" double precision CONSTRAINT "orderbooks_whaleorder_mid_not_null" NOT NULL,
    "distance" real CONSTRAINT "orderbooks_whaleorder_distance_not_null" NOT NULL,
    "sigmas" real,
    "score" smallint CONSTRAINT "orderbooks_whaleorder_score_not_null" NOT NULL,
    "received_at" timestamp with time zone,
    "ended_at" timestamp with time zone,
    "possible_spoof" boolean
);
CREATE TABLE "public"."risk_view_state" (
    "only_row" boolean DEFAULT true NOT NULL,
    "seq" bigint NOT NULL,
    "refreshed_at" timestamp with time zone NOT NULL,
    "open_events" bigint NOT NULL,
    CONSTRAINT "risk_view_state_only_row_check" CHECK ("only_row")
)
WITH ("fillfactor"='10');
CREATE MATERIALIZED VIEW "public"."token_risk_view"
WITH ("vacuum_truncate"='false') AS
 WITH "open_event" AS MATERIALIZED (
         SELECT "events_event"."id",
            ("events_event"."source")::"text" AS "source",
            ("events_event"."category")::"text" AS "category",
            "events_event"."priority",
            "events_event"."title",
            "events_event"."url",
            "events_event"."important_dates",
            "events_event"."next_important_at",
            "events_event"."valid_until",
            "events_event"."seen_at",
            "events_event"."opened_at",
            "events_event"."updated_at"
           FROM "public"."events_event"
          WHERE ((("events_event"."status")::"text" = 'open'::"text") AND (("events_event"."priority")::"text" = 'high'::"text"))
        ), "effect" AS MATERIALIZED (
         SELECT ("upper"((("found"."token")::"text" COLLATE "C")) COLLATE "default") AS "token",
            "event"."id" AS "event_id",
            ("found"."venue")::"text" AS "venue",
            "found"."tickers",
            ((("found"."scope")::"text" = 'asset'::"text") AND (("found"."venue")::"text" = ''::"text")) AS "everywhere",
                CASE
                    WHEN (("found"."scope")::"text" = 'pairs'::"text") THEN LEAST(("found"."action")::"public"."risk_action", 'watch'::"public"."risk_action")
                    ELSE ("found"."action")::"public"."risk_action"
                END AS "action",
                CASE
                    WHEN (("found"."scope")::"text" = 'pairs'::"text") THEN 'trading'::"public"."trading_status"
                    ELSE ("found"."trading_status")::"public"."trading_status"
                END AS "trading_status",
                CASE
                    WHEN (("found"."scope")::"text" = 'pairs'::"text") THEN 'high'::"public"."risk_level"
                    ELSE ("found"."risk_level")::"public"."risk_level"
                END AS "risk_level",
                CASE
                    WHEN (("found"."scope")::"text" <> 'pairs'::"text") THEN "found"."trading_ends_at"
                    ELSE NULL::timestamp with time zone
                END AS "trading_ends_at"
           FROM ("open_event" "event"
             CROSS JOIN LATERAL ( SELECT "events_effect"."token",
                    "events_effect"."scope",
                    "events_effect"."venue",
                    "events_effect"."tickers",
                    "events_effect"."trading_status",
                    "events_effect"."action",
                    "events_effect"."risk_level",
                    "events_effect"."trading_ends_at"
                   FROM "public"."events_effect"
                  WHERE ("events_effect"."event_id" = "event"."id")
                 OFFSET 0) "found")
        ), "over_effects" AS (
         SELECT "effect"."token",
            "max"("effect"."risk_level") AS "risk_level",
            "max"("effect"."action") AS "action",
            "max"("effect"."trading_status") AS "trading_status",
            "min"("effect"."trading_ends_at") AS "trading_ends_at",
                CASE
                    WHEN (NOT "bool_or"("effect"."everywhere")) THEN "array_agg"(DISTINCT ("effect"."venue" COLLATE "C") ORDER BY ("effect"."venue" COLLATE "C")) FILTER (WHERE ("effect"."venue" <> ''::"text"))
                    ELSE NULL::"text"[]
                END AS "venues"
           FROM "effect"
          GROUP BY "effect"."token"
        ), "over_tickers" AS (
         SELECT "effect"."token",
            "array_agg"(DISTINCT ("ticker"."ticker" COLLATE "C") ORDER BY ("ticker"."ticker" COLLATE "C")) AS "tickers"
           FROM "effect",
            LATERAL "unnest"("effect"."tickers") "ticker"("ticker")
          GROUP BY "effect"."token"
        ), "over_events" AS (
         SELECT "pair"."token",
            "min"("event"."next_important_at") AS "next_important_at",
            "array_agg"(DISTINCT ("event"."category" COLLATE "C") ORDER BY ("event"."category" COLLATE "C")) AS "categories",
            "array_agg"(DISTINCT ("event"."source" COLLATE "C") ORDER BY ("event"."source" COLLATE "C")) AS "sources",
            "array_agg"("event"."id" ORDER BY "event"."opened_at" DESC, "event"."id" DESC) AS "event_ids",
            "min"("event"."seen_at") AS "first_seen_at",
            "max"("event"."updated_at") AS "updated_at",
                CASE
                    WHEN (NOT "bool_or"(("event"."valid_until" IS NULL))) THEN "max"("event"."valid_until")
                    ELSE NULL::timestamp with time zone
                END AS "valid_until",
            "jsonb_agg"("jsonb_build_object"('id', "event"."id", 'source', "event"."source", 'category', "event"."category", 'priority', "event"."priority", 'title', "event"."title", 'url', "event"."url", 'important_dates', "event"."important_dates") ORDER BY "event"."opened_at" DESC, "event"."id" DESC) AS "reasons"
           FROM (( SELECT DISTINCT "effect"."token",
                    "effect"."event_id"
                   FROM "effect") "pair"
             JOIN "open_event" "event" ON (("event"."id" = "pair"."event_id")))
          GROUP BY "pair"."token"
        )
 SELECT "over_effects"."token",
    "over_effects"."risk_level",
    "over_effects"."action",
    "over_effects"."trading_status",
    "over_effects"."trading_ends_at",
    "over_events"."next_important_at",
    (COALESCE("over_effects"."venues", '{}'::"text"[]) COLLATE "default") AS "venues",
    ("over_events"."categories" COLLATE "default") AS "categories",
    ("over_events"."sources" COLLATE "default") AS "sources",
    (COALESCE("over_tickers"."tickers", '{}'::"text"[]) COLLATE "default") AS "tickers",
    "over_events"."event_ids",
    "over_events"."first_seen_at",
    "over_events"."updated_at",
    "over_events"."valid_until",
    "over_events"."reasons"
   FROM (("over_effects"
     JOIN "over_events" USING ("token"))
     LEFT JOIN "over_tickers" USING ("token"))
  WITH NO DATA;
CREATE VIEW "public"."token_risk_view_status" AS
 SELECT "refreshed_at",
    "seq",
    "open_events",
    ( SELECT "max"("events_heartbeat"."beat_at") AS "max"
           FROM "public"."events_heartbeat") AS "heartbeat_at",
    ARRAY( SELECT ("health"."source")::"text" AS "source"
           FROM "public"."events_sourcehealth" "health"
          WHERE ((("health"."source")::"text" !~~ 'alerts.%'::"text") AND ((("health"."state")::"text" = 'stale'::"text") OR ("health"."last_success_at" IS NULL) OR ("health"."last_success_at" < (( SELECT "max"("events_heartbeat"."beat_at") AS "max"
                   FROM "public"."events_heartbeat") - (((5)::double precision * "health"."interval_seconds") * '00:00:01'::interval)))))
          ORDER BY ("health"."source" COLLATE "C")) AS "stale_sources"
   FROM "public"."risk_view_state" "state";
CREATE TABLE "public"."volatility_pricedpairname" (
    "id" bigint NOT NULL,
    "name" character varying(100) NOT NULL
);
ALTER TABLE "public"."volatility_pricedpairname" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME "public"."volatility_pricedpairname_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE "public"."volatility_priceminute" (
    "at" timestamp with time zone NOT NULL,
    "pairs" "bytea" NOT NULL,
    "prices" "bytea" NOT NULL
);
CREATE TABLE "public"."volatility_volatilityevent" (
    "event_ptr_id" bigint NOT NULL,
    "direction" character varying(4) NOT NULL,
    "move" double precision NOT NULL
);
ALTER TABLE ONLY "public"."orderbooks_bookminute" ATTACH PARTITION "public"."orderbooks_bookminute_20261119" FOR VALUES FROM ('2026-11-19 00:00:00+00') TO ('2026-11-20 00:00:00+00');
ALTER TABLE ONLY "public"."orderbooks_bookminute" ATTACH PARTITION "public"."orderbooks_bookminute_20261120" FOR VALUES FROM ('2026-11-20 00:00:00+00') TO ('2026-11-21 00:00:00+00');
ALTER TABLE ONLY "public"."orderbooks_whaleorder" ATTACH PARTITION "public"."orderbooks_whaleorder_20261119" FOR VALUES FROM ('2026-11-19 00:00:00+00') TO ('2026-11-20 00:00:00+00');
ALTER TABLE ONLY "public"."orderbooks_whaleorder" ATTACH PARTITION "public"."orderbooks_whaleorder_20261120" FOR VALUES FROM ('2026-11-20 00:00:00+00') TO ('2026-11-21 00:00:00+00');
ALTER TABLE ONLY "public"."orderbooks_bookminute" ALTER COLUMN "id" SET DEFAULT "nextval"('"public"."orderbooks_bookminute_id_seq"'::"regclass");
ALTER TABLE ONLY "public"."orderbooks_whaleorder" ALTER COLUMN "id" SET DEFAULT "nextval"('"public"."orderbooks_whaleorder_id_seq"'::"regclass");
INSERT INTO "public"."alerts_acknowledgement" VALUES
	(1, 'by 957', '2026-11-19 20:02:00+00', 'note 959', 1, 'end_reason 961', '2026-11-19 20:00:00+00');
INSERT INTO "public"."alerts_addedreceiver" VALUES
	(1, 'name 482', 'teams', '{token_liquidity,defi}', 'sealed_target 486', 'sealed_secret 487', true, 'made_by 489', '2026-11-30 08:23:40.409413+00', '2026-11-30 08:23:40.409418+00'),
	(2, 'name 490', 'webhook', '{token_liquidity,stablecoin}', 'sealed_target 494', 'sealed_secret 495', true, 'made_by 497', '2026-11-30 08:23:40.410215+00', '2026-11-30 08:23:40.41022+00'),
	(3, 'name 498', 'email', '{token_volatility,stablecoin}', 'sealed_target 502', 'sealed_secret 503', true, 'made_by 505', '2026-11-30 08:23:40.410801+00', '2026-11-30 08:23:40.410806+00'),
	(4, 'name 506', 'apprise', '{token_liquidity,token_volatility}', 'sealed_target 510', 'sealed_secret 511', true, 'made_by 513', '2026-11-30 08:23:40.411374+00', '2026-11-30 08:23:40.411378+00');
INSERT INTO "public"."alerts_alert" VALUES
	(1, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 1, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(2, 'opened', 1, 'cex', 'pending', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 3, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(3, 'opened', 1, 'cex', 'pending', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 4, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(5, 'opened', 1, 'cex', 'pending', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 7, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 3),
	(6, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 9, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 4),
	(7, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 11, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 2),
	(8, 'opened', 1, 'cex', 'pending', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 13, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(9, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 15, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 2),
	(10, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 17, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 3),
	(11, 'opened', 1, 'cex', 'pending', 50, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 19, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 14),
	(12, 'opened', 1, 'defi', 'pending', 50, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 21, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "defi", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 13),
	(13, 'opened', 1, 'stablecoin', 'pending', 50, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 23, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "stablecoin", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(14, 'opened', 1, 'token_volatility', 'pending', 0, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 25, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "token_volatility", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 2),
	(15, 'opened', 1, 'token_liquidity', 'pending', 10, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 27, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "token_liquidity", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 3),
	(16, 'opened', 1, 'token_volatility', 'pending', 0, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 29, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "token_volatility", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 4),
	(17, 'opened', 1, 'token_volatility', 'pending', 0, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 31, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "token_volatility", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 0),
	(18, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 33, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 2),
	(19, 'opened', 1, 'cex', 'pending', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 34, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(20, 'opened', 1, 'cex', 'pending', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 35, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 2),
	(21, 'opened', 1, 'cex', 'pending', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 36, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 3),
	(22, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 37, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 4),
	(23, 'opened', 1, 'cex', 'pending', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 38, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(25, 'opened', 1, 'stablecoin', 'pending', 50, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 40, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "stablecoin", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 2),
	(26, 'opened', 1, 'defi', 'pending', 50, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 41, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "defi", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 13),
	(27, 'opened', 1, 'defi', 'pending', 50, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 42, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "defi", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 14),
	(28, 'opened', 1, 'token_volatility', 'pending', 0, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 43, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "token_volatility", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(29, 'opened', 1, 'token_liquidity', 'pending', 10, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 44, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "token_liquidity", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(30, 'opened', 1, 'cex', 'pending', 50, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 45, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 14),
	(31, 'opened', 1, 'token_volatility', 'pending', 0, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 46, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "token_volatility", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 3),
	(32, 'opened', 1, 'token_volatility', 'pending', 0, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 47, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "token_volatility", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 4),
	(33, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 48, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(34, 'opened', 1, 'cex', 'pending', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 49, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(35, 'closed', 2, 'cex', 'pending', 30, '{"said": ["opened"], "changes": {}}', '2026-11-19 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 39, NULL, false, '[{"at": "2026-11-19T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-19T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-19T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-19T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-19T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(24, 'opened', 1, 'cex', 'superseded', 30, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, '2026-11-19 12:00:00+00', 'replaced by alert 35', NULL, 39, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(4, 'opened', 1, 'cex', 'superseded', 40, '{"changes": {}}', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, '2026-11-20 12:00:00+00', 'replaced by alert 36', NULL, 5, NULL, false, '[{"at": "2026-11-18T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-18T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 2),
	(37, 'updated', 3, 'cex', 'pending', 40, '{"said": ["opened"], "changes": {"TOK2": ["", "action exit"], "title": ["Notice 2 of TOK2 – “quoted”, ünïcode, 100 %", "Corrected by hand"]}}', '2026-11-20 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 5, NULL, false, '[{"at": "2026-11-20T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 3),
	(36, 'updated', 2, 'cex', 'superseded', 40, '{"said": ["opened"], "changes": {"title": ["Notice 2 of TOK2 – “quoted”, ünïcode, 100 %", "Corrected by hand"]}}', '2026-11-20 12:00:00+00', '2026-11-18 12:00:00+00', 0, NULL, '', false, '2026-11-20 12:00:00+00', 'replaced by alert 37', NULL, 5, NULL, false, '[{"at": "2026-11-20T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 2),
	(38, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 50, NULL, false, '[{"at": "2026-11-20T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 4),
	(39, 'opened', 1, 'cex', 'pending', 40, '{"changes": {}}', '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 0, NULL, '', false, NULL, '', NULL, 51, NULL, false, '[{"at": "2026-11-20T12:00:00.000+00:00", "stage": "route", "reason": "cex", "decision": "routed"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "dedup", "reason": "", "decision": "new"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "mute", "reason": "", "decision": "heard"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "inhibit", "reason": "", "decision": "free"}, {"at": "2026-11-20T12:00:00.000+00:00", "stage": "acknowledge", "reason": "", "decision": "news"}]', NULL, '', 1),
	(40, 'worse', 1, 'channel 606', 'sending', 0, '{}', '2026-11-20 01:50:00+00', '2026-11-20 01:49:00+00', 0, '2026-11-20 01:47:00+00', 'leased_by 614', false, '2026-11-20 01:44:00+00', 'done_reason 617', 1, 1, 1, false, '[]', 1, 'muted_by 619', 0),
	(41, 'turned', 1, 'channel 627', 'digested', 0, '{}', '2026-11-20 01:29:00+00', '2026-11-20 01:28:00+00', 0, '2026-11-20 01:26:00+00', 'leased_by 635', false, '2026-11-20 01:23:00+00', 'done_reason 638', 1, 1, 1, false, '[]', 1, 'muted_by 640', 0),
	(42, 'reminder', 1, 'channel 648', 'superseded', 0, '{}', '2026-11-20 01:08:00+00', '2026-11-20 01:07:00+00', 0, '2026-11-20 01:05:00+00', 'leased_by 656', false, '2026-11-20 01:02:00+00', 'done_reason 659', 1, 1, 1, false, '[]', 1, 'muted_by 661', 0),
	(43, 'repeat', 1, 'channel 669', 'dead', 0, '{}', '2026-11-20 00:47:00+00', '2026-11-20 00:46:00+00', 0, '2026-11-20 00:44:00+00', 'leased_by 677', false, '2026-11-20 00:41:00+00', 'done_reason 680', 1, 1, 1, false, '[]', 1, 'muted_by 682', 0),
	(44, 'escalated', 1, 'channel 690', 'grouped', 0, '{}', '2026-11-20 00:26:00+00', '2026-11-20 00:25:00+00', 0, '2026-11-20 00:23:00+00', 'leased_by 698', false, '2026-11-20 00:20:00+00', 'done_reason 701', 1, 1, 1, false, '[]', 1, 'muted_by 703', 0),
	(45, 'digest', 1, 'channel 711', 'sent', 0, '{}', '2026-11-20 00:05:00+00', '2026-11-20 00:04:00+00', 0, '2026-11-20 00:02:00+00', 'leased_by 719', false, '2026-11-19 23:59:00+00', 'done_reason 722', 1, 1, 1, false, '[]', 1, 'muted_by 724', 0),
	(46, 'test', 1, 'channel 732', 'digested', 0, '{}', '2026-11-19 23:44:00+00', '2026-11-19 23:43:00+00', 0, '2026-11-19 23:41:00+00', 'leased_by 740', false, '2026-11-19 23:38:00+00', 'done_reason 743', 1, 1, 1, false, '[]', 1, 'muted_by 745', 0),
	(47, 'digest', 1, 'channel 754', 'held', 0, '{}', '2026-11-19 23:23:00+00', '2026-11-19 23:22:00+00', 0, '2026-11-19 23:20:00+00', 'leased_by 761', false, '2026-11-19 23:17:00+00', 'done_reason 764', 1, 1, 1, false, '[]', 1, 'muted_by 766', 0),
	(48, 'turned', 1, 'channel 775', 'silenced', 0, '{}', '2026-11-19 23:02:00+00', '2026-11-19 23:01:00+00', 0, '2026-11-19 22:59:00+00', 'leased_by 782', false, '2026-11-19 22:56:00+00', 'done_reason 785', 1, 1, 1, false, '[]', 1, 'muted_by 787', 0),
	(49, 'reminder', 1, 'channel 796', 'muted', 0, '{}', '2026-11-19 22:41:00+00', '2026-11-19 22:40:00+00', 0, '2026-11-19 22:38:00+00', 'leased_by 803', false, '2026-11-19 22:35:00+00', 'done_reason 806', 1, 1, 1, false, '[]', 1, 'muted_by 808', 0);
INSERT INTO "public"."alerts_alertattempt" VALUES
	(1, 'channel 963', '2026-11-19 19:56:00+00', 965, 966, 'decision 967', 'reason 968', 'excerpt 969', 1);
INSERT INTO "public"."alerts_auditentry" VALUES
	(1, '2026-11-20 03:26:00+00', 'acknowledged', 'by 515', 'where 517', '192.0.2.1', 'what 520', 'link 521', '2026-11-20 03:18:00+00', 1, 1),
	(2, '2026-11-20 03:17:00+00', 'released', 'by 524', 'where 526', '192.0.2.1', 'what 529', 'link 530', '2026-11-20 03:09:00+00', 1, 1),
	(3, '2026-11-20 03:08:00+00', 'silenced', 'by 533', 'where 535', '192.0.2.1', 'what 538', 'link 539', '2026-11-20 03:00:00+00', 1, 1),
	(4, '2026-11-20 02:59:00+00', 'silence_changed', 'by 542', 'where 544', '192.0.2.1', 'what 547', 'link 548', '2026-11-20 02:51:00+00', 1, 1),
	(5, '2026-11-20 02:50:00+00', 'silence_ended', 'by 551', 'where 553', '192.0.2.1', 'what 556', 'link 557', '2026-11-20 02:42:00+00', 1, 1),
	(6, '2026-11-20 02:41:00+00', 'resent', 'by 560', 'where 562', '192.0.2.1', 'what 565', 'link 566', '2026-11-20 02:33:00+00', 1, 1),
	(7, '2026-11-20 02:32:00+00', 'receiver_added', 'by 569', 'where 571', '192.0.2.1', 'what 574', 'link 575', '2026-11-20 02:24:00+00', 1, 1),
	(8, '2026-11-20 02:23:00+00', 'receiver_changed', 'by 578', 'where 580', '192.0.2.1', 'what 583', 'link 584', '2026-11-20 02:15:00+00', 1, 1),
	(9, '2026-11-20 02:14:00+00', 'receiver_removed', 'by 587', 'where 589', '192.0.2.1', 'what 592', 'link 593', '2026-11-20 02:06:00+00', 1, 1),
	(10, '2026-11-20 02:05:00+00', 'tested', 'by 596', 'where 598', '192.0.2.1', 'what 601', 'link 602', '2026-11-20 01:57:00+00', 1, 1);
INSERT INTO "public"."alerts_channelstate" VALUES
	('channel 970', '2026-11-19 19:49:00+00', 'suspended_reason 972', '2026-11-19 19:47:00+00', '2026-11-19 19:46:00+00', '2026-11-19 19:44:00+00', '{}');
INSERT INTO "public"."alerts_silence" VALUES
	(1, 'token 363', 'delisting', 'source 364', '2026-11-20 05:53:00+00', 'reason 368', 'made_by 369', '2026-11-30 08:23:40.399085+00', 'exchange 365', true),
	(2, 'token 370', 'hard_fork', 'source 371', '2026-11-20 05:46:00+00', 'reason 375', 'made_by 376', '2026-11-30 08:23:40.39999+00', 'exchange 372', true),
	(3, 'token 377', 'network_upgrade', 'source 378', '2026-11-20 05:39:00+00', 'reason 382', 'made_by 383', '2026-11-30 08:23:40.400475+00', 'exchange 379', true),
	(4, 'token 384', 'token_migration', 'source 385', '2026-11-20 05:32:00+00', 'reason 389', 'made_by 390', '2026-11-30 08:23:40.401004+00', 'exchange 386', true),
	(5, 'token 391', 'trading_suspension', 'source 392', '2026-11-20 05:25:00+00', 'reason 396', 'made_by 397', '2026-11-30 08:23:40.401515+00', 'exchange 393', true),
	(6, 'token 398', 'wallet_suspension', 'source 399', '2026-11-20 05:18:00+00', 'reason 403', 'made_by 404', '2026-11-30 08:23:40.402042+00', 'exchange 400', true),
	(7, 'token 405', 'risk_warning', 'source 406', '2026-11-20 05:11:00+00', 'reason 410', 'made_by 411', '2026-11-30 08:23:40.402523+00', 'exchange 407', true),
	(8, 'token 412', 'depeg', 'source 413', '2026-11-20 05:04:00+00', 'reason 417', 'made_by 418', '2026-11-30 08:23:40.403028+00', 'exchange 414', true),
	(9, 'token 419', 'hack', 'source 420', '2026-11-20 04:57:00+00', 'reason 424', 'made_by 425', '2026-11-30 08:23:40.403561+00', 'exchange 421', true),
	(10, 'token 426', 'bridge_hack', 'source 427', '2026-11-20 04:50:00+00', 'reason 431', 'made_by 432', '2026-11-30 08:23:40.404107+00', 'exchange 428', true),
	(11, 'token 433', 'volatility', 'source 434', '2026-11-20 04:43:00+00', 'reason 438', 'made_by 439', '2026-11-30 08:23:40.404647+00', 'exchange 435', true),
	(12, 'token 440', 'low_liquidity', 'source 441', '2026-11-20 04:36:00+00', 'reason 445', 'made_by 446', '2026-11-30 08:23:40.40522+00', 'exchange 442', true),
	(13, 'token 447', 'exchange_halt', 'source 448', '2026-11-20 04:29:00+00', 'reason 452', 'made_by 453', '2026-11-30 08:23:40.405745+00', 'exchange 449', true),
	(14, 'token 454', 'whale', 'source 455', '2026-11-20 04:22:00+00', 'reason 459', 'made_by 460', '2026-11-30 08:23:40.406307+00', 'exchange 456', true),
	(15, 'token 461', 'depth_drop', 'source 462', '2026-11-20 04:15:00+00', 'reason 466', 'made_by 467', '2026-11-30 08:23:40.406838+00', 'exchange 463', true),
	(16, 'token 468', 'manual', 'source 469', '2026-11-20 04:08:00+00', 'reason 473', 'made_by 474', '2026-11-30 08:23:40.407386+00', 'exchange 470', true),
	(17, 'token 475', 'operations', 'source 476', '2026-11-20 04:01:00+00', 'reason 480', 'made_by 481', '2026-11-30 08:23:40.407902+00', 'exchange 477', true);
INSERT INTO "public"."auth_group" VALUES
	(1, 'name 815');
INSERT INTO "public"."auth_group_permissions" VALUES
	(1, 1, 1);
INSERT INTO "public"."auth_permission" VALUES
	(1, 'Can add log entry', 1, 'add_logentry'),
	(2, 'Can change log entry', 1, 'change_logentry'),
	(3, 'Can delete log entry', 1, 'delete_logentry'),
	(4, 'Can view log entry', 1, 'view_logentry'),
	(5, 'Can add permission', 2, 'add_permission'),
	(6, 'Can change permission', 2, 'change_permission'),
	(7, 'Can delete permission', 2, 'delete_permission'),
	(8, 'Can view permission', 2, 'view_permission'),
	(9, 'Can add group', 3, 'add_group'),
	(10, 'Can change group', 3, 'change_group'),
	(11, 'Can delete group', 3, 'delete_group'),
	(12, 'Can view group', 3, 'view_group'),
	(13, 'Can add user', 4, 'add_user'),
	(14, 'Can change user', 4, 'change_user'),
	(15, 'Can delete user', 4, 'delete_user'),
	(16, 'Can view user', 4, 'view_user'),
	(17, 'Can add content type', 5, 'add_contenttype'),
	(18, 'Can change content type', 5, 'change_contenttype'),
	(19, 'Can delete content type', 5, 'delete_contenttype'),
	(20, 'Can view content type', 5, 'view_contenttype'),
	(21, 'Can add session', 6, 'add_session'),
	(22, 'Can change session', 6, 'change_session'),
	(23, 'Can delete session', 6, 'delete_session'),
	(24, 'Can view session', 6, 'view_session'),
	(25, 'Can add asset', 7, 'add_asset'),
	(26, 'Can change asset', 7, 'change_asset'),
	(27, 'Can delete asset', 7, 'delete_asset'),
	(28, 'Can view asset', 7, 'view_asset'),
	(29, 'Can add quote asset', 8, 'add_quoteasset'),
	(30, 'Can change quote asset', 8, 'change_quoteasset'),
	(31, 'Can delete quote asset', 8, 'delete_quoteasset'),
	(32, 'Can view quote asset', 8, 'view_quoteasset'),
	(33, 'Can add instrument', 9, 'add_instrument'),
	(34, 'Can change instrument', 9, 'change_instrument'),
	(35, 'Can delete instrument', 9, 'delete_instrument'),
	(36, 'Can view instrument', 9, 'view_instrument'),
	(37, 'Can add watch list entry', 10, 'add_watchlistentry'),
	(38, 'Can change watch list entry', 10, 'change_watchlistentry'),
	(39, 'Can delete watch list entry', 10, 'delete_watchlistentry'),
	(40, 'Can view watch list entry', 10, 'view_watchlistentry'),
	(41, 'Can add asset name', 11, 'add_assetname'),
	(42, 'Can change asset name', 11, 'change_assetname'),
	(43, 'Can delete asset name', 11, 'delete_assetname'),
	(44, 'Can view asset name', 11, 'view_assetname'),
	(45, 'Can add instrument at risk', 12, 'add_instrumentrisk'),
	(46, 'Can change instrument at risk', 12, 'change_instrumentrisk'),
	(47, 'Can delete instrument at risk', 12, 'delete_instrumentrisk'),
	(48, 'Can view instrument at risk', 12, 'view_instrumentrisk'),
	(49, 'Can add token at risk', 13, 'add_tokenrisk'),
	(50, 'Can change token at risk', 13, 'change_tokenrisk'),
	(51, 'Can delete token at risk', 13, 'delete_tokenrisk'),
	(52, 'Can view token at risk', 13, 'view_tokenrisk'),
	(53, 'Can add token risk status', 14, 'add_tokenriskstatus'),
	(54, 'Can change token risk status', 14, 'change_tokenriskstatus'),
	(55, 'Can delete token risk status', 14, 'delete_tokenriskstatus'),
	(56, 'Can view token risk status', 14, 'view_tokenriskstatus'),
	(57, 'Can add event', 15, 'add_event'),
	(58, 'Can change event', 15, 'change_event'),
	(59, 'Can delete event', 15, 'delete_event'),
	(60, 'Can view event', 15, 'view_event'),
	(61, 'Can add key suppression', 16, 'add_keysuppression'),
	(62, 'Can change key suppression', 16, 'change_keysuppression'),
	(63, 'Can delete key suppression', 16, 'delete_keysuppression'),
	(64, 'Can view key suppression', 16, 'view_keysuppression'),
	(65, 'Can add payload body', 17, 'add_payloadbody'),
	(66, 'Can change payload body', 17, 'change_payloadbody'),
	(67, 'Can delete payload body', 17, 'delete_payloadbody'),
	(68, 'Can view payload body', 17, 'view_payloadbody'),
	(69, 'Can add retention rule', 18, 'add_retentionrule'),
	(70, 'Can change retention rule', 18, 'change_retentionrule'),
	(71, 'Can delete retention rule', 18, 'delete_retentionrule'),
	(72, 'Can view retention rule', 18, 'view_retentionrule'),
	(73, 'Can add action rule', 19, 'add_actionrule'),
	(74, 'Can change action rule', 19, 'change_actionrule'),
	(75, 'Can delete action rule', 19, 'delete_actionrule'),
	(76, 'Can view action rule', 19, 'view_actionrule'),
	(77, 'Can add manual event', 20, 'add_manualevent'),
	(78, 'Can change manual event', 20, 'change_manualevent'),
	(79, 'Can delete manual event', 20, 'delete_manualevent'),
	(80, 'Can view manual event', 20, 'view_manualevent'),
	(81, 'Can add operations event', 21, 'add_operationsevent'),
	(82, 'Can change operations event', 21, 'change_operationsevent'),
	(83, 'Can delete operations event', 21, 'delete_operationsevent'),
	(84, 'Can view operations event', 21, 'view_operationsevent'),
	(85, 'Can add heartbeat', 22, 'add_heartbeat'),
	(86, 'Can change heartbeat', 22, 'change_heartbeat'),
	(87, 'Can delete heartbeat', 22, 'delete_heartbeat'),
	(88, 'Can view heartbeat', 22, 'view_heartbeat'),
	(89, 'Can add payload poll', 23, 'add_payloadpoll'),
	(90, 'Can change payload poll', 23, 'change_payloadpoll'),
	(91, 'Can delete payload poll', 23, 'delete_payloadpoll'),
	(92, 'Can view payload poll', 23, 'view_payloadpoll'),
	(93, 'Can add quarantined item', 24, 'add_quarantineditem'),
	(94, 'Can change quarantined item', 24, 'change_quarantineditem'),
	(95, 'Can delete quarantined item', 24, 'delete_quarantineditem'),
	(96, 'Can view quarantined item', 24, 'view_quarantineditem'),
	(97, 'Can add source', 25, 'add_sourcehealth'),
	(98, 'Can change source', 25, 'change_sourcehealth'),
	(99, 'Can delete source', 25, 'delete_sourcehealth'),
	(100, 'Can view source', 25, 'view_sourcehealth'),
	(101, 'Can add effect', 26, 'add_effect'),
	(102, 'Can change effect', 26, 'change_effect'),
	(103, 'Can delete effect', 26, 'delete_effect'),
	(104, 'Can view effect', 26, 'view_effect'),
	(105, 'Can add binance announcement', 27, 'add_binanceannouncement'),
	(106, 'Can change binance announcement', 27, 'change_binanceannouncement'),
	(107, 'Can delete binance announcement', 27, 'delete_binanceannouncement'),
	(108, 'Can view binance announcement', 27, 'view_binanceannouncement'),
	(109, 'Can add seen article', 28, 'add_seenarticle'),
	(110, 'Can change seen article', 28, 'change_seenarticle'),
	(111, 'Can delete seen article', 28, 'delete_seenarticle'),
	(112, 'Can view seen article', 28, 'view_seenarticle'),
	(113, 'Can add okx announcement', 29, 'add_okxannouncement'),
	(114, 'Can change okx announcement', 29, 'change_okxannouncement'),
	(115, 'Can delete okx announcement', 29, 'delete_okxannouncement'),
	(116, 'Can view okx announcement', 29, 'view_okxannouncement'),
	(117, 'Can add exchange halt event', 30, 'add_exchangehaltevent'),
	(118, 'Can change exchange halt event', 30, 'change_exchangehaltevent'),
	(119, 'Can delete exchange halt event', 30, 'delete_exchangehaltevent'),
	(120, 'Can view exchange halt event', 30, 'view_exchangehaltevent'),
	(121, 'Can add instrument status event', 31, 'add_instrumentstatusevent'),
	(122, 'Can change instrument status event', 31, 'change_instrumentstatusevent'),
	(123, 'Can delete instrument status event', 31, 'delete_instrumentstatusevent'),
	(124, 'Can view instrument status event', 31, 'view_instrumentstatusevent'),
	(125, 'Can add status spell', 32, 'add_statusspell'),
	(126, 'Can change status spell', 32, 'change_statusspell'),
	(127, 'Can delete status spell', 32, 'delete_statusspell'),
	(128, 'Can view status spell', 32, 'view_statusspell'),
	(129, 'Can add tag spell', 33, 'add_tagspell'),
	(130, 'Can change tag spell', 33, 'change_tagspell'),
	(131, 'Can delete tag spell', 33, 'delete_tagspell'),
	(132, 'Can view tag spell', 33, 'view_tagspell'),
	(133, 'Can add hack event', 34, 'add_hackevent'),
	(134, 'Can change hack event', 34, 'change_hackevent'),
	(135, 'Can delete hack event', 34, 'delete_hackevent'),
	(136, 'Can view hack event', 34, 'view_hackevent'),
	(137, 'Can add network', 35, 'add_network'),
	(138, 'Can change network', 35, 'change_network'),
	(139, 'Can delete network', 35, 'delete_network'),
	(140, 'Can view network', 35, 'view_network'),
	(141, 'Can add protocol token', 36, 'add_protocoltoken'),
	(142, 'Can change protocol token', 36, 'change_protocoltoken'),
	(143, 'Can delete protocol token', 36, 'delete_protocoltoken'),
	(144, 'Can view protocol token', 36, 'view_protocoltoken'),
	(145, 'Can add seen hack', 37, 'add_seenhack'),
	(146, 'Can change seen hack', 37, 'change_seenhack'),
	(147, 'Can delete seen hack', 37, 'delete_seenhack'),
	(148, 'Can view seen hack', 37, 'view_seenhack'),
	(149, 'Can add currency rate', 38, 'add_currencyrate'),
	(150, 'Can change currency rate', 38, 'change_currencyrate'),
	(151, 'Can delete currency rate', 38, 'delete_currencyrate'),
	(152, 'Can view currency rate', 38, 'view_currencyrate'),
	(153, 'Can add depeg event', 39, 'add_depegevent'),
	(154, 'Can change depeg event', 39, 'change_depegevent'),
	(155, 'Can delete depeg event', 39, 'delete_depegevent'),
	(156, 'Can view depeg event', 39, 'view_depegevent'),
	(157, 'Can add pegged coin', 40, 'add_peggedcoin'),
	(158, 'Can change pegged coin', 40, 'change_peggedcoin'),
	(159, 'Can delete pegged coin', 40, 'delete_peggedcoin'),
	(160, 'Can view pegged coin', 40, 'view_peggedcoin'),
	(161, 'Can add priced pair name', 41, 'add_pricedpairname'),
	(162, 'Can change priced pair name', 41, 'change_pricedpairname'),
	(163, 'Can delete priced pair name', 41, 'delete_pricedpairname'),
	(164, 'Can view priced pair name', 41, 'view_pricedpairname'),
	(165, 'Can add price minute', 42, 'add_priceminute'),
	(166, 'Can change price minute', 42, 'change_priceminute'),
	(167, 'Can delete price minute', 42, 'delete_priceminute'),
	(168, 'Can view price minute', 42, 'view_priceminute'),
	(169, 'Can add volatility event', 43, 'add_volatilityevent'),
	(170, 'Can change volatility event', 43, 'change_volatilityevent'),
	(171, 'Can delete volatility event', 43, 'delete_volatilityevent'),
	(172, 'Can view volatility event', 43, 'view_volatilityevent'),
	(173, 'Can add low liquidity', 44, 'add_lowliquidity'),
	(174, 'Can change low liquidity', 44, 'change_lowliquidity'),
	(175, 'Can delete low liquidity', 44, 'delete_lowliquidity'),
	(176, 'Can view low liquidity', 44, 'view_lowliquidity'),
	(177, 'Can add market liquidity', 45, 'add_tokenliquidity'),
	(178, 'Can change market liquidity', 45, 'change_tokenliquidity'),
	(179, 'Can delete market liquidity', 45, 'delete_tokenliquidity'),
	(180, 'Can view market liquidity', 45, 'view_tokenliquidity'),
	(181, 'Can add stream', 46, 'add_streamstatus'),
	(182, 'Can change stream', 46, 'change_streamstatus'),
	(183, 'Can delete stream', 46, 'delete_streamstatus'),
	(184, 'Can view stream', 46, 'view_streamstatus'),
	(185, 'Can add depth drop event', 47, 'add_depthdropevent'),
	(186, 'Can change depth drop event', 47, 'change_depthdropevent'),
	(187, 'Can delete depth drop event', 47, 'delete_depthdropevent'),
	(188, 'Can view depth drop event', 47, 'view_depthdropevent'),
	(189, 'Can add whale event', 48, 'add_whaleevent'),
	(190, 'Can change whale event', 48, 'change_whaleevent'),
	(191, 'Can delete whale event', 48, 'delete_whaleevent'),
	(192, 'Can view whale event', 48, 'view_whaleevent'),
	(193, 'Can add minute row', 49, 'add_bookminute'),
	(194, 'Can change minute row', 49, 'change_bookminute'),
	(195, 'Can delete minute row', 49, 'delete_bookminute'),
	(196, 'Can view minute row', 49, 'view_bookminute'),
	(197, 'Can add whale order', 50, 'add_whaleorder'),
	(198, 'Can change whale order', 50, 'change_whaleorder'),
	(199, 'Can delete whale order', 50, 'delete_whaleorder'),
	(200, 'Can view whale order', 50, 'view_whaleorder'),
	(201, 'Can add channel state', 51, 'add_channelstate'),
	(202, 'Can change channel state', 51, 'change_channelstate'),
	(203, 'Can delete channel state', 51, 'delete_channelstate'),
	(204, 'Can view channel state', 51, 'view_channelstate'),
	(205, 'Can add silence', 52, 'add_silence'),
	(206, 'Can change silence', 52, 'change_silence'),
	(207, 'Can delete silence', 52, 'delete_silence'),
	(208, 'Can view silence', 52, 'view_silence'),
	(209, 'Can add acknowledgement', 53, 'add_acknowledgement'),
	(210, 'Can change acknowledgement', 53, 'change_acknowledgement'),
	(211, 'Can delete acknowledgement', 53, 'delete_acknowledgement'),
	(212, 'Can view acknowledgement', 53, 'view_acknowledgement'),
	(213, 'Can add alert', 54, 'add_alert'),
	(214, 'Can change alert', 54, 'change_alert'),
	(215, 'Can delete alert', 54, 'delete_alert'),
	(216, 'Can view alert', 54, 'view_alert'),
	(217, 'Can add alert attempt', 55, 'add_alertattempt'),
	(218, 'Can change alert attempt', 55, 'change_alertattempt'),
	(219, 'Can delete alert attempt', 55, 'delete_alertattempt'),
	(220, 'Can view alert attempt', 55, 'view_alertattempt'),
	(221, 'Can add receiver', 56, 'add_addedreceiver'),
	(222, 'Can change receiver', 56, 'change_addedreceiver'),
	(223, 'Can delete receiver', 56, 'delete_addedreceiver'),
	(224, 'Can view receiver', 56, 'view_addedreceiver'),
	(225, 'Can add audit entry', 57, 'add_auditentry'),
	(226, 'Can change audit entry', 57, 'change_auditentry'),
	(227, 'Can delete audit entry', 57, 'delete_auditentry'),
	(228, 'Can view audit entry', 57, 'view_auditentry');
INSERT INTO "public"."auth_user" VALUES
	(1, '!rX7MR4Uiz3c8Gf6caim3ESvqmTnQCuqqee2QcvYs', NULL, true, 'admin', '', '', '', true, true, '2026-11-20 12:00:00+00');
INSERT INTO "public"."auth_user_groups" VALUES
	(1, 1, 1);
INSERT INTO "public"."auth_user_user_permissions" VALUES
	(1, 1, 1);
INSERT INTO "public"."defillama_currencyrate" VALUES
	(1, 'currency 864', 865, '2026-11-19 21:34:00+00', '2026-11-19 21:33:00+00');
INSERT INTO "public"."defillama_depegevent" VALUES
	(23, 'coin 75', 'symbol 76', 'on_venue 77', 'currency 78'),
	(24, 'coin 79', 'symbol 80', 'on_venue 81', 'currency 82');
INSERT INTO "public"."defillama_hackevent" VALUES
	(21, '2026-07-30', 64, false, 'target_type 66', 'technique 67', '{}'),
	(22, '2026-07-24', 70, false, 'target_type 72', 'technique 73', '{}');
INSERT INTO "public"."defillama_network" VALUES
	(1, 'Ethereum', '{"Ethereum Mainnet"}', 'ETH', '{}', 'shipped', ''),
	(2, 'Bitcoin', '{}', 'BTC', '{}', 'shipped', ''),
	(3, 'BSC', '{"BNB Chain","BNB Smart Chain","Binance Smart Chain"}', 'BNB', '{"Binance Bridge","BNB Bridge","BNB Chain Bridge","BSC Token Hub","BSC Bridge"}', 'shipped', ''),
	(4, 'Solana', '{}', 'SOL', '{}', 'shipped', ''),
	(5, 'Arbitrum', '{"Arbitrum One","Arbitrum Nova"}', 'ARB', '{"Arbitrum Bridge"}', 'shipped', ''),
	(6, 'Base', '{"Base Chain"}', '', '{"Base Bridge"}', 'shipped', ''),
	(7, 'Optimism', '{"OP Mainnet"}', 'OP', '{"Optimism Bridge","Optimism Gateway","OP Mainnet Bridge"}', 'shipped', ''),
	(8, 'Polygon', '{"Polygon PoS"}', 'POL', '{"Polygon Bridge","Polygon PoS Bridge","Polygon Plasma Bridge"}', 'shipped', ''),
	(9, 'Polygon zkEVM', '{}', '', '{"Polygon zkEVM Bridge"}', 'shipped', ''),
	(10, 'opBNB', '{Op_Bnb}', '', '{}', 'shipped', ''),
	(11, 'Avalanche', '{Avax}', 'AVAX', '{"Avalanche Bridge"}', 'shipped', ''),
	(12, 'Tron', '{}', 'TRX', '{}', 'shipped', ''),
	(13, 'Sui', '{}', 'SUI', '{"Sui Bridge"}', 'shipped', ''),
	(14, 'Aptos', '{}', 'APT', '{}', 'shipped', ''),
	(15, 'Near', '{"NEAR Protocol"}', 'NEAR', '{"Rainbow Bridge"}', 'shipped', ''),
	(16, 'Aurora', '{}', 'AURORA', '{}', 'shipped', ''),
	(17, 'XRP', '{XRPL,"XRP Ledger",Ripple}', 'XRP', '{}', 'shipped', ''),
	(18, 'XRPL EVM', '{}', '', '{}', 'shipped', ''),
	(19, 'Stellar', '{}', 'XLM', '{}', 'shipped', ''),
	(20, 'Litecoin', '{}', 'LTC', '{}', 'shipped', ''),
	(21, 'Doge', '{Dogecoin}', 'DOGE', '{}', 'shipped', ''),
	(22, 'BitcoinCash', '{"Bitcoin Cash"}', 'BCH', '{}', 'shipped', ''),
	(23, 'Bitcoin SV', '{}', 'BSV', '{}', 'shipped', ''),
	(24, 'Ethereum Classic', '{EthereumClassic}', 'ETC', '{}', 'shipped', ''),
	(25, 'EthereumPoW', '{}', 'ETHW', '{}', 'shipped', ''),
	(26, 'Monero', '{}', 'XMR', '{}', 'shipped', ''),
	(27, 'Zcash', '{}', 'ZEC', '{}', 'shipped', ''),
	(28, 'Dash', '{}', 'DASH', '{}', 'shipped', ''),
	(29, 'Decred', '{}', 'DCR', '{}', 'shipped', ''),
	(30, 'Cardano', '{}', 'ADA', '{}', 'shipped', ''),
	(31, 'Polkadot', '{"Polkadot Asset Hub"}', 'DOT', '{Snowbridge}', 'shipped', ''),
	(32, 'Kusama', '{}', 'KSM', '{}', 'shipped', ''),
	(33, 'Cosmos', '{CosmosHub,"Cosmos Hub"}', 'ATOM', '{}', 'shipped', ''),
	(34, 'TON', '{"The Open Network"}', 'TON', '{"TON Bridge"}', 'shipped', ''),
	(35, 'Algorand', '{}', 'ALGO', '{}', 'shipped', ''),
	(36, 'Hedera', '{"Hedera Hashgraph"}', 'HBAR', '{}', 'shipped', ''),
	(37, 'ICP', '{"Internet Computer"}', 'ICP', '{}', 'shipped', ''),
	(38, 'Filecoin', '{}', 'FIL', '{}', 'shipped', ''),
	(39, 'Tezos', '{Etherlink}', 'XTZ', '{}', 'shipped', ''),
	(40, 'EOS', '{"EOS EVM",Vaulta}', 'EOS', '{"EOS EVM Bridge"}', 'shipped', ''),
	(41, 'Neo', '{"Neo X Mainnet"}', 'NEO', '{}', 'shipped', ''),
	(42, 'Ontology', '{}', 'ONT', '{}', 'shipped', ''),
	(43, 'OntologyEVM', '{}', 'ONG', '{}', 'shipped', ''),
	(44, 'VeChain', '{Vechain}', 'VET', '{}', 'shipped', ''),
	(45, 'Theta', '{}', 'THETA', '{}', 'shipped', ''),
	(46, 'Zilliqa', '{}', 'ZIL', '{"Zilliqa Bridge",ZilBridge}', 'shipped', ''),
	(47, 'MultiversX', '{Elrond}', 'EGLD', '{"MultiversX Bridge"}', 'shipped', ''),
	(48, 'Flow', '{"Flow EVM"}', 'FLOW', '{"Flow Bridge"}', 'shipped', ''),
	(49, 'Stacks', '{}', 'STX', '{"sBTC Bridge"}', 'shipped', ''),
	(50, 'Mixin', '{"Mixin Network",MVM}', 'XIN', '{"Mixin Bridge"}', 'shipped', ''),
	(51, 'Fantom', '{}', 'FTM', '{"Fantom Bridge"}', 'shipped', ''),
	(52, 'Sonic', '{"Sonic Labs"}', 'S', '{"Sonic Gateway","Sonic Bridge"}', 'shipped', ''),
	(53, 'Cronos', '{"Cronos zkEVM"}', 'CRO', '{"Cronos Bridge"}', 'shipped', ''),
	(54, 'Klaytn', '{}', 'KLAY', '{}', 'shipped', ''),
	(55, 'Kaia', '{}', 'KAIA', '{"Kaia Bridge"}', 'shipped', ''),
	(56, 'Celo', '{}', 'CELO', '{"Celo Bridge"}', 'shipped', ''),
	(57, 'Harmony', '{"Harmony Shard 0"}', 'ONE', '{"Harmony Bridge","Horizon Bridge","Harmony Horizon Bridge"}', 'shipped', ''),
	(58, 'Ronin', '{}', 'RON', '{"Ronin Bridge","Ronin Network Bridge"}', 'shipped', ''),
	(59, 'zkSync Era', '{"ZKsync Era",zkSync,ZKsync,"ZKsync Lite"}', 'ZK', '{"zkSync Bridge","zkSync Era Bridge"}', 'shipped', ''),
	(60, 'Starknet', '{StarkNet}', 'STRK', '{StarkGate,"Starknet Bridge"}', 'shipped', ''),
	(61, 'Linea', '{}', 'LINEA', '{"Linea Bridge"}', 'shipped', ''),
	(62, 'Scroll', '{}', 'SCR', '{"Scroll Bridge"}', 'shipped', ''),
	(63, 'Mantle', '{}', 'MNT', '{"Mantle Bridge"}', 'shipped', ''),
	(64, 'Manta', '{"Manta Pacific","Manta Atlantic"}', 'MANTA', '{"Manta Bridge","Manta Pacific Bridge"}', 'shipped', ''),
	(65, 'Blast', '{}', 'BLAST', '{"Blast Bridge"}', 'shipped', ''),
	(66, 'Metis', '{}', 'METIS', '{"Metis Bridge","Andromeda Bridge"}', 'shipped', ''),
	(67, 'Mode', '{}', 'MODE', '{"Mode Bridge"}', 'shipped', ''),
	(68, 'Zora', '{}', 'ZORA', '{"Zora Bridge"}', 'shipped', ''),
	(69, 'Unichain', '{}', '', '{"Unichain Bridge"}', 'shipped', ''),
	(70, 'Ink', '{}', '', '{"Ink Bridge"}', 'shipped', ''),
	(71, 'Soneium', '{}', '', '{"Soneium Bridge"}', 'shipped', ''),
	(72, 'World Chain', '{Wc}', 'WLD', '{"World Chain Bridge"}', 'shipped', ''),
	(73, 'Abstract', '{}', '', '{"Abstract Bridge"}', 'shipped', ''),
	(74, 'MegaETH', '{}', 'MEGA', '{"MegaETH Bridge"}', 'shipped', ''),
	(75, 'Monad', '{}', 'MON', '{"Monad Bridge"}', 'shipped', ''),
	(76, 'Berachain', '{}', 'BERA', '{"Berachain Bridge"}', 'shipped', ''),
	(77, 'Hyperliquid L1', '{Hyperliquid,HyperEVM,HyperCore}', 'HYPE', '{"Hyperliquid Bridge","Arbitrum Hyperliquid Bridge"}', 'shipped', ''),
	(78, 'Plasma', '{}', 'XPL', '{"Plasma Bridge"}', 'shipped', ''),
	(79, 'Katana', '{}', 'KAT', '{}', 'shipped', ''),
	(80, 'Story', '{}', 'IP', '{"Story Bridge"}', 'shipped', ''),
	(81, '0G', '{"0G Labs"}', '0G', '{"0G Bridge"}', 'shipped', ''),
	(82, 'Sei', '{"Sei EVM"}', 'SEI', '{"Sei Bridge"}', 'shipped', ''),
	(83, 'Injective', '{}', 'INJ', '{"Injective Bridge"}', 'shipped', ''),
	(84, 'Osmosis', '{}', 'OSMO', '{}', 'shipped', ''),
	(85, 'Neutron', '{}', 'NTRN', '{}', 'shipped', ''),
	(86, 'Kava', '{}', 'KAVA', '{"Kava Bridge"}', 'shipped', ''),
	(87, 'Celestia', '{}', 'TIA', '{}', 'shipped', ''),
	(88, 'Dymension', '{}', 'DYM', '{}', 'shipped', ''),
	(89, 'Saga', '{SagaEVM}', 'SAGA', '{"Saga Bridge"}', 'shipped', ''),
	(90, 'Comdex', '{}', 'CMDX', '{}', 'shipped', ''),
	(91, 'Persistence', '{}', 'XPRT', '{}', 'shipped', ''),
	(92, 'Secret', '{"Secret Network"}', 'SCRT', '{"Secret Bridge"}', 'shipped', ''),
	(93, 'Axelar', '{}', 'AXL', '{Satellite}', 'shipped', ''),
	(94, 'Terra', '{"Terra Classic"}', 'LUNC', '{"Terra Bridge","Terra Shuttle"}', 'shipped', ''),
	(95, 'Terra2', '{"Terra 2.0"}', 'LUNA', '{}', 'shipped', ''),
	(96, 'Acala', '{"Acala Network"}', 'ACA', '{}', 'shipped', ''),
	(97, 'Moonbeam', '{}', 'GLMR', '{}', 'shipped', ''),
	(98, 'Moonriver', '{}', 'MOVR', '{}', 'shipped', ''),
	(99, 'Astar', '{"Astar zkEVM"}', 'ASTR', '{}', 'shipped', ''),
	(100, 'Gnosis Chain', '{xDai,Gnosis}', 'GNO', '{"Gnosis Bridge",Omnibridge,"xDai Bridge","Gnosis Chain Bridge"}', 'shipped', ''),
	(101, 'Fuse', '{}', 'FUSE', '{"Fuse Bridge"}', 'shipped', ''),
	(102, 'PulseChain', '{}', 'PLS', '{"PulseChain Bridge",PulseBridge}', 'shipped', ''),
	(103, 'Heco', '{"Huobi ECO Chain"}', 'HT', '{"Heco Bridge","HECO Bridge"}', 'shipped', ''),
	(104, 'OKExChain', '{OKTChain,OKC}', 'OKT', '{}', 'shipped', ''),
	(105, 'X Layer', '{}', 'OKB', '{"X Layer Bridge"}', 'shipped', ''),
	(106, 'KCC', '{"KuCoin Community Chain"}', 'KCS', '{"KCC Bridge"}', 'shipped', ''),
	(107, 'CORE', '{Core,"Core DAO"}', 'CORE', '{"Core Chain Bridge"}', 'shipped', ''),
	(108, 'Merlin Chain', '{}', 'MERL', '{"Merlin Chain Bridge"}', 'shipped', ''),
	(109, 'Bitlayer', '{}', 'BTR', '{"Bitlayer Bridge"}', 'shipped', ''),
	(110, 'BOB', '{}', 'BOB', '{"BOB Bridge"}', 'shipped', ''),
	(111, 'Taiko', '{}', 'TAIKO', '{"Taiko Bridge"}', 'shipped', ''),
	(112, 'Loopring', '{}', 'LRC', '{}', 'shipped', ''),
	(113, 'Immutable zkEVM', '{"Immutable X"}', 'IMX', '{"Immutable Bridge"}', 'shipped', ''),
	(114, 'dYdX Chain', '{}', 'DYDX', '{}', 'shipped', ''),
	(115, 'Shibarium', '{}', 'BONE', '{"Shibarium Bridge"}', 'shipped', ''),
	(116, 'Kinto', '{}', 'K', '{"Kinto Bridge"}', 'shipped', ''),
	(117, 'Nervos', '{"Nervos CKB",Godwoken}', 'CKB', '{ForceBridge,"Force Bridge"}', 'shipped', ''),
	(118, 'Rootstock', '{RSK}', 'RBTC', '{PowPeg}', 'shipped', ''),
	(119, 'Icon', '{ICON}', 'ICX', '{"ICON Bridge"}', 'shipped', ''),
	(120, 'Iota', '{IOTA,"IOTA EVM"}', 'IOTA', '{"IOTA Bridge"}', 'shipped', ''),
	(121, 'IoTeX', '{Iotex}', 'IOTX', '{ioTube,"IoTeX Bridge"}', 'shipped', ''),
	(122, 'NEM', '{}', 'XEM', '{}', 'shipped', ''),
	(123, 'Kadena', '{}', 'KDA', '{}', 'shipped', ''),
	(124, 'Meter', '{}', 'MTRG', '{"Meter Passport","Meter Bridge"}', 'shipped', ''),
	(125, 'ZetaChain', '{}', 'ZETA', '{"ZetaChain Gateway"}', 'shipped', ''),
	(126, 'THORChain', '{Thorchain}', 'RUNE', '{}', 'shipped', ''),
	(127, 'Chiliz', '{"Chiliz Chain"}', 'CHZ', '{}', 'shipped', ''),
	(128, 'Conflux', '{}', 'CFX', '{"Conflux Bridge"}', 'shipped', ''),
	(129, 'Oasis', '{"Oasis Emerald","Oasis Sapphire"}', 'ROSE', '{"Oasis Bridge"}', 'shipped', ''),
	(130, 'Canto', '{}', 'CANTO', '{"Canto Bridge"}', 'shipped', ''),
	(131, 'Evmos', '{}', 'EVMOS', '{}', 'shipped', ''),
	(132, 'Boba', '{}', 'BOBA', '{"Boba Gateway"}', 'shipped', ''),
	(133, 'Telos', '{}', 'TLOS', '{"Telos Bridge"}', 'shipped', ''),
	(134, 'Velas', '{}', 'VLX', '{}', 'shipped', ''),
	(135, 'Waves', '{}', 'WAVES', '{"Waves Bridge"}', 'shipped', ''),
	(136, 'Mina', '{}', 'MINA', '{}', 'shipped', ''),
	(137, 'Arweave', '{}', 'AR', '{}', 'shipped', ''),
	(138, 'Bittensor', '{}', 'TAO', '{}', 'shipped', ''),
	(139, 'Verus', '{}', 'VRSC', '{"Verus Bridge","Verus-Ethereum Bridge"}', 'shipped', ''),
	(140, 'MAP Protocol', '{}', 'MAPO', '{"MAP Protocol Bridge","MAP Relay Chain Bridge"}', 'shipped', ''),
	(141, 'Shido', '{}', 'SHIDO', '{"Shido Bridge"}', 'shipped', ''),
	(142, 'Movement', '{}', 'MOVE', '{"Movement Bridge"}', 'shipped', ''),
	(143, 'Initia', '{}', 'INIT', '{}', 'shipped', ''),
	(144, 'Lisk', '{}', 'LSK', '{"Lisk Bridge"}', 'shipped', ''),
	(145, 'Viction', '{TomoChain}', 'VIC', '{"Viction Bridge"}', 'shipped', ''),
	(146, 'Degen', '{}', 'DEGEN', '{}', 'shipped', ''),
	(147, 'Apechain', '{ApeChain}', 'APE', '{"ApeChain Bridge"}', 'shipped', ''),
	(148, 'Fraxtal', '{}', 'FRAX', '{"Fraxtal Bridge"}', 'shipped', ''),
	(149, 'Mantra', '{"MANTRA Chain"}', 'OM', '{}', 'shipped', ''),
	(150, 'PolyNetwork', '{"Poly Network"}', '', '{}', 'shipped', ''),
	(151, 'Gravity', '{}', 'G', '{}', 'shipped', ''),
	(152, 'Flare', '{}', 'FLR', '{}', 'shipped', ''),
	(153, 'Songbird', '{}', 'SGB', '{}', 'shipped', ''),
	(154, 'SKALE', '{"SKALE Europa"}', 'SKL', '{}', 'shipped', ''),
	(155, 'Bittorrent', '{"BitTorrent Chain",BTTC}', 'BTTC', '{}', 'shipped', ''),
	(156, 'XDC', '{"XDC Network"}', 'XDC', '{}', 'shipped', ''),
	(157, 'Wax', '{WAX}', 'WAXP', '{}', 'shipped', ''),
	(158, 'Radix', '{}', 'XRD', '{}', 'shipped', ''),
	(159, 'Ergo', '{}', 'ERG', '{}', 'shipped', ''),
	(160, 'Kujira', '{}', 'KUJI', '{}', 'shipped', ''),
	(161, 'Juno', '{}', 'JUNO', '{}', 'shipped', ''),
	(162, 'Stride', '{}', 'STRD', '{}', 'shipped', ''),
	(163, 'Stargaze', '{}', 'STARS', '{}', 'shipped', ''),
	(164, 'WEMIX3.0', '{WEMIX}', 'WEMIX', '{}', 'shipped', ''),
	(165, 'Oasys', '{}', 'OAS', '{}', 'shipped', ''),
	(166, 'XPLA', '{}', 'XPLA', '{}', 'shipped', ''),
	(167, 'Neon', '{"Neon EVM"}', 'NEON', '{}', 'shipped', ''),
	(168, 'Plume', '{"Plume Mainnet"}', 'PLUME', '{}', 'shipped', ''),
	(169, 'EDU Chain', '{}', 'EDU', '{}', 'shipped', ''),
	(170, 'BounceBit', '{}', 'BB', '{}', 'shipped', ''),
	(171, 'Vana', '{}', 'VANA', '{}', 'shipped', ''),
	(172, 'Endurance', '{}', 'ACE', '{}', 'shipped', ''),
	(173, 'aelf', '{}', 'ELF', '{}', 'shipped', ''),
	(174, 'Lumia', '{}', 'LUMIA', '{}', 'shipped', ''),
	(175, 'Peaq', '{}', 'PEAQ', '{}', 'shipped', ''),
	(176, 'HashKey Chain', '{}', 'HSK', '{}', 'shipped', ''),
	(177, 'Chainflip', '{}', 'FLIP', '{}', 'shipped', ''),
	(178, 'Stratis', '{}', 'STRAX', '{}', 'shipped', ''),
	(179, 'Syscoin', '{Rollux}', 'SYS', '{}', 'shipped', ''),
	(180, 'Coti', '{COTI}', 'COTI', '{}', 'shipped', ''),
	(181, 'Horizen', '{"Horizen EON"}', 'ZEN', '{}', 'shipped', ''),
	(182, 'AirDAO', '{}', 'AMB', '{}', 'shipped', ''),
	(183, 'Lukso', '{}', 'LYX', '{}', 'shipped', ''),
	(184, 'Concordium', '{}', 'CCD', '{}', 'shipped', ''),
	(185, 'Ravencoin', '{}', 'RVN', '{}', 'shipped', ''),
	(186, 'Nibiru', '{}', 'NIBI', '{}', 'shipped', ''),
	(187, 'Sophon', '{}', 'SOPH', '{}', 'shipped', ''),
	(188, 'Xai', '{}', 'XAI', '{}', 'shipped', ''),
	(189, 'zkLink Nova', '{}', 'ZKL', '{}', 'shipped', ''),
	(190, 'DefiChain', '{"DeFiChain EVM"}', 'DFI', '{}', 'shipped', ''),
	(191, 'Wanchain', '{}', 'WAN', '{}', 'shipped', ''),
	(192, 'Nuls', '{ENULS}', 'NULS', '{}', 'shipped', ''),
	(193, 'Energi', '{}', 'NRG', '{}', 'shipped', ''),
	(194, 'EnergyWeb', '{"Energy Web"}', 'EWT', '{}', 'shipped', ''),
	(195, 'Elastos', '{}', 'ELA', '{}', 'shipped', ''),
	(196, 'ThunderCore', '{}', 'TT', '{}', 'shipped', ''),
	(197, 'Ultra', '{}', 'UOS', '{}', 'shipped', ''),
	(198, 'Vite', '{}', 'VITE', '{}', 'shipped', ''),
	(199, 'Reef', '{}', 'REEF', '{}', 'shipped', ''),
	(200, 'Karura', '{}', 'KAR', '{}', 'shipped', ''),
	(201, 'Hydration', '{HydraDX}', 'HDX', '{}', 'shipped', ''),
	(202, 'Interlay', '{}', 'INTR', '{}', 'shipped', ''),
	(203, 'smartBCH', '{}', 'BCH', '{}', 'shipped', ''),
	(204, 'Supra', '{}', 'SUPRA', '{}', 'shipped', ''),
	(205, 'Qubic', '{}', 'QUBIC', '{}', 'shipped', ''),
	(206, 'AO', '{}', 'AO', '{}', 'shipped', ''),
	(207, 'name 354', '{}', 'coin 356', '{}', 'admin', 'note 358');
INSERT INTO "public"."defillama_peggedcoin" VALUES
	(1, 'global', 'coin 852', 'symbol 853', 'name 854', 'currency 855', true, '2026-11-19 21:43:00+00', 858, 'standing 859', 860, 861, 862, '2026-11-19 21:37:00+00');
INSERT INTO "public"."defillama_protocoltoken" VALUES
	(1, '1inch', '{"1inch Network"}', '{1INCH}', 'shipped', ''),
	(2, 'ALEX', '{}', '{ALEX}', 'shipped', ''),
	(3, 'Aave', '{parent#aave}', '{AAVE}', 'shipped', ''),
	(4, 'Abracadabra Spell', '{Abracadabra,parent#abracadabra}', '{SPELL}', 'shipped', ''),
	(5, 'Across', '{parent#across}', '{ACX}', 'shipped', ''),
	(6, 'Adshares', '{}', '{ADS}', 'shipped', ''),
	(7, 'Aerodrome', '{parent#aerodrome}', '{AERO}', 'shipped', ''),
	(8, 'Aethir', '{}', '{ATH}', 'shipped', ''),
	(9, 'Agave', '{}', '{AGVE}', 'shipped', ''),
	(10, 'Akropolis', '{}', '{AKRO}', 'shipped', ''),
	(11, 'Alchemix', '{parent#alchemix}', '{ALCX}', 'shipped', ''),
	(12, 'Allbridge', '{"Allbridge Core",parent#allbridge}', '{ABR}', 'shipped', ''),
	(13, 'Alpaca Finance', '{}', '{ALPACA}', 'shipped', ''),
	(14, 'Alpha Finance', '{Stella}', '{ALPHA}', 'shipped', ''),
	(15, 'Ankr', '{}', '{ANKR}', 'shipped', ''),
	(16, 'Arena SocialFi', '{"The Arena",parent#the-arena}', '{ARENA}', 'shipped', ''),
	(17, 'AscenDEX', '{}', '{ASD}', 'shipped', ''),
	(18, 'Audius', '{}', '{AUDIO}', 'shipped', ''),
	(19, 'Axie Infinity', '{}', '{AXS}', 'shipped', ''),
	(20, 'Badger DAO', '{Badger}', '{BADGER}', 'shipped', ''),
	(21, 'Balancer', '{parent#balancer}', '{BAL}', 'shipped', ''),
	(22, 'Bald', '{}', '{BALD}', 'shipped', ''),
	(23, 'Banana Gun', '{}', '{BANANA}', 'shipped', ''),
	(24, 'Bankr', '{}', '{BNKR}', 'shipped', ''),
	(25, 'Beanstalk', '{parent#beanstalk}', '{BEAN}', 'shipped', ''),
	(26, 'Belt Finance', '{}', '{BELT}', 'shipped', ''),
	(27, 'Benqi', '{BENQI,parent#benqi}', '{QI}', 'shipped', ''),
	(28, 'Biswap', '{}', '{BSW}', 'shipped', ''),
	(29, 'Bisq', '{}', '{BSQ}', 'shipped', ''),
	(30, 'Bitget', '{}', '{BGB}', 'shipped', ''),
	(31, 'Bitmart', '{BitMart}', '{BMX}', 'shipped', ''),
	(32, 'Blur', '{}', '{BLUR}', 'shipped', ''),
	(33, 'Bondly', '{}', '{BONDLY}', 'shipped', ''),
	(34, 'Bunni', '{parent#bunni}', '{BUNNI}', 'shipped', ''),
	(35, 'Bunny', '{PancakeBunny}', '{BUNNY}', 'shipped', ''),
	(36, 'BurgerSwap', '{}', '{BURGER}', 'shipped', ''),
	(37, 'CREAM Lending', '{"CREAM Finance","C.R.E.A.M. Finance",parent#cream-finance}', '{CREAM}', 'shipped', ''),
	(38, 'Camelot', '{parent#camelot}', '{GRAIL}', 'shipped', ''),
	(39, 'Celer', '{cBridge}', '{CELR}', 'shipped', ''),
	(40, 'Centrifuge', '{}', '{CFG}', 'shipped', ''),
	(41, 'Cetus', '{"Cetus CLMM",parent#cetus}', '{CETUS}', 'shipped', ''),
	(42, 'Chainlink', '{}', '{LINK}', 'shipped', ''),
	(43, 'Clipper', '{}', '{SAIL}', 'shipped', ''),
	(44, 'CoinEx', '{}', '{CET}', 'shipped', ''),
	(45, 'Compound', '{"Compound Finance",parent#compound-finance}', '{COMP}', 'shipped', ''),
	(46, 'Conic Finance', '{}', '{CNC}', 'shipped', ''),
	(47, 'Convex Finance', '{Convex}', '{CVX}', 'shipped', ''),
	(48, 'Cover Protocol', '{}', '{COVER}', 'shipped', ''),
	(49, 'CrossCurve', '{}', '{EYWA}', 'shipped', ''),
	(50, 'Crypto.com', '{}', '{CRO}', 'shipped', ''),
	(51, 'Curio', '{}', '{CGT}', 'shipped', ''),
	(52, 'Curve DEX', '{"Curve LlamaLend",Curve,"Curve Finance",parent#curve-finance}', '{CRV}', 'shipped', ''),
	(53, 'DAO Maker', '{"DAO Maker Vesting",parent#dao-maker}', '{DAO}', 'shipped', ''),
	(54, 'DEUS Finance', '{}', '{DEUS}', 'shipped', ''),
	(55, 'DFX', '{parent#dfx-finance}', '{DFX}', 'shipped', ''),
	(56, 'DIMO', '{}', '{DIMO}', 'shipped', ''),
	(57, 'DODO', '{"DODO AMM",parent#dodo}', '{DODO}', 'shipped', ''),
	(58, 'Dego Finance', '{}', '{DEGO}', 'shipped', ''),
	(59, 'Dolomite', '{}', '{DOLO}', 'shipped', ''),
	(60, 'Drift Trade', '{Drift,"Drift Protocol",parent#drift}', '{DRIFT}', 'shipped', ''),
	(61, 'Ekubo', '{}', '{EKUBO}', 'shipped', ''),
	(62, 'EigenLayer', '{EigenCloud}', '{EIGEN}', 'shipped', ''),
	(63, 'ENS', '{}', '{ENS}', 'shipped', ''),
	(64, 'Ethena', '{"Ethena USDe",parent#ethena}', '{ENA}', 'shipped', ''),
	(65, 'ether.fi', '{parent#ether.fi}', '{ETHFI}', 'shipped', ''),
	(66, 'Euler', '{parent#euler}', '{EUL}', 'shipped', ''),
	(67, 'Exactly', '{}', '{EXA}', 'shipped', ''),
	(68, 'FTX', '{}', '{FTT}', 'shipped', ''),
	(69, 'Fluid', '{Instadapp,parent#fluid}', '{FLUID}', 'shipped', ''),
	(70, 'four.meme', '{}', '{FORM}', 'shipped', ''),
	(71, 'Fusion by IPOR', '{IPOR,parent#ipor}', '{IPOR}', 'shipped', ''),
	(72, 'GMX', '{"GMX V1 Perps","GMX V2 Perps",parent#gmx}', '{GMX}', 'shipped', ''),
	(73, 'Gains Network', '{}', '{GNS}', 'shipped', ''),
	(74, 'Gala', '{"Gala Games"}', '{GALA}', 'shipped', ''),
	(75, 'Gamma', '{}', '{GAMMA}', 'shipped', ''),
	(76, 'Gate', '{Gate.io}', '{GT}', 'shipped', ''),
	(77, 'Goldfinch', '{}', '{GFI}', 'shipped', ''),
	(78, 'GriffinAI', '{}', '{GAIN}', 'shipped', ''),
	(79, 'HTX', '{}', '{HTX}', 'shipped', ''),
	(80, 'Huobi', '{}', '{HT}', 'shipped', ''),
	(81, 'Harvest Finance', '{}', '{FARM}', 'shipped', ''),
	(82, 'Hector Lending', '{"Hector Network",parent#hector-network}', '{HEC}', 'shipped', ''),
	(83, 'Hegic', '{"Hegic(old contract)"}', '{HEGIC}', 'shipped', ''),
	(84, 'Holograph', '{}', '{HLG}', 'shipped', ''),
	(85, 'Hop Protocol', '{Hop}', '{HOP}', 'shipped', ''),
	(86, 'Hundred Finance', '{}', '{HND}', 'shipped', ''),
	(87, 'Inverse Finance', '{"Inverse Finance Frontier",parent#inverse-finance}', '{INV}', 'shipped', ''),
	(88, 'Jito', '{parent#jito}', '{JTO}', 'shipped', ''),
	(89, 'Juicebox', '{parent#juicebox}', '{JBX}', 'shipped', ''),
	(90, 'Jupiter', '{parent#jupiter}', '{JUP}', 'shipped', ''),
	(91, 'Kamino', '{"Kamino Lend",parent#kamino}', '{KMNO}', 'shipped', ''),
	(92, 'Keep3r Network', '{}', '{KP3R}', 'shipped', ''),
	(93, 'Kelp', '{"Kelp DAO",parent#kelp-dao}', '{KERNEL}', 'shipped', ''),
	(94, 'KiloEx', '{}', '{KILO}', 'shipped', ''),
	(95, 'KuCoin', '{}', '{KCS}', 'shipped', ''),
	(96, 'KyberSwap', '{"KyberSwap Classic","KyberSwap Elastic",parent#kyberswap}', '{KNC}', 'shipped', ''),
	(97, 'LCX', '{}', '{LCX}', 'shipped', ''),
	(98, 'LayerZero', '{parent#layerzero}', '{ZRO}', 'shipped', ''),
	(99, 'Levana Perps', '{Levana}', '{LVN}', 'shipped', ''),
	(100, 'Level Perps', '{"Level Finance",parent#level-finance}', '{LVL}', 'shipped', ''),
	(101, 'Lido', '{parent#lido}', '{LDO}', 'shipped', ''),
	(102, 'Liquity', '{parent#liquity}', '{LQTY}', 'shipped', ''),
	(103, 'Lista DAO', '{parent#lista-dao}', '{LISTA}', 'shipped', ''),
	(104, 'Lodestar', '{parent#lodestar-finance}', '{LODE}', 'shipped', ''),
	(105, 'Loopring', '{"Loopring DEX"}', '{LRC}', 'shipped', ''),
	(106, 'Magic Eden', '{}', '{ME}', 'shipped', ''),
	(107, 'Magpie Protocol', '{Magpie,parent#magpie-ecosystem}', '{MGP}', 'shipped', ''),
	(108, 'MakerDAO', '{Maker,Sky,"Sky Lending",parent#maker}', '{SKY}', 'shipped', ''),
	(109, 'Mango Markets', '{parent#mango-markets}', '{MNGO}', 'shipped', ''),
	(110, 'Maple', '{parent#maple-finance}', '{SYRUP}', 'shipped', ''),
	(111, 'Marinade', '{parent#marinade}', '{MNDE}', 'shipped', ''),
	(112, 'Mars Perps', '{"Mars Protocol",parent#mars-protocol}', '{MARS}', 'shipped', ''),
	(113, 'Meteora', '{"Meteora DAMM","Meteora DLMM",parent#meteora}', '{MET}', 'shipped', ''),
	(114, 'Mirror', '{}', '{MIR}', 'shipped', ''),
	(115, 'Moola Market', '{}', '{MOO}', 'shipped', ''),
	(116, 'Moonwell', '{"Moonwell Lending",parent#moonwell}', '{WELL}', 'shipped', ''),
	(117, 'Morpho', '{"Morpho Blue",parent#morpho}', '{MORPHO}', 'shipped', ''),
	(118, 'Multichain', '{Anyswap}', '{MULTI}', 'shipped', ''),
	(119, 'Nexera', '{}', '{NXRA}', 'shipped', ''),
	(120, 'OKX', '{"OKX DEX","OKX NFT Aggregator"}', '{OKB}', 'shipped', ''),
	(121, 'Omm', '{}', '{OMM}', 'shipped', ''),
	(122, 'Ondo Finance', '{parent#ondo-finance}', '{ONDO}', 'shipped', ''),
	(123, 'Onyx', '{"Onyx Protocol",parent#onyx}', '{XCN}', 'shipped', ''),
	(124, 'Ooki', '{}', '{OOKI}', 'shipped', ''),
	(125, 'Orbit Bridge', '{}', '{ORC}', 'shipped', ''),
	(126, 'Orca', '{}', '{ORCA}', 'shipped', ''),
	(127, 'Origin Protocol', '{}', '{OGN}', 'shipped', ''),
	(128, 'Orion Pools', '{Orion,parent#orion-protocol}', '{ORN}', 'shipped', ''),
	(129, 'Paid Network', '{}', '{PAID}', 'shipped', ''),
	(130, 'PancakeSwap', '{"PancakeSwap AMM",parent#pancakeswap}', '{CAKE}', 'shipped', ''),
	(131, 'Peapods Finance', '{}', '{PEAS}', 'shipped', ''),
	(132, 'Pendle', '{}', '{PENDLE}', 'shipped', ''),
	(133, 'Penpie', '{}', '{PNP}', 'shipped', ''),
	(134, 'Perpetual Protocol', '{}', '{PERP}', 'shipped', ''),
	(135, 'Pickle', '{}', '{PICKLE}', 'shipped', ''),
	(136, 'Platypus Finance', '{}', '{PTP}', 'shipped', ''),
	(137, 'Polter Finance', '{}', '{POLTER}', 'shipped', ''),
	(138, 'Port3 Network', '{}', '{PORT3}', 'shipped', ''),
	(139, 'Portal', '{"Portal by Wormhole",Wormhole,parent#wormhole}', '{W}', 'shipped', ''),
	(140, 'Prisma', '{PrismaLST,parent#prisma}', '{PRISMA}', 'shipped', ''),
	(141, 'Puffer', '{"Puffer Finance"}', '{PUFFER}', 'shipped', ''),
	(142, 'pNetwork', '{}', '{PNT}', 'shipped', ''),
	(143, 'pump.fun', '{PumpSwap,parent#pump}', '{PUMP}', 'shipped', ''),
	(144, 'Qubit', '{}', '{QBT}', 'shipped', ''),
	(145, 'QuickSwap', '{parent#quickswap}', '{QUICK}', 'shipped', ''),
	(146, 'Radiant', '{parent#radiant}', '{RDNT}', 'shipped', ''),
	(147, 'Rari Capital', '{}', '{RGT}', 'shipped', ''),
	(148, 'Ratio Finance', '{}', '{RATIO}', 'shipped', ''),
	(149, 'Raydium', '{"Raydium AMM",parent#raydium}', '{RAY}', 'shipped', ''),
	(150, 'Renzo', '{}', '{REZ}', 'shipped', ''),
	(151, 'Resolv', '{parent#resolv}', '{RESOLV}', 'shipped', ''),
	(152, 'Resupply', '{}', '{RSUP}', 'shipped', ''),
	(153, 'Revest Finance', '{}', '{RVST}', 'shipped', ''),
	(154, 'Rhea Lend', '{"RHEA Finance",parent#rhea-finance}', '{RHEA}', 'shipped', ''),
	(155, 'Ribbon', '{"Ribbon Finance",Aevo,parent#ribbon-finance}', '{AEVO}', 'shipped', ''),
	(156, 'Rocket Pool', '{}', '{RPL}', 'shipped', ''),
	(157, 'Rubic', '{}', '{RBC}', 'shipped', ''),
	(158, 'Saddle Finance', '{}', '{SDL}', 'shipped', ''),
	(159, 'Safe', '{}', '{SAFE}', 'shipped', ''),
	(160, 'Safemoon', '{}', '{SFM}', 'shipped', ''),
	(161, 'Save', '{Solend,parent#save-protocol}', '{SLND}', 'shipped', ''),
	(162, 'Scallop', '{"Scallop Lend",parent#scallop}', '{SCA}', 'shipped', ''),
	(163, 'Seedify', '{}', '{SFUND}', 'shipped', ''),
	(164, 'Silo Finance', '{parent#silo}', '{SILO}', 'shipped', ''),
	(165, 'Skyward Finance', '{}', '{SKYWARD}', 'shipped', ''),
	(166, 'SolvBTC', '{"Solv Protocol",parent#solv-protocol}', '{SOLV}', 'shipped', ''),
	(167, 'Sonne Finance', '{}', '{SONNE}', 'shipped', ''),
	(168, 'Sovryn', '{}', '{SOV}', 'shipped', ''),
	(169, 'Spartan', '{"Spartan Protocol"}', '{SPARTA}', 'shipped', ''),
	(170, 'Spectral Labs', '{}', '{SPEC}', 'shipped', ''),
	(171, 'SpookySwap', '{}', '{BOO}', 'shipped', ''),
	(172, 'Stader', '{}', '{SD}', 'shipped', ''),
	(173, 'Stake DAO', '{}', '{SDT}', 'shipped', ''),
	(174, 'Stargate', '{parent#stargate-finance}', '{STG}', 'shipped', ''),
	(175, 'Step Finance', '{}', '{STEP}', 'shipped', ''),
	(176, 'Sturdy', '{parent#sturdy}', '{STRDY}', 'shipped', ''),
	(177, 'SubQuery Network', '{}', '{SQT}', 'shipped', ''),
	(178, 'Superfluid', '{}', '{SUP}', 'shipped', ''),
	(179, 'SuperRare', '{}', '{RARE}', 'shipped', ''),
	(180, 'SushiSwap', '{Sushi,parent#sushi}', '{SUSHI}', 'shipped', ''),
	(181, 'Sweat Foundation', '{"Sweat Economy"}', '{SWEAT}', 'shipped', ''),
	(182, 'SwissBorg', '{}', '{BORG}', 'shipped', ''),
	(183, 'Synapse', '{}', '{SYN}', 'shipped', ''),
	(184, 'Syndicate', '{}', '{SYND}', 'shipped', ''),
	(185, 'Synthetix', '{parent#synthetix}', '{SNX}', 'shipped', ''),
	(186, 'Tapioca DAO', '{}', '{TAP}', 'shipped', ''),
	(187, 'Tectonic', '{}', '{TONIC}', 'shipped', ''),
	(188, 'TempleDAO', '{parent#temple-dao}', '{TEMPLE}', 'shipped', ''),
	(189, 'Tender Finance', '{}', '{TND}', 'shipped', ''),
	(190, 'Tensor', '{}', '{TNSR}', 'shipped', ''),
	(191, 'ThalaSwap', '{Thala,parent#thala-labs}', '{THL}', 'shipped', ''),
	(192, 'Thena', '{parent#thena}', '{THE}', 'shipped', ''),
	(193, 'Thorchain DEX', '{"THORSwap DEX"}', '{RUNE}', 'shipped', ''),
	(194, 'Trader Joe', '{LFJ,parent#trader-joe}', '{JOE}', 'shipped', ''),
	(195, 'Treasure', '{TreasureDAO}', '{MAGIC}', 'shipped', ''),
	(196, 'Truflation', '{}', '{TRUF}', 'shipped', ''),
	(197, 'Trust Wallet', '{"Trust Wallet Wallet",parent#trust-wallet}', '{TWT}', 'shipped', ''),
	(198, 'Typus Perp', '{Typus,parent#typus-finance}', '{TYPUS}', 'shipped', ''),
	(199, 'UPCX', '{}', '{UPC}', 'shipped', ''),
	(200, 'UXLINK', '{}', '{UXLINK}', 'shipped', ''),
	(201, 'Unibot', '{}', '{UNIBOT}', 'shipped', ''),
	(202, 'UniLend', '{Unilend,parent#unilend}', '{UFT}', 'shipped', ''),
	(203, 'Uniswap', '{parent#uniswap}', '{UNI}', 'shipped', ''),
	(204, 'Unizen', '{}', '{ZCX}', 'shipped', ''),
	(205, 'Usual', '{"Usual USD0",parent#usual}', '{USUAL}', 'shipped', ''),
	(206, 'UwU Lend', '{}', '{UWU}', 'shipped', ''),
	(207, 'ValueDefi', '{parent#value-finance}', '{VALUE}', 'shipped', ''),
	(208, 'Velodrome', '{parent#velodrome}', '{VELODROME}', 'shipped', ''),
	(209, 'Venus', '{"Venus Core Pool","Venus Isolated Pools",parent#venus-finance}', '{XVS}', 'shipped', ''),
	(210, 'Vesper Finance', '{}', '{VSP}', 'shipped', ''),
	(211, 'Virtuals Protocol', '{}', '{VIRTUAL}', 'shipped', ''),
	(212, 'Volo Vault', '{NAVI,parent#navi-protocol}', '{NAVX}', 'shipped', ''),
	(213, 'Vulcan Forged', '{}', '{PYR}', 'shipped', ''),
	(214, 'WOO X', '{WOOFi,"WOOFi Swap",parent#woofi}', '{WOO}', 'shipped', ''),
	(215, 'WazirX', '{"WazirX: India"}', '{WRX}', 'shipped', ''),
	(216, 'Yearn Finance', '{"Yearn Ether",Yearn,parent#yearn}', '{YFI}', 'shipped', ''),
	(217, 'Zunami Protocol', '{}', '{ZUN}', 'shipped', ''),
	(218, 'dForce', '{"dForce Lending",parent#dforce}', '{DF}', 'shipped', ''),
	(219, 'deBridge', '{}', '{DBR}', 'shipped', ''),
	(220, 'dYdX', '{parent#dydx}', '{DYDX}', 'shipped', ''),
	(221, 'xToken', '{}', '{XTK}', 'shipped', ''),
	(222, 'zkLend', '{parent#zklend-finance}', '{ZEND}', 'shipped', ''),
	(223, 'name 359', '{}', '{}', 'admin', 'note 362');
INSERT INTO "public"."defillama_seenhack" VALUES
	(1, 'natural_key 338', 'name 339', '2025-10-26', 341, false, '{}', 'news', '2026-11-20 06:16:00+00', 1),
	(2, 'natural_key 346', 'name 347', '2025-10-18', 349, false, '{}', 'old', '2026-11-20 06:08:00+00', 1);
INSERT INTO "public"."django_admin_log" VALUES
	(1, '2026-11-30 08:23:40.338243+00', 'object_id 108', 'object_repr 109', 1, 'change_message 110', 1, 1),
	(2, '2026-11-30 08:23:40.340109+00', 'object_id 114', 'object_repr 115', 2, 'change_message 116', 1, 1),
	(3, '2026-11-30 08:23:40.341423+00', 'object_id 120', 'object_repr 121', 3, 'change_message 122', 1, 1);
INSERT INTO "public"."django_content_type" VALUES
	(1, 'admin', 'logentry'),
	(2, 'auth', 'permission'),
	(3, 'auth', 'group'),
	(4, 'auth', 'user'),
	(5, 'contenttypes', 'contenttype'),
	(6, 'sessions', 'session'),
	(7, 'markets', 'asset'),
	(8, 'markets', 'quoteasset'),
	(9, 'markets', 'instrument'),
	(10, 'markets', 'watchlistentry'),
	(11, 'markets', 'assetname'),
	(12, 'events', 'instrumentrisk'),
	(13, 'events', 'tokenrisk'),
	(14, 'events', 'tokenriskstatus'),
	(15, 'events', 'event'),
	(16, 'events', 'keysuppression'),
	(17, 'events', 'payloadbody'),
	(18, 'events', 'retentionrule'),
	(19, 'events', 'actionrule'),
	(20, 'events', 'manualevent'),
	(21, 'events', 'operationsevent'),
	(22, 'events', 'heartbeat'),
	(23, 'events', 'payloadpoll'),
	(24, 'events', 'quarantineditem'),
	(25, 'events', 'sourcehealth'),
	(26, 'events', 'effect'),
	(27, 'exchanges', 'binanceannouncement'),
	(28, 'exchanges', 'seenarticle'),
	(29, 'exchanges', 'okxannouncement'),
	(30, 'exchanges', 'exchangehaltevent'),
	(31, 'exchanges', 'instrumentstatusevent'),
	(32, 'exchanges', 'statusspell'),
	(33, 'exchanges', 'tagspell'),
	(34, 'defillama', 'hackevent'),
	(35, 'defillama', 'network'),
	(36, 'defillama', 'protocoltoken'),
	(37, 'defillama', 'seenhack'),
	(38, 'defillama', 'currencyrate'),
	(39, 'defillama', 'depegevent'),
	(40, 'defillama', 'peggedcoin'),
	(41, 'volatility', 'pricedpairname'),
	(42, 'volatility', 'priceminute'),
	(43, 'volatility', 'volatilityevent'),
	(44, 'liquidity', 'lowliquidity'),
	(45, 'liquidity', 'tokenliquidity'),
	(46, 'orderbooks', 'streamstatus'),
	(47, 'orderbooks', 'depthdropevent'),
	(48, 'orderbooks', 'whaleevent'),
	(49, 'orderbooks', 'bookminute'),
	(50, 'orderbooks', 'whaleorder'),
	(51, 'alerts', 'channelstate'),
	(52, 'alerts', 'silence'),
	(53, 'alerts', 'acknowledgement'),
	(54, 'alerts', 'alert'),
	(55, 'alerts', 'alertattempt'),
	(56, 'alerts', 'addedreceiver'),
	(57, 'alerts', 'auditentry');
INSERT INTO "public"."django_migrations" VALUES
	(1, 'contenttypes', '0001_initial', '2026-11-30 08:23:38.297124+00'),
	(2, 'auth', '0001_initial', '2026-11-30 08:23:38.31965+00'),
	(3, 'admin', '0001_initial', '2026-11-30 08:23:38.328331+00'),
	(4, 'admin', '0002_logentry_remove_auto_add', '2026-11-30 08:23:38.333561+00'),
	(5, 'admin', '0003_logentry_add_action_flag_choices', '2026-11-30 08:23:38.337961+00'),
	(6, 'contenttypes', '0002_remove_content_type_name', '2026-11-30 08:23:38.349236+00'),
	(7, 'events', '0001_initial', '2026-11-30 08:23:38.520493+00'),
	(8, 'events', '0002_risk_view', '2026-11-30 08:23:38.53835+00'),
	(9, 'alerts', '0001_initial', '2026-11-30 08:23:38.614121+00'),
	(10, 'alerts', '0002_pipeline', '2026-11-30 08:23:38.687944+00'),
	(11, 'alerts', '0003_people', '2026-11-30 08:23:38.783184+00'),
	(12, 'auth', '0002_alter_permission_name_max_length', '2026-11-30 08:23:38.797627+00'),
	(13, 'auth', '0003_alter_user_email_max_length', '2026-11-30 08:23:38.881851+00'),
	(14, 'auth', '0004_alter_user_username_opts', '2026-11-30 08:23:38.886698+00'),
	(15, 'auth', '0005_alter_user_last_login_null', '2026-11-30 08:23:38.891693+00'),
	(16, 'auth', '0006_require_contenttypes_0002', '2026-11-30 08:23:38.892265+00'),
	(17, 'auth', '0007_alter_validators_add_error_messages', '2026-11-30 08:23:38.897123+00'),
	(18, 'auth', '0008_alter_user_username_max_length', '2026-11-30 08:23:38.903254+00'),
	(19, 'auth', '0009_alter_user_last_name_max_length', '2026-11-30 08:23:38.90822+00'),
	(20, 'auth', '0010_alter_group_name_max_length', '2026-11-30 08:23:38.921898+00'),
	(21, 'auth', '0011_update_proxy_permissions', '2026-11-30 08:23:38.935896+00'),
	(22, 'auth', '0012_alter_user_first_name_max_length', '2026-11-30 08:23:38.941459+00'),
	(23, 'defillama', '0001_hacks', '2026-11-30 08:23:38.976513+00'),
	(24, 'defillama', '0002_stablecoins', '2026-11-30 08:23:38.994874+00'),
	(25, 'exchanges', '0001_initial', '2026-11-30 08:23:39.029346+00'),
	(26, 'exchanges', '0002_okx_announcement', '2026-11-30 08:23:39.047334+00'),
	(27, 'exchanges', '0003_instrument_status', '2026-11-30 08:23:39.084658+00'),
	(28, 'liquidity', '0001_initial', '2026-11-30 08:23:39.103317+00'),
	(29, 'markets', '0001_initial', '2026-11-30 08:23:39.116413+00'),
	(30, 'orderbooks', '0001_stream_status', '2026-11-30 08:23:39.120139+00'),
	(31, 'orderbooks', '0002_minutes', '2026-11-30 08:23:39.162594+00'),
	(32, 'sessions', '0001_initial', '2026-11-30 08:23:39.165478+00'),
	(33, 'volatility', '0001_initial', '2026-11-30 08:23:39.188875+00');
INSERT INTO "public"."django_session" VALUES
	('session_key 821', 'session_data 822', '2026-11-19 22:17:00+00');
INSERT INTO "public"."events_actionrule" VALUES
	(1, 'risk_warning', 'announced', 'avoid_new', 'trading', 'high', 0),
	(2, 'network_upgrade', 'announced', 'avoid_new', 'trading', 'high', 0),
	(3, 'network_upgrade', 'in_force', 'avoid_new', 'deposits_suspended', 'high', 0),
	(4, 'hard_fork', 'announced', 'avoid_new', 'trading', 'high', 0),
	(5, 'hard_fork', 'in_force', 'avoid_new', 'deposits_suspended', 'high', 0),
	(6, 'wallet_suspension', 'announced', 'avoid_new', 'trading', 'high', 0),
	(7, 'wallet_suspension', 'in_force', 'avoid_new', 'deposits_suspended', 'high', 0),
	(8, 'volatility', 'announced', 'avoid_new', 'trading', 'high', 0),
	(9, 'low_liquidity', 'announced', 'avoid_new', 'trading', 'high', 0),
	(10, 'delisting', 'announced', 'reduce_only', 'delisting', 'high', 0),
	(11, 'delisting', 'near', 'exit', 'delisting', 'high', 24),
	(12, 'delisting', 'in_force', 'halt', 'delisted', 'critical', 0),
	(13, 'trading_suspension', 'announced', 'avoid_new', 'trading', 'high', 0),
	(14, 'trading_suspension', 'in_force', 'halt', 'trading_suspended', 'critical', 0),
	(15, 'token_migration', 'announced', 'reduce_only', 'trading', 'high', 0),
	(16, 'token_migration', 'in_force', 'halt', 'trading_suspended', 'critical', 0),
	(17, 'depeg', 'announced', 'watch', 'trading', 'high', 0),
	(18, 'depeg', 'confirmed', 'reduce_only', 'trading', 'high', 0),
	(19, 'depeg', 'severe', 'exit', 'trading', 'critical', 0),
	(20, 'hack', 'minor', 'watch', 'trading', 'high', 0),
	(21, 'hack', 'announced', 'exit', 'trading', 'critical', 0),
	(22, 'bridge_hack', 'minor', 'watch', 'trading', 'high', 0),
	(23, 'bridge_hack', 'announced', 'exit', 'trading', 'critical', 0),
	(24, 'exchange_halt', 'announced', 'halt', 'trading_suspended', 'critical', 0),
	(25, 'whale', 'announced', 'watch', 'trading', 'high', 0),
	(26, 'depth_drop', 'announced', 'watch', 'trading', 'high', 0),
	(27, 'manual', 'announced', 'avoid_new', 'trading', 'high', 0),
	(28, 'operations', 'in_force', 'halt', 'deposits_suspended', 'critical', 0);
INSERT INTO "public"."events_effect" VALUES
	(1, 'TOK0', 'asset', '', '{BINANCE:TOK0USDT,OKX:TOK0-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 1),
	(2, 'TOK0', 'venue', 'BINANCE', '{BINANCE:TOK0USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 1),
	(3, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK0}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 1),
	(4, 'TOK0X', 'venue', 'OKX', '{}', 'trading', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 1),
	(5, 'TOK0', 'asset', '', '{BINANCE:TOK0USDT,OKX:TOK0-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 2),
	(6, 'TOK0', 'venue', 'BINANCE', '{BINANCE:TOK0USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 2),
	(7, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK0}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 2),
	(8, 'TOK0X', 'venue', 'OKX', '{}', 'trading', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 2),
	(9, 'TOK1', 'asset', '', '{BINANCE:TOK1USDT,OKX:TOK1-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 3),
	(10, 'TOK1', 'venue', 'BINANCE', '{BINANCE:TOK1USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 3),
	(11, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK1}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 3),
	(12, 'TOK1X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 3),
	(13, 'TOK1', 'asset', '', '{BINANCE:TOK1USDT,OKX:TOK1-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 4),
	(14, 'TOK1', 'venue', 'BINANCE', '{BINANCE:TOK1USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 4),
	(15, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK1}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 4),
	(16, 'TOK1X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 4),
	(21, 'TOK2', 'asset', '', '{BINANCE:TOK2USDT,OKX:TOK2-USDT}', 'delisting', 'reduce_only', 'high', NULL, NULL, '{}', 6),
	(22, 'TOK2', 'venue', 'BINANCE', '{BINANCE:TOK2USDT}', 'delisting', 'reduce_only', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 6),
	(23, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK2}', 'delisting', 'reduce_only', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 6),
	(24, 'TOK2X', 'venue', 'OKX', '{}', 'delisting', 'reduce_only', 'high', NULL, NULL, '{"action": "reduce_only"}', 6),
	(25, 'TOK3', 'asset', '', '{BINANCE:TOK3USDT,OKX:TOK3-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 7),
	(26, 'TOK3', 'venue', 'BINANCE', '{BINANCE:TOK3USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 7),
	(27, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK3}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 7),
	(28, 'TOK3X', 'venue', 'OKX', '{}', 'trading', 'exit', 'high', NULL, NULL, '{"action": "exit"}', 7),
	(29, 'TOK3', 'asset', '', '{BINANCE:TOK3USDT,OKX:TOK3-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 8),
	(30, 'TOK3', 'venue', 'BINANCE', '{BINANCE:TOK3USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 8),
	(31, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK3}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 8),
	(32, 'TOK3X', 'venue', 'OKX', '{}', 'trading', 'exit', 'high', NULL, NULL, '{"action": "exit"}', 8),
	(33, 'TOK4', 'asset', '', '{BINANCE:TOK4USDT,OKX:TOK4-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 9),
	(34, 'TOK4', 'venue', 'BINANCE', '{BINANCE:TOK4USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 9),
	(35, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK4}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 9),
	(36, 'TOK4X', 'venue', 'OKX', '{}', 'trading', 'halt', 'high', NULL, NULL, '{"action": "halt"}', 9),
	(37, 'TOK4', 'asset', '', '{BINANCE:TOK4USDT,OKX:TOK4-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 10),
	(38, 'TOK4', 'venue', 'BINANCE', '{BINANCE:TOK4USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 10),
	(39, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK4}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 10),
	(40, 'TOK4X', 'venue', 'OKX', '{}', 'trading', 'halt', 'high', NULL, NULL, '{"action": "halt"}', 10),
	(41, 'TOK5', 'asset', '', '{BINANCE:TOK5USDT,OKX:TOK5-USDT}', 'delisting', 'reduce_only', 'high', NULL, NULL, '{}', 11),
	(42, 'TOK5', 'venue', 'BINANCE', '{BINANCE:TOK5USDT}', 'delisting', 'reduce_only', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 11),
	(43, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK5}', 'delisting', 'reduce_only', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 11),
	(44, 'TOK5X', 'venue', 'OKX', '{}', 'delisting', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 11),
	(45, 'TOK5', 'asset', '', '{BINANCE:TOK5USDT,OKX:TOK5-USDT}', 'delisting', 'reduce_only', 'high', NULL, NULL, '{}', 12),
	(46, 'TOK5', 'venue', 'BINANCE', '{BINANCE:TOK5USDT}', 'delisting', 'reduce_only', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 12),
	(47, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK5}', 'delisting', 'reduce_only', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 12),
	(48, 'TOK5X', 'venue', 'OKX', '{}', 'delisting', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 12),
	(49, 'TOK6', 'asset', '', '{BINANCE:TOK6USDT,OKX:TOK6-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 13),
	(50, 'TOK6', 'venue', 'BINANCE', '{BINANCE:TOK6USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 13),
	(51, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK6}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 13),
	(52, 'TOK6X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 13),
	(53, 'TOK6', 'asset', '', '{BINANCE:TOK6USDT,OKX:TOK6-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 14),
	(54, 'TOK6', 'venue', 'BINANCE', '{BINANCE:TOK6USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 14),
	(55, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK6}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 14),
	(56, 'TOK6X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 14),
	(57, 'TOK7', 'asset', '', '{BINANCE:TOK7USDT,OKX:TOK7-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 15),
	(58, 'TOK7', 'venue', 'BINANCE', '{BINANCE:TOK7USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 15),
	(59, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK7}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 15),
	(60, 'TOK7X', 'venue', 'OKX', '{}', 'trading', 'reduce_only', 'high', NULL, NULL, '{"action": "reduce_only"}', 15),
	(61, 'TOK7', 'asset', '', '{BINANCE:TOK7USDT,OKX:TOK7-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 16),
	(62, 'TOK7', 'venue', 'BINANCE', '{BINANCE:TOK7USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 16),
	(63, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK7}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 16),
	(64, 'TOK7X', 'venue', 'OKX', '{}', 'trading', 'reduce_only', 'high', NULL, NULL, '{"action": "reduce_only"}', 16),
	(65, 'TOK8', 'asset', '', '{BINANCE:TOK8USDT,OKX:TOK8-USDT}', 'delisting', 'reduce_only', 'high', NULL, NULL, '{}', 17),
	(66, 'TOK8', 'venue', 'BINANCE', '{BINANCE:TOK8USDT}', 'delisting', 'reduce_only', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 17),
	(67, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK8}', 'delisting', 'reduce_only', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 17),
	(68, 'TOK8X', 'venue', 'OKX', '{}', 'delisting', 'exit', 'high', NULL, NULL, '{"action": "exit"}', 17),
	(69, 'TOK8', 'asset', '', '{BINANCE:TOK8USDT,OKX:TOK8-USDT}', 'delisting', 'reduce_only', 'high', NULL, NULL, '{}', 18),
	(70, 'TOK8', 'venue', 'BINANCE', '{BINANCE:TOK8USDT}', 'delisting', 'reduce_only', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 18),
	(71, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK8}', 'delisting', 'reduce_only', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 18),
	(72, 'TOK8X', 'venue', 'OKX', '{}', 'delisting', 'exit', 'high', NULL, NULL, '{"action": "exit"}', 18),
	(73, 'TOK9', 'asset', '', '{BINANCE:TOK9USDT,OKX:TOK9-USDT}', 'trading_suspended', 'halt', 'critical', NULL, NULL, '{}', 19),
	(74, 'TOK9', 'venue', 'BINANCE', '{BINANCE:TOK9USDT}', 'trading_suspended', 'halt', 'critical', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 19),
	(75, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK9}', 'trading_suspended', 'halt', 'critical', NULL, '2026-11-20 09:00:00+00', '{}', 19),
	(76, 'TOK9X', 'venue', 'OKX', '{}', 'trading_suspended', 'halt', 'critical', NULL, NULL, '{"action": "halt"}', 19),
	(77, 'TOK9', 'asset', '', '{BINANCE:TOK9USDT,OKX:TOK9-USDT}', 'trading_suspended', 'halt', 'critical', NULL, NULL, '{}', 20),
	(78, 'TOK9', 'venue', 'BINANCE', '{BINANCE:TOK9USDT}', 'trading_suspended', 'halt', 'critical', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 20),
	(79, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK9}', 'trading_suspended', 'halt', 'critical', NULL, '2026-11-20 09:00:00+00', '{}', 20),
	(80, 'TOK9X', 'venue', 'OKX', '{}', 'trading_suspended', 'halt', 'critical', NULL, NULL, '{"action": "halt"}', 20),
	(81, 'TOK10', 'asset', '', '{BINANCE:TOK10USDT,OKX:TOK10-USDT}', 'trading', 'exit', 'critical', NULL, NULL, '{}', 21),
	(82, 'TOK10', 'venue', 'BINANCE', '{BINANCE:TOK10USDT}', 'trading', 'exit', 'critical', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 21),
	(83, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK10}', 'trading', 'exit', 'critical', NULL, '2026-11-20 17:00:00+00', '{}', 21),
	(84, 'TOK10X', 'venue', 'OKX', '{}', 'trading', 'watch', 'critical', NULL, NULL, '{"action": "watch"}', 21),
	(85, 'TOK10', 'asset', '', '{BINANCE:TOK10USDT,OKX:TOK10-USDT}', 'trading', 'exit', 'critical', NULL, NULL, '{}', 22),
	(86, 'TOK10', 'venue', 'BINANCE', '{BINANCE:TOK10USDT}', 'trading', 'exit', 'critical', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 22),
	(87, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK10}', 'trading', 'exit', 'critical', NULL, '2026-11-20 17:00:00+00', '{}', 22),
	(88, 'TOK10X', 'venue', 'OKX', '{}', 'trading', 'watch', 'critical', NULL, NULL, '{"action": "watch"}', 22),
	(89, 'TOK11', 'asset', '', '{BINANCE:TOK11USDT,OKX:TOK11-USDT}', 'trading', 'watch', 'high', NULL, NULL, '{}', 23),
	(90, 'TOK11', 'venue', 'BINANCE', '{BINANCE:TOK11USDT}', 'trading', 'watch', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 23),
	(91, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK11}', 'trading', 'watch', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 23),
	(92, 'TOK11X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 23),
	(93, 'TOK11', 'asset', '', '{BINANCE:TOK11USDT,OKX:TOK11-USDT}', 'trading', 'watch', 'high', NULL, NULL, '{}', 24),
	(94, 'TOK11', 'venue', 'BINANCE', '{BINANCE:TOK11USDT}', 'trading', 'watch', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 24),
	(95, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK11}', 'trading', 'watch', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 24),
	(96, 'TOK11X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 24),
	(97, 'TOK12', 'asset', '', '{BINANCE:TOK12USDT,OKX:TOK12-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 25),
	(98, 'TOK12', 'venue', 'BINANCE', '{BINANCE:TOK12USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 25),
	(99, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK12}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 25),
	(100, 'TOK12X', 'venue', 'OKX', '{}', 'trading', 'reduce_only', 'high', NULL, NULL, '{"action": "reduce_only"}', 25),
	(101, 'TOK12', 'asset', '', '{BINANCE:TOK12USDT,OKX:TOK12-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 26),
	(102, 'TOK12', 'venue', 'BINANCE', '{BINANCE:TOK12USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 26),
	(103, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK12}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 26),
	(104, 'TOK12X', 'venue', 'OKX', '{}', 'trading', 'reduce_only', 'high', NULL, NULL, '{"action": "reduce_only"}', 26),
	(105, 'TOK13', 'asset', '', '{BINANCE:TOK13USDT,OKX:TOK13-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 27),
	(106, 'TOK13', 'venue', 'BINANCE', '{BINANCE:TOK13USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 27),
	(107, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK13}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 27),
	(108, 'TOK13X', 'venue', 'OKX', '{}', 'trading', 'exit', 'high', NULL, NULL, '{"action": "exit"}', 27),
	(109, 'TOK13', 'asset', '', '{BINANCE:TOK13USDT,OKX:TOK13-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 28),
	(110, 'TOK13', 'venue', 'BINANCE', '{BINANCE:TOK13USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 28),
	(111, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK13}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 28),
	(112, 'TOK13X', 'venue', 'OKX', '{}', 'trading', 'exit', 'high', NULL, NULL, '{"action": "exit"}', 28),
	(113, 'TOK14', 'asset', '', '{BINANCE:TOK14USDT,OKX:TOK14-USDT}', 'trading', 'watch', 'high', NULL, NULL, '{}', 29),
	(114, 'TOK14', 'venue', 'BINANCE', '{BINANCE:TOK14USDT}', 'trading', 'watch', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 29),
	(115, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK14}', 'trading', 'watch', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 29),
	(116, 'TOK14X', 'venue', 'OKX', '{}', 'trading', 'halt', 'high', NULL, NULL, '{"action": "halt"}', 29),
	(117, 'TOK14', 'asset', '', '{BINANCE:TOK14USDT,OKX:TOK14-USDT}', 'trading', 'watch', 'high', NULL, NULL, '{}', 30),
	(118, 'TOK14', 'venue', 'BINANCE', '{BINANCE:TOK14USDT}', 'trading', 'watch', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 30),
	(119, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK14}', 'trading', 'watch', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 30),
	(120, 'TOK14X', 'venue', 'OKX', '{}', 'trading', 'halt', 'high', NULL, NULL, '{"action": "halt"}', 30),
	(121, 'TOK15', 'asset', '', '{BINANCE:TOK15USDT,OKX:TOK15-USDT}', 'trading', 'watch', 'high', NULL, NULL, '{}', 31),
	(122, 'TOK15', 'venue', 'BINANCE', '{BINANCE:TOK15USDT}', 'trading', 'watch', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 31),
	(123, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK15}', 'trading', 'watch', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 31),
	(124, 'TOK15X', 'venue', 'OKX', '{}', 'trading', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 31),
	(125, 'TOK15', 'asset', '', '{BINANCE:TOK15USDT,OKX:TOK15-USDT}', 'trading', 'watch', 'high', NULL, NULL, '{}', 32),
	(126, 'TOK15', 'venue', 'BINANCE', '{BINANCE:TOK15USDT}', 'trading', 'watch', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 32),
	(127, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK15}', 'trading', 'watch', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 32),
	(128, 'TOK15X', 'venue', 'OKX', '{}', 'trading', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 32),
	(129, 'TOK100', 'asset', '', '{BINANCE:TOK100USDT,OKX:TOK100-USDT}', 'delisting', 'reduce_only', 'high', NULL, NULL, '{}', 33),
	(130, 'TOK100', 'venue', 'BINANCE', '{BINANCE:TOK100USDT}', 'delisting', 'reduce_only', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 33),
	(131, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK100}', 'delisting', 'reduce_only', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 33),
	(132, 'TOK100X', 'venue', 'OKX', '{}', 'delisting', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 33),
	(133, 'TOK101', 'asset', '', '{BINANCE:TOK101USDT,OKX:TOK101-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 34),
	(134, 'TOK101', 'venue', 'BINANCE', '{BINANCE:TOK101USDT}', 'trading', 'avoid_new', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 34),
	(135, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK101}', 'trading', 'avoid_new', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 34),
	(136, 'TOK101X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 34),
	(137, 'TOK102', 'asset', '', '{BINANCE:TOK102USDT,OKX:TOK102-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 35),
	(138, 'TOK102', 'venue', 'BINANCE', '{BINANCE:TOK102USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 35),
	(139, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK102}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 35),
	(140, 'TOK102X', 'venue', 'OKX', '{}', 'trading', 'reduce_only', 'high', NULL, NULL, '{"action": "reduce_only"}', 35),
	(141, 'TOK103', 'asset', '', '{BINANCE:TOK103USDT,OKX:TOK103-USDT}', 'trading', 'reduce_only', 'high', NULL, NULL, '{}', 36),
	(142, 'TOK103', 'venue', 'BINANCE', '{BINANCE:TOK103USDT}', 'trading', 'reduce_only', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 36),
	(143, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK103}', 'trading', 'reduce_only', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 36),
	(144, 'TOK103X', 'venue', 'OKX', '{}', 'trading', 'exit', 'high', NULL, NULL, '{"action": "exit"}', 36),
	(145, 'TOK104', 'asset', '', '{BINANCE:TOK104USDT,OKX:TOK104-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 37),
	(146, 'TOK104', 'venue', 'BINANCE', '{BINANCE:TOK104USDT}', 'trading', 'avoid_new', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 37),
	(147, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK104}', 'trading', 'avoid_new', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 37),
	(148, 'TOK104X', 'venue', 'OKX', '{}', 'trading', 'halt', 'high', NULL, NULL, '{"action": "halt"}', 37),
	(149, 'TOK105', 'asset', '', '{BINANCE:TOK105USDT,OKX:TOK105-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 38),
	(150, 'TOK105', 'venue', 'BINANCE', '{BINANCE:TOK105USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 38),
	(151, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK105}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 38),
	(152, 'TOK105X', 'venue', 'OKX', '{}', 'trading', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 38),
	(153, 'TOK106', 'asset', '', '{BINANCE:TOK106USDT,OKX:TOK106-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 39),
	(154, 'TOK106', 'venue', 'BINANCE', '{BINANCE:TOK106USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 39),
	(155, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK106}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 39),
	(156, 'TOK106X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 39),
	(157, 'TOK107', 'asset', '', '{BINANCE:TOK107USDT,OKX:TOK107-USDT}', 'trading', 'watch', 'high', NULL, NULL, '{}', 40),
	(158, 'TOK107', 'venue', 'BINANCE', '{BINANCE:TOK107USDT}', 'trading', 'watch', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 40),
	(159, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK107}', 'trading', 'watch', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 40),
	(160, 'TOK107X', 'venue', 'OKX', '{}', 'trading', 'reduce_only', 'high', NULL, NULL, '{"action": "reduce_only"}', 40),
	(161, 'TOK108', 'asset', '', '{BINANCE:TOK108USDT,OKX:TOK108-USDT}', 'trading', 'exit', 'critical', NULL, NULL, '{}', 41),
	(162, 'TOK108', 'venue', 'BINANCE', '{BINANCE:TOK108USDT}', 'trading', 'exit', 'critical', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 41),
	(163, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK108}', 'trading', 'exit', 'critical', NULL, '2026-11-20 09:00:00+00', '{}', 41),
	(164, 'TOK108X', 'venue', 'OKX', '{}', 'trading', 'exit', 'critical', NULL, NULL, '{"action": "exit"}', 41),
	(165, 'TOK109', 'asset', '', '{BINANCE:TOK109USDT,OKX:TOK109-USDT}', 'trading', 'exit', 'critical', NULL, NULL, '{}', 42),
	(166, 'TOK109', 'venue', 'BINANCE', '{BINANCE:TOK109USDT}', 'trading', 'exit', 'critical', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 42),
	(167, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK109}', 'trading', 'exit', 'critical', NULL, '2026-11-20 17:00:00+00', '{}', 42),
	(168, 'TOK109X', 'venue', 'OKX', '{}', 'trading', 'halt', 'critical', NULL, NULL, '{"action": "halt"}', 42),
	(169, 'TOK110', 'asset', '', '{BINANCE:TOK110USDT,OKX:TOK110-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 43),
	(170, 'TOK110', 'venue', 'BINANCE', '{BINANCE:TOK110USDT}', 'trading', 'avoid_new', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 43),
	(171, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK110}', 'trading', 'avoid_new', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 43),
	(172, 'TOK110X', 'venue', 'OKX', '{}', 'trading', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 43),
	(173, 'TOK111', 'asset', '', '{BINANCE:TOK111USDT,OKX:TOK111-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 44),
	(174, 'TOK111', 'venue', 'BINANCE', '{BINANCE:TOK111USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 44),
	(175, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK111}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 44),
	(176, 'TOK111X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 44),
	(177, 'TOK112', 'asset', '', '{BINANCE:TOK112USDT,OKX:TOK112-USDT}', 'trading_suspended', 'halt', 'critical', NULL, NULL, '{}', 45),
	(178, 'TOK112', 'venue', 'BINANCE', '{BINANCE:TOK112USDT}', 'trading_suspended', 'halt', 'critical', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 45),
	(179, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK112}', 'trading_suspended', 'halt', 'critical', NULL, '2026-11-20 17:00:00+00', '{}', 45),
	(180, 'TOK112X', 'venue', 'OKX', '{}', 'trading_suspended', 'reduce_only', 'critical', NULL, NULL, '{"action": "reduce_only"}', 45),
	(181, 'TOK113', 'asset', '', '{BINANCE:TOK113USDT,OKX:TOK113-USDT}', 'trading', 'watch', 'high', NULL, NULL, '{}', 46),
	(182, 'TOK113', 'venue', 'BINANCE', '{BINANCE:TOK113USDT}', 'trading', 'watch', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 46),
	(183, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK113}', 'trading', 'watch', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 46),
	(184, 'TOK113X', 'venue', 'OKX', '{}', 'trading', 'exit', 'high', NULL, NULL, '{"action": "exit"}', 46),
	(185, 'TOK114', 'asset', '', '{BINANCE:TOK114USDT,OKX:TOK114-USDT}', 'trading', 'watch', 'high', NULL, NULL, '{}', 47),
	(186, 'TOK114', 'venue', 'BINANCE', '{BINANCE:TOK114USDT}', 'trading', 'watch', 'high', '2026-11-20 09:00:00+00', '2026-11-20 09:00:00+00', '{}', 47),
	(187, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK114}', 'trading', 'watch', 'high', NULL, '2026-11-20 09:00:00+00', '{}', 47),
	(188, 'TOK114X', 'venue', 'OKX', '{}', 'trading', 'halt', 'high', NULL, NULL, '{"action": "halt"}', 47),
	(189, 'TOK115', 'asset', '', '{BINANCE:TOK115USDT,OKX:TOK115-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 48),
	(190, 'TOK115', 'venue', 'BINANCE', '{BINANCE:TOK115USDT}', 'trading', 'avoid_new', 'high', '2026-11-20 17:00:00+00', '2026-11-20 17:00:00+00', '{}', 48),
	(191, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK115}', 'trading', 'avoid_new', 'high', NULL, '2026-11-20 17:00:00+00', '{}', 48),
	(192, 'TOK115X', 'venue', 'OKX', '{}', 'trading', 'watch', 'high', NULL, NULL, '{"action": "watch"}', 48),
	(193, 'TOK116', 'asset', '', '{BINANCE:TOK116USDT,OKX:TOK116-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{}', 49),
	(194, 'TOK116', 'venue', 'BINANCE', '{BINANCE:TOK116USDT}', 'trading', 'avoid_new', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{}', 49),
	(195, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK116}', 'trading', 'avoid_new', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 49),
	(196, 'TOK116X', 'venue', 'OKX', '{}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new"}', 49),
	(198, 'ETH', 'asset', '', '{BINANCE:ETHUSDC}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new", "risk_level": "high", "trading_status": "trading"}', 51),
	(199, 'BTC', 'asset', '', '{BINANCE:BTCUSDT,BINANCE_COINM:BTCUSD_PERP,BINANCE_USDM:BTCUSDT_261225,KRAKEN:XXBTZUSD,OKX:BTC-USDT}', 'trading', 'avoid_new', 'high', NULL, NULL, '{"action": "avoid_new", "risk_level": "high", "trading_status": "trading"}', 51),
	(19, 'BTC', 'pairs', 'BINANCE', '{BINANCE:BTCTOK2}', 'delisting', 'reduce_only', 'high', NULL, '2026-11-24 06:00:00+00', '{}', 5),
	(18, 'TOK2', 'venue', 'BINANCE', '{BINANCE:TOK2USDT}', 'delisting', 'exit', 'high', '2026-11-24 06:00:00+00', '2026-11-24 06:00:00+00', '{"action": "exit"}', 5),
	(17, 'TOK2', 'asset', '', '{BINANCE:TOK2USDT,OKX:TOK2-USDT}', 'delisting', 'exit', 'high', NULL, NULL, '{"action": "exit"}', 5),
	(20, 'TOK2X', 'venue', 'OKX', '{}', 'delisting', 'reduce_only', 'high', NULL, NULL, '{"action": "reduce_only"}', 5),
	(197, 'DOGE', 'venue', 'OKX', '{OKX:DOGE-USDT-SWAP}', 'trading', 'halt', 'high', NULL, NULL, '{"action": "halt", "risk_level": "high", "trading_status": "trading"}', 50),
	(200, 'token 137', 'asset', 'venue 139', '{}', 'deposits_suspended', 'halt', 'critical', '2026-11-20 09:37:00+00', '2026-11-20 09:36:00+00', '{}', 1),
	(201, 'token 147', 'venue', 'venue 149', '{}', 'delisted', 'exit', 'critical', '2026-11-20 09:27:00+00', '2026-11-20 09:26:00+00', '{}', 1);
INSERT INTO "public"."events_event" VALUES
	(1, 'okx', 'manual', 'high', 'open', 'release:manual:manual:high:0', 'Notice 0 of TOK0 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/0', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK0USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.313175+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'd8fe96efe748ab26e546916ec504dd98efffa7d93adb218bc63ec0aa6f33e437', 20, NULL),
	(2, 'okx', 'manual', 'low', 'open', 'release:manual:manual:low:0', 'Notice 0 of TOK0 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/0', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK0USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.335658+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '9b6a4d43d096e91e2b3805be9edf05d90d1920ce19384a4e5c14511598e6b649', 20, NULL),
	(3, 'binance', 'operations', 'high', 'open', 'release:operations:operations:high:1', 'Notice 1 of TOK1 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/1', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK1USDT"]}]', '2026-11-20 17:00:00+00', NULL, '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.354439+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'e811e8c12074c179795520010fce5deabf77f8cce6a75fd0a5cbe4bbcfd82e20', 21, NULL),
	(4, 'binance', 'operations', 'low', 'open', 'release:operations:operations:low:1', 'Notice 1 of TOK1 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/1', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK1USDT"]}]', '2026-11-20 17:00:00+00', NULL, '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.372219+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'eb92450296f3ba1a2244a516b81de43e8439fa90d12e1b441cef66d78e6e038c', 21, NULL),
	(7, 'binance', 'hard_fork', 'high', 'open', 'release:binance_announcement:hard_fork:high:3', 'Notice 3 of TOK3 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/3', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK3USDT"]}]', '2026-11-20 09:00:00+00', '2026-11-27 09:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.420582+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '3d47dcac52b7eb4e87257586825ba527fba8534f98a24f5fef98a6dbf6400999', 27, NULL),
	(8, 'binance', 'hard_fork', 'low', 'open', 'release:binance_announcement:hard_fork:low:3', 'Notice 3 of TOK3 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/3', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK3USDT"]}]', '2026-11-20 09:00:00+00', '2026-11-27 09:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.437632+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '05ad1ed160584d980f69c5996289648884201c9e6cafb8a59d25b4aa0ce5be34', 27, NULL),
	(9, 'okx', 'trading_suspension', 'high', 'open', 'release:binance_announcement:trading_suspension:high:4', 'Notice 4 of TOK4 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/4', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK4USDT"]}]', '2026-11-20 17:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.450299+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '605e9ff3d7bcaac0abf3136197b5607defa92671775f5471d8bc0aa9f8f5be6c', 27, NULL),
	(10, 'okx', 'trading_suspension', 'low', 'open', 'release:binance_announcement:trading_suspension:low:4', 'Notice 4 of TOK4 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/4', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK4USDT"]}]', '2026-11-20 17:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.467529+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '3200ae877312b1ddc8851e1787ebee1bc6b0635b06ccca2a49555990d6874f78', 27, NULL),
	(11, 'binance', 'delisting', 'high', 'open', 'release:okx_announcement:delisting:high:5', 'Notice 5 of TOK5 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/5', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK5USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-24 06:00:00+00', '2026-11-23 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.481098+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'f078754cf78ba51c574b3cb909a78465d3af0fcf5023787025ddd8b729483485', 29, NULL),
	(12, 'binance', 'delisting', 'low', 'open', 'release:okx_announcement:delisting:low:5', 'Notice 5 of TOK5 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/5', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK5USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-24 06:00:00+00', '2026-11-23 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.499022+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '19ea2e394f6d961d2f551b3fbf73795cf79f9c202c08a2c7036a5256832561e8', 29, NULL),
	(13, 'okx', 'hard_fork', 'high', 'open', 'release:okx_announcement:hard_fork:high:6', 'Notice 6 of TOK6 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/6', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK6USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.511353+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '66a6107b4b358e03eda652fc0351e891bed5bec364bd3b017012dfeb98efb47e', 29, NULL),
	(14, 'okx', 'hard_fork', 'low', 'open', 'release:okx_announcement:hard_fork:low:6', 'Notice 6 of TOK6 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/6', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK6USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.528044+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'e22337a0e5802384a654f4e2cd03feae2ac53256bb0701b5703600e965ebc152', 29, NULL),
	(15, 'binance', 'trading_suspension', 'high', 'open', 'release:okx_announcement:trading_suspension:high:7', 'Notice 7 of TOK7 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/7', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK7USDT"]}]', '2026-11-20 17:00:00+00', '2026-12-20 17:00:00+00', '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.543183+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'c4c23f4f96cded6e2d1583962be13bea15ef5d7a7b7f9a87c40950ad4efa3fd1', 29, NULL),
	(16, 'binance', 'trading_suspension', 'low', 'open', 'release:okx_announcement:trading_suspension:low:7', 'Notice 7 of TOK7 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/7', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK7USDT"]}]', '2026-11-20 17:00:00+00', '2026-12-20 17:00:00+00', '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.564022+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '54ec6883b1e14fae54047ca22b78b17478a5b3f6b8be85a91784e74dd6ea00c3', 29, NULL),
	(17, 'okx', 'delisting', 'high', 'open', 'release:instrument_status:delisting:high:8', 'Notice 8 of TOK8 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/8', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK8USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-20 12:00:00+00', '2026-11-23 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.579408+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'd6dd022edb262fbae6562e0bcb5953be51ee146d869e53de12673e3632ace0e2', 31, NULL),
	(18, 'okx', 'delisting', 'low', 'open', 'release:instrument_status:delisting:low:8', 'Notice 8 of TOK8 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/8', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK8USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-20 12:00:00+00', '2026-11-23 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.59913+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '91f01a31e9c905d532e69c1c457bf2d29b74f02a5bf149cda0fa14b9bfa9f6d1', 31, NULL),
	(19, 'binance', 'exchange_halt', 'high', 'open', 'release:exchange_halt:exchange_halt:high:9', 'Notice 9 of TOK9 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/9', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK9USDT"]}]', '2026-11-20 09:00:00+00', NULL, '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.613736+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '5939779a34784dc6040e59cd98a41bac8dbb9ff1685e67948bdd0ab04c81881d', 30, NULL),
	(20, 'binance', 'exchange_halt', 'low', 'open', 'release:exchange_halt:exchange_halt:low:9', 'Notice 9 of TOK9 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/9', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK9USDT"]}]', '2026-11-20 09:00:00+00', NULL, '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.637913+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '3e67be2f9acf13b5e9002f833521715cd643ff420e947954eafe9d9cb2f21f90', 30, NULL),
	(21, 'okx', 'hack', 'high', 'open', 'release:hack:hack:high:10', 'Notice 10 of TOK10 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/10', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK10USDT"]}]', '2026-11-20 17:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.653018+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '3b6b2cc5aff29778f2e74f124cb71b8611716a8a604e2252703ee9f4053582f6', 34, NULL),
	(22, 'okx', 'hack', 'low', 'open', 'release:hack:hack:low:10', 'Notice 10 of TOK10 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/10', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK10USDT"]}]', '2026-11-20 17:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.671424+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'aabfe63620c4a3dbbb4183c46a6934e665878845e38c84a5e448dedc49bf8fb4', 34, NULL),
	(23, 'binance', 'depeg', 'high', 'open', 'release:depeg:depeg:high:11', 'Notice 11 of TOK11 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/11', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK11USDT"]}]', '2026-11-24 06:00:00+00', NULL, '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.685117+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '53b29bcfd13364b17338b7aaaa301d39072b0803af280293ac96cdbe29bf3f49', 39, NULL),
	(24, 'binance', 'depeg', 'low', 'open', 'release:depeg:depeg:low:11', 'Notice 11 of TOK11 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/11', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK11USDT"]}]', '2026-11-24 06:00:00+00', NULL, '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.702483+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '5a9322c221f03d32b53448a3015148183adabba49a7845b0334ee2b7ca49b074', 39, NULL),
	(25, 'okx', 'volatility', 'high', 'open', 'release:volatility:volatility:high:12', 'Notice 12 of TOK12 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/12', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK12USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.716983+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '34e5fafa30e7bec65e823ff2f47de45c38680a5a65cedafe251853fee9f6e7ca', 43, NULL),
	(26, 'okx', 'volatility', 'low', 'open', 'release:volatility:volatility:low:12', 'Notice 12 of TOK12 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/12', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK12USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.738454+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'aa7dadc70df542da8227de4c41464539c0fb6c890455b2964f47ba4fe13fefa7', 43, NULL),
	(27, 'binance', 'low_liquidity', 'high', 'open', 'release:low_liquidity:low_liquidity:high:13', 'Notice 13 of TOK13 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/13', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK13USDT"]}]', '2026-11-20 17:00:00+00', NULL, '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.752591+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'f7ac6bee06e56a5e4c6b9ca10aedad4bace50113ec90a39db22c9bf672cce7d1', 44, NULL),
	(28, 'binance', 'low_liquidity', 'low', 'open', 'release:low_liquidity:low_liquidity:low:13', 'Notice 13 of TOK13 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/13', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK13USDT"]}]', '2026-11-20 17:00:00+00', NULL, '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.771106+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '8859f40736a2f1d85f1ad3fe348f39b5048e7155d8af489df7130728ded71fe5', 44, NULL),
	(29, 'okx', 'whale', 'high', 'open', 'release:whale:whale:high:14', 'Notice 14 of TOK14 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/14', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK14USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-20 12:00:00+00', '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.785667+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '83ba0b7faa55f9ce562a644ba108b5438905a316e28036517b49fadc379fb2c6', 48, NULL),
	(30, 'okx', 'whale', 'low', 'open', 'release:whale:whale:low:14', 'Notice 14 of TOK14 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/14', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK14USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-20 12:00:00+00', '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.804595+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'eab34efde40dc43bf88c822d4379783c20a6570cff0f5aebccd847c9689de8eb', 48, NULL),
	(31, 'binance', 'depth_drop', 'high', 'open', 'release:depth_drop:depth_drop:high:15', 'Notice 15 of TOK15 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/15', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK15USDT"]}]', '2026-11-20 09:00:00+00', NULL, '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.818832+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '84a37f0ea1aed519915871a9f7aec27b2fb75343d13295fbb02113046accfd44', 47, NULL),
	(32, 'binance', 'depth_drop', 'low', 'open', 'release:depth_drop:depth_drop:low:15', 'Notice 15 of TOK15 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/15', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK15USDT"]}]', '2026-11-20 09:00:00+00', NULL, '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.837486+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '0a938f3698a93298046a12330eee4554d6749e259fb7f439a7ce86a79ef01b25', 47, NULL),
	(33, 'okx', 'delisting', 'high', 'open', 'release::delisting:high:100', 'Notice 100 of TOK100 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/100', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK100USDT"]}]', '2026-11-20 17:00:00+00', '2026-12-20 12:00:00+00', '2026-11-19 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.851618+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '4e6e1ff301986d5a2accd149f3b76f3f790304b3b9f7fc9dcc3d14131ae1cb0c', 15, NULL),
	(34, 'binance', 'hard_fork', 'high', 'open', 'release::hard_fork:high:101', 'Notice 101 of TOK101 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/101', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK101USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-01 06:00:00+00', '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.880232+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'cafa116ddc6a1d77c0b2514343becaa20a24ec5369367bc9d997ecd0db0f014f', 15, NULL),
	(35, 'okx', 'network_upgrade', 'high', 'open', 'release::network_upgrade:high:102', 'Notice 102 of TOK102 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/102', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK102USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.897063+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'ef056ceb20c012bc95ece7bdd2becfeb8f1a3e241188c3f72469b31394bce9a3', 15, NULL),
	(36, 'binance', 'token_migration', 'high', 'open', 'release::token_migration:high:103', 'Notice 103 of TOK103 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/103', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK103USDT"]}]', '2026-11-20 17:00:00+00', '2026-11-27 17:00:00+00', '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.913315+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'd233ad2ec05beb4dcf9dbf9a267796675611db9b8bd9f6f4f5fd9396e1283880', 15, NULL),
	(37, 'okx', 'trading_suspension', 'high', 'open', 'release::trading_suspension:high:104', 'Notice 104 of TOK104 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/104', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK104USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-20 12:00:00+00', '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.929508+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '90cb353343ae8dd18a16767a0804dfdf23fa744414472671cb195b494db6f8fb', 15, NULL),
	(38, 'binance', 'wallet_suspension', 'high', 'open', 'release::wallet_suspension:high:105', 'Notice 105 of TOK105 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/105', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK105USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 09:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.947047+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '09d6d44e84c4864c7ecf776e18c4790aee1ca54e1d10f15ba41fa1a9c34c51cb', 15, NULL),
	(40, 'binance', 'depeg', 'high', 'open', 'release::depeg:high:107', 'Notice 107 of TOK107 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/107', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK107USDT"]}]', '2026-11-24 06:00:00+00', NULL, '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.98038+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'edacfd3841b1a0e4cca6212e92c776c4b71963ea8013f5c2645a18773a61884d', 15, NULL),
	(41, 'okx', 'hack', 'high', 'open', 'release::hack:high:108', 'Notice 108 of TOK108 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/108', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK108USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.997208+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '1f2df67883bbc42b20b73ad5a15640b40b5786c54dff4fd0b1e4b73cc52e9d6a', 15, NULL),
	(42, 'binance', 'bridge_hack', 'high', 'open', 'release::bridge_hack:high:109', 'Notice 109 of TOK109 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/109', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK109USDT"]}]', '2026-11-20 17:00:00+00', '2026-11-27 17:00:00+00', '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:40.022508+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'b1698d223e4d91272c7befd2058fdf92d08613fdcf76aa62a1db3c02762efdf8', 15, NULL),
	(43, 'okx', 'volatility', 'high', 'open', 'release::volatility:high:110', 'Notice 110 of TOK110 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/110', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK110USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-20 12:00:00+00', '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:40.047885+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '679030042332ac5f1aacd6836f2c7ae6defa08e06458428ac070c379a61eb693', 15, NULL),
	(44, 'binance', 'low_liquidity', 'high', 'open', 'release::low_liquidity:high:111', 'Notice 111 of TOK111 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/111', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK111USDT"]}]', '2026-11-20 09:00:00+00', NULL, '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:40.066319+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', 'a02ab3931148d7d92c996fed71da0516930c605f9374ea5f7ae65e8d0d0a1413', 15, NULL),
	(45, 'okx', 'exchange_halt', 'high', 'open', 'release::exchange_halt:high:112', 'Notice 112 of TOK112 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/112', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK112USDT"]}]', '2026-11-20 17:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:40.085357+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '63da08ea17a66365126c640341e65a29ed9ff75b8456db596059e6c6273c25a0', 15, NULL),
	(46, 'binance', 'whale', 'high', 'open', 'release::whale:high:113', 'Notice 113 of TOK113 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/113', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK113USDT"]}]', '2026-11-24 06:00:00+00', NULL, '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:40.110712+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '945b05400e777943d85ea512fce74b56a43450c4bdf6eba652270804a4263760', 15, NULL),
	(47, 'okx', 'depth_drop', 'high', 'open', 'release::depth_drop:high:114', 'Notice 114 of TOK114 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/114', '{ETH}', '[{"at": "2026-11-20T09:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK114USDT"]}]', '2026-11-20 09:00:00+00', '2026-12-20 12:00:00+00', '2026-11-20 09:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:40.130819+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '14186d1d1e1c582cab458ad8debbd59f45c739547f3f68e8e026f5daf92362f9', 15, NULL),
	(48, 'binance', 'manual', 'high', 'open', 'release::manual:high:115', 'Notice 115 of TOK115 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/115', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK115USDT"]}]', '2026-11-20 17:00:00+00', NULL, '2026-11-20 17:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:40.150221+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '0f40b74149fe6b02cb4bce8c06ddcf58b7fbec72dc307cf7b1a6c38b14225f7e', 15, NULL),
	(49, 'okx', 'operations', 'high', 'open', 'release::operations:high:116', 'Notice 116 of TOK116 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/116', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK116USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-20 12:00:00+00', '2026-11-24 06:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:40.169656+00', '2026-11-18 12:00:00+00', NULL, '', false, 1, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '3a7e8b4fe82700f6d0ac9d79d94ee62ba693c69e797c3100c674d8650a85e8fe', 15, NULL),
	(39, 'okx', 'risk_warning', 'high', 'closed', 'release::risk_warning:high:106', 'Notice 106 of TOK106 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/106', '{ETH}', '[{"at": "2026-11-20T17:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK106USDT"]}]', '2026-11-20 17:00:00+00', '2026-12-20 12:00:00+00', NULL, '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.963814+00', '2026-11-19 12:00:00+00', '2026-11-19 12:00:00+00', 'it is over', false, 2, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '6cf7840b0a65752ec0fd3b17bd76514d7efdcffc9c4aac6d430a851724c724eb', 15, NULL),
	(5, 'okx', 'delisting', 'high', 'open', 'release:binance_announcement:delisting:high:2', 'Corrected by hand', 'https://exchange.example/notice/2', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK2USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-20 12:00:00+00', '2026-11-23 06:00:00+00', '2026-11-20 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.389299+00', '2026-11-20 12:00:00+00', NULL, '', false, 3, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{"title": "Corrected by hand", "effects": {"TOK2": {"action": "exit"}}}', '1f4ec20c0852e4ad03701de52a7cb48fedb343446357444af805a25c466a5bb8', 27, NULL),
	(6, 'okx', 'delisting', 'low', 'closed', 'release:binance_announcement:delisting:low:2', 'Notice 2 of TOK2 – “quoted”, ünïcode, 100 %', 'https://exchange.example/notice/2', '{ETH}', '[{"at": "2026-11-24T06:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:TOK2USDT"]}]', '2026-11-24 06:00:00+00', '2026-12-20 12:00:00+00', NULL, '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-18 12:00:00+00', '2026-11-30 08:23:39.407759+00', '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', 'false alarm by admin: a mistake', true, 2, '{"note": null, "amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03}', '{}', '6e63f1999b649b434c3f3b77f50c6b582af3471aed64bca9aef02601d38928d8', 27, NULL),
	(50, 'manual', 'manual', 'high', 'open', 'manual:20261120T120000:4eee74ba', 'Block DOGE', '', '{}', '[]', NULL, NULL, NULL, '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', '2026-11-30 08:23:40.2821+00', '2026-11-20 12:00:00+00', NULL, '', false, 1, '{}', '{}', 'd515a9ef6bf085e052a04925f62bd074beb60fabafd8f2b2c0fa5a228f2a9b9d', 20, NULL),
	(51, 'manual', 'manual', 'high', 'open', 'manual:20261120T120000:5f201acc', 'Take care', '', '{}', '[]', NULL, '2026-11-27 12:00:00+00', '2026-11-27 12:00:00+00', '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00', '2026-11-30 08:23:40.302857+00', '2026-11-20 12:00:00+00', NULL, '', false, 1, '{}', '{}', '13fdef480d256b2a73b67885f96e8db1a8f1521e7a5b8321f1ddcbd0be4f2b15', 20, NULL);
INSERT INTO "public"."events_heartbeat" VALUES
	(true, '2026-11-19 22:03:00+00', 'daemon 838');
INSERT INTO "public"."events_keysuppression" VALUES
	(1, 'release:binance_announcement:delisting:low:2', NULL, 'false alarm by admin: a mistake', 'admin', '2026-11-20 12:00:00+00');
INSERT INTO "public"."events_manualevent" VALUES
	(1, 'opened_by 1', 'note 2'),
	(2, 'opened_by 3', 'note 4'),
	(50, 'admin', ''),
	(51, 'admin', '');
INSERT INTO "public"."events_operationsevent" VALUES
	(3, 'subject 5'),
	(4, 'subject 6');
INSERT INTO "public"."events_payloadbody" VALUES
	('fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74', '\x789c8bae562aaecc4dcacf51b25250720a710e0d760951d251502a2e492c292d0609860439ba78fab92bd5c602002fe10d1d', 44, 50, '2026-11-20 11:00:00+00');
INSERT INTO "public"."events_payloadpoll" VALUES
	(1, 'binance.instruments', 'https://exchange.example/instruments', '2026-11-20 11:00:00+00', 200, 250, 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74');
INSERT INTO "public"."events_quarantineditem" VALUES
	(1, 'source 826', 'item_key 827', 'title 828', 'error 829', 'excerpt 830', '2026-11-19 22:08:00+00', '2026-11-19 22:07:00+00', 1, '2026-11-19 22:05:00+00', 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74');
INSERT INTO "public"."events_retentionrule" VALUES
	(1, 'delisting', 7, 30),
	(2, 'trading_suspension', 30, 30),
	(3, 'wallet_suspension', 30, 30),
	(4, 'hard_fork', 7, 7),
	(5, 'network_upgrade', 7, 7),
	(6, 'token_migration', 7, 7),
	(7, 'risk_warning', 7, 30),
	(8, 'hack', 7, 7),
	(9, 'bridge_hack', 7, 7),
	(10, 'depeg', 161, 162),
	(11, 'volatility', 163, 164),
	(12, 'low_liquidity', 165, 166),
	(13, 'exchange_halt', 167, 168),
	(14, 'whale', 169, 170),
	(15, 'depth_drop', 171, 172),
	(16, 'manual', 173, 174),
	(17, 'operations', 175, 176);
INSERT INTO "public"."events_sourcehealth" VALUES
	('source 177', 'waiting', 178, '2026-11-20 09:01:00+00', '2026-11-20 09:00:00+00', 181, 182, 183, 0, '2026-11-20 08:55:00+00', 'last_error 186', '2026-11-20 08:53:00+00', '2026-11-20 08:51:00+00', 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74'),
	('source 190', 'ok', 191, '2026-11-20 08:48:00+00', '2026-11-20 08:47:00+00', 194, 195, 196, 0, '2026-11-20 08:42:00+00', 'last_error 199', '2026-11-20 08:40:00+00', '2026-11-20 08:38:00+00', 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74'),
	('source 203', 'failing', 204, '2026-11-20 08:35:00+00', '2026-11-20 08:34:00+00', 207, 208, 209, 0, '2026-11-20 08:29:00+00', 'last_error 212', '2026-11-20 08:27:00+00', '2026-11-20 08:25:00+00', 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74'),
	('source 216', 'drift', 217, '2026-11-20 08:22:00+00', '2026-11-20 08:21:00+00', 220, 221, 222, 0, '2026-11-20 08:16:00+00', 'last_error 225', '2026-11-20 08:14:00+00', '2026-11-20 08:12:00+00', 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74'),
	('source 229', 'stale', 230, '2026-11-20 08:09:00+00', '2026-11-20 08:08:00+00', 233, 234, 235, 0, '2026-11-20 08:03:00+00', 'last_error 238', '2026-11-20 08:01:00+00', '2026-11-20 07:59:00+00', 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74');
INSERT INTO "public"."exchanges_binanceannouncement" VALUES
	(5, 'article_id 7', 'market 8', 'phase 9', 'rule 10'),
	(6, 'article_id 11', 'market 12', 'phase 13', 'rule 14'),
	(7, 'article_id 15', 'market 16', 'phase 17', 'rule 18'),
	(8, 'article_id 19', 'market 20', 'phase 21', 'rule 22'),
	(9, 'article_id 23', 'market 24', 'phase 25', 'rule 26'),
	(10, 'article_id 27', 'market 28', 'phase 29', 'rule 30');
INSERT INTO "public"."exchanges_exchangehaltevent" VALUES
	(19, '{}'),
	(20, '{}');
INSERT INTO "public"."exchanges_instrumentstatusevent" VALUES
	(17, 'venue 55', 'token 56', 'state 57'),
	(18, 'venue 58', 'token 59', 'state 60');
INSERT INTO "public"."exchanges_okxannouncement" VALUES
	(11, 'article_id 31', 'market 32', 'phase 33', 'rule 34'),
	(12, 'article_id 35', 'market 36', 'phase 37', 'rule 38'),
	(13, 'article_id 39', 'market 40', 'phase 41', 'rule 42'),
	(14, 'article_id 43', 'market 44', 'phase 45', 'rule 46'),
	(15, 'article_id 47', 'market 48', 'phase 49', 'rule 50'),
	(16, 'article_id 51', 'market 52', 'phase 53', 'rule 54');
INSERT INTO "public"."exchanges_seenarticle" VALUES
	(1, 'exchange 242', 'article_id 243', 'title 244', 'url 245', 'catalogue 246', '2026-11-20 07:53:00+00', '2026-11-20 07:52:00+00', '2026-11-20 07:51:00+00', 'listed', 'rule 250', 'category 251', 'body_digest 252', false, 0, '2026-11-20 07:43:00+00', 1, 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74'),
	(2, 'exchange 258', 'article_id 259', 'title 260', 'url 261', 'catalogue 262', '2026-11-20 07:37:00+00', '2026-11-20 07:36:00+00', '2026-11-20 07:35:00+00', 'event', 'rule 266', 'category 267', 'body_digest 268', false, 0, '2026-11-20 07:27:00+00', 1, 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74'),
	(3, 'exchange 274', 'article_id 275', 'title 276', 'url 277', 'catalogue 278', '2026-11-20 07:21:00+00', '2026-11-20 07:20:00+00', '2026-11-20 07:19:00+00', 'follow_up', 'rule 282', 'category 283', 'body_digest 284', false, 0, '2026-11-20 07:11:00+00', 1, 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74'),
	(4, 'exchange 290', 'article_id 291', 'title 292', 'url 293', 'catalogue 294', '2026-11-20 07:05:00+00', '2026-11-20 07:04:00+00', '2026-11-20 07:03:00+00', 'ignored', 'rule 298', 'category 299', 'body_digest 300', false, 0, '2026-11-20 06:55:00+00', 1, 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74'),
	(5, 'exchange 306', 'article_id 307', 'title 308', 'url 309', 'catalogue 310', '2026-11-20 06:49:00+00', '2026-11-20 06:48:00+00', '2026-11-20 06:47:00+00', 'quarantined', 'rule 314', 'category 315', 'body_digest 316', false, 0, '2026-11-20 06:39:00+00', 1, 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74'),
	(6, 'exchange 322', 'article_id 323', 'title 324', 'url 325', 'catalogue 326', '2026-11-20 06:33:00+00', '2026-11-20 06:32:00+00', '2026-11-20 06:31:00+00', 'old', 'rule 330', 'category 331', 'body_digest 332', false, 0, '2026-11-20 06:23:00+00', 1, 'fffeccf369d1c51ad41278746c99dfe36f85bcf1b364e5fdb2dd17aacc761d74');
INSERT INTO "public"."exchanges_statusspell" VALUES
	(1, 'venue 839', 'symbol 840', 'status 841', true, '2026-11-19 21:57:00+00', '2026-11-19 21:56:00+00');
INSERT INTO "public"."exchanges_tagspell" VALUES
	(1, 'exchange 845', 'token 846', 'tag 847', '2026-11-19 21:52:00+00', '2026-11-19 21:51:00+00', false);
INSERT INTO "public"."liquidity_lowliquidity" VALUES
	(27, 87, 'market 88', 89),
	(28, 90, 'market 91', 92);
INSERT INTO "public"."liquidity_tokenliquidity" VALUES
	('token 868', '2026-11-19 21:31:00+00', 870, 'market 871', 872, 0, 0, 875, 876);
INSERT INTO "public"."markets_asset" VALUES
	(1, 'USD', '', 'fiat', true, ''),
	(2, 'EUR', '', 'fiat', true, ''),
	(3, 'GBP', '', 'fiat', true, ''),
	(4, 'JPY', '', 'fiat', true, ''),
	(5, 'AUD', '', 'fiat', true, ''),
	(6, 'CAD', '', 'fiat', true, ''),
	(7, 'CHF', '', 'fiat', true, ''),
	(8, 'TRY', '', 'fiat', true, ''),
	(9, 'BRL', '', 'fiat', true, ''),
	(10, 'RUB', '', 'fiat', true, ''),
	(11, 'UAH', '', 'fiat', true, ''),
	(12, 'NGN', '', 'fiat', true, ''),
	(13, 'ZAR', '', 'fiat', true, ''),
	(14, 'PLN', '', 'fiat', true, ''),
	(15, 'ARS', '', 'fiat', true, ''),
	(16, 'MXN', '', 'fiat', true, ''),
	(17, 'COP', '', 'fiat', true, ''),
	(18, 'CZK', '', 'fiat', true, ''),
	(19, 'IDR', '', 'fiat', true, ''),
	(20, 'INR', '', 'fiat', true, ''),
	(21, 'KRW', '', 'fiat', true, ''),
	(22, 'AED', '', 'fiat', true, ''),
	(23, 'SGD', '', 'fiat', true, ''),
	(24, 'HKD', '', 'fiat', true, ''),
	(25, 'NZD', '', 'fiat', true, ''),
	(26, 'USDT', '', 'stablecoin', true, ''),
	(27, 'USDC', '', 'stablecoin', true, ''),
	(28, 'FDUSD', '', 'stablecoin', true, ''),
	(29, 'BUSD', '', 'stablecoin', true, ''),
	(30, 'TUSD', '', 'stablecoin', true, ''),
	(31, 'USDP', '', 'stablecoin', true, ''),
	(32, 'PYUSD', '', 'stablecoin', true, ''),
	(33, 'RLUSD', '', 'stablecoin', true, ''),
	(34, 'DAI', '', 'stablecoin', true, ''),
	(35, 'USDS', '', 'stablecoin', true, ''),
	(36, 'USDE', '', 'stablecoin', true, ''),
	(37, 'USDD', '', 'stablecoin', true, ''),
	(38, 'USD1', '', 'stablecoin', true, ''),
	(39, 'GUSD', '', 'stablecoin', true, ''),
	(40, 'USTC', '', 'stablecoin', true, ''),
	(41, 'EURC', '', 'stablecoin', true, ''),
	(42, 'EURI', '', 'stablecoin', true, ''),
	(43, 'AEUR', '', 'stablecoin', true, ''),
	(44, 'BTC', '', 'coin', true, ''),
	(45, 'ETH', '', 'coin', true, ''),
	(46, 'BNB', '', 'coin', true, ''),
	(47, 'SOL', '', 'coin', true, ''),
	(48, 'XRP', '', 'coin', true, ''),
	(49, 'ADA', '', 'coin', true, ''),
	(50, 'DOGE', '', 'coin', true, ''),
	(51, 'TRX', '', 'coin', true, ''),
	(52, 'AVAX', '', 'coin', true, ''),
	(53, 'DOT', '', 'coin', true, ''),
	(54, 'LINK', '', 'coin', true, ''),
	(55, 'LTC', '', 'coin', true, ''),
	(56, 'BCH', '', 'coin', true, ''),
	(57, 'XLM', '', 'coin', true, ''),
	(58, 'ETC', '', 'coin', true, ''),
	(59, 'XMR', '', 'coin', true, ''),
	(60, 'ZEC', '', 'coin', true, ''),
	(61, 'TON', '', 'coin', true, ''),
	(62, 'NEAR', '', 'coin', true, ''),
	(63, 'APT', '', 'coin', true, ''),
	(64, 'ARB', '', 'coin', true, ''),
	(65, 'OP', '', 'coin', true, ''),
	(66, 'SUI', '', 'coin', true, ''),
	(67, 'UNI', '', 'coin', true, ''),
	(68, 'ATOM', '', 'coin', true, ''),
	(69, 'FIL', '', 'coin', true, ''),
	(70, 'ICP', '', 'coin', true, ''),
	(71, 'HBAR', '', 'coin', true, ''),
	(72, 'SHIB', '', 'coin', true, ''),
	(73, 'PEPE', '', 'coin', true, ''),
	(74, 'BONK', '', 'coin', true, ''),
	(75, 'FLOKI', '', 'coin', true, ''),
	(76, 'XEC', '', 'coin', true, ''),
	(77, 'LUNC', '', 'coin', true, ''),
	(78, 'LUNA', '', 'coin', true, ''),
	(79, 'S', '', 'coin', true, ''),
	(80, 'POL', '', 'coin', true, ''),
	(81, 'SKY', '', 'coin', true, ''),
	(82, 'A', '', 'coin', true, ''),
	(83, 'RENDER', '', 'coin', true, ''),
	(84, 'ASI', '', 'coin', true, ''),
	(85, 'FET', '', 'coin', true, ''),
	(86, 'KAIA', '', 'coin', true, ''),
	(87, 'G', '', 'coin', true, ''),
	(88, 'RATS', '', 'coin', true, ''),
	(89, 'MOG', '', 'coin', true, ''),
	(90, 'WHY', '', 'coin', true, ''),
	(91, 'X', '', 'coin', true, ''),
	(92, 'TOSHI', '', 'coin', true, ''),
	(93, 'BOB', '', 'coin', true, ''),
	(94, 'DODO', '', 'coin', true, ''),
	(95, 'TST', '', 'coin', true, ''),
	(96, 'BTTC', '', 'coin', true, ''),
	(97, 'SATS', '', 'coin', true, ''),
	(98, 'FTM', '', 'coin', true, ''),
	(99, 'MATIC', '', 'coin', true, ''),
	(100, 'RNDR', '', 'coin', true, ''),
	(101, 'KLAY', '', 'coin', true, ''),
	(102, 'GAL', '', 'coin', true, ''),
	(103, 'EOS', '', 'coin', true, ''),
	(104, 'OM', '', 'coin', true, ''),
	(105, 'AI16Z', '', 'coin', true, ''),
	(106, '1000SATS', '', 'coin', true, ''),
	(107, '1000CAT', '', 'coin', true, ''),
	(108, '1000CHEEMS', '', 'coin', true, ''),
	(109, '1MBABYDOGE', '', 'coin', true, ''),
	(110, '1INCH', '', 'coin', true, ''),
	(111, 'MLN', '', 'coin', true, ''),
	(112, 'REPV1', '', 'coin', true, ''),
	(113, 'REP', '', 'coin', true, ''),
	(114, 'RAY', '', 'coin', true, ''),
	(115, 'RON', '', 'coin', true, ''),
	(116, 'ELIZAOS', '', 'coin', true, ''),
	(117, 'MANTRA', '', 'coin', true, ''),
	(163, 'code 123', 'name 124', 'unknown', false, 'note 126');
INSERT INTO "public"."markets_assetname" VALUES
	(1, '', 'XBT', 1.00000000, NULL, NULL, 'reviewed, shipped', 44),
	(2, '', 'XXBT', 1.00000000, NULL, NULL, 'reviewed, shipped', 44),
	(3, '', 'XDG', 1.00000000, NULL, NULL, 'reviewed, shipped', 50),
	(4, 'KRAKEN', 'XXDG', 1.00000000, NULL, NULL, 'reviewed, shipped', 50),
	(5, 'KRAKEN', 'XETH', 1.00000000, NULL, NULL, 'reviewed, shipped', 45),
	(6, 'KRAKEN', 'XETC', 1.00000000, NULL, NULL, 'reviewed, shipped', 58),
	(7, 'KRAKEN', 'XLTC', 1.00000000, NULL, NULL, 'reviewed, shipped', 55),
	(8, 'KRAKEN', 'XMLN', 1.00000000, NULL, NULL, 'reviewed, shipped', 111),
	(9, 'KRAKEN', 'XREP', 1.00000000, NULL, NULL, 'reviewed, shipped', 112),
	(10, 'KRAKEN', 'REP', 1.00000000, NULL, NULL, 'reviewed, shipped', 112),
	(11, 'KRAKEN', 'REPV2', 1.00000000, NULL, NULL, 'reviewed, shipped', 113),
	(12, 'KRAKEN', 'LUNA', 1.00000000, NULL, NULL, 'reviewed, shipped', 77),
	(13, 'KRAKEN', 'LUNA2', 1.00000000, NULL, NULL, 'reviewed, shipped', 78),
	(14, 'KRAKEN', 'XXLM', 1.00000000, NULL, NULL, 'reviewed, shipped', 57),
	(15, 'KRAKEN', 'XXMR', 1.00000000, NULL, NULL, 'reviewed, shipped', 59),
	(16, 'KRAKEN', 'XXRP', 1.00000000, NULL, NULL, 'reviewed, shipped', 48),
	(17, 'KRAKEN', 'XZEC', 1.00000000, NULL, NULL, 'reviewed, shipped', 60),
	(18, 'KRAKEN', 'ZUSD', 1.00000000, NULL, NULL, 'reviewed, shipped', 1),
	(19, 'KRAKEN', 'ZEUR', 1.00000000, NULL, NULL, 'reviewed, shipped', 2),
	(20, 'KRAKEN', 'ZGBP', 1.00000000, NULL, NULL, 'reviewed, shipped', 3),
	(21, 'KRAKEN', 'ZAUD', 1.00000000, NULL, NULL, 'reviewed, shipped', 5),
	(22, 'KRAKEN', 'ZCAD', 1.00000000, NULL, NULL, 'reviewed, shipped', 6),
	(23, 'KRAKEN', 'ZJPY', 1.00000000, NULL, NULL, 'reviewed, shipped', 4),
	(24, 'BINANCE_USDM', 'DODOX', 1.00000000, NULL, NULL, 'reviewed, shipped', 94),
	(25, 'BINANCE_USDM', 'LUNA2', 1.00000000, NULL, NULL, 'reviewed, shipped', 78),
	(26, 'BINANCE_USDM', 'RAYSOL', 1.00000000, NULL, NULL, 'reviewed, shipped', 114),
	(27, 'BINANCE_USDM', 'RONIN', 1.00000000, NULL, NULL, 'reviewed, shipped', 115),
	(28, 'GATE', 'TSTBSC', 1.00000000, NULL, NULL, 'reviewed, shipped', 95),
	(29, 'BINANCE_USDM', '1000SHIB', 1000.00000000, NULL, NULL, 'reviewed, shipped', 72),
	(30, 'BINANCE_USDM', '1000PEPE', 1000.00000000, NULL, NULL, 'reviewed, shipped', 73),
	(31, 'BINANCE_USDM', '1000BONK', 1000.00000000, NULL, NULL, 'reviewed, shipped', 74),
	(32, 'BINANCE_USDM', '1000FLOKI', 1000.00000000, NULL, NULL, 'reviewed, shipped', 75),
	(33, 'BINANCE_USDM', '1000XEC', 1000.00000000, NULL, NULL, 'reviewed, shipped', 76),
	(34, 'BINANCE_USDM', '1000LUNC', 1000.00000000, NULL, NULL, 'reviewed, shipped', 77),
	(35, 'BINANCE_USDM', '1000BTTC', 1000.00000000, NULL, NULL, 'reviewed, shipped', 96),
	(36, 'BINANCE_USDM', '1000RATS', 1000.00000000, NULL, NULL, 'reviewed, shipped', 88),
	(37, 'BINANCE_USDM', '1000WHY', 1000.00000000, NULL, NULL, 'reviewed, shipped', 90),
	(38, 'BINANCE_USDM', '1000X', 1000.00000000, NULL, NULL, 'reviewed, shipped', 91),
	(39, 'BINANCE_USDM', '1000TOSHI', 1000.00000000, NULL, NULL, 'reviewed, shipped', 92),
	(40, 'BINANCE_USDM', '1000000MOG', 1000000.00000000, NULL, NULL, 'reviewed, shipped', 89),
	(41, 'BINANCE_USDM', '1000000BOB', 1000000.00000000, NULL, NULL, 'reviewed, shipped', 93),
	(42, '', 'LUNA', 1.00000000, NULL, '2022-05-31 00:00:00+00', 'reviewed, shipped', 77),
	(43, '', 'UST', 1.00000000, NULL, NULL, 'reviewed, shipped', 40),
	(44, '', 'FTM', 1.00000000, '2025-01-13 00:00:00+00', NULL, 'reviewed, shipped', 79),
	(45, '', 'MATIC', 1.00000000, '2024-09-10 00:00:00+00', NULL, 'reviewed, shipped', 80),
	(46, '', 'RNDR', 1.00000000, '2024-07-26 00:00:00+00', NULL, 'reviewed, shipped', 83),
	(47, '', 'KLAY', 1.00000000, '2024-10-28 00:00:00+00', NULL, 'reviewed, shipped', 86),
	(48, '', 'GAL', 60.00000000, '2024-07-18 00:00:00+00', NULL, 'reviewed, shipped', 87),
	(49, '', 'EOS', 1.00000000, '2025-05-26 00:00:00+00', NULL, 'reviewed, shipped', 82),
	(50, '', 'AI16Z', 6.00000000, '2025-11-06 00:00:00+00', NULL, 'reviewed, shipped', 116),
	(51, '', 'OM', 4.00000000, '2026-03-02 00:00:00+00', NULL, 'reviewed, shipped', 117);
INSERT INTO "public"."markets_instrument" VALUES
	(1, 'BINANCE', 'BTCUSDT', 'BTC', 'USDT', 'BTC', 1.00000000, '', 'TRADING', true, NULL, '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(2, 'BINANCE', 'ETHUSDC', 'ETH', 'USDC', 'ETH', 1.00000000, '', 'TRADING', true, NULL, '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(3, 'BINANCE', 'BTCRON', 'BTC', 'RON', 'BTC', 1.00000000, '', 'BREAK', false, NULL, '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(4, 'BINANCE', '1000SATSUSDT', '1000SATS', 'USDT', '1000SATS', 1.00000000, '', 'TRADING', true, NULL, '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(5, 'BINANCE_USDM', '1000SHIBUSDT', '1000SHIB', 'USDT', 'SHIB', 1000.00000000, 'PERPETUAL', 'TRADING', true, '2026-11-23 12:00:00+00', '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(6, 'BINANCE_USDM', 'BTCUSDT_261225', 'BTC', 'USDT', 'BTC', 1.00000000, 'CURRENT_QUARTER', 'TRADING', true, '2026-12-20 12:00:00+00', '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(7, 'BINANCE_COINM', 'BTCUSD_PERP', 'BTC', 'USD', 'BTC', 1.00000000, 'PERPETUAL', 'TRADING', true, NULL, '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(8, 'OKX', 'BTC-USDT', 'BTC', 'USDT', 'BTC', 1.00000000, 'SPOT', 'live', true, NULL, '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(9, 'OKX', 'DOGE-USDT-SWAP', 'DOGE', 'USDT', 'DOGE', 1.00000000, 'SWAP', 'live', true, NULL, '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(10, 'OKX', 'LUNA-USDT', 'LUNA', 'USDT', 'LUNA', 1.00000000, 'SPOT', 'suspend', false, NULL, '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00'),
	(11, 'KRAKEN', 'XXBTZUSD', 'XXBT', 'ZUSD', 'BTC', 1.00000000, '', 'online', true, NULL, '2025-10-16 12:00:00+00', '2025-10-16 12:00:00+00', '2026-11-20 12:00:00+00');
INSERT INTO "public"."markets_quoteasset" VALUES
	(1, 'code 824', 'note 825');
INSERT INTO "public"."markets_watchlistentry" VALUES
	(1, 'spot', 'CURRENCY 127', true, 'note 129'),
	(2, 'usdm', 'CURRENCY 130', true, 'note 132'),
	(3, 'quote', 'CURRENCY 133', true, 'note 135');
INSERT INTO "public"."orderbooks_bookminute_20261119" VALUES
	(1, 'venue 877', 'symbol 878', '2026-11-19 21:21:00+00', true, 881, 882, 883, 884, 885, 886, 887, 888, 889, 890, 891, 892, 893, 894, '2026-11-19 21:05:00+00', 896, 897, 898, 899, 900, 901, 902, 903, 904, 905, 906, 907, 908, 909, 910, 911, 912, 913, 914, 915, 916, 917, 918, 919, 920);
INSERT INTO "public"."orderbooks_depthdropevent" VALUES
	(31, 101, 102),
	(32, 103, 104);
INSERT INTO "public"."orderbooks_streamstatus" VALUES
	('venue 935', '2026-11-19 20:24:00+00', 'collector 937', '2026-11-19 20:22:00+00', 939, 940, 941, 942, 943, 944, 945, 946, 947, 948, 949, 950, 951, 952, 953, 954, 955);
INSERT INTO "public"."orderbooks_whaleevent" VALUES
	(29, 'ask', 94, 95, 96),
	(30, 'bid', 98, 99, 100);
INSERT INTO "public"."orderbooks_whaleorder_20261119" VALUES
	(1, 'venue 921', 'symbol 922', '2026-11-19 20:37:00+00', true, 925, 926, 927, 928, 929, 930, 931, '2026-11-19 20:28:00+00', '2026-11-19 20:27:00+00', true);
INSERT INTO "public"."risk_view_state" VALUES
	(true, 41, '2026-11-30 08:23:40.365368+00', 34);
INSERT INTO "public"."volatility_pricedpairname" VALUES
	(1, 'BINANCE:BTCUSDT'),
	(2, 'OKX:ETH-USDT');
INSERT INTO "public"."volatility_priceminute" VALUES
	('2026-11-20 11:58:00+00', '\x0100000002000000', '\x000000008837f64000000000800ca740'),
	('2026-11-20 11:59:00+00', '\x0100000002000000', '\x000000008837f64000000000800ca740');
INSERT INTO "public"."volatility_volatilityevent" VALUES
	(25, 'down', 84),
	(26, 'up', 86);
SELECT pg_catalog.setval('"public"."alerts_acknowledgement_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."alerts_addedreceiver_id_seq"', 4, true);
SELECT pg_catalog.setval('"public"."alerts_alert_id_seq"', 49, true);
SELECT pg_catalog.setval('"public"."alerts_alertattempt_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."alerts_auditentry_id_seq"', 10, true);
SELECT pg_catalog.setval('"public"."alerts_silence_id_seq"', 17, true);
SELECT pg_catalog.setval('"public"."auth_group_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."auth_group_permissions_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."auth_permission_id_seq"', 228, true);
SELECT pg_catalog.setval('"public"."auth_user_groups_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."auth_user_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."auth_user_user_permissions_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."defillama_currencyrate_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."defillama_network_id_seq"', 207, true);
SELECT pg_catalog.setval('"public"."defillama_peggedcoin_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."defillama_protocoltoken_id_seq"', 223, true);
SELECT pg_catalog.setval('"public"."defillama_seenhack_id_seq"', 2, true);
SELECT pg_catalog.setval('"public"."django_admin_log_id_seq"', 3, true);
SELECT pg_catalog.setval('"public"."django_content_type_id_seq"', 57, true);
SELECT pg_catalog.setval('"public"."django_migrations_id_seq"', 33, true);
SELECT pg_catalog.setval('"public"."events_actionrule_id_seq"', 28, true);
SELECT pg_catalog.setval('"public"."events_effect_id_seq"', 201, true);
SELECT pg_catalog.setval('"public"."events_event_id_seq"', 51, true);
SELECT pg_catalog.setval('"public"."events_keysuppression_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."events_payloadpoll_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."events_quarantineditem_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."events_retentionrule_id_seq"', 17, true);
SELECT pg_catalog.setval('"public"."exchanges_seenarticle_id_seq"', 6, true);
SELECT pg_catalog.setval('"public"."exchanges_statusspell_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."exchanges_tagspell_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."markets_asset_id_seq"', 163, true);
SELECT pg_catalog.setval('"public"."markets_assetname_id_seq"', 51, true);
SELECT pg_catalog.setval('"public"."markets_instrument_id_seq"', 11, true);
SELECT pg_catalog.setval('"public"."markets_quoteasset_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."markets_watchlistentry_id_seq"', 3, true);
SELECT pg_catalog.setval('"public"."orderbooks_bookminute_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."orderbooks_whaleorder_id_seq"', 1, true);
SELECT pg_catalog.setval('"public"."volatility_pricedpairname_id_seq"', 4, true);
ALTER TABLE ONLY "public"."events_actionrule"
    ADD CONSTRAINT "action_rule_once" UNIQUE ("category", "stage");
ALTER TABLE ONLY "public"."alerts_alert"
    ADD CONSTRAINT "alert_once" UNIQUE ("event_id", "reason", "revision", "channel");
ALTER TABLE ONLY "public"."alerts_acknowledgement"
    ADD CONSTRAINT "alerts_acknowledgement_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."alerts_addedreceiver"
    ADD CONSTRAINT "alerts_addedreceiver_name_key" UNIQUE ("name");
ALTER TABLE ONLY "public"."alerts_addedreceiver"
    ADD CONSTRAINT "alerts_addedreceiver_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."alerts_alert"
    ADD CONSTRAINT "alerts_alert_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."alerts_alertattempt"
    ADD CONSTRAINT "alerts_alertattempt_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."alerts_auditentry"
    ADD CONSTRAINT "alerts_auditentry_link_key" UNIQUE ("link");
ALTER TABLE ONLY "public"."alerts_auditentry"
    ADD CONSTRAINT "alerts_auditentry_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."alerts_channelstate"
    ADD CONSTRAINT "alerts_channelstate_pkey" PRIMARY KEY ("channel");
ALTER TABLE ONLY "public"."alerts_silence"
    ADD CONSTRAINT "alerts_silence_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."markets_assetname"
    ADD CONSTRAINT "asset_name_once" UNIQUE NULLS NOT DISTINCT ("venue", "name", "valid_from");
ALTER TABLE ONLY "public"."auth_group"
    ADD CONSTRAINT "auth_group_name_key" UNIQUE ("name");
ALTER TABLE ONLY "public"."auth_group_permissions"
    ADD CONSTRAINT "auth_group_permissions_group_id_permission_id_0cd325b0_uniq" UNIQUE ("group_id", "permission_id");
ALTER TABLE ONLY "public"."auth_group_permissions"
    ADD CONSTRAINT "auth_group_permissions_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."auth_group"
    ADD CONSTRAINT "auth_group_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."auth_permission"
    ADD CONSTRAINT "auth_permission_content_type_id_codename_01ab375a_uniq" UNIQUE ("content_type_id", "codename");
ALTER TABLE ONLY "public"."auth_permission"
    ADD CONSTRAINT "auth_permission_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."auth_user_groups"
    ADD CONSTRAINT "auth_user_groups_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."auth_user_groups"
    ADD CONSTRAINT "auth_user_groups_user_id_group_id_94350c0c_uniq" UNIQUE ("user_id", "group_id");
ALTER TABLE ONLY "public"."auth_user"
    ADD CONSTRAINT "auth_user_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."auth_user_user_permissions"
    ADD CONSTRAINT "auth_user_user_permissions_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."auth_user_user_permissions"
    ADD CONSTRAINT "auth_user_user_permissions_user_id_permission_id_14a6b632_uniq" UNIQUE ("user_id", "permission_id");
ALTER TABLE ONLY "public"."auth_user"
    ADD CONSTRAINT "auth_user_username_key" UNIQUE ("username");
ALTER TABLE ONLY "public"."orderbooks_bookminute"
    ADD CONSTRAINT "bookminute_once" UNIQUE ("venue", "symbol", "minute");
ALTER TABLE ONLY "public"."defillama_currencyrate"
    ADD CONSTRAINT "defillama_currencyrate_currency_key" UNIQUE ("currency");
ALTER TABLE ONLY "public"."defillama_currencyrate"
    ADD CONSTRAINT "defillama_currencyrate_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."defillama_depegevent"
    ADD CONSTRAINT "defillama_depegevent_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."defillama_hackevent"
    ADD CONSTRAINT "defillama_hackevent_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."defillama_network"
    ADD CONSTRAINT "defillama_network_name_key" UNIQUE ("name");
ALTER TABLE ONLY "public"."defillama_network"
    ADD CONSTRAINT "defillama_network_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."defillama_peggedcoin"
    ADD CONSTRAINT "defillama_peggedcoin_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."defillama_protocoltoken"
    ADD CONSTRAINT "defillama_protocoltoken_name_key" UNIQUE ("name");
ALTER TABLE ONLY "public"."defillama_protocoltoken"
    ADD CONSTRAINT "defillama_protocoltoken_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."defillama_seenhack"
    ADD CONSTRAINT "defillama_seenhack_natural_key_key" UNIQUE ("natural_key");
ALTER TABLE ONLY "public"."defillama_seenhack"
    ADD CONSTRAINT "defillama_seenhack_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."django_admin_log"
    ADD CONSTRAINT "django_admin_log_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."django_content_type"
    ADD CONSTRAINT "django_content_type_app_label_model_76bd3d3b_uniq" UNIQUE ("app_label", "model");
ALTER TABLE ONLY "public"."django_content_type"
    ADD CONSTRAINT "django_content_type_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."django_migrations"
    ADD CONSTRAINT "django_migrations_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."django_session"
    ADD CONSTRAINT "django_session_pkey" PRIMARY KEY ("session_key");
ALTER TABLE ONLY "public"."events_actionrule"
    ADD CONSTRAINT "events_actionrule_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."events_effect"
    ADD CONSTRAINT "events_effect_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."events_event"
    ADD CONSTRAINT "events_event_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."events_heartbeat"
    ADD CONSTRAINT "events_heartbeat_pkey" PRIMARY KEY ("only_row");
ALTER TABLE ONLY "public"."events_keysuppression"
    ADD CONSTRAINT "events_keysuppression_natural_key_key" UNIQUE ("natural_key");
ALTER TABLE ONLY "public"."events_keysuppression"
    ADD CONSTRAINT "events_keysuppression_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."events_manualevent"
    ADD CONSTRAINT "events_manualevent_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."events_operationsevent"
    ADD CONSTRAINT "events_operationsevent_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."events_payloadbody"
    ADD CONSTRAINT "events_payloadbody_pkey" PRIMARY KEY ("sha256");
ALTER TABLE ONLY "public"."events_payloadpoll"
    ADD CONSTRAINT "events_payloadpoll_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."events_quarantineditem"
    ADD CONSTRAINT "events_quarantineditem_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."events_retentionrule"
    ADD CONSTRAINT "events_retentionrule_category_key" UNIQUE ("category");
ALTER TABLE ONLY "public"."events_retentionrule"
    ADD CONSTRAINT "events_retentionrule_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."events_sourcehealth"
    ADD CONSTRAINT "events_sourcehealth_pkey" PRIMARY KEY ("source");
ALTER TABLE ONLY "public"."exchanges_binanceannouncement"
    ADD CONSTRAINT "exchanges_binanceannouncement_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."exchanges_exchangehaltevent"
    ADD CONSTRAINT "exchanges_exchangehaltevent_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."exchanges_instrumentstatusevent"
    ADD CONSTRAINT "exchanges_instrumentstatusevent_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."exchanges_okxannouncement"
    ADD CONSTRAINT "exchanges_okxannouncement_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."exchanges_seenarticle"
    ADD CONSTRAINT "exchanges_seenarticle_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."exchanges_statusspell"
    ADD CONSTRAINT "exchanges_statusspell_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."exchanges_tagspell"
    ADD CONSTRAINT "exchanges_tagspell_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."markets_instrument"
    ADD CONSTRAINT "instrument_once" UNIQUE ("venue", "symbol");
ALTER TABLE ONLY "public"."liquidity_lowliquidity"
    ADD CONSTRAINT "liquidity_lowliquidity_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."liquidity_tokenliquidity"
    ADD CONSTRAINT "liquidity_tokenliquidity_pkey" PRIMARY KEY ("token");
ALTER TABLE ONLY "public"."markets_asset"
    ADD CONSTRAINT "markets_asset_code_key" UNIQUE ("code");
ALTER TABLE ONLY "public"."markets_asset"
    ADD CONSTRAINT "markets_asset_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."markets_assetname"
    ADD CONSTRAINT "markets_assetname_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."markets_instrument"
    ADD CONSTRAINT "markets_instrument_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."markets_quoteasset"
    ADD CONSTRAINT "markets_quoteasset_code_key" UNIQUE ("code");
ALTER TABLE ONLY "public"."markets_quoteasset"
    ADD CONSTRAINT "markets_quoteasset_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."markets_watchlistentry"
    ADD CONSTRAINT "markets_watchlistentry_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."orderbooks_bookminute"
    ADD CONSTRAINT "orderbooks_bookminute_pkey" PRIMARY KEY ("id", "minute");
ALTER TABLE ONLY "public"."orderbooks_bookminute_20261119"
    ADD CONSTRAINT "orderbooks_bookminute_20261119_pkey" PRIMARY KEY ("id", "minute");
ALTER TABLE ONLY "public"."orderbooks_bookminute_20261119"
    ADD CONSTRAINT "orderbooks_bookminute_20261119_venue_symbol_minute_key" UNIQUE ("venue", "symbol", "minute");
ALTER TABLE ONLY "public"."orderbooks_bookminute_20261120"
    ADD CONSTRAINT "orderbooks_bookminute_20261120_pkey" PRIMARY KEY ("id", "minute");
ALTER TABLE ONLY "public"."orderbooks_bookminute_20261120"
    ADD CONSTRAINT "orderbooks_bookminute_20261120_venue_symbol_minute_key" UNIQUE ("venue", "symbol", "minute");
ALTER TABLE ONLY "public"."orderbooks_depthdropevent"
    ADD CONSTRAINT "orderbooks_depthdropevent_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."orderbooks_streamstatus"
    ADD CONSTRAINT "orderbooks_streamstatus_pkey" PRIMARY KEY ("venue");
ALTER TABLE ONLY "public"."orderbooks_whaleevent"
    ADD CONSTRAINT "orderbooks_whaleevent_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."orderbooks_whaleorder"
    ADD CONSTRAINT "orderbooks_whaleorder_pkey" PRIMARY KEY ("id", "at");
ALTER TABLE ONLY "public"."orderbooks_whaleorder_20261119"
    ADD CONSTRAINT "orderbooks_whaleorder_20261119_pkey" PRIMARY KEY ("id", "at");
ALTER TABLE ONLY "public"."orderbooks_whaleorder"
    ADD CONSTRAINT "whaleorder_once" UNIQUE ("venue", "symbol", "at", "is_bid", "price", "size");
ALTER TABLE ONLY "public"."orderbooks_whaleorder_20261119"
    ADD CONSTRAINT "orderbooks_whaleorder_2026111_venue_symbol_at_is_bid_price__key" UNIQUE ("venue", "symbol", "at", "is_bid", "price", "size");
ALTER TABLE ONLY "public"."orderbooks_whaleorder_20261120"
    ADD CONSTRAINT "orderbooks_whaleorder_20261120_pkey" PRIMARY KEY ("id", "at");
ALTER TABLE ONLY "public"."orderbooks_whaleorder_20261120"
    ADD CONSTRAINT "orderbooks_whaleorder_2026112_venue_symbol_at_is_bid_price__key" UNIQUE ("venue", "symbol", "at", "is_bid", "price", "size");
ALTER TABLE ONLY "public"."defillama_peggedcoin"
    ADD CONSTRAINT "pegged_coin_once" UNIQUE ("venue", "coin");
ALTER TABLE ONLY "public"."events_quarantineditem"
    ADD CONSTRAINT "quarantine_once" UNIQUE ("source", "item_key");
ALTER TABLE ONLY "public"."risk_view_state"
    ADD CONSTRAINT "risk_view_state_pkey" PRIMARY KEY ("only_row");
ALTER TABLE ONLY "public"."exchanges_seenarticle"
    ADD CONSTRAINT "seen_article_once" UNIQUE ("exchange", "article_id");
ALTER TABLE ONLY "public"."volatility_pricedpairname"
    ADD CONSTRAINT "volatility_pricedpairname_name_key" UNIQUE ("name");
ALTER TABLE ONLY "public"."volatility_pricedpairname"
    ADD CONSTRAINT "volatility_pricedpairname_pkey" PRIMARY KEY ("id");
ALTER TABLE ONLY "public"."volatility_priceminute"
    ADD CONSTRAINT "volatility_priceminute_pkey" PRIMARY KEY ("at");
ALTER TABLE ONLY "public"."volatility_volatilityevent"
    ADD CONSTRAINT "volatility_volatilityevent_pkey" PRIMARY KEY ("event_ptr_id");
ALTER TABLE ONLY "public"."markets_watchlistentry"
    ADD CONSTRAINT "watch_list_once" UNIQUE ("watch_list", "currency");
CREATE UNIQUE INDEX "acknowledgement_stands_once" ON "public"."alerts_acknowledgement" USING "btree" ("event_id") WHERE ("ended_at" IS NULL);
CREATE INDEX "alert_event_channel" ON "public"."alerts_alert" USING "btree" ("event_id", "channel", "id");
CREATE INDEX "alert_held" ON "public"."alerts_alert" USING "btree" ("id") WHERE (("state")::"text" = 'held'::"text");
CREATE INDEX "alert_newest" ON "public"."alerts_alert" USING "btree" ("queued_at" DESC);
CREATE INDEX "alert_open" ON "public"."alerts_alert" USING "btree" ("channel", "urgency" DESC, "due_at", "id") WHERE (("state")::"text" = ANY ((ARRAY['pending'::character varying, 'sending'::character varying])::"text"[]));
CREATE INDEX "alerts_acknowledgement_event_id_ec93f331" ON "public"."alerts_acknowledgement" USING "btree" ("event_id");
CREATE INDEX "alerts_addedreceiver_name_632469b5_like" ON "public"."alerts_addedreceiver" USING "btree" ("name" "varchar_pattern_ops");
CREATE INDEX "alerts_alert_digest_id_3ef9f34a" ON "public"."alerts_alert" USING "btree" ("digest_id");
CREATE INDEX "alerts_alert_event_id_5caed5e9" ON "public"."alerts_alert" USING "btree" ("event_id");
CREATE INDEX "alerts_alert_inhibitor_id_faefddf5" ON "public"."alerts_alert" USING "btree" ("inhibitor_id");
CREATE INDEX "alerts_alert_silence_id_363694a1" ON "public"."alerts_alert" USING "btree" ("silence_id");
CREATE INDEX "alerts_alertattempt_alert_id_ded892bf" ON "public"."alerts_alertattempt" USING "btree" ("alert_id");
CREATE INDEX "alerts_auditentry_event_id_a6b4ad24" ON "public"."alerts_auditentry" USING "btree" ("event_id");
CREATE INDEX "alerts_auditentry_link_bd65faea_like" ON "public"."alerts_auditentry" USING "btree" ("link" "varchar_pattern_ops");
CREATE INDEX "alerts_auditentry_user_id_619713c7" ON "public"."alerts_auditentry" USING "btree" ("user_id");
CREATE INDEX "alerts_channelstate_channel_ff73a670_like" ON "public"."alerts_channelstate" USING "btree" ("channel" "varchar_pattern_ops");
CREATE INDEX "attempt_channel" ON "public"."alerts_alertattempt" USING "btree" ("channel", "started_at" DESC);
CREATE INDEX "audit_by_age" ON "public"."alerts_auditentry" USING "btree" ("at");
CREATE INDEX "auth_group_name_a6ea08ec_like" ON "public"."auth_group" USING "btree" ("name" "varchar_pattern_ops");
CREATE INDEX "auth_group_permissions_group_id_b120cbf9" ON "public"."auth_group_permissions" USING "btree" ("group_id");
CREATE INDEX "auth_group_permissions_permission_id_84c5c92e" ON "public"."auth_group_permissions" USING "btree" ("permission_id");
CREATE INDEX "auth_permission_content_type_id_2f476e4b" ON "public"."auth_permission" USING "btree" ("content_type_id");
CREATE INDEX "auth_user_groups_group_id_97559544" ON "public"."auth_user_groups" USING "btree" ("group_id");
CREATE INDEX "auth_user_groups_user_id_6a12ed8b" ON "public"."auth_user_groups" USING "btree" ("user_id");
CREATE INDEX "auth_user_user_permissions_permission_id_1fbb5f2c" ON "public"."auth_user_user_permissions" USING "btree" ("permission_id");
CREATE INDEX "auth_user_user_permissions_user_id_a95ead1b" ON "public"."auth_user_user_permissions" USING "btree" ("user_id");
CREATE INDEX "auth_user_username_6821ab7c_like" ON "public"."auth_user" USING "btree" ("username" "varchar_pattern_ops");
CREATE INDEX "bookminute_minute" ON ONLY "public"."orderbooks_bookminute" USING "btree" ("minute");
CREATE INDEX "defillama_currencyrate_currency_c94925b1_like" ON "public"."defillama_currencyrate" USING "btree" ("currency" "varchar_pattern_ops");
CREATE INDEX "defillama_network_name_ac3276a2_like" ON "public"."defillama_network" USING "btree" ("name" "varchar_pattern_ops");
CREATE INDEX "defillama_protocoltoken_name_8781c5bd_like" ON "public"."defillama_protocoltoken" USING "btree" ("name" "varchar_pattern_ops");
CREATE INDEX "defillama_seenhack_event_id_ea4628eb" ON "public"."defillama_seenhack" USING "btree" ("event_id");
CREATE INDEX "defillama_seenhack_natural_key_dd64cced_like" ON "public"."defillama_seenhack" USING "btree" ("natural_key" "varchar_pattern_ops");
CREATE INDEX "django_admin_log_content_type_id_c4bce8eb" ON "public"."django_admin_log" USING "btree" ("content_type_id");
CREATE INDEX "django_admin_log_user_id_c564eba6" ON "public"."django_admin_log" USING "btree" ("user_id");
CREATE INDEX "django_session_expire_date_a5c62663" ON "public"."django_session" USING "btree" ("expire_date");
CREATE INDEX "django_session_session_key_c0390e0f_like" ON "public"."django_session" USING "btree" ("session_key" "varchar_pattern_ops");
CREATE INDEX "effect_tickers" ON "public"."events_effect" USING "gin" ("tickers");
CREATE INDEX "event_natural_key" ON "public"."events_event" USING "btree" ("natural_key", "id" DESC);
CREATE INDEX "event_newest" ON "public"."events_event" USING "btree" ("opened_at" DESC, "id" DESC);
CREATE INDEX "event_open_high" ON "public"."events_event" USING "btree" ("id") WHERE ((("priority")::"text" = 'high'::"text") AND (("status")::"text" = 'open'::"text"));
CREATE UNIQUE INDEX "event_open_natural_key" ON "public"."events_event" USING "btree" ("natural_key") WHERE (("status")::"text" = 'open'::"text");
CREATE INDEX "event_open_step_due" ON "public"."events_event" USING "btree" ("step_due_at") WHERE (("status")::"text" = 'open'::"text");
CREATE INDEX "event_source_category" ON "public"."events_event" USING "btree" ("source", "category", "opened_at" DESC);
CREATE INDEX "events_effect_event_id_b4d637a4" ON "public"."events_effect" USING "btree" ("event_id");
CREATE INDEX "events_effect_token_4c2ef00b" ON "public"."events_effect" USING "btree" ("token");
CREATE INDEX "events_effect_token_4c2ef00b_like" ON "public"."events_effect" USING "btree" ("token" "varchar_pattern_ops");
CREATE INDEX "events_event_payload_id_5c506b89" ON "public"."events_event" USING "btree" ("payload_id");
CREATE INDEX "events_event_payload_id_5c506b89_like" ON "public"."events_event" USING "btree" ("payload_id" "varchar_pattern_ops");
CREATE INDEX "events_event_polymorphic_ctype_id_01c93e7f" ON "public"."events_event" USING "btree" ("polymorphic_ctype_id");
CREATE INDEX "events_keysuppression_natural_key_4acd4cfc_like" ON "public"."events_keysuppression" USING "btree" ("natural_key" "varchar_pattern_ops");
CREATE INDEX "events_payloadbody_first_seen_at_8c75dc95" ON "public"."events_payloadbody" USING "btree" ("first_seen_at");
CREATE INDEX "events_payloadbody_sha256_ee9c5631_like" ON "public"."events_payloadbody" USING "btree" ("sha256" "varchar_pattern_ops");
CREATE INDEX "events_payloadpoll_body_id_96c66129" ON "public"."events_payloadpoll" USING "btree" ("body_id");
CREATE INDEX "events_payloadpoll_body_id_96c66129_like" ON "public"."events_payloadpoll" USING "btree" ("body_id" "varchar_pattern_ops");
CREATE INDEX "events_quarantineditem_payload_id_4dc99701" ON "public"."events_quarantineditem" USING "btree" ("payload_id");
CREATE INDEX "events_quarantineditem_payload_id_4dc99701_like" ON "public"."events_quarantineditem" USING "btree" ("payload_id" "varchar_pattern_ops");
CREATE INDEX "events_retentionrule_category_833cd650_like" ON "public"."events_retentionrule" USING "btree" ("category" "varchar_pattern_ops");
CREATE INDEX "events_sourcehealth_error_payload_id_d249c269" ON "public"."events_sourcehealth" USING "btree" ("error_payload_id");
CREATE INDEX "events_sourcehealth_error_payload_id_d249c269_like" ON "public"."events_sourcehealth" USING "btree" ("error_payload_id" "varchar_pattern_ops");
CREATE INDEX "events_sourcehealth_source_49ce3013_like" ON "public"."events_sourcehealth" USING "btree" ("source" "varchar_pattern_ops");
CREATE INDEX "exchanges_seenarticle_event_id_c2de2ac0" ON "public"."exchanges_seenarticle" USING "btree" ("event_id");
CREATE INDEX "exchanges_seenarticle_payload_id_e8975028" ON "public"."exchanges_seenarticle" USING "btree" ("payload_id");
CREATE INDEX "exchanges_seenarticle_payload_id_e8975028_like" ON "public"."exchanges_seenarticle" USING "btree" ("payload_id" "varchar_pattern_ops");
CREATE INDEX "instrument_live" ON "public"."markets_instrument" USING "btree" ("venue") WHERE "live";
CREATE INDEX "instrument_token" ON "public"."markets_instrument" USING "btree" ("token", "venue");
CREATE INDEX "liquidity_tokenliquidity_token_8e5d51db_like" ON "public"."liquidity_tokenliquidity" USING "btree" ("token" "varchar_pattern_ops");
CREATE INDEX "markets_asset_code_aefdadab_like" ON "public"."markets_asset" USING "btree" ("code" "varchar_pattern_ops");
CREATE INDEX "markets_assetname_asset_id_69e386c8" ON "public"."markets_assetname" USING "btree" ("asset_id");
CREATE INDEX "markets_quoteasset_code_b7277370_like" ON "public"."markets_quoteasset" USING "btree" ("code" "varchar_pattern_ops");
CREATE INDEX "orderbooks_bookminute_20261119_minute_idx" ON "public"."orderbooks_bookminute_20261119" USING "btree" ("minute");
CREATE INDEX "orderbooks_bookminute_20261120_minute_idx" ON "public"."orderbooks_bookminute_20261120" USING "btree" ("minute");
CREATE INDEX "orderbooks_streamstatus_venue_f07b7985_like" ON "public"."orderbooks_streamstatus" USING "btree" ("venue" "varchar_pattern_ops");
CREATE INDEX "whaleorder_at" ON ONLY "public"."orderbooks_whaleorder" USING "btree" ("at" DESC);
CREATE INDEX "orderbooks_whaleorder_20261119_at_idx" ON "public"."orderbooks_whaleorder_20261119" USING "btree" ("at" DESC);
CREATE INDEX "whaleorder_score" ON ONLY "public"."orderbooks_whaleorder" USING "btree" ("score", "at" DESC);
CREATE INDEX "orderbooks_whaleorder_20261119_score_at_idx" ON "public"."orderbooks_whaleorder_20261119" USING "btree" ("score", "at" DESC);
CREATE INDEX "orderbooks_whaleorder_20261120_at_idx" ON "public"."orderbooks_whaleorder_20261120" USING "btree" ("at" DESC);
CREATE INDEX "orderbooks_whaleorder_20261120_score_at_idx" ON "public"."orderbooks_whaleorder_20261120" USING "btree" ("score", "at" DESC);
CREATE INDEX "poll_received" ON "public"."events_payloadpoll" USING "btree" ("received_at");
CREATE INDEX "poll_source_received" ON "public"."events_payloadpoll" USING "btree" ("source", "received_at" DESC);
CREATE INDEX "seen_article_released" ON "public"."exchanges_seenarticle" USING "btree" ("released_at" DESC);
CREATE INDEX "seen_article_state" ON "public"."exchanges_seenarticle" USING "btree" ("exchange", "state");
CREATE INDEX "seen_hack_newest" ON "public"."defillama_seenhack" USING "btree" ("day" DESC, "name");
CREATE INDEX "status_spell_symbol" ON "public"."exchanges_statusspell" USING "btree" ("venue", "symbol", "ended_at" DESC);
CREATE UNIQUE INDEX "tag_spell_open_once" ON "public"."exchanges_tagspell" USING "btree" ("exchange", "token", "tag") WHERE ("ended_at" IS NULL);
CREATE INDEX "tag_spell_token" ON "public"."exchanges_tagspell" USING "btree" ("token", "began_at" DESC);
CREATE UNIQUE INDEX "token_risk_view_token" ON "public"."token_risk_view" USING "btree" ("token");
CREATE INDEX "volatility_pricedpairname_name_d4d5c4da_like" ON "public"."volatility_pricedpairname" USING "btree" ("name" "varchar_pattern_ops");
ALTER INDEX "public"."bookminute_minute" ATTACH PARTITION "public"."orderbooks_bookminute_20261119_minute_idx";
ALTER INDEX "public"."orderbooks_bookminute_pkey" ATTACH PARTITION "public"."orderbooks_bookminute_20261119_pkey";
ALTER INDEX "public"."bookminute_once" ATTACH PARTITION "public"."orderbooks_bookminute_20261119_venue_symbol_minute_key";
ALTER INDEX "public"."bookminute_minute" ATTACH PARTITION "public"."orderbooks_bookminute_20261120_minute_idx";
ALTER INDEX "public"."orderbooks_bookminute_pkey" ATTACH PARTITION "public"."orderbooks_bookminute_20261120_pkey";
ALTER INDEX "public"."bookminute_once" ATTACH PARTITION "public"."orderbooks_bookminute_20261120_venue_symbol_minute_key";
ALTER INDEX "public"."whaleorder_at" ATTACH PARTITION "public"."orderbooks_whaleorder_20261119_at_idx";
ALTER INDEX "public"."orderbooks_whaleorder_pkey" ATTACH PARTITION "public"."orderbooks_whaleorder_20261119_pkey";
ALTER INDEX "public"."whaleorder_score" ATTACH PARTITION "public"."orderbooks_whaleorder_20261119_score_at_idx";
ALTER INDEX "public"."whaleorder_once" ATTACH PARTITION "public"."orderbooks_whaleorder_2026111_venue_symbol_at_is_bid_price__key";
ALTER INDEX "public"."whaleorder_at" ATTACH PARTITION "public"."orderbooks_whaleorder_20261120_at_idx";
ALTER INDEX "public"."orderbooks_whaleorder_pkey" ATTACH PARTITION "public"."orderbooks_whaleorder_20261120_pkey";
ALTER INDEX "public"."whaleorder_score" ATTACH PARTITION "public"."orderbooks_whaleorder_20261120_score_at_idx";
ALTER INDEX "public"."whaleorder_once" ATTACH PARTITION "public"."orderbooks_whaleorder_2026112_venue_symbol_at_is_bid_price__key";
CREATE TRIGGER "mark_token_risk_view_delete" BEFORE DELETE ON "public"."events_event" FOR EACH ROW WHEN (((("old"."status")::"text" = 'open'::"text") AND (("old"."priority")::"text" = 'high'::"text"))) EXECUTE FUNCTION "public"."mark_token_risk_view"();
CREATE TRIGGER "mark_token_risk_view_insert" BEFORE INSERT ON "public"."events_event" FOR EACH ROW WHEN (((("new"."status")::"text" = 'open'::"text") AND (("new"."priority")::"text" = 'high'::"text"))) EXECUTE FUNCTION "public"."mark_token_risk_view"();
CREATE TRIGGER "mark_token_risk_view_insert_delete" BEFORE INSERT OR DELETE ON "public"."events_effect" FOR EACH ROW EXECUTE FUNCTION "public"."mark_token_risk_view"();
CREATE TRIGGER "mark_token_risk_view_truncate" BEFORE TRUNCATE ON "public"."events_effect" FOR EACH STATEMENT EXECUTE FUNCTION "public"."mark_token_risk_view"();
CREATE TRIGGER "mark_token_risk_view_truncate" BEFORE TRUNCATE ON "public"."events_event" FOR EACH STATEMENT EXECUTE FUNCTION "public"."mark_token_risk_view"();
CREATE TRIGGER "mark_token_risk_view_update" BEFORE UPDATE ON "public"."events_effect" FOR EACH ROW WHEN (((((((((("old"."event_id" IS DISTINCT FROM "new"."event_id") OR (("old"."token")::"text" IS DISTINCT FROM ("new"."token")::"text")) OR (("old"."scope")::"text" IS DISTINCT FROM ("new"."scope")::"text")) OR (("old"."venue")::"text" IS DISTINCT FROM ("new"."venue")::"text")) OR ("old"."tickers" IS DISTINCT FROM "new"."tickers")) OR (("old"."trading_status")::"text" IS DISTINCT FROM ("new"."trading_status")::"text")) OR (("old"."action")::"text" IS DISTINCT FROM ("new"."action")::"text")) OR (("old"."risk_level")::"text" IS DISTINCT FROM ("new"."risk_level")::"text")) OR ("old"."trading_ends_at" IS DISTINCT FROM "new"."trading_ends_at"))) EXECUTE FUNCTION "public"."mark_token_risk_view"();
CREATE TRIGGER "mark_token_risk_view_update" BEFORE UPDATE ON "public"."events_event" FOR EACH ROW WHEN (((((("old"."status")::"text" = 'open'::"text") AND (("old"."priority")::"text" = 'high'::"text")) OR ((("new"."status")::"text" = 'open'::"text") AND (("new"."priority")::"text" = 'high'::"text"))) AND ((((((((((((("old"."id" IS DISTINCT FROM "new"."id") OR (("old"."status")::"text" IS DISTINCT FROM ("new"."status")::"text")) OR (("old"."priority")::"text" IS DISTINCT FROM ("new"."priority")::"text")) OR (("old"."source")::"text" IS DISTINCT FROM ("new"."source")::"text")) OR (("old"."category")::"text" IS DISTINCT FROM ("new"."category")::"text")) OR ("old"."title" IS DISTINCT FROM "new"."title")) OR ("old"."url" IS DISTINCT FROM "new"."url")) OR ("old"."important_dates" IS DISTINCT FROM "new"."important_dates")) OR ("old"."next_important_at" IS DISTINCT FROM "new"."next_important_at")) OR ("old"."valid_until" IS DISTINCT FROM "new"."valid_until")) OR ("old"."seen_at" IS DISTINCT FROM "new"."seen_at")) OR ("old"."opened_at" IS DISTINCT FROM "new"."opened_at")) OR ("old"."updated_at" IS DISTINCT FROM "new"."updated_at")))) EXECUTE FUNCTION "public"."mark_token_risk_view"();
CREATE CONSTRAINT TRIGGER "trg_refresh_token_risk_view" AFTER INSERT OR DELETE OR UPDATE ON "public"."events_effect" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (("current_setting"('ews.risk_view_dirty'::"text", true) = 'on'::"text")) EXECUTE FUNCTION "public"."refresh_token_risk_view"();
CREATE CONSTRAINT TRIGGER "trg_refresh_token_risk_view" AFTER INSERT OR DELETE OR UPDATE ON "public"."events_event" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (("current_setting"('ews.risk_view_dirty'::"text", true) = 'on'::"text")) EXECUTE FUNCTION "public"."refresh_token_risk_view"();
CREATE TRIGGER "trg_refresh_token_risk_view_truncate" AFTER TRUNCATE ON "public"."events_effect" FOR EACH STATEMENT EXECUTE FUNCTION "public"."refresh_token_risk_view"();
CREATE TRIGGER "trg_refresh_token_risk_view_truncate" AFTER TRUNCATE ON "public"."events_event" FOR EACH STATEMENT EXECUTE FUNCTION "public"."refresh_token_risk_view"();
ALTER TABLE ONLY "public"."alerts_acknowledgement"
    ADD CONSTRAINT "alerts_acknowledgement_event_id_ec93f331_fk_events_event_id" FOREIGN KEY ("event_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."alerts_alert"
    ADD CONSTRAINT "alerts_alert_digest_id_3ef9f34a_fk_alerts_alert_id" FOREIGN KEY ("digest_id") REFERENCES "public"."alerts_alert"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."alerts_alert"
    ADD CONSTRAINT "alerts_alert_event_id_5caed5e9_fk_events_event_id" FOREIGN KEY ("event_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."alerts_alert"
    ADD CONSTRAINT "alerts_alert_inhibitor_id_faefddf5_fk_events_event_id" FOREIGN KEY ("inhibitor_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."alerts_alert"
    ADD CONSTRAINT "alerts_alert_silence_id_363694a1_fk_alerts_silence_id" FOREIGN KEY ("silence_id") REFERENCES "public"."alerts_silence"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."alerts_alertattempt"
    ADD CONSTRAINT "alerts_alertattempt_alert_id_ded892bf_fk_alerts_alert_id" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts_alert"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."alerts_auditentry"
    ADD CONSTRAINT "alerts_auditentry_event_id_a6b4ad24_fk_events_event_id" FOREIGN KEY ("event_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."alerts_auditentry"
    ADD CONSTRAINT "alerts_auditentry_user_id_619713c7_fk_auth_user_id" FOREIGN KEY ("user_id") REFERENCES "public"."auth_user"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."auth_group_permissions"
    ADD CONSTRAINT "auth_group_permissio_permission_id_84c5c92e_fk_auth_perm" FOREIGN KEY ("permission_id") REFERENCES "public"."auth_permission"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."auth_group_permissions"
    ADD CONSTRAINT "auth_group_permissions_group_id_b120cbf9_fk_auth_group_id" FOREIGN KEY ("group_id") REFERENCES "public"."auth_group"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."auth_permission"
    ADD CONSTRAINT "auth_permission_content_type_id_2f476e4b_fk_django_co" FOREIGN KEY ("content_type_id") REFERENCES "public"."django_content_type"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."auth_user_groups"
    ADD CONSTRAINT "auth_user_groups_group_id_97559544_fk_auth_group_id" FOREIGN KEY ("group_id") REFERENCES "public"."auth_group"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."auth_user_groups"
    ADD CONSTRAINT "auth_user_groups_user_id_6a12ed8b_fk_auth_user_id" FOREIGN KEY ("user_id") REFERENCES "public"."auth_user"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."auth_user_user_permissions"
    ADD CONSTRAINT "auth_user_user_permi_permission_id_1fbb5f2c_fk_auth_perm" FOREIGN KEY ("permission_id") REFERENCES "public"."auth_permission"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."auth_user_user_permissions"
    ADD CONSTRAINT "auth_user_user_permissions_user_id_a95ead1b_fk_auth_user_id" FOREIGN KEY ("user_id") REFERENCES "public"."auth_user"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."defillama_depegevent"
    ADD CONSTRAINT "defillama_depegevent_event_ptr_id_4f2ce154_fk_events_event_id" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."defillama_hackevent"
    ADD CONSTRAINT "defillama_hackevent_event_ptr_id_5ed03a93_fk_events_event_id" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."defillama_seenhack"
    ADD CONSTRAINT "defillama_seenhack_event_id_ea4628eb_fk_events_event_id" FOREIGN KEY ("event_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."django_admin_log"
    ADD CONSTRAINT "django_admin_log_content_type_id_c4bce8eb_fk_django_co" FOREIGN KEY ("content_type_id") REFERENCES "public"."django_content_type"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."django_admin_log"
    ADD CONSTRAINT "django_admin_log_user_id_c564eba6_fk_auth_user_id" FOREIGN KEY ("user_id") REFERENCES "public"."auth_user"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."events_effect"
    ADD CONSTRAINT "events_effect_event_id_b4d637a4_fk_events_event_id" FOREIGN KEY ("event_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."events_event"
    ADD CONSTRAINT "events_event_payload_id_5c506b89_fk_events_payloadbody_sha256" FOREIGN KEY ("payload_id") REFERENCES "public"."events_payloadbody"("sha256") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."events_event"
    ADD CONSTRAINT "events_event_polymorphic_ctype_id_01c93e7f_fk_django_co" FOREIGN KEY ("polymorphic_ctype_id") REFERENCES "public"."django_content_type"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."events_manualevent"
    ADD CONSTRAINT "events_manualevent_event_ptr_id_091e8887_fk_events_event_id" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."events_operationsevent"
    ADD CONSTRAINT "events_operationsevent_event_ptr_id_f4b57194_fk_events_event_id" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."events_payloadpoll"
    ADD CONSTRAINT "events_payloadpoll_body_id_96c66129_fk_events_pa" FOREIGN KEY ("body_id") REFERENCES "public"."events_payloadbody"("sha256") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."events_quarantineditem"
    ADD CONSTRAINT "events_quarantinedit_payload_id_4dc99701_fk_events_pa" FOREIGN KEY ("payload_id") REFERENCES "public"."events_payloadbody"("sha256") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."events_sourcehealth"
    ADD CONSTRAINT "events_sourcehealth_error_payload_id_d249c269_fk_events_pa" FOREIGN KEY ("error_payload_id") REFERENCES "public"."events_payloadbody"("sha256") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."exchanges_binanceannouncement"
    ADD CONSTRAINT "exchanges_binanceann_event_ptr_id_8174d833_fk_events_ev" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."exchanges_exchangehaltevent"
    ADD CONSTRAINT "exchanges_exchangeha_event_ptr_id_0045a49c_fk_events_ev" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."exchanges_instrumentstatusevent"
    ADD CONSTRAINT "exchanges_instrument_event_ptr_id_c84d19da_fk_events_ev" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."exchanges_okxannouncement"
    ADD CONSTRAINT "exchanges_okxannounc_event_ptr_id_9db8b306_fk_events_ev" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."exchanges_seenarticle"
    ADD CONSTRAINT "exchanges_seenarticl_payload_id_e8975028_fk_events_pa" FOREIGN KEY ("payload_id") REFERENCES "public"."events_payloadbody"("sha256") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."exchanges_seenarticle"
    ADD CONSTRAINT "exchanges_seenarticle_event_id_c2de2ac0_fk_events_event_id" FOREIGN KEY ("event_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."liquidity_lowliquidity"
    ADD CONSTRAINT "liquidity_lowliquidity_event_ptr_id_d3ef9408_fk_events_event_id" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."markets_assetname"
    ADD CONSTRAINT "markets_assetname_asset_id_69e386c8_fk_markets_asset_id" FOREIGN KEY ("asset_id") REFERENCES "public"."markets_asset"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."orderbooks_depthdropevent"
    ADD CONSTRAINT "orderbooks_depthdrop_event_ptr_id_e72a765b_fk_events_ev" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."orderbooks_whaleevent"
    ADD CONSTRAINT "orderbooks_whaleevent_event_ptr_id_6b1d39f7_fk_events_event_id" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY "public"."volatility_volatilityevent"
    ADD CONSTRAINT "volatility_volatilit_event_ptr_id_9eb8a3b3_fk_events_ev" FOREIGN KEY ("event_ptr_id") REFERENCES "public"."events_event"("id") DEFERRABLE INITIALLY DEFERRED;
GRANT USAGE ON SCHEMA "public" TO "ews_bot";
REVOKE ALL ON FUNCTION "public"."mark_token_risk_view"() FROM PUBLIC;
REVOKE ALL ON FUNCTION "public"."refresh_token_risk_view"() FROM PUBLIC;
REVOKE ALL ON FUNCTION "public"."refresh_token_risk_view_now"() FROM PUBLIC;
GRANT SELECT ON TABLE "public"."instrument_risk_view" TO "ews_bot";
GRANT SELECT ON TABLE "public"."token_risk_view" TO "ews_bot";
GRANT SELECT ON TABLE "public"."token_risk_view_status" TO "ews_bot";
REFRESH MATERIALIZED VIEW "public"."token_risk_view";
