"""What a collector holds to have its books recorded: minute rows, whales, the memory of a day, and their events.

The collector's thread only counts and puts by. Everything that takes time, the database above all, is done by `run` in
a thread of its own; while the database is away both go on, and what waits is bounded.
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
from events.upstream import archive
from events.upstream.client import Payload
from events.upstream.errors import RetryableError
from markets.knowledge import InstrumentRow
from orderbooks.detection.observations import BookObservations, PairName, depth_of
from orderbooks.detection.updater import BookEventUpdater
from orderbooks.recording.memory import MinuteMemory, stored_rows
from orderbooks.recording.venue_recorder import VenueListener
from orderbooks.records import MINUTE_MS, MinuteRow, ScoredOrder, WhaleEnd, WhaleNews
from orderbooks.storage.backlog import Backlog
from orderbooks.storage.writer import AWAY, BookStorage

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
# An event waits for so long at most, and the archive holds no more payloads than this makes.
NEWS_SECONDS = 15.0
MAINTAIN_SECONDS = 3600.0
_LONGEST_WAIT_SECONDS = 30.0
_MEMORY = timedelta(hours=24)
_MOST_NEWS = 200_000
# Of one payload: the rest stands in the next one.
_NEWS_PER_PAYLOAD = 20_000


class BookRecorder:
    """now: aware UTC, for retention and receive times; minutes are cut by the exchanges' clocks alone.

    on_row: told of every row as it is closed, in the thread that feeds the book.
    """

    def __init__(
        self, config: Config, now: Callable[[], datetime], on_row: Callable[[MinuteRow], None] | None = None
    ) -> None:
        self._config, self._now, self._on_row = config, now, on_row
        self.memory = MinuteMemory()
        self.storage = BookStorage(config.orderbook_keep_days)
        self._news: Backlog[MinuteRow | WhaleNews] = Backlog(_MOST_NEWS)
        self._listeners: dict[str, VenueListener] = {}
        self._names: dict[str, PairName] = {}
        self._lock = Lock()
        self._updater = BookEventUpdater(config, OwnNews(self._news, self._names, now), now)
        self._remembers = False
        self._maintained_at: datetime | None = None
        self._news_at: datetime | None = None

    def listener(self, venue: str) -> VenueListener:
        """The listener of a venue's books, the same one at each call; it belongs to the thread that feeds them."""
        with self._lock:
            if venue not in self._listeners:
                self._listeners[venue] = VenueListener(
                    venue, self._config.whale_store_threshold, self._take_row, self._take_whale_news
                )
            return self._listeners[venue]

    def name_symbols(self, venue: str, instruments: Mapping[str, InstrumentRow]) -> None:
        """What the symbols of a venue's stream are. Called by the venue's thread; others than these are forgotten."""
        prefix = f"{venue}:"
        for pair in [pair for pair in self._names if pair.startswith(prefix)]:
            if pair.removeprefix(prefix) not in instruments:
                del self._names[pair]
        for symbol, row in instruments.items():
            self._names[prefix + symbol] = PairName(f"{row.venue}:{row.symbol}", row.token, row.quote)
        self.listener(venue).keep_only(set(instruments))

    def numbers(self) -> dict[str, float]:
        """For /metrics: what was written, what waits, what was given up."""
        minutes, whales = self.storage.minutes, self.storage.whales
        return {
            "minute_rows_written": minutes.written,
            "minute_rows_refused": minutes.refused,
            "minute_rows_dropped": minutes.backlog.dropped,
            "whales_written": whales.written,
            "whales_refused": whales.refused,
            "whales_dropped": whales.backlog.dropped,
            "waiting_for_database": self.storage.waiting,
            "news_dropped": self._news.dropped,
            "pairs_in_memory": len(self.memory.pairs),
            "pairs_learning_depth": len(self._updater.depths.learning),
        }

    def _take_row(self, row: MinuteRow) -> None:
        self.storage.put_minute(row)
        self._news.put(row)
        self.memory.add(row)
        if self._on_row is not None:
            self._on_row(row)

    def _take_whale_news(self, news: WhaleNews) -> None:
        self._news.put(news)
        if isinstance(news, ScoredOrder):
            self.storage.put_whale(news)
        elif isinstance(news, WhaleEnd):
            self.storage.put_end(news)

    def run(self, stop: StopFlag) -> None:
        """Write until told to stop, and what waits then once more. Blocks: it needs a thread of its own."""
        wait, away = FLUSH_SECONDS, False
        while not stop.wait(wait):
            close_old_connections()
            try:
                self.work()
            except AWAY as error:
                if not away:
                    logger.error("order books wait for the database: %s", str(error).strip())
                away, wait = True, min(2 * wait, _LONGEST_WAIT_SECONDS)
                connection.close()
                continue
            if away:
                logger.info("order books are written again; nothing waits")
            away, wait = False, FLUSH_SECONDS
        try:
            self.work(last=True)
        except AWAY:
            logger.error("%d rows of order books are lost: the database is away at the end", self.storage.waiting)
        finally:
            connection.close()

    def work(self, last: bool = False) -> None:
        """One turn: write what waits, and see to the rest as it falls due. Raises OperationalError, InterfaceError."""
        now = self._now()
        if not self._remembers:
            self._remember(now)
        if _is_due(self._maintained_at, now, MAINTAIN_SECONDS):
            self.storage.maintain(now)
            self.memory.forget({_venue_and_symbol(pair) for pair in list(self._names)}, _ms(now - _MEMORY))
            self._maintained_at = now
        self.storage.flush(now)
        due = _is_due(self._news_at, now, NEWS_SECONDS)
        if len(self._news) and (due or last):
            self._news_at = now
            report = self._updater.run(even_if_backing_off=True)
            if report is not None and not report.ok:
                logger.error("%s", report)

    def _remember(self, now: datetime) -> None:
        """The last day from the database: a restart forgets neither medians nor what strategies read."""
        for row in stored_rows(now - _MEMORY):
            self.memory.add(row)
            self._updater.remember(depth_of(row))
        self._remembers = True
        logger.info(
            "minute rows of %d pairs are remembered; %d of them have too few yet for a verdict on their depth",
            len(self.memory.pairs),
            len(self._updater.depths.learning),
        )


def _is_due(last: datetime | None, now: datetime, every_seconds: float) -> bool:
    """A last time that lies ahead was written by a clock that was set back since."""
    return last is None or not last <= now < last + timedelta(seconds=every_seconds)


class OwnNews:
    """A `Fetcher` whose upstream is this process: it archives what it answers, as that of the network does."""

    def __init__(
        self, news: Backlog[MinuteRow | WhaleNews], names: Mapping[str, PairName], now: Callable[[], datetime]
    ) -> None:
        self._news, self._names, self._now = news, names, now
        self.clock_skew: float | None = None

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        """The news since the last call. Raises RetryableError where there are none."""
        items = self._news.take(_NEWS_PER_PAYLOAD)
        if not items:
            raise RetryableError(source, url, "the collector has no news")
        news = BookObservations()
        for item in items:
            news.add(item)
        payload = Payload(source, url, 200, {}, news.to_json(dict(self._names)), self._now(), 0.0, None)
        try:
            return replace(payload, archived_as=archive.store(payload))
        except AWAY:
            self._news.give_back(items)
            raise


def _venue_and_symbol(pair: str) -> tuple[str, str]:
    venue, _, symbol = pair.partition(":")
    return venue, symbol


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000) // MINUTE_MS * MINUTE_MS
