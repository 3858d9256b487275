"""The content of an alert, taken from an event and its effects: plain data for every rendering."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from alerts.rendering.past import NO_ACTION, Past, Present, Restriction, ended_line, present, was_text
from alerts.rendering.subjects import TokenLine, strictest, token_lines
from events.enums import EVERYTHING, Action, AlertReason, Category, Priority, RiskLevel, Scope, Status, TradingStatus
from events.positions.phrases import Touched
from markets.knowledge import InstrumentRow
from markets.pairs import watched_pair
from markets.watch import WatchLists

if TYPE_CHECKING:
    from events.models import Effect, Event

__all__ = ["Change", "DateLine", "Deferral", "EventSummary", "Manual", "Stored", "TokenLine", "summarize"]

# Every other key of `changes` is the state of an effect, whose former value must not read like an order.
_FIELDS = frozenset({"title", "category", "priority", "important_dates", "valid_until", "url"})
# How we know: of interest in the admin only.
_NOT_ON_CARDS = frozenset({"rule", "body_read"})


@dataclass(frozen=True)
class DateLine:
    at: datetime
    what: str
    tickers: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One change since the last card. state: of an effect's demand, as opposed to a text or a date of the event."""

    field: str
    before: str
    after: str
    state: bool = False


@dataclass(frozen=True)
class Deferral:
    """An alert that is sent later than it was queued. by: the cause in a word ("silenced", "delayed").

    delayed: nobody deferred it; its channel could not deliver it earlier. again: it was sent before, at `since`, and an
    admin sends it once more.
    """

    since: datetime
    by: str
    delayed: bool = False
    again: bool = False


@dataclass(frozen=True)
class Manual:
    """Who opened a manual event, and the note."""

    author: str
    note: str


@dataclass(frozen=True)
class Stored:
    """What the card's words are made of, as stored. changes: field → (before, after). No part of a payload.

    lines: what is at risk, a line for each state of a coin; `EventSummary.at_risk` has one line for a coin, which is
    the strictest of all. everything: venues on which everything that they trade is hit, and how hard.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    lines: tuple[TokenLine, ...] = ()
    everything: tuple[str, ...] = ()
    everything_action: str | None = None


@dataclass(frozen=True)
class EventSummary:
    """The content of a card about one event. Its field names, and those of its parts, are payload keys.

    reasons: why this card is sent, oldest first; more than one if earlier cards were never sent.
    action, trading_status, risk_level, trading_ends_at: the strictest of the effects on watched tokens and pairs, or of
        all effects if none is watched. pairs_only: they apply to single pairs, not to a token.
    at_risk: the lines at the head of the card: ours, or all if none is ours.
    flaps: how often the event opened within 24 h, on the card that announces flapping; else 0.
    over: the event is closed, or was lowered to low priority. Then `was` is what it demanded, `now` what is in force,
        and every other field describes the present, never the former demand.
    deferred: set if the card is sent later than it was queued. manual: set for an event that an admin opened.
    positions: of the desk, as far as the event touches them; None where the receiver is not given them or no book is
        stored. They change no other field.
    stored: for the card's words; the only field that is no payload key.
    """

    event_id: int
    reasons: tuple[str, ...]
    source: str
    category: str
    status: str
    title: str
    url: str
    action: str | None
    trading_status: str | None
    risk_level: str | None
    trading_ends_at: datetime | None
    pairs_only: bool
    our_tokens: tuple[TokenLine, ...]
    other_tokens: tuple[TokenLine, ...]
    our_pairs: tuple[str, ...]
    other_pairs: tuple[str, ...]
    network_tokens: tuple[str, ...]
    dates: tuple[DateLine, ...]
    changes: tuple[Change, ...]
    facts: tuple[tuple[str, str], ...]
    published_at: datetime | None
    seen_at: datetime
    valid_until: datetime | None
    close_reason: str
    false_alarm: bool
    flaps: int = 0
    at_risk: tuple[TokenLine, ...] = ()
    over: bool = False
    was: Past | None = None
    now: Present | None = None
    deferred: Deferral | None = None
    manual: Manual | None = None
    positions: Touched | None = None
    stored: Stored = field(default_factory=Stored, repr=False)

    @property
    def lines(self) -> tuple[TokenLine, ...]:
        """What is at risk as a card says it: a line for each state."""
        return self.at_risk if self.over else self.stored.lines or self.at_risk

    @property
    def ended(self) -> str:
        """ "was: exit on Binance spot · now: no restriction · lasted 3 h 10 min"; "" until the event is over."""
        if self.was is None:
            return ""
        return ended_line(self.was.text, self.now.text if self.now else "", self.was.lasted_seconds)


def summarize(
    event: Event,
    effects: Sequence[Effect],
    watch: WatchLists,
    reasons: Sequence[str],
    changes: Mapping[str, Sequence[Any]],
    flaps: int = 0,
    others: Sequence[Restriction] = (),
    deferred: Deferral | None = None,
    manual: Manual | None = None,
    gone: Collection[str] = (),
    listed: Mapping[tuple[str, str], InstrumentRow] = MappingProxyType({}),
    positions: Touched | None = None,
) -> EventSummary:
    """The content of a card. Reads fields of the two models only: no database, no clock.

    changes: field → (before, after), JSON values, as stored in the outbox. others: effects of other open events of high
    priority on the same tokens and pairs; gone: tickers that are no longer live. Both matter only if the event is over.
    listed: (venue, symbol) → the instrument, for those that the effects name. positions: of the desk, as far as the
    event touches them.
    """
    # The effect on everything that a venue trades is for bots; cards list tokens.
    on_all = [effect for effect in effects if effect.token == EVERYTHING]
    effects = [effect for effect in effects if effect.token != EVERYTHING]
    summary = _current(event, effects, watch, reasons, changes, flaps, listed)
    if on_all:
        hit, action = tuple(sorted({effect.venue for effect in on_all})), strictest(Action, [e.action for e in on_all])
        summary = replace(summary, stored=replace(summary.stored, everything=hit, everything_action=action))
    summary = replace(summary, deferred=deferred, manual=manual, positions=positions)
    return _as_past(summary, event, others, _all_gone(effects, gone)) if is_over(event) else summary


def is_over(event: Event) -> bool:
    """Whether an event demands nothing any more: it is closed, or of low priority, which no bot reads."""
    lowered = event.priority == Priority.LOW and event.category != Category.OPERATIONS
    return event.status == Status.CLOSED or lowered


def _all_gone(effects: Sequence[Effect], gone: Collection[str]) -> Callable[[TokenLine], bool]:
    """A predicate: whether a line has instruments and none of them is live any more."""

    def of(line: TokenLine) -> bool:
        of_coin = (effect for effect in effects if effect.token == line.token and effect.scope != Scope.PAIRS)
        by_coin = {ticker for effect in of_coin for ticker in effect.tickers}
        tickers = set(line.tickers) if line.single_pairs else by_coin
        return bool(tickers) and tickers.issubset(gone)

    return of


def _as_past(
    summary: EventSummary, event: Event, others: Sequence[Restriction], gone: Callable[[TokenLine], bool]
) -> EventSummary:
    """The summary of an event that is over: `was` for the past, every other field for the present."""
    lasted = (event.closed_at - event.opened_at).total_seconds() if event.closed_at else None
    was = Past(
        text=was_text(summary.at_risk),
        action=summary.action,
        trading_status=summary.trading_status,
        risk_level=summary.risk_level,
        trading_ends_at=summary.trading_ends_at,
        lasted_seconds=lasted,
    )
    now, at_risk = present(summary.at_risk, others, gone) if summary.at_risk else (None, [])
    in_force = now is not None and now.action != NO_ACTION
    ended_at = event.closed_at or event.updated_at
    return replace(
        summary,
        over=True,
        was=was,
        now=now,
        action=now.action if now and in_force else None,
        trading_status=now.trading_status if now and in_force else None,
        risk_level=None,
        trading_ends_at=None,
        at_risk=tuple(at_risk),
        our_tokens=tuple(present(summary.our_tokens, others)[1]),
        other_tokens=tuple(present(summary.other_tokens, others)[1]),
        # Later dates were announced by this event and no longer apply.
        dates=tuple(date for date in summary.dates if date.at <= ended_at),
        changes=(),
        facts=tuple(_facts_of_past(summary, event)),
    )


def _facts_of_past(summary: EventSummary, event: Event) -> Iterable[tuple[str, str]]:
    """The facts once the event is over. An operations event keeps its error only, in the past tense."""
    if event.category != Category.OPERATIONS:
        return summary.facts
    return [(f"{name} was", value) for name, value in summary.facts if name == "error"]


def _current(
    event: Event,
    effects: Sequence[Effect],
    watch: WatchLists,
    reasons: Sequence[str],
    changes: Mapping[str, Sequence[Any]],
    flaps: int,
    listed: Mapping[tuple[str, str], InstrumentRow],
) -> EventSummary:
    def find(venue: str, symbol: str) -> InstrumentRow | None:
        return listed.get((venue, symbol))

    pairs = {ticker: effect.token for effect in effects for ticker in effect.tickers}
    our_pairs = {ticker for ticker, token in pairs.items() if watched_pair(token, ticker, watch, find)}

    def concerns_us(effect: Effect) -> bool:
        # A pairs effect concerns us by its pairs only: the coin itself still trades in others.
        by_coin = effect.scope != Scope.PAIRS and watch.currency(effect.token, effect.venue)
        return by_coin or not our_pairs.isdisjoint(effect.tickers)

    ours = [effect for effect in effects if concerns_us(effect)]
    our_tokens = token_lines(ours, our_pairs)
    every_token = token_lines(effects)
    named = {line.token for line in our_tokens}
    # The head of the card is what we have to do: a halted pair that we do not watch is no order.
    leading = ours or list(effects)
    ends = [effect.trading_ends_at for effect in leading if effect.trading_ends_at is not None]
    return EventSummary(
        event_id=event.pk,
        reasons=tuple(reasons),
        source=event.source,
        category=event.category,
        status=event.status,
        title=event.title,
        url=event.url,
        action=strictest(Action, [effect.action for effect in leading]),
        trading_status=strictest(TradingStatus, [effect.trading_status for effect in leading]),
        risk_level=strictest(RiskLevel, [effect.risk_level for effect in leading]),
        trading_ends_at=min(ends, default=None),
        pairs_only=bool(leading) and all(effect.scope == Scope.PAIRS for effect in leading),
        our_tokens=tuple(our_tokens),
        other_tokens=tuple(line for line in every_token if line.token not in named),
        our_pairs=tuple(sorted(our_pairs)),
        other_pairs=tuple(sorted(pairs.keys() - our_pairs)),
        network_tokens=tuple(event.network_tokens),
        dates=_dates(event.important_dates),
        changes=_changes(reasons, changes),
        facts=tuple(_scalar_facts(event.facts)),
        published_at=event.published_at,
        seen_at=event.seen_at,
        valid_until=event.valid_until,
        close_reason=event.close_reason,
        false_alarm=event.false_alarm,
        flaps=flaps,
        at_risk=tuple(our_tokens if ours else every_token),
        stored=Stored(event.facts, changes, tuple(token_lines(leading, our_pairs if ours else (), apart=True))),
    )


def _changes(reasons: Sequence[str], changes: Mapping[str, Sequence[Any]]) -> tuple[Change, ...]:
    """The changes to show. None for an opening: its readers have seen no earlier card."""
    if set(reasons) == {AlertReason.OPENED}:
        return ()
    found = [
        _change(field, *map(_of_tokens, (before, after)))
        for field, (before, after) in changes.items()
        # The effect on everything that a venue trades is for bots; cards list tokens.
        if field != EVERYTHING and not field.startswith(f"{EVERYTHING} on ")
    ]
    return tuple(change for change in found if change.before != change.after)


def _of_tokens(value: object) -> object:
    if not isinstance(value, list):
        return value
    return [item for item in value if not (isinstance(item, str) and item.startswith(f"{EVERYTHING}:"))]


def _change(field: str, before: object, after: object) -> Change:
    """One change; of two lists only the items that differ, as one of two hundred may have moved."""
    state = field not in _FIELDS
    if isinstance(before, list) and isinstance(after, list):
        gone, come = [item for item in before if item not in after], [item for item in after if item not in before]
        return Change(field, _readable(gone), _readable(come), state)
    return Change(field, _readable(before), _readable(after), state)


def _dates(items: Iterable[Mapping[str, Any]]) -> tuple[DateLine, ...]:
    lines = [
        DateLine(datetime.fromisoformat(item["at"]), str(item.get("what") or ""), tuple(item.get("tickers") or ()))
        for item in items
    ]
    return tuple(sorted(lines, key=lambda line: line.at))


def _scalar_facts(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in facts.items():
        if name in _NOT_ON_CARDS:
            continue
        if isinstance(value, (str, int, float)) and value != "":
            yield name, _readable(value)


def _readable(value: object) -> str:
    """A JSON value as people write it."""
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_readable(item)}" for key, item in value.items() if item not in (None, "", []))
    if isinstance(value, (list, tuple)):
        items = [item for item in value if item not in (None, "", [])]
        separator = "; " if all(isinstance(item, (list, tuple)) for item in items) else ", "
        return separator.join(map(_readable, items))
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10:11] in "T ":
        try:
            return datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M UTC")
        except ValueError:
            return value
    return str(value)
