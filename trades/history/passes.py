"""The four passes of the backfill, and which requests are left of one. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trades.klines.base import KlineVenue, Span
from trades.records import MINUTE_MS

HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Pass:
    """number: 1 to 4, in the order in which they run. reach_ms: how far back. brings: what is usable when it ends."""

    number: int
    interval_ms: int
    reach_ms: int
    name: str
    brings: str


PASSES = (
    Pass(1, HOUR_MS, 84 * DAY_MS, "1h × 84 d", "means, rank, eligibility, profile"),
    Pass(2, MINUTE_MS, 16 * HOUR_MS, "1m × 16 h", "the windows and the price"),
    Pass(3, 5 * MINUTE_MS, 56 * DAY_MS, "5m × 56 d", "level, spread, thresholds"),
    Pass(4, MINUTE_MS, 28 * DAY_MS, "1m × 28 d", "everything of the 28 days"),
)
# A pass that gives less than this share of its reach is left out.
_LEAST_SHARE = 0.25


def reach_of(venue: KlineVenue, step: Pass) -> int:
    """How far back the venue gives this pass, in milliseconds; 0: it is left out."""
    if venue.newest is None:
        return step.reach_ms
    # The newest candle has not ended.
    reach = min(step.reach_ms, (venue.newest - 1) * step.interval_ms)
    return reach if reach >= _LEAST_SHARE * step.reach_ms else 0


def limits_of(venue: KlineVenue, step: Pass) -> str:
    """What the venue does not give of a pass, as a clause; empty: it gives all of it to all pairs."""
    reach = reach_of(venue, step)
    if reach < step.reach_ms:
        reason = f"the venue keeps the last {venue.newest} candles alone"
        share = f"{reach / DAY_MS:.0f} days" if reach >= 2 * DAY_MS else f"{reach / HOUR_MS:.0f} hours"
        return f"{share}: {reason}" if reach else f"left out: {reason}"
    return venue.notes.get(step.number, "")


def requested_span(venue: KlineVenue, step: Pass, now_ms: int) -> Span | None:
    """What a pass fetches: whole intervals that have ended by `now_ms`; None where it is left out."""
    reach = reach_of(venue, step)
    end_ms = now_ms - now_ms % step.interval_ms
    return Span(end_ms - reach, end_ms) if reach else None


def remaining(done: Span | None, want: Span, size_ms: int, begins: bool = False) -> Iterator[Span]:
    """The spans that are left to fetch, in order, each of at most `size_ms`.

    First what is newer than what is done, upwards, then what is older, newest first: after each of them what is done
    is one span without a hole. What is done and does not touch what is wanted counts for nothing. begins: the venue has
    nothing before what is done.
    """
    if done is None or done.end_ms < want.start_ms or done.start_ms > want.end_ms:
        done = Span(want.end_ms, want.end_ms)
        begins = False
    start_ms = done.end_ms
    while start_ms < want.end_ms:
        end_ms = min(start_ms + size_ms, want.end_ms)
        yield Span(start_ms, end_ms)
        start_ms = end_ms
    end_ms = done.start_ms
    while not begins and end_ms > want.start_ms:
        start_ms = max(end_ms - size_ms, want.start_ms)
        yield Span(start_ms, end_ms)
        end_ms = start_ms


def joined(done: Span | None, fetched: Span) -> Span:
    """What is done after a span of `remaining` was fetched."""
    if done is None or fetched.start_ms > done.end_ms or fetched.end_ms < done.start_ms:
        return fetched
    return Span(min(done.start_ms, fetched.start_ms), max(done.end_ms, fetched.end_ms))
