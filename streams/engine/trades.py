"""Trades on a connection of their own (Binance USD-M): the same engine, with a feed of trades only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.engine.target import BookTarget
from streams.feeds.base import Decoder, Message, Snapshot, Trade
from streams.feeds.trades.base import TradesOnly


class TradeFeed(TradesOnly):
    """The trade stream of a feed. A missing trade cannot be detected, and could not be requested again."""

    proofs = frozenset()

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._books.subscribe_trades(symbols)

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return self._books.decoder(tickers=tickers, sparing=sparing)


class TradesOf:
    """Passes trades on to the book's target, and nothing else: a lost trade connection does not affect the book."""

    in_sync = True
    last_id = None
    contradicted = False

    def __init__(self, symbol: str, book_of: Callable[[str], BookTarget | None]) -> None:
        self._symbol, self._book_of = symbol, book_of

    def take(self, message: Message, received_ns: int) -> bool:
        # Looked up each time: the book may be left out, and come back as another object.
        if isinstance(message, Trade) and (book := self._book_of(self._symbol)) is not None:
            book.take(message, received_ns)
        return False

    def interrupted(self, reason: str) -> None:
        """Does nothing: the book does not depend on this connection."""

    def agrees(self, snapshot: Snapshot) -> bool:
        return True
