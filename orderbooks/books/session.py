"""Replays one connection's frames into books, by the dispatch loop that live connections use (`bookreplay`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from orderbooks.books.sync import MAX_BUFFERED, BookSynchronizer
from orderbooks.books.whale_score import Counters, Scoring
from orderbooks.records import BookListener
from streams.engine.dispatch import Dispatcher
from streams.engine.routes import Route
from streams.feeds.base import ContractValue, Delta, Feed, Message, Notice, NoticeKind, Snapshot, Ticker

if TYPE_CHECKING:
    from streams.engine.connection import Connection


class FeedSession(Dispatcher):
    """symbols: those to follow, None: every symbol that has a book on the connection. on_ticker: given the venue's own
    best prices, where the connection carries them. quotes: check the books against these prices too."""

    def __init__(
        self,
        feed: Feed,
        listener: BookListener | None = None,
        *,
        symbols: Sequence[str] | None = None,
        scoring: Scoring | None = None,
        contracts: Mapping[str, ContractValue] | None = None,
        max_buffered: int = MAX_BUFFERED,
        on_ticker: Callable[[Ticker], None] | None = None,
        quotes: bool = False,
    ) -> None:
        super().__init__()
        self.feed = feed
        self.counters = Counters()
        self.synchronizers: dict[str, BookSynchronizer] = {}
        self.left: dict[str, str] = {}
        """Symbols seen on channels that make no book, by symbol the last such channel."""
        self._listener = listener
        self._only = None if symbols is None else frozenset(symbols)
        self._scoring = scoring or Scoring()
        self._contracts = contracts or {}
        self._max_buffered = max_buffered
        self._on_ticker, self._quotes = on_ticker, quotes
        self.take = self.reader(self._new_decoder())
        """Apply a frame, with the time of its receipt (nanoseconds, 0: unknown); `needing_snapshot` has the books that
        wait then. Raises MalformedFrame; the frame's messages before the malformed one were applied."""

    def apply(self, message: Message, received_ns: int = 0) -> None:
        """Apply a message that is decoded already. Raises MalformedFrame for what no order can have."""
        symbol = message.symbol  # type: ignore[union-attr]
        route = self.routes.get(symbol) or self.new_route(message)  # type: ignore[arg-type]
        if route is not None:
            route.target.take(message, received_ns)

    def take_rest_snapshot(self, body: bytes, symbol: str | None, received_ns: int = 0) -> None:
        """Apply an answer of the venue's REST API. Raises MalformedFrame."""
        self.apply(self.feed.parse_rest_snapshot(body, symbol), received_ns)

    def connection_lost(self, reason: str) -> None:
        """Put every book out of sync; the next connection starts to count again."""
        self.take = self.reader(self._new_decoder())
        for synchronizer in self.synchronizers.values():
            synchronizer.interrupted(reason)

    def synchronizer(self, symbol: str) -> BookSynchronizer:
        """The symbol's book, made where it is new."""
        if symbol not in self.synchronizers:
            made = BookSynchronizer(
                self.feed,
                symbol,
                self._listener,
                self._scoring,
                self._contracts.get(symbol),
                self.counters,
                self._max_buffered,
            )
            self.synchronizers[symbol] = made
            self.routes[symbol] = Route(made)
        return self.synchronizers[symbol]

    @property
    def needing_snapshot(self) -> dict[str, str]:
        """Symbols that wait for a snapshot, and why."""
        return {
            symbol: found.needs_snapshot
            for symbol, found in self.synchronizers.items()
            if found.needs_snapshot is not None
        }

    def is_true(self, symbol: str) -> bool:
        """Whether the symbol's book is in sync and there is no evidence against it at this moment.

        A book that only a snapshot made, while the stream sends other channels alone, is not followed by updates.
        """
        found = self.synchronizers.get(symbol)
        if found is None or not found.in_sync or found.is_crossed:
            return False
        return not (found.is_unfollowed and symbol in self.left)

    def flush(self) -> None:
        """Bring the counters up to the last update."""
        for synchronizer in self.synchronizers.values():
            synchronizer.flush()

    # What the loop asks for

    def deliver(self, symbol: str, route: Route, message: Message, received_ns: int, frame: bytes = b"") -> None:
        route.target.take(message, received_ns)

    def new_route(self, message: Message) -> Route | None:
        """A symbol's first snapshot or update begins its book."""
        symbol = message.symbol if isinstance(message, Delta | Snapshot) else None
        if symbol is None or (self._only is not None and symbol not in self._only):
            return None
        self.synchronizer(symbol)
        return self.routes[symbol]

    def notice(self, notice: Notice, received_ns: int, connection: Connection | None) -> None:
        if notice.kind is NoticeKind.LOST_MESSAGES:
            found = [self.synchronizers[symbol] for symbol in notice.symbols if symbol in self.synchronizers]
            in_sync = [synchronizer for synchronizer in found if synchronizer.in_sync]
            # One hole, however many books it may have hit.
            self.counters.gaps += bool(in_sync)
            for synchronizer in in_sync:
                synchronizer.missed(notice.text)
        elif notice.kind is NoticeKind.LEFT:
            for symbol in notice.symbols:
                if self._only is None or symbol in self._only:
                    self.left[symbol] = notice.text
                    if symbol in self.synchronizers:
                        self.synchronizers[symbol].other_channel(received_ns)

    def _new_decoder(self) -> Callable[[bytes], Iterable[Message]]:
        on_ticker = self._on_ticker
        decode = self.feed.decoder(tickers=self._quotes or on_ticker is not None, sparing=on_ticker is None).decode
        if on_ticker is None:
            return decode

        def observed(frame: bytes) -> Iterator[Message]:
            for message in decode(frame):
                if isinstance(message, Ticker):
                    on_ticker(message)
                    if not self._quotes:
                        continue
                yield message

        return observed
