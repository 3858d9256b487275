"""`record`: what becomes of a draft, by its natural key."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction

from events import registry
from events.drafts import EventDraft
from events.enums import AlertReason, Category, CloseKind, OutcomeKind, Priority, Scope, Status
from events.lifecycle.effects import (
    build_effects,
    date_times,
    dates_as_json,
    default_valid_until,
    load_retention,
    load_rules,
    set_times,
    utc,
    with_pins,
)
from events.lifecycle.lives import begin_life, may_return, was_ended_by_its_source
from events.lifecycle.renames import with_present_names
from events.lifecycle.stages import Rules
from events.lifecycle.validation import LifecycleError, check_draft
from events.models import Effect, Event, KeySuppression, plain_events
from events.outcomes import Outcome
from markets.identity import Identity
from markets.identity_store import known_identity, live_tickers

logger = logging.getLogger(__name__)

# One-off news: under a closed key only a new date in the future is news again. The others (a peg, a price)
# can happen again at any time.
_ONE_OFF = frozenset(
    {
        Category.DELISTING,
        Category.HARD_FORK,
        Category.NETWORK_UPGRADE,
        Category.TOKEN_MIGRATION,
        Category.TRADING_SUSPENSION,
        Category.WALLET_SUSPENSION,
        Category.RISK_WARNING,
        Category.HACK,
        Category.BRIDGE_HACK,
    }
)


# In `Event.pinned`: the close reason that an admin overruled by opening the event again.
REOPENED_AGAINST = "reopened_against"


@dataclass(frozen=True)
class Reference:
    """The rules, read once per cycle."""

    rules: Rules = field(default_factory=load_rules)
    retention: dict[str, tuple[timedelta, timedelta]] = field(default_factory=lambda: dict(load_retention()))

    @cached_property
    def digest(self) -> str:
        """Of all rules: an event that was brought to others is brought to these at its next step or poll."""
        content = repr((sorted(self.rules.items()), sorted(self.retention.items())))
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @cached_property
    def identity(self) -> Identity:
        return known_identity()


def record(draft: EventDraft, now: datetime, reference: Reference | None = None) -> Outcome:
    """Open, update, roll forward or close the event of the draft's natural key, and queue its alerts.

    One transaction (a savepoint inside the caller's). Raises DraftError for a draft that no event can come of.
    """
    check_draft(draft, now)
    with transaction.atomic():
        outcome = _record(draft, now, reference or Reference())
        tell(outcome, now)
    return outcome


def record_many(drafts: Iterable[EventDraft], now: datetime) -> list[Outcome]:
    """Record a whole cycle in one transaction with a savepoint per draft, in order.

    A draft that cannot be recorded gives an outcome of kind `failed` with the reason; the others go on.
    """
    outcomes: list[Outcome] = []
    wanted = list(drafts)
    if not wanted:
        return outcomes
    with transaction.atomic():
        reference = Reference()
        _lock_in_order({draft.natural_key for draft in wanted})
        for draft in wanted:
            try:
                outcomes.append(record(draft, now, reference))
            except (LifecycleError, DatabaseError, KeyError, ValueError) as error:
                # ValueError: what psycopg2 says to NUL bytes and lone surrogates.
                logger.warning("%s was not recorded: %s", draft.natural_key, error)
                outcomes.append(Outcome(OutcomeKind.FAILED, str(error), None))
    return outcomes


def tell(outcome: Outcome, now: datetime) -> None:
    """Hand an outcome to the alert policy, in the transaction that wrote the event."""
    policy = registry.alert_policy()
    if policy and outcome.alert and outcome.event:
        policy(outcome, now)


def _lock_in_order(keys: Collection[str]) -> None:
    """Lock a cycle's open events before any is written: two cycles that meet on two of them would else deadlock."""
    locked = plain_events().select_for_update(no_key=True).filter(natural_key__in=keys, status=Status.OPEN)
    list(locked.order_by("id").values_list("pk"))


def lock_open_event(natural_key: str) -> Event | None:
    # A plain FOR UPDATE would wait for every foreign-key check on the event.
    return plain_events().select_for_update(no_key=True).filter(natural_key=natural_key, status=Status.OPEN).first()


def _record(draft: EventDraft, now: datetime, reference: Reference) -> Outcome:
    event = lock_open_event(draft.natural_key)
    if draft.based_on is not None and draft.based_on != (event.draft_digest if event else None):
        return Outcome(OutcomeKind.UNCHANGED, "it was recorded anew while this was read", event)
    if event is None and draft.state == "open":
        try:
            with transaction.atomic():
                return _open(draft, now, reference)
        except IntegrityError:
            # Another writer opened the key between our look and our insert.
            event = lock_open_event(draft.natural_key)
            if event is None:
                raise
    if event is None:
        was_ended_by_its_source(draft.natural_key)
        return Outcome(OutcomeKind.UNCHANGED, "nothing is open under this key", None)
    if draft.state == "closed" and draft.close_reason[:200] == event.pinned.get(REOPENED_AGAINST):
        return Outcome(OutcomeKind.UNCHANGED, "an admin opened it again after it was closed for this", event)
    if draft.state == "closed":
        kind = CloseKind.RETRACTED if draft.retracted else CloseKind.SOURCE
        reason = draft.close_reason or "its source says so"
        return close_row(event, now, reason, alert=_closing_alert(draft), kind=kind)
    return _update(event, draft, now, reference)


def _closing_alert(draft: EventDraft) -> str | None:
    return None if draft.quiet else (draft.alert or AlertReason.CLOSED.value)


def close_row(
    event: Event, now: datetime, reason: str, alert: str | None, kind: CloseKind = CloseKind.EXPIRED
) -> Outcome:
    """Close an open event; its effects stay as they were, as history."""
    event.status, event.closed_at, event.close_reason = Status.CLOSED, now, reason[:200]
    event.close_kind = kind.value
    event.updated_at, event.step_due_at = now, None
    if alert:
        event.revision += 1
    event.save(
        update_fields=["status", "closed_at", "close_reason", "close_kind", "updated_at", "step_due_at", "revision"]
    )
    return Outcome(OutcomeKind.CLOSED, reason, event, alert)


def _open(draft: EventDraft, now: datetime, reference: Reference) -> Outcome:
    suppression = KeySuppression.objects.filter(natural_key=draft.natural_key).first()
    if suppression and (suppression.until is None or suppression.until > now):
        return Outcome(OutcomeKind.UNCHANGED, f"an admin closed this key: {suppression.reason}", None)
    outcome = _open_key(draft, now, reference, suppression)
    if suppression and outcome.kind == OutcomeKind.OPENED:
        # It has run out and is used up: of the next end it must say nothing.
        suppression.delete()
    return outcome


def _open_key(draft: EventDraft, now: datetime, reference: Reference, suppression: KeySuppression | None) -> Outcome:
    valid_until = default_valid_until(draft, now, reference.retention)
    if valid_until and valid_until <= now:
        return Outcome(OutcomeKind.UNCHANGED, f"it was over on {valid_until:%Y-%m-%d %H:%M} UTC", None)
    previous = (
        plain_events()
        .select_for_update(no_key=True)
        .filter(natural_key=draft.natural_key, status=Status.CLOSED)
        .order_by("-id")
        .first()
    )
    if previous and draft.reopen == "resume":
        previous = previous.get_real_instance()
        begin_life(previous, now, opened_at=previous.opened_at, seen_at=previous.seen_at, resumed=True)
        _write(previous, draft, now, reference, revision=previous.revision + 1)
        return Outcome(OutcomeKind.OPENED, "it is back soon after it was closed", previous, _opening_alert(draft))
    if previous and _only_new_dates(draft):
        known = set(date_times(previous.important_dates))
        fresh = [date.at for date in draft.important_dates if date.at > now and date.at not in known]
        again = may_return(previous, suppression)
        if not fresh and not again:
            return Outcome(OutcomeKind.UNCHANGED, "this key was closed before, and there is no new date", None)
        reason = f"reopened for a new date, {min(fresh):%Y-%m-%d %H:%M} UTC" if fresh else again
        previous = previous.get_real_instance()
        begin_life(previous, now, opened_at=now, seen_at=draft.seen_at or now)
        _write(previous, draft, now, reference, revision=previous.revision + 1)
        return Outcome(OutcomeKind.OPENED, reason, previous, _opening_alert(draft))
    model = registry.event_model(draft.kind) if draft.kind else Event
    event = model(opened_at=now, seen_at=draft.seen_at or now, natural_key=draft.natural_key, status=Status.OPEN)
    event.reminded_until = now
    _write(event, draft, now, reference, revision=1)
    return Outcome(OutcomeKind.OPENED, "first seen", event, _opening_alert(draft))


def _opening_alert(draft: EventDraft) -> str | None:
    return None if draft.quiet else (draft.alert or AlertReason.OPENED.value)


def _only_new_dates(draft: EventDraft) -> bool:
    return draft.reopen == "new_date" or (draft.reopen == "auto" and draft.category in _ONE_OFF)


def _write(
    event: Event,
    draft: EventDraft,
    now: datetime,
    reference: Reference,
    revision: int,
) -> None:
    digest = draft.digest()
    event.expiry_by_rule = _is_by_rule(event, draft, reference)
    draft = with_pins(with_present_names(draft, reference.identity, now), event.pinned)
    for name, value in draft.extra.items():
        setattr(event, name, value)
    event.source, event.category, event.priority = draft.source, draft.category, draft.priority
    event.title, event.url = draft.title, draft.url
    event.network_tokens = sorted({token.upper() for token in draft.network_tokens})
    event.important_dates = dates_as_json(draft.important_dates)
    # An admin's "open-ended" is an expiry as well.
    pinned = "valid_until" in event.pinned
    event.valid_until = (
        draft.valid_until if pinned else default_valid_until(draft, event.opened_at, reference.retention)
    )
    event.rules_digest = reference.digest
    event.published_at = draft.published_at
    event.facts = dict(draft.facts)
    event.revision, event.updated_at = revision, now
    event.draft_digest = digest
    if draft.payload:
        event.payload_id = draft.payload
    effects = build_effects(draft.effects, event.category, reference.rules, now)
    for effect in effects:
        if effect.scope == Scope.ASSET:
            # Whatever told it: what happens to a coin happens to every live instrument of it.
            effect.tickers = sorted({*effect.tickers, *live_tickers(effect.token, reference.identity, now)})
    set_times(event, effects, reference.rules, now)
    event.save()
    _replace_effects(event, effects)


def _is_by_rule(event: Event, draft: EventDraft, reference: Reference) -> bool:
    """Whether the retention rules give the expiry, as the draft names none, or names what they gave before."""
    if draft.valid_until is None:
        return True
    # Of an event that an earlier release wrote nobody said who named its expiry, and a draft may be made from it.
    made_from_it = event.pk is not None and event.expiry_by_rule is None and draft.valid_until == event.valid_until
    by_rule = default_valid_until(replace(draft, valid_until=None), event.opened_at, reference.retention)
    return made_from_it and draft.valid_until == by_rule


def _replace_effects(event: Event, wanted: Sequence[Effect]) -> None:
    """Make the event's effects these, keeping the rows that stay the same."""
    existing: dict[tuple[Any, ...], list[Effect]] = {}
    for effect in event.effects.all() if event.pk else ():
        existing.setdefault(_whole(effect), []).append(effect)
    fresh = []
    for effect in wanted:
        same = existing.get(_whole(effect))
        if same:
            same.pop()
        else:
            effect.event_id = event.pk
            fresh.append(effect)
    gone = [effect.pk for effects in existing.values() for effect in effects]
    if gone:
        Effect.objects.filter(pk__in=gone).delete()
    Effect.objects.bulk_create(fresh)


def _whole(effect: Effect) -> tuple[Any, ...]:
    return (
        *_said(effect, with_tickers=True),
        tuple(effect.tickers),
        effect.action,
        effect.risk_level,
        effect.trading_status,
    )


def _said(effect: Effect, with_tickers: bool) -> tuple[Any, ...]:
    """What of an effect is the source's word, as against what time and the instrument list make of it."""
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


def _update(event: Event, draft: EventDraft, now: datetime, reference: Reference) -> Outcome:
    # An earlier release wrote no digest: `expire` brings such events to the rules.
    same_rules = event.rules_digest in ("", reference.digest)
    if event.draft_digest == draft.digest() and same_rules:
        return Outcome(OutcomeKind.UNCHANGED, "the source says the same", event)
    effects_before = list(event.effects.all())
    before, stood = _card_content(event, effects_before), _standing(effects_before)
    was_low = event.priority == Priority.LOW
    expired_before = event.valid_until
    real: Event = event.get_real_instance() if draft.extra else event
    reminded_until = event.reminded_until or event.opened_at
    if not any(reminded_until < at <= now for at in date_times(event.important_dates)):
        # Of dates that are past when their source first tells of them, this update is the reminder.
        real.reminded_until = now
    _write(real, draft, now, reference, revision=event.revision)
    effects_after = list(real.effects.all())
    after = _card_content(real, effects_after)
    changes = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    raised = was_low and real.priority == Priority.HIGH
    if not changes and not draft.alert:
        # Time has taken a step since the last look, and this look came before `expire`: nobody else will tell it.
        steps = {who: (stood[who], now_at) for who, now_at in _standing(effects_after).items() if stood[who] != now_at}
        if steps:
            real.revision += 1
            real.reminded_until = now
            set_times(real, effects_after, reference.rules, now)
            real.save(update_fields=["revision", "reminded_until", "next_important_at", "step_due_at"])
            reason, alert = step_reason(same_rules)
            return Outcome(OutcomeKind.UPDATED, reason, real, None if draft.quiet else alert, {**steps})
        what = "its expiry moved" if real.valid_until != expired_before else "its facts changed"
        return Outcome(OutcomeKind.ROLLED_FORWARD, what, real)
    real.revision += 1
    real.save(update_fields=["revision"])
    reason = "changed: " + ", ".join(changes) if changes else str(draft.alert)
    alert = draft.alert or (AlertReason.OPENED if raised else AlertReason.UPDATED).value
    return Outcome(OutcomeKind.UPDATED, reason, real, None if draft.quiet else alert, changes)


def step_reason(same_rules: bool) -> tuple[str, str]:
    """Why effects stand otherwise than before though their source says the same, and the alert that is due to it."""
    if same_rules:
        return "a step was due", AlertReason.REMINDER.value
    return "an action rule was changed", AlertReason.UPDATED.value


def _card_content(event: Event, effects: Sequence[Effect]) -> dict[str, Any]:
    """What a card says and a source can change; facts and the tickers of a whole coin come and go unannounced."""
    return {
        "title": event.title,
        "category": event.category,
        "priority": event.priority,
        "important_dates": [[date["at"], date["what"], date["tickers"]] for date in event.important_dates],
        "effects": sorted(map(_readable, effects)),
    }


def _standing(effects: Iterable[Effect]) -> dict[str, str]:
    """Where each effect stands now, by what its source says of it."""
    return {_readable(effect): f"{effect.action} {effect.trading_status}" for effect in effects}


def _readable(effect: Effect) -> str:
    """An effect as a line, stable enough to be compared and clear enough to be shown as a change."""
    # The instruments of a coin that is hit as a whole are the instrument list's word: a new pair of it is no news.
    token, scope, venue, tickers, ends, begins, declared = _said(effect, with_tickers=effect.scope == Scope.PAIRS)
    where = f" on {venue}" if venue else ""
    what = f" ({', '.join(tickers)})" if tickers else ""
    if scope == Scope.PAIRS and tickers:
        # Not the coin: it goes on trading.
        token, scope, where, what = ", ".join(tickers), "single pairs", "", ""
    when = f", ends {ends:%Y-%m-%d %H:%M}" if ends else f", from {begins:%Y-%m-%d %H:%M}" if begins else ""
    said = "".join(f", {name.replace('in_force_status', 'then')} {value}" for name, value in declared)
    return f"{token}: {scope}{where}{what}{when}{said}"
