"""`token_risk_view` with its companions (DESIGN.md section 6), and the role that bots read them with."""

from django.db import migrations

from migrations.operations import WithoutRiskView

TYPES = """
CREATE TYPE risk_level AS ENUM ('high', 'critical');
CREATE TYPE risk_action AS ENUM ('watch', 'avoid_new', 'reduce_only', 'exit', 'halt');
CREATE TYPE trading_status AS ENUM (
    'trading', 'deposits_suspended', 'delisting', 'trading_suspended', 'delisted'
);
"""
DROP_TYPES = "DROP TYPE trading_status; DROP TYPE risk_action; DROP TYPE risk_level;"

# One row, updated by every refresh: with free space in its page, PostgreSQL cleans up behind each update.
STATE = """
CREATE TABLE risk_view_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq bigint NOT NULL,
    refreshed_at timestamptz NOT NULL,
    open_events bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO risk_view_state (seq, refreshed_at, open_events) VALUES (0, clock_timestamp(), 0);
"""
DROP_STATE = "DROP TABLE risk_view_state;"

# Roles belong to the whole cluster: another database may have made it already, or be making it now. It has no password,
# so it cannot log in with one before it is given one. What PUBLIC may do, it may do too: before PostgreSQL 15 that is
# to create tables in the schema `public`.
ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ews_bot') THEN
        CREATE ROLE ews_bot LOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL; -- made by another session in the meantime
    WHEN insufficient_privilege THEN
        RAISE WARNING 'role ews_bot was not created: % lacks CREATEROLE', current_user
            USING HINT = 'As a superuser: CREATE ROLE ews_bot LOGIN PASSWORD ''…''; GRANT USAGE ON SCHEMA '
                || quote_ident(current_schema()) || ' TO ews_bot; '
                || 'GRANT SELECT ON token_risk_view, instrument_risk_view, token_risk_view_status TO ews_bot;';
END
$$;
DO $$
BEGIN
    IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = current_schema()), 'USAGE') THEN
        EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema());
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ews_bot') THEN
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO ews_bot', current_schema());
        END IF;
    ELSIF EXISTS (
        SELECT FROM pg_namespace, aclexplode(nspacl) AS granted
         WHERE nspname = current_schema() AND granted.grantee = 0 AND granted.privilege_type = 'CREATE'
    ) THEN
        RAISE WARNING 'every role, ews_bot included, may create tables in schema %: % does not own it',
                      current_schema(), current_user
            USING HINT = 'As its owner: REVOKE CREATE ON SCHEMA ' || quote_ident(current_schema()) || ' FROM PUBLIC;';
    END IF;
END
$$;
-- Views and LISTEN are all that the bots' role is for: not even temporary tables, where the database is ours to decide.
DO $$
BEGIN
    IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    END IF;
END
$$;
-- Compiling a query of the plain views would take a bot longer than running it.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ews_bot') THEN
        EXECUTE format('ALTER ROLE ews_bot IN DATABASE %I SET jit = off', current_database());
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    NULL; -- a matter of milliseconds, not worth a warning
END
$$;
"""
# The role stays, it may serve other databases; this one takes its privilege back.
FORGET_ROLE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ews_bot')
       AND pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = current_schema()), 'USAGE') THEN
        EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM ews_bot', current_schema());
    END IF;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.RunSQL([(TYPES, None)], [(DROP_TYPES, None)]),
        migrations.RunSQL([(STATE, None)], [(DROP_STATE, None)]),
        migrations.RunSQL([(ROLE, None)], [(FORGET_ROLE, None)]),
        WithoutRiskView(was=None, becomes=1),
    ]
