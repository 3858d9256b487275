"""The demo's live order books: Binance's streams with a whale that stays, played over real WebSockets."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from tests.upstreams import UpstreamServer
from tests.upstreams.streams.dialects import BinanceSpot
from tests.upstreams.streams.server import StreamVenue, new_market

# After the collector has begun to follow the book.
_WHALE_AFTER_SECONDS = 6.0
WHALE_CHAPTER = "Binance's order book: somebody bids for 4,000 ETH at 2,990.5, and stays"
_LIVELY = ("BTCUSDT", "ETHUSDT")
_MIDDLES = {"BTCUSDT": 60_000.0, "ETHUSDT": 3_000.0}
# The exchange's clock begins in the past and runs faster until it has caught up: a whale is judged only after a minute
# of a book, and the demo has less.
_BEHIND_SECONDS, _SPEED = 600.0, 20.0


class DemoStreams:
    """Use it in a `with` block. The whale comes when the book has been followed for some seconds."""

    def __init__(self, server: UpstreamServer, pairs: Iterable[str]) -> None:
        self._server = server
        self._started = time.time()
        symbols = [pair.replace("/", "") for pair in pairs]
        markets = [new_market(symbol, middle=_MIDDLES.get(symbol, 100.0)) for symbol in symbols]
        self._venue = StreamVenue(BinanceSpot(self._exchange_ms), markets)
        self._over = threading.Event()
        self.whale_is_there = False
        self._thread = threading.Thread(target=self._play, name="demo streams", daemon=True)
        server.route("/api/v3/depth", lambda request: BinanceSpot.rest(self._venue.markets[request.query["symbol"]]))

    def __enter__(self) -> Self:
        self._venue.__enter__()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._venue.__exit__(kind, error, trace)

    def environment(self) -> dict[str, str]:
        return {
            "ORDERBOOK_VENUES": "BINANCE",
            "BINANCE_STREAM_URL": f"{self._venue.url}{BinanceSpot.path}",
            "BINANCE_DEPTH_URL": self._server.url("/api/v3/depth"),
        }

    def _exchange_ms(self) -> int:
        now = time.time()
        return round(min(now, self._started - _BEHIND_SECONDS + (now - self._started) * _SPEED) * 1000)

    def _play(self) -> None:
        source = random.Random(1)
        followed_since: float | None = None
        while not self._over.wait(0.05):
            self._venue.walk(_LIVELY, 2 * len(_LIVELY), source)
            if followed_since is None and "ETHUSDT" in self._venue.subscriptions:
                followed_since = time.monotonic()
            due = followed_since is not None and time.monotonic() - followed_since > _WHALE_AFTER_SECONDS
            if due and not self.whale_is_there:
                self._venue.change("ETHUSDT", bids=[("2990.5", "4000.00")])
                self.whale_is_there = True
