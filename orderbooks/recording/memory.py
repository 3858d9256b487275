"""The last 24 hours of minute rows in memory, in columns, for running strategies and the depth rule.

    memory.window("BINANCE", "BTCUSDT", minutes=60)["mid"]          60 values, the last one is the newest minute
    memory.latest()["order_flow_imbalance"]                         one value per pair, in the order of `memory.pairs`

A minute without a row is NaN (0 in columns of counts), with `known` false.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from orderbooks.fields import MEMORY_COLUMNS, MINUTE_NAMES, memory_values, minute_row
from orderbooks.models import BookMinute
from orderbooks.records import MINUTE_MS, MinuteRow

MINUTES = 24 * 60
ROW = np.dtype(
    [
        ("minute_ms", np.int64),
        ("known", np.bool_),
        *[(column.name, column.memory) for column in MEMORY_COLUMNS],
    ]
)
_NAN = float("nan")
_UNKNOWN = np.zeros((), ROW)
for _name, (_type, *_) in (ROW.fields or {}).items():
    if _type.kind == "f":
        _UNKNOWN[_name] = _NAN

Pair = tuple[str, str]
Rows = NDArray[np.void]


class MinuteMemory:
    """A ring of minutes per pair (venue, symbol). Written and read from different threads; what is read is a copy."""

    def __init__(self, minutes: int = MINUTES) -> None:
        self._minutes = minutes
        # One ring per pair: growing a single array would copy all rings, in the thread that feeds the books.
        self._rings: list[Rows] = []
        self._blank = np.full(minutes, _UNKNOWN, ROW)
        self._index: dict[Pair, int] = {}
        self._newest: dict[Pair, int] = {}
        self._lock = Lock()

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return tuple(self._index)

    @property
    def nbytes(self) -> int:
        return sum(ring.nbytes for ring in self._rings)

    def add(self, row: MinuteRow) -> None:
        """Add a row. A row of the same minute is replaced; one older than the ring is ignored."""
        pair = (row.venue, row.symbol)
        with self._lock:
            newest = self._newest.get(pair, row.minute_ms)
            if row.minute_ms <= newest - self._minutes * MINUTE_MS:
                return
            index = self._index_of(pair)
            if row.minute_ms > newest:
                self._newest[pair] = row.minute_ms
            else:
                self._newest.setdefault(pair, newest)
            self._rings[index][row.minute_ms // MINUTE_MS % self._minutes] = _values(row)

    def _index_of(self, pair: Pair) -> int:
        index = self._index.get(pair)
        if index is None:
            index = len(self._index)
            self._rings.append(self._blank.copy())
            self._index[pair] = index
        return index

    def window(self, venue: str, symbol: str, minutes: int | None = None, until_ms: int | None = None) -> Rows:
        """The minutes up to the newest, or up to the one before `until_ms`, oldest first, without gaps.

        Empty for a pair without any row.
        """
        count = min(minutes or self._minutes, self._minutes)
        with self._lock:
            index = self._index.get((venue, symbol))
            if index is None:
                return np.empty(0, ROW)
            last_ms = self._newest[venue, symbol] if until_ms is None else until_ms - MINUTE_MS
            requested = np.arange(last_ms // MINUTE_MS - count + 1, last_ms // MINUTE_MS + 1)
            rows = self._rings[index][requested % self._minutes]
        # A slot of the ring may still have a row of the day before.
        rows[rows["minute_ms"] != requested * MINUTE_MS] = _UNKNOWN
        return rows

    def latest(self) -> Rows:
        """The newest row of every pair, in the order of `pairs`."""
        with self._lock:
            newest = np.empty(len(self._index), ROW)
            for pair, index in self._index.items():
                newest[index] = self._rings[index][self._newest[pair] // MINUTE_MS % self._minutes]
            return newest

    def forget(self, keep: set[Pair], older_than_ms: int) -> None:
        """Free the memory of pairs that are not in `keep` and have no row since `older_than_ms`."""
        with self._lock:
            remaining = [pair for pair in self._index if pair in keep or self._newest[pair] >= older_than_ms]
            if len(remaining) == len(self._index):
                return
            self._rings = [self._rings[self._index[pair]] for pair in remaining]
            self._index = {pair: number for number, pair in enumerate(remaining)}
            self._newest = {pair: self._newest[pair] for pair in remaining}


def _values(row: MinuteRow) -> tuple[object, ...]:
    return row.minute_ms, True, *[_NAN if value is None else value for value in memory_values(row)]


def stored_rows(after: datetime) -> Iterator[MinuteRow]:
    """The rows that the database has since a moment, oldest first: a daemon begins with them."""
    stored = BookMinute.objects.filter(minute__gte=after).order_by("minute").values_list(*MINUTE_NAMES)
    for values in stored.iterator(chunk_size=5000):
        yield minute_row(dict(zip(MINUTE_NAMES, values, strict=True)))
