"""What the engine is told to feed: one symbol's book, as the engine sees it."""

from __future__ import annotations

from typing import Protocol

from streams.feeds.base import Message, Snapshot


class BookTarget(Protocol):
    """Takes a symbol's messages in order, from the loop's thread, and says how its book stands."""

    @property
    def in_sync(self) -> bool: ...

    @property
    def last_id(self) -> int | None:
        """The sequence number that the book stands at; None without a book, or where the venue has no numbers."""
        ...

    contradicted: bool
    """The venue's own word was against the book: its stream is not to be trusted, and is subscribed anew. Cleared by
    whoever does so."""

    def agrees(self, snapshot: Snapshot) -> bool:
        """Whether the best of the book, prices and sizes, is the snapshot's."""
        ...

    def message(self, message: Message, received_ns: int) -> bool:
        """Take a message; whether a snapshot is needed. Raises MalformedFrame for a content that nothing can have."""
        ...

    def interrupted(self, reason: str) -> None:
        """Messages are missing from here on: out of sync until the next snapshot."""
        ...
