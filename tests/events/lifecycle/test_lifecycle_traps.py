"""Sequences of drafts, polls and hands that once told too little, too much or too late."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from events import lifecycle, registry
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import OutcomeKind
from events.lifecycle import expire, record, record_many
from events.models import Effect, Event
from events.outcomes import Outcome
from events.sources import health
from events.upstream import archive

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def opened(outcome: Outcome) -> Event:
    assert outcome.event is not None
    return outcome.event


def delisting(ends: datetime, **changes: Any) -> EventDraft:
    base = EventDraft(
        "binance",
        "delisting",
        "k",
        "Delist ABC",
        (EffectDraft("ABC", scope="venue", venue="BINANCE", tickers=("BINANCE:ABCUSDT",), trading_ends_at=ends),),
        important_dates=(ImportantDate(ends, "trading ends"),),
    )
    return replace(base, **changes)


def test_the_last_day_is_told_even_when_a_poll_comes_between(now: datetime) -> None:
    ends = now + 3 * DAY
    event = opened(record(delisting(ends), now))
    [event.alerts.count()]
    near = ends - DAY + timedelta(seconds=5)
    record(delisting(ends, facts={"note": "x"}), near)
    expire(near + timedelta(seconds=30))
    assert Effect.objects.get().action == "exit"
    assert [a.reason for a in event.alerts.order_by("id")] == ["opened", "reminder"]


def test_a_reopened_event_follows_a_later_date(now: datetime) -> None:
    event = opened(record(delisting(now + DAY), now))
    lifecycle.close_event(event.pk, now, by="ann", reason="mistake")
    lifecycle.reopen_event(event.pk, now, by="ann", reason="it was true")
    record(delisting(now + 60 * DAY), now + HOUR)
    expire(now + 40 * DAY)
    event.refresh_from_db()
    assert event.status == "open", event.close_reason


@pytest.mark.django_db(transaction=True)
def test_two_cycles_that_meet_on_two_events_both_record(now: datetime) -> None:
    a, b = (delisting(now + 5 * DAY, natural_key=key) for key in "ab")
    record_many([a, b], now)
    met = threading.Barrier(2)
    kinds: list[OutcomeKind] = []

    def cycle(one, two):
        def drafts():
            yield replace(one, title="changed " + one.natural_key)
            try:
                met.wait(1)
            except threading.BrokenBarrierError:
                pass
            yield replace(two, title="changed " + two.natural_key)

        try:
            kinds.extend(outcome.kind for outcome in record_many(drafts(), now + HOUR))
        finally:
            connection.close()

    threads = [threading.Thread(target=cycle, args=pair) for pair in ((a, b), (b, a))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert OutcomeKind.FAILED not in kinds, kinds


def test_a_clock_that_was_ahead_does_not_silence_a_source_for_a_day(now: datetime) -> None:
    health.register("s", 30, now)
    health.attempted("s", 30, now + DAY)
    health.failed("s", now + DAY, "x", 1, None, False, None)
    assert health.is_due("s", now + timedelta(minutes=6))


@pytest.mark.django_db(transaction=True)
def test_once_goes_on_after_a_source_that_breaks(monkeypatch) -> None:
    from crypto_ews.conf import parse_config
    from events.daemon import process
    from events.updater import Cycle, EventUpdater

    ran = []

    class Broken(EventUpdater):
        name, interval_seconds = "a.broken", 30

        def cycle(self):
            raise KeyError("x")

    class Good(EventUpdater):
        name, interval_seconds = "b.good", 30

        def cycle(self):
            ran.append(1)
            return Cycle(items=1)

    monkeypatch.setattr(registry, "_updaters", {"a.broken": Broken, "b.good": Good})
    said: list[str] = []
    code = process.run_once(parse_config({}), (), said.append)
    assert (code, ran) == (1, [1]), said


def test_evidence_of_open_events_outlives_the_archive_limits(now: datetime) -> None:
    from events.upstream.client import Payload

    digest = archive.store(Payload("binance.article", "http://x", 200, {}, b"body", now, 0.1, None))
    event = opened(record(delisting(now + 60 * DAY, payload=digest), now))
    archive.prune(now + 40 * DAY, 30, 1e9)
    event.refresh_from_db()
    assert event.payload_id == digest


def test_a_date_moved_earlier_past_is_reminded_and_steps(now: datetime) -> None:
    record(delisting(now + 10 * DAY), now)
    record(delisting(now + HOUR), now + 2 * HOUR)
    expire(now + 3 * HOUR)
    assert Effect.objects.get().action == "halt"


def test_closed_key_with_same_future_date_after_admin_reopen_suppression(now: datetime) -> None:
    event = opened(record(delisting(now + 5 * DAY), now))
    lifecycle.correct_event(event.pk, now, by="ann", fields={"priority": "low"})
    record(delisting(now + 6 * DAY), now + HOUR)
    event.refresh_from_db()
    assert event.priority == "low"


def test_low_corrected_to_high_is_told(now: datetime) -> None:
    event = opened(record(delisting(now + 5 * DAY, priority="low"), now))
    lifecycle.correct_event(event.pk, now, by="ann", fields={"priority": "high"})
    assert event.alerts.count() == 1


def test_recovered_drift_closes(now: datetime) -> None:
    health.register("s", 30, now)
    health.attempted("s", 30, now)
    health.failed("s", now, "odd", 1, None, True, None)
    assert Event.objects.filter(status="open").count() == 1
    health.unregister_unknown([], ("alerts.",), now)
    assert Event.objects.filter(status="open").count() == 0


def test_a_poll_that_takes_the_last_step_tells_it_once(now: datetime) -> None:
    ends = now + 3 * DAY
    event = opened(record(delisting(ends), now))
    expire(ends - DAY)
    record(delisting(ends, facts={"note": "x"}), ends + timedelta(seconds=5))
    expire(ends + timedelta(seconds=40))
    assert [a.reason for a in event.alerts.order_by("id")] == ["opened", "reminder", "reminder"]
