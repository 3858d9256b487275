"""`expire`: what time alone does to open events."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q

from events.clock import Jump
from events.kinds import Action, AlertReason, Category, OutcomeKind, RiskLevel, Status, TradingStatus
from events.lifecycle.recording import Reference, close_row, tell
from events.lifecycle.state import date_times, load_retention, set_times, step
from events.models import Effect, Event, plain_events
from events.registry import Outcome

logger = logging.getLogger(__name__)

# Measured on the markets: they hold for a while from when they were seen.
_VALID_FROM_NOW = frozenset({Category.VOLATILITY, Category.WHALE, Category.DEPTH_DROP, Category.LOW_LIQUIDITY})


def expire(now: datetime, closing: bool = True) -> list[Outcome]:
    """Take every step that is due by `now`, and close what is past its expiry, in one transaction.

    closing: off while the clock may be wrong. Then no event closes and no effect gets weaker; what gets stricter does.

    A step (an important date passes, the last day before the end of trading begins, a state comes into force)
    is an update with one reminder, however many steps fall together.
    """
    outcomes: list[Outcome] = []
    with transaction.atomic():
        reference = Reference()
        # What a cycle holds locked just now is taken by the next run of this job.
        due = (
            plain_events()
            .select_for_update(no_key=True, skip_locked=True)
            .filter(status=Status.OPEN, step_due_at__lte=now)
            .order_by("step_due_at", "id")
        )
        for event in due:
            try:
                with transaction.atomic():
                    outcome = _step_event(event, now, reference, closing)
                    tell(outcome, now)
                outcomes.append(outcome)
            except DatabaseError as error:
                logger.exception("event %s could not be stepped", event.pk)
                outcomes.append(Outcome(OutcomeKind.FAILED, str(error), event))
    return outcomes


def after_clock_jump(jump: Jump) -> int:
    """Our time was corrected: events that were opened or brought on by the wrong clock are put right; how many.

    Times that it gave them are as far from now as they were; what the source said of the future stays. The steps that
    a clock ahead took are worked out anew by the next `expire`. No step is taken back before the clock is trusted.
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
    return len(events)


def _written_by(jump: Jump) -> Q:
    written = Q()
    for column in ("opened_at", "reminded_until", "updated_at"):
        written |= Q(**{f"{column}__range": (jump.since, jump.before)})
    return written


def _is_counted_from_its_opening(event: Event, retention: Mapping[str, tuple[timedelta, timedelta]]) -> bool:
    """Whether it expires so long after we saw it, and not at a date that its source named."""
    if event.important_dates or event.valid_until is None:
        return False
    if event.category in _VALID_FROM_NOW:
        return True
    undated = retention.get(event.category)
    return undated is not None and abs(event.valid_until - event.opened_at - undated[0]) < timedelta(seconds=1)


def _step_event(event: Event, now: datetime, reference: Reference, closing: bool) -> Outcome:
    over = event.valid_until is not None and event.valid_until <= now
    if over and closing:
        return close_row(event, now, "expired", alert=None)
    effects = list(event.effects.all())
    before = {effect.pk: (effect.action, effect.trading_status) for effect in effects}
    stepped = [effect for effect in effects if _step_effect(effect, event.category, reference, now, closing)]
    for effect in stepped:
        effect.save(update_fields=["action", "trading_status", "risk_level"])
    reminded_until = event.reminded_until or event.opened_at
    passed = [at for at in date_times(event.important_dates) if reminded_until < at <= now]
    if over and not stepped and not passed:
        # It is looked at again and again until the clock is trusted: without a write, and without a refresh.
        return Outcome(OutcomeKind.UNCHANGED, "it is over by a clock that is not trusted", event)
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


def _step_effect(effect: Effect, category: str, reference: Reference, now: datetime, weaker: bool) -> bool:
    """Bring an effect to `now`; whether it changed. weaker: whether it may become less strict."""
    was = effect.action, effect.trading_status, effect.risk_level
    if not step(effect, category, reference.rules, now):
        return False
    if not weaker and _is_weaker(effect, *was):
        effect.action, effect.trading_status, effect.risk_level = was
        return False
    return True


def _is_weaker(effect: Effect, action: str, trading_status: str, risk_level: str) -> bool:
    return (
        _rank(Action, effect.action) < _rank(Action, action)
        or _rank(TradingStatus, effect.trading_status) < _rank(TradingStatus, trading_status)
        or _rank(RiskLevel, effect.risk_level) < _rank(RiskLevel, risk_level)
    )


def _rank(kind: type[Action] | type[TradingStatus] | type[RiskLevel], value: str) -> int:
    return [str(member) for member in kind].index(value)
