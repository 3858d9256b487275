"""The collector's work with the database: venue locks, watch lists, status reports, malformed frames."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event as StopFlag
from typing import Protocol

import psycopg2
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from crypto_ews.conf import Config
from events.database.locks import Locks
from events.sources.malformed_frames import MalformedFrames
from events.upstream.client import HttpClient
from events.upstream.errors import UpstreamError
from markets.knowledge import InstrumentRow
from orderbooks.collector import status
from orderbooks.collector.status import REPORT_SECONDS, Report
from orderbooks.watched import watched_symbols
from streams.feeds.base import Feed
from streams.listings.contract_values import Contracts, contract_source
from streams.listings.instrument_lists import InstrumentLists

logger = logging.getLogger(__name__)

WATCH_LIST_SECONDS = 15.0
EMPTY_LIST_SECONDS = 2.0
INSTRUMENT_LIST_SECONDS = 600.0
INSTRUMENT_RETRY_SECONDS = 30.0
# A venue without symbols is not reported before this.
BEGINNING_SECONDS = 30.0
_TURN_SECONDS = 0.5
_LOCK_SECONDS = 1.0


class Collecting(Protocol):
    """The collector as its control uses it; every method may be called from the control's thread."""

    @property
    def config(self) -> Config: ...

    @property
    def feeds(self) -> Mapping[str, Feed]: ...

    @property
    def malformed(self) -> MalformedFrames: ...

    def start(self, venue: str) -> None: ...

    def carry(self, venue: str, symbols: Mapping[str, InstrumentRow], contracts: Contracts) -> None: ...

    def end(self, venue: str) -> None: ...

    def report(self, venue: str) -> Report | None: ...


@dataclass
class _CollectedVenue:
    """One venue that this process collects. Times are monotonic seconds."""

    started_at: datetime
    carried: Mapping[str, InstrumentRow] = field(default_factory=dict)
    contracts: Contracts | None = None
    """None where the venue counts in coins."""
    lists_due: float = 0.0
    instruments_due: float = 0.0
    reading: Future[Contracts | None] | None = None
    list_fault: str = ""
    last: Report | None = None
    begun: float = field(default_factory=time.monotonic)
    last_at: float = field(default_factory=time.monotonic)


class VenueLocks(Locks):
    """Which venues this process collects. Several processes may share the venues of one database."""

    def __init__(self) -> None:
        super().__init__("crypto_ews streams")

    def try_acquire(self, name: str) -> bool:
        """Whether this process collects the venue now. Raises what `Locks.try_acquire` does."""
        return super().try_acquire(f"streams_{name.lower()}")


class CollectorControl:
    """The control loop, in a thread beside the collector's event loop."""

    def __init__(self, collecting: Collecting, client: HttpClient, now: Callable[[], datetime]) -> None:
        self._collecting, self._client, self._now = collecting, client, now
        self._locks = VenueLocks()
        self._lists = InstrumentLists(collecting.config, client, now)
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="instrument lists")
        self._collected: dict[str, _CollectedVenue] = {}
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
            self._readers.shutdown(wait=False, cancel_futures=True)
            self._leave()

    def _log_once(self, what: str) -> None:
        """Log a cause of waiting when it begins, and not with every turn."""
        if what != self._logged:
            logger.warning("streams wait for %s", what)
            self._logged = what

    def _turn(self, stop: StopFlag) -> None:
        clock = time.monotonic()
        if clock >= self._locks_due:
            self._locks_due = clock + _LOCK_SECONDS
            self._take_venues()
        for venue, collected in self._collected.items():
            if not stop.is_set():
                self._keep_watch(venue, collected, time.monotonic())
        if clock >= self._reports_due:
            self._reports_due = clock + REPORT_SECONDS
            for venue, collected in self._collected.items():
                self._report(venue, collected)
            self._collecting.malformed.write(self._now())

    def _take_venues(self) -> None:
        if self._collected and not self._locks.still_acquired():
            self._locks.release()
            # While the database is unavailable no process can take the venues, and the books go on. Once it is back
            # another process may have been faster.
            for venue in list(self._collected):
                if not self._locks.try_acquire(venue):
                    self._collecting.end(venue)
                    del self._collected[venue]
        for venue in self._collecting.feeds:
            if venue not in self._collected and self._locks.try_acquire(venue):
                self._collecting.start(venue)
                self._collected[venue] = _CollectedVenue(self._now())

    def _keep_watch(self, venue: str, collected: _CollectedVenue, clock: float) -> None:
        """Read the venue's instrument list where no other app does, and follow its watched symbols."""
        if collected.reading is not None and collected.reading.done():
            self._have_read(collected, clock)
        elif collected.reading is None and clock >= collected.instruments_due:
            # In another thread: a venue that does not answer must not delay the reports of the others.
            collected.reading = self._readers.submit(self._read_lists, venue)
        if clock >= collected.lists_due:
            feed = self._collecting.feeds[venue]
            watched = watched_symbols(self._collecting.config, feed, self._now())
            # With a new database the daemon is still reading the instruments.
            collected.lists_due = clock + (WATCH_LIST_SECONDS if watched else EMPTY_LIST_SECONDS)
            if contract_source(self._collecting.config, venue) is not None:
                # Sizes in contracts of unknown value would be wrong by a factor.
                watched = {symbol: row for symbol, row in watched.items() if symbol in (collected.contracts or {})}
            if watched != collected.carried:
                self._collecting.carry(venue, watched, collected.contracts or {})
                collected.carried = watched

    def _read_lists(self, venue: str) -> Contracts | None:
        """Runs in a thread of the pool."""
        source = status.source_of(venue)
        close_old_connections()
        try:
            self._lists.refresh(venue, f"{source}.instruments")
            return self._lists.contracts(venue, f"{source}.contracts")
        finally:
            connections.close_all()

    def _have_read(self, collected: _CollectedVenue, clock: float) -> None:
        assert collected.reading is not None
        reading, collected.reading = collected.reading, None
        try:
            collected.contracts = reading.result()
        except UpstreamError as error:
            collected.list_fault, again = str(error), INSTRUMENT_RETRY_SECONDS
        except (DatabaseError, InterfaceError) as error:
            collected.list_fault, again = f"the database: {error}".strip(), INSTRUMENT_RETRY_SECONDS
        else:
            collected.list_fault, again = "", INSTRUMENT_LIST_SECONDS
            collected.lists_due = 0.0
        collected.instruments_due = clock + again

    def _report(self, venue: str, collected: _CollectedVenue) -> None:
        clock = time.monotonic()
        report = self._collecting.report(venue)
        if report is None:
            return
        if not report.symbols and not collected.list_fault and clock - collected.begun < BEGINNING_SECONDS:
            return
        unreadable = status.unreadable(report, collected.last)
        fault = unreadable or status.stream_fault(report, collected.last)
        if fault and not report.symbols and collected.list_fault:
            fault = collected.list_fault
        status.write(report, fault, bool(unreadable), collected.started_at, self._now(), clock - collected.last_at)
        collected.last, collected.last_at = report, clock

    def _leave(self) -> None:
        """Remove the status of streams that end on purpose: they are not silent, they are over."""
        try:
            for venue in self._collected:
                status.forget(venue, self._now())
            self._collecting.malformed.write(self._now())
        except (psycopg2.Error, DatabaseError, InterfaceError) as error:
            logger.warning("the end of the streams could not be written: %s", str(error).strip())
        finally:
            self._locks.release()
            connections.close_all()
