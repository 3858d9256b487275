"""An event that opens again is a new life: it behaves as one that opens for the first time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from alerts import reminders
from alerts.audit import Actor
from alerts.delivery.loading import load_message
from alerts.models import Alert
from alerts.rendering.plain_text import plain_lines, subject
from alerts.suppression import acknowledgements
from alerts.suppression.acknowledgements import acknowledge
from alerts.suppression.pipeline import in_hand
from events import lifecycle
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.lifecycle import close_event, correct_event, expire, record
from events.lifecycle.default_rules import load_reference_data
from events.models import Event, KeySuppression
from tests.alerts.factories import NOW, Clock, make_config
from tests.alerts.test_reminders import pass_time

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANN = Actor("ann", "admin")


@pytest.fixture(autouse=True)
def _rules() -> None:
    load_reference_data()


def notice(key: str, ends: datetime, category: str = "delisting", token: str = "LUNA", **changes: Any) -> EventDraft:
    draft = EventDraft(
        source="binance",
        category=category,
        natural_key=key,
        title="Binance Will Remove LUNA",
        effects=(EffectDraft(token, "venue", "BINANCE", (f"BINANCE:{token}USDT",), trading_ends_at=ends),),
        important_dates=(ImportantDate(ends, "trading ends"),),
    )
    return replace(draft, **changes)


def opened(draft: EventDraft, at: datetime) -> Event:
    event = record(draft, at).event
    assert event is not None
    return event


def lived(key: str, at: datetime, shuffle: random.Random, category: str) -> Event:
    """An event with a full life behind it, closed by its source."""
    draft = notice(key, at + 2 * DAY, category)
    event = opened(draft, at)
    correct_event(event.pk, at + HOUR, by="ann", fields={"priority": "high", "valid_until": at + 90 * DAY})
    if shuffle.random() < 0.6:
        correct_event(
            event.pk, at + HOUR, by="ann", fields={"title": "Corrected"}, effects={"LUNA": {"action": "watch"}}
        )
    if shuffle.random() < 0.6:
        acknowledge(event.pk, ANN, "mine", at + 2 * HOUR)
    pass_time(Clock(at + 3 * HOUR), at + timedelta(hours=shuffle.choice((5, 20, 60))), ALERT_REPEAT_HOURS="4 8")
    record(replace(draft, state="closed", close_reason="cancelled", quiet=shuffle.random() < 0.5), at + 61 * HOUR)
    return event


def card_of(alert: Alert, now: datetime) -> str:
    message = load_message(alert, make_config(), now, False, with_links=False)
    text = "\n".join([subject(message), *plain_lines(message)])
    return text.replace(f"#{alert.event_id}", "#").replace(f"/{alert.event_id}/", "/")


def seen_of(event: Event, since: datetime, until: datetime) -> dict[str, Any]:
    """All that anybody can observe of an event from a moment on."""
    event.refresh_from_db()
    alerts = Alert.objects.filter(event=event, queued_at__gte=since).order_by("id")
    return {
        "alerts": [
            (alert.reason, alert.queued_at - since, alert.state, alert.muted_by, alert.urgency, alert.severity)
            for alert in alerts
        ],
        "row": [
            getattr(event, name)
            for name in (
                "title", "priority", "status", "valid_until", "step_due_at", "next_important_at", "opened_at",
                "seen_at", "closed_at", "close_reason", "close_kind", "false_alarm", "pinned", "facts",
            )
        ],
        "effects": [
            (row.token, row.action, row.trading_status, row.risk_level, row.declared) for row in event.effects.all()
        ],
        # What each of them would read now, but for the number of the event.
        "cards": [card_of(alert, until) for alert in alerts],
        "in_hand": in_hand(event.pk),
        "hand": acknowledgements.in_hand_text(acknowledgements.latest([event.pk]).get(event.pk)),
        "due": [(due.at, due.reason) for watched in reminders.read_watched(until) if watched.event_id == event.pk
                for due in reminders.plan(watched, reminders.Schedule.of(make_config(ALERT_ESCALATE_TO="cex")), until)],
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_a_reopened_event_behaves_as_a_new_one_in_all_that_can_be_seen(seed: int) -> None:
    shuffle = random.Random(seed)
    category = shuffle.choice(("delisting", "trading_suspension", "token_migration", "wallet_suspension"))
    old = lived("lived", NOW, shuffle, category)
    # More than a day after its end: what flaps is damped by its key, be it one row or two.
    at = NOW + 10 * DAY
    ends = at + shuffle.choice((3 * HOUR, 3 * DAY, 12 * DAY))
    again, fresh = (opened(notice(key, ends, category), at) for key in ("lived", "never seen before"))
    assert again.pk == old.pk != fresh.pk
    clock = Clock(at)
    steps: list[Callable[[Event], Any]] = [
        lambda event: None,
        lambda event: acknowledge(event.pk, ANN, "again", clock.at),
        lambda event: record(notice(event.natural_key, ends + DAY, category, title="Changed"), clock.at),
        lambda event: correct_event(event.pk, clock.at, by="bob", fields={"url": "https://example.com/a"}),
    ]
    for act in shuffle.sample(steps, len(steps)):
        pass_time(clock, clock.at + timedelta(hours=shuffle.choice((1, 9, 30))), ALERT_ESCALATE_TO="stablecoin")
        assert seen_of(again, at, clock.at) == seen_of(fresh, at, clock.at)
        for event in (again, fresh):
            if Event.objects.get(pk=event.pk).status == "open":
                act(event)
    pass_time(clock, clock.at + 60 * DAY)
    assert seen_of(again, at, clock.at) == seen_of(fresh, at, clock.at)
    again.refresh_from_db()
    assert again.status == "closed"
    assert [(life["life"], life["close_reason"]) for life in again.earlier_lives] == [(1, "cancelled")]
    assert again.earlier_lives[0]["opened_at"] == NOW.isoformat()


def test_the_earlier_openings_can_be_read_on_the_events_page(admin_client: Client) -> None:
    event = opened(notice("k", NOW + 20 * DAY), NOW)
    close_event(event.pk, NOW + HOUR, by="ann", reason="mistake", false_alarm=True)
    lifecycle.reopen_event(event.pk, NOW + 2 * HOUR, by="bob", reason="it was true")
    page = admin_client.get(f"/admin/events/event/{event.pk}/change/").content.decode()
    assert "opening 1" in page and "false alarm by ann: mistake" in page


def test_a_corrected_expiry_of_an_earlier_life_does_not_close_the_new_one() -> None:
    event = opened(notice("k", NOW + 20 * DAY), NOW)
    correct_event(event.pk, NOW, by="ann", fields={"valid_until": NOW + HOUR})
    expire(NOW + HOUR)
    opened(notice("k", NOW + 30 * DAY), NOW + 2 * DAY)
    expire(NOW + 2 * DAY + timedelta(minutes=1))
    event.refresh_from_db()
    assert (event.status, event.life, event.pinned) == ("open", 2, {})


def test_an_admin_reopens_what_she_sees_and_nobody_has_it_in_hand() -> None:
    event = opened(notice("k", NOW + 20 * DAY), NOW)
    correct_event(event.pk, NOW, by="ann", fields={"title": "Corrected"})
    acknowledge(event.pk, ANN, "", NOW)
    close_event(event.pk, NOW + HOUR, by="ann", reason="mistake", false_alarm=True)
    lifecycle.reopen_event(event.pk, NOW + 2 * HOUR, by="bob", reason="it was true")
    event.refresh_from_db()
    assert (event.title, event.false_alarm, event.opened_at) == ("Corrected", False, NOW + 2 * HOUR)
    assert event.earlier_lives[0]["false_alarm"] is True
    assert not in_hand(event.pk)
    acknowledge(event.pk, Actor("bob", "admin"), "mine now", NOW + 3 * HOUR)
    standing = acknowledgements.standing(event.pk)
    assert standing is not None and standing.by == "bob"


def test_what_is_kept_away_until_a_date_opens_again_after_it() -> None:
    draft = notice("k", NOW + 20 * DAY)
    event = opened(draft, NOW)
    close_event(event.pk, NOW + HOUR, by="ann", reason="known", suppress_until=NOW + 2 * DAY)
    assert record(draft, NOW + DAY).kind == "unchanged"
    assert [kept.pk for kept in lifecycle.reopenable_events("binance", NOW + DAY)] == []
    assert [kept.pk for kept in lifecycle.reopenable_events("binance", NOW + 2 * DAY)] == [event.pk]
    assert record(draft, NOW + 2 * DAY).kind == "opened"
    assert not KeySuppression.objects.exists()
    assert lifecycle.reopenable_events("binance", NOW + 3 * DAY) == []
    # What its source ends afterwards is over: the suppression was used up.
    record(replace(draft, state="closed", close_reason="cancelled"), NOW + 3 * DAY)
    assert record(draft, NOW + 4 * DAY).kind == "unchanged"


def test_what_its_source_ended_while_it_was_kept_away_does_not_come_back() -> None:
    draft = notice("k", NOW + 20 * DAY)
    event = opened(draft, NOW)
    close_event(event.pk, NOW + HOUR, by="ann", reason="known", suppress_until=NOW + 2 * DAY)
    record(replace(draft, state="closed", close_reason="cancelled"), NOW + DAY)
    assert lifecycle.reopenable_events("binance", NOW + 3 * DAY) == []
    assert record(draft, NOW + 3 * DAY).kind == "unchanged"


def test_a_false_alarm_opens_again_once_its_suppression_is_lifted() -> None:
    draft = notice("k", NOW + 20 * DAY)
    event = opened(draft, NOW)
    close_event(event.pk, NOW, by="ann", reason="wrong coin", false_alarm=True)
    assert record(draft, NOW + 5 * DAY).kind == "unchanged"
    KeySuppression.objects.all().delete()
    assert record(draft, NOW + 5 * DAY).kind == "opened"
    event.refresh_from_db()
    assert event.false_alarm is False


def test_an_episode_that_resumes_is_in_nobodys_hand_and_is_repeated_as_one() -> None:
    draft = EventDraft("defillama", "depeg", "k", "USDC off its peg", (EffectDraft("USDC"),), reopen="resume")
    event = opened(draft, NOW)
    acknowledge(event.pk, ANN, "", NOW)
    correct_event(event.pk, NOW, by="ann", fields={"valid_until": NOW + HOUR})
    record(replace(draft, state="closed", quiet=True), NOW + HOUR)
    opened(replace(draft, quiet=True), NOW + 2 * HOUR)
    expire(NOW + 3 * HOUR)
    event.refresh_from_db()
    assert (event.status, event.opened_at, event.life, event.pinned) == ("open", NOW, 2, {})
    assert not in_hand(event.pk)
    # Counted from what was told at its beginning, not from its return.
    reminders.run(make_config(ALERT_REPEAT_HOURS="1 50"), NOW + 49 * HOUR)
    assert not event.alerts.filter(reason="repeat").exists()
    reminders.run(make_config(ALERT_REPEAT_HOURS="1 50"), NOW + 50 * HOUR)
    assert event.alerts.filter(reason="repeat").count() == 1
