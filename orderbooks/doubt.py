"""Evidence against a book whose numbers are in order: it takes nothing, it is crossed, trades or quotes are elsewhere.

Numbers prove that a book follows its stream. They do not show a stream that has died alone, or two that were taken for
one. What the venue says of the pair besides does. Pure: times come with the messages, in milliseconds.
"""

from __future__ import annotations

from orderbooks.book import Book
from orderbooks.feeds.base import Ticker

IGNORED_MS = 60_000
"""So long may a venue go on sending for a pair (repetitions, trades, quotes) while its book takes nothing."""
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
        "_ignored_ms",
        "_outside_ms",
        "_side",
        "_unheard_ms",
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
        # The venue's time of the first trade or quote since an update was taken, where fine_until_ms is not 0.
        self._unheard_ms = 0
        self._ignored_ms = 0
        # On which side the last trade or quote was out of bounds: 1 above, −1 below.
        self._side, self._count, self._outside_ms = 0, 0, 0
        self._crossed_ms, self._crossed_count = 0, 0

    def forget(self) -> None:
        """The book was replaced or given up."""
        self.is_open = False
        self.fine_until_ms = self._ignored_ms = 0
        self._side = self._crossed_count = 0

    @property
    def is_crossed(self) -> bool:
        return self._crossed_count > 0

    def ignored(self, received_ms: int) -> str:
        """The venue sent something for the pair that is no news to the book. received_ms: 0 where nobody knows."""
        self.is_open = True
        if not self._ignored_ms:
            self._ignored_ms = received_ms
            return ""
        return _dead(received_ms - self._ignored_ms) if received_ms else ""

    def quoted(self, quote: Ticker, received_ms: int, book_ms: int) -> str:
        try:
            bid, ask = float(quote.bid), float(quote.ask)
        except ValueError:
            # A side is empty.
            return ""
        if not 0 < bid <= ask:
            return ""
        return self.seen("quotes", bid, ask, quote.exchange_ms or received_ms, book_ms)

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
            self._unheard_ms = at_ms
            self.fine_until_ms, self.fine_from, self.fine_to = at_ms + IGNORED_MS, 0.0, 0.0
        if bid is not None and ask is not None and not self._side:
            self.fine_from, self.fine_to = bid, ask
        return _dead(at_ms - self._unheard_ms)

    def _outside(self, what: str, low: float, high: float, bid: float, ask: float, at_ms: int, book_ms: int) -> str:
        if at_ms < book_ms - _LATE_MS:
            return ""
        side = 1 if low > ask else -1
        if side != self._side:
            self._side, self._count, self._outside_ms = side, 1, at_ms
            return ""
        self._count += 1
        waited = at_ms - self._outside_ms
        if waited < OUTSIDE_MS or self._count < OUTSIDE_LEAST:
            return ""
        price, where = (low, f"above the best ask {ask:g}") if side > 0 else (high, f"below the best bid {bid:g}")
        return f"{what} for {waited / 1000:.0f} s, now at {price:g}, far {where}"

    def updated(self, at_ms: int) -> str:
        """The book took an update, while something was open or its sides are crossed."""
        self._ignored_ms = 0
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
