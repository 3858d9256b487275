"""The last 24 hours of minute rows in memory, in columns, for running strategies and the depth rule.

    memory.window("BINANCE", "BTCUSDT", minutes=60)["mid"]          60 values, the last one is the newest minute
    memory.latest()["order_flow_imbalance"]                         one value per pair, in the order of `memory.pairs`

A minute without a row is NaN (0 in columns of counts), with `known` false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orderbooks.models.books import BookMinute, band_name
from orderbooks.records import BANDS_PERCENT, MINUTE_MS, Band, MinuteRow

MINUTES = 24 * 60
_PRICES = ("mid", "best_bid", "best_ask", "micro_price", "order_flow_imbalance", "buy_volume", "sell_volume")
_SIZES = ("best_bid_size", "best_ask_size")
_COUNTS = ("bid_levels", "ask_levels", "updates", "trades")
_BAND_KINDS = ("bias", "bid_depth", "ask_depth", "bid_coverage", "ask_coverage")
_BAND_COLUMNS = tuple(f"{kind}_{band_name(percent)}" for percent in BANDS_PERCENT for kind in _BAND_KINDS)
ROW = np.dtype(
    [
        ("minute_ms", np.int64),
        ("known", np.bool_),
        ("partial", np.bool_),
        *[(name, np.float64) for name in _PRICES],
        *[(name, np.float32) for name in _SIZES],
        *[(name, np.int32) for name in _COUNTS],
        *[(name, np.float32) for name in _BAND_COLUMNS],
    ]
)
_NAN = float("nan")
_NO_BANDS = (_NAN,) * len(_BAND_COLUMNS)
_UNKNOWN = np.zeros((), ROW)
for _name in (*_PRICES, *_SIZES, *_BAND_COLUMNS):
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
    bands: Sequence[float] = _NO_BANDS
    if row.bands:
        bands = [
            value
            for band in row.bands
            for value in (
                _NAN if band.bias is None else band.bias,
                band.bid,
                band.ask,
                band.bid_coverage,
                band.ask_coverage,
            )
        ]
    return (
        row.minute_ms,
        True,
        row.partial,
        *[_NAN if (value := getattr(row, name)) is None else value for name in (*_PRICES, *_SIZES)],
        *[getattr(row, name) for name in _COUNTS],
        *bands,
    )


def stored_rows(after: datetime) -> Iterator[MinuteRow]:
    """The rows in the database since a moment, oldest first: a daemon starts with them."""
    names = [field.attname for field in BookMinute._meta.concrete_fields if field.attname != "id"]
    stored = BookMinute.objects.filter(minute__gte=after).order_by("minute").values_list(*names)
    for values in stored.iterator(chunk_size=5000):
        yield _from_columns(dict(zip(names, values, strict=True)))


def _from_columns(column: dict[str, Any]) -> MinuteRow:
    minute, updated = column["minute"], column["last_update_at"]
    bands = []
    if column["bid_depth_1"] is not None:
        for percent in BANDS_PERCENT:
            name = band_name(percent)
            parts = [column[f"{kind}_{name}"] for kind in _BAND_KINDS[1:]]
            bands.append(Band(percent, *parts))
    shared = {name: column[name] for name in MinuteRow._fields if name in column}
    return MinuteRow(
        **{**shared, "bid_levels": column["bid_levels"] or 0, "ask_levels": column["ask_levels"] or 0},
        minute_ms=_milliseconds(minute),
        bands=tuple(bands),
        last_update_ms=None if updated is None else _milliseconds(updated),
    )


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
