"""Repair by kline: minutes that a gap, a reconnect or a restart touches are held against the venue's candle."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from events.upstream.errors import RetryableError, UpstreamError
from trades.klines.base import KlineQuery, KlineVenue, Span, TradedPair
from trades.klines.client import KlineClient
from trades.minutes.repair import Checked, Verdict, checked
from trades.records import MINUTE_MS, Kline, TradeMinute
from trades.storage.queue import DueMinutes, due_minutes, forget_doubts, postpone
from trades.storage.rows import TradeRows
from trades.storage.stored import minutes_of
from trades.storage.tables import moment_of

logger = logging.getLogger(__name__)

# Of one turn: the next one begins with the newest again.
_MOST_PAIRS = 500
# What a venue has not told by then, it never will: an interval without a trade, a pair that was halted.
_GIVEN_UP_AFTER = timedelta(hours=24)
# Of a product of two rounded numbers, such as Kraken's average price times volume.
_ROUNDED = 1e-5


def requests_for(minutes_ms: Sequence[int], limit: int) -> Iterator[Span]:
    """Spans that cover these minutes (by time), each of at most `limit` minutes."""
    first: int | None = None
    last = 0
    for minute_ms in minutes_ms:
        if first is not None and minute_ms + MINUTE_MS - first > limit * MINUTE_MS:
            yield Span(first, last + MINUTE_MS)
            first = None
        if first is None:
            first = minute_ms
        last = minute_ms
    if first is not None:
        yield Span(first, last + MINUTE_MS)


class Repairer:
    """Works off the queue of one venue. emit: called with each row that has changed, after it is stored.

    verdicts: how the rows compared, since the start.
    """

    def __init__(
        self,
        venue: KlineVenue,
        client: KlineClient,
        rows: TradeRows,
        now: Callable[[], datetime],
        emit: Callable[[TradeMinute], None] = lambda _row: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._venue, self._client, self._rows, self._now, self._emit = venue, client, rows, now, emit
        self._stopped = stopped
        self.verdicts: Counter[Verdict] = Counter()
        self.lost = 0

    def run(self, pairs: Sequence[TradedPair]) -> int:
        """Ask about all that is due of these pairs; how many minutes were settled. Raises DatabaseError and Stopped."""
        known = {pair.symbol: pair for pair in pairs}
        settled = 0
        for due in due_minutes(self._venue.venue, self._now(), _MOST_PAIRS):
            self._rows.ids.ensure({(due.venue, due.symbol)})
            number = self._rows.ids.of(due.venue, due.symbol)
            pair = known.get(due.symbol)
            if pair is None:
                # It is not tracked any more; the minutes stay as they are.
                forget_doubts(number, due.minutes_ms)
                continue
            settled += self._repair(pair, number, due)
        return settled

    def _repair(self, pair: TradedPair, number: int, due: DueMinutes) -> int:
        settled = 0
        for span in requests_for(due.minutes_ms, self._venue.limit):
            asked = [ms for ms in due.minutes_ms if span.start_ms <= ms < span.end_ms]
            try:
                klines = self._client.fetch(self._venue, KlineQuery(pair, MINUTE_MS, span, 0), self._stopped)
            except UpstreamError as error:
                log = logger.info if isinstance(error, RetryableError) else logger.warning
                log("repair: %d minutes of %s wait: %s", len(asked), pair.symbol, error)
                postpone(number, asked, self._now())
                continue
            settled += self._settle(pair, number, asked, {kline.open_ms: kline for kline in klines})
        return settled

    def _settle(self, pair: TradedPair, number: int, asked: Sequence[int], klines: dict[int, Kline]) -> int:
        told = [ms for ms in asked if ms in klines]
        stored = minutes_of(pair.venue, pair.symbol, number, told)
        results = [self._checked(stored.get(ms), klines[ms]) for ms in told]
        changed = [
            result.row
            for ms, result in zip(told, results, strict=True)
            if result.row is not None and result.row != stored.get(ms)
        ]
        given_up = [ms for ms in asked if ms not in klines and self._now() - moment_of(ms) > _GIVEN_UP_AFTER]
        if changed:
            self._rows.prepare(self._rows.minutes, {self._rows.minutes.day(row) for row in changed})
        with transaction.atomic():
            self._rows.write_minutes(changed)
            forget_doubts(number, [*told, *given_up])
        postpone(number, [ms for ms in asked if ms not in klines and ms not in given_up], self._now())
        self.verdicts.update(result.verdict for result in results)
        self.lost += len(given_up)
        for result in results:
            if result.verdict is Verdict.REPLACED:
                logger.info("repair: %s %s", pair.symbol, result.reason)
        for row in changed:
            self._emit(row)
        return len(told) + len(given_up)

    def _checked(self, row: TradeMinute | None, kline: Kline) -> Checked:
        if row is not None and self._venue.rounds_quote and _agree(row, kline):
            kline = kline._replace(quote_volume=row.volume)
        return checked(row, kline)


def _agree(row: TradeMinute, kline: Kline) -> bool:
    """Whether a candle's rounded volume is the row's."""
    if row.n_trades != kline.n_trades or kline.quote_volume is None:
        return False
    return abs(float(row.volume - kline.quote_volume)) <= _ROUNDED * float(row.volume)
