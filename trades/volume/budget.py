"""Alerts under a budget: the threshold that gave a desk five a day, its cool-down and its hard stop.

"The best five of the day" cannot be chosen at 10:00. So the threshold is the (5 · 28)-th largest of the desk's daily
maxima of the last 28 days, one maximum an instrument and day; a desk too small for that many gets a quarter of its
maxima, as a desk of 20 does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from trades.volume.bars import DAY_MS, HOUR_MS, Bars, Floats

A_DAY, DAYS = 5, 28
LEAST_DAYS = 56
"""Before so many days there is no threshold: 28 to learn the spread, 28 of maxima."""
COOL_DOWN_MS = 6 * HOUR_MS
MARKET_CARD_RANK = 14


class Alert(NamedTuple):
    """An instrument's unusual volume. row: of the instrument. column: of the bar."""

    row: int
    column: int
    surprise: float
    threshold: float
    over_budget: bool
    """It came after the day's five: stored, and told in the digest."""


class MarketCard(NamedTuple):
    column: int
    median: float
    threshold: float


def daily_maxima(bars: Bars, values: Floats) -> Floats:
    """The largest value of each day, NaN where none is known. values: of shape (…, columns)."""
    edges = bars.day_edges()
    if len(edges) < 2:
        return np.full((*values.shape[:-1], 0), np.nan)
    found = np.maximum.reduceat(np.where(np.isnan(values), -np.inf, values), edges[:-1], axis=-1)
    return np.where(np.isneginf(found), np.nan, found)


def thresholds(maxima: Floats) -> Floats:
    """The desk's threshold of each day, NaN before the 56th. maxima: of the desk's instruments, by day."""
    return _by_day(maxima, watched_threshold)


def market_thresholds(maxima: Floats) -> Floats:
    """The threshold of the venue's median. maxima: of the median, by day."""
    return _by_day(maxima[None, :], market_threshold)


def watched_threshold(maxima: Floats) -> float:
    """The threshold after these days, of which the last 28 count; NaN where nothing is known of them."""
    return _kth_largest(maxima, lambda pool: min(A_DAY * DAYS, max(1, pool // 4)))


def market_threshold(maxima: Floats) -> float:
    """The same for the largest medians of a venue."""
    return _kth_largest(maxima, lambda pool: min(MARKET_CARD_RANK, pool))


def _by_day(maxima: Floats, threshold: Callable[[Floats], float]) -> Floats:
    days = maxima.shape[1]
    return np.array([threshold(maxima[:, :day]) if day >= LEAST_DAYS else np.nan for day in range(days)], float)


def _kth_largest(maxima: Floats, rank: Callable[[int], int]) -> float:
    pool = maxima[..., -DAYS:]
    pool = pool[~np.isnan(pool)]
    if not pool.size:
        return float("nan")
    k = rank(pool.size)
    return float(np.partition(pool, pool.size - k)[pool.size - k])


def alerts(bars: Bars, values: Floats, watched: NDArray[np.int64], bounds: Floats) -> list[Alert]:
    """What a desk is told. values: the surprise of all instruments. watched: its rows. bounds: its threshold by day.

    Within a bar the more surprising come first. What falls into an instrument's cool-down is no alert; what comes
    after the day's five is one over the budget, and starts a cool-down too.
    """
    bound = bounds[bars.days]
    found = values[watched] > bound
    budget: Budget[int] = Budget()
    told = []
    for column in np.flatnonzero(found.any(axis=0)):
        rows = watched[found[:, column]]
        passed = [(int(row), float(values[row, column])) for row in rows]
        for row, surprise, over in budget.take(bars.at(int(column)), passed):
            told.append(Alert(row, int(column), surprise, float(bound[column]), over))
    return told


Name = TypeVar("Name", bound=Hashable)


class Budget(Generic[Name]):
    """What may be told of what passed the threshold, bar by bar.

    quiet_until: of each instrument, milliseconds. told: so many were told on `day` (UTC, days since 1970).
    """

    def __init__(self, quiet_until: Mapping[Name, int] | None = None, day: int = -1, told: int = 0) -> None:
        self._quiet_until = dict(quiet_until or {})
        self._day, self._sent = day, told

    def take(self, at_ms: int, passed: Sequence[tuple[Name, float]]) -> list[tuple[Name, float, bool]]:
        """Instruments with their surprise at one moment → those that are told or over the day's budget (True)."""
        if at_ms // DAY_MS != self._day:
            self._day, self._sent = at_ms // DAY_MS, 0
        taken = []
        for name, surprise in sorted(passed, key=lambda one: -one[1]):
            if at_ms < self._quiet_until.get(name, 0):
                continue
            self._quiet_until[name] = at_ms + COOL_DOWN_MS
            over = self._sent >= A_DAY
            self._sent += not over
            taken.append((name, surprise, over))
        return taken


def market_cards(bars: Bars, medians: Floats, bounds: Floats) -> list[MarketCard]:
    """Bars at which the whole market is unusual, one in six hours."""
    bound = bounds[bars.days]
    cards: list[MarketCard] = []
    quiet_until = 0
    for column in _where(medians > bound):
        at = bars.at(column)
        if at >= quiet_until:
            quiet_until = at + COOL_DOWN_MS
            cards.append(MarketCard(column, float(medians[column]), float(bound[column])))
    return cards


def _where(found: NDArray[np.bool_]) -> Iterable[int]:
    return (int(column) for column in np.flatnonzero(found))
