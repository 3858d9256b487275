"""The control of the trades, which waits for the database: locks, pairs, health, malformed frames."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event as StopFlag

import psycopg2
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from events.upstream.errors import UpstreamError
from streams.engine.host_budget import HostBudgets
from streams.listings.instrument_lists import InstrumentLists
from trades.collector import status
from trades.collector.collector import TradeCollector, TradeReport
from trades.collector.history import VenueHistory
from trades.collector.locks import TradeLocks
from trades.collector.status import REPORT_SECONDS
from trades.collector.venues import feed_of, source_of
from trades.history.backfill import OnPass
from trades.klines.base import TradedPair
from trades.klines.client import KlineClient
from trades.minutes.gaps import RepairReason
from trades.minutes.pair import MOST_MINUTES
from trades.pairs import traded_pairs
from trades.storage.queue import queue_incomplete
from trades.storage.stored import last_minutes
from trades.storage.tables import milliseconds_of

logger = logging.getLogger(__name__)

PAIRS_SECONDS = 15.0
NO_PAIRS_SECONDS = 2.0
LISTS_SECONDS = 600.0
LISTS_RETRY_SECONDS = 30.0
# A venue without symbols is not reported before this.
_BEGINNING_SECONDS = 30.0
_TURN_SECONDS = 0.5
_LOCK_SECONDS = 1.0
_LAST_REQUESTS_SECONDS = 2.0


@dataclass
class _Counted:
    """One venue that this process counts. Times are monotonic seconds."""

    began: datetime
    history: VenueHistory
    carried: Sequence[TradedPair] = ()
    pairs_due: float = 0.0
    lists_due: float = 0.0
    reading: Future[int | None] | None = None
    list_fault: str = ""
    last: TradeReport | None = None
    since: float = field(default_factory=time.monotonic)
    last_at: float = field(default_factory=time.monotonic)


class TradeControl:
    """budgets: the weight of hosts, shared with the order books of this process."""

    def __init__(
        self,
        collector: TradeCollector,
        venues: Sequence[str],
        budgets: HostBudgets,
        now: Callable[[], datetime],
        on_pass: OnPass = lambda _venue, _number: None,
    ) -> None:
        self._collector, self._venues, self._now, self._on_pass = collector, venues, now, on_pass
        self._locks = TradeLocks()
        self._lists = InstrumentLists(collector.config, collector.client, now)
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="instrument lists")
        self._klines = KlineClient(collector.client, collector.config, budgets, lambda: milliseconds_of(now()))
        self._counted: dict[str, _Counted] = {}
        self._locks_due = self._reports_due = 0.0
        self._logged = ""

    def run(self, stop: StopFlag) -> None:
        """Loop until `stop` is set. While the database is unavailable the streams go on, and nothing is written."""
        try:
            while not stop.is_set():
                try:
                    close_old_connections()
                    self._turn(stop)
                    self._logged = ""
                except (psycopg2.Error, DatabaseError, InterfaceError) as error:
                    connections.close_all()
                    self._log_once(f"the database: {str(error).strip()}")
                except TimeoutError:
                    self._log_once("the event loop, which has not answered for seconds")
                stop.wait(_TURN_SECONDS)
        finally:
            self._leave()

    def gauges(self) -> dict[str, float]:
        """For /metrics: how repaired minutes compared with the venue's candles."""
        return {
            f"{venue.lower()}_repairs_{verdict.name.lower()}": count
            for venue, counted in list(self._counted.items())
            for verdict, count in counted.history.repairer.verdicts.items()
        }

    def _log_once(self, what: str) -> None:
        if what != self._logged:
            logger.warning("trades wait for %s", what)
            self._logged = what

    def _turn(self, stop: StopFlag) -> None:
        clock = time.monotonic()
        if clock >= self._locks_due:
            self._locks_due = clock + _LOCK_SECONDS
            self._take_venues()
        for venue, counted in self._counted.items():
            if not stop.is_set():
                self._keep_pairs(venue, counted, time.monotonic())
        if clock >= self._reports_due:
            self._reports_due = clock + REPORT_SECONDS
            for venue, counted in self._counted.items():
                self._report(venue, counted)
            self._collector.malformed.write(self._now())

    def _take_venues(self) -> None:
        if self._counted and not self._locks.still_acquired():
            self._locks.release()
            # Once the database is back another process may have been faster.
            for venue in list(self._counted):
                if not self._locks.try_acquire(venue):
                    self._end(venue)
        for venue in self._venues:
            if venue not in self._counted and self._locks.try_acquire(venue):
                self._collector.start(venue)
                history = VenueHistory(venue, self._klines, self._collector.recorder, self._now, self._on_pass)
                self._counted[venue] = _Counted(self._now(), history)

    def _end(self, venue: str) -> None:
        self._collector.end(venue)
        self._counted.pop(venue).history.end()

    def _keep_pairs(self, venue: str, counted: _Counted, clock: float) -> None:
        if counted.reading is not None and counted.reading.done():
            self._have_read(counted, clock)
        elif counted.reading is None and clock >= counted.lists_due:
            # Only for venues whose lists no other app reads; in another thread, for one that does not answer.
            counted.reading = self._readers.submit(self._read_list, venue)
        if clock < counted.pairs_due:
            return
        pairs = traded_pairs(self._collector.config, feed_of(venue), self._now())
        # With a new database the daemon is still reading the instruments.
        counted.pairs_due = clock + (PAIRS_SECONDS if pairs else NO_PAIRS_SECONDS)
        if list(pairs) == list(counted.carried):
            return
        tracked = [pair for pair in pairs if pair.tracked]
        self._collector.recorder.rows.ids.ensure({(pair.venue, pair.symbol) for pair in tracked})
        since = self._now() - timedelta(minutes=MOST_MINUTES)
        if not counted.carried:
            # Their doubts may have been lost with the process that stored them.
            queue_incomplete(venue, since, self._now(), RepairReason.RESTART)
        self._collector.carry(venue, tracked, last_minutes(venue, since))
        counted.history.carry(pairs)
        counted.carried = pairs

    def _read_list(self, venue: str) -> int | None:
        """Runs in a thread of the pool."""
        close_old_connections()
        try:
            return self._lists.refresh(venue, f"{source_of(venue)}.instruments")
        finally:
            connections.close_all()

    def _have_read(self, counted: _Counted, clock: float) -> None:
        assert counted.reading is not None
        reading, counted.reading = counted.reading, None
        try:
            reading.result()
        except (UpstreamError, DatabaseError, InterfaceError) as error:
            counted.list_fault, again = str(error).strip(), LISTS_RETRY_SECONDS
        else:
            counted.list_fault, again, counted.pairs_due = "", LISTS_SECONDS, 0.0
        counted.lists_due = clock + again

    def _report(self, venue: str, counted: _Counted) -> None:
        clock = time.monotonic()
        report = self._collector.report(venue)
        if report is None:
            return
        if not report.symbols and not counted.list_fault and clock - counted.since < _BEGINNING_SECONDS:
            return
        unreadable = status.unreadable(report, counted.last)
        fault = unreadable or status.trade_fault(report)
        if fault and not report.symbols and counted.list_fault:
            fault = counted.list_fault
        status.write(report, fault, bool(unreadable), counted.began, self._now(), clock - counted.last_at)
        counted.last, counted.last_at = report, clock

    def _leave(self) -> None:
        """Remove the health of trades that end on purpose: they are not silent, they are over."""
        self._readers.shutdown(wait=False, cancel_futures=True)
        for counted in self._counted.values():
            counted.history.end()
        for counted in self._counted.values():
            counted.history.join(_LAST_REQUESTS_SECONDS)
        try:
            for venue in self._counted:
                status.forget(venue, self._now())
            self._collector.malformed.write(self._now())
        except (psycopg2.Error, DatabaseError, InterfaceError) as error:
            logger.warning("the end of the trades could not be written: %s", str(error).strip())
        finally:
            self._locks.release()
            connections.close_all()
