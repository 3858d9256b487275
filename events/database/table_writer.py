"""Writes rows of one table in batches, a partition a day; through outages they wait in memory."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Generic

from django.db import DatabaseError, InterfaceError, OperationalError

from events.database.backlog import Backlog
from events.database.copy import copy_records
from events.database.partitions import DAY, DAYS_AHEAD, drop_partitions, first_retained_day, make_partitions
from events.database.tables import Record, Table

logger = logging.getLogger(__name__)

_BATCH = 5_000
# A venue's time further ahead is wrong; no partition is created for it.
_AHEAD = timedelta(days=2)
# The database cannot be reached. Other errors are about a row.
UNAVAILABLE = (OperationalError, InterfaceError)


class TableWriter(Generic[Record]):
    """Writes one table. written, refused: rows, since the start."""

    def __init__(self, table: Table[Record], limit: int) -> None:
        self.table, self.backlog = table, Backlog[Record](limit)
        self.written = self.refused = 0
        self._days: set[date] = set()

    def flush(self, now: datetime, keep_days: float, most: int | None = None) -> None:
        """Write all that waits, or the oldest `most`.

        Raises OperationalError or InterfaceError while the database is unavailable.
        """
        left = math.inf if most is None else most
        while left > 0 and (batch := self.backlog.take(int(min(_BATCH, left)))):
            left -= len(batch)
            batch = self._datable(batch, now, keep_days)
            try:
                self._make_days(batch)
                self._write(batch)
            except UNAVAILABLE:
                self.backlog.put_back(batch)
                raise

    def maintain(self, now: datetime, keep_days: float, drop: bool) -> None:
        """Create the partitions of today and tomorrow; with `drop`, drop those past retention.

        Raises OperationalError.
        """
        name = self.table.name
        made = make_partitions(name, [now.date() + DAY * ahead for ahead in range(DAYS_AHEAD + 1)])
        dropped = drop_partitions(name, first_retained_day(now, keep_days)) if drop else []
        if made or dropped:
            logger.info("%s: days made %s, dropped %s", name, _days(made), _days(dropped))
        # They are looked for again before the next row: one may have been dropped.
        self._days.clear()

    def _datable(self, batch: Sequence[Record], now: datetime, keep_days: float) -> list[Record]:
        """The records of days within the retention time; no partition is created for others."""
        first, last = first_retained_day(now, keep_days), (now + _AHEAD).date()
        datable = []
        for record in batch:
            try:
                day = self.table.day(record)
            except OverflowError:
                day = None
            if day is None or not first <= day <= last:
                self._refuse(record, f"its day is not between {first} and {last}")
                continue
            datable.append(record)
        return datable

    def _make_days(self, batch: Sequence[Record]) -> None:
        days = {self.table.day(record) for record in batch}
        if self.table.by_day and not days <= self._days:
            make_partitions(self.table.name, days)
            self._days |= days

    def _write(self, batch: Sequence[Record]) -> None:
        if not batch:
            return
        try:
            copy_records(self.table, batch)
        except UNAVAILABLE:
            raise
        except DatabaseError as error:
            # A row that the table refuses must not cost the others: halve the batch until it is alone.
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
        logger.warning("a row of %s was refused, %s: %.300r", self.table.name, why, record)


def _days(days: Sequence[date]) -> str:
    return ", ".join(map(str, days)) or "none"
