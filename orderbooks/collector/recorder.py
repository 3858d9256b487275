"""Records the collector's books: minute rows, whale orders, the day in memory, and their events.

The collector's thread only counts and queues. All slow work, the database above all, is done by `run` in a second
thread. While the database is unavailable both go on, and the queues are bounded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event as StopFlag
from threading import Lock

from django.db import close_old_connections, connection

from crypto_ews.conf import Config
from events.database.backlog import Backlog
from events.database.table_writer import UNAVAILABLE
from events.upstream import archive
from events.upstream.client import Payload
from events.upstream.errors import RetryableError
from markets.knowledge import InstrumentRow
from orderbooks.detection.observations import BookObservations, PairName, depth_of
from orderbooks.detection.updater import BookEventUpdater
from orderbooks.fields import milliseconds_of
from orderbooks.recording.memory import MinuteMemory, stored_rows
from orderbooks.recording.venue_recorder import VenueListener
from orderbooks.records import MINUTE_MS, MinuteRow, ScoredOrder, WhaleEnd, WhaleObservation
from orderbooks.storage.writer import BookStorage

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
# An event is late by this at most, and the archive gets one payload in this time.
OBSERVATION_SECONDS = 15.0
MAINTAIN_SECONDS = 3600.0
_LONGEST_WAIT_SECONDS = 30.0
_MEMORY = timedelta(hours=24)
_MOST_OBSERVATIONS = 200_000
# The rest is in the next payload.
_OBSERVATIONS_PER_PAYLOAD = 20_000


class BookRecorder:
    """now: aware UTC, for retention and receive times; the exchanges' clocks alone divide the minutes.

    on_row: called with every row when it is closed, in the thread that feeds the book.
    """

    def __init__(
        self, config: Config, now: Callable[[], datetime], on_row: Callable[[MinuteRow], None] | None = None
    ) -> None:
        self._config, self._now, self._on_row = config, now, on_row
        self.memory = MinuteMemory()
        self.storage = BookStorage(config.orderbook_keep_days)
        self._observations: Backlog[MinuteRow | WhaleObservation] = Backlog(_MOST_OBSERVATIONS)
        self._listeners: dict[str, VenueListener] = {}
        self._names: dict[str, PairName] = {}
        self._lock = Lock()
        self._updater = BookEventUpdater(config, ObservationFetcher(self._observations, self._names, now), now)
        self._restored = False
        self._maintained_at: datetime | None = None
        self._observed_at: datetime | None = None

    def listener(self, venue: str) -> VenueListener:
        """The listener of a venue's books, the same one at each call; only the thread that feeds them may call it."""
        with self._lock:
            if venue not in self._listeners:
                self._listeners[venue] = VenueListener(
                    venue, self._config.whale_store_threshold, self._take_row, self._take_whale
                )
            return self._listeners[venue]

    def name_symbols(self, venue: str, instruments: Mapping[str, InstrumentRow]) -> None:
        """Set the instruments of a venue's symbols; other symbols are dropped. Called in the thread that feeds them."""
        prefix = f"{venue}:"
        for pair in [pair for pair in self._names if pair.startswith(prefix)]:
            if pair.removeprefix(prefix) not in instruments:
                del self._names[pair]
        for symbol, row in instruments.items():
            self._names[prefix + symbol] = PairName(f"{row.venue}:{row.symbol}", row.token, row.quote)
        self.listener(venue).keep_only(set(instruments))

    def gauges(self) -> dict[str, float]:
        """For /metrics: rows written, waiting and dropped."""
        minutes, whales = self.storage.minutes, self.storage.whales
        return {
            "minute_rows_written": minutes.written,
            "minute_rows_refused": minutes.refused,
            "minute_rows_dropped": minutes.backlog.dropped,
            "whales_written": whales.written,
            "whales_refused": whales.refused,
            "whales_dropped": whales.backlog.dropped,
            "waiting_for_database": self.storage.waiting,
            "news_dropped": self._observations.dropped,
            "pairs_in_memory": len(self.memory.pairs),
            "pairs_learning_depth": len(self._updater.depths.learning),
        }

    def _take_row(self, row: MinuteRow) -> None:
        self.storage.put_minute(row)
        self._observations.put(row)
        self.memory.add(row)
        if self._on_row is not None:
            self._on_row(row)

    def _take_whale(self, observed: WhaleObservation) -> None:
        self._observations.put(observed)
        if isinstance(observed, ScoredOrder):
            self.storage.put_whale(observed)
        elif isinstance(observed, WhaleEnd):
            self.storage.put_end(observed)

    def run(self, stop: StopFlag) -> None:
        """Write until `stop` is set, then once more. Blocks: it needs a thread of its own."""
        wait, unavailable = FLUSH_SECONDS, False
        while not stop.wait(wait):
            close_old_connections()
            try:
                self.work()
            except UNAVAILABLE as error:
                if not unavailable:
                    logger.error("order books wait for the database: %s", str(error).strip())
                unavailable, wait = True, min(2 * wait, _LONGEST_WAIT_SECONDS)
                connection.close()
                continue
            if unavailable:
                logger.info("order books are written again; nothing waits")
            unavailable, wait = False, FLUSH_SECONDS
        try:
            self.work(last=True)
        except UNAVAILABLE:
            logger.error("order books: %d rows are lost: no database at the end", self.storage.waiting)
        finally:
            connection.close()

    def work(self, last: bool = False) -> None:
        """One turn: write what waits; maintenance and events when due. Raises OperationalError, InterfaceError."""
        now = self._now()
        if not self._restored:
            self._restore(now)
        if _is_due(self._maintained_at, now, MAINTAIN_SECONDS):
            self.storage.maintain(now)
            self.memory.forget({_venue_and_symbol(pair) for pair in list(self._names)}, _minute_ms(now - _MEMORY))
            self._maintained_at = now
        self.storage.flush(now)
        due = _is_due(self._observed_at, now, OBSERVATION_SECONDS)
        if len(self._observations) and (due or last):
            self._observed_at = now
            report = self._updater.run(even_if_backing_off=True)
            if report is not None and not report.ok:
                logger.error("%s", report)

    def _restore(self, now: datetime) -> None:
        """Load the last day from the database: medians and the memory of strategies survive a restart."""
        for row in stored_rows(now - _MEMORY):
            self.memory.add(row)
            self._updater.remember(depth_of(row))
        self._restored = True
        logger.info(
            "restored minute rows of %d pairs; %d still lack history for depth detection",
            len(self.memory.pairs),
            len(self._updater.depths.learning),
        )


def _is_due(last: datetime | None, now: datetime, every_seconds: float) -> bool:
    """Also after a last time in the future, which a clock wrote that was set back since."""
    return last is None or not last <= now < last + timedelta(seconds=every_seconds)


class ObservationFetcher:
    """A `Fetcher` whose upstream is this process: it archives its answers like the one for the network."""

    def __init__(
        self,
        observations: Backlog[MinuteRow | WhaleObservation],
        names: Mapping[str, PairName],
        now: Callable[[], datetime],
    ) -> None:
        self._observations, self._names, self._now = observations, names, now
        self.clock_skew: float | None = None

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        """The observations since the last call. Raises RetryableError where there are none."""
        items = self._observations.take(_OBSERVATIONS_PER_PAYLOAD)
        if not items:
            raise RetryableError(source, url, "the collector has no new observations")
        observations = BookObservations()
        for item in items:
            observations.add(item)
        payload = Payload(source, url, 200, {}, observations.to_json(dict(self._names)), self._now(), 0.0, None)
        try:
            return replace(payload, archived_as=archive.store(payload))
        except UNAVAILABLE:
            self._observations.put_back(items)
            raise


def _venue_and_symbol(pair: str) -> tuple[str, str]:
    venue, _, symbol = pair.partition(":")
    return venue, symbol


def _minute_ms(at: datetime) -> int:
    return milliseconds_of(at) // MINUTE_MS * MINUTE_MS
