"""Evidence against a book whose numbers are in order: it takes nothing, it is crossed, trades or quotes are elsewhere.

Numbers prove that a book follows its stream. They do not show a stream that has died alone, or two that were taken for
one. What the venue says of the pair besides does. Pure: times come with the messages, in milliseconds.
"""

from __future__ import annotations

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


def dead(waited_ms: int) -> str:
    """Why a book is not to be believed that took nothing for so long while the venue went on; nothing while it is."""
    if waited_ms < IGNORED_MS:
        return ""
    return f"nothing was taken for {waited_ms / 1000:.0f} s while the venue went on sending"


class Doubt:
    """What speaks against one book. What takes evidence returns why the book is not to be believed, or nothing."""

    __slots__ = ("_count", "_crossed_count", "_crossed_ms", "_ignored_ms", "_outside_ms", "outside")

    def __init__(self) -> None:
        self._ignored_ms = 0
        self.outside = 0
        """On which side the last trade or quote was out of bounds: 1 above, −1 below."""
        self._count, self._outside_ms = 0, 0
        self._crossed_ms, self._crossed_count = 0, 0

    def forget(self) -> None:
        """The book was replaced or given up."""
        self._ignored_ms, self.outside = 0, 0
        self.uncrossed()

    def taken(self) -> None:
        """The book took an update: it is not dead."""
        self._ignored_ms = 0

    def ignored(self, received_ms: int) -> str:
        """The venue sent something for the pair that is not in the book. received_ms: 0 where nobody knows."""
        if not self._ignored_ms:
            self._ignored_ms = received_ms
            return ""
        return dead(received_ms - self._ignored_ms) if received_ms else ""

    def seen(self, what: str, low: float, high: float, bid: float, ask: float, at_ms: int, book_ms: int | None) -> str:
        """A trade (low = high) or quote of the venue beside the book's best prices."""
        if low > ask * (1 + OUTSIDE_SHARE):
            side = 1
        elif high < bid * (1 - OUTSIDE_SHARE):
            side = -1
        else:
            self.outside = 0
            return ""
        if book_ms is not None and at_ms < book_ms - _LATE_MS:
            return ""
        if side != self.outside:
            self.outside, self._count, self._outside_ms = side, 1, at_ms
            return ""
        self._count += 1
        waited = at_ms - self._outside_ms
        if waited < OUTSIDE_MS or self._count < OUTSIDE_LEAST:
            return ""
        price, where = (low, f"above the best ask {ask:g}") if side > 0 else (high, f"below the best bid {bid:g}")
        return f"{what} for {waited / 1000:.0f} s, now at {price:g}, far {where}"

    def crossed(self, bid: float, ask: float, at_ms: int, by_level: bool) -> str:
        """After an update the best bid is not below the best ask. by_level: the update was a single level."""
        if not self._crossed_count:
            self._crossed_ms = at_ms
        self._crossed_count += 1
        waited = at_ms - self._crossed_ms
        if by_level:
            wrong = waited >= CROSSED_BY_LEVEL_MS
        else:
            wrong = waited >= CROSSED_MS or self._crossed_count >= CROSSED_UPDATES
        return f"crossed: the best bid {bid:g} is not below the best ask {ask:g}" if wrong else ""

    def uncrossed(self) -> None:
        self._crossed_ms, self._crossed_count = 0, 0

    @property
    def is_crossed(self) -> bool:
        return self._crossed_count > 0
