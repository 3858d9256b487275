"""Trades on a connection of their own (Binance USD-M): the same engine, with a feed of trades only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crypto_ews.conf import Config
from streams.engine.target import BookTarget
from streams.feeds.base import Decoder, Feed, Message, Snapshot, Trade


class TradeFeed(Feed):
    """The trade stream of a feed. A missing trade cannot be detected, and could not be requested again."""

    proofs = frozenset()
    keeps_text = False
    snapshot_over_rest = False

    def __init__(self, books: Feed) -> None:
        self._books = books
        # The venue's limits apply to these connections too.
        self.exchange, self.market, self.venue = books.exchange, books.market, books.venue  # type: ignore[misc]
        self.max_symbols_per_connection = books.max_symbols_per_connection  # type: ignore[misc]
        self.max_frames_per_second = books.max_frames_per_second  # type: ignore[misc]
        self.max_connection_seconds = books.max_connection_seconds  # type: ignore[misc]
        self.silence_seconds = books.silence_seconds  # type: ignore[misc]
        self.ping_every_seconds = books.ping_every_seconds  # type: ignore[misc]
        self.ping_frame = books.ping_frame  # type: ignore[misc]

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        url = self._books.trade_stream_url(config)
        assert url is not None
        return url

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._books.subscribe_trades(symbols)

    def resubscribe(self, symbol: str, decoder: Decoder | None = None) -> Sequence[bytes]:
        return self._books.subscribe_trades([symbol])

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return self._books.decoder(tickers=tickers, sparing=sparing)

    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        return self._books.symbol_for(base, quote, instrument_symbol)


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
