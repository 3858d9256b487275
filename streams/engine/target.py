"""One symbol's book as the engine sees it: where a symbol's messages go."""

from __future__ import annotations

from typing import Protocol

from streams.feeds.base import Message, Snapshot


class BookTarget(Protocol):
    """Takes a symbol's messages in order, in the event loop's thread, and reports the state of its book."""

    @property
    def in_sync(self) -> bool: ...

    @property
    def last_id(self) -> int | None:
        """The sequence number of a book in sync; None without one, or where the venue has no numbers."""
        ...

    contradicted: bool
    """The venue's other messages contradict the book, so its stream is unreliable. The engine clears this when it
    subscribes to the stream again."""

    def agrees(self, snapshot: Snapshot) -> bool:
        """Whether the best prices and sizes of the book are the snapshot's."""
        ...

    def take(self, message: Message, received_ns: int) -> bool:
        """Apply a message. Returns whether a snapshot is needed. Raises MalformedFrame for impossible content."""
        ...

    def interrupted(self, reason: str) -> None:
        """Messages are missing from here on: the book is out of sync until the next snapshot."""
        ...
