"""One connection's decoder and the keepers of its symbols: what the engine feeds with frames, and `bookreplay` too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from orderbooks.books.sync import MAX_BUFFERED, BookSynchronizer, Counters, Resync
from orderbooks.books.whale_score import Scoring
from orderbooks.records import BookListener
from streams.feeds.base import ContractValue, Delta, Feed, Message, Notice, NoticeKind, Snapshot, Ticker


class FeedSession:
    """symbols: those to keep, None: every symbol that has a book on the connection. on_ticker: is given the venue's own
    best prices, where the connection carries them. quotes: hold the books against these prices too."""

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
        self.feed = feed
        self.counters = Counters()
        self.keepers: dict[str, BookSynchronizer] = {}
        self._listener = listener
        self._only = None if symbols is None else frozenset(symbols)
        self._scoring = scoring or Scoring()
        self._contracts = contracts or {}
        self._max_buffered = max_buffered
        self._on_ticker, self._quotes = on_ticker, quotes
        self.left: dict[str, str] = {}
        """Symbols of whose book only other channels were heard than those that make one, and the last of these."""
        self._decode = self._new_decoder()

    def take(self, frame: bytes, received_ns: int = 0) -> Sequence[Resync | Notice]:
        """Whatever of the frame the engine has to act on, mostly nothing.

        Raises MalformedFrame: the frame is evidence; what could not be read of it was not applied.
        """
        outcome: Sequence[Resync | Notice] = ()
        for message in self._decode(frame):
            if isinstance(message, Notice):
                outcome = (*outcome, *self._notice(message, received_ns))
            elif isinstance(message, Ticker):
                if self._on_ticker is not None:
                    self._on_ticker(message)
                if self._quotes and (resync := self.apply(message, received_ns)) is not None:
                    outcome = (*outcome, resync)
            elif (resync := self.apply(message, received_ns)) is not None:
                outcome = (*outcome, resync)
        return outcome

    def apply(self, message: Message, received_ns: int = 0) -> Resync | None:
        """A message that is already read, of a symbol. A symbol's first snapshot or update gives it a keeper."""
        symbol = message.symbol  # type: ignore[union-attr]
        keeper = self.keepers.get(symbol)  # type: ignore[arg-type]
        if keeper is None:
            wanted = self._only is None or symbol in self._only
            if not wanted or symbol is None or not isinstance(message, Delta | Snapshot):
                return None
            keeper = self.keeper(symbol)
        return keeper.take(message, received_ns)

    def take_rest_snapshot(self, body: bytes, symbol: str | None, received_ns: int = 0) -> Resync | None:
        """Raises MalformedFrame. A Resync again where the snapshot is older than the stream."""
        return self.apply(self.feed.parse_rest_snapshot(body, symbol), received_ns)

    def connection_lost(self, reason: str) -> None:
        """Every book out of sync; the next connection is numbered anew."""
        self._decode = self._new_decoder()
        for keeper in self.keepers.values():
            keeper.lost(reason)

    def _new_decoder(self) -> Callable[[bytes], Sequence[Message]]:
        all_tickers = self._on_ticker is not None
        return self.feed.decoder(tickers=self._quotes or all_tickers, sparing=not all_tickers).decode

    def keeper(self, symbol: str) -> BookSynchronizer:
        if symbol not in self.keepers:
            self.keepers[symbol] = BookSynchronizer(
                self.feed,
                symbol,
                self._listener,
                self._scoring,
                self._contracts.get(symbol),
                self.counters,
                self._max_buffered,
            )
        return self.keepers[symbol]

    @property
    def wanting(self) -> dict[str, str]:
        """Symbols that wait for a snapshot, and why."""
        return {symbol: keeper.wants for symbol, keeper in self.keepers.items() if keeper.wants is not None}

    def is_true(self, symbol: str) -> bool:
        """Whether the symbol's book is in sync and nothing speaks against it at this moment.

        Where only such channels go on that do not tell what changes, a snapshot alone keeps no book true.
        """
        keeper = self.keepers.get(symbol)
        if keeper is None or not keeper.in_sync or keeper.is_crossed:
            return False
        return not (keeper.is_unfollowed and symbol in self.left)

    def settle(self) -> None:
        """Bring the counters up to the last update."""
        for keeper in self.keepers.values():
            keeper.settle()

    def _notice(self, notice: Notice, received_ns: int) -> Sequence[Resync | Notice]:
        if notice.kind is NoticeKind.LOST_MESSAGES:
            return self._lose_messages(notice)
        if notice.kind is not NoticeKind.LEFT:
            return (notice,)
        found: list[Resync] = []
        for symbol in notice.symbols:
            if self._only is not None and symbol not in self._only:
                continue
            self.left[symbol] = notice.text
            keeper = self.keepers.get(symbol)
            resync = None if keeper is None else keeper.passed_over(received_ns)
            found += [] if resync is None else [resync]
        return found

    def _lose_messages(self, notice: Notice) -> Sequence[Resync]:
        in_sync = [self.keepers[name] for name in notice.symbols if name in self.keepers and self.keepers[name].in_sync]
        # One hole, however many books it may have hit.
        self.counters.gaps += bool(in_sync)
        return [keeper.missed(notice.text) for keeper in in_sync]
