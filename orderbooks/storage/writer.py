"""Writes minute rows and whale orders in batches, a partition a day; through outages they wait in memory."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from events.clock import is_untrusted
from events.database.backlog import Backlog
from events.database.table_writer import UNAVAILABLE, TableWriter
from events.database.tables import Table
from orderbooks.fields import MINUTE_NAMES, WHALE_VALUES, minute_values, moment_of, whale_values
from orderbooks.models.books import WhaleOrder
from orderbooks.records import MinuteRow, ScoredOrder, WhaleEnd

logger = logging.getLogger(__name__)

# Four hours of 500 pairs, at half a kilobyte a row: the memory that an outage may cost.
MOST_ROWS = 120_000
MOST_WHALES = 50_000
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


class BookStorage:
    """Minute rows, whale orders and the ends of whales. `put_…` may be called from any thread, the rest from one."""

    def __init__(self, keep_days: float, most_rows: int = MOST_ROWS, most_whales: int = MOST_WHALES) -> None:
        self.minutes = TableWriter(MINUTES, most_rows)
        self.whales = TableWriter(WHALES, most_whales)
        self._ends: Backlog[WhaleEnd] = Backlog(most_whales)
        self._keep_days = keep_days
        self._logged_dropped = 0

    def put_minute(self, row: MinuteRow) -> None:
        self.minutes.backlog.put(row)

    def put_whale(self, order: ScoredOrder) -> None:
        self.whales.backlog.put(order)

    def put_end(self, end: WhaleEnd) -> None:
        self._ends.put(end)

    @property
    def waiting(self) -> int:
        return len(self.minutes.backlog) + len(self.whales.backlog) + len(self._ends)

    @property
    def dropped(self) -> int:
        return self.minutes.backlog.dropped + self.whales.backlog.dropped + self._ends.dropped

    def flush(self, now: datetime) -> None:
        """Write all that waits. Raises OperationalError or InterfaceError while the database is unavailable."""
        # The ends counted now belong to whales that were queued before them.
        ends = len(self._ends)
        self.minutes.flush(now, self._keep_days)
        self.whales.flush(now, self._keep_days)
        self._write_ends(ends)
        if self.dropped > self._logged_dropped:
            logger.error(
                "the database was unavailable for too long: since the start the oldest %d minute rows, %d whale orders"
                " and %d ends of whales were dropped",
                self.minutes.backlog.dropped,
                self.whales.backlog.dropped,
                self._ends.dropped,
            )
            self._logged_dropped = self.dropped

    def _write_ends(self, count: int) -> None:
        ends = self._ends.take(count)
        try:
            with transaction.atomic():
                for end in ends:
                    _mark_ended(end)
        except UNAVAILABLE:
            self._ends.put_back(ends)
            raise

    def maintain(self, now: datetime) -> None:
        """Create the partitions of today and tomorrow, drop those past retention. Raises OperationalError."""
        for writer in (self.minutes, self.whales):
            # A clock that may be wrong drops nothing.
            writer.maintain(now, self._keep_days, drop=not is_untrusted())


def _mark_ended(end: WhaleEnd) -> None:
    order = end.order
    # All growths of the level since the first end together. The times prune the partitions.
    open_orders = WhaleOrder.objects.filter(
        venue=order.venue,
        symbol=order.symbol,
        at__gte=moment_of(order.exchange_ms),
        at__lte=moment_of(end.ended_ms),
        is_bid=order.bid,
        price=order.price,
        ended_at=None,
    )
    open_orders.update(ended_at=moment_of(end.ended_ms), possible_spoof=end.spoof)
