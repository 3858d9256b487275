"""Minute rows and whale orders as columns: one table for COPY, for what is read back, and for the rows in memory.

`orderbooks.models.books` declares the same columns for Django; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from orderbooks.records import BANDS_PERCENT, Band, MinuteRow, ScoredOrder

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(exchange_ms: int) -> datetime:
    """Milliseconds since 1970 as aware UTC. Raises OverflowError for a time that no calendar has."""
    return _EPOCH + timedelta(milliseconds=exchange_ms)


def milliseconds_of(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@lru_cache(maxsize=4096)
def _minute_text(minute_ms: int) -> str:
    return moment_of(minute_ms).isoformat()


def band_name(percent: float) -> str:
    """0.1 → "0_1", 1.0 → "1": the end of the names of a band's columns."""
    return f"{percent:g}".replace(".", "_")


class Column(NamedTuple):
    """One column of the table of minute rows.

    memory: its NumPy type in `MinuteMemory`, None where the memory does not have it. value: the value that the table
    stores, where it is not the row's field of the same name.
    """

    name: str
    memory: str | None = None
    value: Callable[[MinuteRow], Any] | None = None


def _spread(row: MinuteRow) -> float | None:
    return None if row.best_ask is None or row.best_bid is None else row.best_ask - row.best_bid


def _bid_levels(row: MinuteRow) -> int | None:
    """None, and not 0, where the book was unknown."""
    return row.bid_levels if row.bid_levels or row.mid is not None else None


def _ask_levels(row: MinuteRow) -> int | None:
    return row.ask_levels if row.ask_levels or row.mid is not None else None


def _last_update_at(row: MinuteRow) -> str | None:
    return None if row.last_update_ms is None else moment_of(row.last_update_ms).isoformat()


# The columns of a band, and the field of `Band` that each holds.
_BAND_FIELDS = {
    "bias": "bias",
    "bid_depth": "bid",
    "ask_depth": "ask",
    "bid_coverage": "bid_coverage",
    "ask_coverage": "ask_coverage",
}
_SCALARS = (
    Column("venue"),
    Column("symbol"),
    Column("minute", value=lambda row: _minute_text(row.minute_ms)),
    Column("partial", "?"),
    Column("mid", "f8"),
    Column("best_bid", "f8"),
    Column("best_bid_size", "f4"),
    Column("best_ask", "f8"),
    Column("best_ask_size", "f4"),
    Column("spread", value=_spread),
    Column("micro_price", "f8"),
    Column("bid_levels", "i4", _bid_levels),
    Column("ask_levels", "i4", _ask_levels),
    Column("order_flow_imbalance", "f8"),
    Column("updates", "i4"),
    Column("trades", "i4"),
    Column("buy_volume", "f8"),
    Column("sell_volume", "f8"),
    Column("last_update_at", value=_last_update_at),
)
_BANDS = tuple(Column(f"{part}_{band_name(percent)}", "f4") for part in _BAND_FIELDS for percent in BANDS_PERCENT)
MINUTE_COLUMNS = (*_SCALARS, *_BANDS)
"""In the order of the table."""
MINUTE_NAMES = tuple(column.name for column in MINUTE_COLUMNS)
MEMORY_COLUMNS = tuple(column for column in MINUTE_COLUMNS if column.memory)
_scalar_values = tuple(column.value or attrgetter(column.name) for column in _SCALARS)
_memory_scalars = attrgetter(*[column.name for column in _SCALARS if column.memory])
_band_fields = tuple(map(attrgetter, _BAND_FIELDS.values()))
_NO_BANDS = (None,) * len(_BANDS)
# Of each band: its size in percent, and the columns that hold its measured fields; the bias follows from them.
_STORED_BANDS = tuple(
    (percent, tuple(f"{part}_{band_name(percent)}" for part in _BAND_FIELDS if part != "bias"))
    for percent in BANDS_PERCENT
)


def minute_values(row: MinuteRow) -> list[Any]:
    """The values of a row in the order of `MINUTE_COLUMNS`, times as ISO 8601; None where nothing is known."""
    return [*[value(row) for value in _scalar_values], *_band_values(row)]


def memory_values(row: MinuteRow) -> list[Any]:
    """The values of a row in the order of `MEMORY_COLUMNS`; None where nothing is known."""
    return [*_memory_scalars(row), *_band_values(row)]


def _band_values(row: MinuteRow) -> tuple[float | None, ...]:
    bands = row.bands
    return tuple([value(band) for value in _band_fields for band in bands]) if bands else _NO_BANDS


def minute_row(column: Mapping[str, Any]) -> MinuteRow:
    """The row that was stored as these columns."""
    updated_at = column["last_update_at"]
    bands = [(percent, [column[name] for name in names]) for percent, names in _STORED_BANDS]
    shared = {name: column[name] for name in MinuteRow._fields if name in column}
    return MinuteRow(
        **{**shared, "bid_levels": column["bid_levels"] or 0, "ask_levels": column["ask_levels"] or 0},
        minute_ms=milliseconds_of(column["minute"]),
        bands=tuple(Band(percent, *values) for percent, values in bands if None not in values),
        last_update_ms=None if updated_at is None else milliseconds_of(updated_at),
    )


# The columns of whale orders; those of an end are written when the end is known.
WHALE_VALUES: Mapping[str, Callable[[ScoredOrder], Any]] = {
    "venue": attrgetter("venue"),
    "symbol": attrgetter("symbol"),
    "at": lambda order: moment_of(order.exchange_ms).isoformat(),
    "is_bid": attrgetter("bid"),
    "price": attrgetter("price"),
    "size": attrgetter("size"),
    "level_size": attrgetter("level_size"),
    "mid": attrgetter("mid"),
    "distance": attrgetter("distance"),
    "sigmas": attrgetter("sigmas"),
    "score": attrgetter("score"),
    "received_at": lambda order: moment_of(order.received_ns // 1_000_000).isoformat() if order.received_ns else None,
}


def whale_values(order: ScoredOrder) -> list[Any]:
    """The values of an order in the order of `WHALE_VALUES`, times as ISO 8601."""
    return [value(order) for value in WHALE_VALUES.values()]


def scored_order(column: Mapping[str, Any]) -> ScoredOrder:
    """The order that was stored as these columns."""
    received_at = column["received_at"]
    shared = {name: column[name] for name in ScoredOrder._fields if name in column}
    return ScoredOrder(
        **shared,
        bid=column["is_bid"],
        exchange_ms=milliseconds_of(column["at"]),
        received_ns=0 if received_at is None else milliseconds_of(received_at) * 1_000_000,
    )
