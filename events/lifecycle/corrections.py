"""Admins' corrections of open events: what the source says wrongly, until somebody takes the correction back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from events.drafts import ImportantDate
from events.enums import Action, AlertReason, Category, OutcomeKind, Priority, RiskLevel, Status, TradingStatus
from events.lifecycle.card_changes import card_content
from events.lifecycle.effects import dates_as_json, subject_of
from events.lifecycle.manual import lock_event, step_and_save
from events.lifecycle.pins import Move, date_key, moved, source_date_key, source_key, unpacked
from events.lifecycle.recorder import queue_alerts_for
from events.lifecycle.validation import LifecycleError
from events.models import Effect, Event
from events.outcomes import Outcome

_FIELDS: Mapping[str, Sequence[str] | None] = {
    "title": None,
    "category": Category.values,
    "priority": Priority.values,
    "valid_until": None,
    "url": None,
}
_EFFECT_FIELDS: Mapping[str, Sequence[str]] = {
    "action": Action.values,
    "risk_level": RiskLevel.values,
    "trading_status": TradingStatus.values,
}
# Of an effect: where and when it holds, as JSON. The values are checked where they are typed.
_WHERE = frozenset({"scope", "venue", "tickers"})
_PLACES = _WHERE | {"trading_ends_at", "in_force_at"}


def correct_event(
    event_id: int,
    now: datetime,
    *,
    by: str,
    fields: Mapping[str, Any],
    effects: Mapping[str, Mapping[str, Any]] | None = None,
    dates: Mapping[str, datetime | None] | None = None,
    reason: str = "",
) -> Outcome:
    """Correct fields of an open event and pin them; polls do not overwrite pinned fields.

    fields: title, category, priority, valid_until or url.
    effects: token, or key of single effects (`pins.source_key`) → action, risk_level, trading_status, and as JSON
    trading_ends_at, in_force_at (None: no time is known), and together scope, venue, tickers.
    dates: key of an important date (`pins.date_key`, as it is now) → its time; None: it is called off.
    Raises LifecycleError that names the field, effect or date that cannot be corrected so.
    """
    effects, dates = effects or {}, dates or {}
    _check_corrections(fields, effects, dates)
    with transaction.atomic():
        event = lock_event(event_id)
        if event.status != Status.OPEN:
            raise LifecycleError(f"event {event_id} is closed; reopen it first")
        changes: dict[str, tuple[object, object]] = {}
        pinned = dict(event.pinned)
        for name, value in fields.items():
            changes[name] = (str(getattr(event, name)), str(value))
            setattr(event, name, value)
            pinned[name] = value.isoformat() if isinstance(value, datetime) else value
        if effects:
            pinned["effects"] = _correct_effects(event, effects, changes)
        if dates:
            before = card_content(event, ())["important_dates"]
            pinned["dates"] = _correct_dates(event, dates)
            changes["important_dates"] = (before, card_content(event, ())["important_dates"])
        event.pinned = pinned
        step_and_save(event, now)
        note = f"corrected by {by}: {reason}" if reason else f"corrected by {by}"
        correction = f"{by}: {reason}" if reason else by
        outcome = Outcome(OutcomeKind.UPDATED, note, event, AlertReason.UPDATED.value, changes, correction)
        queue_alerts_for(outcome, now)
        return outcome


def _correct_effects(
    event: Event, effects: Mapping[str, Mapping[str, Any]], changes: dict[str, tuple[object, object]]
) -> dict[str, dict[str, Any]]:
    """Correct the rows and save them; returns the pins of effects."""
    rows = [(row, source_key(row, event.pinned)) for row in event.effects.all()]
    pins = {key: dict(values) for key, values in event.pinned.get("effects", {}).items()}
    moves: dict[int, Move] = {row.pk: (row.trading_ends_at, row.trading_ends_at, list(row.tickers)) for row, _ in rows}
    for given, values in effects.items():
        name = given if " " in given else given.upper()
        chosen = [(row, key) for row, key in rows if name in (row.token, key)]
        if not chosen:
            raise LifecycleError(f"event {event.pk} has no effect on {name}")
        declared = {field: value for field, value in values.items() if field not in _PLACES}
        places = {field: value for field, value in values.items() if field in _PLACES}
        if declared:
            for key in [key for key in pins if key.split(" ", 1)[0] == name]:
                # What is said of the token now is said of each of its effects.
                pins[key] = {field: value for field, value in pins[key].items() if field not in declared}
            pins.setdefault(name, {}).update(declared)
        for row, key in chosen:
            if places:
                pins.setdefault(key, {}).update(places)
            subject, before = subject_of(row), _as_recorded(row, values)
            for field, value in unpacked(places).items():
                setattr(row, field, list(value) if field == "tickers" else value)
            row.declared = {**row.declared, **declared}
            row.save(update_fields=["declared", *places])
            moves[row.pk] = (moves[row.pk][0], row.trading_ends_at, moves[row.pk][2])
            for field, value in declared.items():
                setattr(row, field, value)
            changes[subject] = (before, _as_recorded(row, values))
    event.important_dates = dates_as_json(moved(map(ImportantDate.from_json, event.important_dates), moves.values()))
    return {key: pin for key, pin in pins.items() if pin}


def _as_recorded(row: Effect, corrected: Mapping[str, Any]) -> str:
    """What is corrected of an effect, as it is now: the fields by name, which cards put in words."""
    return ", ".join(f"{name} {getattr(row, name)}" for name in corrected)


def _correct_dates(event: Event, dates: Mapping[str, datetime | None]) -> dict[str, str | None]:
    """Move important dates of the event, or take them away; returns the pins of dates."""
    pins = dict(event.pinned.get("dates", {}))
    found = {date_key(date): date for date in map(ImportantDate.from_json, event.important_dates)}
    for key, at in dates.items():
        date = found.get(key)
        if date is None:
            raise LifecycleError(f"event {event.pk} has no date {key}")
        pins[source_date_key(date, event.pinned)] = at.astimezone(UTC).isoformat() if at else None
        if at is None:
            del found[key]
        else:
            found[key] = ImportantDate(at, date.what, date.tickers)
    event.important_dates = dates_as_json(found.values())
    return pins


def _check_corrections(
    fields: Mapping[str, Any], effects: Mapping[str, Mapping[str, Any]], dates: Mapping[str, datetime | None]
) -> None:
    if not fields and not effects and not dates:
        raise LifecycleError("nothing was corrected")
    for name, value in fields.items():
        if name not in _FIELDS:
            raise LifecycleError(f"{name} cannot be corrected; {', '.join(_FIELDS)} can")
        allowed = _FIELDS[name]
        if allowed is not None and value not in allowed:
            raise LifecycleError(f"{name} was {value!r}, expected one of {', '.join(allowed)}")
    if "title" in fields and not str(fields["title"]).strip():
        raise LifecycleError("title was empty, expected a text")
    for token, values in effects.items():
        if (given := _WHERE & set(values)) and given != _WHERE:
            raise LifecycleError(f"{', '.join(sorted(given))} of {token} was given, expected scope, venue and tickers")
        for name, value in values.items():
            if name in _PLACES:
                continue
            if name not in _EFFECT_FIELDS:
                raise LifecycleError(f"{name} of {token} cannot be corrected; {', '.join(_EFFECT_FIELDS)} can")
            if value not in _EFFECT_FIELDS[name]:
                allowed_values = ", ".join(_EFFECT_FIELDS[name])
                raise LifecycleError(f"{name} of {token} was {value!r}, expected one of {allowed_values}")


def unpin_event(event_id: int, now: datetime, *, by: str, fields: Sequence[str]) -> Outcome:
    """Remove the pins of these fields, of all effects ("effects") or of all dates ("dates").

    The next poll writes the source's values.
    """
    with transaction.atomic():
        event = lock_event(event_id)
        remaining = {name: value for name, value in event.pinned.items() if name not in fields}
        if remaining == event.pinned:
            return Outcome(OutcomeKind.UNCHANGED, "none of these was pinned", event)
        # Without the digest the next poll writes the source's values, even where the source reports nothing new.
        event.pinned, event.draft_digest, event.updated_at = remaining, "", now
        event.save(update_fields=["pinned", "draft_digest", "updated_at"])
        return Outcome(OutcomeKind.ROLLED_FORWARD, f"unpinned by {by}", event)
