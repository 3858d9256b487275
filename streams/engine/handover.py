"""Hands one symbol over from an old connection to a new one without a gap. Pure.

Both carry the symbol for a moment. Messages of the old one are delivered until it has reached the point where the new
one began; from then on only the new one counts. No message is missed, and only those come twice that the sequence
numbers show to be repetitions. Exact trades have a number of their own each, by which their target drops repetitions.
"""

from __future__ import annotations

from collections.abc import Callable

from streams.feeds.base import Delta, ExactTrade, Link, Message, Snapshot

Arrived = tuple[Message, int]
"""A message, and when its frame came (nanoseconds)."""


class SymbolHandover:
    """link: the venue's sequence rule. last_id: the book's sequence number; None: the new connection counts at once.
    limit: messages of the new connection that may wait."""

    def __init__(self, link: Callable[[Delta, int | None], Link], last_id: int | None, limit: int = 2000) -> None:
        self._link = link
        self._last_id = last_id
        self._limit = limit
        self._waiting: list[Arrived] = []

    def from_old(self, message: Message) -> list[Arrived] | None:
        """The old connection delivered a message. Returns what to deliver of the new one if it takes over now."""
        if isinstance(message, Delta | Snapshot | ExactTrade) and message.last_id is not None:
            self._last_id = message.last_id
        return self._joined()

    def from_new(self, message: Message, received_ns: int) -> list[Arrived] | None:
        """The new connection brought a message. Returns what to deliver if it takes over now; None: not yet."""
        if isinstance(message, Delta | Snapshot | ExactTrade):
            self._waiting.append((message, received_ns))
        return self._joined()

    def rest(self) -> list[Arrived]:
        """What to deliver of the new connection when the old one is gone, or was given long enough."""
        return self._not_delivered()

    def _joined(self) -> list[Arrived] | None:
        if not self._waiting:
            return None
        first = self._waiting[0][0]
        if isinstance(first, ExactTrade) and len(self._waiting) < self._limit:
            if first.first_id is None:
                # Without numbers nothing shows how far the old connection is.
                return None
            if self._last_id is not None and self._last_id < first.first_id:
                return None
            return self._waiting
        if isinstance(first, Snapshot) or self._last_id is None or len(self._waiting) >= self._limit:
            return self._waiting
        assert isinstance(first, Delta)
        return None if self._link(first, self._last_id) is Link.BREAKS else self._not_delivered()

    def _not_delivered(self) -> list[Arrived]:
        """What the new connection brought and the old one has not."""
        return [
            (message, at)
            for message, at in self._waiting
            if self._last_id is None
            or isinstance(message, Snapshot | ExactTrade)
            or (isinstance(message, Delta) and self._link(message, self._last_id) is not Link.OLD)
        ]
