"""Reminders, repeats, escalation and releases: what time alone brings, with a clock that is moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event as StopFlag
from typing import Any

import pytest
from django.db import DataError
from django.db.models import Min

from alerts import reminders
from alerts.audit import Actor
from alerts.models import Acknowledgement, Alert, Silence
from alerts.suppression.acknowledgements import acknowledge, unacknowledge
from events import registry
from events.daemon.scheduler import Jobs
from events.lifecycle import close_event, expire, record
from events.lifecycle.default_rules import load_reference_data
from events.models import Event
from events.upstream.client import HttpClient
from tests.alerts.factories import NOW, Clock, bump, make_config, make_event, tell
from tests.alerts.test_lifecycle_alerts import ENDS, REMOVAL

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _rules() -> None:
    load_reference_data()


def cards(**filters: Any) -> list[tuple[str, float]]:
    """Reason and hours after NOW of every alert that is sent."""
    rows = Alert.objects.filter(muted_by="", **filters).order_by("queued_at", "id")
    return [(row.reason, (row.queued_at - NOW) / HOUR) for row in rows]


def pass_time(clock: Clock, until: datetime, **variables: str) -> None:
    """What the daemon's jobs do while time passes, looking at the minutes at which one of them has something to do."""
    config = make_config(**variables)
    while clock.at < until:
        step = Event.objects.filter(status="open").aggregate(due=Min("step_due_at"))["due"]
        due = min(filter(None, (step, reminders.next_due(config, clock.at))), default=until)
        clock.at = min(max(due, clock.at + timedelta(minutes=1)), until)
        expire(clock.at)
        reminders.run(config, clock.at)


def test_a_coin_that_stays_off_its_peg_for_three_weeks_makes_ten_cards():
    tell(make_event("depeg"))
    pass_time(Clock(), NOW + 21 * DAY)
    assert cards() == [("opened", 0), *(("repeat", hours) for hours in (4, 8, 24, 48, 72, 96, 120, 144, 168))]


def test_a_card_a_day_is_enough_after_further_updates():
    event = make_event("depeg")
    tell(event)
    tell(bump(event), "worse", NOW + 2 * HOUR)
    tell(bump(event), "worse", NOW + 6 * HOUR)
    pass_time(Clock(NOW + 6 * HOUR), NOW + 80 * HOUR)
    assert cards(reason="repeat") == [("repeat", 54), ("repeat", 78)]


def test_the_repeats_count_from_the_last_update():
    event = make_event("depeg")
    tell(event)
    clock = Clock()
    pass_time(clock, NOW + 5 * HOUR)
    tell(bump(event), "worse", clock.at)
    pass_time(clock, NOW + 30 * HOUR)
    assert cards() == [("opened", 0), ("repeat", 4), ("worse", 5), ("repeat", 29)]


@pytest.mark.parametrize("category", ["volatility", "whale", "depth_drop", "volume_anomaly"])
def test_what_passes_by_is_never_repeated_or_escalated(category):
    tell(make_event(category))
    pass_time(Clock(), NOW + 2 * DAY, ALERT_ESCALATE_TO="cex")
    assert cards() == [("opened", 0)]


def test_low_priority_is_not_repeated():
    tell(make_event("operations", priority="low", tokens=()))
    pass_time(Clock(), NOW + DAY)
    assert cards() == [("opened", 0)]


def test_an_acknowledged_event_is_left_alone_and_its_updates_are_sent():
    event = make_event("hack")
    tell(event)
    Acknowledgement.objects.create(event=event, by="ops", at=NOW)
    clock = Clock()
    pass_time(clock, NOW + DAY, ALERT_ESCALATE_TO="cex")
    tell(bump(event), "updated", clock.at)
    assert cards() == [("opened", 0), ("updated", 24)]


def test_a_closed_event_is_not_repeated():
    event = make_event("hack")
    tell(event)
    close_event(event.pk, NOW + HOUR, by="ops", reason="over")
    pass_time(Clock(NOW + HOUR), NOW + DAY)
    assert cards() == [("opened", 0), ("closed", 1)]


def test_what_opened_quietly_again_after_its_end_was_sent_is_not_repeated():
    event = make_event("depeg")
    tell(event)
    tell(bump(event), "closed", NOW + HOUR)
    pass_time(Clock(NOW + HOUR), NOW + DAY)
    assert cards(reason="repeat") == []


def test_repeats_that_were_missed_come_as_one():
    tell(make_event("hack"))
    reminders.run(make_config(), NOW + 50 * HOUR)
    reminders.run(make_config(), NOW + 50 * HOUR + timedelta(seconds=15))
    assert cards() == [("opened", 0), ("repeat", 50)]
    reminders.run(make_config(), NOW + 72 * HOUR)
    assert cards()[-1] == ("repeat", 72)


def test_repeats_can_be_turned_off():
    tell(make_event("hack"))
    pass_time(Clock(), NOW + 2 * DAY, ALERT_REPEAT_HOURS="0")
    assert cards() == [("opened", 0)]


def test_two_daemons_that_decide_at_the_same_time_queue_one_alert(monkeypatch):
    tell(make_event("hack"))
    at = NOW + 5 * HOUR
    seen_by_both = reminders.read_open_events(at)
    monkeypatch.setattr(reminders, "read_open_events", lambda now: seen_by_both)
    assert reminders.run(make_config(), at) == 1
    assert reminders.run(make_config(), at + timedelta(seconds=20)) == 0
    assert cards(reason="repeat") == [("repeat", 5)]


def test_a_removal_is_reminded_of_a_day_and_an_hour_ahead_and_at_the_moment_once_each():
    record(REMOVAL, NOW)
    pass_time(Clock(), ENDS + timedelta(minutes=30), ALERT_REPEAT_HOURS="0")
    assert cards() == [("opened", 0), ("reminder", 48), ("reminder", 71), ("reminder", 72)]


def test_reminders_that_were_missed_come_as_one():
    record(REMOVAL, NOW)
    late = ENDS - timedelta(minutes=20)
    expire(late)
    reminders.run(make_config(ALERT_REPEAT_HOURS="0"), late)
    assert cards() == [("opened", 0), ("reminder", (late - NOW) / HOUR)]


def test_a_date_that_is_reported_within_its_last_day_is_not_reminded_of_at_once():
    at = ENDS - 20 * HOUR
    record(REMOVAL, at)
    pass_time(Clock(at), ENDS - timedelta(minutes=30), ALERT_REPEAT_HOURS="0")
    assert cards() == [("opened", 52), ("reminder", 71)]


def test_the_spans_of_reminders_are_configured():
    event = make_event("network_upgrade", important_dates=dates(NOW + 10 * HOUR), next_important_at=NOW + 10 * HOUR)
    tell(event)
    pass_time(Clock(), NOW + 9 * HOUR, ALERT_REPEAT_HOURS="0", ALERT_REMINDER_HOURS="6 3")
    assert cards() == [("opened", 0), ("reminder", 4), ("reminder", 7)]


def test_a_later_date_is_reminded_of_in_time_while_a_nearer_one_is_ahead():
    event = make_event(
        "hard_fork",
        important_dates=dates(NOW + 20 * HOUR, NOW + 30 * HOUR),
        next_important_at=NOW + 20 * HOUR,
        opened_at=NOW - DAY,
    )
    tell(event, now=NOW - DAY)
    pass_time(Clock(), NOW + 7 * HOUR, ALERT_REPEAT_HOURS="0")
    assert cards(reason="reminder") == [("reminder", 1 / 60), ("reminder", 6)]


def dates(*moments: datetime) -> list[dict[str, Any]]:
    return [{"at": at.isoformat(), "what": "it happens", "tickers": []} for at in moments]


def test_nobody_acknowledges_so_the_second_channel_is_notified_once():
    tell(make_event("hack"))
    pass_time(Clock(), NOW + 3 * HOUR, ALERT_ESCALATE_TO="cex", ALERT_ESCALATE_AFTER_MINUTES="30")
    assert cards(reason="escalated") == [("escalated", 0.5)]
    assert Alert.objects.get(reason="escalated").channel == "cex"


def test_an_escalated_event_that_gets_worse_is_escalated_again_and_an_update_is_not():
    event = make_event("hack")
    tell(event)
    clock = Clock()
    escalation = {"ALERT_ESCALATE_TO": "cex", "ALERT_ESCALATE_AFTER_MINUTES": "30"}
    pass_time(clock, NOW + HOUR, **escalation)
    tell(bump(event), "updated", clock.at)
    pass_time(clock, NOW + 2 * HOUR, **escalation)
    tell(bump(event), "worse", clock.at)
    pass_time(clock, NOW + 4 * HOUR, **escalation)
    assert cards(reason="escalated") == [("escalated", 0.5), ("escalated", 2.5)]


def test_an_escalation_that_a_silence_hid_is_sent_after_it_while_nobody_has_the_event():
    event, held = make_event("depeg", tokens=("USDC",)), make_event("depeg", tokens=("USDC",))
    tell(event)
    tell(held)
    until = NOW + 2 * HOUR
    silence = Silence.objects.create(category="depeg", until=until, reason="known", made_by="ops")
    clock, escalation = Clock(), {"ALERT_ESCALATE_TO": "cex", "ALERT_ESCALATE_AFTER_MINUTES": "30"}
    pass_time(clock, NOW + HOUR, **escalation)
    escalated = Alert.objects.filter(reason="escalated").order_by("event_id")
    assert set(escalated.values_list("state", "silence")) == {("silenced", silence.pk)}
    acknowledge(held.pk, Actor("ann", "admin"), "", clock.at)
    pass_time(clock, NOW + 3 * HOUR, **escalation)
    assert list(escalated.values_list("state", "muted_by")) == [("pending", ""), ("silenced", "silence")]
    sent = escalated[0]
    assert sent.detail["unanswered"]["channel"] == "stablecoin" and sent.queued_at >= until and sent.done_at is None


def test_an_escalation_that_an_acknowledgement_ended_before_it_was_sent_comes_when_the_event_is_given_back():
    event = make_event("depeg", tokens=("USDC",))
    tell(event)
    clock, escalation = Clock(), {"ALERT_ESCALATE_TO": "cex", "ALERT_ESCALATE_AFTER_MINUTES": "30"}
    pass_time(clock, NOW + HOUR, **escalation)
    acknowledge(event.pk, Actor("ann", "admin"), "", clock.at)
    (escalated,) = Alert.objects.filter(reason="escalated")
    assert escalated.muted_by == "acknowledged"
    unacknowledge(event.pk, Actor("ann", "admin"), clock.at)
    pass_time(clock, NOW + 2 * HOUR, **escalation)
    escalated.refresh_from_db()
    assert (escalated.state, escalated.muted_by) == ("pending", "")


def test_without_a_second_channel_nothing_is_escalated():
    tell(make_event("hack"))
    pass_time(Clock(), NOW + 2 * HOUR)
    assert cards(reason="escalated") == []


def test_what_goes_to_the_second_channel_anyway_is_not_escalated_there():
    tell(make_event("delisting"))
    pass_time(Clock(), NOW + 2 * HOUR, ALERT_ESCALATE_TO="cex")
    assert cards() == [("opened", 0)]


def test_one_event_that_cannot_be_queued_does_not_keep_the_others_back(monkeypatch):
    first, second = make_event("hack"), make_event("hack")
    tell(first)
    tell(second)
    real: Callable[..., int] = reminders.queue_for

    def fail_for_the_first(event: Any, *arguments: Any, **options: Any) -> int:
        if event.pk == first.pk:
            raise DataError("no such value")
        return real(event, *arguments, **options)

    monkeypatch.setattr(reminders, "queue_for", fail_for_the_first)
    reminders.run(make_config(), NOW + 5 * HOUR)
    assert [alert.event_id for alert in Alert.objects.filter(reason="repeat")] == [second.pk]


def test_the_next_due_moment_is_known_to_a_replay():
    config = make_config(ALERT_ESCALATE_TO="cex", ALERT_ESCALATE_AFTER_MINUTES="30")
    assert reminders.next_due(config, NOW) is None
    tell(make_event("hack"))
    assert reminders.next_due(config, NOW) == NOW + timedelta(minutes=30)
    reminders.run(config, NOW + timedelta(minutes=30))
    assert reminders.next_due(config, NOW + timedelta(minutes=30)) == NOW + 4 * HOUR


def test_the_daemon_runs_the_timers_as_they_are_registered():
    jobs = Jobs(make_config(), [], HttpClient(1.0), lambda: NOW, StopFlag())
    names = set(jobs.names)
    assert {f"housekeeping.{timer.name}" for timer in registry.timers()} <= names
    assert "housekeeping.alert_timers" in names


def test_one_query_reads_all_that_may_be_due(django_assert_num_queries):
    for _ in range(20):
        event = make_event("hack")
        tell(event)
        for _ in range(5):
            tell(bump(event), "updated")
    with django_assert_num_queries(1):
        assert len(reminders.read_open_events(NOW + HOUR)) == 20
