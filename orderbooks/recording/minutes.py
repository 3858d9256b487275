"""Minute rows of live books, cut by the exchange's own clock. Pure: no clock, no thread, no database of its own.

A minute ends with the first update at or beyond its end, in the order in which the venue sent them; its row is the
state before that update. A quiet pair sends none: its minute ends when another pair shows that the venue's clock is
beyond it. Such a row can turn out to be early or wrong (a connection that lagged or was dead): then it is emitted
again, marked partial, and replaces the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orderbooks.records import GRACE_MS, MINUTE_MS, MinuteRow, ReadableBook

_CLOSED_AT_ONCE = 16
# A time further off than this is a wrong stamp, or a clock that was set, and no quiet hour.
JUMP_MS = 60 * MINUTE_MS
# A dead connection is found well within this; a pair that is silent for longer is quiet.
_UNPROVEN_MINUTES = 5
_MOST_TALLIES = 4

Best = tuple[float, float, float, float]
Emit = Callable[[MinuteRow], None]


def minute_of(exchange_ms: int) -> int:
    return exchange_ms - exchange_ms % MINUTE_MS


def order_flow(before: Best | None, after: Best | None) -> float:
    """What one change of the best levels adds to the order-flow imbalance (Cont, Kukanov, Stoikov 2014), in base units.

    0 where a side is empty: there is no queue to compare with.
    """
    if before is None or after is None:
        return 0.0
    bid, bid_size, ask, ask_size = after
    old_bid, old_bid_size, old_ask, old_ask_size = before
    flow = 0.0
    if bid >= old_bid:
        flow += bid_size
    if bid <= old_bid:
        flow -= old_bid_size
    if ask <= old_ask:
        flow -= ask_size
    if ask >= old_ask:
        flow += old_ask_size
    return flow


@dataclass
class Tally:
    """Trades of one minute. Volumes in base units, by the side of the taker."""

    trades: int = 0
    buy_volume: float = 0.0
    sell_volume: float = 0.0


class VenueMinutes:
    """The pairs of one venue and the venue's clock. emit: called with every row, in the thread that feeds the books."""

    def __init__(self, venue: str, emit: Emit, grace_ms: int = GRACE_MS) -> None:
        self.venue = venue
        self.emit = emit
        # At this time of the venue, minutes of quiet pairs are due. Read at every update.
        self.due_ms = 0
        self._grace_ms = grace_ms
        self._clock_ms = 0
        # The end of a minute, and the pairs that still have to close it.
        self._closing_ms = 0
        self._to_close: list[PairMinutes] = []
        self._unconfirmed: tuple[str, int] | None = None
        self._pairs: dict[str, PairMinutes] = {}

    def pair(self, symbol: str) -> PairMinutes:
        if symbol not in self._pairs:
            self._pairs[symbol] = PairMinutes(self, symbol)
        return self._pairs[symbol]

    def forget(self, symbol: str) -> None:
        """Drop a pair that is not collected any more; its open minute becomes no row."""
        self._pairs.pop(symbol, None)

    def advance(self, symbol: str, exchange_ms: int) -> None:
        """A pair shows the venue's clock: close the minutes that are due, and emit them."""
        if self._clock_ms and exchange_ms - self._clock_ms > JUMP_MS and not self._confirmed(symbol, exchange_ms):
            return
        self._unconfirmed = None
        self._clock_ms = exchange_ms
        ended_ms = minute_of(exchange_ms - self._grace_ms)
        if ended_ms != self._closing_ms:
            self._closing_ms, self._to_close = ended_ms, list(self._pairs.values())
        # A few with each update: 400 at once would delay every book by a sixth of a second.
        for pair in self._to_close[-_CLOSED_AT_ONCE:]:
            pair.close_until(ended_ms)
        del self._to_close[-_CLOSED_AT_ONCE:]
        if not self._to_close:
            self.due_ms = ended_ms + MINUTE_MS + self._grace_ms

    def _confirmed(self, symbol: str, exchange_ms: int) -> bool:
        """Whether a second pair (or the only one) confirms the jump: one wrong stamp must not end all minutes."""
        before, self._unconfirmed = self._unconfirmed, (symbol, exchange_ms)
        if before is None or abs(before[1] - exchange_ms) > JUMP_MS:
            return False
        return before[0] != symbol or len(self._pairs) == 1

    def went_back(self, exchange_ms: int) -> None:
        """The venue's clock was set back by more than an hour: continue from this time."""
        if self._clock_ms - exchange_ms > JUMP_MS:
            self._clock_ms = exchange_ms
            self.due_ms = minute_of(exchange_ms) + MINUTE_MS + self._grace_ms


class PairMinutes:
    """The minutes of one pair. Called for every update, so each call does little."""

    def __init__(self, venue: VenueMinutes, symbol: str) -> None:
        self._venue, self._symbol = venue, symbol
        self._book: ReadableBook | None = None  # None while it is not in sync
        self._best: Best | None = None
        self._open = False
        self._start_ms = self._end_ms = 0
        self._partial = False
        self._updates, self._flow = 0, 0.0
        self._last_ms: int | None = None
        self._tallies: dict[int, Tally] = {}
        # Ended, but trades may still come.
        self._waiting: list[MinuteRow] = []
        self._emitted: MinuteRow | None = None
        self._emitted_until_ms = 0
        # Ended by the venue's clock since the last update: right only if the next update follows this book.
        self._unproven: list[MinuteRow] = []
        self._forced_until_ms = 0

    def synced(self, book: ReadableBook, exchange_ms: int) -> None:
        """The book is in sync from here on. Called while it is in sync, a snapshot has replaced its content."""
        self._book, self._best = book, book.best
        if self._open:
            if self._start_ms - JUMP_MS <= exchange_ms < self._end_ms:
                return
            # The book's state at the end of the minute was not seen.
            self._partial = True
            self._end_minute(None)
        if exchange_ms > 0:
            self._begin(minute_of(exchange_ms), partial=True)
            self._last_ms = exchange_ms
        else:
            # A snapshot without a time: the first update shows which minute it is.
            self._open, self._end_ms = False, 0

    def lost_sync(self) -> None:
        self._book = self._best = None
        self._partial = True
        # The book may have been dead already when the venue's clock ended these minutes.
        self._take_back(0)

    def before_apply(self, book: ReadableBook, exchange_ms: int) -> None:
        if exchange_ms >= self._end_ms:
            self._cut(exchange_ms)
        elif exchange_ms < self._start_ms:
            self._before_start(exchange_ms)

    def applied(self, book: ReadableBook, exchange_ms: int) -> None:
        self._updates += 1
        self._last_ms = exchange_ms
        best = book.best
        if best != self._best:
            self._flow += order_flow(self._best, best)
            self._best = best
        if self._unproven:
            self._unproven.clear()
        if exchange_ms >= self._venue.due_ms:
            self._venue.advance(self._symbol, exchange_ms)

    def traded(self, size: float, taker_buys: bool, exchange_ms: int) -> None:
        minute_ms = minute_of(exchange_ms)
        if not self._open or abs(minute_ms - self._start_ms) > JUMP_MS:
            return
        tally = self._tallies.get(minute_ms)
        if tally is None:
            if minute_ms < self._emitted_until_ms:
                self._late(minute_ms)
                return
            tally = self._tallies[minute_ms] = Tally()
        tally.trades += 1
        if taker_buys:
            tally.buy_volume += size
        else:
            tally.sell_volume += size
        if exchange_ms >= self._venue.due_ms:
            self._venue.advance(self._symbol, exchange_ms)

    def close_until(self, ended_ms: int) -> None:
        """The venue's clock is beyond this end of a minute: end what is open before it, and emit what waits."""
        if self._open and self._end_ms <= ended_ms:
            proven = len(self._waiting)
            self._end_minute(self._book)
            if self._book is not None:
                self._fill(ended_ms)
                self._begin(ended_ms, partial=ended_ms != self._end_ms)
                self._unproven += self._waiting[proven:]
                del self._unproven[:-_UNPROVEN_MINUTES]
                self._forced_until_ms = ended_ms
        while self._waiting and self._waiting[0].minute_ms < ended_ms:
            self._emit(self._waiting.pop(0))

    def _cut(self, exchange_ms: int) -> None:
        """End the minutes before an update, on the state that they ended with."""
        if self._book is None:
            return
        start_ms = minute_of(exchange_ms)
        if not self._open:
            self._begin(start_ms, partial=True)
            return
        self._end_minute(self._book)
        self._fill(start_ms)
        self._begin(start_ms, partial=start_ms != self._end_ms)

    def _before_start(self, exchange_ms: int) -> None:
        if exchange_ms <= 0:
            return
        if self._start_ms - exchange_ms > JUMP_MS:
            self._venue.went_back(exchange_ms)
            self._emitted_until_ms = self._forced_until_ms = 0
            self._waiting = [row for row in self._waiting if row.minute_ms <= exchange_ms]
            self._begin(minute_of(exchange_ms), partial=True)
        elif exchange_ms < self._forced_until_ms:
            # The venue's clock had ended its minute and those after it before this update came.
            self._take_back(minute_of(exchange_ms))

    def _take_back(self, since_ms: int) -> None:
        """The state at the end of the unproven minutes from this one on is unknown after all: correct their rows."""
        for row in self._unproven:
            if row.minute_ms >= since_ms:
                self._correct(_without_state(row._replace(partial=True)))
        self._unproven.clear()

    def _begin(self, start_ms: int, partial: bool) -> None:
        self._open = True
        self._start_ms, self._end_ms = start_ms, start_ms + MINUTE_MS
        self._partial = partial
        self._updates, self._flow = 0, 0.0

    def _fill(self, until_ms: int) -> None:
        """Rows of full minutes without an update: the book did not change. None after a jump too long for a pause."""
        if until_ms - self._end_ms > JUMP_MS:
            return
        while self._end_ms < until_ms:
            self._begin(self._end_ms, partial=False)
            self._end_minute(self._book)

    def _end_minute(self, book: ReadableBook | None) -> None:
        """End the open minute: a row with the state of `book`, or without state where the book was lost."""
        self._open = False
        best = None if book is None else book.best
        bid, bid_size, ask, ask_size = best or (None, None, None, None)
        mid = micro = None
        if best is not None:
            mid, micro = (best[0] + best[2]) / 2, micro_price(best)
        bid_levels, ask_levels = (0, 0) if book is None else book.level_counts()
        self._waiting.append(
            MinuteRow(
                venue=self._venue.venue,
                symbol=self._symbol,
                minute_ms=self._start_ms,
                partial=self._partial,
                mid=mid,
                best_bid=bid,
                best_bid_size=bid_size,
                best_ask=ask,
                best_ask_size=ask_size,
                micro_price=micro,
                bands=() if book is None or best is None else book.bands(),
                bid_levels=bid_levels,
                ask_levels=ask_levels,
                order_flow_imbalance=self._flow,
                updates=self._updates,
                trades=0,
                buy_volume=0.0,
                sell_volume=0.0,
                last_update_ms=self._last_ms,
            )
        )

    def _emit(self, row: MinuteRow) -> None:
        tally = self._tallies.pop(row.minute_ms, None)
        if tally is not None:
            row = row._replace(trades=tally.trades, buy_volume=tally.buy_volume, sell_volume=tally.sell_volume)
        if self._unproven:
            # The row has its trades by now; a correction must not lose them.
            self._unproven = [row if known.minute_ms == row.minute_ms else known for known in self._unproven]
        self._emitted, self._emitted_until_ms = row, row.minute_ms + MINUTE_MS
        if len(self._tallies) > _MOST_TALLIES:
            # Of minutes that never ended because the book was lost.
            self._tallies = {minute: tally for minute, tally in self._tallies.items() if minute > row.minute_ms}
        self._venue.emit(row)

    def _late(self, minute_ms: int) -> None:
        """A trade came after its minute was emitted: mark the row as partial."""
        for index, row in enumerate(self._waiting):
            if row.minute_ms == minute_ms:
                self._waiting[index] = row._replace(partial=True)
                return
        if self._emitted is not None and self._emitted.minute_ms == minute_ms and not self._emitted.partial:
            self._correct(self._emitted._replace(partial=True))

    def _correct(self, row: MinuteRow) -> None:
        for index, waiting in enumerate(self._waiting):
            if waiting.minute_ms == row.minute_ms:
                self._waiting[index] = row
                return
        if self._emitted is not None and self._emitted.minute_ms == row.minute_ms:
            self._emitted = row
        self._venue.emit(row)


def micro_price(best: Best) -> float:
    """The mid weighted with the opposite sizes: it leans to the thinner queue."""
    bid, bid_size, ask, ask_size = best
    both = bid_size + ask_size
    return (bid * ask_size + ask * bid_size) / both if both > 0 else (bid + ask) / 2


def _without_state(row: MinuteRow) -> MinuteRow:
    return row._replace(
        mid=None,
        best_bid=None,
        best_bid_size=None,
        best_ask=None,
        best_ask_size=None,
        micro_price=None,
        bands=(),
        bid_levels=0,
        ask_levels=0,
    )
