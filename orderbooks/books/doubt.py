"""Evidence against a book whose numbers are in order: it takes nothing, it is crossed, trades or quotes are elsewhere.

Numbers prove that a book follows its stream. They do not show a stream that has died alone, or two that were taken for
one. What the venue says of the pair besides does. Pure: times come with the messages, in milliseconds.
"""

from __future__ import annotations

from orderbooks.books.book import Book
from streams.feeds.base import Ticker

IGNORED_MS = 60_000
"""So long may a venue go on sending for a pair (repetitions, trades, quotes) while its book takes nothing."""
ON_ITS_WAY_MS = 5_000
"""So much later than what else the venue says of a moment may the book's update come."""
OUTSIDE_MS = 10_000
OUTSIDE_SHARE = 0.002
OUTSIDE_LEAST = 3
"""So many trades or quotes in a row, over so long, all further than this share beyond the same side's best price: more
than a message that is on its way explains, also while the price runs."""
CROSSED_MS = 1_000
CROSSED_UPDATES = 3
"""A crossed book that stays so over so many updates or so long is wrong, where an update tells all that changed."""
CROSSED_BY_LEVEL_MS = 5_000
"""Where each level is a message of its own."""
# A trade that is so much older than the book's last update says nothing of the book of now.
_LATE_MS = 1_000
_ABOVE, _BELOW = 1 + OUTSIDE_SHARE, 1 - OUTSIDE_SHARE


class _Unheard:
    """What the venue has sent for the pair since the book took something. Times in milliseconds.

    The first word may belong to the last update, and the last one may come before its own: both belong to books that
    are well, of pairs that are traded every few minutes. So there has to be a word between, with time for its update;
    and after a pause as long as the bound the venue has not gone on, but begun again.
    """

    __slots__ = ("_between_ms", "_first_ms", "_last_ms")

    def __init__(self) -> None:
        self._first_ms = self._last_ms = self._between_ms = 0

    def begin(self) -> None:
        self._first_ms = 0

    def waited(self, at_ms: int) -> int:
        """For how long the book has been left out as of this word; 0 while that cannot be said."""
        if not self._first_ms or at_ms - self._last_ms >= IGNORED_MS:
            self._first_ms, self._between_ms = at_ms, 0
        elif not self._between_ms and at_ms - self._first_ms >= ON_ITS_WAY_MS:
            self._between_ms = at_ms
        self._last_ms = at_ms
        if not self._between_ms or at_ms - self._between_ms < ON_ITS_WAY_MS:
            return 0
        return at_ms - self._first_ms


class Doubt:
    """What speaks against one book. What takes evidence returns why the book is not to be believed, or nothing.

    by_level: an update of this book is a single level. Attributes are read and set by the keeper at every update.
    """

    __slots__ = (
        "_book",
        "_by_level",
        "_count",
        "_crossed_count",
        "_crossed_ms",
        "_held",
        "_held_ms",
        "_ignored",
        "_outside_book_ms",
        "_outside_ms",
        "_side",
        "_unheard",
        "fine_from",
        "fine_to",
        "fine_until_ms",
        "is_open",
    )

    def __init__(self, book: Book, by_level: bool) -> None:
        self._book, self._by_level = book, by_level
        self.is_open = False
        """Whether the next update has to be looked at."""
        self.fine_until_ms, self.fine_from, self.fine_to = 0, 0.0, 0.0
        """Until this time of the venue, or the next update, a trade between these prices needs no look. 0 ends it."""
        # By the venue's time, trades and quotes, begun anew where fine_until_ms is 0; by ours, what was no news.
        self._unheard, self._ignored = _Unheard(), _Unheard()
        # On which side the last trade or quote was out of bounds: 1 above, −1 below.
        self._side, self._count, self._outside_ms, self._outside_book_ms = 0, 0, 0, 0
        # One of them, until the book has come to its moment.
        self._held, self._held_ms = 0.0, 0
        self._crossed_ms, self._crossed_count = 0, 0

    def forget(self) -> None:
        """The book was replaced or given up."""
        self.is_open = False
        self.confirmed()
        self._side = self._crossed_count = 0

    def confirmed(self) -> None:
        """The venue says that the book is as it is now: nothing was to be taken."""
        self.fine_until_ms = 0
        self._ignored.begin()

    @property
    def is_crossed(self) -> bool:
        return self._crossed_count > 0

    def ignored(self, received_ms: int) -> str:
        """The venue sent something for the pair that is no news to the book. received_ms: 0 where nobody knows."""
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
        """A trade (low = high) or quote, at the venue's time. Comes often, and mostly stands within the book.

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
            # Behind the book: no sign of what the venue does now.
            return ""
        if not self.fine_until_ms:
            self._unheard.begin()
        self.fine_until_ms, self.fine_from, self.fine_to = at_ms + ON_ITS_WAY_MS, 0.0, 0.0
        if bid is not None and ask is not None and not self._side:
            self.fine_from, self.fine_to = bid, ask
        return _dead(self._unheard.waited(at_ms))

    def _outside(self, what: str, low: float, high: float, bid: float, ask: float, at_ms: int, book_ms: int) -> str:
        if at_ms < book_ms - _LATE_MS:
            return ""
        side, price = (1, low) if low > ask else (-1, high)
        if side != self._side:
            self._begin_row(side, price, at_ms, book_ms)
            return ""
        if book_ms != self._outside_book_ms:
            # The book goes on. It may come late, and in a crash prices run away from it: what counts is the book once
            # it has come to the moment of the one that is held.
            if book_ms < self._held_ms:
                return ""
            held = self._held
            if held <= ask * _ABOVE if side > 0 else held >= bid * _BELOW:
                self._begin_row(side, price, at_ms, book_ms)
                return ""
            self._held, self._held_ms = price, at_ms
        self._count += 1
        waited = at_ms - self._outside_ms
        if waited < OUTSIDE_MS or self._count < OUTSIDE_LEAST:
            return ""
        where = f"above the best ask {ask:g}" if side > 0 else f"below the best bid {bid:g}"
        return f"{what} for {waited / 1000:.0f} s, now at {price:g}, far {where}"

    def _begin_row(self, side: int, price: float, at_ms: int, book_ms: int) -> None:
        self._side, self._count, self._outside_ms, self._outside_book_ms = side, 1, at_ms, book_ms
        self._held, self._held_ms = price, at_ms

    def updated(self, at_ms: int) -> str:
        """The book took an update, while something was open or its sides are crossed."""
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
