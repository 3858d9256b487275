"""`expire`: takes the scheduled transitions of open events."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, Q

from events import reviews
from events.clock import Jump
from events.enums import MEASURED, Action, AlertReason, OutcomeKind, RiskLevel, Status, TradingStatus
from events.lifecycle.effects import apply_rules, date_times, load_retention, set_times, step, subject_of
from events.lifecycle.recorder import Reference, close_row, queue_alerts_for, step_reason
from events.lifecycle.renames import follow_renames
from events.models import Effect, Event, KeySuppression, plain_events
from events.outcomes import Outcome
from markets.identity import Identity

logger = logging.getLogger(__name__)

# Most events, and most seconds, in one transaction. The commit refreshes the view besides, which takes time too.
MOST_AT_ONCE = 200
_SECONDS_AT_ONCE = 0.7


def expire(now: datetime, closing: bool = True) -> list[Outcome]:
    """Take every step that is due by `now`, and close events past their expiry, the earliest first.

    closing: off while the clock may be wrong. Then no event closes and no effect weakens; stricter steps are taken.

    A step (an important date passes, the last day before the end of trading begins, a state comes into force) is an
    update with one reminder, however many steps are due together. The renaming of a coin is an update too. An event
    with the digest of earlier rules is due as well: it gets the state that the present rules give it. Thousands of due
    events are taken in transactions of about a second each, because other writers of events wait for them. The view is
    correct at each commit; what a kill leaves is taken by the next run.
    """
    outcomes: list[Outcome] = []
    reference = Reference()
    outcomes += follow_renamed_coins(now, reference.identity)
    make_due_for_rules(now, reference)
    after: tuple[datetime, int] | None = None
    while True:
        taken, after = _expire_some(now, reference, after, closing)
        outcomes += taken
        if after is None:
            return outcomes


def follow_renamed_coins(now: datetime, identity: Identity) -> list[Outcome]:
    """Give open events and undecided reviews the present names of their coins, and queue the alerts.

    Also called before instruments are stored under a new name: otherwise bots would ask for S and find the open events
    of FTM only after the next `expire`.
    """
    with transaction.atomic():
        outcomes = follow_renames(now, identity)
        for outcome in outcomes:
            queue_alerts_for(outcome, now)
        # After the events: sources lock in this order too.
        reviews.follow_renames(now, identity)
        return outcomes


def _expire_some(
    now: datetime, reference: Reference, after: tuple[datetime, int] | None, closing: bool
) -> tuple[list[Outcome], tuple[datetime, int] | None]:
    """One transaction of steps; returns the outcomes and the cursor of the next one, None where nothing is left."""
    outcomes: list[Outcome] = []
    with transaction.atomic():
        # Events that a cycle has locked are taken by the next run of this job.
        due = (
            plain_events()
            .select_for_update(no_key=True, skip_locked=True)
            .filter(status=Status.OPEN, step_due_at__lte=now)
            .order_by("step_due_at", "id")
        )
        if after is not None:
            # An event that failed is still due, and must not be selected for ever.
            at, last = after
            due = due.filter(Q(step_due_at__gt=at) | Q(step_due_at=at, pk__gt=last))
        events = list(due[:MOST_AT_ONCE])
        started = time.monotonic()
        for event in events:
            if outcomes and time.monotonic() - started > _SECONDS_AT_ONCE:
                return outcomes, after
            assert event.step_due_at is not None, "the query selects by this time"
            after = (event.step_due_at, event.pk)
            try:
                with transaction.atomic():
                    outcome = _step_event(event, now, reference, closing)
                    queue_alerts_for(outcome, now)
                outcomes.append(outcome)
            except DatabaseError as error:
                logger.exception("event %s: its due step failed", event.pk)
                outcomes.append(Outcome(OutcomeKind.FAILED, str(error), event))
    return outcomes, after if len(events) == MOST_AT_ONCE else None


def make_due_for_rules(now: datetime, reference: Reference) -> int:
    """Make open events with the digest of earlier rules due at `now`; returns how many.

    An event that a cycle has locked gets the rules from that cycle, or from the next run of this job.
    """
    other = plain_events().filter(status=Status.OPEN).exclude(rules_digest=reference.digest)
    waiting = other.filter(Q(step_due_at=None) | Q(step_due_at__gt=now))
    # Check first: an UPDATE of no row would still refresh the view.
    if not waiting.exists():
        return 0
    with transaction.atomic():
        locked = waiting.select_for_update(no_key=True, skip_locked=True).order_by("id").values_list("pk", flat=True)
        return plain_events().filter(pk__in=list(locked)).update(step_due_at=now)


def after_clock_jump(jump: Jump) -> int:
    """Correct the times of events that were opened or stepped by the wrong clock; returns how many.

    Times that our clock gave keep their distance from now; times that the source named stay. Steps that a clock ahead
    took are computed again by the next `expire`. No step is taken back before the clock is trusted.
    """
    retention = load_retention()
    with transaction.atomic():
        touched = plain_events().filter(status=Status.OPEN).filter(_written_by(jump)).select_for_update(no_key=True)
        events = list(touched.order_by("id"))
        for event in events:
            if jump.since <= event.opened_at <= jump.before:
                if event.valid_until is not None and _is_counted_from_its_opening(event, retention):
                    event.valid_until += jump.by
                event.opened_at += jump.by
                event.seen_at = min(event.seen_at, event.opened_at)
            if event.reminded_until is not None and jump.since <= event.reminded_until <= jump.before:
                event.reminded_until += jump.by
            event.updated_at, event.step_due_at = jump.after, jump.after
            event.save(
                update_fields=["opened_at", "seen_at", "valid_until", "reminded_until", "updated_at", "step_due_at"]
            )
        if jump.by < timedelta(0):
            # A suppression made by a clock ahead would last for years; it must not last longer than intended.
            made = KeySuppression.objects.filter(made_at__range=(jump.since, jump.before), until__gt=jump.before)
            made.update(until=F("until") + jump.by)
    return len(events)


def _written_by(jump: Jump) -> Q:
    written = Q()
    for column in ("opened_at", "reminded_until", "updated_at"):
        written |= Q(**{f"{column}__range": (jump.since, jump.before)})
    return written


def _is_counted_from_its_opening(event: Event, retention: Mapping[str, tuple[timedelta, timedelta]]) -> bool:
    """Whether its expiry counts from when we saw it, and not from a date that its source named."""
    if event.important_dates or event.valid_until is None:
        return False
    if event.category in MEASURED:
        return True
    undated = retention.get(event.category)
    return undated is not None and abs(event.valid_until - event.opened_at - undated[0]) < timedelta(seconds=1)


def _step_event(event: Event, now: datetime, reference: Reference, closing: bool) -> Outcome:
    effects = list(event.effects.all())
    rules_before, expired_before, by_rule = event.rules_digest, event.valid_until, event.expiry_by_rule
    postponed = not closing and any(_would_weaken(effect, event.category, reference, now) for effect in effects)
    if rules_before != reference.digest:
        apply_rules(event, effects, reference.retention, reference.digest)
        if postponed:
            # The rules are not fully applied: that waits until the clock is trusted.
            event.rules_digest = rules_before
        if (rules_before, expired_before, by_rule) != (event.rules_digest, event.valid_until, event.expiry_by_rule):
            event.save(update_fields=["valid_until", "expiry_by_rule", "rules_digest"])
    over = event.valid_until is not None and event.valid_until <= now
    if over and closing:
        return close_row(event, now, "expired", alert=None)
    # A step due exactly now may be due for its rules alone (`make_due_for_rules`).
    was_due = rules_before == reference.digest or (event.step_due_at is not None and event.step_due_at < now)
    before = {effect.pk: (effect.action, effect.trading_status) for effect in effects}
    stepped = [effect for effect in effects if _step_effect(effect, event.category, reference, now, closing)]
    for effect in stepped:
        effect.save(update_fields=["action", "trading_status", "risk_level"])
    reminded_until = event.reminded_until or event.opened_at
    passed = [at for at in date_times(event.important_dates) if reminded_until < at <= now]
    if (over or postponed) and not stepped and not passed:
        # Each run selects it until the clock is trusted: no write, hence no refresh of the view.
        return Outcome(OutcomeKind.UNCHANGED, "the due step waits until the clock is trusted", event)
    due_at, event.reminded_until = event.step_due_at, now
    set_times(event, effects, reference.rules, now)
    if postponed:
        event.step_due_at = due_at
    event.updated_at = now
    if not passed and (not stepped or (not was_due and not rules_before)):
        # An earlier release did not store which rules its event had: it gets the present ones without a card.
        event.save(update_fields=["reminded_until", "next_important_at", "step_due_at", "updated_at"])
        moved = event.valid_until != expired_before
        what = "the rules moved its expiry" if moved else "nothing changed at its date"
        return Outcome(OutcomeKind.ROLLED_FORWARD, what, event)
    event.revision += 1
    event.save(update_fields=["reminded_until", "next_important_at", "step_due_at", "updated_at", "revision"])
    changes: dict[str, tuple[object, object]] = {
        subject_of(effect): (" ".join(before[effect.pk]), f"{effect.action} {effect.trading_status}")
        for effect in stepped
    }
    reason, alert = ("a date passed", AlertReason.REMINDER.value) if passed else step_reason(was_due)
    return Outcome(OutcomeKind.UPDATED, reason, event, alert, changes)


def _would_weaken(effect: Effect, category: str, reference: Reference, now: datetime) -> bool:
    """Whether a step to `now` would make the effect less strict."""
    was = effect.action, effect.trading_status, effect.risk_level
    step(effect, category, reference.rules, now)
    weaker = _is_weaker(effect, *was)
    effect.action, effect.trading_status, effect.risk_level = was
    return weaker


def _step_effect(effect: Effect, category: str, reference: Reference, now: datetime, weaker: bool) -> bool:
    """Set an effect's state at `now`; returns whether it changed. weaker: whether it may become less strict."""
    was = effect.action, effect.trading_status, effect.risk_level
    if not step(effect, category, reference.rules, now):
        return False
    if not weaker and _is_weaker(effect, *was):
        effect.action, effect.trading_status, effect.risk_level = was
        return False
    return True


def _is_weaker(effect: Effect, action: str, trading_status: str, risk_level: str) -> bool:
    return (
        Action(effect.action).severity < Action(action).severity
        or TradingStatus(effect.trading_status).severity < TradingStatus(trading_status).severity
        or RiskLevel(effect.risk_level).severity < RiskLevel(risk_level).severity
    )
