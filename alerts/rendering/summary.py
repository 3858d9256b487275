"""What an alert has to tell, picked from an event and its effects: plain data that cards and console render."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from alerts.rendering.past import NO_ACTION, Past, Present, Standing, ended_line, present, was_text
from alerts.rendering.subjects import TokenLine, strictest, token_lines
from events.enums import EVERYTHING, Action, AlertReason, Category, Priority, RiskLevel, Scope, Status, TradingStatus
from markets.knowledge import InstrumentRow
from markets.pairs import watched_pair
from markets.watch import WatchLists

if TYPE_CHECKING:
    from events.models import Effect, Event

__all__ = ["Change", "DateLine", "Deferral", "EventSummary", "Manual", "TokenLine", "summarize"]

# Whatever else stands in `changes` is the state of an effect: what it was is no order any more.
_FIELDS = frozenset({"title", "category", "priority", "important_dates", "valid_until", "url"})
# How we know, which matters in the admin and not on a card.
_NOT_ON_CARDS = frozenset({"rule", "body_read"})


@dataclass(frozen=True)
class DateLine:
    at: datetime
    what: str
    tickers: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """state: what an effect demanded before and demands now, as against a text or a date that reads otherwise."""

    field: str
    before: str
    after: str
    state: bool = False


@dataclass(frozen=True)
class Deferral:
    """An alert that is told later than it was queued. by: what kept it, in a word ("silenced", "delayed").

    delayed: nobody decided so; its channel could not take it before. again: it was told before, at `since`, and is sent
    once more by hand.
    """

    since: datetime
    by: str
    delayed: bool = False
    again: bool = False


@dataclass(frozen=True)
class Manual:
    """Who opened an event by hand, and the note."""

    author: str
    note: str


@dataclass(frozen=True)
class EventSummary:
    """reasons: why this card is sent, oldest first; more than one where earlier cards were never sent.

    action, trading_status, risk_level and trading_ends_at are the strictest of the effects that concern us, or of all
    where none does. pairs_only: they hold for single pairs, not for a token. flaps: how often it has opened within a
    day, where that is said from now on and no more of its comings and goings.
    at_risk: the lines that lead: ours, or all where none is ours. over: it is closed, or no longer counts. Then `was`
    says what it demanded and `now` what holds, and every other field says what holds now, never the old order.
    deferred: where it is told later than it was queued. manual: of an event that was opened by hand.
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

    @property
    def ended(self) -> str:
        """ "was: exit on BINANCE · now: no restriction · lasted 3 h 10 m"; "" while it is not over."""
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
    others: Sequence[Standing] = (),
    deferred: Deferral | None = None,
    manual: Manual | None = None,
    gone: Collection[str] = (),
    listed: Mapping[tuple[str, str], InstrumentRow] = MappingProxyType({}),
) -> EventSummary:
    """Pick what a card says. Reads the two models' fields only; no database, no clock.

    changes: field → (before, after), JSON values, as the outbox carries them. others: what other open events of high
    priority do to the same tokens and pairs; gone: tickers that are no longer live; asked for only where this is over.
    listed: (venue, symbol) → the instrument, of those that the effects name.
    """
    # The effect on whatever a venue trades is for bots; people read of tokens.
    effects = [effect for effect in effects if effect.token != EVERYTHING]
    summary = _as_it_stands(event, effects, watch, reasons, changes, flaps, listed)
    summary = replace(summary, deferred=deferred, manual=manual)
    return _as_past(summary, event, others, _all_gone(effects, gone)) if is_over(event) else summary


def is_over(event: Event) -> bool:
    """Whether an event demands nothing any more: it is closed, or was lowered so that no bot sees it."""
    lowered = event.priority == Priority.LOW and event.category != Category.OPERATIONS
    return event.status == Status.CLOSED or lowered


def _all_gone(effects: Sequence[Effect], gone: Collection[str]) -> Callable[[TokenLine], bool]:
    """Whether a line's instruments are all known not to be live any more."""

    def of(line: TokenLine) -> bool:
        own = (effect for effect in effects if effect.token == line.token and effect.scope != Scope.PAIRS)
        tickers = set(line.tickers) if line.single_pairs else {ticker for effect in own for ticker in effect.tickers}
        return bool(tickers) and tickers.issubset(gone)

    return of


def _as_past(
    summary: EventSummary, event: Event, others: Sequence[Standing], gone: Callable[[TokenLine], bool]
) -> EventSummary:
    """What it was in the past tense, and in every other field what holds now."""
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
        # What was still to come does not come by this event any more.
        dates=tuple(date for date in summary.dates if date.at <= ended_at),
        changes=(),
        facts=tuple(_facts_of_past(summary, event)),
    )


def _facts_of_past(summary: EventSummary, event: Event) -> Iterable[tuple[str, str]]:
    """Of trouble that is over: what it was, and nothing of what cannot be seen, as it can be seen again."""
    if event.category != Category.OPERATIONS:
        return summary.facts
    return [(f"{name} was", value) for name, value in summary.facts if name == "error"]


def _as_it_stands(
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
        # Of a pairs effect only the pairs count: the coin itself goes on trading elsewhere.
        whole = effect.scope != Scope.PAIRS and watch.currency(effect.token, effect.venue)
        return whole or not our_pairs.isdisjoint(effect.tickers)

    ours = [effect for effect in effects if concerns_us(effect)]
    our_tokens = token_lines(ours, our_pairs)
    every_token = token_lines(effects)
    named = {line.token for line in our_tokens}
    # What the card says at its head is what we have to do: others' halted pairs are no order to us.
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
    )


def _changes(reasons: Sequence[str], changes: Mapping[str, Sequence[Any]]) -> tuple[Change, ...]:
    """What is other than it was. Of what is new to its readers (a confirmed depeg) they have read nothing yet."""
    if set(reasons) == {AlertReason.OPENED}:
        return ()
    found = [
        _change(field, *map(_of_tokens, (before, after)))
        for field, (before, after) in changes.items()
        # The effect on whatever a venue trades is for bots; people read of tokens.
        if field != EVERYTHING and not field.startswith(f"{EVERYTHING} on ")
    ]
    return tuple(change for change in found if change.before != change.after)


def _of_tokens(value: object) -> object:
    if not isinstance(value, list):
        return value
    return [item for item in value if not (isinstance(item, str) and item.startswith(f"{EVERYTHING}:"))]


def _change(field: str, before: object, after: object) -> Change:
    """Of two lists only what differs: one line out of two hundred may have moved."""
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
    """A JSON value as a person would write it."""
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
