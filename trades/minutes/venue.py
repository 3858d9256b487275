"""The minutes of one venue's pairs and the venue's clock. Pure: no clock of its own.

A minute is closed when the venue's clock, the latest trade time of any pair, is past its end by the grace: a quiet pair
sends nothing that would end its minutes. A row that was given too early is given again.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from streams.feeds.base import ExactTrade, Message, Snapshot
from streams.feeds.trades.base import Numbering
from trades.minutes.exact import Contract, minute_of
from trades.minutes.pair import GRACE_MS, Emit, MinuteCounters, NeedsRepair, PairMinutes
from trades.records import MINUTE_MS

# A trade time further ahead than this is a wrong stamp until another pair confirms it.
AHEAD_MS = 2 * MINUTE_MS
# As far behind it is a clock that was set, if another pair confirms it.
BEHIND_MS = 60 * MINUTE_MS
# Rows that have changed are given again together.
_REVISED_AFTER_MS = 1_000
# With one trade: 400 pairs at once would delay what follows.
_CLOSED_AT_ONCE = 16
# What a venue's time, when it is estimated, may be ahead by.
_ESTIMATE_MS = 2_000


class VenueMinutes:
    """emit: called with every row. needs_repair: called with every minute that a gap, a lost connection or a restart
    touches. Times called `now_ms` are from a local clock that is never set, None where there is none (a recording)."""

    def __init__(
        self, venue: str, numbering: Numbering, emit: Emit, needs_repair: NeedsRepair, grace_ms: int = GRACE_MS
    ) -> None:
        self.venue, self.counters = venue, MinuteCounters()
        self.clock_ms = 0
        self._clock_now_ms: int | None = None
        self._numbering, self._emit, self._needs_repair, self._grace_ms = numbering, emit, needs_repair, grace_ms
        self._pairs: dict[str, PairMinutes] = {}
        # When a minute is due, by the venue's clock; its end, and the pairs that still have to close it.
        self._due_ms = 0
        self._closing_ms = 0
        self._to_close: list[PairMinutes] = []
        self._changed: dict[PairMinutes, None] = {}
        self._revise_ms = 0
        # A trade far off the clock, until another confirms it.
        self._pending: ExactTrade | None = None

    def add(self, symbol: str, contract: Contract | None = None) -> PairMinutes:
        """Begin with a pair. contract: what its sizes count, where they are not coins."""
        pair = PairMinutes(self.venue, symbol, self._numbering, contract, self._emit, self._needs_repair, self.counters)
        self._pairs[symbol] = pair
        return pair

    def resume(self, symbol: str, minute_ms: int, last_id: int | None, close: Decimal | None) -> None:
        """Go on after the last row that was stored of a pair. last_id: its last known number, of that row or before."""
        self._pairs[symbol].resume(minute_ms, last_id, close)

    def forget(self, symbol: str) -> None:
        """Drop a pair that is not collected any more; its open minute becomes no row."""
        pair = self._pairs.pop(symbol, None)
        if pair is not None:
            self._changed.pop(pair, None)

    def last_id(self, symbol: str) -> int | None:
        """The highest number seen of a pair."""
        pair = self._pairs.get(symbol)
        return None if pair is None else pair.last_id

    def interrupted(self, symbol: str) -> None:
        """Trades of a pair may be missing from here on."""
        pair = self._pairs.get(symbol)
        if pair is not None:
            pair.interrupted(self.clock_ms)

    def traded(self, trade: ExactTrade, now_ms: int | None = None) -> None:
        """Count a trade of a known pair; others are ignored."""
        pair = self._pairs.get(trade.symbol)
        if pair is None:
            return
        exchange_ms, clock_ms = trade.exchange_ms, self.clock_ms
        if exchange_ms > clock_ms:
            if clock_ms and exchange_ms - self._expected(now_ms) > AHEAD_MS and not self._confirmed(trade, now_ms):
                return
            self.clock_ms, self._clock_now_ms = max(self.clock_ms, exchange_ms), now_ms
        elif clock_ms - exchange_ms > BEHIND_MS:
            if not self._confirmed(trade, now_ms):
                return
            self._set_back(exchange_ms, now_ms)
        if pair.traded(trade):
            self._mark(pair)
        if self.clock_ms >= self._due_ms or self._to_close:
            self._close(self.clock_ms)
        if self._changed and self.clock_ms >= self._revise_ms:
            self._revise()

    def seen(self, exchange_ms: int, now_ms: int | None = None) -> None:
        """Another message of the venue shows its clock."""
        if self.clock_ms < exchange_ms <= self._expected(now_ms) + AHEAD_MS:
            self.clock_ms, self._clock_now_ms = exchange_ms, now_ms
            if exchange_ms >= self._due_ms or self._to_close:
                self._close(exchange_ms)

    def elapsed(self, now_ms: int) -> None:
        """Called about once a second: closes the minutes of a venue none of whose pairs is traded, and what waits."""
        if not self.clock_ms or self._clock_now_ms is None:
            return
        venue_ms = self._expected(now_ms) - _ESTIMATE_MS
        if venue_ms >= self._due_ms or self._to_close:
            self._close(venue_ms)
        if self._changed and venue_ms >= self._revise_ms:
            self._revise()

    def finish(self) -> None:
        """The end of a recording: give every row, also of the minute that it ends in."""
        if self._pending is not None and self._clock_now_ms is None and self._pending.exchange_ms > self.clock_ms:
            # After a pause; nothing is left that could confirm it.
            self._take_pending(None)
        ended_ms = minute_of(self.clock_ms) + MINUTE_MS
        self._to_close.clear()
        for pair in self._pairs.values():
            pair.revise()
            pair.close_until(ended_ms)
            pair.revise()
        self._changed.clear()

    def _expected(self, now_ms: int | None) -> int:
        """The venue's clock, as far as the time since the last trade tells."""
        if now_ms is None or self._clock_now_ms is None:
            return self.clock_ms
        return self.clock_ms + max(0, now_ms - self._clock_now_ms)

    def _confirmed(self, trade: ExactTrade, now_ms: int | None) -> bool:
        """Whether a second pair (or the only one) confirms a jump: one wrong stamp must not end all minutes. The trade
        that it confirms is counted with it."""
        pending = self._pending
        if pending == trade:
            return False
        if pending is None:
            self._pending = trade
            return False
        # Without a local clock a pause cannot be told from a wrong stamp: the pair's own next trade has to do.
        another = pending.symbol != trade.symbol or len(self._pairs) == 1 or now_ms is None
        if not another or abs(pending.exchange_ms - trade.exchange_ms) > AHEAD_MS:
            self.counters.strange += 1
            self._pending = trade
            return False
        if trade.exchange_ms < self.clock_ms:
            self._set_back(trade.exchange_ms, now_ms)
        self._take_pending(now_ms)
        return True

    def _take_pending(self, now_ms: int | None) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self.clock_ms, self._clock_now_ms = max(self.clock_ms, pending.exchange_ms), now_ms
            pair = self._pairs.get(pending.symbol)
            if pair is not None and pair.traded(pending):
                self._mark(pair)

    def _set_back(self, exchange_ms: int, now_ms: int | None) -> None:
        """The venue's clock was set back by more than an hour: begin anew from this time."""
        if self.clock_ms - exchange_ms <= BEHIND_MS:
            return
        self.clock_ms, self._clock_now_ms = exchange_ms, now_ms
        self._due_ms = self._closing_ms = self._revise_ms = 0
        self._to_close.clear()
        self._changed.clear()
        for pair in self._pairs.values():
            pair.begin_anew()

    def _mark(self, pair: PairMinutes) -> None:
        if not self._changed:
            self._revise_ms = self.clock_ms + _REVISED_AFTER_MS
        self._changed[pair] = None

    def _close(self, venue_ms: int) -> None:
        ended_ms = minute_of(venue_ms - self._grace_ms)
        if ended_ms > self._closing_ms:
            # Those that have not closed the minute before close both.
            self._closing_ms, self._to_close = ended_ms, list(self._pairs.values())
        for pair in self._to_close[-_CLOSED_AT_ONCE:]:
            if pair in self._changed:
                # Before the oldest rows are forgotten.
                del self._changed[pair]
                pair.revise()
            pair.close_until(self._closing_ms)
        del self._to_close[-_CLOSED_AT_ONCE:]
        self._due_ms = self._closing_ms + MINUTE_MS + self._grace_ms

    def _revise(self) -> None:
        changed, self._changed = list(self._changed), {}
        for pair in changed:
            pair.revise()


class MinutesTarget:
    """A `BookTarget` (streams.engine.target) without a book. now_ms: a local clock in milliseconds that is never set.

    A symbol that is left out and carried again gets another target; its minutes go on in `VenueMinutes`.
    """

    in_sync = True
    contradicted = False

    def __init__(self, minutes: VenueMinutes, symbol: str, now_ms: Callable[[], int]) -> None:
        self._minutes, self._symbol, self._now_ms = minutes, symbol, now_ms

    @property
    def last_id(self) -> int | None:
        """The highest number so far: from there a new connection takes over."""
        return self._minutes.last_id(self._symbol)

    def take(self, message: Message, received_ns: int) -> bool:
        if isinstance(message, ExactTrade):
            self._minutes.traded(message, self._now_ms())
        return False

    def interrupted(self, reason: str) -> None:
        self._minutes.interrupted(self._symbol)

    def agrees(self, snapshot: Snapshot) -> bool:
        """There is nothing that a snapshot could contradict."""
        return True
