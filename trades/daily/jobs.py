"""The daily jobs of the volume tracker, at their times of day in UTC; what was missed is made up at the next start.

23:59:15 performance of past observations, 23:59:18 exchange information, 23:59:30 benchmark. A job is done for a day
when its row in `VolumeJob` says so, in whichever process and after whichever restart.
"""

from __future__ import annotations

import logging
import time as clock_time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Max

from crypto_ews.conf import Config
from events import registry
from trades.daily.benchmark import DayResult, close_day, rebuild
from trades.daily.instruments import note_instruments
from trades.daily.outcomes import settle_outcomes
from trades.daily.thresholds import store_thresholds
from trades.models import BackfillPass, VolumeJob
from trades.storage.days import date_of, number_of
from trades.storage.pairs import stored_pairs

logger = logging.getLogger(__name__)

SECONDS = 2.0
BENCHMARK = "benchmark"
# What is older is not made up day by day: nothing is left of its minutes.
MOST_MADE_UP = 28


@dataclass(frozen=True)
class DailyJob:
    """run: does the job for days that have passed, oldest first, at a moment; returns a note for the row."""

    name: str
    at: time
    run: Callable[[Config, list[date], datetime], str]

    def due(self, done: date | None, now: datetime) -> list[date]:
        """The days whose time has passed and for which it is not done; of a first run the last one."""
        last = now.date() if now.time() >= self.at else now.date() - timedelta(days=1)
        if done is None:
            return [last]
        first = max(done + timedelta(days=1), last - timedelta(days=MOST_MADE_UP - 1))
        return [first + timedelta(days=index) for index in range((last - first).days + 1)]


def _benchmark(config: Config, days: list[date], now: datetime) -> str:
    pairs = stored_pairs(config, now)
    results: dict[str, dict[int, DayResult]] = {venue: {} for venue in pairs}
    for day in map(number_of, days):
        for venue, of_venue in pairs.items():
            results[venue][day] = close_day(of_venue, day)
        store_thresholds(pairs, {venue: {day: by_day[day]} for venue, by_day in results.items()})
    last = number_of(days[-1])
    return ", ".join(f"{venue} {by_day[last].instruments}" for venue, by_day in results.items()) or "no instruments"


JOBS = (
    DailyJob("performance", time(23, 59, 15), lambda config, days, now: settle_outcomes(now)),
    DailyJob("instruments", time(23, 59, 18), lambda config, days, now: note_instruments(config, now)),
    DailyJob(BENCHMARK, time(23, 59, 30), _benchmark),
)


def run_due(config: Config, now: datetime) -> int:
    """Run the jobs whose time has come, in order; how many. Raises DatabaseError."""
    now = now.astimezone(UTC)
    done = dict(VolumeJob.objects.order_by().values_list("name", "day"))
    ran = 0
    for job in JOBS:
        days = job.due(done.get(job.name), now)
        if days:
            _run(job.name, days[-1], lambda job=job, days=days: job.run(config, days, now), now)  # type: ignore[misc]
            ran += 1
    return ran + _after_backfill(config, done, now)


def _after_backfill(config: Config, done: dict[str, date], now: datetime) -> int:
    """A backfill pass that ended since makes the benchmark of all days anew, those of the venue."""
    passes = BackfillPass.objects.filter(state=BackfillPass.State.DONE, finished_at__isnull=False)
    made = dict(VolumeJob.objects.filter(name__startswith=f"{BENCHMARK} ").values_list("name", "finished_at"))
    pairs = None
    ran = 0
    for row in passes.order_by().values("venue").annotate(last=Max("finished_at")):
        name = f"{BENCHMARK} {row['venue']}"
        if name in made and made[name] >= row["last"]:
            continue
        pairs = stored_pairs(config, now) if pairs is None else pairs
        of_venue = pairs.get(row["venue"], [])
        last = number_of(JOBS[-1].due(None, now)[0])

        def work(venue: str = row["venue"], of_venue: list = of_venue) -> str:  # type: ignore[type-arg]
            results = rebuild(of_venue, last)
            store_thresholds({**stored_pairs(config, now)}, {venue: results})
            return f"{len(of_venue)} instruments, {len(results)} days with minutes or bars of five"

        _run(name, date_of(last), work, now)
        ran += 1
    return ran


def _run(name: str, day: date, work: Callable[[], str], now: datetime) -> None:
    began = clock_time.monotonic()
    note = work()
    seconds = clock_time.monotonic() - began
    VolumeJob.objects.update_or_create(
        name=name, defaults={"day": day, "finished_at": now, "seconds": round(seconds, 3), "note": note}
    )
    logger.info("volume: %s of %s in %.1f s: %s", name, day, seconds, note)


def timer() -> registry.Timer:
    """A replay has no stored minutes: nothing is due in it."""
    return registry.Timer("volume", run_due, next_due=lambda config, now: None, seconds=SECONDS)
