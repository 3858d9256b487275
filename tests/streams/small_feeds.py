"""The real feeds of two venues with short limits, and a listener that writes down what it is told."""

from __future__ import annotations

import time

from orderbooks.records import ReadableBook, ScoredOrder
from streams.feeds.binance import BinanceSpot, BinanceUsdm
from streams.feeds.bybit import BybitSpot
from streams.feeds.kraken import KrakenSpot
from streams.feeds.okx import OkxSpot


class SmallBinance(BinanceSpot):
    max_symbols_per_connection = 2
    max_frames_per_second = 200.0
    silence_seconds = 0.6


class SmallUsdm(BinanceUsdm):
    max_frames_per_second = 200.0
    silence_seconds = 5.0


class SmallOkx(OkxSpot):
    max_symbols_per_connection = 2
    max_frames_per_second = 200.0
    silence_seconds = 0.6
    ping_every_seconds = 0.2


class SmallKraken(KrakenSpot):
    max_symbols_per_connection = 10
    max_frames_per_second = 200.0
    silence_seconds = 0.6
    ping_every_seconds = 0.2


class SmallBybit(BybitSpot):
    max_symbols_per_connection = 10
    max_frames_per_second = 200.0
    silence_seconds = 0.6
    ping_every_seconds = 0.2


class Witness:
    """A listener that checks what the contract promises: nothing is told of a book that is not in sync."""

    def __init__(self) -> None:
        self.stories: dict[str, list[str]] = {}
        self.broken_promises: list[str] = []
        self.trades: list[tuple[str, float, float, bool]] = []
        self.seconds_per_update = 0.0
        """How slow this listener is."""
        self._in_sync: set[str] = set()

    def times_synced(self, symbol: str) -> int:
        return self.stories.get(symbol, []).count("synced")

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        self._expect(symbol, "before_apply")

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        self._expect(symbol, "applied")
        time.sleep(self.seconds_per_update)
        best = book.best
        if best is not None and best[0] >= best[2]:
            self.broken_promises.append(f"{symbol} is crossed: {best}")

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        self._expect(symbol, "vanished")

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None:
        self._expect(symbol, "traded")
        self.trades.append((symbol, price, size, taker_buys))

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        self._in_sync.add(symbol)
        self.stories.setdefault(symbol, []).append("synced")

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None:
        self._expect(symbol, "lost_sync")
        self._in_sync.discard(symbol)
        self.stories.setdefault(symbol, []).append(f"lost: {reason}")

    def _expect(self, symbol: str, what: str) -> None:
        if symbol not in self._in_sync:
            self.broken_promises.append(f"{what} of {symbol}, which is not in sync")
