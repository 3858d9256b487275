"""The minutes of one pair: counted by trade time, closed by the venue's clock, revised by what comes late. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from streams.feeds.base import ExactTrade
from streams.feeds.trades.base import Numbering
from trades.minutes.exact import Contract, minute_of, quote_value
from trades.minutes.gaps import Gap, Gaps, RepairReason
from trades.minutes.tally import Tally
from trades.records import MINUTE_MS, MinuteSource, TradeMinute

Emit = Callable[[TradeMinute], None]
NeedsRepair = Callable[[str, str, int, RepairReason], None]
"""Called with venue, symbol, the start of a minute and why it has to be asked again. The minute has ended."""

# How much later than others a trade may come: messages of a connection run up to 186 ms ahead of its trades, and
# connections ahead of each other.
GRACE_MS = 3_000
# Rows that a late trade may still change. Later ones are asked again.
REVISABLE_MS = 5 * MINUTE_MS
# Of one outage, and of one pause between two trades: what a candle request brings. Older minutes are the backfill's.
MOST_MINUTES = 1000


@dataclass
class MinuteCounters:
    """Of one venue, since the start. overlapping: aggregates of which a part had been counted already. strange: trades
    whose time no other trade confirmed. late: too late for their row. gaps: in the numbers, or by a lost connection."""

    trades: int = 0
    duplicates: int = 0
    overlapping: int = 0
    late: int = 0
    strange: int = 0
    gaps: int = 0


class PairMinutes:
    """Trades come in any order. `close_until` is called with the end of a minute once no more are expected of it.

    A row is complete if its trades, and those back to the row before, were seen without a hole. A row whose next trade
    shows that its own last ones were missed is given again as incomplete, and one without trades as complete, when the
    next trade shows that there were none.
    """

    __slots__ = (
        "_close_before", "_contract", "_counters", "_emit", "_gaps", "_last_id", "_last_ms", "_lost_ms",
        "_needs_repair", "_next_ms", "_numbered_ms", "_numbering", "_reason", "_seen_from_ms", "_symbol", "_tallies",
        "_unproven", "_unsure", "_venue",
    )  # fmt: skip

    def __init__(
        self,
        venue: str,
        symbol: str,
        numbering: Numbering,
        contract: Contract | None,
        emit: Emit,
        needs_repair: NeedsRepair,
        counters: MinuteCounters,
    ) -> None:
        self._venue, self._symbol, self._numbering, self._contract = venue, symbol, numbering, contract
        self._emit, self._needs_repair, self._counters = emit, needs_repair, counters
        self._tallies: dict[int, Tally] = {}
        self._gaps = Gaps()
        # The highest number so far and the time of its trade, and the latest time of all.
        self._last_id: int | None = None
        self._numbered_ms = 0
        self._last_ms = 0
        # The next minute to give; 0 before the first trade.
        self._next_ms = 0
        # Whether trades may have been missed since the last one, since when, and why.
        self._unsure = True
        self._lost_ms = 0
        self._reason = RepairReason.RESTART
        # Minutes without trades before this one were not seen.
        self._seen_from_ms = 0
        # The close before the oldest tally.
        self._close_before: Decimal | None = None
        # Rows without trades that are older than the tallies, and their revisions.
        self._unproven: list[tuple[int, int]] = []

    def resume(self, minute_ms: int, last_id: int | None, close: Decimal | None) -> None:
        """Go on after the last row that was stored before a restart. last_id: the last number known of the pair."""
        self._next_ms = minute_ms + MINUTE_MS
        self._last_id, self._close_before = last_id, close
        self._numbered_ms = self._last_ms = self._next_ms - 1
        self._lost_ms, self._seen_from_ms = self._next_ms, self._next_ms

    @property
    def last_id(self) -> int | None:
        """The highest number so far."""
        return self._last_id

    def begin_anew(self) -> None:
        """The venue's clock was set back: what was counted by the old one is given up."""
        self._tallies.clear()
        self._unproven.clear()
        self._gaps = Gaps()
        self._last_id, self._numbered_ms, self._last_ms, self._next_ms, self._seen_from_ms = None, 0, 0, 0, 0
        self._unsure, self._reason = True, RepairReason.RESTART

    def interrupted(self, clock_ms: int) -> None:
        """Trades may be missing from here on, until ids show otherwise. clock_ms: the venue's clock."""
        if not self._unsure:
            self._unsure, self._reason = True, RepairReason.RECONNECT
            self._lost_ms = max(self._last_ms, clock_ms)

    def traded(self, trade: ExactTrade) -> bool:
        """Count a trade. Returns whether a row that was given has to be looked at again."""
        exchange_ms, first_id, last_id = trade.exchange_ms, trade.first_id, trade.last_id
        minute_ms = exchange_ms - exchange_ms % MINUTE_MS
        consecutive = self._numbering is Numbering.CONSECUTIVE
        tally = self._tallies.get(minute_ms)
        revised = False
        before = self._last_id
        if consecutive and first_id is not None and last_id is not None:
            follows = before is not None and first_id == before + 1 and not self._unsure
            if before is not None and first_id <= before and not self._gaps.has(first_id, last_id):
                if last_id <= before:
                    self._counters.duplicates += 1
                else:
                    self._counters.overlapping += 1
                return False
            place: Any = first_id
        else:
            follows = not self._unsure
            name: int | str = trade.name if first_id is None else first_id
            if tally is not None and tally.names is not None and name in tally.names:
                self._counters.duplicates += 1
                return False
            place = exchange_ms if first_id is None else (exchange_ms, first_id)
        if tally is None:
            if minute_ms < self._next_ms:
                self._counters.late += 1
                self._needs_repair(self._venue, self._symbol, minute_ms, RepairReason.LATE)
                return False
            tally = self._tallies[minute_ms] = Tally()
        if not follows:
            self._joins(trade, minute_ms, consecutive)
            revised = True
        elif self._unproven or minute_ms > minute_of(self._last_ms):
            # Rows without trades, since the last one, had none indeed.
            self._prove()
            revised = True
        if first_id is not None and last_id is not None:
            tally.covers(first_id, last_id)
            if before is None or last_id > before:
                self._last_id, self._numbered_ms = last_id, exchange_ms
        if exchange_ms > self._last_ms:
            self._last_ms = exchange_ms
        if not consecutive:
            if tally.names is None:
                tally.names = set()
            tally.names.add(name)
        self._counters.trades += trade.count
        if trade.count:
            tally.add(trade, quote_value(trade.price, trade.size, self._contract), place)
        return revised or tally.row is not None

    def _joins(self, trade: ExactTrade, minute_ms: int, consecutive: bool) -> None:
        """A trade that does not simply follow the one before: the first one, after a gap, after a loss, or late."""
        first_id, last_id, before = trade.first_id, trade.last_id, self._last_id
        if not self._next_ms:
            self._next_ms = self._seen_from_ms = minute_ms
            before = None if first_id is None else -1
            since_ms = minute_ms
        else:
            # Without numbers, a trade that was still on its way may be among the lost.
            since_ms = minute_of(self._numbered_ms if consecutive else self._last_ms - GRACE_MS)
        if consecutive and first_id is not None and last_id is not None:
            if before is not None and first_id <= before:
                self._gaps.fill(first_id, last_id, trade.exchange_ms)
                return
            linked = before is not None and first_id == before + 1 and self._last_id is not None
        else:
            linked = not self._unsure
        if linked:
            # Only after a loss: the numbers show that it cost nothing, and the minutes are asked all the same.
            self._gaps.add(Gap(None, None, min(minute_of(self._lost_ms), minute_ms), minute_ms, self._reason, False))
            self._prove()
        else:
            reason = self._reason if self._unsure else RepairReason.ID_GAP
            if consecutive and first_id is not None and before is not None:
                self._gaps.add(Gap(before + 1, first_id - 1, min(since_ms, minute_ms), minute_ms, reason))
            else:
                self._gaps.add(Gap(None, None, min(since_ms, minute_ms), minute_ms, reason))
            self._counters.gaps += 1
            for unproven_ms, _ in self._unproven:
                self._needs_repair(self._venue, self._symbol, unproven_ms, reason)
            self._unproven.clear()
            if self._unsure:
                self._seen_from_ms = max(self._seen_from_ms, minute_ms)
        self._unsure = False

    def _prove(self) -> None:
        """There were no trades since the last one."""
        if self._unproven:
            close = self._close_at(self._unproven[-1][0])
            for minute_ms, revision in self._unproven:
                self._emit(self._row(minute_ms, Tally(), close, True, revision + 1))
            self._unproven.clear()

    def close_until(self, ended_ms: int) -> None:
        """Give the rows of the minutes before this end of one."""
        if not self._next_ms:
            return
        if not self._unsure:
            # Beyond the longest pause: a machine that slept, or a pair that was away for a day.
            self._seen_from_ms = max(self._seen_from_ms, ended_ms - MOST_MINUTES * MINUTE_MS)
        while self._next_ms < ended_ms:
            minute_ms = self._next_ms
            tally = self._tallies.get(minute_ms)
            if tally is None:
                if minute_ms < self._seen_from_ms:
                    self._skip(min(self._seen_from_ms, ended_ms))
                    continue
                if self._unsure:
                    # It is not seen whether there are trades: no row, unless numbers show that there were none.
                    break
                tally = self._tallies[minute_ms] = Tally()
            self._next_ms += MINUTE_MS
            self._give(minute_ms, tally, 0)
        self._prune(ended_ms - REVISABLE_MS)

    def revise(self) -> None:
        """Give those rows again that have changed since."""
        for minute_ms in sorted(self._tallies):
            tally = self._tallies[minute_ms]
            if tally.row is not None:
                self._give(minute_ms, tally, tally.row.revision)

    def _skip(self, until_ms: int) -> None:
        """Minutes that were not seen have no row: they are asked about."""
        oldest_ms = until_ms - MOST_MINUTES * MINUTE_MS
        while self._next_ms < until_ms and self._next_ms not in self._tallies:
            if self._next_ms >= oldest_ms:
                self._needs_repair(self._venue, self._symbol, self._next_ms, self._reason)
            self._next_ms += MINUTE_MS

    def _give(self, minute_ms: int, tally: Tally, revision: int) -> None:
        gap = self._gaps.touching(minute_ms) if self._gaps else None
        last_minute_ms = minute_of(self._last_ms)
        doubtful = self._unsure and minute_ms >= last_minute_ms
        complete = (
            self._numbering is not Numbering.NONE
            and (gap is None or not gap.missing)
            and not doubtful
            # Without a trade only a later one shows that none was missed.
            and (tally.first_id is not None or bool(tally.trades) or minute_ms < last_minute_ms)
        )
        row = self._row(minute_ms, tally, self._close_at(minute_ms), complete, revision)
        if row != tally.row:
            if tally.row is not None:
                row = row._replace(revision=revision + 1)
            tally.row = row
            self._emit(row)
        if (gap is not None or doubtful) and not tally.asked:
            tally.asked = True
            self._needs_repair(self._venue, self._symbol, minute_ms, self._reason if gap is None else gap.reason)

    def _row(self, minute_ms: int, tally: Tally, close: Decimal | None, complete: bool, revision: int) -> TradeMinute:
        """close: the last one before the minute, the price of one without trades."""
        prices = (tally.open, tally.high, tally.low, tally.close) if tally.trades else (close,) * 4
        return TradeMinute(
            self._venue,
            self._symbol,
            minute_ms,
            *prices,
            tally.trades,
            tally.buys,
            tally.volume,
            tally.buy_volume,
            complete,
            MinuteSource.STREAM,
            tally.first_id,
            tally.last_id,
            revision,
        )

    def _close_at(self, minute_ms: int) -> Decimal | None:
        latest_ms, close = -1, self._close_before
        for other_ms, tally in self._tallies.items():
            if latest_ms < other_ms < minute_ms and tally.trades:
                latest_ms, close = other_ms, tally.close
        return close

    def _prune(self, before_ms: int) -> None:
        """Forget what no late trade changes any more, but for the last minute with trades: the next one may show that
        its last ones were missed."""
        last_minute_ms = minute_of(self._last_ms)
        for minute_ms in sorted(self._tallies):
            if minute_ms >= before_ms:
                break
            if minute_ms == last_minute_ms:
                continue
            tally = self._tallies.pop(minute_ms)
            if tally.trades and minute_ms < last_minute_ms:
                self._close_before = tally.close
            elif tally.row is not None and minute_ms > last_minute_ms and not tally.asked:
                self._unproven.append((minute_ms, tally.row.revision))
                del self._unproven[:-MOST_MINUTES]
        if self._gaps:
            self._gaps.forget_before(min(before_ms, last_minute_ms))
