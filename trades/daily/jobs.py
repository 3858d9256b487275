"""The daily jobs of the volume tracker, at their times of day in UTC; what was missed is made up at the next start.

23:59:15 performance of past observations, 23:59:18 exchange information, 23:59:30 benchmark. A job is done for a day
when its row in `VolumeJob` says so, in whichever process and after whichever restart.
"""

from __future__ import annotations

import logging
import time as clock_time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Min

from crypto_ews.conf import Config
from events import registry
from trades.daily.benchmark import DayResult, close_day, rebuild
from trades.daily.outcomes import settle_outcomes
from trades.daily.pairs import StoredPair, note_instruments, stored_pairs
from trades.daily.thresholds import store_thresholds
from trades.models import BackfilledSpan, BackfillPass, VolumeDay, VolumeJob
from trades.storage.days import date_of, number_of

logger = logging.getLogger(__name__)

SECONDS = 2.0
BENCHMARK = "benchmark"
_AFTER = f"{BENCHMARK} after"
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
            with _noted([job.name], days[-1], now) as note:
                note.append(job.run(config, days, now))
            ran += 1
    return ran + _after_backfill(config, now)


def _after_backfill(config: Config, now: datetime) -> int:
    """A pass that ended for the first time, or brought days that a pair lacks, makes the days of its venue anew."""
    passes = BackfillPass.objects.filter(state=BackfillPass.State.DONE, finished_at__isnull=False).order_by()
    made = dict(VolumeJob.objects.filter(name__startswith=_AFTER).values_list("name", "finished_at"))
    ended: dict[str, list[str]] = {}
    for venue, number, finished_at in passes.values_list("venue", "number", "finished_at"):
        name = f"{_AFTER} {venue} pass {number}"
        if name not in made or (finished_at is not None and made[name] < finished_at):
            ended.setdefault(venue, []).append(name)
    pairs = stored_pairs(config, now) if ended else {}
    last = number_of(JOBS[-1].due(None, now)[0])
    for venue, names in ended.items():
        of_venue = pairs.get(venue, [])
        with _noted(names, date_of(last), now) as note:
            if any(name not in made for name in names) or _lack_days(of_venue):
                results = rebuild(of_venue, last)
                store_thresholds(pairs, {venue: results})
                note.append(f"{len(of_venue)} instruments, {len(results)} days by minutes or bars of five")
            else:
                note.append("brought nothing that a pair lacked")
    return len(ended)


def _lack_days(pairs: Sequence[StoredPair]) -> bool:
    """Whether hours were fetched of days before a pair's first benchmark."""
    ids = [pair.number for pair in pairs]
    rows = VolumeDay.objects.filter(instrument_id__in=ids).order_by().values("instrument_id")
    first = {row["instrument_id"]: row["first"] for row in rows.annotate(first=Min("day"))}
    spans = BackfilledSpan.objects.filter(instrument_id__in=ids, number=1).values_list("instrument_id", "start")
    # The first day of a span is cut.
    return any(
        number not in first or start.date() + timedelta(days=1) < first[number] for number, start in spans.iterator()
    )


@contextmanager
def _noted(names: Sequence[str], day: date, now: datetime) -> Iterator[list[str]]:
    """Store what was done when it is done."""
    began = clock_time.monotonic()
    note: list[str] = []
    yield note
    seconds = clock_time.monotonic() - began
    said = "; ".join(note)
    for name in names:
        VolumeJob.objects.update_or_create(
            name=name, defaults={"day": day, "finished_at": now, "seconds": round(seconds, 3), "note": said}
        )
    logger.info("volume: %s of %s in %.1f s: %s", ", ".join(names), day, seconds, said)


def timer() -> registry.Timer:
    """A replay has no stored minutes: nothing is due in it."""
    return registry.Timer("volume", run_due, next_due=lambda config, now: None, seconds=SECONDS)
