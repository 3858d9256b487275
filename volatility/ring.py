"""A bounded columnar ring buffer of readings with the extremes of rolling windows.

A row is a reading of every pair at one time, a column a pair; NaN where a pair had no price. The ring also keeps the
extremes of each block of 32 rows: a window of n rows reads at most n / 32 + 62 rows, all columns at once. Windows that
end now contain each other: each starts from the result of the narrower one, and no row is read twice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_BLOCK = 32


class PriceRing:
    """Keeps the last `rows` readings (rounded up to full blocks); the newest replaces the oldest.

    Times are integers that grow from row to row, in any unit.
    """

    def __init__(self, rows: int) -> None:
        if rows < 1:
            raise ValueError(f"rows is {rows}; expected at least 1")
        blocks = -(-rows // _BLOCK) + 1
        self._rows = blocks * _BLOCK
        self._times = [0] * self._rows
        self._prices = _blank(self._rows, 0)
        self._low = _blank(blocks, 0)
        self._high = _blank(blocks, 0)
        self._count = 0  # of all rows ever appended; a row's number modulo the size is its place

    @property
    def columns(self) -> int:
        return int(self._prices.shape[1])

    @property
    def nbytes(self) -> int:
        return self._prices.nbytes + self._low.nbytes + self._high.nbytes

    def widen(self, columns: int) -> None:
        """Add columns, up to this many."""
        if columns > self.columns:
            self._prices = _widened(self._prices, columns)
            self._low = _widened(self._low, columns)
            self._high = _widened(self._high, columns)

    def append(self, time: int, row: Floats) -> None:
        """Add a reading of every column. Raises ValueError for a time that is not after the last one."""
        if self._count and time <= self._times[(self._count - 1) % self._rows]:
            raise ValueError(f"time is {time}; expected one after {self._times[(self._count - 1) % self._rows]}")
        place = self._count % self._rows
        block = place // _BLOCK
        self._times[place] = time
        self._prices[place] = row
        if place % _BLOCK:
            np.fmin(self._low[block], row, out=self._low[block])
            np.fmax(self._high[block], row, out=self._high[block])
        else:
            self._low[block] = self._high[block] = row
        self._count += 1

    def move(self, after: int, by: int) -> None:
        """Move the times after `after` by `by`, limited so that all times still grow from row to row."""
        first = self._first_since(after + 1)
        floor = self._times[(first - 1) % self._rows] if first > max(0, self._count - self._rows) else None
        for number in range(first, self._count):
            time = self._times[number % self._rows] + by
            floor = time if floor is None or time > floor else floor + 1
            self._times[number % self._rows] = floor

    def extremes(self, starts: Sequence[int]) -> tuple[Floats, Floats]:
        """Lowest and highest price of every column over the rows from each start on, that row included.

        starts: from the latest to the earliest. Shapes (len(starts), columns); NaN where a column had no price.
        """
        low, high = _blank(len(starts), self.columns), _blank(len(starts), self.columns)
        stop = self._count
        for index, start in enumerate(starts):
            if index:
                low[index], high[index] = low[index - 1], high[index - 1]
            first = self._first_since(start)
            if first < stop:
                self._reduce(first, stop, low[index], high[index])
                stop = first
        return low, high

    def _first_since(self, start: int) -> int:
        retained = range(max(0, self._count - self._rows), self._count)
        return retained.start + bisect_left(retained, start, key=lambda number: self._times[number % self._rows])

    def _reduce(self, first: int, stop: int, low: Floats, high: Floats) -> None:
        """Take the rows numbered `first` … `stop` - 1 into `low` and `high`."""
        full_from, full_to = -(-first // _BLOCK), stop // _BLOCK
        if full_from >= full_to:
            for begin in range(first - first % _BLOCK, stop, _BLOCK):
                self._reduce_rows(max(first, begin), min(stop, begin + _BLOCK), low, high)
            return
        self._reduce_rows(first, full_from * _BLOCK, low, high)
        blocks = self._rows // _BLOCK
        while full_from < full_to:
            begin = full_from % blocks
            end = min(begin + full_to - full_from, blocks)
            _reduce_into(self._low[begin:end], self._high[begin:end], low, high)
            full_from += end - begin
        self._reduce_rows(full_to * _BLOCK, stop, low, high)

    def _reduce_rows(self, first: int, stop: int, low: Floats, high: Floats) -> None:
        """Take rows of one block, which are contiguous."""
        if first < stop:
            rows = self._prices[first % self._rows :][: stop - first]
            _reduce_into(rows, rows, low, high)


def _reduce_into(lows: Floats, highs: Floats, low: Floats, high: Floats) -> None:
    np.fmin(low, np.fmin.reduce(lows, axis=0), out=low)
    np.fmax(high, np.fmax.reduce(highs, axis=0), out=high)


def _blank(rows: int, columns: int) -> Floats:
    return np.full((rows, columns), np.nan)


def _widened(old: Floats, columns: int) -> Floats:
    new = _blank(old.shape[0], columns)
    new[:, : old.shape[1]] = old
    return new
