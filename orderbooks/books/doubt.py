"""Evidence against a book whose numbers are in order: no update, crossed sides, trades or quotes elsewhere. Pure.

Numbers prove that a book follows its stream. They do not show a stream that has died alone, or two streams that were
mixed. The venue's other messages about the pair do. Times are milliseconds and come with the messages.
"""

from __future__ import annotations

from orderbooks.books.book import Book
from streams.feeds.base import Ticker

IGNORED_MS = 60_000
"""How long a venue may go on sending for a pair (repetitions, trades, quotes) while its book takes no update."""
ON_ITS_WAY_MS = 5_000
"""How much later than other messages of the same moment the book's update may come."""
OUTSIDE_MS = 10_000
OUTSIDE_SHARE = 0.002
OUTSIDE_LEAST = 3
"""At least so many trades or quotes in a row, over so long, all further than this share beyond the best price of the
same side: more than an update on its way explains, even while the price runs."""
CROSSED_MS = 1_000
CROSSED_UPDATES = 3
"""A book that stays crossed over so many updates or so long is wrong, where an update has all changes."""
CROSSED_BY_LEVEL_MS = 5_000
"""The same bound where each level is a message of its own."""
# A trade that is so much older than the book's last update is no evidence about the present book.
_LATE_MS = 1_000
_ABOVE, _BELOW = 1 + OUTSIDE_SHARE, 1 - OUTSIDE_SHARE


class _OtherMessages:
    """Times of the venue's other messages since the book's last update, in milliseconds.

    The first message may belong to the last update, and the last one may come before its update: both happen to healthy
    books of pairs that are traded every few minutes. So there must be a message between, with time for its update.
    After a pause as long as the bound, counting begins again.
    """

    __slots__ = ("_between_ms", "_first_ms", "_last_ms")

    def __init__(self) -> None:
        self._first_ms = self._last_ms = self._between_ms = 0

    def begin(self) -> None:
        self._first_ms = 0

    def waited(self, at_ms: int) -> int:
        """How long the book has missed updates as of this message, in milliseconds; 0 while that is not certain."""
        if not self._first_ms or at_ms - self._last_ms >= IGNORED_MS:
            self._first_ms, self._between_ms = at_ms, 0
        elif not self._between_ms and at_ms - self._first_ms >= ON_ITS_WAY_MS:
            self._between_ms = at_ms
        self._last_ms = at_ms
        if not self._between_ms or at_ms - self._between_ms < ON_ITS_WAY_MS:
            return 0
        return at_ms - self._first_ms


class Doubt:
    """The evidence against one book. Methods that take a message return why the book is wrong, empty: it is not.

    by_level: an update of this book is a single level. The synchronizer reads and sets the attributes at every update.
    """

    __slots__ = (
        "_book",
        "_by_level",
        "_count",
        "_crossed_count",
        "_crossed_ms",
        "_ignored",
        "_other",
        "_outside_book_ms",
        "_outside_ms",
        "_pending",
        "_pending_ms",
        "_side",
        "fine_from",
        "fine_to",
        "fine_until_ms",
        "is_open",
    )

    def __init__(self, book: Book, by_level: bool) -> None:
        self._book, self._by_level = book, by_level
        self.is_open = False
        """Whether the next update has to be checked."""
        self.fine_until_ms, self.fine_from, self.fine_to = 0, 0.0, 0.0
        """Until this time of the venue, or the next update, a trade between these prices needs no check. 0 ends it."""
        # Trades and quotes, by the venue's time, restarted where fine_until_ms is 0; repetitions, by our time.
        self._other, self._ignored = _OtherMessages(), _OtherMessages()
        # The side on which the last trade or quote was out of bounds: 1 above, −1 below, 0 within.
        self._side, self._count, self._outside_ms, self._outside_book_ms = 0, 0, 0, 0
        # One of those out of bounds: it is compared with the book once the book has come to its time.
        self._pending, self._pending_ms = 0.0, 0
        self._crossed_ms, self._crossed_count = 0, 0

    def forget(self) -> None:
        """The book was replaced or given up."""
        self.is_open = False
        self.confirmed()
        self._side = self._crossed_count = 0

    def confirmed(self) -> None:
        """The venue confirms the present book: no update was missing."""
        self.fine_until_ms = 0
        self._ignored.begin()

    @property
    def is_crossed(self) -> bool:
        return self._crossed_count > 0

    def ignored(self, received_ms: int) -> str:
        """The venue sent a message that does not change the book. received_ms: 0 where it is unknown."""
        self.is_open = True
        return _dead(self._ignored.waited(received_ms)) if received_ms else ""

    def quoted(self, quote: Ticker, received_ms: int, book_ms: int) -> str:
        try:
            bid, ask = float(quote.bid), float(quote.ask)
        except ValueError:
            # A side is empty.
            return ""
        if not 0 < bid <= ask:
            return ""
        if self._is_best(quote, bid, ask):
            self.confirmed()
        return self.seen("quotes", bid, ask, quote.exchange_ms or received_ms, book_ms)

    def _is_best(self, quote: Ticker, bid: float, ask: float) -> bool:
        bids, asks = self._book.bids, self._book.asks
        if (bid, ask) != (bids.best, asks.best):
            return False
        try:
            return (float(quote.bid_size), float(quote.ask_size)) == (bids.levels[bid], asks.levels[ask])
        except ValueError:
            return False

    def seen(self, what: str, low: float, high: float, at_ms: int, book_ms: int) -> str:
        """A trade (low = high) or quote, at the venue's time. what: "trades" or "quotes", for the reason.

        book_ms: the time of the book's last update.
        """
        bid, ask = self._book.bids.best, self._book.asks.best
        if bid is not None and ask is not None:
            within = low <= ask * _ABOVE and high >= bid * _BELOW
            if within:
                self._side = 0
            else:
                self.fine_from = self.fine_to = 0.0
                if reason := self._outside(what, low, high, bid, ask, at_ms, book_ms):
                    return reason
        if at_ms < book_ms:
            # Older than the book: no sign of what the venue sends now.
            return ""
        if not self.fine_until_ms:
            self._other.begin()
        self.fine_until_ms, self.fine_from, self.fine_to = at_ms + ON_ITS_WAY_MS, 0.0, 0.0
        if bid is not None and ask is not None and not self._side:
            self.fine_from, self.fine_to = bid, ask
        return _dead(self._other.waited(at_ms))

    def _outside(self, what: str, low: float, high: float, bid: float, ask: float, at_ms: int, book_ms: int) -> str:
        if at_ms < book_ms - _LATE_MS:
            return ""
        side, price = (1, low) if low > ask else (-1, high)
        if side != self._side:
            self._begin_row(side, price, at_ms, book_ms)
            return ""
        if book_ms != self._outside_book_ms:
            # The book is updated. It may come late, and in a crash prices run away from it: the pending price is
            # compared once the book has come to its time.
            if book_ms < self._pending_ms:
                return ""
            pending = self._pending
            if pending <= ask * _ABOVE if side > 0 else pending >= bid * _BELOW:
                self._begin_row(side, price, at_ms, book_ms)
                return ""
            self._pending, self._pending_ms = price, at_ms
        self._count += 1
        waited = at_ms - self._outside_ms
        if waited < OUTSIDE_MS or self._count < OUTSIDE_LEAST:
            return ""
        where = f"above the best ask {ask:g}" if side > 0 else f"below the best bid {bid:g}"
        return f"{what} for {waited / 1000:.0f} s, now at {price:g}, far {where}"

    def _begin_row(self, side: int, price: float, at_ms: int, book_ms: int) -> None:
        self._side, self._count, self._outside_ms, self._outside_book_ms = side, 1, at_ms, book_ms
        self._pending, self._pending_ms = price, at_ms

    def updated(self, at_ms: int) -> str:
        """The book took an update while `is_open`, or its sides are crossed."""
        self._ignored.begin()
        bid, ask = self._book.bids.best, self._book.asks.best
        self.is_open = bid is not None and ask is not None and bid >= ask
        if not self.is_open:
            self._crossed_count = 0
            return ""
        if not self._crossed_count:
            self._crossed_ms = at_ms
        self._crossed_count += 1
        waited = at_ms - self._crossed_ms
        if self._by_level:
            wrong = waited >= CROSSED_BY_LEVEL_MS
        else:
            wrong = waited >= CROSSED_MS or self._crossed_count >= CROSSED_UPDATES
        return f"crossed: the best bid {bid:g} is not below the best ask {ask:g}" if wrong else ""


def _dead(waited_ms: int) -> str:
    if waited_ms < IGNORED_MS:
        return ""
    return f"nothing was taken for {waited_ms / 1000:.0f} s while the venue went on sending"
