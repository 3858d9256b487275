"""Alerts under a budget: the threshold that gave a desk five a day, its cool-down and its hard stop.

"The best five of the day" cannot be chosen at 10:00. So the threshold is the (5 · 28)-th largest of the desk's daily
maxima of the last 28 days, one maximum an instrument and day; a desk too small for that many gets a quarter of its
maxima, as a desk of 20 does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

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
    return _kth_largest(maxima, lambda pool: min(A_DAY * DAYS, max(1, pool // 4)))


def market_thresholds(maxima: Floats) -> Floats:
    """The threshold of the venue's median. maxima: of the median, by day."""
    return _kth_largest(maxima[None, :], lambda pool: min(MARKET_CARD_RANK, pool))


def _kth_largest(maxima: Floats, rank: Callable[[int], int]) -> Floats:
    days = maxima.shape[1]
    out = np.full(days, np.nan)
    for day in range(LEAST_DAYS, days):
        pool = maxima[:, day - DAYS : day]
        pool = pool[~np.isnan(pool)]
        if pool.size:
            k = rank(pool.size)
            out[day] = np.partition(pool, pool.size - k)[pool.size - k]
    return out


def alerts(bars: Bars, values: Floats, desk: NDArray[np.int64], bounds: Floats) -> list[Alert]:
    """What a desk is told. values: the surprise of all instruments. desk: its rows. bounds: its threshold by day.

    Within a bar the more surprising come first. What falls into an instrument's cool-down is no alert; what comes
    after the day's five is one over the budget, and starts a cool-down too.
    """
    bound = bounds[bars.days]
    found = values[desk] > bound
    rows, columns = np.nonzero(found)
    order = np.lexsort((-values[desk][rows, columns], columns))
    quiet_until: dict[int, int] = {}
    sent: dict[int, int] = {}
    told = []
    for index in order:
        row, column = int(desk[rows[index]]), int(columns[index])
        at = bars.at(column)
        if at < quiet_until.get(row, 0):
            continue
        quiet_until[row] = at + COOL_DOWN_MS
        day = at // DAY_MS
        over = sent.get(day, 0) >= A_DAY
        if not over:
            sent[day] = sent.get(day, 0) + 1
        told.append(Alert(row, column, float(values[row, column]), float(bound[column]), over))
    return told


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
