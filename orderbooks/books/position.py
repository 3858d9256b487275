"""How far a book has come in its stream, and whether a message comes after that or repeats it. Pure."""

from __future__ import annotations

from orderbooks.books.book import Book
from streams.feeds.base import Delta, Feed, Link, Snapshot


class StreamPosition:
    """The number and the times (milliseconds) of the last message in the book.

    last_id: the venue's sequence number. exchange_ms: the exchange's time. sent_ms: when the venue sent it, which
    orders messages. snapshot: the one that the book was loaded from, until an update is applied: so long the rule for
    the first update applies, and the same snapshot again is a duplicate.
    """

    __slots__ = ("_feed", "_snapshot_id", "_snapshot_sent_ms", "exchange_ms", "last_id", "sent_ms", "snapshot")

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.last_id: int | None = None
        self.exchange_ms: int | None = None
        self.sent_ms: int | None = None
        self.snapshot: Snapshot | None = None
        self._snapshot_id: int | None = None
        self._snapshot_sent_ms: int | None = None

    def begin(self, snapshot: Snapshot) -> None:
        """The book was loaded from this snapshot."""
        self.snapshot = snapshot
        self.last_id = self._snapshot_id = snapshot.last_id
        self.exchange_ms = snapshot.exchange_ms or self.exchange_ms
        self._snapshot_sent_ms = sent(snapshot)
        self.sent_ms = self._snapshot_sent_ms or self.sent_ms

    def advance(self, delta: Delta, exchange_ms: int | None) -> None:
        """The update is in the book."""
        if delta.last_id is not None:
            self.last_id = delta.last_id
        self.exchange_ms = exchange_ms
        self.sent_ms = delta.sent_ms or exchange_ms
        self.snapshot = None

    def link(self, delta: Delta) -> Link:
        """How the update follows, by the venue's sequence rule."""
        rule = self._feed.link if self.snapshot is None else self._feed.joins
        return rule(delta, self.last_id)

    def is_newer(self, message: Delta | Snapshot) -> bool:
        """Whether the venue sent the message after the last one in the book."""
        sent_ms = sent(message)
        return sent_ms is not None and self.sent_ms is not None and sent_ms > self.sent_ms

    def is_older(self, delta: Delta) -> bool:
        sent_ms = sent(delta)
        return sent_ms is not None and self.sent_ms is not None and sent_ms < self.sent_ms

    def is_known(self, delta: Delta, link: Link, book: Book) -> bool:
        """Whether an update that does not follow is in the book already, or came before it.

        Where numbers may restart they do not decide: a lower one at a newer time is the venue's new count, whose
        first message was missed, and a higher one at an older time is of the count before. Known is the book's very
        number, if the update changes nothing, and what is strictly older. Elsewhere an old number is old. The exception
        is one from before the snapshot at a newer time; one that the book has passed since its snapshot is a slower
        stream of the same updates (depth beside depth@100ms).
        """
        sent_ms, last_ms = sent(delta), self.sent_ms
        if sent_ms is None or last_ms is None:
            return link is Link.OLD and (not self._feed.counts_anew or delta.last_id == self.last_id)
        if self._feed.counts_anew:
            return sent_ms < last_ms or (
                delta.last_id == self.last_id and (sent_ms == last_ms or book.contains(delta.bids, delta.asks))
            )
        if link is not Link.OLD:
            return False
        return not (self.snapshot is None and (delta.last_id or 0) <= (self._snapshot_id or 0) and sent_ms > last_ms)

    def is_known_snapshot(self, snapshot: Snapshot, book: Book) -> bool:
        """Whether a snapshot came twice, or late: it is the one just loaded, or strictly older than the book.

        The number alone does not decide where a venue may restart its numbers: the book's own number is known if the
        snapshot shows the same book.
        """
        if snapshot == self.snapshot:
            return True
        sent_ms, last_ms = sent(snapshot), self.sent_ms
        if sent_ms is None or last_ms is None:
            return False
        if sent_ms < last_ms:
            return True
        if snapshot.last_id is None:
            return False
        if (snapshot.last_id, sent_ms) == (self._snapshot_id, self._snapshot_sent_ms):
            return True
        return snapshot.last_id == self.last_id and book.is_equal(snapshot)


def sent(message: Delta | Snapshot) -> int | None:
    """When the venue sent the message, in milliseconds; None where the message has no time."""
    return message.sent_ms or message.exchange_ms


def number_range(delta: Delta) -> str:
    """The update's sequence numbers, for people."""
    first = delta.first_id if delta.first_id is not None else delta.previous_id
    return f"{first}..{delta.last_id}"
