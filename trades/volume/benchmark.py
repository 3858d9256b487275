"""The daily benchmark: means and spread of minute volume, rank, and who is traded long enough.

Computed at 23:59:30 UTC of each day from the days before: the mean of 28, 56 and 84 days, the standard deviation over
all minutes of those days, the rank among all pairs of the venue with that quote.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trades.volume.bars import Bars, Floats

SPANS = (28, 56, 84)
TRADED_DAYS, OF_DAYS = 21, 30


class DailySums(NamedTuple):
    """What a day's minutes come to; arrays of shape (instruments, days).

    seen: minutes that were seen. total, squares: sums of their quote volume and of its square. of_minutes: whether the
    squares are those of minutes; those of longer bars say nothing of minutes.
    """

    seen: Floats
    total: Floats
    squares: Floats
    of_minutes: bool


class Benchmark(NamedTuple):
    """Of one span of days, at the end of each day; arrays of shape (instruments, days). mean, std: of the quote volume
    of a minute; NaN where nothing was seen, std also where it is not known by minutes."""

    mean: Floats
    std: Floats


def daily_sums(bars: Bars) -> DailySums:
    """The sums of each day, by the day that a bar's close belongs to."""
    edges = bars.day_edges()
    present = ~np.isnan(bars.volume)
    volume = np.where(present, bars.volume, 0.0)
    starts = edges[:-1]
    if not len(starts):
        empty = np.zeros((len(bars.symbols), 0))
        return DailySums(empty, empty, empty, bars.minutes == 1)
    # Every day has a column: the grid has no hole.
    count = np.add.reduceat(present.astype(float), starts, axis=1) * bars.minutes
    return DailySums(
        count,
        np.add.reduceat(volume, starts, axis=1),
        np.add.reduceat(volume * volume, starts, axis=1),
        bars.minutes == 1,
    )


def benchmark(days: DailySums, span: int) -> Benchmark:
    """The benchmark that holds during each day: from the `span` days before it. Column d: day d, from days d − span to
    d − 1."""
    seen, total, squares = (_of_days_before(part, span) for part in (days.seen, days.total, days.squares))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(seen > 0, total / seen, np.nan)
        variance = squares / seen - mean * mean
        std = np.sqrt(np.maximum(variance, 0.0))
    return Benchmark(mean, std if days.of_minutes else np.full_like(mean, np.nan))


def eligible(days: DailySums) -> NDArray[np.bool_]:
    """Whether an instrument was traded on 21 of the 30 days before each day."""
    return _of_days_before((days.total > 0).astype(float), OF_DAYS) >= TRADED_DAYS


def ranks(mean: Floats) -> NDArray[np.int64]:
    """1 for the largest mean of each column, 0 where there is none. Equal means rank in the order of the rows."""
    known = np.nan_to_num(mean, nan=0.0)
    order = np.argsort(-known, axis=0, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(1, mean.shape[0] + 1)[:, None], axis=0)
    return np.where(known > 0, places, 0)


def _of_days_before(values: Floats, span: int) -> Floats:
    """Sums over the days before each: exactly those, not differences of a running total."""
    rows, columns = values.shape
    sums = np.zeros((rows, columns))
    for back in range(1, min(span, columns - 1) + 1):
        sums[:, back:] += values[:, : columns - back]
    return sums
