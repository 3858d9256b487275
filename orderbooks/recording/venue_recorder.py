"""The `BookListener` of one venue: feeds each pair's minutes and whales."""

from __future__ import annotations

from typing import NamedTuple

from orderbooks.recording.minutes import Emit, PairMinutes, VenueMinutes
from orderbooks.recording.whale_track import OnWhale, WhaleTracker
from orderbooks.records import ReadableBook, ScoredOrder


class _Pair(NamedTuple):
    minutes: PairMinutes
    whales: WhaleTracker


class VenueListener:
    """Called from one thread. A pair is recorded from its first `synced` on, until `keep_only` drops it."""

    def __init__(self, venue: str, threshold: int, emit: Emit, on_whale: OnWhale) -> None:
        self.venue = venue
        self._threshold, self._on_whale = threshold, on_whale
        self._minutes = VenueMinutes(venue, emit)
        self._pairs: dict[str, _Pair] = {}

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        pair = self._pairs.get(symbol)
        if pair is not None:
            pair.minutes.before_apply(book, exchange_ms)

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        pair = self._pairs.get(symbol)
        if pair is not None:
            pair.minutes.applied(book, exchange_ms)
            if orders:
                pair.whales.take(orders)
            if pair.whales.ended:
                pair.whales.report_ends(exchange_ms)

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        pair = self._pairs.get(symbol)
        if pair is not None:
            pair.whales.vanished(bid, price, exchange_ms)

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None:
        pair = self._pairs.get(symbol)
        if pair is not None:
            pair.minutes.traded(size, taker_buys, exchange_ms)
            pair.whales.traded(price, taker_buys)

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        pair = self._pairs.get(symbol)
        if pair is None:
            pair = _Pair(self._minutes.pair(symbol), WhaleTracker(self._threshold, self._on_whale))
            self._pairs[symbol] = pair
        pair.minutes.synced(book, exchange_ms)

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None:
        pair = self._pairs.get(symbol)
        if pair is not None:
            pair.minutes.lost_sync()
            pair.whales.lost_sync(self.venue, symbol)

    def keep_only(self, symbols: set[str]) -> None:
        """Drop the pairs that are not collected any more."""
        for symbol in self._pairs.keys() - symbols:
            del self._pairs[symbol]
            self._minutes.forget(symbol)
