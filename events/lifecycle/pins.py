"""What an admin corrected ("pins"), in place of what the source says.

`Event.pinned` is JSON: corrected fields by their names; "effects": values by the key of an effect; "dates": moved
important dates by theirs. Keys are of what the source says, so that its next poll is corrected alike. A correction by
the token alone holds for every effect on it, also for one that the source adds later. Where an effect holds is never
corrected so: an effect on a second venue must not be taken for the corrected one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Scope
from events.models import Effect

_TIMES = frozenset({"trading_ends_at", "in_force_at"})
_FIELDS = frozenset({"title", "category", "priority", "valid_until", "url"})

# When an effect's trading ended, when it ends, and its instruments.
Move = tuple[datetime | None, datetime | None, Sequence[str]]


def with_pins(draft: EventDraft, pinned: Mapping[str, Any]) -> EventDraft:
    """The draft with an admin's corrections in place of the source's values."""
    fields = {name: value for name, value in pinned.items() if name in _FIELDS}
    if fields.get("valid_until"):
        fields["valid_until"] = datetime.fromisoformat(fields["valid_until"])
    pins: Mapping[str, Mapping[str, Any]] = pinned.get("effects", {})
    effects = tuple(
        replace(effect, **unpacked({**pins.get(effect.token.strip().upper(), {}), **pins.get(effect_key(effect), {})}))
        for effect in draft.effects
    )
    moves = [
        (was.trading_ends_at, now.trading_ends_at, was.tickers) for was, now in zip(draft.effects, effects, strict=True)
    ]
    pinned_dates: Mapping[str, str | None] = pinned.get("dates", {})
    dates = [date for date in draft.important_dates if date_key(date) not in pinned_dates]
    corrected = [
        replace(date, at=datetime.fromisoformat(at))
        for date in draft.important_dates
        if (at := pinned_dates.get(date_key(date)))
    ]
    return replace(draft, effects=effects, important_dates=(*moved(dates, moves), *corrected), **fields)


def unpacked(pin: Mapping[str, Any]) -> dict[str, Any]:
    """The corrections of an effect as its draft holds them; pins are JSON."""
    values: dict[str, Any] = {
        name: datetime.fromisoformat(value) if value and name in _TIMES else value for name, value in pin.items()
    }
    return {**values, "tickers": tuple(values["tickers"])} if "tickers" in values else values


def effect_key(effect: Effect | EffectDraft) -> str:
    """Token, scope and venue of an effect; of single pairs also the first one."""
    first = min(effect.tickers, default="") if effect.scope == Scope.PAIRS else ""
    return " ".join(filter(None, (effect.token.strip().upper(), effect.scope, effect.venue.upper(), first)))


def source_key(effect: Effect, pinned: Mapping[str, Any]) -> str:
    """The key of an effect as its source has it; the present one where nobody has corrected where it holds."""
    present = effect_key(effect)
    for key, pin in pinned.get("effects", {}).items():
        if "scope" in pin and key.split(" ", 1)[0] == effect.token:
            there = EffectDraft(effect.token, pin["scope"], pin["venue"], tuple(pin["tickers"]))
            if effect_key(there) == present:
                return str(key)
    return present


def date_key(date: ImportantDate) -> str:
    return f"{date.at.astimezone(UTC).isoformat()} {date.what}"


def source_date_key(date: ImportantDate, pinned: Mapping[str, Any]) -> str:
    """The key of a date as its source has it; the present one where nobody has moved it."""
    for key, at in pinned.get("dates", {}).items():
        if at and key.split(" ", 1)[1] == date.what and datetime.fromisoformat(at) == date.at:
            return str(key)
    return date_key(date)


def moved(dates: Iterable[ImportantDate], moves: Iterable[Move]) -> list[ImportantDate]:
    """The dates, those that are ends of trading moved with them; at both times where only some of the effects moved.

    The end of what has no end any more is no date.
    """
    moves = [(was, now, tickers) for was, now, tickers in moves if was]
    found = []
    for date in dates:
        ends: dict[datetime | None, set[str]] = {}
        for was, now, tickers in moves:
            if was == date.at:
                ends.setdefault(now.astimezone(UTC) if now else None, set()).update(tickers)
        if not ends:
            found.append(date)
        for at, there in ends.items():
            if at is None:
                continue
            named = tuple(ticker for ticker in date.tickers if ticker in there) if len(ends) > 1 else date.tickers
            found.append(replace(date, at=at, tickers=named or date.tickers))
    return found
