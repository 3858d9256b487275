"""`record`: opens, updates or closes the event of a draft's natural key."""

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
from events.lifecycle.card_changes import card_content, effect_states, source_fields
from events.lifecycle.effects import (
    build_effects,
    date_times,
    dates_as_json,
    default_valid_until,
    load_retention,
    load_rules,
    set_times,
)
from events.lifecycle.lives import begin_life, mark_closed_by_source, reopen_reason
from events.lifecycle.pins import with_pins
from events.lifecycle.renames import is_former_name, with_present_names
from events.lifecycle.stages import Rules
from events.lifecycle.validation import LifecycleError, check_draft
from events.models import Effect, Event, KeySuppression, plain_events
from events.outcomes import Outcome
from markets.identity import Identity
from markets.identity_store import known_identity, live_tickers

logger = logging.getLogger(__name__)

# These happen once: a closed key opens again only for a new date in the future. The others (a peg, a price) can happen
# again at any time.
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


# Key in `Event.pinned` beside the corrected fields: the close reason of the life before, which the admin overruled by
# reopening the event. A draft that closes it for the same reason changes nothing. Unpinning never removes this key.
REOPENED_AGAINST = "reopened_against"


@dataclass(frozen=True)
class Reference:
    """The rules and the names of coins, read once per cycle."""

    rules: Rules = field(default_factory=load_rules)
    retention: dict[str, tuple[timedelta, timedelta]] = field(default_factory=lambda: dict(load_retention()))

    @cached_property
    def digest(self) -> str:
        """Digest of all rules. An event with another digest gets the present rules at its next step or poll."""
        content = repr((sorted(self.rules.items()), sorted(self.retention.items())))
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @cached_property
    def identity(self) -> Identity:
        return known_identity()


def record(draft: EventDraft, now: datetime, reference: Reference | None = None) -> Outcome:
    """Open, update, roll forward or close the event of the draft's natural key, and queue its alerts.

    One transaction (a savepoint inside the caller's). Raises DraftError for a draft with a value that no event can
    have.
    """
    check_draft(draft, now)
    with transaction.atomic():
        outcome = _record(draft, now, reference or Reference())
        queue_alerts_for(outcome, now)
    return outcome


def record_many(drafts: Iterable[EventDraft], now: datetime) -> list[Outcome]:
    """Record a whole cycle in one transaction with a savepoint per draft, in order.

    A draft that cannot be recorded gives an outcome of kind `failed` with the reason; the others are recorded.
    """
    outcomes: list[Outcome] = []
    drafts = list(drafts)
    if not drafts:
        return outcomes
    with transaction.atomic():
        reference = Reference()
        _lock_in_order({draft.natural_key for draft in drafts})
        for draft in drafts:
            try:
                outcomes.append(record(draft, now, reference))
            except (LifecycleError, DatabaseError, KeyError, ValueError) as error:
                # ValueError: psycopg2 refuses NUL bytes and lone surrogates so.
                logger.warning("%s was not recorded: %s", draft.natural_key, error)
                outcomes.append(Outcome(OutcomeKind.FAILED, str(error), None))
    return outcomes


def queue_alerts_for(outcome: Outcome, now: datetime) -> None:
    """Pass an outcome that is due an alert to the alert policy, in the transaction that wrote the event."""
    policy = registry.alert_policy()
    if policy and outcome.alert and outcome.event:
        policy(outcome, now)


def _lock_in_order(keys: Collection[str]) -> None:
    """Lock a cycle's open events before any is written; otherwise two cycles with two common events would deadlock."""
    locked = plain_events().select_for_update(no_key=True).filter(natural_key__in=keys, status=Status.OPEN)
    list(locked.order_by("id").values_list("pk"))


def lock_open_event(natural_key: str) -> Event | None:
    # A plain FOR UPDATE would wait for every foreign-key check on the event.
    return plain_events().select_for_update(no_key=True).filter(natural_key=natural_key, status=Status.OPEN).first()


def _record(draft: EventDraft, now: datetime, reference: Reference) -> Outcome:
    event = lock_open_event(draft.natural_key)
    if draft.based_on is not None and draft.based_on != (event.draft_digest if event else None):
        return Outcome(OutcomeKind.UNCHANGED, "it was recorded again while this was read", event)
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
        mark_closed_by_source(draft.natural_key)
        return Outcome(OutcomeKind.UNCHANGED, "nothing is open under this key", None)
    if draft.state == "closed" and draft.close_reason[:200] == event.pinned.get(REOPENED_AGAINST):
        return Outcome(OutcomeKind.UNCHANGED, "an admin reopened it after it was closed for this reason", event)
    if draft.state == "closed":
        kind = CloseKind.RETRACTED if draft.retracted else CloseKind.SOURCE
        reason = draft.close_reason or "its source closed it"
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
        # The suppression has expired and is used up: it must not decide about the next life.
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
        return Outcome(OutcomeKind.OPENED, "it resumed soon after it was closed", previous, _opening_alert(draft))
    if previous and _only_new_dates(draft):
        known = set(date_times(previous.important_dates))
        fresh = [date.at for date in draft.important_dates if date.at > now and date.at not in known]
        again = reopen_reason(previous, suppression)
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
    # An admin's "open-ended" (None) is a pinned expiry too.
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
        if effect.scope == Scope.ASSET and not is_former_name(effect.token, event.category, reference.identity, now):
            # An asset-scope effect covers every live instrument of the asset, whatever its source.
            effect.tickers = sorted({*effect.tickers, *live_tickers(effect.token, reference.identity, now)})
    set_times(event, effects, reference.rules, now)
    event.save()
    _replace_effects(event, effects)


def _is_by_rule(event: Event, draft: EventDraft, reference: Reference) -> bool:
    """Whether the retention rules give the expiry: the draft names none, or the one that the rules gave before."""
    if draft.valid_until is None:
        return True
    # An earlier release did not store who named the expiry, and the draft may be made from such an event.
    made_from_it = event.pk is not None and event.expiry_by_rule is None and draft.valid_until == event.valid_until
    by_rule = default_valid_until(replace(draft, valid_until=None), event.opened_at, reference.retention)
    return made_from_it and draft.valid_until == by_rule


def _replace_effects(event: Event, effects: Sequence[Effect]) -> None:
    """Make these the event's effects; rows that do not change are kept."""
    existing: dict[tuple[Any, ...], list[Effect]] = {}
    for effect in event.effects.all() if event.pk else ():
        existing.setdefault(_effect_key(effect), []).append(effect)
    fresh = []
    for effect in effects:
        same = existing.get(_effect_key(effect))
        if same:
            same.pop()
        else:
            effect.event_id = event.pk
            fresh.append(effect)
    gone = [effect.pk for rows in existing.values() for effect in rows]
    if gone:
        Effect.objects.filter(pk__in=gone).delete()
    Effect.objects.bulk_create(fresh)


def _effect_key(effect: Effect) -> tuple[Any, ...]:
    return (
        *source_fields(effect, with_tickers=True),
        tuple(effect.tickers),
        effect.action,
        effect.risk_level,
        effect.trading_status,
    )


def _update(event: Event, draft: EventDraft, now: datetime, reference: Reference) -> Outcome:
    # An earlier release wrote no digest: `expire` applies the rules to such events.
    same_rules = event.rules_digest in ("", reference.digest)
    if event.draft_digest == draft.digest() and same_rules:
        return Outcome(OutcomeKind.UNCHANGED, "the source reports nothing new", event)
    effects_before = list(event.effects.all())
    before, states_before = card_content(event, effects_before), effect_states(effects_before)
    was_low = event.priority == Priority.LOW
    expired_before = event.valid_until
    real: Event = event.get_real_instance() if draft.extra else event
    reminded_until = event.reminded_until or event.opened_at
    if not any(reminded_until < at <= now for at in date_times(event.important_dates)):
        # A date that is past when its source first names it: this update is the reminder.
        real.reminded_until = now
    _write(real, draft, now, reference, revision=event.revision)
    effects_after = list(real.effects.all())
    after = card_content(real, effects_after)
    changes = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    raised = was_low and real.priority == Priority.HIGH
    if not changes and not draft.alert:
        # A step became due since the last poll and this poll came before `expire`: no other alert reports it.
        states = effect_states(effects_after)
        steps = {line: (states_before[line], state) for line, state in states.items() if states_before[line] != state}
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
    """Why effects changed though their source reports nothing new, and the alert that is due."""
    if same_rules:
        return "a step was due", AlertReason.REMINDER.value
    return "an action rule was changed", AlertReason.UPDATED.value
