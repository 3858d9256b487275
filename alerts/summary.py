"""What an alert has to tell, picked from an event and its effects: plain data that cards and console render."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from events.kinds import EVERYTHING, Action, RiskLevel, Scope, TradingStatus
from markets.watch import WatchLists

if TYPE_CHECKING:
    from events.models import Effect, Event

# How we know, which matters in the admin and not on a card.
_NOT_ON_CARDS = frozenset({"rule", "body_read"})


@dataclass(frozen=True)
class TokenLine:
    """What happens to one token, the strictest of its effects. action is what holds on the instruments."""

    token: str
    scope: str
    venues: tuple[str, ...]
    action: str
    trading_status: str
    risk_level: str
    trading_ends_at: datetime | None


@dataclass(frozen=True)
class DateLine:
    at: datetime
    what: str
    tickers: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class EventSummary:
    """reasons: why this card is sent, oldest first; more than one where earlier cards were never sent.

    action, trading_status, risk_level and trading_ends_at are the strictest of the effects that concern us, or of all
    where none does. pairs_only: they hold for single pairs, not for a token. flaps: how often it has opened within a
    day, where that is said from now on and no more of its comings and goings.
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


def summarize(
    event: Event,
    effects: Sequence[Effect],
    watch: WatchLists,
    reasons: Sequence[str],
    changes: Mapping[str, Sequence[Any]],
    flaps: int = 0,
) -> EventSummary:
    """Pick what a card says. Reads the two models' fields only; no database, no clock.

    changes: field → (before, after), JSON values, as the outbox carries them.
    """
    # The effect on whatever a venue trades is for bots; people read of tokens.
    effects = [effect for effect in effects if effect.token != EVERYTHING]
    pairs = {ticker: effect.token for effect in effects for ticker in effect.tickers}
    our_pairs = {ticker for ticker, token in pairs.items() if watch.ticker(token, ticker)}

    def concerns_us(effect: Effect) -> bool:
        # Of a pairs effect only the pairs count: the coin itself goes on trading elsewhere.
        whole = effect.scope != Scope.PAIRS and watch.currency(effect.token, effect.venue)
        return whole or not our_pairs.isdisjoint(effect.tickers)

    ours = [effect for effect in effects if concerns_us(effect)]
    our_tokens = _token_lines(ours)
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
        action=_strictest(Action, [effect.action for effect in leading]),
        trading_status=_strictest(TradingStatus, [effect.trading_status for effect in leading]),
        risk_level=_strictest(RiskLevel, [effect.risk_level for effect in leading]),
        trading_ends_at=min(ends, default=None),
        pairs_only=bool(leading) and all(effect.scope == Scope.PAIRS for effect in leading),
        our_tokens=tuple(our_tokens),
        other_tokens=tuple(line for line in _token_lines(effects) if line.token not in named),
        our_pairs=tuple(sorted(our_pairs)),
        other_pairs=tuple(sorted(pairs.keys() - our_pairs)),
        network_tokens=tuple(event.network_tokens),
        dates=_dates(event.important_dates),
        changes=tuple(_change(field, before, after) for field, (before, after) in changes.items()),
        facts=tuple(_scalar_facts(event.facts)),
        published_at=event.published_at,
        seen_at=event.seen_at,
        valid_until=event.valid_until,
        close_reason=event.close_reason,
        false_alarm=event.false_alarm,
        flaps=flaps,
    )


def _token_lines(effects: Sequence[Effect]) -> list[TokenLine]:
    by_token: dict[str, list[Effect]] = {}
    for effect in effects:
        by_token.setdefault(effect.token, []).append(effect)
    lines = []
    for token, group in by_token.items():
        ends = [effect.trading_ends_at for effect in group if effect.trading_ends_at is not None]
        widest = min(group, key=lambda effect: list(Scope).index(Scope(effect.scope)))
        lines.append(
            TokenLine(
                token=token,
                scope=widest.scope,
                venues=tuple(sorted({effect.venue for effect in group if effect.venue})),
                action=_strictest(Action, [effect.action for effect in group]) or Action.WATCH,
                trading_status=_strictest(TradingStatus, [effect.trading_status for effect in group])
                or TradingStatus.TRADING,
                risk_level=_strictest(RiskLevel, [effect.risk_level for effect in group]) or RiskLevel.HIGH,
                trading_ends_at=min(ends, default=None),
            )
        )
    return sorted(lines, key=lambda line: (-Action(line.action).severity, line.token))


def _strictest(vocabulary: type[Action] | type[TradingStatus] | type[RiskLevel], values: Iterable[str]) -> str | None:
    members = [vocabulary(value) for value in values]
    return max(members, key=lambda member: member.severity).value if members else None


def _change(field: str, before: object, after: object) -> Change:
    """Of two lists only what differs: one line out of two hundred may have moved."""
    if isinstance(before, list) and isinstance(after, list):
        gone, come = [item for item in before if item not in after], [item for item in after if item not in before]
        return Change(field, _readable(gone), _readable(come))
    return Change(field, _readable(before), _readable(after))


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
