"""The clock guard in the daemon: heartbeat, card, /healthz, and what is held, while the database's clock is set."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events import clock
from events.clock import Jump
from events.clock_guard import Why
from events.daemon import scheduler
from events.daemon.clock_watch import ClockWatch, is_untrusted, look_beside
from events.database import view_refresh
from events.drafts import EffectDraft, EventDraft
from events.enums import OutcomeKind
from events.lifecycle import after_clock_jump, expire, record
from events.models import ClockState, Effect, Event, Heartbeat, SourceHealth
from events.sources import health

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Clocks:
    """The machine's clock, and the database's behind it, set by a test; the monotonic one goes on."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self.guard = clock.Guard(wall=lambda: time.time() + self._ahead)
        clock.install(self.guard)
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA faked")
            cursor.execute("CREATE TABLE faked.ahead AS SELECT interval '0' AS by")
            cursor.execute(
                "CREATE FUNCTION faked.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
                " 'SELECT pg_catalog.clock_timestamp() + by FROM faked.ahead'"
            )
            # PostgreSQL looks into pg_catalog first, unless it is named.
            cursor.execute("SET search_path = faked, pg_catalog, public")
        self.watch = ClockWatch(self.guard)
        self.watch.begin()
        self.hear("okx.com")
        self.watch.beat()
        assert not self.guard.untrusted

    def set(self, by: timedelta, database: bool = True) -> None:
        self._ahead = by.total_seconds()
        if database:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE faked.ahead SET by = make_interval(secs => %s)", [by.total_seconds()])

    def hear(self, *upstreams: str) -> None:
        """They answer with the true time."""
        for upstream in upstreams:
            now = self.guard.now()
            self.guard.add_date(upstream, datetime.now(UTC).replace(microsecond=0), now, now)

    def end(self) -> None:
        clock.install(None)
        with connection.cursor() as cursor:
            cursor.execute("SET search_path TO DEFAULT")


@pytest.fixture
def clocks(db: None) -> Iterator[Clocks]:
    made = Clocks()
    yield made
    made.end()


def cards() -> list[tuple[str, str]]:
    return list(
        Event.objects.filter(natural_key__startswith="operations:clock:").order_by("pk").values_list("title", "status")
    )


def near(at: datetime | None, expected: datetime) -> bool:
    return at is not None and abs(at - expected) < timedelta(seconds=5)


@pytest.mark.parametrize("step", [HOUR, -DAY, 3652 * DAY, -3652 * DAY])
def test_a_step_of_the_machine_is_told_once_moves_no_time_of_ours_and_makes_no_source_silent(
    clocks: Clocks, step: timedelta
) -> None:
    health.register("okx.status", 30, clock.now())
    health.succeeded("okx.status", clock.now(), 1, 0.1, None)
    clocks.set(step)
    clocks.watch.look()
    clocks.watch.beat()
    clocks.watch.beat()
    assert near(clock.now(), timezone.now()) and is_untrusted()
    direction = "ahead" if step > timedelta(0) else "back"
    [(title, status)] = cards()
    assert title.startswith(f"A clock was set {direction} by ") and status == "open"
    assert near(Heartbeat.objects.get().beat_at, timezone.now() + step), "the heart beats by the database's clock"
    row = SourceHealth.objects.get()
    assert near(row.last_success_at, timezone.now() + step) and near(row.watched_since, timezone.now() + step)
    assert health.mark_stale(clock.now()) == [] and health.is_due("okx.status", clock.now())
    body = Client().get("/healthz").json()
    assert body["healthy"] and body["clock"]["held"] and body["clock"]["why"] == "stepped"
    assert f"set {direction} by" in body["clock"]["says"]
    checks = Client().get("/readyz").json()["checks"]
    assert not checks["clock"]["ok"] and checks["heartbeat"]["ok"]
    assert 'ews_clock_held{why="stepped"} 1.0' in Client().get("/metrics").content.decode()


def test_the_clocks_are_trusted_again_by_the_database_and_two_upstreams(clocks: Clocks) -> None:
    clocks.set(DAY)
    clocks.watch.beat()
    clocks.hear("okx.com", "binance.com")
    clocks.watch.beat()
    assert is_untrusted(), "they agree with our time, not with the database's"
    clocks.set(timedelta(0))
    clocks.watch.beat()
    assert is_untrusted()
    clocks.hear("okx.com", "binance.com")
    clocks.watch.beat()
    assert not is_untrusted() and near(clock.now(), timezone.now())
    assert [status for _, status in cards()] == ["closed", "closed"], "one card a step"
    assert not ClockState.objects.get().held and Client().get("/healthz").json()["clock"]["held"] is False


def test_an_operator_confirms_the_databases_clock(clocks: Clocks) -> None:
    clocks.set(HOUR)
    clocks.watch.beat()
    with pytest.raises(CommandError, match="nothing was confirmed"):
        call_command("confirmclock")
    clocks.watch.beat()
    assert is_untrusted()
    call_command("confirmclock", "--yes")
    clocks.watch.beat()
    assert not is_untrusted() and near(clock.now(), timezone.now() + HOUR)


def test_a_daemon_that_starts_before_its_last_heartbeat_knows_that_a_clock_was_set_back(clocks: Clocks) -> None:
    scheduler.beat(timezone.now() + DAY)
    SourceHealth.objects.create(source="s", interval_seconds=30, watched_since=timezone.now() + DAY)
    guard = clock.Guard()
    clock.install(guard)
    watch = ClockWatch(guard)
    watch.begin()
    assert guard.clocks.distrust is not None and guard.clocks.distrust.why == Why.STEPPED
    assert cards() == [("A clock was set back by 1 d", "open")]
    assert near(SourceHealth.objects.get().watched_since, timezone.now())


def test_a_beat_locks_the_clocks_before_the_heartbeat_and_loses_none_of_them(clocks: Clocks) -> None:
    """As others who write the clocks do: of two that wait in a circle one is ended, and it may be the beat."""
    ClockState.objects.all().delete()
    watch = ClockWatch(clocks.guard)
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as captured:
        cursor.execute("ALTER TABLE events_heartbeat ADD CONSTRAINT broken CHECK (false) NOT VALID")
        with pytest.raises(IntegrityError), transaction.atomic():
            watch.beat()
        assert not ClockState.objects.exists()
        cursor.execute("ALTER TABLE events_heartbeat DROP CONSTRAINT broken")
        watch.beat()
    assert ClockState.objects.exists()
    written = [one["sql"] for one in captured if one["sql"].startswith(("INSERT", "UPDATE"))]
    tables = [table for sql in written for table in ("events_clockstate", "events_heartbeat") if table in sql]
    assert tables == ["events_clockstate", "events_heartbeat"] * 2


def manual(now: datetime, ends: timedelta) -> Event:
    draft = EventDraft(
        source="tests", category="manual", natural_key="k", title="t", kind="manual", priority="high",
        effects=(EffectDraft("ABC"),), valid_until=now + ends, extra={"opened_by": "x", "note": ""},
    )  # fmt: skip
    event = record(draft, now).event
    assert event is not None
    return event


@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_daemon_that_starts_with_a_clock_set_back_lets_nothing_that_has_ended_begin_again(
    clocks: Clocks, meanwhile: bool
) -> None:
    """`can_trade` judges by what is kept here whether an instrument's end has passed."""

    def kept() -> int:
        return round(ClockState.objects.get().database_off_seconds / 60)

    clocks.set(-HOUR)
    if not meanwhile:
        clocks.watch.look()
        clocks.watch.beat()
        assert kept() == -60
    guard = clock.Guard(wall=lambda: time.time() - HOUR.total_seconds())
    clock.install(guard)
    watch = ClockWatch(guard)
    watch.begin()
    watch.beat()
    assert guard.untrusted and kept() == -60
    for upstream in ("okx.com", "binance.com"):
        guard.add_date(upstream, datetime.now(UTC).replace(microsecond=0), guard.now(), guard.now())
    watch.beat()
    assert guard.untrusted and kept() == -60, "now the upstreams say so"
    guard.confirm()
    watch.beat()
    assert not guard.untrusted and kept() == 0


def test_nothing_closes_while_the_clock_is_not_trusted_and_all_of_it_when_it_is() -> None:
    now = timezone.now()
    event = manual(now, HOUR)
    outcomes = expire(now + DAY, closing=False)
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.UNCHANGED]
    event.refresh_from_db()
    assert event.status == "open"
    assert [outcome.kind for outcome in expire(now + DAY)] == [OutcomeKind.CLOSED]


def test_what_gets_stricter_does_not_wait_for_the_clock() -> None:
    now = timezone.now()
    draft = EventDraft(
        source="binance", category="delisting", natural_key="d", title="t",
        effects=(EffectDraft("ABC", scope="venue", venue="BINANCE", trading_ends_at=now + DAY * 2),),
    )  # fmt: skip
    record(draft, now)
    assert Effect.objects.get().action == "reduce_only"
    expire(now + DAY * 3, closing=False)
    assert Effect.objects.get().action == "halt"


def test_steps_that_a_clock_ahead_took_are_worked_out_anew_when_it_is_right() -> None:
    now = timezone.now()
    draft = EventDraft(
        source="binance", category="delisting", natural_key="d", title="t",
        effects=(EffectDraft("ABC", scope="venue", venue="BINANCE", trading_ends_at=now + DAY * 2),),
    )  # fmt: skip
    record(draft, now)
    expire(now + DAY * 3, closing=False)
    wrong = Jump(now + DAY * 3 - HOUR, now + DAY * 3, now)
    assert after_clock_jump(wrong) == 1
    expire(now + timedelta(seconds=1), closing=False)
    assert Effect.objects.get().action == "halt", "nothing gets weaker while the clock is not trusted"
    expire(now + timedelta(seconds=1))
    assert Effect.objects.get().action == "reduce_only"
    event = Event.objects.get()
    assert event.step_due_at is not None and event.step_due_at > now


def test_what_lies_in_the_future_is_stale() -> None:
    scheduler.beat(timezone.now() + timedelta(minutes=1))
    view_refresh.refresh_now()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE risk_view_state SET refreshed_at = clock_timestamp() + interval '1 minute'")
    assert Client().get("/healthz").status_code == 503
    checks = Client().get("/readyz").json()["checks"]
    assert not checks["heartbeat"]["ok"] and "in the future" in checks["heartbeat"]["seen"]
    assert not checks["view"]["ok"]
    now = timezone.now()
    SourceHealth.objects.create(
        source="s", state="ok", interval_seconds=30, watched_since=now - DAY, last_success_at=now + HOUR
    )
    assert health.mark_stale(now) == ["s"]


@pytest.mark.parametrize("by", [HOUR, -DAY, 3652 * DAY, -3652 * DAY])
def test_what_a_wrong_clock_dated_is_as_far_from_now_as_it_was(by: timedelta) -> None:
    wrong = timezone.now()
    draft = EventDraft(source="x", category="hack", natural_key="k", title="t", effects=(EffectDraft("ABC"),))
    record(draft, wrong - timedelta(minutes=10))
    named = replace(draft, natural_key="named", valid_until=wrong + 9 * DAY)
    record(named, wrong - timedelta(minutes=10))
    older = replace(draft, natural_key="older")
    record(older, wrong - timedelta(minutes=30))
    assert after_clock_jump(Jump(wrong - timedelta(minutes=20), wrong, wrong + by)) == 2
    events = {event.natural_key: event for event in Event.objects.all()}
    assert events["k"].opened_at == wrong + by - timedelta(minutes=10)
    assert events["k"].valid_until == wrong + by - timedelta(minutes=10) + 7 * DAY
    assert events["named"].valid_until == wrong + 9 * DAY, "a date that the source named stays"
    assert events["older"].opened_at == wrong - timedelta(minutes=30)


def test_a_process_beside_the_daemon_trusts_what_the_daemon_trusts(clocks: Clocks) -> None:
    beside = clock.Guard()
    look_beside(beside)
    assert not beside.untrusted, "the daemon has confirmed the clocks"
    clocks.set(HOUR)
    clocks.watch.beat()
    late = clock.Guard()
    look_beside(late)
    assert late.untrusted
    look_beside(beside)
    assert beside.untrusted and near(beside.now(), timezone.now())


def test_a_process_beside_no_daemon_has_nobody_to_follow() -> None:
    beside = clock.Guard()
    look_beside(beside)
    assert beside.untrusted
