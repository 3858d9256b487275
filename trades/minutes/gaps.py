"""Where trades of a pair are missing, or may be. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trades.minutes.exact import minute_of


class RepairReason(StrEnum):
    """Why a minute has to be asked again as a candle."""

    ID_GAP = "id gap"
    """Numbers of trades are missing."""
    RECONNECT = "reconnect"
    """The connection was lost in it."""
    RESTART = "restart"
    """The collector began in it, or was away."""
    LATE = "late trade"
    """A trade came after its minute could still be counted again."""


@dataclass(slots=True)
class Gap:
    """Something between two trades. first, last: the missing numbers, None where the venue has none. since_ms,
    until_ms: the first and the last minute that it touches. missing: whether trades may be missing there; otherwise
    their numbers show that none is."""

    first: int | None
    last: int | None
    since_ms: int
    until_ms: int
    reason: RepairReason
    missing: bool = True

    def touches(self, minute_ms: int) -> bool:
        return self.since_ms <= minute_ms <= self.until_ms


class Gaps:
    """Those of one pair that the minutes at hand may touch."""

    __slots__ = ("_gaps",)

    def __init__(self) -> None:
        self._gaps: list[Gap] = []

    def __bool__(self) -> bool:
        return bool(self._gaps)

    def add(self, gap: Gap) -> None:
        self._gaps.append(gap)

    def touching(self, minute_ms: int) -> Gap | None:
        """The gap that touches a minute, one with missing trades before one without; None: nothing does."""
        found = None
        for gap in self._gaps:
            if gap.touches(minute_ms):
                if gap.missing:
                    return gap
                found = found or gap
        return found

    def has(self, first_id: int, last_id: int) -> bool:
        """Whether all these numbers are missing."""
        return self._enclosing(first_id, last_id) is not None

    def fill(self, first_id: int, last_id: int, exchange_ms: int) -> None:
        """These numbers came after all, traded at that time: what is still missing lies before and after them."""
        gap = self._enclosing(first_id, last_id)
        if gap is None or gap.first is None or gap.last is None:
            return
        self._gaps.remove(gap)
        minute_ms = minute_of(exchange_ms)
        if gap.first < first_id:
            self._gaps.append(Gap(gap.first, first_id - 1, gap.since_ms, max(minute_ms, gap.since_ms), gap.reason))
        if last_id < gap.last:
            self._gaps.append(Gap(last_id + 1, gap.last, min(minute_ms, gap.until_ms), gap.until_ms, gap.reason))
        if gap.reason is not RepairReason.ID_GAP:
            # A lost connection is asked about even where nothing is missing in the end.
            self._gaps.append(Gap(None, None, gap.since_ms, gap.until_ms, gap.reason, missing=False))

    def forget_before(self, minute_ms: int) -> None:
        self._gaps = [gap for gap in self._gaps if gap.until_ms >= minute_ms]

    def _enclosing(self, first_id: int, last_id: int) -> Gap | None:
        for gap in self._gaps:
            if gap.first is None or gap.last is None:
                continue
            if gap.first <= first_id and last_id <= gap.last:
                return gap
        return None
