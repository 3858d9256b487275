"""Where the clock guard meets what was built beside it: contents' ages, missing rows, rules, bots' sessions, timers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event as StopFlag

import pytest
from django.utils import timezone

from events import clock, registry
from events.clock import Jump
from events.daemon.clock_watch import ClockWatch, look_beside
from events.daemon.scheduler import Jobs
from events.drafts import EffectDraft, EventDraft
from events.enums import OutcomeKind
from events.lifecycle import after_clock_jump, close_event, expire, record
from events.models import ActionRule, Effect, Event, KeySuppression, MissingRow, QuarantinedItem, SourceHealth
from events.sources import content_health, health, lost_rows
from events.sources.absence import Patience, gone_for_good
from events.sources.absence import after_clock_jump as move_missing
from events.sources.content import Age, AgeFrom, ContentRule, PartState, Rows, Seen, content_age
from events.updater import Cycle, EventUpdater
from events.upstream.client import HttpClient
from tests.alerts.factories import make_config
from tests.events.daemon.test_clock_watch import Clocks, clocks, near
from tests.support.daemon_process import eventually
from tests.upstreams import UpstreamServer
from tests.upstreams.steps import Reply

__all__ = ["clocks"]

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-05-01T12:00:00+00:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RULE = ContentRule("news", (Age(AgeFrom.RELEASE, HOUR),), exempt={"frozen": "x", "rows": "x", "name": "x"})


@pytest.fixture(autouse=True)
def no_guard_is_left() -> Iterator[None]:
    yield
    clock.install(None)


def test_a_process_beside_the_daemon_writes_by_the_databases_clock_too(clocks: Clocks) -> None:
    beside = clock.Guard()
    clock.install(beside)
    look_beside(beside)
    clocks.set(-DAY)
    look_beside(beside)
    health.register("streams.okx", 30, clock.now())
    health.succeeded("streams.okx", clock.now(), 1, 0.1, None)
    row = SourceHealth.objects.get()
    assert near(row.last_success_at, timezone.now() - DAY) and near(clock.now(), timezone.now())


def test_a_card_says_since_when_a_source_is_silent_by_the_true_time(clocks: Clocks) -> None:
    registry.note_unseen("okx.status", "news of OKX")
    silent = clock.now() - 10 * MINUTE
    health.register("okx.status", 30, silent)
    clocks.set(DAY)
    clocks.watch.beat()
    assert health.mark_stale(clock.now()) == ["okx.status"]
    facts = Event.objects.get(natural_key="operations:stale:okx.status").facts
    assert f"silent since {silent:%Y-%m-%d %H:%M}" in facts["error"] and f"{silent:%H:%M}" in facts["not seen"]
    assert f"{silent:%d %b}" in facts["not seen"]


@pytest.mark.parametrize("age", [10 * MINUTE, 3 * HOUR])
def test_the_age_of_a_content_is_kept_by_the_databases_clock_and_moves_with_it(clocks: Clocks, age: timedelta) -> None:
    def answer() -> None:
        now = clock.now()
        content_health.succeeded(
            "okx.status", RULE, content_age(RULE, {}, [Seen("", now - age)], now), now, 1, 0.1, None
        )

    SourceHealth.objects.create(source="okx.status", interval_seconds=30, watched_since=clock.now())
    answer()
    clocks.set(DAY)
    clocks.watch.beat()
    row = SourceHealth.objects.get()
    assert near(row.content_at, timezone.now() + DAY - age) and near(row.last_success_at, timezone.now() + DAY)
    answer()
    row = SourceHealth.objects.get()
    assert near(row.content_at, timezone.now() + DAY - age) and near(row.last_success_at, timezone.now() + DAY)


def test_a_repair_that_raises_is_tried_again_and_those_before_it_are_not(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def second(_jump: Jump) -> None:
        done.append("second")
        if len(done) == 2:
            raise ValueError("the first time")

    monkeypatch.setattr(registry, "_clock_jump_repairs", [lambda jump: done.append("first"), second])
    clocks.set(HOUR)
    clocks.watch.beat()
    clocks.guard.confirm()
    with pytest.raises(ValueError, match="the first time"):
        clocks.watch.beat()
    clocks.watch.beat()
    clocks.watch.beat()
    assert done == ["first", "second", "second"]


def test_an_effect_that_may_not_get_weaker_by_an_untrusted_clock_does_when_it_is_trusted() -> None:
    draft = EventDraft(
        source="binance", category="delisting", natural_key="d", title="t",
        effects=(EffectDraft("ABC", scope="venue", venue="BINANCE", trading_ends_at=NOW + 30 * DAY),),
    )  # fmt: skip
    record(draft, NOW)
    was = Effect.objects.get().action
    ActionRule.objects.filter(category="delisting").update(action="watch")
    assert [out.kind for out in expire(NOW + MINUTE, closing=False)] == [OutcomeKind.UNCHANGED]
    expire(NOW + 2 * MINUTE, closing=False)
    assert (Effect.objects.get().action, Event.objects.get().revision) == (was, 1)
    expire(NOW + 3 * MINUTE)
    assert Effect.objects.get().action == "watch" != was
    assert expire(NOW + 4 * MINUTE) == []


def test_a_row_that_was_missed_in_the_future_counts_anew() -> None:
    patience = Patience(readings=3, at_least=5 * MINUTE)
    assert gone_for_good("s", {"A"}, NOW + 3652 * DAY, patience) == set()
    found = [gone_for_good("s", {"A"}, NOW + minute * MINUTE, patience) for minute in range(7)]
    assert found == [set()] * 5 + [{"A"}] * 2


def test_a_correction_of_our_time_hastens_no_missing_row() -> None:
    patience = Patience(readings=3, at_least=15 * MINUTE)
    behind = NOW - DAY
    for second in (0, 30):
        gone_for_good("s", {"A"}, behind + timedelta(seconds=second), patience)
    move_missing(Jump(behind, behind + MINUTE, NOW))
    assert gone_for_good("s", {"A"}, NOW + MINUTE, patience) == set()
    assert MissingRow.objects.get().first_missed_at == NOW - MINUTE


def test_a_list_that_lost_rows_in_the_future_counts_anew() -> None:
    rows = Rows(accepted_after=30 * MINUTE)
    assert not lost_rows.is_accepted_by_count("s", "list", 20, 100, rows, NOW + 3652 * DAY)
    found = [lost_rows.is_accepted_by_count("s", "list", 20, 100, rows, NOW + part * 6 * MINUTE) for part in range(6)]
    assert found == [False] * 5 + [True]
    assert QuarantinedItem.objects.count() == 1


def test_a_change_that_was_written_by_a_clock_ahead_counts_from_now() -> None:
    rule = ContentRule("news", (Age(AgeFrom.DIGEST, HOUR),), exempt={"rows": "x", "name": "x"})
    known = {"": PartState(NOW + DAY, digest="a", changed_at=NOW + DAY)}
    first = content_age(rule, known, [Seen("", digest="a")], NOW)
    assert first.problem == "" and first.at == NOW
    assert content_age(rule, first.parts, [Seen("", digest="a")], NOW + 2 * HOUR).problem


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Of the housekeeping no other jobs."""
    every = Jobs._housekeeping
    monkeypatch.setattr(Jobs, "_housekeeping", lambda self: [job for job in every(self) if job[0] in names])


def ended(jobs: Jobs) -> None:
    jobs.shutdown()
    eventually(lambda: not any(job.running for job in jobs._intervals.progress()), 5, "no job runs any more")


class Slow(EventUpdater):
    name, interval_seconds = "tests.slow", 3600.0

    def __init__(self) -> None:
        super().__init__(make_config(), HttpClient(1.0), clock.now)  # type: ignore[arg-type]
        self.recorded = threading.Event()

    def cycle(self) -> Cycle:
        return Cycle(on_recorded=lambda _outcomes: self.recorded.set())


@pytest.mark.django_db(transaction=True)
def test_before_the_clock_is_known_tables_of_bots_are_kept_and_rounds_put_off_come_as_soon_as_it_is_presumed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guard = clock.Guard()
    clock.install(guard)
    ran = {name: threading.Event() for name in ("tables", "reminders")}
    timers = {
        name: registry.Timer(name, lambda *_, name=name: ran[name].set(), lambda *_: None, 3600.0, by_clock=by_clock)
        for name, by_clock in (("tables", False), ("reminders", True))
    }
    monkeypatch.setattr(registry, "_timers", timers)
    monkeypatch.setattr("events.daemon.scheduler.HEARTBEAT_SECONDS", 0.1)
    only(monkeypatch, "heartbeat", *timers)
    source = Slow()
    jobs = Jobs(make_config(), [source], HttpClient(1.0), clock.now, StopFlag(), ClockWatch(guard))
    jobs.start()
    try:
        eventually(lambda: source.put_off and ran["tables"].is_set(), 5, "the first round is put off")
        assert not ran["reminders"].is_set() and not source.recorded.is_set()
        # Nobody has spoken against the clock for half a minute.
        guard.began_at -= clock.SETTLES_WITHIN
        assert source.recorded.wait(5), "an hour before its next turn"
    finally:
        ended(jobs)


def test_nothing_closes_by_a_time_that_was_wrong_until_the_clock_is_trusted(clocks: Clocks) -> None:
    """The time is read and found wrong, and the clock is trusted, between two lines of the job."""
    ends = clock.now() + HOUR
    record(EventDraft(source="t", category="hack", natural_key="k", title="t", effects=(EffectDraft("ABC"),),
                      valid_until=ends), clock.now())  # fmt: skip
    clocks.set(DAY)
    clocks.watch.beat()

    def trusted_meanwhile() -> datetime:
        at = clock.now() + DAY
        clocks.guard.confirm()
        return at

    jobs = Jobs(make_config(), [], HttpClient(1.0), trusted_meanwhile, StopFlag())
    jobs._expire()
    assert Event.objects.filter(natural_key="k").get().status == "open"


def test_a_key_that_was_kept_away_by_a_clock_ahead_may_come_back_when_it_was_meant_to() -> None:
    ahead = NOW + 3652 * DAY
    record(EventDraft(source="t", category="hack", natural_key="k", title="t", effects=(EffectDraft("ABC"),)), NOW)
    close_event(Event.objects.get().pk, ahead, by="x", reason="y")
    assert KeySuppression.objects.get().until == ahead + 30 * DAY
    after_clock_jump(Jump(ahead - MINUTE, ahead + MINUTE, NOW))
    assert KeySuppression.objects.get().until == NOW + 30 * DAY - MINUTE


def test_the_dead_man_is_told_of_work_that_was_done_and_not_of_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that is started again and again, and does nothing, must not keep it quiet."""
    broken = threading.Event()
    broken.set()

    def refresh() -> None:
        if broken.is_set():
            raise ValueError("no view")

    monkeypatch.setattr("events.daemon.scheduler.PING_LOOK_SECONDS", 0.1)
    monkeypatch.setattr("events.daemon.scheduler.REFRESH_SECONDS", 0.1)
    monkeypatch.setattr("events.database.view_refresh.refresh_now", refresh)
    only(monkeypatch, "refresh_view", "dead_man_ping")
    with UpstreamServer() as server:
        server.route("/ping", Reply(b"ok"))
        config = make_config(DEAD_MAN_PING_URL=server.url("/ping"))
        jobs = Jobs(config, [], HttpClient(1.0), clock.now, StopFlag())
        jobs.start()
        try:
            time.sleep(0.4)
            assert server.requests == []
            broken.clear()
            eventually(lambda: len(server.requests) == 1, 5, "the view was refreshed")
            time.sleep(0.3)
            assert len(server.requests) == 1, "once a minute"
        finally:
            ended(jobs)
