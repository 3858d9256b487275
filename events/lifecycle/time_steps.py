"""`expire`: what time alone does to open events."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import Q

from events.kinds import AlertReason, OutcomeKind, Status
from events.lifecycle.recording import Reference, close_row, tell
from events.lifecycle.state import date_times, set_times, step
from events.models import Event, plain_events
from events.registry import Outcome

logger = logging.getLogger(__name__)

# So many events, and so long, in one transaction. Commit refreshes the view, which takes its time as well.
MOST_AT_ONCE = 200
_SECONDS_AT_ONCE = 0.7


def expire(now: datetime) -> list[Outcome]:
    """Take every step that is due by `now`, and close what is past its expiry, the earliest first.

    A step (an important date passes, the last day before the end of trading begins, a state comes into force)
    is an update with one reminder, however many steps fall together. Thousands that fall due at once are taken in
    transactions of at most a second or so each, since whoever writes events meanwhile waits for them; the view is
    true at each commit, and what a kill leaves is taken by the next run.
    """
    outcomes: list[Outcome] = []
    reference = Reference()
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


def _step_event(event: Event, now: datetime, reference: Reference) -> Outcome:
    if event.valid_until and event.valid_until <= now:
        return close_row(event, now, "expired", alert=None)
    effects = list(event.effects.all())
    before = {effect.pk: (effect.action, effect.trading_status) for effect in effects}
    stepped = [effect for effect in effects if step(effect, event.category, reference.rules, now)]
    for effect in stepped:
        effect.save(update_fields=["action", "trading_status", "risk_level"])
    reminded_until = event.reminded_until or event.opened_at
    passed = [at for at in date_times(event.important_dates) if reminded_until < at <= now]
    event.reminded_until = now
    set_times(event, effects, reference.rules, now)
    event.updated_at = now
    if not stepped and not passed:
        event.save(update_fields=["reminded_until", "next_important_at", "step_due_at", "updated_at"])
        return Outcome(OutcomeKind.ROLLED_FORWARD, "nothing changed at its date", event)
    event.revision += 1
    event.save(update_fields=["reminded_until", "next_important_at", "step_due_at", "updated_at", "revision"])
    changes: dict[str, tuple[object, object]] = {
        effect.token: (" ".join(before[effect.pk]), f"{effect.action} {effect.trading_status}") for effect in stepped
    }
    reason = "a date passed" if passed else "a step was due"
    return Outcome(OutcomeKind.UPDATED, reason, event, AlertReason.REMINDER.value, changes)
