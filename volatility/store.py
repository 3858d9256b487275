"""`PriceChangeStore`: the prices of every pair over the last day, and the extremes of their rolling windows."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from volatility.ring import Floats, PriceRing
from volatility.windows import LATE, WINDOWS, Window

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Readings come a little early or late: one becomes a new row after this share of the resolution.
_TOLERANCE = 0.75
AHEAD = timedelta(seconds=90)
"""A last reading further ahead than this was dated by another clock; less may be a late answer."""


@dataclass(frozen=True)
class Reading:
    """The prices of some pairs at one time, in USD. Pairs without a price are left out."""

    at: datetime
    pairs: Sequence[str]
    prices: Sequence[float] | Floats


@dataclass(frozen=True)
class PriceChange:
    """The changes of a reading: for each pair with a price, the extremes of each window that ends with the reading.

    prices: shape (pairs,). low, high: shape (windows, pairs), the price now included.
    """

    at: datetime
    pairs: Sequence[str]
    prices: Floats
    low: Floats
    high: Floats
    windows: Sequence[Window]


PriceObserver = Callable[[PriceChange], None]
"""Called with every reading, in the order of attachment."""
_registered: list[PriceObserver] = []


def register_observer(observer: PriceObserver) -> None:
    """Attach an observer to every store that is made from now on; other apps call this from `AppConfig.ready()`.

    An observer that raises fails the cycle that called it.
    """
    _registered.append(observer)


def registered_observers() -> tuple[PriceObserver, ...]:
    return tuple(_registered)


class PriceChangeStore:
    """Keeps a day of readings in bounded memory, and calls its observers with each new one.

    resolution: readings that come faster are compared, but not all of them are stored. Not thread-safe.
    """

    def __init__(self, resolution: timedelta, windows: Sequence[Window] = WINDOWS) -> None:
        self.windows = windows
        self._spacing = _microseconds(resolution * _TOLERANCE)
        self._spans = [_microseconds(window.span) for window in windows]
        self._ring = PriceRing(self._spans[-1] // self._spacing + 2)
        self._column: dict[str, int] = {}
        self._free: list[int] = []
        self._left: list[int] = []  # of pairs that began again: free once no window reaches them
        self._last_price = np.empty(0)
        self._last_time = np.empty(0, np.int64)
        self._appended_at: int | None = None
        self._observers: list[PriceObserver] = []
        self.last_at: datetime | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays, which grow with pairs and readings."""
        return self._ring.nbytes + self._last_price.nbytes + self._last_time.nbytes

    def attach(self, observer: PriceObserver) -> None:
        self._observers.append(observer)

    def detach(self, observer: PriceObserver) -> None:
        self._observers.remove(observer)

    def update(self, reading: Reading) -> PriceChange | None:
        """Take a reading and call the observers; None without a call where it is not newer than the last one.

        Stored readings from after it were dated by a clock that was ahead: they are moved to just before it.
        """
        time = _microseconds(reading.at - _EPOCH)
        self._pull_back(reading.at, time)
        if self.last_at is not None and reading.at <= self.last_at:
            return None
        pairs, columns, prices = self._taken(reading, time)
        low, high = self._ring.extremes([time - span for span in self._spans])
        low, high = np.fmin(low[:, columns], prices), np.fmax(high[:, columns], prices)
        self._reach_back(time, columns, low, high)
        self._keep(reading.at, time, columns, prices)
        change = PriceChange(reading.at, pairs, prices, low, high, self.windows)
        for observer in tuple(self._observers):
            observer(change)
        return change

    def forget(self, pairs: Iterable[str]) -> None:
        """Begin these pairs again: their earlier prices count in no window any more."""
        for pair in pairs:
            if (column := self._column.pop(pair, None)) is not None:
                self._left.append(column)

    def restore(self, readings: Iterable[Reading]) -> int:
        """Take earlier readings, oldest first, without calling observers; how many were newer than the last one."""
        count = 0
        for reading in readings:
            if self.last_at is None or reading.at > self.last_at:
                time = _microseconds(reading.at - _EPOCH)
                _, columns, prices = self._taken(reading, time)
                self._keep(reading.at, time, columns, prices)
                count += 1
        return count

    def move(self, since: datetime, by: timedelta) -> None:
        """Move the readings from `since` on, which were dated by a clock that was wrong by this much."""
        begins, shift = _microseconds(since - _EPOCH), _microseconds(by)
        self._ring.move(begins - 1, shift)
        self._last_time[self._last_time >= begins] += shift
        if self._appended_at is not None and self._appended_at >= begins:
            self._appended_at += shift
        if self.last_at is not None and self.last_at >= since:
            self.last_at += by

    def _pull_back(self, at: datetime, time: int) -> None:
        """Move readings from after `at` to just before it, because their age is unknown.

        That is the safe choice: every window still has them. To drop them would hide a fall while the clock is set.
        """
        if self.last_at is None or self.last_at - at <= AHEAD:
            return
        last = _microseconds(self.last_at - _EPOCH)
        by = time - 1 - last
        self._ring.move(time - 1, by)
        ahead = self._last_time >= time
        self._last_time[ahead] += by
        if self._appended_at is not None and self._appended_at >= time:
            self._appended_at += by
        self.last_at = at - _MICROSECOND

    def _taken(self, reading: Reading, time: int) -> tuple[list[str], NDArray[np.intp], Floats]:
        """The pairs that have a price, their columns, and the prices."""
        taken = {
            pair: price
            for pair, price in zip(reading.pairs, reading.prices, strict=True)
            if price > 0 and math.isfinite(price)
        }
        fresh = [pair for pair in taken if pair not in self._column]
        if fresh:
            self._add_columns(fresh, taken, time)
        columns = np.fromiter((self._column[pair] for pair in taken), np.intp, len(taken))
        return list(taken), columns, np.fromiter(taken.values(), np.float64, len(taken))

    def _add_columns(self, fresh: Sequence[str], taken: Container[str], time: int) -> None:
        if len(fresh) > len(self._free):
            self._reclaim(taken, time)
        missing = len(fresh) - len(self._free)
        if missing > 0:
            used = self._ring.columns
            # Thousands of pairs come with the first reading, and then one by one: add some spare columns.
            columns = used + max(missing, used // 8)
            self._ring.widen(columns)
            self._free += range(columns - 1, used - 1, -1)
            self._last_price = np.append(self._last_price, np.full(columns - used, np.nan))
            self._last_time = np.append(self._last_time, np.full(columns - used, np.iinfo(np.int64).min // 2))
        for pair in fresh:
            self._column[pair] = self._free.pop()

    def _reclaim(self, taken: Container[str], time: int) -> None:
        """Free the columns of pairs whose prices are out of every window."""
        oldest = time - round(self._spans[-1] * LATE)
        gone = [pair for pair, column in self._column.items() if self._last_time[column] < oldest and pair not in taken]
        self._free += [self._column.pop(pair) for pair in gone]
        self._free += [column for column in self._left if self._last_time[column] < oldest]
        self._left = [column for column in self._left if self._last_time[column] >= oldest]

    def _reach_back(self, time: int, columns: NDArray[np.intp], low: Floats, high: Floats) -> None:
        """Include the last reading before this one in each window, unless it is older than 1.5 windows.

        Within the window it counts, stored or not. Before it, the poll came late and the window has no other reading.
        """
        before, age = self._last_price[columns], time - self._last_time[columns]
        for index, span in enumerate(self._spans):
            reached = np.where(age <= round(span * LATE), before, np.nan)
            np.fmin(low[index], reached, out=low[index])
            np.fmax(high[index], reached, out=high[index])

    def _keep(self, at: datetime, time: int, columns: NDArray[np.intp], prices: Floats) -> None:
        if self._appended_at is None or time - self._appended_at >= self._spacing:
            row = np.full(self._ring.columns, np.nan)
            row[columns] = prices
            self._ring.append(time, row)
            self._appended_at = time
        self._last_price[columns] = prices
        self._last_time[columns] = time
        self.last_at = at


def _microseconds(span: timedelta) -> int:
    return span // _MICROSECOND


def store_for(interval_seconds: float) -> PriceChangeStore:
    """A store for polls at this interval; at most one reading in fifteen seconds is stored."""
    return PriceChangeStore(timedelta(seconds=max(interval_seconds, 15.0)))
