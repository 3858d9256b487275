"""The backfill of one venue: four passes, each usable when it ends, within a quarter of the host's weight.

Candles are requested over eight connections, and written by one thread. What has been fetched of a pair grows in the
transaction that stores its rows: after a kill the next run goes on there, and nothing is marked that is not stored.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

from django.db import transaction

from events.sources.quarantine import quarantine_item
from events.upstream.archive import store_body
from events.upstream.errors import RetryableError, UpstreamError, excerpt
from trades.history.passes import PASSES, Pass, joined, limits_of, remaining, requested_span
from trades.history.progress import PassReport
from trades.history.spans import Fetched, fetched_spans, first_hours, store_span
from trades.klines.bars import minute_of
from trades.klines.base import KlineQuery, KlineVenue, Span, TradedPair
from trades.klines.client import KlineClient, Stopped, UnknownCandles
from trades.records import MINUTE_MS, Kline
from trades.storage.rows import TradeRows
from trades.storage.tables import milliseconds_of

logger = logging.getLogger(__name__)

OnPass = Callable[[str, int], None]
"""Called with the venue and the number of a pass that has brought something and has ended, in the backfill's thread."""
CONNECTIONS = 8
# A pair whose requests fail so often in a row is left for the next run.
_MOST_FAILURES = 5


@dataclass
class _Work:
    """One pair of a pass: what is fetched of it, and the spans that are left."""

    pair: TradedPair
    instrument: int
    done: Fetched | None
    spans: deque[Span]
    failures: int = 0


@dataclass
class Outcome:
    """Of a run. failed: pairs that were left for the next one, and why."""

    requests: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    stopped: bool = False


class VenueBackfill:
    """now: aware UTC. stopped: whether to end. After an error of the database the next run goes on where this ended."""

    def __init__(
        self,
        venue: KlineVenue,
        client: KlineClient,
        rows: TradeRows,
        now: Callable[[], datetime],
        stopped: Callable[[], bool] = lambda: False,
        on_pass: OnPass = lambda _venue, _number: None,
    ) -> None:
        self._venue, self._client, self._rows, self._now, self._stopped = venue, client, rows, now, stopped
        self._on_pass = on_pass

    def run(self, pairs: Sequence[TradedPair], chosen: Sequence[int] = (1, 2, 3, 4)) -> Outcome:
        """Run the passes that are not done, for the pairs in this order, the desk's first. Raises DatabaseError."""
        outcome = Outcome()
        ordered = sorted(pairs, key=lambda pair: not pair.watched)
        self._rows.ids.ensure({(pair.venue, pair.symbol) for pair in ordered})
        steps = [step for step in PASSES if step.number in chosen]
        for step in steps:
            PassReport(self._venue.venue, step.number).waiting(self._now())
        for step in steps:
            if not outcome.stopped:
                self._run_pass(step, self._chosen(step, ordered), outcome)
        return outcome

    def _chosen(self, step: Pass, pairs: Sequence[TradedPair]) -> list[TradedPair]:
        """The first pass is of all pairs, for the ranks; the others of those that are tracked."""
        if step.number == 1:
            return list(pairs)
        return [pair for pair in pairs if pair.watched or (pair.tracked and step.number in self._venue.for_all)]

    def _run_pass(self, step: Pass, pairs: Sequence[TradedPair], outcome: Outcome) -> None:
        report = PassReport(self._venue.venue, step.number)
        note = limits_of(self._venue, step)
        want = requested_span(self._venue, step, milliseconds_of(self._now()))
        if want is None:
            report.left_out(note, self._now())
            return
        works = self._plan(step, pairs, want)
        left = [span for work in works for span in work.spans]
        weights = [self._weight(step, span) for span in left]
        per_minute = self._client.per_minute(self._venue, pairs[0], step.interval_ms) if pairs else 0
        report.begin(len(works), sum(not work.spans for work in works), weights, per_minute, note, self._now())
        failed: dict[str, str] = {}
        try:
            self._fetch_all(step, works, report, failed, outcome)
        finally:
            outcome.failed |= failed
        report.end(failed, outcome.stopped, self._now())
        if left and not outcome.stopped:
            self._on_pass(self._venue.venue, step.number)

    def _weight(self, step: Pass, span: Span) -> int:
        return self._venue.weight(-(-span.length_ms // step.interval_ms))

    def _plan(self, step: Pass, pairs: Sequence[TradedPair], want: Span) -> list[_Work]:
        ids = {pair: self._rows.ids.of(pair.venue, pair.symbol) for pair in pairs}
        fetched = fetched_spans(step.number, ids.values())
        listed = first_hours(ids.values()) if step.number in (3, 4) else {}
        size_ms = self._venue.limit * step.interval_ms
        works = []
        for pair, number in ids.items():
            start_ms = max(want.start_ms, listed.get(number, want.start_ms))
            mine = Span(min(start_ms, want.end_ms), want.end_ms)
            done = fetched.get(number)
            spans = remaining(None if done is None else done.span, mine, size_ms, done is not None and done.begins)
            works.append(_Work(pair, number, done, deque(spans)))
        return works

    def _fetch_all(
        self, step: Pass, works: Sequence[_Work], report: PassReport, failed: dict[str, str], outcome: Outcome
    ) -> None:
        # Each pair in turn, so that the newest of all come first; the desk's pairs before the others.
        queues = [deque(work for work in works if work.spans and work.pair.watched is first) for first in (True, False)]
        given_up = Event()

        def ends() -> bool:
            return given_up.is_set() or self._stopped()

        with (
            ThreadPoolExecutor(CONNECTIONS, thread_name_prefix=f"klines {self._venue.venue}") as pool,
            ExitStack() as ending,
        ):
            # Before the pool waits for its threads: on an error of the database they wait for a host no longer.
            ending.callback(given_up.set)
            running: dict[Future[list[Kline]], _Work] = {}
            while True:
                while len(running) < 2 * CONNECTIONS and (work := next(_taken(queues), None)) and not outcome.stopped:
                    query = KlineQuery(work.pair, step.interval_ms, work.spans[0], 0)
                    running[pool.submit(self._client.fetch, self._venue, query, ends)] = work
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    work = running.pop(future)
                    try:
                        klines = future.result()
                    except Stopped:
                        outcome.stopped = True
                        continue
                    except UpstreamError as error:
                        if not self._goes_on_after(work, error, failed):
                            work.spans.clear()
                    else:
                        span = work.spans.popleft()
                        self._store(step, work, span, klines)
                        work.failures = 0
                        outcome.requests += 1
                        if work.done is not None and work.done.begins:
                            # What is left is older.
                            report.not_needed([self._weight(step, left) for left in work.spans])
                            work.spans.clear()
                        report.fetched(self._weight(step, span), not work.spans, self._now())
                    if work.spans:
                        queues[not work.pair.watched].append(work)

    def _goes_on_after(self, work: _Work, error: UpstreamError, failed: dict[str, str]) -> bool:
        """Whether the pair's request is worth another try."""
        work.failures += 1
        if isinstance(error, UnknownCandles):
            payload = error.payload
            quarantine_item(
                payload.source,
                f"{work.pair.symbol}: {error.field}",
                self._now(),
                title=f"candles of {work.pair.symbol} that could not be read",
                error=str(error),
                excerpt=excerpt(payload.body, 2000),
                payload=store_body(payload.body, payload.received_at),
            )
        if isinstance(error, RetryableError) and work.failures < _MOST_FAILURES:
            return True
        failed[work.pair.symbol] = str(error)
        logger.warning("backfill: %s is left for the next run: %s", work.pair.symbol, error)
        return False

    def _store(self, step: Pass, work: _Work, span: Span, klines: Sequence[Kline]) -> None:
        done = work.done
        older = done is not None and span.end_ms <= done.span.start_ms
        # A chunk of the first pass is weeks long: a pair that had no candle in it was not listed.
        begins = (done is not None and done.begins) or (
            step.number == 1 and older and not klines and not self._venue.leaves_out_empty
        )
        now_done = Fetched(joined(None if done is None else done.span, span), begins)
        if step.interval_ms == MINUTE_MS:
            rows = [minute_of(kline) for kline in klines]
            self._rows.prepare(self._rows.minutes, {self._rows.minutes.day(row) for row in rows})
        else:
            table = self._rows.bars[step.interval_ms]
            if table.by_day:
                self._rows.prepare(table, {table.day(kline) for kline in klines})
        with transaction.atomic():
            if step.interval_ms == MINUTE_MS:
                self._rows.write_minutes(rows)
            else:
                self._rows.write_bars(step.interval_ms, klines)
            store_span(step.number, work.instrument, now_done)
        work.done = now_done


def _taken(queues: Sequence[deque[_Work]]) -> Iterator[_Work]:
    for queue in queues:
        if queue:
            yield queue.popleft()
