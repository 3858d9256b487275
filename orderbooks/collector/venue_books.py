"""One venue's books: a synchronizer per symbol, and the listeners of all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from crypto_ews.conf import Config
from orderbooks.books.sync import BookSynchronizer, Counters
from orderbooks.books.whale_score import scoring_from
from orderbooks.records import BookListener, ReadableBook, ScoredOrder
from streams.engine.target import BookTarget
from streams.feeds.base import Feed
from streams.listings.contract_values import Contracts

logger = logging.getLogger(__name__)

ListenerFactory = Callable[[str], BookListener]
"""Makes the listener of one venue."""


class Listeners:
    """Calls several listeners in turn. An error of one is logged; the book and the other listeners go on."""

    def __init__(self, listeners: Sequence[BookListener]) -> None:
        self._before_apply = [listener.before_apply for listener in listeners]
        self._applied = [listener.applied for listener in listeners]
        self._vanished = [listener.vanished for listener in listeners]
        self._traded = [listener.traded for listener in listeners]
        self._synced = [listener.synced for listener in listeners]
        self._lost_sync = [listener.lost_sync for listener in listeners]
        self._logged: set[tuple[str, str]] = set()

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        self._call(self._before_apply, symbol, book, exchange_ms)

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        self._call(self._applied, symbol, book, exchange_ms, orders)

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        self._call(self._vanished, symbol, bid, price, exchange_ms)

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None:
        self._call(self._traded, symbol, price, size, taker_buys, exchange_ms)

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        self._call(self._synced, symbol, book, exchange_ms)

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None:
        self._call(self._lost_sync, symbol, reason, exchange_ms)

    def _call(self, calls: Sequence[Callable[..., None]], *what: object) -> None:
        for call in calls:
            try:
                call(*what)
            except Exception as error:
                # Once for each kind of error: a faulty listener fails a thousand times a second.
                key = (call.__qualname__, type(error).__name__)
                if key not in self._logged:
                    self._logged.add(key)
                    logger.exception("listener %s failed for %s; continuing", call.__qualname__, what[0])


class VenueBooks:
    """Makes the books of one feed's symbols.

    contracts: the value of one contract, where the venue counts in contracts; read when a book is made.
    """

    def __init__(self, config: Config, feed: Feed, listeners: Sequence[BookListener]) -> None:
        self.counters = Counters()
        self.contracts: Contracts = {}
        self._feed = feed
        self._listeners = Listeners(listeners)
        self._scoring = scoring_from(config)

    def target(self, symbol: str) -> BookTarget:
        return BookSynchronizer(
            self._feed,
            symbol,
            self._listeners,
            scoring=self._scoring,
            contract=self.contracts.get(symbol),
            counters=self.counters,
            on_contradiction=self._log_contradiction,
        )

    def _log_contradiction(self, symbol: str, reason: str) -> None:
        logger.warning("%s %s is not in sync: %s", self._feed.venue, symbol, reason)
