"""The collector: the books of all watched pairs, from the venues' streams to the listeners.

The streams run in one event loop in the calling thread. All work that waits for the database (watch lists, status,
health, malformed frames) is done by `CollectorControl` in a second thread, so that no query delays a message.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crypto_ews.conf import Config
from events.clock import add_date
from events.sources.malformed_frames import MalformedFrames
from events.upstream.client import HttpClient
from markets.knowledge import InstrumentRow
from orderbooks.collector.control import CollectorControl
from orderbooks.collector.status import Report, source_of
from orderbooks.collector.venue_books import ListenerFactory, VenueBooks
from orderbooks.live.hub import HUB, Hub
from streams.engine.frames import FrameScheduler
from streams.engine.host_budget import HostBudgets
from streams.engine.limits import EngineLimits
from streams.engine.snapshots import SnapshotFetcher
from streams.engine.target import BookTarget
from streams.engine.trades import TradeFeed, TradesOf
from streams.engine.venue_streams import VenueStreams
from streams.feeds.base import Feed
from streams.listings.contract_values import Contracts

if TYPE_CHECKING:
    from threading import Event as StopFlag

logger = logging.getLogger(__name__)

NameSymbols = Callable[[str, Mapping[str, InstrumentRow]], None]
"""Called with a venue, and the instrument of each symbol of its streams."""

USER_AGENT = "crypto-ews/0.1 (order books)"
_LOOK_FOR_STOP_SECONDS = 0.1
# The daemon gives its services seven seconds to stop.
_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class _Venue:
    """trades: the trade streams of a venue that sends trades on separate connections."""

    books: VenueBooks
    streams: VenueStreams
    trades: VenueStreams | None


class Collector:
    """Collects the venues of `feeds` that no other process collects. `run` returns after `stop` is set.

    listeners: made once per venue, and called for each of its books. name_symbols: called with the instruments of a
    venue's symbols, at first and at each change, in the loop's thread like the listeners. budgets: the hosts' weight,
    where other services of the process share it.
    """

    def __init__(
        self,
        config: Config,
        feeds: Collection[Feed],
        listeners: Collection[ListenerFactory],
        now: Callable[[], datetime],
        name_symbols: NameSymbols,
        limits: EngineLimits | None = None,
        hub: Hub = HUB,
        budgets: HostBudgets | None = None,
    ) -> None:
        self.config = config
        self.feeds = {feed.venue: feed for feed in feeds}
        self.malformed = MalformedFrames()
        self._listeners, self._now, self._name_symbols, self._hub = listeners, now, name_symbols, hub
        self._budgets = budgets
        self._limits = limits or EngineLimits()
        self._client = HttpClient(config.request_deadline_seconds, user_agent=USER_AGENT, now=now, on_date=add_date)
        self._loop: asyncio.AbstractEventLoop
        self._pump: FrameScheduler
        self._fetcher: SnapshotFetcher
        self._venues: dict[str, _Venue] = {}

    def run(self, stop: StopFlag) -> None:
        asyncio.run(self._main(stop))

    async def _main(self, stop: StopFlag) -> None:
        self._loop = asyncio.get_running_loop()
        self._pump = FrameScheduler(self._limits.slice)
        self._fetcher = SnapshotFetcher(self._client, self.config, self._limits, budgets=self._budgets)
        pumping = asyncio.create_task(self._pump.run())
        control = CollectorControl(self, self._client, self._now)
        # Not `stop`, which may belong to the whole daemon.
        ending = threading.Event()
        # A daemon thread: a database that hangs must not keep the process alive.
        controlling = threading.Thread(target=control.run, args=(ending,), name="streams control", daemon=True)
        controlling.start()
        self._hub.collecting = True
        try:
            while not stop.is_set() and controlling.is_alive():
                if pumping.done():
                    # No frame would be read any more: raise, so that the service starts a new collector.
                    pumping.result()
                await asyncio.sleep(_LOOK_FOR_STOP_SECONDS)
        finally:
            ending.set()
            self._hub.collecting = False
            ends = time.monotonic() + _STOP_SECONDS
            for venue in list(self._venues):
                await self._close(venue)
            pumping.cancel()
            self._fetcher.close()
            while controlling.is_alive() and time.monotonic() < ends:
                await asyncio.sleep(_LOOK_FOR_STOP_SECONDS)
            self._client.close()
        if not stop.is_set():
            raise RuntimeError("the thread of the collector's control has ended")

    # Called by the control, from its thread

    def start(self, venue: str) -> None:
        """Begin with a venue; it has no symbols until `carry`."""
        self._call(self._open(venue))

    def carry(self, venue: str, symbols: Mapping[str, InstrumentRow], contracts: Contracts) -> None:
        """Follow these symbols. contracts: the value of one contract, where the venue counts in contracts."""

        async def work() -> None:
            if found := self._venues.get(venue):
                found.books.contracts = contracts
                found.streams.set_symbols(symbols.keys())
                if found.trades:
                    found.trades.set_symbols(symbols.keys())
                # After `lost_sync` of the symbols that are dropped, and before the first message of a new one.
                self._name_symbols(venue, symbols)

        self._call(work())

    def end(self, venue: str) -> None:
        """Stop collecting a venue, e.g. because another process may collect it by now."""
        self._call(self._close(venue))

    def report(self, venue: str) -> Report | None:
        """The state of a venue's streams; None where the venue has ended meanwhile."""

        async def work() -> Report | None:
            found = self._venues.get(venue)
            if found is None:
                return None
            streams, books = found.streams, found.books.counters
            targets = streams.targets.values()
            trade_faults = [f"trades: {fault}" for fault in found.trades.faults()] if found.trades else []
            return Report(
                venue=venue,
                connections=streams.live_connections + (found.trades.live_connections if found.trades else 0),
                symbols=len(targets) + len(streams.left_out),
                in_sync=sum(target.in_sync for target in targets),
                counters=copy(streams.counters),
                gaps=books.gaps + streams.counters.lost_messages,
                resyncs=books.resyncs,
                checksum_failures=books.checksums_failed,
                faults=[*streams.faults(), *trade_faults],
                left_out=streams.left_out,
            )

        return self._call(work())

    def _call(self, work: Any) -> Any:
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(_STOP_SECONDS)

    # In the loop

    async def _open(self, venue: str) -> None:
        feed = self.feeds[venue]
        books = VenueBooks(self.config, feed, [make(venue) for make in self._listeners])
        streams = self._streams(feed, books.target, self._limits)
        trades = None
        if feed.trade_stream_url(self.config):
            limits = self._limits.of_trades()
            trades = self._streams(TradeFeed(feed), lambda symbol: TradesOf(symbol, streams.target), limits)
        self._venues[venue] = _Venue(books, streams, trades)
        logger.info("%s: collecting", source_of(venue))

    def _streams(self, feed: Feed, target_for: Callable[[str], BookTarget], limits: EngineLimits) -> VenueStreams:
        source = source_of(feed.venue)
        return VenueStreams(
            feed,
            self.config,
            self._pump,
            self._fetcher,
            target_for,
            lambda frame, error: self.malformed.add(source, frame, error),
            limits,
        )

    async def _close(self, venue: str) -> None:
        found = self._venues.pop(venue, None)
        if found is not None:
            for streams in filter(None, (found.trades, found.streams)):
                await streams.close()
            logger.info("%s: ended", source_of(venue))
