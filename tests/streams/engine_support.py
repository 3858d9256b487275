"""The engine with real feeds and books, in a thread of its own beside a loopback venue, with short times."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from crypto_ews.conf import parse_config
from events.upstream.client import HttpClient
from orderbooks.books.sync import BookSynchronizer
from orderbooks.collector.venue_books import VenueBooks
from streams.engine.frames import FrameScheduler
from streams.engine.limits import EngineLimits
from streams.engine.snapshots import SnapshotFetcher
from streams.engine.venue_streams import VenueStreams
from streams.feeds.base import Feed
from tests.streams.small_feeds import SmallBinance, SmallBybit, SmallKraken, SmallOkx, Witness
from tests.support.daemon_process import eventually
from tests.upstreams import UpstreamServer
from tests.upstreams.streams.dialects import BinanceSpot, Bybit, Dialect, Kraken, Market, Okx
from tests.upstreams.streams.server import StreamVenue, new_market

DEPTH_PATH = "/api/v3/depth"
SHORT = EngineLimits(
    open_timeout=2.0,
    close_timeout=0.2,
    backoff_base=0.02,
    backoff_cap=0.2,
    stable_after=0.5,
    tick=0.05,
    max_lag=0.5,
    handover=0.6,
    first_update=0.15,
    quiet_symbol=0.3,
    quiet_symbol_at_most=2.0,
    probe_patience=0.15,
    connects_per_second=1000.0,
)


def serve_depth(server: UpstreamServer, markets: dict[str, Market]) -> None:
    """Binance's depth snapshots of these markets."""
    server.route(DEPTH_PATH, lambda request: BinanceSpot.rest(markets[request.query["symbol"]]))


FEEDS: dict[str, tuple[Callable[[], Feed], Callable[[], Dialect]]] = {
    "binance": (SmallBinance, BinanceSpot),
    "okx": (SmallOkx, Okx),
    "kraken": (SmallKraken, Kraken),
    "bybit": (SmallBybit, Bybit),
}


class World:
    """A venue with its REST side, and our engine that follows it: `feed` binance, okx, kraken or bybit."""

    def __init__(self, feed: str, symbols: Iterable[str], dialect: Dialect | None = None, **changes: Any) -> None:
        """changes: of the engine's limits, or of the feed's facts."""
        self.symbols = tuple(symbols)
        new_feed, new_dialect = FEEDS[feed]
        self.feed: Feed = new_feed()
        fields = EngineLimits.__dataclass_fields__
        self._limits = replace(SHORT, **{name: value for name, value in changes.items() if name in fields})
        for name, value in changes.items():
            if name not in fields:
                setattr(self.feed, name, value)
        self.venue = StreamVenue(dialect or new_dialect(), map(new_market, self.symbols))
        self.server = UpstreamServer()
        self.witness = Witness()
        self.malformed: list[tuple[bytes, str]] = []
        self.source = random.Random(7)
        self.streams: VenueStreams
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)

    def __enter__(self) -> Self:
        self.venue.__enter__()
        self.server.start()
        serve_depth(self.server, self.venue.markets)
        self._thread.start()
        self.do(self._start)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.server.stop()
        self.venue.__exit__(kind, error, trace)
        if error is None:
            assert self.witness.broken_promises == []

    # What tests do

    def do(self, work: Callable[[], Any]) -> Any:
        """Call something in the engine's loop."""

        async def run() -> Any:
            return work()

        return self._call(run())

    def carry(self, *symbols: str) -> None:
        self.do(lambda: self.streams.set_symbols(symbols))

    def walk(self, changes: int = 40, *symbols: str) -> None:
        self.venue.walk(symbols or self.symbols, changes, self.source)

    def begin(self) -> None:
        """Carry everything, until all books are the venue's."""
        self.carry(*self.symbols)
        eventually(lambda: set(self.venue.subscriptions) >= set(self.symbols), 5, "every symbol is subscribed")
        self.walk(20 * len(self.symbols))
        self.settle()

    def settle(self, seconds: float = 5.0, *symbols: str) -> None:
        eventually(lambda: self.equal(*symbols), seconds, "the books are the venue's")

    # What tests see

    def equal(self, *symbols: str) -> bool:
        return self.do(lambda: all(self._is_equal(symbol) for symbol in symbols or self.symbols))

    def _is_equal(self, symbol: str) -> bool:
        target = self.streams.targets[symbol]
        assert isinstance(target, BookSynchronizer)
        book = target.book
        return target.in_sync and (book.bids.levels, book.asks.levels) == self.venue.markets[symbol].numbers

    def resyncs(self) -> dict[str, int]:
        """How often each book came up again."""
        return {symbol: self.witness.times_synced(symbol) - 1 for symbol in self.symbols}

    def in_sync(self) -> int:
        return self.do(lambda: sum(target.in_sync for target in self.streams.targets.values()))

    # Behind it

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def _start(self) -> None:
        config = parse_config(
            {
                "BINANCE_STREAM_URL": f"{self.venue.url}{BinanceSpot.path}",
                "BINANCE_DEPTH_URL": self.server.url(DEPTH_PATH),
                "OKX_STREAM_URL": f"{self.venue.url}{Okx.path}",
                "KRAKEN_STREAM_URL": f"{self.venue.url}{Kraken.path}",
                "BYBIT_STREAM_URL": f"{self.venue.url}{Bybit.path.removesuffix('spot')}",
            }
        )
        scheduler = FrameScheduler(self._limits.slice)
        self._fetcher = SnapshotFetcher(HttpClient(deadline_s=2, user_agent="tests"), config, self._limits)
        self.books = VenueBooks(config, self.feed, [self.witness])
        self.streams = VenueStreams(
            self.feed,
            config,
            scheduler,
            self._fetcher,
            self.books.target,
            lambda frame, error: self.malformed.append((frame, error)),
            self._limits,
        )
        self._reading = self._loop.create_task(scheduler.run())

    async def _stop(self) -> None:
        await self.streams.close()
        self._reading.cancel()
        self._fetcher.close()
