"""Bars of many instruments on one grid of times: what detection works on.

A bar counts from its close on. Whatever is computed once a day is computed at 23:59:30 UTC from the bars that have
closed by then, so a bar belongs to the day of its close plus 30 seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
BENCHMARK_BEFORE_MIDNIGHT_MS = 30_000


@dataclass
class Bars:
    """Regular bars. symbols: the rows. start_ms: open time of the first column. interval_ms: of every column.

    open, high, low, close: prices in the quote. volume: in quote currency. bought: the takers' part of it. All arrays
    have the shape (symbols, columns); NaN where a bar is missing, in `bought` also where the venue does not tell.
    """

    symbols: Sequence[str]
    start_ms: int
    interval_ms: int
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    bought: Floats
    days: NDArray[np.int64] = field(init=False)
    """Of each column: the day, counted from the first, whose 23:59:30 was the last one before its close."""

    def __post_init__(self) -> None:
        closes = self.close_ms(np.arange(self.columns))
        days = (closes + BENCHMARK_BEFORE_MIDNIGHT_MS) // DAY_MS
        self.days = days - days[0] if self.columns else days

    @property
    def columns(self) -> int:
        return self.volume.shape[1]

    @property
    def minutes(self) -> float:
        """Length of a bar."""
        return self.interval_ms / MINUTE_MS

    def close_ms(self, column: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(self.start_ms + (column + 1) * self.interval_ms, dtype=np.int64)

    def at(self, column: int) -> int:
        """When the bar of a column counts: its close, in milliseconds."""
        return self.start_ms + (column + 1) * self.interval_ms

    def day_edges(self) -> NDArray[np.int64]:
        """Columns at which days begin, and the number of columns: day d is edges[d] to edges[d + 1]."""
        if not self.columns:
            return np.zeros(1, np.int64)
        return np.searchsorted(self.days, np.arange(int(self.days[-1]) + 2))

    def bars_in(self, minutes: int) -> int | None:
        """How many bars a window has; None where it is no multiple of a bar."""
        count, rest = divmod(minutes * MINUTE_MS, self.interval_ms)
        return int(count) if count and not rest else None

    def from_column(self, first: int, end: int | None = None) -> Bars:
        """The bars of some columns; views of these."""
        parts = (self.open, self.high, self.low, self.close, self.volume, self.bought)
        start_ms = self.start_ms + first * self.interval_ms
        return Bars(self.symbols, start_ms, self.interval_ms, *(part[:, first:end] for part in parts))
