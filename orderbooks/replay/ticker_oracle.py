"""Compares a replayed book with the best bid and ask that the venue itself sends, where a recording has both."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from orderbooks.records import ReadableBook, ScoredOrder
from streams.feeds.base import TextLevel, Ticker

if TYPE_CHECKING:
    from orderbooks.books.session import FeedSession

# An update of the book may come behind this many tickers.
_MOST_TICKERS = 5000

Best = tuple[TextLevel | None, TextLevel | None]


class TickerOracle:
    """A listener that compares each state of a book, at update number u, with the last ticker at or before u.

    agreed, compared: numbers of states. first_difference: the first state that differs in any character.
    """

    def __init__(self) -> None:
        self.agreed = 0
        self.compared = 0
        self.first_difference = ""
        self._session: FeedSession | None = None
        self._ids: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_MOST_TICKERS))
        self._tickers: dict[str, deque[Ticker]] = defaultdict(lambda: deque(maxlen=_MOST_TICKERS))
        self._open: dict[str, deque[tuple[int, Best]]] = defaultdict(deque)

    def watch(self, session: FeedSession) -> None:
        self._session = session

    def ticker(self, ticker: Ticker) -> None:
        ids = self._ids[ticker.symbol]
        if ticker.update_id is not None and (not ids or ticker.update_id > ids[-1]):
            ids.append(ticker.update_id)
            self._tickers[ticker.symbol].append(ticker)
            self._compare(ticker.symbol, ticker.update_id)

    def finish(self) -> None:
        """Compare the states that still wait: no ticker comes any more."""
        for symbol in self._open:
            self._compare(symbol, None)

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        assert self._session is not None
        synchronizer = self._session.synchronizers[symbol]
        if synchronizer.last_id is not None:
            self._open[symbol].append((synchronizer.last_id, synchronizer.book.best_as_written()))
            self._compare(symbol, self._ids[symbol][-1] if self._ids[symbol] else 0)

    def _compare(self, symbol: str, before: int | None) -> None:
        """Compare the states below update number `before`, or all.

        An update of the book may overtake the tickers of the changes in it: a state waits until a later ticker shows
        which one was the last at or before it.
        """
        waiting, ids = self._open[symbol], self._ids[symbol]
        while waiting and (before is None or waiting[0][0] < before):
            number, book_best = waiting.popleft()
            at = bisect_right(ids, number) - 1
            if at < 0:
                continue
            ticker = self._tickers[symbol][at]
            venues = ((ticker.bid, ticker.bid_size), (ticker.ask, ticker.ask_size))
            self.compared += 1
            if book_best == venues:
                self.agreed += 1
            elif not self.first_difference:
                self.first_difference = f"{symbol} at {number}: the book has {book_best}, the ticker {venues}"

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None: ...

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None: ...

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None: ...
