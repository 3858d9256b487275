"""The synchronisation of one book: from the first update to a proven book, through gaps, and back.

    no snapshot ──snapshot fits──▶ in sync ──gap, wrong checksum, contradiction, connection lost──▶ no snapshot …

Updates that come while there is no snapshot are buffered, at most so many, the oldest given up first: a snapshot that
is older than what was given up does not fit, and another one is asked for. The listener is told only of a book that is
in sync.
"""

from __future__ import annotations

from collections import deque

import msgspec

from orderbooks.books.book import Book
from orderbooks.books.doubt import Doubt
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
# A snapshot to renew a book that is in sync has so many updates' time to come. The next one is asked for later.
_RENEWAL_UPDATES = 300
_RENEWAL_PAUSE_MS = 60_000
_NOTHING_GREW = (None, None)


class Resync(msgspec.Struct, frozen=True):
    """A snapshot of this symbol is wanted, and of no other."""

    symbol: str
    reason: str
    contradiction: bool = False
    """The numbers were in order; the venue's own word was against the book."""


class BookSynchronizer:
    """One symbol of one feed. Single-threaded; no clock: times come with the messages."""

    def __init__(
        self,
        feed: Feed,
        symbol: str,
        listener: BookListener | None = None,
        scoring: Scoring | None = None,
        contract: ContractValue | None = None,
        counters: Counters | None = None,
        max_buffered: int = MAX_BUFFERED,
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
        self.last_id: int | None = None
        self.last_exchange_ms: int | None = None
        self.last_sent_ms: int | None = None
        """When the venue sent the last of what is in the book: what is newer and what older."""
        self.wants: str | None = None
        """Why a snapshot is waited for; None while none is."""
        self._scorer = Scorer(self.book, feed.venue, symbol, scoring or Scoring(), self.counters)
        self._doubt = Doubt(self.book, not feed.whole_updates)
        self._renew_after_ms = 0
        self._buffer: deque[Delta] = deque(maxlen=max_buffered)
        self._ever_in_sync = False
        # No update has been applied since the snapshot: the rule for the first one holds, and the same snapshot again
        # is a duplicate.
        self._loaded: Snapshot | None = None
        self._snapshot_id: int | None = None
        self._snapshot_sent_ms: int | None = None

    @property
    def is_crossed(self) -> bool:
        """For a moment that may be so; longer, and it is given up."""
        return self._doubt.is_crossed

    def take(self, message: Message, received_ns: int = 0) -> Resync | None:
        """Apply what came. A Resync is returned once when the book begins to need a snapshot.

        Raises MalformedFrame for prices or sizes that no order can have; then nothing was applied.
        """
        try:
            if isinstance(message, Delta):
                return self._take_delta(message, received_ns)
            if isinstance(message, Trade):
                if self.in_sync:
                    if self.listener is not None:
                        self._tell_trade(message, self.listener)
                    doubt, price, at_ms = self._doubt, message.price, message.exchange_ms
                    if at_ms < doubt.fine_until_ms and doubt.fine_from <= price <= doubt.fine_to:
                        return None
                    if message.beside_book:
                        return None
                    return self._contradict(doubt.seen("trades", price, price, at_ms, self.last_exchange_ms or 0))
            elif isinstance(message, Snapshot):
                return self._take_snapshot(message, received_ns)
            elif isinstance(message, Ticker):
                if self.in_sync:
                    received_ms, last_ms = received_ns // 1_000_000, self.last_exchange_ms or 0
                    return self._contradict(self._doubt.quoted(message, received_ms, last_ms))
            elif isinstance(message, Checksum) and self.in_sync and not self._proven(message.value):
                return self._lost(f"checksum {message.value} is not this book's", None)
        except BadLevel as error:
            raise MalformedFrame(f"{self.symbol}: {error}") from None
        return None

    def lost(self, reason: str) -> None:
        """The connection is gone: what is buffered is worth nothing, and the next update asks for a snapshot."""
        self._leave_sync(reason, None)
        self._buffer.clear()
        self.wants = None

    def missed(self, reason: str) -> Resync:
        """The connection lives and may have missed something of this book."""
        return self._lost(reason, None)

    def passed_over(self, received_ns: int) -> Resync | None:
        """The venue told something of the pair's book that this book is not made from."""
        return self._ignore(received_ns) if self.in_sync else None

    @property
    def is_unfollowed(self) -> bool:
        """A snapshot over REST made the book, and no update has met it yet."""
        return self._loaded is not None and self.feed.snapshot_over_rest

    def settle(self) -> None:
        """Count the additions that wait for their batch."""
        if self.last_exchange_ms is not None:
            self._scorer.take_statistics(self.last_exchange_ms)

    def _tell_trade(self, trade: Trade, listener: BookListener) -> None:
        size = self.book.in_base(trade.size, trade.price)
        listener.traded(self.symbol, trade.price, size, trade.taker_buys, trade.exchange_ms)

    def _take_delta(self, delta: Delta, received_ns: int) -> Resync | None:
        if not self.in_sync:
            self._put_by(delta)
            if self.wants is None:
                return self._want("an update came before any snapshot")
            return None
        rule = self.feed.joins if self._loaded is not None else self.feed.link
        link = rule(delta, self.last_id)
        if link is Link.FOLLOWS:
            return self._follow(delta, received_ns)
        if self._is_known(delta, link):
            self.counters.duplicates += 1
            if self.feed.counts_anew and self._is_newer(delta):
                # The venue's word of now, which the book has.
                self._doubt.confirmed()
                return None
            return self._ignore(received_ns)
        self.counters.gaps += 1
        reason = f"a gap: {_numbers(delta)} does not follow {self.last_id}"
        resync = self._lost(reason, delta.exchange_ms)
        self._put_by(delta)
        return resync

    def _is_known(self, delta: Delta, link: Link) -> bool:
        """Whether an update that does not follow is in the book already, or came before it.

        Where numbers may begin anew they do not tell: a lower one at a newer time is the venue's new count, whose first
        word was missed, and a higher one at an older time is of the count before. Known is the very number that the
        book stands at, if it says what is there, and what is strictly older. Elsewhere an old number is old, but for
        one from before the snapshot at a newer time; one that the book has passed since its snapshot is a slower
        stream of the same updates (depth beside depth@100ms).
        """
        sent_ms, last_ms = _sent(delta), self.last_sent_ms
        if sent_ms is None or last_ms is None:
            return link is Link.OLD and (not self.feed.counts_anew or delta.last_id == self.last_id)
        if self.feed.counts_anew:
            return sent_ms < last_ms or (
                delta.last_id == self.last_id and (sent_ms == last_ms or self.book.holds(delta.bids, delta.asks))
            )
        if link is not Link.OLD:
            return False
        return not (self._loaded is None and (delta.last_id or 0) <= (self._snapshot_id or 0) and sent_ms > last_ms)

    def _is_newer(self, message: Delta | Snapshot) -> bool:
        sent_ms = _sent(message)
        return sent_ms is not None and self.last_sent_ms is not None and sent_ms > self.last_sent_ms

    def _is_older(self, delta: Delta) -> bool:
        sent_ms = _sent(delta)
        return sent_ms is not None and self.last_sent_ms is not None and sent_ms < self.last_sent_ms

    def _ignore(self, received_ns: int) -> Resync | None:
        """The venue sent what is no news to this book."""
        return self._contradict(self._doubt.ignored(received_ns // 1_000_000))

    def _contradict(self, reason: str) -> Resync | None:
        """reason: what speaks against a book in sync; nothing does where it is empty."""
        if not reason:
            return None
        self.counters.gaps += 1
        self.counters.contradictions += 1
        return msgspec.structs.replace(self._lost(f"a contradiction: {reason}", None), contradiction=True)

    def _follow(self, delta: Delta, received_ns: int) -> Resync | None:
        exchange_ms = delta.exchange_ms
        if exchange_ms is None:
            exchange_ms = received_ns // 1_000_000 or self.last_exchange_ms or 0
        listener, book = self.listener, self.book
        if listener is not None:
            listener.before_apply(self.symbol, book, exchange_ms)
        grown = book.apply(delta.bids, delta.asks)
        self._stand_at(delta, exchange_ms)
        if delta.checksum is not None and not self._proven(delta.checksum):
            return self._lost(f"checksum {delta.checksum} is not this book's", exchange_ms)
        doubt = self._doubt
        doubt.fine_until_ms = 0
        bid, ask = book.bids.best, book.asks.best
        if doubt.is_open or (bid is not None and ask is not None and bid >= ask):
            against = doubt.updated(exchange_ms)
            if against:
                return self._contradict(against)
        orders: list[ScoredOrder] = []
        if grown != _NOTHING_GREW:
            orders = self._scorer.judge(grown, exchange_ms, received_ns)
        if exchange_ms >= self._scorer.due_ms:
            self._scorer.take_statistics(exchange_ms)
        if listener is not None:
            for statistics in self._scorer.sides:
                if statistics.watched:
                    for price in statistics.vanished():
                        listener.vanished(self.symbol, statistics.side.is_bid, price, exchange_ms)
            listener.applied(self.symbol, book, exchange_ms, orders)
        if self.wants is not None:
            self._buffer_for_renewal(delta)
        elif book.nears_the_end_of_its_snapshot and exchange_ms >= self._renew_after_ms:
            # The chain is whole, so the book stays; the new snapshot is laid under it when it comes.
            self._put_by(delta)
            self._renew_after_ms = exchange_ms + _RENEWAL_PAUSE_MS
            return self._want("the price nears the end of its snapshot")
        return None

    def _buffer_for_renewal(self, delta: Delta) -> None:
        if len(self._buffer) < _RENEWAL_UPDATES:
            self._put_by(delta)
        else:
            self._buffer.clear()
            self.wants = None

    def _take_snapshot(self, snapshot: Snapshot, received_ns: int) -> Resync | None:
        if self.in_sync:
            if self.feed.snapshot_over_rest:
                return self._renew(snapshot) if self.wants is not None else None
            if not snapshot.anew and self._is_known_snapshot(snapshot):
                self.counters.duplicates += 1
                if self._is_newer(snapshot) and self.book.is_equal(snapshot):
                    self._doubt.confirmed()
                    return None
                return self._ignore(received_ns)
        if snapshot.anew:
            self._buffer.clear()
        before = self.in_sync
        if before and self.listener is not None:
            self.listener.before_apply(self.symbol, self.book, snapshot.exchange_ms or self.last_exchange_ms or 0)
        self.book.load(snapshot)
        self._loaded = snapshot
        self.last_id = self._snapshot_id = snapshot.last_id
        self.last_exchange_ms = snapshot.exchange_ms or self.last_exchange_ms
        self._snapshot_sent_ms = _sent(snapshot)
        self.last_sent_ms = self._snapshot_sent_ms or self.last_sent_ms
        if snapshot.checksum is not None and not self._proven(snapshot.checksum):
            return self._lost(f"checksum {snapshot.checksum} is not its snapshot's", snapshot.exchange_ms)
        fault = self._catch_up()
        if fault is not None:
            return self._lost(fault, None, keep_buffer=True)
        self._enter_sync(before, received_ns, snapshot.anew)
        return None

    def _is_known_snapshot(self, snapshot: Snapshot) -> bool:
        """A snapshot that came twice, or late: the one just loaded, or one that is strictly older than the book.

        Its number says nothing where a venue may begin anew; the book's own number is known if it says the same.
        """
        if snapshot == self._loaded:
            return True
        sent_ms, last_ms = _sent(snapshot), self.last_sent_ms
        if sent_ms is None or last_ms is None:
            return False
        if sent_ms < last_ms:
            return True
        if snapshot.last_id is None:
            return False
        if (snapshot.last_id, sent_ms) == (self._snapshot_id, self._snapshot_sent_ms):
            return True
        return snapshot.last_id == self.last_id and self.book.is_equal(snapshot)

    def _catch_up(self) -> str | None:
        """Apply what was buffered and belongs behind the snapshot. Returns why it does not fit, None when it does."""
        buffered = sorted(self._buffer, key=lambda delta: delta.last_id or 0)
        for delta in buffered:
            rule = self.feed.joins if self._loaded is not None else self.feed.link
            link = rule(delta, self.last_id)
            if self.feed.counts_anew and self._is_older(delta):
                # Of the count before: that its number follows this snapshot's is chance.
                continue
            if link is not Link.FOLLOWS and self.feed.counts_anew and self._is_newer(delta):
                # It came before this snapshot, and the venue sent it after: the snapshot is an old one that came late.
                return f"the snapshot at {self.last_id} is older than the stream, which stands at {_numbers(delta)}"
            if link is Link.BREAKS and not self.feed.snapshot_over_rest:
                # Sent before this snapshot and its numbering: what follows it will prove it.
                break
            if link is Link.BREAKS:
                return f"the snapshot at {self.last_id} is older than the stream, which begins with {_numbers(delta)}"
            if link is Link.FOLLOWS:
                self.book.apply(delta.bids, delta.asks)
                self._stand_at(delta, delta.exchange_ms or self.last_exchange_ms)
                if delta.checksum is not None and not self._proven(delta.checksum):
                    return f"checksum {delta.checksum} is not this book's"
        self._buffer.clear()
        return None

    def _renew(self, snapshot: Snapshot) -> Resync | None:
        """Lay a new snapshot under a book that is in sync, with the updates that came since it was asked for."""
        if snapshot.last_id is None or self.last_id is None:
            return None
        at = self.last_id
        behind = [delta for delta in self._buffer if self.feed.joins(delta, snapshot.last_id) is not Link.OLD]
        fits = behind and self.feed.joins(behind[0], snapshot.last_id) is Link.FOLLOWS
        if not fits and snapshot.last_id != at:
            # Ahead of the stream, or older than what was buffered: another one will do.
            return Resync(self.symbol, f"the snapshot at {snapshot.last_id} does not meet the stream at {at}")
        # What these updates added has been taken before.
        self._scorer.take_statistics(self.last_exchange_ms or 0)
        self.book.load(snapshot)
        for delta in behind:
            self.book.apply(delta.bids, delta.asks)
        self.book.forget_gains()
        self._buffer.clear()
        self.wants = None
        return None

    def _enter_sync(self, before: bool, received_ns: int, anew: bool) -> None:
        self.in_sync = True
        self.wants = None
        self._doubt.forget()
        if self._ever_in_sync and not anew:
            self.counters.resyncs += 1
        self._ever_in_sync = True
        exchange_ms = self.last_exchange_ms or received_ns // 1_000_000
        self._scorer.forget()
        if self.listener is None:
            return
        if before:
            self.listener.applied(self.symbol, self.book, exchange_ms, [])
        else:
            self.listener.synced(self.symbol, self.book, exchange_ms)

    def _lost(self, reason: str, exchange_ms: int | None, *, keep_buffer: bool = False) -> Resync:
        self._leave_sync(reason, exchange_ms)
        if not keep_buffer:
            self._buffer.clear()
        return self._want(reason)

    def _leave_sync(self, reason: str, exchange_ms: int | None) -> None:
        if not self.in_sync:
            return
        self.in_sync = False
        self._loaded = None
        self._doubt.forget()
        if self.listener is not None:
            self.listener.lost_sync(self.symbol, reason, exchange_ms or self.last_exchange_ms)

    def _want(self, reason: str) -> Resync:
        self.wants = reason
        return Resync(self.symbol, reason)

    def _put_by(self, delta: Delta) -> None:
        if delta.last_id is None:
            # Without a number nobody can say whether it came before or after a snapshot.
            return
        if len(self._buffer) == self._buffer.maxlen:
            self.counters.dropped += 1
        self._buffer.append(delta)

    def _stand_at(self, delta: Delta, exchange_ms: int | None) -> None:
        if delta.last_id is not None:
            self.last_id = delta.last_id
        self.last_exchange_ms = exchange_ms
        self.last_sent_ms = delta.sent_ms or exchange_ms
        self._loaded = None

    def _proven(self, checksum: int) -> bool:
        count = self.feed.checksum_levels
        book = self.book
        own = self.feed.checksum(book.texts(book.bids, count), book.texts(book.asks, count))
        self.counters.checksums_checked += 1
        if own != checksum:
            self.counters.checksums_failed += 1
        return own == checksum


def _sent(message: Delta | Snapshot) -> int | None:
    return message.sent_ms or message.exchange_ms


def _numbers(delta: Delta) -> str:
    first = delta.first_id if delta.first_id is not None else delta.previous_id
    return f"{first}..{delta.last_id}"
