"""Admin operations on events. They use the same write path as sources."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from events.drafts import EffectDraft, EventDraft
from events.enums import (
    Action,
    AlertReason,
    Category,
    CloseKind,
    OutcomeKind,
    Priority,
    RiskLevel,
    Scope,
    Status,
    TradingStatus,
)
from events.lifecycle.effects import apply_rules, set_times, step, subject_of, unpacked, utc
from events.lifecycle.lives import begin_life
from events.lifecycle.recorder import REOPENED_AGAINST, Reference, close_row, queue_alerts_for, record
from events.lifecycle.validation import LifecycleError
from events.models import Event, KeySuppression, plain_events
from events.outcomes import Outcome
from markets.identity_store import known_identity, tickers_of
from markets.names import WrongName, typed_name

# Long enough for the source to move on, short enough that a mistake does not hide the key for ever.
DEFAULT_SUPPRESSION = timedelta(days=30)

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
_PLACES = frozenset({"scope", "venue", "tickers", "trading_ends_at", "in_force_at"})


def _lock(event_id: int) -> Event:
    event = plain_events().select_for_update(no_key=True).filter(pk=event_id).first()
    if event is None:
        raise LifecycleError(f"event {event_id} does not exist")
    return event


def close_event(
    event_id: int,
    now: datetime,
    *,
    by: str,
    reason: str,
    suppress_until: datetime | None = None,
    false_alarm: bool = False,
) -> Outcome:
    """Close an open event and suppress its key, so that no source opens it again.

    suppress_until: by default 30 days from now; for a false alarm by default for ever.
    Raises LifecycleError where the event is not open.
    """
    with transaction.atomic():
        event = _lock(event_id)
        if event.status != Status.OPEN:
            raise LifecycleError(f"event {event_id} is closed already ({event.close_reason})")
        if suppress_until is None and not false_alarm:
            suppress_until = now + DEFAULT_SUPPRESSION
        ended = "false alarm" if false_alarm else "closed"
        # The ledger tells by this beginning that a person wrote it (`ledger_event_body`).
        note = f"{ended} by {by}: {reason}"[:200]
        KeySuppression.objects.update_or_create(
            natural_key=event.natural_key,
            defaults={"until": suppress_until, "reason": note, "made_by": by, "made_at": now},
        )
        if false_alarm:
            event.false_alarm = True
            event.save(update_fields=["false_alarm"])
        outcome = close_row(event, now, note, alert=AlertReason.CLOSED.value, kind=CloseKind.MANUAL)
        queue_alerts_for(outcome, now)
        return outcome


def reopen_event(event_id: int, now: datetime, *, by: str, reason: str, valid_until: datetime | None = None) -> Outcome:
    """Open a closed event again and delete the suppression of its key.

    The event begins a new life. The corrections of the last one stay, because the admin reopens the event as shown; an
    expiry that was corrected to a time in the past does not stay.

    valid_until: by default seven days from now where the old expiry is past.
    Raises LifecycleError where the event or another one of its key is open.
    """
    with transaction.atomic():
        event = _lock(event_id)
        if event.status == Status.OPEN:
            raise LifecycleError(f"event {event_id} is open already")
        if valid_until is not None and valid_until <= now:
            raise LifecycleError(f"valid_until was {valid_until:%Y-%m-%d %H:%M} UTC, expected a time in the future")
        KeySuppression.objects.filter(natural_key=event.natural_key).delete()
        pinned = {**event.pinned, REOPENED_AGAINST: event.close_reason}
        begin_life(event, now, opened_at=now, seen_at=event.seen_at)
        if valid_until is None and event.valid_until and event.valid_until <= now:
            valid_until = now + timedelta(days=7)
        if valid_until is not None:
            # An expiry in the future stays unpinned: a later date from the source must move it.
            event.valid_until = valid_until
            pinned["valid_until"] = valid_until.isoformat()
        event.pinned = pinned
        _step_and_save(event, now, reopens=True)
        outcome = Outcome(OutcomeKind.OPENED, f"reopened by {by}: {reason}", event, AlertReason.OPENED.value)
        queue_alerts_for(outcome, now)
        return outcome


def _step_and_save(event: Event, now: datetime, reopens: bool = False) -> None:
    """Save an event and its effects in their state at `now`. reopens: another event of its key may be open by now."""
    reference = Reference()
    effects = list(event.effects.all())
    for effect in effects:
        step(effect, event.category, reference.rules, now)
        effect.save()
    event.reminded_until = now
    apply_rules(event, effects, reference.retention, reference.digest)
    set_times(event, effects, reference.rules, now)
    event.revision += 1
    event.updated_at = now
    try:
        with transaction.atomic():
            event.save()
    except IntegrityError as error:
        if reopens:
            raise LifecycleError(
                f"another event with the key {event.natural_key!r} is open; correct that one instead"
            ) from error
        raise


def correct_event(
    event_id: int,
    now: datetime,
    *,
    by: str,
    fields: Mapping[str, Any],
    effects: Mapping[str, Mapping[str, Any]] | None = None,
    reason: str = "",
) -> Outcome:
    """Correct fields of an open event and pin them; polls do not overwrite pinned fields.

    fields: title, category, priority, valid_until or url. effects: token → action, risk_level, trading_status, and as
    JSON scope, venue, tickers, trading_ends_at, in_force_at.
    Raises LifecycleError that names the field or token that cannot be corrected so.
    """
    effects = effects or {}
    _check_corrections(fields, effects)
    with transaction.atomic():
        event = _lock(event_id)
        if event.status != Status.OPEN:
            raise LifecycleError(f"event {event_id} is closed; reopen it first")
        rows = list(event.effects.all())
        unknown = {token.upper() for token in effects} - {row.token for row in rows}
        if unknown:
            raise LifecycleError(f"event {event_id} has no effect on {', '.join(sorted(unknown))}")
        changes: dict[str, tuple[object, object]] = {}
        pinned = dict(event.pinned)
        for name, value in fields.items():
            changes[name] = (str(getattr(event, name)), str(value))
            setattr(event, name, value)
            pinned[name] = value.isoformat() if isinstance(value, datetime) else value
        pinned_effects = {token: dict(values) for token, values in pinned.get("effects", {}).items()}
        for token, values in effects.items():
            pinned_effects.setdefault(token.upper(), {}).update(values)
            for row in rows:
                if row.token == token.upper():
                    was = ", ".join(f"{name} {getattr(row, name)}" for name in values)
                    changes[subject_of(row)] = (was, ", ".join(f"{name} {value}" for name, value in values.items()))
                    places = unpacked({name: value for name, value in values.items() if name in _PLACES})
                    _move_date(event, row.trading_ends_at, places.get("trading_ends_at"))
                    for name, value in places.items():
                        setattr(row, name, list(value) if name == "tickers" else value)
                    row.declared = {
                        **row.declared, **{name: value for name, value in values.items() if name not in _PLACES}
                    }  # fmt: skip
                    row.save(update_fields=["declared", *places])
        if pinned_effects:
            pinned["effects"] = pinned_effects
        event.pinned = pinned
        _step_and_save(event, now)
        note = f"corrected by {by}: {reason}" if reason else f"corrected by {by}"
        correction = f"{by}: {reason}" if reason else by
        outcome = Outcome(OutcomeKind.UPDATED, note, event, AlertReason.UPDATED.value, changes, correction)
        queue_alerts_for(outcome, now)
        return outcome


def _move_date(event: Event, was: datetime | None, now: datetime | None) -> None:
    """Move the important dates that are the end of trading with it."""
    if was is not None and now is not None:
        event.important_dates = [
            {**date, "at": utc(now).isoformat()} if datetime.fromisoformat(date["at"]) == was else date
            for date in event.important_dates
        ]


def _check_corrections(fields: Mapping[str, Any], effects: Mapping[str, Mapping[str, Any]]) -> None:
    if not fields and not effects:
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
        for name, value in values.items():
            if name in _PLACES:
                continue
            if name not in _EFFECT_FIELDS:
                raise LifecycleError(f"{name} of {token} cannot be corrected; {', '.join(_EFFECT_FIELDS)} can")
            if value not in _EFFECT_FIELDS[name]:
                allowed_values = ", ".join(_EFFECT_FIELDS[name])
                raise LifecycleError(f"{name} of {token} was {value!r}, expected one of {allowed_values}")


def unpin_event(event_id: int, now: datetime, *, by: str, fields: Sequence[str]) -> Outcome:
    """Remove the pins of these fields, or of all effects ("effects"); the next poll writes the source's values."""
    with transaction.atomic():
        event = _lock(event_id)
        remaining = {name: value for name, value in event.pinned.items() if name not in fields}
        if remaining == event.pinned:
            return Outcome(OutcomeKind.UNCHANGED, "none of these was pinned", event)
        # Without the digest the next poll writes the source's values, even where the source reports nothing new.
        event.pinned, event.draft_digest, event.updated_at = remaining, "", now
        event.save(update_fields=["pinned", "draft_digest", "updated_at"])
        return Outcome(OutcomeKind.ROLLED_FORWARD, f"unpinned by {by}", event)


def manual_effects(
    now: datetime,
    *,
    tokens: Sequence[str],
    venues: Sequence[str],
    action: str,
    risk_level: str,
    trading_status: str,
    pairs: Sequence[tuple[str, str]] = (),
) -> tuple[EffectDraft, ...]:
    """The effects of blocking these tokens, as people type them, on these venues; without a venue everywhere.

    pairs: (asset, VENUE:SYMBOL) of single pairs; their coin goes on trading.
    """
    identity = known_identity()
    try:
        assets = dict.fromkeys(typed_name(token, identity, now).asset for token in tokens if token.strip())
    except WrongName as wrong:
        raise LifecycleError(str(wrong)) from None
    if not assets and not pairs:
        raise LifecycleError("a manual event needs at least one token")
    scopes = [(Scope.VENUE, venue) for venue in venues] or [(Scope.ASSET, "")]
    tickers = {venue: tickers_of(list(assets), identity, now, venue) for _, venue in scopes}
    covered = [(asset, scope, venue, tickers[venue][asset]) for asset in assets for scope, venue in scopes]
    single: dict[tuple[str, str], list[str]] = {}
    for asset, ticker in pairs:
        if asset not in assets:
            single.setdefault((asset, ticker.partition(":")[0]), []).append(ticker)
    covered += [(asset, Scope.PAIRS, venue, tuple(named)) for (asset, venue), named in single.items()]
    return tuple(
        EffectDraft(
            token=asset,
            scope=scope,
            venue=venue,
            action=action,
            risk_level=risk_level,
            trading_status=trading_status,
            tickers=named,
        )
        for asset, scope, venue, named in covered
    )


def open_manual_event(
    now: datetime,
    *,
    by: str,
    tokens: Sequence[str],
    title: str,
    action: str = Action.AVOID_NEW,
    risk_level: str = RiskLevel.HIGH,
    trading_status: str = TradingStatus.TRADING,
    valid_until: datetime | None = None,
    note: str = "",
    url: str = "",
    venues: Sequence[str] = (),
    category: str = Category.MANUAL,
    pairs: Sequence[tuple[str, str]] = (),
) -> Outcome:
    """Open a manual event ("block XYZ now"). It has high priority whatever is watched.

    tokens: as people type them, resolved as of now: 1000SHIB blocks SHIB. pairs: (asset, VENUE:SYMBOL) of
    single pairs. Raises LifecycleError for what is no name.
    """
    if valid_until is not None and valid_until <= now:
        raise LifecycleError(f"valid_until was {valid_until:%Y-%m-%d %H:%M} UTC, expected a time in the future")
    effects = manual_effects(
        now,
        tokens=tokens,
        venues=venues,
        action=action,
        risk_level=risk_level,
        trading_status=trading_status,
        pairs=pairs,
    )
    draft = EventDraft(
        source="manual",
        category=category,
        natural_key=f"manual:{now:%Y%m%dT%H%M%S}:{secrets.token_hex(4)}",
        title=title,
        kind="manual",
        url=url,
        valid_until=valid_until,
        published_at=now,
        reopen="always",
        effects=effects,
        facts={"note": note} if note else {},
        extra={"opened_by": by[:150], "note": note},
    )
    return record(draft, now)
