"""Synchronises one book with its stream: from the first update to a proven book, through gaps, and back.

    no snapshot ──snapshot fits──▶ in sync ──gap, wrong checksum, contradiction, connection lost──▶ no snapshot …

While there is no snapshot, updates are buffered. The buffer is bounded and drops the oldest: a snapshot that is older
than what was dropped does not fit, and another one is needed. The listener is called only while the book is in sync.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from orderbooks.books.book import Book
from orderbooks.books.doubt import Doubt
from orderbooks.books.position import StreamPosition, number_range
from orderbooks.books.side import BadLevel
from orderbooks.books.whale_score import Counters, Scorer, Scoring
from orderbooks.records import BookListener, ScoredOrder
from streams.feeds.base import (
    Checksum,
    ContractValue,
    Delta,
    Feed,
    Link,
    MalformedFrame,
    Message,
    Snapshot,
    Ticker,
    Trade,
)

MAX_BUFFERED = 1000
# A snapshot that renews a book in sync has to come within this many updates; the next one is requested later.
_RENEWAL_UPDATES = 300
_RENEWAL_PAUSE_MS = 60_000
_NOTHING_GREW = (None, None)


class BookSynchronizer:
    """One symbol of one feed: a `BookTarget` of the engine. Single-threaded; no clock: times come with the messages.

    on_contradiction: called with symbol and reason when a book is given up although its numbers are in order.
    """

    def __init__(
        self,
        feed: Feed,
        symbol: str,
        listener: BookListener | None = None,
        scoring: Scoring | None = None,
        contract: ContractValue | None = None,
        counters: Counters | None = None,
        max_buffered: int = MAX_BUFFERED,
        on_contradiction: Callable[[str, str], None] | None = None,
    ) -> None:
        self.feed = feed
        self.symbol = symbol
        self.listener = listener
        self.counters = counters if counters is not None else Counters()
        self.book = Book(
            keeps_text=feed.keeps_text,
            depths=feed.depths,
            window=feed.window,
            truncates=feed.truncates,
            contract=contract,
        )
        self.in_sync = False
        self.contradicted = False
        """The venue's other messages contradict the book. Cleared by the engine when it subscribes again."""
        self.position = StreamPosition(feed)
        self.needs_snapshot: str | None = None
        """Why a snapshot is needed; None while none is."""
        self._on_contradiction = on_contradiction
        self._scorer = Scorer(self.book, feed.venue, symbol, scoring or Scoring(), self.counters)
        self._doubt = Doubt(self.book, not feed.complete_updates)
        self._renew_after_ms = 0
        self._buffer: deque[Delta] = deque(maxlen=max_buffered)
        self._ever_in_sync = False

    @property
    def last_id(self) -> int | None:
        """The sequence number of a book in sync; None without one, or where the venue has no numbers."""
        return self.position.last_id if self.in_sync else None

    @property
    def is_crossed(self) -> bool:
        """Whether the best bid is at or above the best ask: normal for a moment; if it lasts, the book is given up."""
        return self._doubt.is_crossed

    @property
    def is_unfollowed(self) -> bool:
        """Whether a snapshot over REST made the book, and no update has followed it yet."""
        return self.position.snapshot is not None and self.feed.snapshot_over_rest

    def agrees(self, snapshot: Snapshot) -> bool:
        """Whether the best prices and sizes of the book are the snapshot's."""
        return self.book.has_best_of(snapshot)

    def take(self, message: Message, received_ns: int = 0) -> bool:
        """Apply a message. Returns whether a snapshot is needed; `needs_snapshot` has the reason.

        Raises MalformedFrame for prices or sizes that no order can have; then nothing was applied.
        """
        try:
            if isinstance(message, Delta):
                self._take_delta(message, received_ns)
            elif isinstance(message, Trade):
                # Inline: most messages are trades.
                if self.in_sync:
                    price, at_ms = message.price, message.exchange_ms
                    if self.listener is not None:
                        size = self.book.in_base(message.size, price)
                        self.listener.traded(self.symbol, price, size, message.taker_buys, at_ms)
                    doubt = self._doubt
                    is_fine = at_ms < doubt.fine_until_ms and doubt.fine_from <= price <= doubt.fine_to
                    if not (is_fine or message.beside_book):
                        self._contradict(doubt.seen("trades", price, price, at_ms, self.position.exchange_ms or 0))
            elif isinstance(message, Snapshot):
                self._take_snapshot(message, received_ns)
            elif isinstance(message, Ticker):
                if self.in_sync:
                    received_ms, last_ms = received_ns // 1_000_000, self.position.exchange_ms or 0
                    self._contradict(self._doubt.quoted(message, received_ms, last_ms))
            elif isinstance(message, Checksum) and self.in_sync and not self._checksum_agrees(message.value):
                self._lose(f"checksum {message.value} is not this book's", None)
        except BadLevel as error:
            raise MalformedFrame(f"{self.symbol}: {error}") from None
        return self.needs_snapshot is not None

    def interrupted(self, reason: str) -> None:
        """The connection is lost: the buffer is worthless, and the next update will need a snapshot."""
        self._leave_sync(reason, None)
        self._buffer.clear()
        self.needs_snapshot = None

    def missed(self, reason: str) -> None:
        """The connection goes on and may have missed messages of this book."""
        self._lose(reason, None)

    def other_channel(self, received_ns: int) -> None:
        """The venue sent something about the pair's book on a channel that this book is not made from."""
        if self.in_sync:
            self._ignore(received_ns)

    def flush(self) -> None:
        """Count the additions that wait for their batch."""
        if self.position.exchange_ms is not None:
            self._scorer.take_statistics(self.position.exchange_ms)

    def _take_delta(self, delta: Delta, received_ns: int) -> None:
        position = self.position
        if not self.in_sync:
            self._buffer_update(delta)
            if self.needs_snapshot is None:
                self.needs_snapshot = "an update came before any snapshot"
            return
        link = position.link(delta)
        if link is Link.FOLLOWS:
            self._follow(delta, received_ns)
        elif position.is_known(delta, link, self.book):
            self.counters.duplicates += 1
            if self.feed.counts_anew and position.is_newer(delta):
                # The venue's current state, which the book has already.
                self._doubt.confirmed()
            else:
                self._ignore(received_ns)
        else:
            self.counters.gaps += 1
            self._lose(f"a gap: {number_range(delta)} does not follow {position.last_id}", delta.exchange_ms)
            self._buffer_update(delta)

    def _ignore(self, received_ns: int) -> None:
        """The venue sent something that does not change this book."""
        self._contradict(self._doubt.ignored(received_ns // 1_000_000))

    def _contradict(self, reason: str) -> None:
        """reason: the evidence against a book in sync; empty: there is none."""
        if not reason:
            return
        self.counters.gaps += 1
        self.counters.contradictions += 1
        self._lose(f"a contradiction: {reason}", None)
        self.contradicted = True
        if self._on_contradiction is not None:
            self._on_contradiction(self.symbol, f"a contradiction: {reason}")

    def _follow(self, delta: Delta, received_ns: int) -> None:
        exchange_ms = delta.exchange_ms
        if exchange_ms is None:
            exchange_ms = received_ns // 1_000_000 or self.position.exchange_ms or 0
        listener, book = self.listener, self.book
        if listener is not None:
            listener.before_apply(self.symbol, book, exchange_ms)
        grown = book.apply(delta.bids, delta.asks)
        self.position.advance(delta, exchange_ms)
        if delta.checksum is not None and not self._checksum_agrees(delta.checksum):
            self._lose(f"checksum {delta.checksum} is not this book's", exchange_ms)
            return
        doubt = self._doubt
        doubt.fine_until_ms = 0
        bid, ask = book.bids.best, book.asks.best
        if doubt.is_open or (bid is not None and ask is not None and bid >= ask):
            against = doubt.updated(exchange_ms)
            if against:
                self._contradict(against)
                return
        orders: list[ScoredOrder] = []
        if grown != _NOTHING_GREW:
            orders = self._scorer.score(grown, exchange_ms, received_ns)
        if exchange_ms >= self._scorer.due_ms:
            self._scorer.take_statistics(exchange_ms)
        if listener is not None:
            for statistics in self._scorer.sides:
                if statistics.watched:
                    for price in statistics.vanished():
                        listener.vanished(self.symbol, statistics.side.is_bid, price, exchange_ms)
            listener.applied(self.symbol, book, exchange_ms, orders)
        if self.needs_snapshot is not None:
            self._buffer_for_renewal(delta)
        elif book.nears_the_end_of_its_snapshot and exchange_ms >= self._renew_after_ms:
            # The chain is complete, so the book stays in sync; the new snapshot is laid under it when it comes.
            self._buffer_update(delta)
            self._renew_after_ms = exchange_ms + _RENEWAL_PAUSE_MS
            self.needs_snapshot = "the price nears the end of its snapshot"

    def _buffer_for_renewal(self, delta: Delta) -> None:
        if len(self._buffer) < _RENEWAL_UPDATES:
            self._buffer_update(delta)
        else:
            self._buffer.clear()
            self.needs_snapshot = None

    def _take_snapshot(self, snapshot: Snapshot, received_ns: int) -> None:
        position = self.position
        if self.in_sync:
            if self.feed.snapshot_over_rest:
                if self.needs_snapshot is not None:
                    self._renew(snapshot)
                return
            if not snapshot.anew and position.is_known_snapshot(snapshot, self.book):
                self.counters.duplicates += 1
                if position.is_newer(snapshot) and self.book.is_equal(snapshot):
                    self._doubt.confirmed()
                else:
                    self._ignore(received_ns)
                return
        if snapshot.anew:
            self._buffer.clear()
        before = self.in_sync
        if before and self.listener is not None:
            self.listener.before_apply(self.symbol, self.book, snapshot.exchange_ms or position.exchange_ms or 0)
        self.book.load(snapshot)
        position.begin(snapshot)
        if snapshot.checksum is not None and not self._checksum_agrees(snapshot.checksum):
            self._lose(f"checksum {snapshot.checksum} is not its snapshot's", snapshot.exchange_ms)
            return
        fault = self._catch_up()
        if fault is not None:
            self._lose(fault, None, keep_buffer=True)
        else:
            self._enter_sync(before, received_ns, snapshot.anew)

    def _catch_up(self) -> str | None:
        """Apply the buffered updates that come after the snapshot. Returns why it does not fit, None when it does."""
        position, feed = self.position, self.feed
        for delta in sorted(self._buffer, key=lambda delta: delta.last_id or 0):
            link = position.link(delta)
            if feed.counts_anew and position.is_older(delta):
                # Of the count before: that its number follows this snapshot's is chance.
                continue
            if link is not Link.FOLLOWS and feed.counts_anew and position.is_newer(delta):
                # It came before this snapshot, and the venue sent it after: the snapshot is an old one that came late.
                at = number_range(delta)
                return f"the snapshot at {position.last_id} is older than the stream, which is at {at}"
            if link is Link.BREAKS and not feed.snapshot_over_rest:
                # Sent before this snapshot and its numbering: what follows the snapshot will prove it.
                break
            if link is Link.BREAKS:
                first = number_range(delta)
                return f"the snapshot at {position.last_id} is older than the stream, which begins with {first}"
            if link is Link.FOLLOWS:
                self.book.apply(delta.bids, delta.asks)
                position.advance(delta, delta.exchange_ms or position.exchange_ms)
                if delta.checksum is not None and not self._checksum_agrees(delta.checksum):
                    return f"checksum {delta.checksum} is not this book's"
        self._buffer.clear()
        return None

    def _renew(self, snapshot: Snapshot) -> None:
        """Lay a new snapshot under a book in sync, with the updates that came since it was requested.

        A snapshot that does not meet the stream changes nothing: another one is still needed.
        """
        position = self.position
        if snapshot.last_id is None or position.last_id is None:
            return
        behind = [delta for delta in self._buffer if self.feed.joins(delta, snapshot.last_id) is not Link.OLD]
        fits = behind and self.feed.joins(behind[0], snapshot.last_id) is Link.FOLLOWS
        if not fits and snapshot.last_id != position.last_id:
            # Ahead of the stream, or older than the buffer.
            return
        # Additions of these updates have been counted before.
        self._scorer.take_statistics(position.exchange_ms or 0)
        self.book.load(snapshot)
        for delta in behind:
            self.book.apply(delta.bids, delta.asks)
        self.book.forget_gains()
        self._buffer.clear()
        self.needs_snapshot = None

    def _enter_sync(self, before: bool, received_ns: int, anew: bool) -> None:
        self.in_sync = True
        self.needs_snapshot = None
        self._doubt.forget()
        if self._ever_in_sync and not anew:
            self.counters.resyncs += 1
        self._ever_in_sync = True
        exchange_ms = self.position.exchange_ms or received_ns // 1_000_000
        self._scorer.forget()
        if self.listener is None:
            return
        if before:
            self.listener.applied(self.symbol, self.book, exchange_ms, [])
        else:
            self.listener.synced(self.symbol, self.book, exchange_ms)

    def _lose(self, reason: str, exchange_ms: int | None, *, keep_buffer: bool = False) -> None:
        """Leave sync and need a snapshot."""
        self._leave_sync(reason, exchange_ms)
        if not keep_buffer:
            self._buffer.clear()
        self.needs_snapshot = reason

    def _leave_sync(self, reason: str, exchange_ms: int | None) -> None:
        if not self.in_sync:
            return
        self.in_sync = False
        self.position.snapshot = None
        self._doubt.forget()
        if self.listener is not None:
            self.listener.lost_sync(self.symbol, reason, exchange_ms or self.position.exchange_ms)

    def _buffer_update(self, delta: Delta) -> None:
        if delta.last_id is None:
            # Without a number it cannot be ordered before or after a snapshot.
            return
        if len(self._buffer) == self._buffer.maxlen:
            self.counters.dropped += 1
        self._buffer.append(delta)

    def _checksum_agrees(self, checksum: int) -> bool:
        count = self.feed.checksum_levels
        book = self.book
        computed = self.feed.checksum(book.texts(book.bids, count), book.texts(book.asks, count))
        self.counters.checksums_checked += 1
        if computed != checksum:
            self.counters.checksums_failed += 1
        return computed == checksum
