"""The partitioned tables of the order books."""

from __future__ import annotations

from events.database.tables import Table
from orderbooks.fields import MINUTE_NAMES, WHALE_VALUES, minute_values, whale_values
from orderbooks.records import MinuteRow, ScoredOrder

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
