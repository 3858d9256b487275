"""A made-up market whose trades and candles are the same numbers: what was lost of one the other tells."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from streams.feeds.base import ExactTrade
from tests.upstreams.server import UpstreamServer
from tests.upstreams.steps import Reply
from tests.upstreams.wire import Request

MINUTE_MS = 60_000
SYMBOLS = ("AAAUSDT", "BBBUSDT", "CCCUSDT")


class Figures(NamedTuple):
    """What a minute comes to."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    n_trades: int
    volume: Decimal
    buy_volume: Decimal


class Tape:
    """`minutes` whole minutes of trades from `begins_ms` on, in order of time; some minutes of a pair are empty."""

    def __init__(self, begins_ms: int, minutes: int, seed: int = 19) -> None:
        self.begins_ms, self.ends_ms = begins_ms, begins_ms + minutes * MINUTE_MS
        source = random.Random(seed)
        trades: list[ExactTrade] = []
        for symbol in SYMBOLS:
            number, at = 1000, begins_ms
            while (at := at + int(source.expovariate(1 / 4_000)) + 1) < self.ends_ms:
                if source.random() < 0.02:
                    at += source.randint(60_000, 200_000)
                    continue
                count = source.choice((1, 1, 2, 3))
                price, size = Decimal(source.randint(9_000, 11_000)) / 100, Decimal(source.randint(1, 9_999)) / 1000
                buys = source.random() < 0.5
                trades.append(ExactTrade(symbol, price, size, buys, at, number, number + count - 1, count))
                number += count
        self.trades = sorted(trades, key=lambda trade: trade.exchange_ms)

    def minutes(self, symbol: str) -> dict[int, Figures]:
        """The minutes with trades, by their start."""
        found: dict[int, list[ExactTrade]] = {}
        for trade in self.trades:
            if trade.symbol == symbol and trade.exchange_ms < self.ends_ms:
                found.setdefault(trade.exchange_ms // MINUTE_MS * MINUTE_MS, []).append(trade)
        return {minute_ms: _figures(trades) for minute_ms, trades in found.items()}

    def serve(self, server: UpstreamServer) -> None:
        """The candles over Binance's REST; all have ended."""
        by_symbol = {symbol: self.minutes(symbol) for symbol in SYMBOLS}

        def klines(request: Request) -> Reply:
            query = request.query
            minutes = by_symbol[query["symbol"]]
            start_ms = max(int(query["startTime"]), self.begins_ms)
            rows = []
            for at in range(start_ms, min(int(query["endTime"]), self.ends_ms - 1) + 1, MINUTE_MS):
                known = minutes.get(at)
                before = [figures.close for minute_ms, figures in minutes.items() if minute_ms < at]
                close = before[-1] if before else Decimal(1)
                figures = known or Figures(close, close, close, close, 0, Decimal(0), Decimal(0))
                rows.append(
                    [
                        at, *map(str, figures[:4]), "0" if not known else "1", at + MINUTE_MS - 1, str(figures.volume),
                        figures.n_trades, "0", str(figures.buy_volume), "0",
                    ]
                )  # fmt: skip
            return Reply(json.dumps(rows).encode(), headers={"content-type": "application/json"})

        server.route("/api/v3/klines", klines)


def _figures(trades: Sequence[ExactTrade]) -> Figures:
    prices = [trade.price for trade in trades]
    return Figures(
        prices[0],
        max(prices),
        min(prices),
        prices[-1],
        sum(trade.count for trade in trades),
        sum((trade.price * trade.size for trade in trades), Decimal(0)),
        sum((trade.price * trade.size for trade in trades if trade.taker_buys), Decimal(0)),
    )
