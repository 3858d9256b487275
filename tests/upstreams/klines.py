"""Exchanges' candles and order-book snapshots, with the weight that they count and the bans that they give.

The exchange's clock runs `speed` times as fast as ours. Candles follow from symbol and time alone, so that every run
gets the same ones.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from tests.upstreams.server import UpstreamServer
from tests.upstreams.steps import Reply, banned, too_many_requests
from tests.upstreams.wire import Request

MINUTE_MS = 60_000
INTERVALS = {"1m": MINUTE_MS, "5m": 5 * MINUTE_MS, "1h": 60 * MINUTE_MS}
_VARIANTS = 3


class VenueClock:
    """begins_ms: the exchange's time at first."""

    def __init__(self, begins_ms: int, speed: float = 1.0) -> None:
        self.begins_ms, self.speed = begins_ms, speed
        self._began = time.monotonic()

    def seconds(self) -> float:
        """Of the exchange, since the start."""
        return (time.monotonic() - self._began) * self.speed

    def ms(self) -> int:
        return self.begins_ms + int(self.seconds() * 1000)

    def pause(self, seconds: float) -> None:
        """Sleep for so many seconds of the exchange."""
        time.sleep(seconds / self.speed)


class BinanceCandles:
    """Binance spot: /api/v3/klines and /api/v3/depth, at 2 and 50 weight.

    per_minute: whoever has spent more in a minute of the exchange's clock gets 429, and 418 for going on. listed: by
    symbol, since when it is traded, in milliseconds. The weights of each minute, and every refusal, are kept.
    """

    def __init__(
        self, server: UpstreamServer, clock: VenueClock, per_minute: int = 6000, listed: Mapping[str, int] | None = None
    ) -> None:
        self.clock, self.per_minute, self.listed = clock, per_minute, dict(listed or {})
        self.spent: Counter[int] = Counter()
        self.refused = 0
        self.slowness = 0.0
        self.requests: list[tuple[float, str, str, str]] = []
        """When (seconds of the exchange), path, symbol, interval."""
        self._lock = threading.Lock()
        server.route("/api/v3/klines", self._klines)
        server.route("/api/v3/depth", self._depth)

    def _klines(self, request: Request) -> Reply:
        query = request.query
        if refusal := self._charge(2, request, query.get("interval", "")):
            return refusal
        time.sleep(self.slowness)
        symbol, interval_ms = query["symbol"], INTERVALS[query["interval"]]
        start_ms, end_ms = int(query["startTime"]), int(query["endTime"])
        first_ms = -(-max(start_ms, self.listed.get(symbol, 0)) // interval_ms) * interval_ms
        last_ms = min(end_ms, self.clock.ms())
        count = min(int(query.get("limit", 500)), 1000, max(0, (last_ms - first_ms) // interval_ms + 1))
        return self._reply(candles(variant_of(symbol), first_ms, interval_ms, count))

    def _depth(self, request: Request) -> Reply:
        if refusal := self._charge(50, request, ""):
            return refusal
        return self._reply(json.dumps({"lastUpdateId": 1, "bids": [["1.0", "2.0"]], "asks": [["1.1", "2.0"]]}).encode())

    def _charge(self, weight: int, request: Request, interval: str) -> Reply | None:
        with self._lock:
            now = self.clock.seconds()
            self.requests.append((now, request.path, request.query.get("symbol", ""), interval))
            minute = self.clock.ms() // MINUTE_MS
            self.spent[minute] += weight
            if self.spent[minute] <= self.per_minute:
                return None
            self.refused += 1
            return too_many_requests(60) if self.spent[minute] <= 2 * self.per_minute else banned()

    def _reply(self, body: bytes) -> Reply:
        used = self.spent[self.clock.ms() // MINUTE_MS]
        headers = {"content-type": "application/json", "x-mbx-used-weight-1m": str(used)}
        return Reply(body, headers=headers)


def variant_of(symbol: str) -> int:
    """Which of a few kinds of candles a symbol has."""
    return sum(symbol.encode()) % _VARIANTS


@lru_cache(maxsize=512)
def candles(variant: int, first_ms: int, interval_ms: int, count: int) -> bytes:
    """A body as Binance writes it: prices and volumes with eight decimals."""
    rows = []
    for open_ms in range(first_ms, first_ms + count * interval_ms, interval_ms):
        number = (open_ms // interval_ms * 7919 + variant * 104_729) % 10_007
        price, volume = 100 + number / 1000, 1 + number / 7
        rows.append(
            [
                open_ms, f"{price:.8f}", f"{price + 0.5:.8f}", f"{price - 0.5:.8f}", f"{price + 0.25:.8f}",
                f"{volume:.8f}", open_ms + interval_ms - 1, f"{volume * price:.8f}", number % 900,
                f"{volume / 2:.8f}", f"{volume * price / 2:.8f}", "0",
            ]
        )  # fmt: skip
    return json.dumps(rows).encode()
