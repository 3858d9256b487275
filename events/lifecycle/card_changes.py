"""The part of an event that cards show and sources can change, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from events.enums import Scope
from events.lifecycle.effects import utc
from events.models import Effect, Event


def card_content(event: Event, effects: Sequence[Effect]) -> dict[str, Any]:
    """What a card shows and a source can change. Facts and the tickers of a whole coin change without an alert."""
    return {
        "title": event.title,
        "category": event.category,
        "priority": event.priority,
        "important_dates": [[date["at"], date["what"], date["tickers"]] for date in event.important_dates],
        "effects": sorted(map(_as_line, effects)),
    }


def effect_states(effects: Iterable[Effect]) -> dict[str, str]:
    """Each effect's action and trading status, by the effect as a line."""
    return {_as_line(effect): f"{effect.action} {effect.trading_status}" for effect in effects}


def _as_line(effect: Effect) -> str:
    """An effect as a line: stable enough to compare, clear enough to show as a change."""
    # The instruments of a whole coin come from the instrument list: a new pair is no update.
    only_pairs = effect.scope == Scope.PAIRS
    token, scope, venue, tickers, ends, begins, declared = source_fields(effect, with_tickers=only_pairs)
    where = f" on {venue}" if venue else ""
    what = f" ({', '.join(tickers)})" if tickers else ""
    if scope == Scope.PAIRS and tickers:
        # Without the coin, which still trades.
        token, scope, where, what = ", ".join(tickers), "single pairs", "", ""
    when = f", ends {ends:%Y-%m-%d %H:%M}" if ends else f", from {begins:%Y-%m-%d %H:%M}" if begins else ""
    fields = "".join(f", {name.replace('in_force_status', 'then')} {value}" for name, value in declared)
    return f"{token}: {scope}{where}{what}{when}{fields}"


def source_fields(effect: Effect, with_tickers: bool) -> tuple[Any, ...]:
    """The fields of an effect that its source decides; the others follow from time and the instrument list."""
    tickers = tuple(effect.tickers) if with_tickers and effect.scope != Scope.ASSET else ()
    ends = utc(effect.trading_ends_at) if effect.trading_ends_at else None
    begins = utc(effect.in_force_at) if effect.in_force_at else None
    return (
        effect.token,
        effect.scope,
        effect.venue,
        tickers,
        ends,
        begins,
        tuple(sorted(effect.declared.items())),
    )
