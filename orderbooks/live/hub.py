"""Live items for pages: an in-process hub with a bounded queue per subscriber.

A slow subscriber loses the oldest items and can read how many; it never delays the collector. In a process without a
collector `orderbooks.live.relay` feeds the hub.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection
from typing import NamedTuple

from orderbooks.records import Ladder, MinuteRow, ReadableBook, ScoredOrder

# A pair's state and trades are published at most ten times a second: more cannot be seen.
SHORTEST_STEP_MS = 100
# Depth is read by people, and sorting a side takes a millisecond.
DEPTH_STEP_MS = 500
DEPTH_LEVELS, DEPTH_WALLS = 15, 6
Pair = tuple[str, str]
"""Venue and symbol."""


class BookState(NamedTuple):
    """Best bid and ask of a book at a moment. Out of sync they are unknown and None; `reason` is why."""

    venue: str
    symbol: str
    exchange_ms: int
    in_sync: bool
    best_bid: float | None = None
    best_bid_size: float | None = None
    best_ask: float | None = None
    best_ask_size: float | None = None
    reason: str = ""


class TradeSum(NamedTuple):
    """The trades of a tenth of a second. price: the last one's. Volumes in the base asset, by the taker's side."""

    venue: str
    symbol: str
    exchange_ms: int
    price: float
    buy_volume: float
    sell_volume: float
    trades: int


class Depth(NamedTuple):
    """The best levels of a book and the largest ones near it, as (price, size in base units), the best first."""

    venue: str
    symbol: str
    exchange_ms: int
    bids: Ladder
    asks: Ladder


LiveItem = Depth | ScoredOrder | MinuteRow | BookState | TradeSum


class Subscription:
    """Items of some pairs, or of all, in order. Close it when done, or use it in a `with` block."""

    def __init__(self, hub: Hub, pairs: Collection[Pair] | None, limit: int, wake: Callable[[], None] | None) -> None:
        self.pairs = None if pairs is None else frozenset(pairs)
        self.dropped = 0
        """Items lost since the start because they were not taken in time."""
        self._hub, self._limit, self._wake = hub, limit, wake
        self._items: deque[LiveItem] = deque()

    def take(self) -> list[LiveItem]:
        """Everything that waits."""
        items = self._items
        return [items.popleft() for _ in range(len(items))]

    async def batches(self, at_least_every: float = 5.0) -> AsyncIterator[list[LiveItem]]:
        """Lists of items as they arrive; an empty one after so many seconds without any."""
        arrived, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(arrived.set)

        self._wake = wake
        while True:
            if not self._items:
                try:
                    await asyncio.wait_for(arrived.wait(), at_least_every)
                except TimeoutError:
                    yield []
                    continue
            arrived.clear()
            yield self.take()

    def close(self) -> None:
        self._hub.unsubscribe(self)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def offer(self, item: LiveItem) -> None:
        """Called by the hub, in the publisher's thread."""
        items = self._items
        if len(items) >= self._limit:
            items.popleft()
            self.dropped += 1
        was_empty = not items
        items.append(item)
        if was_empty and self._wake:
            self._wake()


class Hub:
    """Publishers and subscribers may be in different threads; publishing without subscribers costs nothing."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._all: tuple[Subscription, ...] = ()
        self._by_pair: dict[Pair, tuple[Subscription, ...]] = {}
        self.collecting = False
        """Whether a collector of this process publishes here; elsewhere the relay does."""

    def subscribe(
        self, pairs: Collection[Pair] | None = None, limit: int = 2000, wake: Callable[[], None] | None = None
    ) -> Subscription:
        """pairs: None for all. wake: called in the publisher's thread when an item comes to an empty queue."""
        subscription = Subscription(self, pairs, limit, wake)
        with self._guard:
            if subscription.pairs is None:
                self._all = (*self._all, subscription)
            for pair in subscription.pairs or ():
                self._by_pair[pair] = (*self._by_pair.get(pair, ()), subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        with self._guard:
            self._all = tuple(other for other in self._all if other is not subscription)
            for pair in subscription.pairs or ():
                rest = tuple(other for other in self._by_pair.get(pair, ()) if other is not subscription)
                if rest:
                    self._by_pair[pair] = rest
                else:
                    self._by_pair.pop(pair, None)

    def pairs(self) -> set[Pair]:
        """The pairs that are subscribed by name."""
        with self._guard:
            return set(self._by_pair)

    def has_subscriber(self, venue: str, symbol: str) -> bool:
        return bool(self._all) or (venue, symbol) in self._by_pair

    def publish(self, item: LiveItem) -> None:
        for subscription in self._all:
            subscription.offer(item)
        for subscription in self._by_pair.get((item.venue, item.symbol), ()):
            subscription.offer(item)


HUB = Hub()
"""This process's hub."""


class LiveListener:
    """Publishes one venue's books: every scored order; best prices and trades at most ten times a second."""

    def __init__(self, venue: str, hub: Hub = HUB) -> None:
        self._venue, self._hub = venue, hub
        self._stated: dict[str, int] = {}
        self._deep: dict[str, int] = {}
        self._trades: dict[str, TradeSum] = {}

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        """Ignored: pages show the state after the update."""

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        hub = self._hub
        if not hub.has_subscriber(self._venue, symbol):
            return
        for order in orders:
            hub.publish(order)
        if exchange_ms - self._stated.get(symbol, 0) >= SHORTEST_STEP_MS:
            self._state(symbol, book, exchange_ms)
            self._publish_trades(symbol, exchange_ms)
        if exchange_ms - self._deep.get(symbol, 0) >= DEPTH_STEP_MS:
            self._deep[symbol] = exchange_ms
            hub.publish(Depth(self._venue, symbol, exchange_ms, *book.ladder(DEPTH_LEVELS, DEPTH_WALLS)))

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        """Ignored: pages show the book's state."""

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None:
        if not self._hub.has_subscriber(self._venue, symbol):
            return
        self._publish_trades(symbol, exchange_ms)
        so_far = self._trades.get(symbol) or TradeSum(self._venue, symbol, exchange_ms, price, 0.0, 0.0, 0)
        self._trades[symbol] = so_far._replace(
            price=price,
            buy_volume=so_far.buy_volume + (size if taker_buys else 0.0),
            sell_volume=so_far.sell_volume + (0.0 if taker_buys else size),
            trades=so_far.trades + 1,
        )

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        self._state(symbol, book, exchange_ms)

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None:
        self._trades.pop(symbol, None)
        at = exchange_ms or self._stated.get(symbol, 0)
        self._stated.pop(symbol, None)
        self._deep.pop(symbol, None)
        self._hub.publish(BookState(self._venue, symbol, at, False, reason=reason))

    def _state(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        self._stated[symbol] = exchange_ms
        if best := book.best:
            self._hub.publish(BookState(self._venue, symbol, exchange_ms, True, *best))

    def _publish_trades(self, symbol: str, exchange_ms: int) -> None:
        """Publish a sum that is older than a step."""
        so_far = self._trades.get(symbol)
        if so_far is not None and exchange_ms - so_far.exchange_ms >= SHORTEST_STEP_MS:
            del self._trades[symbol]
            self._hub.publish(so_far)
