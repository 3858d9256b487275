"""Whale orders from their placing to their end. Pure; one tracker per pair, called by what feeds its book.

A whale ends when its level is gone or has shrunk below half. One that ended within seconds though nobody traded
against it may have been a spoof; where no trade of the pair was ever seen, nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from orderbooks.records import ScoredOrder, WhaleEnd, WhaleNews, WhalesUnknown

SPOOF_WITHIN_MS = 10_000
# The trade that took an order may be told after the book's update.
TRADE_LATE_MS = 2_000
# An order stands for as long as it likes; more than this of one pair at once is no news of single orders.
_MOST_STANDING = 500


Tell = Callable[[WhaleNews], None]


@dataclass
class _Standing:
    order: ScoredOrder
    traded: bool = False
    ended_ms: int = 0


class WhaleTracker:
    """threshold: the least score of a whale. tell: given every whale, its end, and the loss of all."""

    def __init__(self, threshold: int, tell: Tell) -> None:
        self._threshold, self._tell = threshold, tell
        self._standing: dict[tuple[bool, float], _Standing] = {}
        # Not judged yet; read at every update.
        self.ended: list[_Standing] = []
        self._sees_trades = False

    def take(self, orders: Iterable[ScoredOrder]) -> None:
        """Orders that score. A whale's level that grows again is told again; it stands since it was first told."""
        for order in orders:
            if order.score < self._threshold:
                continue
            if len(self._standing) < _MOST_STANDING:
                self._standing.setdefault((order.bid, order.price), _Standing(order))
            self._tell(order)

    def vanished(self, bid: bool, price: float, exchange_ms: int) -> None:
        standing = self._standing.pop((bid, price), None)
        if standing is not None:
            standing.ended_ms = exchange_ms
            self.ended.append(standing)

    def traded(self, price: float, taker_buys: bool) -> None:
        """A buyer who paid this price has taken what was offered at it or below; a seller likewise."""
        self._sees_trades = True
        if self._standing or self.ended:
            for standing in (*self._standing.values(), *self.ended):
                order = standing.order
                if order.bid != taker_buys and (order.price >= price if order.bid else order.price <= price):
                    standing.traded = True

    def judge(self, exchange_ms: int) -> None:
        """Tell of the ends that no trade can explain any more."""
        while self.ended and exchange_ms - self.ended[0].ended_ms >= TRADE_LATE_MS:
            ended = self.ended.pop(0)
            quick = ended.ended_ms - ended.order.exchange_ms <= SPOOF_WITHIN_MS
            spoof = quick and not ended.traded if self._sees_trades else None
            self._tell(WhaleEnd(ended.order, ended.ended_ms, spoof))

    def lost_sync(self, venue: str, symbol: str) -> None:
        self._standing.clear()
        self.ended.clear()
        self._sees_trades = False
        self._tell(WhalesUnknown(venue, symbol))
