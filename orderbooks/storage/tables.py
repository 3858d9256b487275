"""The partitioned tables: columns in order, values as COPY takes them, the rule for a row that is there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar

from orderbooks.fields import MINUTE_NAMES, WHALE_VALUES, minute_values, moment_of, whale_values
from orderbooks.records import MinuteRow, ScoredOrder

Record = TypeVar("Record")
_DAY_MS = 86_400_000


@dataclass(frozen=True)
class Table(Generic[Record]):
    """on_conflict: the rule for a row that is there already. values: of a record, in the order of `columns`."""

    name: str
    columns: Sequence[str]
    on_conflict: str
    time_ms: Callable[[Record], int]
    values: Callable[[Record], Sequence[Any]]

    def day(self, record: Record) -> date:
        """The record's day in UTC. Raises OverflowError for a time that no calendar has."""
        return _day(self.time_ms(record) // _DAY_MS)


@lru_cache(maxsize=64)
def _day(number: int) -> date:
    return moment_of(number * _DAY_MS).date()


_KEY = ("venue", "symbol", "minute")
MINUTES: Table[MinuteRow] = Table(
    "orderbooks_bookminute",
    MINUTE_NAMES,
    # The row with more updates is the better one; of two with as many, the one that is marked partial.
    f"({', '.join(_KEY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in MINUTE_NAMES if name not in _KEY)
    + " WHERE excluded.updates > orderbooks_bookminute.updates"
    " OR (excluded.updates = orderbooks_bookminute.updates AND excluded.partial"
    " AND (NOT orderbooks_bookminute.partial OR excluded.mid IS NULL))",
    lambda row: row.minute_ms,
    minute_values,
)
WHALES: Table[ScoredOrder] = Table(
    "orderbooks_whaleorder",
    tuple(WHALE_VALUES),
    "(venue, symbol, at, is_bid, price, size) DO NOTHING",
    lambda order: order.exchange_ms,
    whale_values,
)
