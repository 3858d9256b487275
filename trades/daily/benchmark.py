"""The daily benchmark of one venue: from stored bars to `VolumeDay` rows, at 23:59:30 and after the backfill.

A day is known by the finest bars that saw most of it: minutes, else five minutes, else hours. Everything is computed
from stored bars again, so that a daemon that was killed, or a day that is made up later, gives the same figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trades.daily.pairs import StoredPair
from trades.storage.bars import five_minutes, read_bars
from trades.storage.days import SPREADS, VolumeDays, read_days, write_days
from trades.storage.tables import FIVE_MINUTES_MS, HOUR_MS
from trades.volume.bars import MINUTE_MS, Bars, Floats
from trades.volume.benchmark import SPANS, benchmark, daily_sums, eligible, ranks
from trades.volume.day import CONTEXT_DAYS, DayStudy, closes_of_hours, opens_of, rows_of, study_day, top_move
from trades.volume.surprise import SPREAD_DAYS, live_windows, spread_after

LONGEST = max(SPANS)
# Bars that saw less of a day than others by more than this share are left for the others.
_AS_GOOD = 0.99
_MOVE_DAYS = 28
_LIVED_THROUGH = 0.9
_BETTER = 0.1
Rows = NDArray[np.int64]
NOTHING = DayStudy(np.empty((0, 0)), np.empty(0), float("nan"), 0)


class DayResult(NamedTuple):
    """median: the largest of the venue's medians of the surprise, NaN where too few are known. rated: instruments."""

    instruments: int
    median: float
    rated: int


def close_day(pairs: Sequence[StoredPair], day: int) -> DayResult:
    """Compute and store the benchmark of a venue's pairs at the end of `day`. Raises DatabaseError."""
    days = read_days([pair.number for pair in pairs], day - LONGEST, day)
    _sums_of_day(days, pairs, day)
    study = _study(days, pairs, day)
    finish(days, pairs, day)
    last = VolumeDays(days.ids, day, day, {name: values[:, -1:] for name, values in days.figures.items()})
    last.hour_closes = days.hour_closes[:, -1:]
    write_days(last)
    return DayResult(int((last["seen"] > 0).sum()), study.median, study.rated)


def finish(days: VolumeDays, pairs: Sequence[StoredPair], day: int) -> None:
    """Means, deviations, rank, eligibility, momentum and the top move, from what the days up to `day` came to."""
    column = day - days.first
    part = VolumeDays(
        days.ids, days.first, day, {name: values[:, : column + 1] for name, values in days.figures.items()}
    )
    sums = part.sums()
    for span in SPANS:
        found = benchmark(sums, span)
        days[f"mean_{span}"][:, column] = found.mean[:, -1]
        days[f"std_{span}"][:, column] = found.std[:, -1]
    days["eligible"][:, column] = eligible(sums)[:, -1]
    mean = days["mean_28"][:, column]
    for quote in {pair.quote for pair in pairs}:
        rows = np.array([index for index, pair in enumerate(pairs) if pair.quote == quote])
        place = ranks(mean[rows, None])[:, 0]
        days["rank"][rows, column] = np.where(place > 0, place, np.nan)
    closes = days.hour_closes[:, max(0, column - _MOVE_DAYS) : column + 1].reshape(len(pairs), -1)
    days["top_move"][:, column] = top_move(closes)
    if column >= 7:
        with np.errstate(invalid="ignore", divide="ignore"):
            moved = days.hour_closes[:, column, -1] / days.hour_closes[:, column - 7, -1] - 1
        days["momentum"][:, column] = np.where(np.isfinite(moved), moved, np.nan)


def _sums_of_day(days: VolumeDays, pairs: Sequence[StoredPair], day: int) -> None:
    column = day - days.first
    days["seen"][:, column] = 0.0
    for interval_ms in (MINUTE_MS, FIVE_MINUTES_MS, HOUR_MS):
        lacking = np.flatnonzero(days["seen"][:, column] < _AS_GOOD * 1440)
        if not lacking.size:
            break
        symbols = {pairs[index].number: pairs[index].symbol for index in lacking}
        take_sums(days, lacking, read_bars(symbols, interval_ms, *opens_of(day, interval_ms), ("close", "volume")), day)


def take_sums(days: VolumeDays, rows: Rows, bars: Bars, first: int) -> None:
    """Take the sums of these bars' days into the rows where they saw more than what is there. first: day of the first
    bar."""
    sums = daily_sums(bars)
    edges = bars.day_edges()
    for index in range(sums.seen.shape[1]):
        column = first + index - days.first
        better = sums.seen[:, index] > days["seen"][rows, column] / _AS_GOOD
        chosen = rows[better]
        days["seen"][chosen, column] = sums.seen[better, index]
        days["total"][chosen, column] = sums.total[better, index]
        days["squares"][chosen, column] = sums.squares[better, index] if sums.of_minutes else np.nan
        ends = closes_of_hours(bars.from_column(int(edges[index]), int(edges[index + 1])))
        if ends.shape[1]:
            days.hour_closes[chosen, column, -ends.shape[1] :] = ends[better]


def _study(days: VolumeDays, pairs: Sequence[StoredPair], day: int, coarse: bool = False) -> DayStudy:
    """The day's spreads and largest surprises, into `days`. coarse: by five minutes wherever these are stored."""
    today = day - days.first
    days["largest"][:, today] = np.nan
    for name in SPREADS:
        days[name][:, today] = np.nan
    seen = np.flatnonzero(days["seen"][:, today] > 0)
    found = NOTHING
    for rows, bars in fine_bars(pairs, seen, day - CONTEXT_DAYS, day, coarse):
        study = study_day(bars, live_windows(bars), *standards(days, rows, day))
        for name, spread in zip(SPREADS, study.spreads, strict=True):
            days[name][rows, today] = spread
        days["largest"][rows, today] = study.largest
        if study.rated > found.rated:
            found = study
    return found


def fine_bars(
    pairs: Sequence[StoredPair], rows: Rows, first: int, last: int, coarse: bool = False
) -> Iterator[tuple[Rows, Bars]]:
    """The bars of days `first` to `last` that levels are made from: five minutes for the pairs that lived through less
    of that time by minutes, else minutes. coarse: five minutes for all that have them on the last day."""
    if coarse:
        bars = _volumes(pairs, rows, FIVE_MINUTES_MS, first, last)
        # Of the last day: at the beginning of what is stored the days before it are missing.
        enough = _coverage(bars.from_column(int(bars.day_edges()[-2]))) >= _LIVED_THROUGH
        if enough.any():
            yield rows[enough], rows_of(bars, np.flatnonzero(enough))
        rows = rows[~enough]
    minutes = _volumes(pairs, rows, MINUTE_MS, first, last)
    by_minutes = _coverage(minutes)
    lacking = np.flatnonzero(by_minutes < _LIVED_THROUGH)
    if lacking.size and not coarse:
        bars = _volumes(pairs, rows[lacking], FIVE_MINUTES_MS, first, last)
        fill_five_minutes(bars, rows_of(minutes, lacking))
        better = _coverage(bars) > by_minutes[lacking] + _BETTER
        if better.any():
            yield rows[lacking[better]], rows_of(bars, np.flatnonzero(better))
            by_minutes[lacking[better]] = 0.0
    retained = np.flatnonzero(by_minutes > 0)
    if retained.size:
        yield rows[retained], rows_of(minutes, retained)


def fill_five_minutes(bars: Bars, minutes: Bars) -> None:
    """Fill the missing bars from minutes, where all five are known."""
    # The first bar of five opens four minutes before the first minute.
    made = five_minutes(minutes.from_column(-(minutes.start_ms // MINUTE_MS) % 5))
    place = (made.start_ms - bars.start_ms) // bars.interval_ms
    target = bars.volume[:, place : place + made.columns]
    source = made.volume[:, : target.shape[1]]
    np.copyto(target, source, where=np.isnan(target))


def _volumes(pairs: Sequence[StoredPair], rows: Rows, interval_ms: int, first: int, last: int) -> Bars:
    symbols = {pairs[index].number: pairs[index].symbol for index in rows}
    begin, end = opens_of(first, interval_ms)[0], opens_of(last, interval_ms)[1]
    return read_bars(symbols, interval_ms, begin, end, ("volume",))


def _coverage(bars: Bars) -> Floats:
    return np.asarray((~np.isnan(bars.volume)).mean(axis=1))


def standards(days: VolumeDays, rows: Rows, day: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """What `study_day` needs of a day: means of `CONTEXT_DAYS` days and of the day, spreads, who is judged.

    The figures that hold on a day are those at the end of the day before.
    """
    today = day - days.first
    mean = days["mean_28"][rows, today - CONTEXT_DAYS - 1 : today]
    daily = days.spreads()[:, rows, max(0, today - SPREAD_DAYS) : today]
    spread = np.array([spread_after(one) for one in daily])
    return mean, spread, days["eligible"][rows, today - 1] > 0


def rebuild(pairs: Sequence[StoredPair], day: int) -> dict[int, DayResult]:
    """Compute every day up to and with `day` from the stored bars, oldest first; by day, from the first on that has
    minutes or bars of five. After the backfill. What was learnt by minutes when a day ended stays. Raises
    DatabaseError."""
    first = day - LONGEST
    ids = [pair.number for pair in pairs]
    before, days = read_days(ids, first, day), VolumeDays(ids, first, day)
    every, symbols = np.arange(len(pairs)), {pair.number: pair.symbol for pair in pairs}
    results: dict[int, DayResult] = {}
    for one in range(first, day + 1):
        fine = False
        for interval_ms in (MINUTE_MS, FIVE_MINUTES_MS, HOUR_MS):
            bars = read_bars(symbols, interval_ms, *opens_of(one, interval_ms), ("close", "volume"))
            take_sums(days, every, bars, one)
            fine |= interval_ms < HOUR_MS and not np.isnan(bars.volume).all()
        if fine or results:
            study = _study(days, pairs, one, coarse=True) if one - first > CONTEXT_DAYS else NOTHING
            _keep_learnt(days, before, one - first)
            rated = int((days["seen"][:, one - first] > 0).sum())
            results[one] = DayResult(rated, study.median, study.rated)
        finish(days, pairs, one)
    write_days(days)
    return results


def _keep_learnt(days: VolumeDays, before: VolumeDays, column: int) -> None:
    learnt = ~np.isnan(before["squares"][:, column]) & ~np.isnan(before["largest"][:, column])
    for name in (*SPREADS, "largest"):
        days[name][learnt, column] = before[name][learnt, column]
