"""Writes the minutes of all venues, and the doubts about them, from a thread of its own.

The thread of the streams only queues. While the database is unavailable the queues grow up to their bounds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event as StopFlag

from django.db import close_old_connections, connection

from crypto_ews.conf import Config
from events.clock import is_untrusted
from events.database.backlog import Backlog
from events.database.table_writer import UNAVAILABLE, TableWriter
from trades.records import TradeMinute
from trades.storage.queue import Doubt, queue_doubts
from trades.storage.rows import KeepDays, TradeRows

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
MAINTAIN_SECONDS = 3600.0
_LONGEST_WAIT_SECONDS = 30.0
# Five hours of 400 pairs, at about half a kilobyte a row: the memory that an outage may cost.
MOST_ROWS = 120_000
_DOUBTS_AT_ONCE = 10_000


class TradeRecorder:
    """on_row: called with every row when it is closed or repaired, in the thread that has it."""

    def __init__(
        self,
        config: Config,
        rows: TradeRows,
        now: Callable[[], datetime],
        on_row: Callable[[TradeMinute], None] | None = None,
    ) -> None:
        self.rows = rows
        self.keep = KeepDays(
            config.trade_minutes_keep_days, config.trade_five_minutes_keep_days, config.trade_hours_keep_days
        )
        self._now, self._on_row = now, on_row
        self._writer = TableWriter(rows.minutes, MOST_ROWS)
        self._doubts: Backlog[Doubt] = Backlog(MOST_ROWS)
        self._maintained_at: datetime | None = None

    def take_row(self, row: TradeMinute) -> None:
        """A closed minute. The instrument has a number by then."""
        self._writer.backlog.put(row)
        self.changed(row)

    def changed(self, row: TradeMinute) -> None:
        """A row that is stored already, after a repair."""
        if self._on_row is not None:
            self._on_row(row)

    def take_doubt(self, venue: str, symbol: str, minute_ms: int, reason: str) -> None:
        """A minute that has to be asked again."""
        self._doubts.put(Doubt(venue, symbol, minute_ms, reason))

    def gauges(self) -> dict[str, float]:
        """For /metrics."""
        return {
            "minutes_written": self._writer.written,
            "minutes_refused": self._writer.refused,
            "minutes_dropped": self._writer.backlog.dropped,
            "doubts_dropped": self._doubts.dropped,
            "waiting_for_database": len(self._writer.backlog) + len(self._doubts),
        }

    def run(self, stop: StopFlag) -> None:
        """Write until `stop` is set, then once more. Blocks: it needs a thread of its own."""
        wait, unavailable = FLUSH_SECONDS, False
        while not stop.wait(wait):
            close_old_connections()
            try:
                self.work()
            except UNAVAILABLE as error:
                if not unavailable:
                    logger.error("trades wait for the database: %s", str(error).strip())
                unavailable, wait = True, min(2 * wait, _LONGEST_WAIT_SECONDS)
                connection.close()
                continue
            if unavailable:
                logger.info("trades are written again; nothing waits")
            unavailable, wait = False, FLUSH_SECONDS
        try:
            self.work()
        except UNAVAILABLE:
            logger.error("trades: %d minutes wait for the next start: no database", len(self._writer.backlog))
        finally:
            connection.close()

    def work(self) -> None:
        """One turn. Raises OperationalError, InterfaceError."""
        now = self._now()
        if self._maintained_at is None or not self._maintained_at <= now < self._maintained_at + timedelta(
            seconds=MAINTAIN_SECONDS
        ):
            # A clock that may be wrong drops nothing.
            self.rows.maintain(now, self.keep, drop=not is_untrusted())
            self._maintained_at = now
        # Doubts before the rows that came after them: a minute that nobody saw has no row, and after a kill the next
        # process goes on from the last row there is. So the rows are counted first, and written last.
        rows = len(self._writer.backlog)
        count = len(self._doubts)
        while count > 0 and (doubts := self._doubts.take(min(count, _DOUBTS_AT_ONCE))):
            count -= len(doubts)
            try:
                queue_doubts(doubts, self.rows.ids, now)
            except UNAVAILABLE:
                self._doubts.put_back(doubts)
                raise
        self._writer.flush(now, self.keep.minutes, rows)
