"""How minute rows and whale orders stand in their tables: columns in order, values as COPY takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

from orderbooks.models.books import band_name
from orderbooks.records import BANDS_PERCENT, MinuteRow, ScoredOrder

Record = TypeVar("Record")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_BANDS = (None,) * (5 * len(BANDS_PERCENT))
_BAND_NAMES = [band_name(percent) for percent in BANDS_PERCENT]


@dataclass(frozen=True)
class Table(Generic[Record]):
    """on_conflict: what becomes of a row that is there already. values: of a record, in the order of `columns`."""

    name: str
    columns: Sequence[str]
    on_conflict: str
    time_ms: Callable[[Record], int]
    values: Callable[[Record], Sequence[Any]]

    def day(self, record: Record) -> date:
        return day_of(self.time_ms(record))


def moment_of(exchange_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=exchange_ms)


@lru_cache(maxsize=64)
def _day(number: int) -> date:
    return (_EPOCH + timedelta(days=number)).date()


def day_of(exchange_ms: int) -> date:
    """Raises OverflowError for a time that no calendar has."""
    return _day(exchange_ms // 86_400_000)


@lru_cache(maxsize=4096)
def _minute_text(minute_ms: int) -> str:
    return moment_of(minute_ms).isoformat()


def minute_values(row: MinuteRow) -> Sequence[Any]:
    known = row.mid is not None
    bands = row.bands
    return (
        row.venue,
        row.symbol,
        _minute_text(row.minute_ms),
        row.partial,
        row.mid,
        row.best_bid,
        row.best_bid_size,
        row.best_ask,
        row.best_ask_size,
        row.best_ask - row.best_bid if row.best_ask is not None and row.best_bid is not None else None,
        row.micro_price,
        row.bid_levels if known or row.bid_levels else None,
        row.ask_levels if known or row.ask_levels else None,
        row.order_flow_imbalance,
        row.updates,
        row.trades,
        row.buy_volume,
        row.sell_volume,
        None if row.last_update_ms is None else moment_of(row.last_update_ms).isoformat(),
        *(
            (
                *[band.bias for band in bands],
                *[band.bid for band in bands],
                *[band.ask for band in bands],
                *[band.bid_coverage for band in bands],
                *[band.ask_coverage for band in bands],
            )
            if bands
            else _NO_BANDS
        ),
    )


def whale_values(order: ScoredOrder) -> Sequence[Any]:
    return (
        order.venue,
        order.symbol,
        moment_of(order.exchange_ms).isoformat(),
        order.bid,
        order.price,
        order.size,
        order.level_size,
        order.mid,
        order.distance,
        order.sigmas,
        order.score,
        moment_of(order.received_ns // 1_000_000).isoformat() if order.received_ns else None,
    )


_MINUTE_COLUMNS = (
    *"venue symbol minute partial mid best_bid best_bid_size best_ask best_ask_size spread micro_price".split(),
    *"bid_levels ask_levels order_flow_imbalance updates trades buy_volume sell_volume last_update_at".split(),
    *[
        f"{kind}_{band}"
        for kind in ("bias", "bid_depth", "ask_depth", "bid_coverage", "ask_coverage")
        for band in _BAND_NAMES
    ],
)
MINUTES: Table[MinuteRow] = Table(
    "orderbooks_bookminute",
    _MINUTE_COLUMNS,
    # Whoever saw more of the minute is believed; and so is who saw as much, and says that it was not the whole.
    "(venue, symbol, minute) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in _MINUTE_COLUMNS[3:])
    + " WHERE excluded.updates > orderbooks_bookminute.updates"
    " OR (excluded.updates = orderbooks_bookminute.updates AND excluded.partial"
    " AND (NOT orderbooks_bookminute.partial OR excluded.mid IS NULL))",
    lambda row: row.minute_ms,
    minute_values,
)
WHALES: Table[ScoredOrder] = Table(
    "orderbooks_whaleorder",
    "venue symbol at is_bid price size level_size mid distance sigmas score received_at".split(),
    "(venue, symbol, at, is_bid, price, size) DO NOTHING",
    lambda order: order.exchange_ms,
    whale_values,
)
