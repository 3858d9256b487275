"""When whales are an event: one that stands, or several that come back at about one price. Pure.

Per pair and side there is one event. It opens when a whale near the mid has stood for a minute, or with the third
within ten minutes at about one price; it rolls forward while that goes on, and closes when none stands and none has
come for ten minutes. Where the book was lost nothing is known of what stands: the event is left to expire.
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
from orderbooks.detection.depth_drop import VALID, Known, pair_effect
from orderbooks.detection.observations import BookObservations, OrderPlaced, OrderRemoved, PairName
from orderbooks.records import GRACE_MS, MINUTE_MS

KIND = "whale"
# Orders further away wait for another market: half of the large bids of a book stand at half its price.
REACH = 0.02
REPEATS = 3
REPEAT_WITHIN_MS = 10 * MINUTE_MS
ABOUT_ONE_PRICE = 0.001

Side = tuple[str, str]


@dataclass(frozen=True)
class WhaleRules:
    score: int = 4
    persists_ms: int = MINUTE_MS


class Reason(NamedTuple):
    """Why there is an event: the order that is shown, and what it does."""

    order: OrderPlaced
    since_ms: int
    what: str


@dataclass
class _Standing:
    order: OrderPlaced
    since_ms: int


@dataclass
class SideState:
    """What is known of one side of a pair."""

    standing: dict[float, _Standing] = field(default_factory=dict)
    recent: deque[OrderPlaced] = field(default_factory=deque)
    spoofs: deque[int] = field(default_factory=deque)
    last_end: str = ""

    def place(self, order: OrderPlaced) -> None:
        known = self.standing.get(order.price)
        if known is None:
            self.standing[order.price] = _Standing(order, order.at_ms)
            self.recent.append(order)
        else:
            # The level of a whale has grown: it stands since it came, and is larger now.
            grown = order._replace(size=known.order.size + order.size, score=max(order.score, known.order.score))
            self.standing[order.price] = _Standing(grown, known.since_ms)

    def end(self, ended: OrderRemoved) -> None:
        known = self.standing.pop(ended.price, None)
        if known is not None:
            how = "pulled within seconds, perhaps a spoof" if ended.spoof else "gone"
            self.last_end = f"the whale at {ended.price:g} is {how}"
        if ended.spoof:
            self.spoofs.append(ended.at_ms)

    def forget_before(self, at_ms: int) -> None:
        while self.recent and self.recent[0].at_ms < at_ms:
            self.recent.popleft()
        while self.spoofs and self.spoofs[0] < at_ms:
            self.spoofs.popleft()

    def reason(self, now_ms: int, rules: WhaleRules) -> Reason | None:
        """The largest of those that have stood for long enough; else the last of those that keep coming back."""
        lasting = [known for known in self.standing.values() if now_ms - known.since_ms >= rules.persists_ms]
        if lasting:
            known = max(lasting, key=lambda known: (known.order.score, known.order.size * known.order.price))
            return Reason(known.order, known.since_ms, "stands")
        for order in reversed(self.recent):
            alike = [other for other in self.recent if abs(other.price / order.price - 1) <= ABOUT_ONE_PRICE]
            if len(alike) >= REPEATS:
                return Reason(order, alike[0].at_ms, f"came {len(alike)} times within ten minutes")
        return None


class WhaleWatch:
    """All pairs and sides, and the clock of each venue as its news show it."""

    def __init__(self, rules: WhaleRules) -> None:
        self._rules = rules
        self._sides: dict[Side, SideState] = {}
        self._clocks: dict[str, int] = {}

    def take(
        self,
        news: BookObservations,
        names: Mapping[str, PairName],
        watched: Mapping[str, bool],
        known: Mapping[str, Known],
        at: datetime,
    ) -> list[EventDraft]:
        """The drafts that news give. watched: by pair. known: the open events by natural key."""
        self._sort_in(news)
        drafts = []
        for (pair, side), state in list(self._sides.items()):
            now_ms = self._clocks.get(pair.partition(":")[0], 0)
            state.forget_before(now_ms - REPEAT_WITHIN_MS)
            name = names.get(pair)
            if name is None:
                continue
            draft = self._draft(side, state, now_ms, name, watched.get(pair, False), known, at)
            if draft is not None:
                drafts.append(draft)
            if not state.standing and not state.recent:
                del self._sides[pair, side]
        return drafts

    def _sort_in(self, news: BookObservations) -> None:
        for pair in news.lost:
            for side in ("bid", "ask"):
                self._sides.pop((pair, side), None)
        for depth in news.depths:
            # A minute's row comes when the venue's clock stands so far beyond it.
            self._tick(depth.pair, depth.minute_ms + MINUTE_MS + GRACE_MS)
        for item in _in_order(news):
            self._tick(item.pair, item.at_ms)
            if isinstance(item, OrderRemoved):
                state = self._sides.get((item.pair, item.side))
                if state is not None:
                    state.end(item)
            elif item.score >= self._rules.score and item.distance <= REACH:
                self._sides.setdefault((item.pair, item.side), SideState()).place(item)

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
        known_events: Mapping[str, Known],
        at: datetime,
    ) -> EventDraft | None:
        known = known_events.get(natural_key(name, side))
        reason = state.reason(now_ms, self._rules)
        if reason is None:
            if known is None or state.standing or state.recent:
                return None
            closing = _draft_of(name, side, state, known.title, watched, at)
            return replace(closing, state="closed", close_reason=state.last_end or "no whale for ten minutes")
        value = reason.order.size * reason.order.price
        title = f"Whale {side} on {name.ticker}: {_amount(value)} {name.quote} at {reason.order.price:.10g}"
        if known is not None:
            if not known.needs_renewal(at):
                return None
            title = known.title
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
            "standing_now": len(state.standing),
        }
        extra = {"side": side, "price": order.price, "size": order.size, "score": order.score}
        return replace(draft, facts=facts, extra=extra if known is None else {})


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


def _in_order(news: BookObservations) -> Iterable[OrderPlaced | OrderRemoved]:
    both: list[OrderPlaced | OrderRemoved] = [*news.placed, *news.ended]
    # An order that comes with the message in which another ends at its price comes after it.
    return sorted(both, key=lambda item: (item.at_ms, isinstance(item, OrderPlaced)))


def natural_key(name: PairName, side: str) -> str:
    return f"whale:{name.ticker}:{side}"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.4g}"
