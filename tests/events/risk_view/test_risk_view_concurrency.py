"""The view is fresh at every commit, whoever writes and however: LESSONS.md 18, trap by trap."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.db.utils import OperationalError

from events.database.view_refresh import refresh_now
from events.models import Effect, Event, TokenRiskStatus
from tests.events.risk_view.support import (
    NOON,
    Listener,
    make_event,
    polling_reader,
    query,
    run_together,
    true_events,
    view_events,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

WRITERS = 4
EVENTS_EACH = 5


@contextmanager
def naive_statement_trigger() -> Iterator[None]:
    """The obvious trigger in place of ours: refreshes after every statement, in whatever order they come."""
    tables = ("events_event", "events_effect")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION naive_refresh() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN REFRESH MATERIALIZED VIEW CONCURRENTLY token_risk_view; RETURN NULL; END'"
        )
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(
                f"CREATE TRIGGER naive_refresh AFTER INSERT OR UPDATE OR DELETE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION naive_refresh()"
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION naive_refresh() CASCADE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        refresh_now()


def insert_events(tokens: list[str]) -> None:
    for token in tokens:
        make_event({"token": token})


def open_events(tokens: list[str]) -> None:
    """Opens prepared events, each transaction a single statement."""
    for token in tokens:
        Event.objects.filter(effects__token=token).update(status="open", closed_at=None)


def stale_bursts(bursts: int, write: Callable[[list[str]], None]) -> int:
    """How many bursts of writers that meet leave the view different from the tables."""
    stale = 0
    for burst in range(bursts):
        shares = [[f"T{burst}W{writer}E{one}" for one in range(EVENTS_EACH)] for writer in range(WRITERS)]
        if write is open_events:
            with transaction.atomic():
                for token in itertools.chain(*shares):
                    make_event({"token": token}, status="closed")
        assert run_together(*(partial(write, tokens) for tokens in shares)) == []
        stale += view_events() != true_events()
        assert len(true_events()) == WRITERS * EVENTS_EACH
        Event.objects.update(status="closed", closed_at=NOON)
    return stale


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "waited for ten seconds"
        time.sleep(0.001)


def is_blocked(pid: int) -> bool:
    return query("SELECT pg_blocking_pids(%s) <> '{}'", pid) == [(True,)]


def deadlocks(rounds: int) -> int:
    """How often an update of two rows that meets an update of the second one ends in a deadlock."""
    first, second = make_event({"token": "FIRST"}), make_event({"token": "SECOND"})
    return sum(one_meeting(first, second) for _ in range(rounds))


def one_meeting(first: Event, second: Event) -> int:
    first_row_taken, second_row_taken, two_rows_over = (threading.Event() for _ in range(3))
    pids: dict[str, int] = {}

    def retitle(event: Event) -> None:
        Event.objects.filter(pk=event.pk).update(title=Concat("title", Value("+")))

    def two_rows() -> None:
        try:
            with transaction.atomic():
                pids["two rows"] = connection.connection.info.backend_pid
                retitle(first)
                first_row_taken.set()
                # The naive trigger lets the other not past its statement, which holds the second row all the same.
                wait_until(lambda: second_row_taken.is_set() or ("one row" in pids and is_blocked(pids["one row"])))
                retitle(second)
        finally:
            two_rows_over.set()

    def one_row() -> None:
        with transaction.atomic():
            assert first_row_taken.wait(10)
            pids["one row"] = connection.connection.info.backend_pid
            retitle(second)
            second_row_taken.set()
            wait_until(lambda: two_rows_over.is_set() or is_blocked(pids["two rows"]))

    errors = run_together(two_rows, one_row)
    assert all(isinstance(error, OperationalError) and "deadlock detected" in str(error) for error in errors)
    return len(errors)


@pytest.mark.parametrize("write", [insert_events, open_events])
def test_twenty_bursts_of_overlapping_writers_leave_no_stale_view_and_no_waiting_reader(
    write: Callable[[list[str]], None],
) -> None:
    with polling_reader() as reader:
        assert stale_bursts(20, write) == 0
    assert reader.failures == []
    assert reader.reads > 0


def test_the_plain_statement_trigger_fails_the_same_harness() -> None:
    with naive_statement_trigger():
        assert stale_bursts(5, open_events) > 0


def test_two_row_updates_that_meet_one_row_updates_never_deadlock() -> None:
    with polling_reader() as reader:
        assert deadlocks(10) == 0
    assert view_events() == true_events()
    assert reader.failures == []


def test_the_plain_statement_trigger_deadlocks_there() -> None:
    with naive_statement_trigger():
        assert deadlocks(1) == 1


def refreshes_of_this_session() -> int:
    """Each refresh updates the one row of risk_view_state once. Counts on within a transaction, not across several."""
    return int(query("SELECT pg_stat_get_xact_tuples_updated('risk_view_state'::regclass)")[0][0])


def test_a_hundred_events_in_one_transaction_are_one_refresh_and_one_message() -> None:
    listener = Listener()
    before = TokenRiskStatus.objects.get().seq
    try:
        with transaction.atomic():
            refreshes = refreshes_of_this_session()
            for number in range(100):
                make_event({"token": f"T{number:03d}"})
            assert refreshes_of_this_session() == refreshes
            connection.check_constraints()
            assert refreshes_of_this_session() == refreshes + 1
        (message,) = listener.messages(at_least=1)
    finally:
        listener.close()
    assert len(message["added"]) == 100
    assert TokenRiskStatus.objects.get().seq == message["seq"] == before + 1


def test_what_is_written_after_checking_constraints_in_mid_transaction_is_seen_too() -> None:
    with transaction.atomic():
        make_event({"token": "BEFORE"})
        connection.check_constraints()
        assert sorted(view_events()) == ["BEFORE"]
        make_event({"token": "AFTER"})
    assert sorted(view_events()) == ["AFTER", "BEFORE"]


def test_with_constraints_left_immediate_every_statement_is_seen_at_once() -> None:
    with transaction.atomic():
        query("SET CONSTRAINTS ALL IMMEDIATE")
        event = make_event({"token": "A"}, {"token": "B"})
        assert sorted(view_events()) == ["A", "B"]
        Effect.objects.filter(event=event, token="A").delete()
        assert sorted(view_events()) == ["B"]
    assert sorted(view_events()) == ["B"]


def roll_back_to_savepoint(*, before: bool, inside_checks: bool, after: bool) -> None:
    with transaction.atomic():
        if before:
            make_event({"token": "BEFORE"})
        savepoint = transaction.savepoint()
        make_event({"token": "UNDONE"})
        if inside_checks:
            connection.check_constraints()
        transaction.savepoint_rollback(savepoint)
        if after:
            make_event({"token": "AFTER"})


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("inside_checks", [False, True])
@pytest.mark.parametrize("before", [False, True])
def test_a_savepoint_rolled_back_leaves_what_stands_around_it(before: bool, inside_checks: bool, after: bool) -> None:
    roll_back_to_savepoint(before=before, inside_checks=inside_checks, after=after)
    expected = ["AFTER"] * after + ["BEFORE"] * before
    assert sorted(view_events()) == expected
    assert view_events() == true_events()


def test_a_write_inside_a_function_with_settings_of_its_own_is_seen() -> None:
    event = make_event({"token": "ABC"})
    query(
        "CREATE FUNCTION close_event(which bigint) RETURNS void LANGUAGE plpgsql SET search_path = public AS"
        " 'BEGIN UPDATE events_event SET status = ''closed'', closed_at = now() WHERE id = which;"
        " EXCEPTION WHEN division_by_zero THEN RAISE; END'"
    )
    try:
        query("SELECT close_event(%s)", event.pk)
        assert view_events() == {}
    finally:
        query("DROP FUNCTION close_event")


def test_every_way_of_writing_is_seen() -> None:
    event = make_event({"token": "A"}, {"token": "B"})
    Effect.objects.filter(token="B").update(token="C")
    assert sorted(view_events()) == ["A", "C"]
    Event.objects.filter(pk=event.pk).update(priority="low")
    assert view_events() == {}
    Event.objects.filter(pk=event.pk).update(priority="high")
    Effect.objects.filter(token="A").delete()
    assert sorted(view_events()) == ["C"]
    other = make_event(status="closed")
    Effect.objects.update(event=other)
    assert view_events() == {}
    Event.objects.filter(pk=other.pk).update(status="open", closed_at=None)
    assert view_events() == {"C": [other.pk]}
    Event.objects.all().delete()
    assert view_events() == {}


def test_a_truncate_empties_the_view_in_the_same_commit_and_no_reader_waits() -> None:
    with polling_reader() as reader:
        for number in range(5):
            make_event({"token": f"T{number}"})
            query("TRUNCATE events_event, events_effect CASCADE")
            assert view_events() == {}
            assert TokenRiskStatus.objects.get().open_events == 0
    assert reader.failures == []
    assert reader.reads > 0


def test_a_truncate_and_the_refresher_do_not_deadlock() -> None:
    stop = threading.Event()

    def refresher() -> None:
        while not stop.is_set():
            refresh_now()

    def truncater() -> None:
        try:
            for number in range(10):
                make_event({"token": f"T{number}"})
                query("TRUNCATE events_event, events_effect CASCADE")
        finally:
            stop.set()

    assert run_together(refresher, truncater) == []
    assert view_events() == {}


def test_a_writer_that_does_not_own_the_view_refreshes_it() -> None:
    query("CREATE ROLE ews_test_writer")
    try:
        query("GRANT SELECT, INSERT, UPDATE, DELETE ON events_event, events_effect TO ews_test_writer")
        query("GRANT SELECT ON django_content_type TO ews_test_writer")
        with transaction.atomic():
            query("SET LOCAL ROLE ews_test_writer")
            make_event({"token": "OTHERS"})
        assert sorted(view_events()) == ["OTHERS"]
    finally:
        query("DROP OWNED BY ews_test_writer; DROP ROLE ews_test_writer")


def test_a_temporary_table_of_the_writer_is_not_mistaken_for_the_events() -> None:
    with transaction.atomic():
        event = make_event({"token": "ABC"})
        query("CREATE TEMPORARY TABLE risk_view_state (seq bigint) ON COMMIT DROP")
    assert view_events() == {"ABC": [event.pk]}
    assert TokenRiskStatus.objects.get().open_events == 1


def test_two_thousand_events_of_one_cycle_commit_within_bounds_and_no_reader_waits() -> None:
    events = [
        Event(
            source="binance",
            category="delisting",
            priority="high",
            natural_key=f"cycle:{number}",
            title=f"Notice {number}",
            seen_at=NOON,
            opened_at=NOON,
            updated_at=NOON,
        )
        for number in range(2000)
    ]
    with polling_reader() as reader:
        with transaction.atomic():
            # Parents of a multi-table model cannot be inserted in bulk; the base alone can.
            Event.objects.bulk_create(events, batch_size=500)
            Effect.objects.bulk_create(
                Effect(event=event, token=f"T{number:04d}", action="reduce_only") for number, event in enumerate(events)
            )
            written = time.perf_counter()
        commit_seconds = time.perf_counter() - written
    assert len(view_events()) == 2000
    assert reader.failures == []
    # On an idle machine it takes 60 ms (benchmarks/risk_view.py holds the bound of 200 ms); tests share theirs.
    assert commit_seconds < 1.0


def test_statistics_that_lag_behind_a_burst_do_not_make_the_refresh_slow() -> None:
    make_event({"token": "ONE"})
    query("ANALYZE events_event, events_effect")
    event = make_event(*({"token": f"T{number:04d}"} for number in range(2000)))
    started = time.perf_counter()
    Event.objects.filter(pk=event.pk).update(title="Another title")
    # Planned as nested loops, which these statistics suggest, it takes more than ten seconds.
    assert time.perf_counter() - started < 3.0
    assert len(view_events()) == 2001
