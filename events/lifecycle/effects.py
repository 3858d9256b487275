"""From drafts to rows: the present state of effects, and the times that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Scope
from events.lifecycle.stages import Rules, StageRule, resolve
from events.models import ActionRule, Effect, Event, RetentionRule

_NAMED = 3
_DECLARABLE = ("stage", "action", "risk_level", "trading_status", "in_force_status")


def load_rules() -> Rules:
    """The action rules in the database."""
    return {
        (rule.category, rule.stage): StageRule(
            rule.action, rule.trading_status, rule.risk_level, timedelta(hours=rule.lead_hours)
        )
        for rule in ActionRule.objects.all()
    }


def load_retention() -> Mapping[str, tuple[timedelta, timedelta]]:
    """Category → how long an event stays open after its release where it has no date, and after its last date."""
    return {
        rule.category: (timedelta(days=rule.undated_days), timedelta(days=rule.dated_days))
        for rule in RetentionRule.objects.all()
    }


def utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def dates_as_json(dates: Iterable[ImportantDate]) -> list[dict[str, Any]]:
    """The value of `Event.important_dates`: earliest first, each date once."""
    return [date.as_json() for date in sorted(set(dates), key=lambda date: (date.at, date.what, date.tickers))]


def date_times(important_dates: Sequence[Mapping[str, Any]]) -> list[datetime]:
    return [datetime.fromisoformat(date["at"]) for date in important_dates]


def build_effects(effects: Iterable[EffectDraft], category: str, rules: Rules, now: datetime) -> list[Effect]:
    """Unsaved effects in their state at `now`."""
    rows = []
    for draft in effects:
        declared = {name: value for name in _DECLARABLE if (value := getattr(draft, name))}
        row = Effect(
            token=draft.token.strip().upper(),
            scope=draft.scope,
            venue=draft.venue.upper(),
            tickers=sorted(set(draft.tickers)),
            trading_ends_at=draft.trading_ends_at,
            in_force_at=draft.in_force_at or draft.trading_ends_at,
            declared=declared,
        )
        step(row, category, rules, now)
        rows.append(row)
    return rows


def subject_of(effect: Effect) -> str:
    """The subject of an effect, as a change names it: single pairs by name, not by their coin, which still trades."""
    if effect.scope != Scope.PAIRS:
        return f"{effect.token} on {effect.venue}" if effect.venue else effect.token
    more = len(effect.tickers) - _NAMED
    named = ", ".join(effect.tickers[:_NAMED]) + (f" + {more} more" if more > 0 else "")
    return named or f"single pairs with {effect.token}"


def step(effect: Effect, category: str, rules: Rules, now: datetime) -> bool:
    """Set an effect's state at `now`; returns whether it changed."""
    state = resolve(category, effect.declared, effect.in_force_at, rules, now)
    before = (effect.action, effect.trading_status, effect.risk_level)
    effect.action, effect.trading_status, effect.risk_level = (
        state.action,
        state.trading_status,
        state.risk_level,
    )
    return before != (effect.action, effect.trading_status, effect.risk_level)


def set_times(
    event: Event,
    effects: Iterable[Effect],
    rules: Rules,
    now: datetime,
) -> None:
    """Set `next_important_at` and `step_due_at` from the event's dates, its effects and its expiry."""
    dates = date_times(event.important_dates)
    event.next_important_at = min((at for at in dates if at > now), default=None)
    reminded_until = event.reminded_until or event.opened_at
    steps = [at for at in dates if at > reminded_until]
    for effect in effects:
        state = resolve(event.category, effect.declared, effect.in_force_at, rules, now)
        if state.next_step_at:
            steps.append(state.next_step_at)
    if event.valid_until:
        steps.append(event.valid_until)
    event.step_due_at = min(steps, default=None)


Retention = Mapping[str, tuple[timedelta, timedelta]]


def default_valid_until(draft: EventDraft, opened_at: datetime, retention: Retention) -> datetime | None:
    """The draft's own expiry, or the one by its category; None: open-ended."""
    if draft.valid_until:
        return draft.valid_until
    moments = [date.at for date in draft.important_dates]
    moments += [at for effect in draft.effects for at in (effect.trading_ends_at, effect.in_force_at) if at]
    return _by_retention(draft.category, moments, draft.published_at or opened_at, retention)


def expiry_of(event: Event, effects: Iterable[Effect], retention: Retention) -> datetime | None:
    """The expiry by category of a recorded event whose source named none."""
    moments = date_times(event.important_dates)
    moments += [at for effect in effects for at in (effect.trading_ends_at, effect.in_force_at) if at]
    return _by_retention(event.category, moments, event.published_at or event.opened_at, retention)


def _by_retention(
    category: str, moments: Sequence[datetime], known_since: datetime, retention: Retention
) -> datetime | None:
    if category not in retention:
        return None
    undated, dated = retention[category]
    return max(moments) + dated if moments else known_since + undated


def apply_rules(event: Event, effects: Sequence[Effect], retention: Retention, rules_digest: str) -> None:
    """Give an event the expiry that the present retention rules set, unless its source or an admin named one."""
    by_rule = expiry_of(event, effects, retention)
    if event.expiry_by_rule is None:
        event.expiry_by_rule = event.valid_until == by_rule
    if event.expiry_by_rule and "valid_until" not in event.pinned:
        event.valid_until = by_rule
    event.rules_digest = rules_digest
