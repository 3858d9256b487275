"""What the collector has to do with the database: who collects, what is watched, how it goes, what was unreadable."""

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
from events.upstream.client import HttpClient
from events.upstream.errors import UpstreamError
from markets.knowledge import InstrumentRow
from orderbooks.collector import status
from orderbooks.collector.contract_values import Contracts, contract_source
from orderbooks.collector.instrument_lists import InstrumentLists
from orderbooks.collector.malformed_frames import EvidenceBox
from orderbooks.collector.status import REPORT_SECONDS, Report
from orderbooks.collector.venue_locks import VenueLocks
from orderbooks.watched import watched_symbols
from streams.feeds.base import Feed

logger = logging.getLogger(__name__)

WATCH_LIST_SECONDS = 15.0
EMPTY_LIST_SECONDS = 2.0
INSTRUMENT_LIST_SECONDS = 600.0
INSTRUMENT_RETRY_SECONDS = 30.0
# So long nothing is said of a venue that has no symbols yet.
BEGINNING_SECONDS = 30.0
_TURN_SECONDS = 0.5
_LOCK_SECONDS = 1.0


class Collecting(Protocol):
    """What the housekeeper needs of the collector; every method may be called from its thread."""

    @property
    def config(self) -> Config: ...

    @property
    def feeds(self) -> Mapping[str, Feed]: ...

    @property
    def evidence(self) -> EvidenceBox: ...

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


class CollectorControl:
    """Runs in a thread of its own beside the collector's loop."""

    def __init__(self, collecting: Collecting, client: HttpClient, now: Callable[[], datetime]) -> None:
        self._collecting, self._client, self._now = collecting, client, now
        self._locks = VenueLocks()
        self._lists = InstrumentLists(collecting.config, client, now)
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="instrument lists")
        self._desks: dict[str, _CollectedVenue] = {}
        self._locks_due = self._reports_due = 0.0
        self._said = ""

    def run(self, stop: StopFlag) -> None:
        """Until `stop` is set. A database that is away stops nothing but the writing."""
        try:
            while not stop.is_set():
                try:
                    close_old_connections()
                    self._turn(stop)
                    self._said = ""
                except (psycopg2.Error, DatabaseError, InterfaceError) as error:
                    connections.close_all()
                    self._say(f"the database: {str(error).strip()}")
                except TimeoutError:
                    self._say("their own loop: it has not answered for seconds")
                stop.wait(_TURN_SECONDS)
        finally:
            self._readers.shutdown(wait=False, cancel_futures=True)
            self._leave()

    def _say(self, what: str) -> None:
        if what != self._said:
            logger.warning("streams wait for %s", what)
            self._said = what

    def _turn(self, stop: StopFlag) -> None:
        clock = time.monotonic()
        if clock >= self._locks_due:
            self._locks_due = clock + _LOCK_SECONDS
            self._take_venues()
        for venue, desk in self._desks.items():
            if not stop.is_set():
                self._keep_watch(venue, desk, time.monotonic())
        if clock >= self._reports_due:
            self._reports_due = clock + REPORT_SECONDS
            for venue, desk in self._desks.items():
                self._report(venue, desk)
            self._collecting.evidence.write(self._now())

    def _take_venues(self) -> None:
        if self._desks and not self._locks.still_acquired():
            self._locks.release()
            # While the database is away nobody else can have them, and the books go on. Once it is back somebody may.
            for venue in list(self._desks):
                if not self._locks.try_acquire(venue):
                    self._collecting.end(venue)
                    del self._desks[venue]
        for venue in self._collecting.feeds:
            if venue not in self._desks and self._locks.try_acquire(venue):
                self._collecting.start(venue)
                self._desks[venue] = _CollectedVenue(self._now())

    def _keep_watch(self, venue: str, desk: _CollectedVenue, clock: float) -> None:
        """Read the venue's own lists where nobody else does, and carry what is watched of it."""
        if desk.reading is not None and desk.reading.done():
            self._have_read(desk, clock)
        elif desk.reading is None and clock >= desk.instruments_due:
            # Beside us: a venue that does not answer must not hold up the reports of the others.
            desk.reading = self._readers.submit(self._read_lists, venue)
        if clock >= desk.lists_due:
            feed = self._collecting.feeds[venue]
            watched = watched_symbols(self._collecting.config, feed, self._now())
            # On a new database the daemon reads the instruments while we start.
            desk.lists_due = clock + (WATCH_LIST_SECONDS if watched else EMPTY_LIST_SECONDS)
            if contract_source(self._collecting.config, venue) is not None:
                # Sizes in contracts of unknown worth would be wrong by a factor.
                watched = {symbol: row for symbol, row in watched.items() if symbol in (desk.contracts or {})}
            if watched != desk.carried:
                self._collecting.carry(venue, watched, desk.contracts or {})
                desk.carried = watched

    def _read_lists(self, venue: str) -> Contracts | None:
        """In a reader's thread."""
        source = status.source_of(venue)
        close_old_connections()
        try:
            self._lists.refresh(venue, f"{source}.instruments")
            return self._lists.contracts(venue, f"{source}.contracts")
        finally:
            connections.close_all()

    def _have_read(self, desk: _CollectedVenue, clock: float) -> None:
        assert desk.reading is not None
        reading, desk.reading = desk.reading, None
        try:
            desk.contracts = reading.result()
        except UpstreamError as error:
            desk.instruments_due, desk.list_fault = clock + INSTRUMENT_RETRY_SECONDS, str(error)
        except (DatabaseError, InterfaceError) as error:
            desk.instruments_due, desk.list_fault = clock + INSTRUMENT_RETRY_SECONDS, f"the database: {error}".strip()
        else:
            desk.instruments_due, desk.list_fault = clock + INSTRUMENT_LIST_SECONDS, ""
            desk.lists_due = 0.0

    def _report(self, venue: str, desk: _CollectedVenue) -> None:
        clock = time.monotonic()
        report = self._collecting.report(venue)
        if report is None:
            return
        if not report.symbols and not desk.list_fault and clock - desk.begun < BEGINNING_SECONDS:
            return
        unreadable = status.unreadable(report, desk.last)
        fault = unreadable or status.trouble(report, desk.last)
        if fault and not report.symbols and desk.list_fault:
            fault = desk.list_fault
        status.write(report, fault, bool(unreadable), desk.started_at, self._now(), clock - desk.last_at)
        desk.last, desk.last_at = report, clock

    def _leave(self) -> None:
        """An end on purpose: these streams are not silent, they are over."""
        try:
            for venue in self._desks:
                status.forget(venue, self._now())
            self._collecting.evidence.write(self._now())
        except (psycopg2.Error, DatabaseError, InterfaceError) as error:
            logger.warning("the end of the streams could not be written: %s", str(error).strip())
        finally:
            self._locks.release()
            connections.close_all()
