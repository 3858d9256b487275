"""When whales are an event: one that stays, or several that come back at about the same price. Pure.

There is one event per pair and side. It opens when a whale near the mid has been in the book for a minute, or with the
third within ten minutes at about the same price. It rolls forward while that goes on, and closes when no whale is left
and none has come for ten minutes. When the book is lost its whales are unknown: the event is left to expire.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from events.drafts import EventDraft
from events.enums import Category, Priority
from events.facts import WhaleFacts, facts_as
from orderbooks.detection.depth_drop import VALID, OpenEvent, pair_effect
from orderbooks.detection.observations import BookObservations, OrderPlaced, OrderRemoved, PairName, side_of
from orderbooks.records import GRACE_MS, MINUTE_MS
from orderbooks.whales import OpenWhales

KIND = "whale"
# Orders further away wait for another market: half of the large bids of a book are at half its price.
REACH = 0.02
REPEATS = 3
REPEAT_WITHIN_MS = 10 * MINUTE_MS
ABOUT_ONE_PRICE = 0.001

Side = tuple[str, bool]
"""VENUE:stream symbol, and whether it is the bids."""


@dataclass(frozen=True)
class WhaleRules:
    """score: the least score of a whale. persists_ms: how long one has to be in the book to be an event."""

    score: int = 4
    persists_ms: int = MINUTE_MS


class Reason(NamedTuple):
    """Why there is an event: the order that is shown, and what it does."""

    order: OrderPlaced
    since_ms: int
    what: str


@dataclass
class SideState:
    """The whales of one side of a pair. recent: those placed within ten minutes. spoofs: times of possible spoofs."""

    whales: OpenWhales[OrderPlaced] = field(default_factory=OpenWhales)
    recent: deque[OrderPlaced] = field(default_factory=deque)
    spoofs: deque[int] = field(default_factory=deque)
    last_end: str = ""

    def place(self, order: OrderPlaced) -> None:
        if self.whales.place(order):
            self.recent.append(order)

    def remove(self, order: OrderRemoved) -> None:
        if self.whales.remove(order.bid, order.price) is not None:
            how = "pulled within seconds, perhaps a spoof" if order.spoof else "gone"
            self.last_end = f"the whale at {order.price:g} is {how}"
        if order.spoof:
            self.spoofs.append(order.at_ms)

    def forget_before(self, at_ms: int) -> None:
        while self.recent and self.recent[0].at_ms < at_ms:
            self.recent.popleft()
        while self.spoofs and self.spoofs[0] < at_ms:
            self.spoofs.popleft()

    def reason(self, now_ms: int, rules: WhaleRules) -> Reason | None:
        """The largest of the whales that stayed long enough; else the last of those that keep coming back."""
        lasting = [whale for whale in self.whales if now_ms - whale.first.at_ms >= rules.persists_ms]
        if lasting:
            whale = max(lasting, key=lambda whale: (whale.score, whale.size * whale.last.price))
            return Reason(
                whale.last._replace(size=whale.size, score=whale.score), whale.first.at_ms, "stands"
            )  # fmt: skip
        for order in reversed(self.recent):
            alike = [other for other in self.recent if abs(other.price / order.price - 1) <= ABOUT_ONE_PRICE]
            if len(alike) >= REPEATS:
                return Reason(order, alike[0].at_ms, f"came {len(alike)} times within ten minutes")
        return None


class WhaleWatch:
    """All pairs and sides, and the clock of each venue as the observations show it."""

    def __init__(self, rules: WhaleRules) -> None:
        self._rules = rules
        self._sides: dict[Side, SideState] = {}
        self._clocks: dict[str, int] = {}

    def take(
        self,
        observations: BookObservations,
        names: Mapping[str, PairName],
        watched: Mapping[str, bool],
        open_events: Mapping[str, OpenEvent],
        at: datetime,
    ) -> list[EventDraft]:
        """The drafts that follow from the observations. watched: by pair. open_events: by natural key."""
        self._apply(observations)
        drafts = []
        for (pair, bid), state in list(self._sides.items()):
            now_ms = self._clocks.get(pair.partition(":")[0], 0)
            state.forget_before(now_ms - REPEAT_WITHIN_MS)
            name = names.get(pair)
            if name is None:
                continue
            draft = self._draft(side_of(bid), state, now_ms, name, watched.get(pair, False), open_events, at)
            if draft is not None:
                drafts.append(draft)
            if not state.whales and not state.recent:
                del self._sides[pair, bid]
        return drafts

    def _apply(self, observations: BookObservations) -> None:
        for pair in observations.lost:
            for bid in (True, False):
                self._sides.pop((pair, bid), None)
        for depth in observations.depths:
            # A minute's row comes when the venue's clock is so far beyond it.
            self._tick(depth.pair, depth.minute_ms + MINUTE_MS + GRACE_MS)
        for item in _in_order(observations):
            self._tick(item.pair, item.at_ms)
            if isinstance(item, OrderRemoved):
                state = self._sides.get((item.pair, item.bid))
                if state is not None:
                    state.remove(item)
            elif item.score >= self._rules.score and item.distance <= REACH:
                self._sides.setdefault((item.pair, item.bid), SideState()).place(item)

    def _tick(self, pair: str, exchange_ms: int) -> None:
        venue = pair.partition(":")[0]
        if exchange_ms > self._clocks.get(venue, 0):
            self._clocks[venue] = exchange_ms

    def _draft(
        self,
        side: str,
        state: SideState,
        now_ms: int,
        name: PairName,
        watched: bool,
        open_events: Mapping[str, OpenEvent],
        at: datetime,
    ) -> EventDraft | None:
        recorded = open_events.get(natural_key(name, side))
        reason = state.reason(now_ms, self._rules)
        if reason is None:
            if recorded is None or state.whales or state.recent:
                return None
            closing = _draft_of(name, side, state, recorded.title, watched, at)
            return replace(closing, state="closed", close_reason=state.last_end or "no whale for ten minutes")
        value = reason.order.size * reason.order.price
        title = f"Whale {side} on {name.ticker}: {_amount(value)} {name.quote} at {reason.order.price:.10g}"
        if recorded is not None:
            if not recorded.needs_renewal(at):
                return None
            title = recorded.title
        draft = _draft_of(name, side, state, title, watched, at)
        order = reason.order
        since = datetime.fromtimestamp(reason.since_ms / 1000, UTC)
        facts: WhaleFacts = {
            **facts_as(WhaleFacts, draft.facts),
            "price": order.price,
            "size": order.size,
            "value": float(f"{value:.6g}"),
            "score": order.score,
            "distance_percent": round(order.distance * 100, 3),
            "what": reason.what,
            "since": since.isoformat(timespec="seconds"),
            "standing_now": len(state.whales),
        }
        extra = {"side": side, "price": order.price, "size": order.size, "score": order.score}
        return replace(draft, facts=facts, extra=extra if recorded is None else {})


def _draft_of(name: PairName, side: str, state: SideState, title: str, watched: bool, at: datetime) -> EventDraft:
    return EventDraft(
        source="orderbooks",
        category=Category.WHALE,
        natural_key=natural_key(name, side),
        title=title,
        kind=KIND,
        priority=Priority.HIGH if watched else Priority.LOW,
        effects=(pair_effect(name),),
        valid_until=at + VALID,
        seen_at=at,
        facts=WhaleFacts(pair=name.ticker, side=side, quote=name.quote, possible_spoofs=len(state.spoofs)),
        reopen="always",
    )


def _in_order(observations: BookObservations) -> Iterable[OrderPlaced | OrderRemoved]:
    both: list[OrderPlaced | OrderRemoved] = [*observations.placed, *observations.ended]
    # An order that replaces another at its price within one message comes after the other's end.
    return sorted(both, key=lambda item: (item.at_ms, isinstance(item, OrderPlaced)))


def natural_key(name: PairName, side: str) -> str:
    return f"whale:{name.ticker}:{side}"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.4g}"
