"""Admin operations on events. They use the same write path as sources."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from events.drafts import EffectDraft, EventDraft
from events.enums import (
    Action,
    AlertReason,
    Category,
    CloseKind,
    OutcomeKind,
    RiskLevel,
    Scope,
    Status,
    TradingStatus,
)
from events.lifecycle.effects import apply_rules, set_times, step
from events.lifecycle.lives import begin_life
from events.lifecycle.recorder import REOPENED_AGAINST, Reference, close_row, queue_alerts_for, record
from events.lifecycle.validation import LifecycleError
from events.models import Event, KeySuppression, plain_events
from events.outcomes import Outcome
from markets.identity_store import known_identity, tickers_of
from markets.names import WrongName, typed_name

# Long enough for the source to move on, short enough that a mistake does not hide the key for ever.
DEFAULT_SUPPRESSION = timedelta(days=30)


def lock_event(event_id: int) -> Event:
    """The event, locked until the transaction ends. Raises LifecycleError where there is none."""
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
        event = lock_event(event_id)
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
        event = lock_event(event_id)
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
        step_and_save(event, now, reopens=True)
        outcome = Outcome(OutcomeKind.OPENED, f"reopened by {by}: {reason}", event, AlertReason.OPENED.value)
        queue_alerts_for(outcome, now)
        return outcome


def step_and_save(event: Event, now: datetime, reopens: bool = False) -> None:
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
