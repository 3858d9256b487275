"""What a bot can do to us: it logs in as `ews_bot`, tries, and afterwards everything is as it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from django.db import connection
from psycopg2.extensions import connection as PgConnection
from psycopg2.extensions import encrypt_password

from events.daemon.leader import LeaderLock
from events.database.bot_guard import BotGuard
from events.database.bot_role import BOT, open_doors, remember_password, secure
from events.models import BotLogin, Effect, Event
from tests.events.risk_view.support import make_event, query, raw_connection
from tests.support.daemon_process import eventually
from tests.upgrades.databases import of_this_worker

PASSWORD = "of-a-bot-in-a-test"
LIMIT = 12
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
# The contract is 100 ms; a machine that tests may be busy with others.
LONGEST_COMMIT_SECONDS = 1.0

# Refused, every one of them.
DENIED = {
    "an advisory lock": "SELECT pg_advisory_lock(7310034283826832740)",
    "an advisory lock with two keys": "SELECT pg_advisory_lock(1163219761, 1)",
    "an advisory lock of the transaction": "SELECT pg_advisory_xact_lock(1163219761)",
    "an advisory lock, tried": "SELECT pg_try_advisory_lock(1163219761)",
    "an advisory lock, shared": "SELECT pg_advisory_lock_shared(1163219761)",
    "the whole lock table": "SELECT pg_advisory_lock(g) FROM generate_series(1, 50000) g",
    "a large object": "SELECT lo_create(0)",
    "a large object, the old way": "SELECT lo_creat(-1)",
    "a large object with bytes": "SELECT lo_from_bytea(0, decode(repeat('00', 100000), 'hex'))",
    "a large object from a file": "SELECT lo_import('/etc/passwd')",
    "bytes put into a large object": "SELECT lo_put(1, 0, 'x')",
    "WAL without end": "SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000))",
    "a million messages": "SELECT pg_notify('token_risk', repeat('x', 7000)) FROM generate_series(1, 1000000)",
    "a transaction id": "SELECT pg_current_xact_id()",
    "a transaction id, the old way": "SELECT txid_current()",
    "an exported snapshot": "SELECT pg_export_snapshot()",
    "a table": "CREATE TABLE mine (x int)",
    "a temporary table": "CREATE TEMPORARY TABLE mine (x int)",
    "a temporary table from a query": "SELECT 1 AS x INTO TEMPORARY mine",
    "a view of its own": "CREATE VIEW token_risk AS SELECT 1 AS x",
    "a schema": "CREATE SCHEMA mine",
    "a function": "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a type": "CREATE TYPE mine AS (x int)",
    "an extension": "CREATE EXTENSION plpgsql SCHEMA public",
    "a database": "CREATE DATABASE mine",
    "a role": "CREATE ROLE mine",
    "a row of events": "INSERT INTO events_event (title) VALUES ('x')",
    "a closed event": "UPDATE events_event SET status = 'closed', closed_at = now()",
    "no effect": "DELETE FROM events_effect",
    "an empty table": "TRUNCATE events_event CASCADE",
    "a row of the view": "DELETE FROM token_risk_view",
    "a newer heartbeat": "UPDATE events_heartbeat SET beat_at = now() + interval '1 day'",
    "a row of the status": "UPDATE token_risk_view_status SET seq = 0",
    "another seq": "UPDATE risk_view_state SET seq = 0",
    "the events": "SELECT * FROM events_event",
    "the outbox": "SELECT * FROM alerts_alert",
    "its own verifier": "SELECT * FROM events_botlogin",
    "the password file": "SELECT pg_read_file('/etc/passwd')",
    "a refresh": "SELECT refresh_token_risk_view_now()",
    "a plain refresh": "REFRESH MATERIALIZED VIEW token_risk_view",
    "the lock of the refresh": "LOCK TABLE risk_view_state IN ACCESS SHARE MODE",
    "the lock of the leader": "LOCK TABLE ews_lock_leader IN ACCESS SHARE MODE",
    "a strong lock on a view": "LOCK TABLE token_risk_view_status IN SHARE MODE",
    "the end of others": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ews'",
    "another role": "SET ROLE ews",
    "no triggers": "SET session_replication_role = replica",
    "more disk for sorting": "SET temp_file_limit = -1",
    "more connections": f"ALTER ROLE {BOT} CONNECTION LIMIT -1",
    "all rights": f"ALTER ROLE {BOT} SUPERUSER",
    "a file": "COPY (SELECT 1) TO '/tmp/ews-probe'",
    "a program": "COPY (SELECT 1) TO PROGRAM 'true'",
}
# Not refused, and harmless.
ALLOWED = {
    "a read that stays open": "SELECT * FROM token_risk_view",
    "the weakest lock": "LOCK TABLE token_risk_view_status IN ACCESS SHARE MODE",
    "a cursor that stays open": "DECLARE mine CURSOR FOR SELECT * FROM instrument_risk_view; FETCH mine",
    "the mark of a refresh": "SELECT set_config('ews.risk_view_dirty', 'on', false)",
    "a forged message": """NOTIFY token_risk, '{"seq": 1, "added": [], "removed": ["RISK"]}'""",
    "a repeatable read": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM token_risk_view",
    "the search path": "SET search_path = pg_catalog",
    "a block of code": "DO $$ BEGIN PERFORM repeat('x', 1000000); END $$",
    "no timeouts": "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0",
}


@dataclass
class World:
    """The database with one halted token, and how a bot gets in."""

    event_id: int
    count_rows: str
    session: PgConnection | None = None

    def connect(self, password: str = PASSWORD, **options: Any) -> PgConnection:
        settings = connection.get_connection_params()
        where = {name: settings[name] for name in ("dbname", "host", "port") if name in settings}
        opened = psycopg2.connect(**where, user=BOT, password=password, **options)
        opened.autocommit = True
        return opened

    def bot(self) -> PgConnection:
        if self.session is None or self.session.closed:
            self.session = self.connect()
        return self.session

    def state(self) -> tuple[Any, ...]:
        return (
            query("SELECT token, action, trading_status FROM token_risk_view"),
            query("SELECT count(*) FROM pg_largeobject_metadata"),
            query(self.count_rows),
            query("SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", BOT),
        )


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock():
        lock = LeaderLock()
        lock.try_acquire()
        lock.release()
        secure()
        verifier = encrypt_password(PASSWORD, BOT, scope=connection.connection, algorithm="scram-sha-256")
        query(f"ALTER ROLE {BOT} LOGIN PASSWORD '{verifier}'")
        remember_password(verifier, NOW)
        BotGuard(LIMIT).keep_role(NOW)
        event = make_event({"token": "RISK", "action": "halt", "tickers": ["BINANCE:RISKUSDT"]})
        tables = query(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
        counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for (name,) in tables)
        made = World(event.pk, counts)
        try:
            yield made
        finally:
            if made.session is not None:
                made.session.close()
            Effect.objects.all().delete()
            Event.objects.non_polymorphic().delete()
            BotLogin.objects.all().delete()
            query(f"ALTER ROLE {BOT} CONNECTION LIMIT -1 PASSWORD NULL")


@pytest.fixture
def open_world(world: World, django_db_blocker: Any) -> Iterator[World]:
    """Without a transaction of the test's: what a bot meets is committed."""
    with django_db_blocker.unblock():
        yield world


def commit_seconds(world: World) -> float:
    """How long a commit takes that changes the view."""
    with closing(raw_connection(options="-c lock_timeout=2s")) as writer, writer.cursor() as cursor:
        began = time.monotonic()
        cursor.execute("UPDATE events_event SET updated_at = clock_timestamp() WHERE id = %s", [world.event_id])
        return time.monotonic() - began


@pytest.mark.parametrize("probe", [*DENIED, *ALLOWED])
def test_a_bot_leaves_nothing_behind_delays_nobody_and_weakens_nothing(open_world: World, probe: str) -> None:
    before = open_world.state()
    assert before[0] == [("RISK", "halt", "trading")]
    with open_world.bot().cursor() as cursor:
        try:
            # Within a transaction that stays open while we write.
            if probe in DENIED:
                with pytest.raises(psycopg2.Error) as refused:
                    cursor.execute("CREATE DATABASE mine" if probe == "a database" else f"BEGIN; {DENIED[probe]}")
                assert refused.value.pgcode in ("42501", "42710"), refused.value
            else:
                cursor.execute(f"BEGIN; {ALLOWED[probe]}")
            assert commit_seconds(open_world) < LONGEST_COMMIT_SECONDS
        finally:
            cursor.execute("COMMIT")
            cursor.execute("DISCARD ALL")
    assert open_world.state() == before


def test_fifty_probes_are_made() -> None:
    assert len(DENIED) + len(ALLOWED) >= 50


def test_no_door_is_open_but_the_other_databases_of_the_server(open_world: World) -> None:
    # The throw-away cluster's own: on the embedded one they are closed as well.
    assert [door for door in open_doors() if not door.startswith("connect to ")] == []


def test_two_hundred_leaked_connections_leave_the_daemon_its_own(open_world: World) -> None:
    leaked: list[PgConnection] = []
    refused = 0
    try:
        for _ in range(200):
            try:
                leaked.append(open_world.connect())
            except psycopg2.OperationalError as error:
                assert "too many connections for role" in str(error)
                refused += 1
        assert len(leaked) <= LIMIT and refused >= 200 - LIMIT
        assert commit_seconds(open_world) < LONGEST_COMMIT_SECONDS
    finally:
        for one in leaked:
            one.close()


def _holding(statement: str) -> Callable[[PgConnection], None]:
    def hold(bot: PgConnection) -> None:
        with bot.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'")
            cursor.execute(statement)

    return hold


def test_a_transaction_that_a_bot_holds_open_is_ended_and_one_that_only_listens_is_not(open_world: World) -> None:
    guard = BotGuard(LIMIT)
    holding, listening = open_world.connect(), open_world.connect()
    try:
        _holding("LISTEN token_risk")(listening)
        _holding("BEGIN; SELECT count(*) FROM token_risk_view")(holding)
        assert guard.end_old_sessions(60) == 0
        eventually(lambda: guard.end_old_sessions(0.2), 5, "the transaction is old enough")
        with pytest.raises(psycopg2.Error), holding.cursor() as cursor:
            cursor.execute("SELECT 1")
        with listening.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM token_risk_view")
        owner = query("SELECT count(*) FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        assert owner == [(1,)]
    finally:
        holding.close()
        listening.close()


def test_a_transaction_that_began_in_the_future_of_a_clock_that_was_set_back_is_ended(open_world: World) -> None:
    steady = [100.0]
    guard, late = BotGuard(LIMIT, lambda: steady[0]), BotGuard(LIMIT, lambda: steady[0])
    holding = open_world.connect()
    try:
        _holding("BEGIN; SELECT count(*) FROM token_risk_view")(holding)
        # By the database's clock it has only just begun, and will have for as long as that was set back.
        assert guard.end_old_sessions() == 0
        with holding.cursor() as cursor:
            cursor.execute("SELECT 1")
        steady[0] += 6
        assert guard.end_old_sessions() == 0
        steady[0] += 6
        assert late.end_old_sessions() == 0
        assert guard.end_old_sessions() == 1, "the transaction is the same, whatever it runs"
        with pytest.raises(psycopg2.Error), holding.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        holding.close()


def test_a_password_and_settings_that_a_bot_has_changed_are_put_back(open_world: World) -> None:
    guard = BotGuard(LIMIT)
    database = connection.settings_dict["NAME"]
    with open_world.bot().cursor() as cursor:
        cursor.execute(f"ALTER ROLE {BOT} PASSWORD 'stolen'")
        cursor.execute(f"ALTER ROLE {BOT} SET search_path = pg_catalog")
        cursor.execute(f"ALTER ROLE {BOT} IN DATABASE {database} SET statement_timeout = 0")
    with pytest.raises(psycopg2.OperationalError):
        open_world.connect()
    open_world.connect("stolen").close()

    guard.keep_role(NOW)

    with closing(open_world.connect()) as bot, bot.cursor() as cursor:
        found = {}
        for name in ("statement_timeout", "idle_in_transaction_session_timeout", "search_path", "temp_file_limit"):
            cursor.execute(f"SHOW {name}")
            (found[name],) = cursor.fetchone() or ("",)
    assert found == {
        "statement_timeout": "10s",
        "idle_in_transaction_session_timeout": "10s",
        "search_path": "public",
        "temp_file_limit": "64MB",
    }
    with pytest.raises(psycopg2.OperationalError):
        open_world.connect("stolen")


def test_a_guard_that_finds_everything_in_place_writes_nothing(open_world: World) -> None:
    guard = BotGuard(LIMIT)
    guard.keep_role(NOW)
    rows = (
        "SELECT xmin::text FROM pg_authid WHERE rolname = 'ews_bot' UNION ALL SELECT xmin::text FROM pg_db_role_setting"
    )
    before = query(rows)
    guard.keep_role(NOW)
    assert query(rows) == before


@pytest.mark.django_db
def test_without_the_rights_to_it_what_is_left_open_is_named() -> None:
    plain = of_this_worker("ews_plain_reader")
    query(f"CREATE ROLE {plain}; GRANT {plain} TO CURRENT_USER")
    query(f"GRANT EXECUTE ON FUNCTION lo_create(oid) TO {BOT}; GRANT INSERT ON events_event TO {BOT}")
    query(f"ALTER ROLE {BOT} IN DATABASE {connection.settings_dict['NAME']} SET statement_timeout = 0")
    query(f"GRANT SELECT, REFERENCES ON ALL TABLES IN SCHEMA public TO {plain}; SET LOCAL ROLE {plain}")
    try:
        assert {"write large objects", "write events_event"} <= set(secure())
        problems = " | ".join(BotGuard(LIMIT + 1).keep_role(NOW))
        for what in (
            "settings of ews_bot cannot",
            "connections of ews_bot cannot",
            "sessions of ews_bot cannot be ended",
        ):
            assert what in problems
    finally:
        query("RESET ROLE")


def test_a_limit_that_leaves_the_daemon_too_little_is_said(open_world: World) -> None:
    try:
        problems = BotGuard(190).keep_role(NOW)
    finally:
        BotGuard(LIMIT).keep_role(NOW)
    assert any("BOT_CONNECTION_LIMIT was 190" in problem for problem in problems)
