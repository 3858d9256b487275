"""Writes minutes and bars, and drops what is past its retention."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from events.database.copy import copy_records
from events.database.partitions import DAY, DAYS_AHEAD, drop_partitions, first_retained_day, make_partitions
from events.database.tables import Record, Table
from trades.models import HourBar
from trades.records import Kline, TradeMinute
from trades.storage.instrument_ids import InstrumentIds
from trades.storage.tables import FIVE_MINUTES_MS, HOUR_MS, bar_table, minute_table

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeepDays:
    """For how many days minutes, five-minute bars and hourly bars are kept."""

    minutes: float
    five_minutes: float
    hours: float


class TradeRows:
    """The three tables. Writing is idempotent: see `trades.storage.tables` for which of two rows stands.

    One object serves several threads; each writes in its own connection.
    """

    def __init__(self, ids: InstrumentIds | None = None) -> None:
        self.ids = ids or InstrumentIds()
        self.minutes = minute_table(self.ids.of)
        self.bars = {interval: bar_table(interval, self.ids.of) for interval in (FIVE_MINUTES_MS, HOUR_MS)}
        self._days: dict[str, frozenset[date]] = {}

    def write_minutes(self, rows: Sequence[TradeMinute]) -> None:
        """All or none. Raises DatabaseError."""
        self._write(self.minutes, rows)

    def write_bars(self, interval_ms: int, bars: Sequence[Kline]) -> None:
        """Five-minute or hourly bars, all or none. Raises DatabaseError."""
        self._write(self.bars[interval_ms], bars)

    def _write(self, table: Table[Record], records: Sequence[Record]) -> None:
        if not records:
            return
        self.ids.ensure({(record.venue, record.symbol) for record in records})  # type: ignore[attr-defined]
        if table.by_day:
            self.prepare(table, {table.day(record) for record in records})
        copy_records(table, records)

    def prepare(self, table: Table[Record], days: set[date]) -> None:
        """Create the partitions of these days. Outside of a transaction nobody waits for the end of it."""
        known = self._days.get(table.name, frozenset())
        if not days <= known:
            make_partitions(table.name, days)
            self._days[table.name] = known | days

    def maintain(self, now: datetime, keep: KeepDays, drop: bool) -> None:
        """Create the partitions of today and tomorrow; with `drop`, remove what is past its retention.

        Raises OperationalError.
        """
        five_minutes = self.bars[FIVE_MINUTES_MS]
        for name, days in ((self.minutes.name, keep.minutes), (five_minutes.name, keep.five_minutes)):
            make_partitions(name, [now.date() + DAY * ahead for ahead in range(DAYS_AHEAD + 1)])
            dropped = drop_partitions(name, first_retained_day(now, days)) if drop else []
            if dropped:
                logger.info("%s: %d days dropped, to %s", name, len(dropped), dropped[-1])
        # They are looked for again before the next row: one may have been dropped.
        self._days.clear()
        if drop:
            with connection.cursor() as cursor:
                cursor.execute(
                    f'DELETE FROM "{HourBar._meta.db_table}" WHERE open_at < %s', [now - timedelta(days=keep.hours)]
                )
