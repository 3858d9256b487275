"""Binance's public spot endpoints on loopback, as far as freqtrade asks for them: markets, tickers, books, candles.

Written by us in the shape of Binance's documentation and of tests/upstreams; prices stand still, so that nothing but a
list of pairs decides what a bot does. Every path that was asked is kept: a bot that asks for something else shows.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.upstreams.binance_instruments import spot_symbol

PRICE = 10.0
_SECONDS = {"1m": 60, "5m": 300, "1h": 3600, "1d": 86400}
_FILTERS = [
    {"filterType": "PRICE_FILTER", "minPrice": "0.0001", "maxPrice": "100000", "tickSize": "0.0001"},
    {"filterType": "LOT_SIZE", "minQty": "0.1", "maxQty": "900000", "stepSize": "0.1"},
    {"filterType": "NOTIONAL", "minNotional": "5", "applyMinToMarket": True, "maxNotional": "9000000"},
]


class PlayedBinance:
    """A context manager; `pairs` such as `BTC/USDT` are traded there, all at the same price."""

    def __init__(self, pairs: tuple[str, ...]) -> None:
        self.pairs = pairs
        self.price = PRICE
        self.unknown: list[str] = []
        """Paths that were asked and that nobody plays."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def ccxt_config(self) -> dict[str, Any]:
        """What freqtrade hands to ccxt: every address is this server's; spot alone is asked for."""
        base = f"http://127.0.0.1:{self._server.server_address[1]}"
        kinds = ("public", "private", "v1", "sapi", "sapiV2", "sapiV3", "sapiV4", "fapiPublic", "fapiPublicV2",
                 "fapiPublicV3", "fapiPrivate", "dapiPublic", "dapiPrivate", "eapiPublic", "papi")  # fmt: skip
        return {
            "urls": {"api": {kind: f"{base}/api/v3" if kind == "public" else f"{base}/{kind}" for kind in kinds}},
            "options": {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False},
            "enableRateLimit": False,
        }

    def answer(self, path: str, query: dict[str, str]) -> Any:
        """The body of a path, or None where nobody plays it."""
        now = int(time.time() * 1000)
        names = [pair.replace("/", "") for pair in self.pairs]
        asked = [query["symbol"]] if "symbol" in query else names
        name = path.removeprefix("/api/v3/")
        if name == "exchangeInfo":
            return {"timezone": "UTC", "serverTime": now, "rateLimits": [], "exchangeFilters": [],
                    "symbols": [spot_symbol(pair, filters=_FILTERS, permissionSets=[["SPOT"]]) for pair in self.pairs],
                    }  # fmt: skip
        if name == "time":
            return {"serverTime": now}
        if name == "depth":
            ladder = [[f"{self.price * (1 + step / 1e5):.4f}", "5000"] for step in range(20)]
            return {"lastUpdateId": now, "bids": [[f"{self.price:.4f}", "5000"]], "asks": ladder}
        if name == "klines":
            seconds = _SECONDS[query["interval"]]
            last = now // 1000 // seconds * seconds
            start = int(query.get("startTime", 0)) // 1000
            times = [last - seconds * back for back in range(min(int(query.get("limit", 500)), 500))][::-1]
            price = f"{self.price:.4f}"
            rest = ["1000", (last + seconds) * 1000 - 1, "10000", 10, "5", "50", "0"]
            return [[at * 1000, price, price, price, price, *rest] for at in times if at >= start]
        if name in ("ticker/24hr", "ticker/bookTicker", "ticker/price"):
            rows = [self._ticker(symbol, number, now) for number, symbol in enumerate(asked)]
            return rows[0] if "symbol" in query else rows
        return None

    def _ticker(self, symbol: str, number: int, now: int) -> dict[str, Any]:
        price = f"{self.price:.4f}"
        return {
            "symbol": symbol, "priceChange": "0", "priceChangePercent": f"{number}", "weightedAvgPrice": price,
            "prevClosePrice": price, "lastPrice": price, "lastQty": "1", "bidPrice": price, "bidQty": "5000",
            "askPrice": price, "askQty": "5000", "openPrice": price, "highPrice": price, "lowPrice": price,
            "price": price, "volume": "100000", "quoteVolume": f"{1_000_000 - number}", "openTime": now - 86_400_000,
            "closeTime": now, "firstId": 1, "lastId": 2, "count": 2,
        }  # fmt: skip

    def __enter__(self) -> PlayedBinance:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(exchange: PlayedBinance) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = exchange.answer(parts.path, dict(parse_qsl(parts.query)))
            if body is None:
                exchange.unknown.append(self.path)
            sent = json.dumps({"code": -1, "msg": "nobody plays this"} if body is None else body).encode()
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            """Nothing: the bot's own log says what it asked."""

    return Handler
