"""What is observed after an event key fired, and what came of it.

An observation opens at the close of the bar that fired, with that price as its entry. A fire inside prolongs it, at
most to seven timeframes. It has two outcomes: after one timeframe (all statistics use this one) and at its end. Both
are made from stored bars alone, so that a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from trades.volume.bars import MINUTE_MS, Floats

MOST_TIMEFRAMES = 7


class Span(NamedTuple):
    """One observation of one key on one instrument. Times in milliseconds. due_ms: of the first outcome. ends_ms: of
    the second."""

    opened_ms: int
    due_ms: int
    ends_ms: int

    def prolonged(self, fired_ms: int, timeframe: int) -> Span:
        """After a fire inside."""
        most = self.opened_ms + MOST_TIMEFRAMES * timeframe * MINUTE_MS
        return self._replace(ends_ms=max(self.ends_ms, min(fired_ms + timeframe * MINUTE_MS, most)))


class Outcome(NamedTuple):
    """Prices after the entry, of bars that closed until then. at: milliseconds, the close of the bar with the extreme.
    close: None while the time is not over, or where its last bar is missing."""

    high: float
    high_ms: int
    low: float
    low_ms: int
    close: float | None


def opened(at_ms: int, timeframe: int) -> Span:
    """timeframe: minutes."""
    until = at_ms + timeframe * MINUTE_MS
    return Span(at_ms, until, until)


def spans(fires_ms: Iterable[int], timeframe: int) -> Iterator[Span]:
    """The observations that these fires make, in order of time."""
    now: Span | None = None
    for at in fires_ms:
        if now is not None and at < now.ends_ms:
            now = now.prolonged(at, timeframe)
            continue
        if now is not None:
            yield now
        now = opened(at, timeframe)
    if now is not None:
        yield now


def outcome(
    closes_ms: np.ndarray, high: Floats, low: Floats, close: Floats, since_ms: int, until_ms: int
) -> Outcome | None:
    """The outcome between two times, from an instrument's bars with these closing times (ascending); None where no bar
    is known between them."""
    first, last = np.searchsorted(closes_ms, [since_ms, until_ms], side="right")
    part = slice(int(first), int(last))
    known = np.flatnonzero(~np.isnan(high[part]))
    if not known.size:
        return None
    highest = int(known[np.argmax(high[part][known])])
    lowest = int(known[np.argmin(low[part][known])])
    over = bool(last > first) and closes_ms[last - 1] == until_ms and not np.isnan(close[last - 1])
    return Outcome(
        float(high[part][highest]),
        int(closes_ms[part][highest]),
        float(low[part][lowest]),
        int(closes_ms[part][lowest]),
        float(close[last - 1]) if over else None,
    )
