"""`expire`: what time alone does to open events."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import Q

from events.kinds import AlertReason, OutcomeKind, Status
from events.lifecycle.recording import Reference, close_row, step_reason, tell
from events.lifecycle.state import bring_to_rules, date_times, set_times, step, subject_of
from events.models import Event, plain_events
from events.registry import Outcome

logger = logging.getLogger(__name__)

# So many events, and so long, in one transaction. Commit refreshes the view, which takes its time as well.
MOST_AT_ONCE = 200
_SECONDS_AT_ONCE = 0.7


def expire(now: datetime) -> list[Outcome]:
    """Take every step that is due by `now`, and close what is past its expiry, the earliest first.

    A step (an important date passes, the last day before the end of trading begins, a state comes into force)
    is an update with one reminder, however many steps fall together. Events that were brought to other rules than
    those that hold now are due as well, and then stand as if these had always held. Thousands that fall due at once are
    taken in transactions of at most a second or so each, since whoever writes events meanwhile waits for them; the view
    is true at each commit, and what a kill leaves is taken by the next run.
    """
    outcomes: list[Outcome] = []
    reference = Reference()
    make_due_for_rules(now, reference)
    after: tuple[datetime, int] | None = None
    while True:
        taken, after = _expire_some(now, reference, after)
        outcomes += taken
        if after is None:
            return outcomes


def _expire_some(
    now: datetime, reference: Reference, after: tuple[datetime, int] | None
) -> tuple[list[Outcome], tuple[datetime, int] | None]:
    """One transaction of steps; where the next one goes on, None where nothing is left."""
    outcomes: list[Outcome] = []
    with transaction.atomic():
        # What a cycle holds locked just now is taken by the next run of this job.
        due = (
            plain_events()
            .select_for_update(no_key=True, skip_locked=True)
            .filter(status=Status.OPEN, step_due_at__lte=now)
            .order_by("step_due_at", "id")
        )
        if after is not None:
            # One that could not be stepped is still due, and must not be met for ever.
            at, last = after
            due = due.filter(Q(step_due_at__gt=at) | Q(step_due_at=at, pk__gt=last))
        events = list(due[:MOST_AT_ONCE])
        started = time.monotonic()
        for event in events:
            if outcomes and time.monotonic() - started > _SECONDS_AT_ONCE:
                return outcomes, after
            assert event.step_due_at is not None, "it was asked for by this time"
            after = (event.step_due_at, event.pk)
            try:
                with transaction.atomic():
                    outcome = _step_event(event, now, reference)
                    tell(outcome, now)
                outcomes.append(outcome)
            except DatabaseError as error:
                logger.exception("event %s could not be stepped", event.pk)
                outcomes.append(Outcome(OutcomeKind.FAILED, str(error), event))
    return outcomes, after if len(events) == MOST_AT_ONCE else None


def make_due_for_rules(now: datetime, reference: Reference) -> int:
    """Let open events that were brought to other rules than those that hold now be stepped by `now`; how many.

    What a cycle holds locked just now is brought to them by that cycle, or by the next run of this job.
    """
    other = plain_events().filter(status=Status.OPEN).exclude(rules_digest=reference.digest)
    waiting = other.filter(Q(step_due_at=None) | Q(step_due_at__gt=now))
    # The check first: an UPDATE of nothing would still make the view be refreshed.
    if not waiting.exists():
        return 0
    with transaction.atomic():
        locked = waiting.select_for_update(no_key=True, skip_locked=True).order_by("id").values_list("pk", flat=True)
        return plain_events().filter(pk__in=list(locked)).update(step_due_at=now)


def _step_event(event: Event, now: datetime, reference: Reference) -> Outcome:
    effects = list(event.effects.all())
    stood_by, expired_before = event.rules_digest, event.valid_until
    if stood_by != reference.digest:
        bring_to_rules(event, effects, reference.retention, reference.digest)
        event.save(update_fields=["valid_until", "expiry_by_rule", "rules_digest"])
    if event.valid_until and event.valid_until <= now:
        return close_row(event, now, "expired", alert=None)
    # At this very moment it may be due for its rules alone (`make_due_for_rules`).
    was_due = stood_by == reference.digest or (event.step_due_at is not None and event.step_due_at < now)
    before = {effect.pk: (effect.action, effect.trading_status) for effect in effects}
    stepped = [effect for effect in effects if step(effect, event.category, reference.rules, now)]
    for effect in stepped:
        effect.save(update_fields=["action", "trading_status", "risk_level"])
    reminded_until = event.reminded_until or event.opened_at
    passed = [at for at in date_times(event.important_dates) if reminded_until < at <= now]
    event.reminded_until = now
    set_times(event, effects, reference.rules, now)
    event.updated_at = now
    if not passed and (not stepped or (not was_due and not stood_by)):
        # Of an earlier release's event nobody knows which rules it stood by: it is brought to these without a card.
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
