"""`expire`: what time alone does to open events."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, Q

from events.clock import Jump
from events.enums import Action, AlertReason, Category, OutcomeKind, RiskLevel, Status, TradingStatus
from events.lifecycle.effects import bring_to_rules, date_times, load_retention, set_times, step, subject_of
from events.lifecycle.recorder import Reference, close_row, step_reason, tell
from events.lifecycle.renames import follow_renames
from events.models import Effect, Event, KeySuppression, plain_events
from events.outcomes import Outcome
from markets.identity import Identity

logger = logging.getLogger(__name__)

# So many events, and so long, in one transaction. Commit refreshes the view, which takes its time as well.
MOST_AT_ONCE = 200
_SECONDS_AT_ONCE = 0.7
# Measured on the markets: they hold for a while from when they were seen.
_VALID_FROM_NOW = frozenset({Category.VOLATILITY, Category.WHALE, Category.DEPTH_DROP, Category.LOW_LIQUIDITY})


def expire(now: datetime, closing: bool = True) -> list[Outcome]:
    """Take every step that is due by `now`, and close what is past its expiry, the earliest first.

    closing: off while the clock may be wrong. Then no event closes and no effect gets weaker; what gets stricter does.

    A step (an important date passes, the last day before the end of trading begins, a state comes into force)
    is an update with one reminder, however many steps fall together; that a coin is renamed is an update too. Events
    that were brought to other rules than those that hold now are due as well, and then stand as if these had always
    held. Thousands that fall due at once are taken in transactions of at most a second or so each, since whoever writes
    events meanwhile waits for them; the view is true at each commit, and what a kill leaves is taken by the next run.
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
    """Bring open events to the present names of their coins, and tell it. See `renames.follow_renames`.

    Also called before instruments are stored under a new name: else bots would ask for S, and find what is open on FTM
    only when `expire` has run next.
    """
    with transaction.atomic():
        outcomes = follow_renames(now, identity)
        for outcome in outcomes:
            tell(outcome, now)
        return outcomes


def _expire_some(
    now: datetime, reference: Reference, after: tuple[datetime, int] | None, closing: bool
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
                    outcome = _step_event(event, now, reference, closing)
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
        if jump.by < timedelta(0):
            # A key that was kept away "until" by a clock ahead would be so for years; never longer than was meant.
            kept = KeySuppression.objects.filter(made_at__range=(jump.since, jump.before), until__gt=jump.before)
            kept.update(until=F("until") + jump.by)
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
    effects = list(event.effects.all())
    stood_by, expired_before, by_rule = event.rules_digest, event.valid_until, event.expiry_by_rule
    withheld = not closing and any(_would_weaken(effect, event.category, reference, now) for effect in effects)
    if stood_by != reference.digest:
        bring_to_rules(event, effects, reference.retention, reference.digest)
        if withheld:
            # Not all that the rules mean: it stands by them when the clock is trusted.
            event.rules_digest = stood_by
        if (stood_by, expired_before, by_rule) != (event.rules_digest, event.valid_until, event.expiry_by_rule):
            event.save(update_fields=["valid_until", "expiry_by_rule", "rules_digest"])
    over = event.valid_until is not None and event.valid_until <= now
    if over and closing:
        return close_row(event, now, "expired", alert=None)
    # At this very moment it may be due for its rules alone (`make_due_for_rules`).
    was_due = stood_by == reference.digest or (event.step_due_at is not None and event.step_due_at < now)
    before = {effect.pk: (effect.action, effect.trading_status) for effect in effects}
    stepped = [effect for effect in effects if _step_effect(effect, event.category, reference, now, closing)]
    for effect in stepped:
        effect.save(update_fields=["action", "trading_status", "risk_level"])
    reminded_until = event.reminded_until or event.opened_at
    passed = [at for at in date_times(event.important_dates) if reminded_until < at <= now]
    if (over or withheld) and not stepped and not passed:
        # It is looked at again and again until the clock is trusted: without a write, and without a refresh.
        return Outcome(OutcomeKind.UNCHANGED, "what is due waits until the clock is trusted", event)
    due_at, event.reminded_until = event.step_due_at, now
    set_times(event, effects, reference.rules, now)
    if withheld:
        event.step_due_at = due_at
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


def _would_weaken(effect: Effect, category: str, reference: Reference, now: datetime) -> bool:
    """Whether a step to `now` would make the effect less strict."""
    was = effect.action, effect.trading_status, effect.risk_level
    step(effect, category, reference.rules, now)
    weaker = _is_weaker(effect, *was)
    effect.action, effect.trading_status, effect.risk_level = was
    return weaker


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
