"""When a book has lost its depth: rules on the depth within ±1 % of the mid, minute by minute. Pure.

Low is a complete minute below a share of the median of the pair's own last 24 hours; the second in a row opens an
event. Clear is above one and a half times that share; the third in a row closes it. A minute that was partial, or
whose book does not reach 1 % on both sides, is neither, and ends the row. Until six hours are known there is no
verdict: what is normal for the pair is not known yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from events.drafts import EffectDraft, EventDraft
from events.enums import AlertReason, Category, Priority, Scope
from events.facts import DepthDropFacts, facts_as
from orderbooks.detection.observations import Depth, PairName
from orderbooks.records import MINUTE_MS

KIND = "depth_drop"
LOW_MINUTES_TO_OPEN = 2
CLEAR_MINUTES_TO_CLOSE = 3
CLEAR_FACTOR = 1.5
HISTORY_MINUTES = 24 * 60
ENOUGH_MINUTES = 6 * 60
WORSE_FACTOR = 0.5
# A collector that is gone must not leave its events open; what stands is renewed well before.
VALID = timedelta(minutes=20)
RENEW_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True)
class Known:
    """An open event as it was recorded last."""

    title: str
    facts: Mapping[str, Any]
    valid_until: datetime | None

    def needs_renewal(self, at: datetime) -> bool:
        return self.valid_until is None or self.valid_until - at < RENEW_BEFORE


class PairDepth:
    """The depths of one pair over the last 24 hours, and how many minutes in a row were low or clear."""

    def __init__(self) -> None:
        self._depths = np.full(HISTORY_MINUTES, np.nan)
        self._last_ms = 0
        self.low_in_a_row = self.clear_in_a_row = 0

    def median(self) -> float | None:
        """None while less than six hours are known."""
        return float(np.nanmedian(self._depths)) if self.known_minutes >= ENOUGH_MINUTES else None

    @property
    def known_minutes(self) -> int:
        return int(np.count_nonzero(~np.isnan(self._depths)))

    def add(self, depth: Depth) -> bool:
        """Keep a minute; False for one that is not newer than the last (a correction of it makes it unknown)."""
        slot = depth.minute_ms // MINUTE_MS % HISTORY_MINUTES
        if depth.minute_ms <= self._last_ms:
            if depth.depth is None and self._last_ms - depth.minute_ms < HISTORY_MINUTES * MINUTE_MS:
                self._depths[slot] = np.nan
                if depth.minute_ms == self._last_ms:
                    self.low_in_a_row = self.clear_in_a_row = 0
            return False
        skipped = (depth.minute_ms - self._last_ms) // MINUTE_MS - 1
        if skipped:
            self.low_in_a_row = self.clear_in_a_row = 0
            if self._last_ms:
                first = self._last_ms // MINUTE_MS + 1
                gone = np.arange(first, first + min(skipped, HISTORY_MINUTES)) % HISTORY_MINUTES
                self._depths[gone] = np.nan
        self._last_ms = depth.minute_ms
        self._depths[slot] = np.nan if depth.depth is None else depth.depth
        return True

    def judge(self, depth: float | None, median: float | None, share: float) -> None:
        known = depth is not None and median is not None and median > 0
        low = known and depth < share * median  # type: ignore[operator]
        clear = known and depth > min(1.0, CLEAR_FACTOR * share) * median  # type: ignore[operator]
        self.low_in_a_row = self.low_in_a_row + 1 if low else 0
        self.clear_in_a_row = self.clear_in_a_row + 1 if clear else 0


class DepthWatch:
    """All pairs. share: of the median, below which a depth is low."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._pairs: dict[str, PairDepth] = {}

    def remember(self, depth: Depth) -> None:
        """Take a minute of before, oldest first: it counts for the median and makes no event."""
        self._pairs.setdefault(depth.pair, PairDepth()).add(depth)

    @property
    def learning(self) -> Mapping[str, int]:
        """The pairs that no verdict is given for yet, with the minutes known of each."""
        known = {pair: state.known_minutes for pair, state in self._pairs.items()}
        return {pair: minutes for pair, minutes in known.items() if minutes < ENOUGH_MINUTES}

    def take(
        self,
        depths: Iterable[Depth],
        names: Mapping[str, PairName],
        watched: Mapping[str, bool],
        known: Mapping[str, Known],
        at: datetime,
    ) -> list[EventDraft]:
        """The drafts that new minutes give. watched: by pair. known: the open events by natural key."""
        drafts: dict[str, EventDraft] = {}
        for depth in depths:
            state = self._pairs.setdefault(depth.pair, PairDepth())
            # Of the hours before: the minute that is judged is not part of what it is held against.
            median = state.median()
            name = names.get(depth.pair)
            if not state.add(depth) or name is None:
                continue
            state.judge(depth.depth, median, self._share)
            key = natural_key(name)
            draft = self._draft(depth, median, state, name, watched.get(depth.pair, False), known.get(key), at)
            if draft is not None:
                drafts[key] = draft
        return list(drafts.values())

    def _draft(
        self,
        depth: Depth,
        median: float | None,
        state: PairDepth,
        name: PairName,
        watched: bool,
        known: Known | None,
        at: datetime,
    ) -> EventDraft | None:
        if depth.depth is None or median is None:
            return None
        if known is None:
            if state.low_in_a_row < LOW_MINUTES_TO_OPEN:
                return None
            return self._open(depth.depth, median, depth.depth, name, watched, at)
        if state.clear_in_a_row >= CLEAR_MINUTES_TO_CLOSE:
            reason = (
                f"{_amount(depth.depth, name)} within ±1 %, third minute above {self._clear_percent:.0f} % of normal"
            )
            closing = self._open(depth.depth, median, depth.depth, name, watched, at)
            return replace(closing, title=known.title, state="closed", close_reason=reason)
        told = float(facts_as(DepthDropFacts, known.facts).get("told_depth") or depth.depth)
        if state.low_in_a_row and depth.depth <= told * WORSE_FACTOR:
            return replace(
                self._open(depth.depth, median, depth.depth, name, watched, at), alert=AlertReason.WORSE.value
            )
        if known.needs_renewal(at):
            renewed = self._open(depth.depth, median, told, name, watched, at)
            return replace(renewed, title=known.title, extra={})
        return None

    @property
    def _clear_percent(self) -> float:
        return min(1.0, CLEAR_FACTOR * self._share) * 100

    def _open(
        self, depth: float, median: float, told: float, name: PairName, watched: bool, at: datetime
    ) -> EventDraft:
        percent = 100 * depth / median
        facts: DepthDropFacts = {
            "depth": depth,
            "median_24h": float(f"{median:.6g}"),
            "percent_of_median": round(percent, 1),
            "told_depth": told,
            "quote": name.quote,
            "pair": name.ticker,
        }
        return EventDraft(
            source="orderbooks",
            category=Category.DEPTH_DROP,
            natural_key=natural_key(name),
            title=f"Book of {name.ticker} thinned out: {_amount(depth, name)} within ±1 %, {percent:.0f} % of normal",
            kind=KIND,
            priority=Priority.HIGH if watched else Priority.LOW,
            effects=(pair_effect(name),),
            valid_until=at + VALID,
            seen_at=at,
            facts=facts,
            extra={"depth": depth, "median": median},
            reopen="always",
        )


def natural_key(name: PairName) -> str:
    return f"depth_drop:{name.ticker}"


def pair_effect(name: PairName) -> EffectDraft:
    return EffectDraft(name.token, scope=Scope.PAIRS, venue=name.ticker.partition(":")[0], tickers=(name.ticker,))


def _amount(depth: float, name: PairName) -> str:
    return f"{depth:,.0f} {name.quote}" if depth >= 100 else f"{depth:.4g} {name.quote}"
