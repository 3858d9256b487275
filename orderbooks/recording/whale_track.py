"""Reports whales of one pair from their placing to their end. Pure; called by whatever feeds the pair's book.

A whale ends when its level is gone or has shrunk below half. If it ended within seconds and nobody traded against it,
it may have been a spoof. For a pair without any trade seen, that is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orderbooks.records import ScoredOrder, WhaleEnd, WhaleObservation, WhalesUnknown
from orderbooks.whales import OpenWhales, Whale

SPOOF_WITHIN_MS = 10_000
# The trade that took an order may come after the book's update.
TRADE_LATE_MS = 2_000
# With more whales than this in one book, single orders mean nothing: the ends of further ones are not reported.
_MOST_OPEN = 500

OnWhale = Callable[[WhaleObservation], None]


class WhaleTracker:
    """threshold: the least score of a whale. on_whale: called with every whale, its end, and the loss of all."""

    def __init__(self, threshold: int, on_whale: OnWhale) -> None:
        self._threshold, self._on_whale = threshold, on_whale
        self._open: OpenWhales[ScoredOrder] = OpenWhales(_MOST_OPEN)
        self.ended: list[tuple[Whale[ScoredOrder], int]] = []
        """Whales that are gone, and when (exchange time, milliseconds), until `report_ends`. Read at every update."""
        self._sees_trades = False

    def take(self, orders: Iterable[ScoredOrder]) -> None:
        """Orders that score. A whale that grows is reported again; its age counts from the first report."""
        for order in orders:
            if order.score >= self._threshold:
                self._open.place(order)
                self._on_whale(order)

    def vanished(self, bid: bool, price: float, exchange_ms: int) -> None:
        whale = self._open.remove(bid, price)
        if whale is not None:
            self.ended.append((whale, exchange_ms))

    def traded(self, price: float, taker_buys: bool) -> None:
        """A buyer who paid this price has taken the asks at it or below; a seller likewise."""
        self._sees_trades = True
        if self._open or self.ended:
            for whale in (*self._open, *(whale for whale, _ in self.ended)):
                order = whale.first
                if order.bid != taker_buys and (order.price >= price if order.bid else order.price <= price):
                    whale.traded = True

    def report_ends(self, exchange_ms: int) -> None:
        """Report the ends that no late trade can explain any more."""
        while self.ended and exchange_ms - self.ended[0][1] >= TRADE_LATE_MS:
            whale, ended_ms = self.ended.pop(0)
            quick = ended_ms - whale.first.exchange_ms <= SPOOF_WITHIN_MS
            spoof = quick and not whale.traded if self._sees_trades else None
            self._on_whale(WhaleEnd(whale.first, ended_ms, spoof))

    def lost_sync(self, venue: str, symbol: str) -> None:
        self._open.clear()
        self.ended.clear()
        self._sees_trades = False
        self._on_whale(WhalesUnknown(venue, symbol))
