"""A daemon that starts with a wrong clock: what its first round judged by it is not recorded, and is judged anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from events import clock
from events.clock_guard import Why
from events.drafts import EffectDraft, EventDraft
from events.models import Event
from events.updater import Cycle, EventUpdater
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient
from tests.alerts.factories import make_config

pytestmark = pytest.mark.django_db
DAY = 86_400.0


class Source(EventUpdater):
    """One notice that is over in an hour, by the true time."""

    name, interval_seconds = "tests.source", 30.0

    def __init__(self, guard: clock.Guard, *heard: str) -> None:
        super().__init__(make_config(), ArchivingFetcher(HttpClient(1.0)), clock.now)
        self._guard, self._heard = guard, heard

    def cycle(self) -> Cycle:
        for upstream in self._heard:
            now = self._guard.now()
            self._guard.add_date(upstream, datetime.now(UTC).replace(microsecond=0), now, now)
        ends = datetime.now(UTC) + timedelta(hours=1)
        draft = EventDraft(
            source="tests",
            category="hack",
            natural_key="k",
            title="t",
            effects=(EffectDraft("ABC"),),
            valid_until=ends,
        )
        return Cycle(items=1, drafts=[draft])


@pytest.fixture(autouse=True)
def no_guard_is_left() -> Iterator[None]:
    yield
    clock.install(None)


def started(ahead: float) -> clock.Guard:
    guard = clock.Guard(wall=lambda: time.time() + ahead)
    clock.install(guard)
    guard.look(clock.DatabaseTime(time.time() + ahead, clock.monotonic()))
    return guard


def test_the_first_answer_of_an_upstream_confirms_the_clock_before_it_is_read() -> None:
    source = Source(started(0), "okx.com")
    report = source.run()
    assert report is not None and report.ok and not source.put_off and Event.objects.count() == 1


def test_what_was_judged_by_a_clock_that_is_a_day_ahead_is_judged_anew_by_the_upstreams_time() -> None:
    guard = started(DAY)
    source = Source(guard, "okx.com")
    assert source.run() is None and source.put_off, "one upstream speaks against the clock"
    assert Event.objects.count() == 0
    source = Source(guard, "okx.com", "binance.com")
    assert source.run() is None and source.put_off, "the time was corrected in the middle of it"
    assert guard.clocks.distrust is not None and guard.clocks.distrust.why == Why.WRONG
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 3
    report = source.run()
    assert report is not None and report.outcomes["opened"] == 1
