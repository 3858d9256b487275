"""Admins' words: changed rules reach open events at the next step, and what an admin says of one event stands."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from events import lifecycle, registry
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Category, Stage
from events.lifecycle import expire, record
from events.models import ActionRule, Event, RetentionRule
from events.outcomes import Outcome

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CATEGORIES = ("delisting", "hack", "trading_suspension", "hard_fork", "depeg", "risk_warning", "manual")


@pytest.fixture
def told() -> Iterator[list[Outcome]]:
    outcomes: list[Outcome] = []
    before = registry.alert_policy()
    registry.register_alert_policy(lambda outcome, now: outcomes.append(outcome))
    yield outcomes
    if before:
        registry.register_alert_policy(before)


def drafts(shuffle: random.Random, prefix: str, now: datetime) -> list[EventDraft]:
    """A draft of every kind of time: undated, dated, with an expiry of its own, declared."""
    made = []
    for number, category in enumerate(CATEGORIES):
        at = now + timedelta(hours=shuffle.choice((5, 30, 200)))
        dated = shuffle.random() < 0.6
        made.append(
            EventDraft(
                source="binance",
                category=category,
                natural_key=f"{prefix}:{number}",
                title="A notice",
                effects=(
                    EffectDraft(
                        "ABC",
                        in_force_at=at if dated else None,
                        stage=shuffle.choice((None, "minor", "severe")),
                        action=shuffle.choice((None, None, "watch")),
                    ),
                ),
                important_dates=(ImportantDate(at, "it happens"),) if dated else (),
                valid_until=shuffle.choice((None, None, now + 3 * DAY)),
                published_at=shuffle.choice((None, now - DAY)),
            )
        )
    return made


def change_rules(shuffle: random.Random) -> None:
    for category in CATEGORIES:
        for stage in (Stage.ANNOUNCED, Stage.NEAR, Stage.IN_FORCE, Stage.SEVERE):
            if shuffle.random() < 0.5:
                ActionRule.objects.update_or_create(
                    category=category,
                    stage=stage,
                    defaults={
                        "action": shuffle.choice(("watch", "avoid_new", "exit", "halt")),
                        "trading_status": shuffle.choice(("trading", "delisting")),
                        "risk_level": shuffle.choice(("high", "critical")),
                        "lead_hours": shuffle.choice((0, 6, 48)) if stage == Stage.NEAR else 0,
                    },
                )
        if shuffle.random() < 0.6:
            RetentionRule.objects.update_or_create(
                category=category,
                defaults={"undated_days": shuffle.choice((0.5, 3, 60)), "dated_days": shuffle.choice((0.1, 2, 90))},
            )
        elif shuffle.random() < 0.3:
            RetentionRule.objects.filter(category=category).delete()


def state_of(key: str) -> Any:
    event = Event.objects.filter(natural_key=key, status="open").first()
    if event is None:
        return None
    return (
        event.valid_until,
        event.step_due_at,
        event.next_important_at,
        [(row.token, row.action, row.trading_status, row.risk_level) for row in event.effects.all()],
    )


@pytest.mark.parametrize("by", ["expire", "poll"])
@pytest.mark.parametrize("seed", range(3))
def test_from_the_next_step_on_a_changed_rule_gives_the_state_as_if_it_had_always_been_so(
    now: datetime, seed: int, by: str
) -> None:
    before = drafts(random.Random(seed), "before", now)
    for draft in before:
        record(draft, now)
    changes = random.Random(seed + 100)
    change_rules(changes)
    after = drafts(random.Random(seed), "after", now)
    for draft in after:
        record(draft, now)
    later = now + timedelta(hours=changes.choice((1, 8, 40)))
    if by == "expire":
        expire(later)
    else:
        for draft in (*before, *after):
            record(draft, later)
        expire(later)
    for old, new in zip(before, after, strict=True):
        assert state_of(old.natural_key) == state_of(new.natural_key), old


def test_a_poll_alone_brings_an_open_event_to_a_changed_rule(now: datetime) -> None:
    draft = EventDraft("x", "hack", "k", "t", (EffectDraft("AAVE"),))
    record(draft, now)
    ActionRule.objects.filter(category=Category.HACK, stage=Stage.ANNOUNCED).update(action="halt")
    outcome = record(draft, now + HOUR)
    assert (outcome.kind, outcome.reason, outcome.alert) == ("updated", "an action rule was changed", "updated")
    assert Event.objects.get().effects.get().action == "halt"
    assert record(draft, now + HOUR).kind == "unchanged"


def test_a_changed_rule_is_told_once_and_only_where_the_action_changes(now: datetime, told: list[Outcome]) -> None:
    for key, category in (("a", "hack"), ("b", "depeg")):
        record(EventDraft("x", category, key, "t", (EffectDraft("AAVE"),)), now)
    ActionRule.objects.filter(category=Category.HACK, stage=Stage.ANNOUNCED).update(action="halt")
    for minute in range(3):
        expire(now + timedelta(minutes=minute))
    assert [outcome.alert for outcome in told] == ["opened", "opened", "updated"]


def test_open_ended_is_a_word_that_the_next_poll_does_not_overwrite(now: datetime) -> None:
    draft = EventDraft("x", "hack", "k", "t", (EffectDraft("AAVE"),))
    event = record(draft, now).event
    assert event is not None
    lifecycle.correct_event(event.pk, now, by="ann", fields={"valid_until": None})
    for days, title in ((1, "t"), (2, "changed")):
        record(EventDraft("x", "hack", "k", title, (EffectDraft("AAVE"),)), now + days * DAY)
        RetentionRule.objects.filter(category="hack").update(undated_days=days)
        expire(now + days * DAY)
    expire(now + 900 * DAY)
    event.refresh_from_db()
    assert (event.status, event.valid_until, event.title) == ("open", None, "changed")
    lifecycle.unpin_event(event.pk, now + 900 * DAY, by="ann", fields=["valid_until"])
    record(draft, now + 900 * DAY)
    expire(now + 900 * DAY)
    event.refresh_from_db()
    assert event.status == "closed"


def test_an_event_of_an_earlier_release_keeps_its_sources_expiry_and_follows_the_rules_with_the_others(
    now: datetime, told: list[Outcome]
) -> None:
    own, by_rule = (
        record(EventDraft("x", "hack", key, "t", (EffectDraft("AAVE"),), valid_until=until), now).event
        for key, until in (("own", now + 30 * DAY), ("by rule", None))
    )
    assert own is not None and by_rule is not None
    Event.objects.update(rules_digest="", expiry_by_rule=None)
    told.clear()
    expire(now + HOUR)
    assert told == []
    RetentionRule.objects.filter(category="hack").update(undated_days=2)
    expire(now + 2 * HOUR)
    own.refresh_from_db()
    by_rule.refresh_from_db()
    assert (own.valid_until, by_rule.valid_until) == (now + 30 * DAY, now + 2 * DAY)
