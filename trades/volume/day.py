"""One day of bars against what was known before it: its spreads, its largest surprises, the market's largest median.

The same figures that `surprise` has for that day when it is given all bars since the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trades.volume.bars import BENCHMARK_BEFORE_MIDNIGHT_MS, DAY_MS, HOUR_MS, Bars, Floats
from trades.volume.live import median
from trades.volume.surprise import day_spread, levels, log_volumes, market_part

CONTEXT_DAYS = 8
"""Whole days before a day that its levels need: seven, and the windows of the first hour of them."""
TOP_SHARE = 0.99
_LEAST_MOVES = 7 * 24
_CHUNK = 64


class DayStudy(NamedTuple):
    """spreads: of shape (windows, instruments). largest: of each instrument's surprises. median: the largest of the
    medians of the surprise; NaN where too few instruments are known. rated: instruments with a surprise."""

    spreads: Floats
    largest: Floats
    median: float
    rated: int


def day_number(close_ms: int) -> int:
    """The day of a bar, in days since 1970, by its close: it ends at 23:59:30."""
    return (close_ms + BENCHMARK_BEFORE_MIDNIGHT_MS) // DAY_MS


def opens_of(day: int, interval_ms: int) -> tuple[int, int]:
    """The open times of a day's bars, in milliseconds: from the first on, and before the second."""
    return day * DAY_MS - interval_ms, (day + 1) * DAY_MS - interval_ms


def study_day(bars: Bars, windows: Sequence[int], mean: Floats, spread: Floats, rated: NDArray[np.bool_]) -> DayStudy:
    """bars: of `CONTEXT_DAYS` days and the day itself. windows: of the surprise, in bars. mean: the 28-day mean that
    held on each of these days. spread: of each window on the day itself, of shape (windows, instruments)."""
    since = int(bars.day_edges()[-2])
    raw = np.full((len(bars.symbols), bars.columns - since), np.nan)
    found = np.full(spread.shape, np.nan)
    for begin in range(0, len(bars.symbols), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        part = rows_of(bars, rows)
        distances = [
            logs[:, since:] - levels(part, logs, since) for logs in log_volumes(part, mean[rows], windows).values()
        ]
        found[:, rows] = [day_spread(distance) for distance in distances]
        scaled = [distance / spread[index, rows, None] for index, distance in enumerate(distances)]
        raw[rows] = sum(scaled[1:], scaled[0]) / len(scaled)
    raw[~rated] = np.nan
    value = raw - market_part(raw) / 2
    medians = np.array([median(column) for column in value.T])
    return DayStudy(found, _largest(value), _most(medians), int((~np.isnan(value)).any(axis=1).sum()))


def top_move(hour_closes: Floats) -> Floats:
    """What 99 of 100 hourly moves of an instrument stay below, as a share of the price; NaN where less than seven days
    are known. hour_closes: of shape (instruments, hours)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        moves = np.abs(hour_closes[:, 1:] / hour_closes[:, :-1] - 1)
    moves[~np.isfinite(moves)] = np.nan
    out = np.full(hour_closes.shape[0], np.nan)
    enough = (~np.isnan(moves)).sum(axis=1) >= _LEAST_MOVES
    if enough.any():
        out[enough] = np.nanquantile(moves[enough], TOP_SHARE, axis=1)
    return out


def closes_of_hours(bars: Bars) -> Floats:
    """Of one day's bars: the prices at the ends of its hours, NaN where the bar is missing."""
    ends = bars.close_ms(np.arange(bars.columns, dtype=np.int64))
    return np.asarray(bars.close[:, ends % HOUR_MS == 0])


def rows_of(bars: Bars, rows: slice | NDArray[np.int64]) -> Bars:
    """Some of the instruments."""
    chosen = range(len(bars.symbols))[rows] if isinstance(rows, slice) else rows
    return Bars(
        [bars.symbols[int(index)] for index in chosen],
        bars.start_ms,
        bars.interval_ms,
        *(part[rows] for part in (bars.open, bars.high, bars.low, bars.close, bars.volume, bars.bought)),
    )


def _largest(values: Floats) -> Floats:
    found = np.max(np.where(np.isnan(values), -np.inf, values), axis=1, initial=-np.inf)
    return np.where(np.isneginf(found), np.nan, found)


def _most(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.max()) if known.size else float("nan")
