"""From an old connection to a new one without a gap: pure, per symbol.

Both carry the symbol for a moment. What the old one brings is delivered until it has reached the point where the new
one began; from then on only the new one counts. Nothing is missed, and nothing comes twice but what the sequence
numbers show to be a repetition.
"""

from __future__ import annotations

from collections.abc import Callable

from streams.feeds.base import Delta, Link, Message, Snapshot

Arrived = tuple[Message, int]
"""A message, and when its frame came (nanoseconds)."""


class SymbolHandover:
    """link: the venue's sequence rule. last_id: the number that the book stands at, None where it has none: then the
    new connection counts at once."""

    def __init__(self, link: Callable[[Delta, int | None], Link], last_id: int | None, limit: int = 2000) -> None:
        self._link = link
        self._last_id = last_id
        self._limit = limit
        self._waiting: list[Arrived] = []

    def from_old(self, message: Message) -> list[Arrived] | None:
        """The old connection delivered this; what of the new one's is to be delivered if it takes over now."""
        if isinstance(message, Delta | Snapshot) and message.last_id is not None:
            self._last_id = message.last_id
        return self._joined()

    def from_new(self, message: Message, received_ns: int) -> list[Arrived] | None:
        """The new connection brought this; what is to be delivered if it takes over now, None: not yet."""
        if isinstance(message, Delta | Snapshot):
            self._waiting.append((message, received_ns))
        return self._joined()

    def at_last(self) -> list[Arrived]:
        """The old connection is gone or has had its time: what the new one brought so far, that is news."""
        return self._news()

    def _joined(self) -> list[Arrived] | None:
        if not self._waiting:
            return None
        first = self._waiting[0][0]
        if isinstance(first, Snapshot) or self._last_id is None or len(self._waiting) >= self._limit:
            return self._waiting
        assert isinstance(first, Delta)
        return None if self._link(first, self._last_id) is Link.BREAKS else self._news()

    def _news(self) -> list[Arrived]:
        """Without what the old connection has brought already."""
        return [
            (message, at)
            for message, at in self._waiting
            if self._last_id is None
            or isinstance(message, Snapshot)
            or (isinstance(message, Delta) and self._link(message, self._last_id) is not Link.OLD)
        ]
