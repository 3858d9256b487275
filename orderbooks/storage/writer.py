"""Minute rows and whale orders on their way into the database: in batches, through outages, a partition a day."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Generic

from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from events.clock import is_untrusted
from orderbooks.models.books import WhaleOrder
from orderbooks.records import MinuteRow, ScoredOrder, WhaleEnd
from orderbooks.storage.backlog import Backlog
from orderbooks.storage.copy import copy_records
from orderbooks.storage.partitions import DAY, DAYS_AHEAD, drop_partitions, make_partitions, oldest_kept
from orderbooks.storage.tables import MINUTES, WHALES, Record, Table, moment_of

logger = logging.getLogger(__name__)

# Four hours of 500 pairs; at half a kilobyte a row this is what an outage may cost of memory.
MOST_ROWS = 120_000
MOST_WHALES = 50_000
_BATCH = 5_000
# A stamp of a venue that lies further ahead is wrong; nobody makes a partition for it.
_AHEAD = timedelta(days=2)
# The database is away, in contrast to "it does not like this row".
AWAY = (OperationalError, InterfaceError)


class TableWriter(Generic[Record]):
    """The way into one table."""

    def __init__(self, table: Table[Record], limit: int) -> None:
        self.table, self.backlog = table, Backlog[Record](limit)
        self.written = self.refused = 0
        self._days: set[date] = set()

    def flush(self, now: datetime, keep_days: float) -> None:
        """Write all that waits. Raises OperationalError or InterfaceError while the database is away."""
        while batch := self.backlog.take(_BATCH):
            batch = self._datable(batch, now, keep_days)
            try:
                self._make_days(batch)
                self._write(batch)
            except AWAY:
                self.backlog.give_back(batch)
                raise

    def partitions_changed(self) -> None:
        """A partition may be gone: look before the next row."""
        self._days.clear()

    def _datable(self, batch: Sequence[Record], now: datetime, keep_days: float) -> list[Record]:
        """Those of days that are kept: for others no partition is made."""
        first, last = oldest_kept(now, keep_days), (now + _AHEAD).date()
        kept = []
        for record in batch:
            try:
                day = self.table.day(record)
            except OverflowError:
                day = None
            if day is None or not first <= day <= last:
                self._refuse(record, f"its day is not between {first} and {last}")
                continue
            kept.append(record)
        return kept

    def _make_days(self, batch: Sequence[Record]) -> None:
        days = {self.table.day(record) for record in batch}
        if not days <= self._days:
            make_partitions(self.table.name, days)
            self._days |= days

    def _write(self, batch: Sequence[Record]) -> None:
        if not batch:
            return
        try:
            copy_records(self.table, batch)
        except AWAY:
            raise
        except DatabaseError as error:
            # One row that the table does not take must not cost the others.
            if len(batch) == 1:
                self._refuse(batch[0], str(error).strip().partition("\n")[0])
                return
            half = len(batch) // 2
            self._write(batch[:half])
            self._write(batch[half:])
            return
        self.written += len(batch)

    def _refuse(self, record: Record, why: str) -> None:
        self.refused += 1
        logger.warning("a row of %s is left out, %s: %.300r", self.table.name, why, record)


class BookStorage:
    """Rows, whales and the ends of whales. `put_…` may be called from any thread, the rest from one."""

    def __init__(self, keep_days: float, most_rows: int = MOST_ROWS, most_whales: int = MOST_WHALES) -> None:
        self.minutes = TableWriter(MINUTES, most_rows)
        self.whales = TableWriter(WHALES, most_whales)
        self._ends: Backlog[WhaleEnd] = Backlog(most_whales)
        self._keep_days = keep_days
        self._told_dropped = 0

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
        """Write all that waits. Raises OperationalError or InterfaceError while the database is away."""
        # Ends that are known by now belong to whales that were put by before them.
        ends = len(self._ends)
        self.minutes.flush(now, self._keep_days)
        self.whales.flush(now, self._keep_days)
        self._write_ends(ends)
        if self.dropped > self._told_dropped:
            logger.error(
                "the database was away for too long: since the start the oldest %d minute rows, %d whale orders"
                " and %d ends of whales were dropped",
                self.minutes.backlog.dropped,
                self.whales.backlog.dropped,
                self._ends.dropped,
            )
            self._told_dropped = self.dropped

    def _write_ends(self, count: int) -> None:
        ends = self._ends.take(count)
        try:
            with transaction.atomic():
                for end in ends:
                    _mark_ended(end)
        except AWAY:
            self._ends.give_back(ends)
            raise

    def maintain(self, now: datetime) -> None:
        """Make the partitions of today and the next day, drop those that are too old. Raises OperationalError."""
        today = now.date()
        for writer in (self.minutes, self.whales):
            made = make_partitions(writer.table.name, [today + DAY * ahead for ahead in range(DAYS_AHEAD + 1)])
            # Nothing is dropped by a clock that may be wrong.
            dropped = [] if is_untrusted() else drop_partitions(writer.table.name, oldest_kept(now, self._keep_days))
            if made or dropped:
                logger.info("%s: days made %s, dropped %s", writer.table.name, _days(made), _days(dropped))
            writer.partitions_changed()


def _mark_ended(end: WhaleEnd) -> None:
    order = end.order
    # Every growth of the level since its first: they end together. The times prune the partitions.
    standing = WhaleOrder.objects.filter(
        venue=order.venue,
        symbol=order.symbol,
        at__gte=moment_of(order.exchange_ms),
        at__lte=moment_of(end.ended_ms),
        is_bid=order.bid,
        price=order.price,
        ended_at=None,
    )
    standing.update(ended_at=moment_of(end.ended_ms), possible_spoof=end.spoof)


def _days(days: Sequence[date]) -> str:
    return ", ".join(map(str, days)) or "none"
