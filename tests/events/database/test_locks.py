"""Locks that bots cannot take, on a transaction that stays open for months and holds nobody up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction

from events.daemon.leader import LeaderLock
from events.database.dedicated import dedicated_connection
from events.database.locks import Locks
from events.database.partitions import make_partitions
from orderbooks.collector.control import VenueLocks
from tests.events.risk_view.support import NOON, raw_connection, run_together
from tests.support.daemon_process import eventually
from tests.test_house import ROOT, sources

# Nothing is written that a test's own transaction would not take back; what others must see goes past it.
pytestmark = pytest.mark.django_db


@pytest.fixture
def leader() -> Iterator[LeaderLock]:
    lock = LeaderLock()
    yield lock
    lock.release()


@pytest.fixture
def stand_by() -> Iterator[LeaderLock]:
    lock = LeaderLock()
    yield lock
    lock.release()


def outside(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Past the test's transaction, which would see the activity of others as it was at its first look."""
    beside = raw_connection(options="-c lock_timeout=1s")
    try:
        with beside.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        beside.close()


def session_of(lock: Locks) -> dict[str, Any]:
    assert lock._connection is not None
    (row,) = outside(
        "SELECT state, backend_xid, backend_xmin FROM pg_stat_activity WHERE pid = %s",
        lock._connection.info.backend_pid,
    )
    return dict(zip(("state", "xid", "xmin"), row, strict=True))


def test_one_leads_the_other_stands_by_and_follows_when_the_first_is_gone(
    leader: LeaderLock, stand_by: LeaderLock
) -> None:
    assert leader.try_acquire() and leader.try_acquire()
    assert not stand_by.try_acquire() and not stand_by.still_acquired()
    assert leader.still_acquired()
    leader.release()
    eventually(stand_by.try_acquire, 5, "the server has let go of the lock")
    assert stand_by.still_acquired()
    assert not leader.try_acquire()


def test_the_open_transaction_holds_no_snapshot_and_no_transaction_id_and_no_timeout_ends_it(
    leader: LeaderLock,
) -> None:
    database = connection.settings_dict["NAME"]
    outside(f"ALTER DATABASE {database} SET idle_in_transaction_session_timeout = '50ms'")
    outside(f"ALTER DATABASE {database} SET default_transaction_isolation = 'serializable'")
    try:
        assert leader.try_acquire() and leader.still_acquired()
        assert session_of(leader) == {"state": "idle in transaction", "xid": None, "xmin": None}
        outside("SELECT pg_sleep(0.2)")
        assert leader.still_acquired()
    finally:
        outside(f"ALTER DATABASE {database} RESET ALL")


def test_vacuum_analyze_truncate_and_a_dump_go_on_beside_a_leader(leader: LeaderLock) -> None:
    assert leader.try_acquire()
    outside("VACUUM (ANALYZE)")
    outside("TRUNCATE events_heartbeat")
    # What pg_dump takes of every table before it reads.
    outside("BEGIN; LOCK TABLE ews_lock_leader, events_event IN ACCESS SHARE MODE; COMMIT")
    assert leader.still_acquired()


def test_a_lock_that_the_server_does_not_hold_is_not_held_though_the_connection_answers(leader: LeaderLock) -> None:
    assert leader.try_acquire()
    assert leader._connection is not None
    # What a pooler does, or an operator with a tool: the session lives, its transaction does not.
    with leader._connection.cursor() as cursor:
        cursor.execute("ROLLBACK")
    assert not leader.still_acquired()


def test_a_refused_lock_leaves_those_that_are_held_and_writes_no_error_into_the_server_s_log() -> None:
    first, second = VenueLocks(), VenueLocks()
    try:
        assert first.try_acquire("OKX") and second.try_acquire("BINANCE")
        assert not second.try_acquire("OKX") and not second.try_acquire("OKX")
        assert second.still_acquired() and second.try_acquire("KRAKEN") and second.still_acquired()
        assert first.try_acquire("BYBIT") and not first.try_acquire("KRAKEN")
        assert first.still_acquired()
    finally:
        first.release()
        second.release()


def test_while_a_daemon_of_the_last_release_leads_nobody_does_and_it_does_not_while_we_do(leader: LeaderLock) -> None:
    former = raw_connection()
    with former.cursor() as cursor:
        ask = "SELECT pg_try_advisory_lock(1163350833)"
        cursor.execute(ask)
        assert cursor.fetchone() == (True,)
        assert not leader.try_acquire()
        cursor.execute("SELECT pg_advisory_unlock_all()")
        assert leader.try_acquire() and leader.still_acquired()
        cursor.execute(ask)
        assert cursor.fetchone() == (False,)
    former.close()


def test_a_stand_by_that_waits_keeps_no_transaction_open(leader: LeaderLock, stand_by: LeaderLock) -> None:
    assert leader.try_acquire() and not stand_by.try_acquire()
    assert session_of(stand_by)["state"] == "idle"


def test_of_many_that_begin_at_once_one_leads() -> None:
    outside("DROP VIEW IF EXISTS ews_lock_leader")
    locks = [LeaderLock() for _ in range(6)]
    won: list[bool] = []
    try:
        assert run_together(*(lambda lock=lock: won.append(lock.try_acquire()) for lock in locks)) == []
        assert sorted(won) == [False] * 5 + [True]
        assert sum(lock.still_acquired() for lock in locks) == 1
    finally:
        for lock in locks:
            lock.release()


def test_a_bot_can_take_none_of_our_locks(leader: LeaderLock) -> None:
    assert leader.try_acquire()
    bot = raw_connection()
    with bot.cursor() as cursor:
        cursor.execute("SET SESSION AUTHORIZATION ews_bot")
        for relation in ("ews_lock_leader", "risk_view_state", "orderbooks_bookminute", "events_event"):
            for mode in ("ACCESS SHARE", "SHARE UPDATE EXCLUSIVE", "EXCLUSIVE"):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(f"ROLLBACK; BEGIN; LOCK TABLE {relation} IN {mode} MODE")
    bot.close()
    assert leader.still_acquired()


def test_two_that_make_a_day_s_partition_wait_for_one_another_and_readers_for_neither() -> None:
    table = "orderbooks_bookminute"
    with transaction.atomic():
        make_partitions(table, [NOON.date()])
        outside(f"SELECT count(*) FROM {table}")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            outside(f"BEGIN; LOCK TABLE ONLY {table} IN SHARE UPDATE EXCLUSIVE MODE NOWAIT")
        transaction.set_rollback(True)


@pytest.mark.long
def test_nothing_depends_on_an_advisory_lock_any_more() -> None:
    ours = [ROOT / path for path in sources()]
    takes_one = re.compile(r"advisory_(xact_)?lock\(")
    # The leader's is for daemons of the last release, and nothing depends on it.
    assert [file.name for file in ours if takes_one.search(file.read_text())] == ["leader.py"]


def test_a_lock_s_name_is_part_of_a_statement_and_therefore_checked() -> None:
    with pytest.raises(ValueError, match="expected lower-case letters"):
        Locks("test").try_acquire("x; DROP TABLE events_event")
    dedicated_connection("test").close()
