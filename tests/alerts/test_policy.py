"""Which outcomes are alerted, and where they go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.models import Alert, Channel, Silence
from alerts.policy import queue_alerts, queue_for
from alerts.routes import ROUTES, route
from events.enums import Category, OutcomeKind
from events.outcomes import Outcome
from tests.alerts.factories import NOW, bump, make_effect, make_event, tell

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("category", "channel"),
    [
        ("delisting", "cex"),
        ("exchange_halt", "cex"),
        ("operations", "cex"),
        ("manual", "cex"),
        ("hack", "defi"),
        ("bridge_hack", "defi"),
        ("depeg", "stablecoin"),
        ("volatility", "token_volatility"),
        ("whale", "token_volatility"),
        ("depth_drop", "token_volatility"),
        ("volume_anomaly", "token_volatility"),
        ("low_liquidity", "token_liquidity"),
    ],
)
def test_a_category_goes_to_its_channel(category, channel):
    assert tell(make_event(category)).channel == channel


def test_every_category_has_a_route_to_a_real_channel():
    assert set(ROUTES) == set(Category)
    assert {channel for channel, _ in ROUTES.values()} <= set(Channel)


def test_a_category_that_nobody_routed_is_alerted_all_the_same():
    assert route("solar_flare", "nasa")[0] == "cex"


def test_everything_else_passes_ahead_of_a_volatility_storm():
    storm = route("volatility", "binance")[1]
    assert all(route(category, "")[1] > storm for category in ("delisting", "hack", "depeg", "manual", "low_liquidity"))


def test_low_priority_is_not_alerted():
    assert tell(make_event(priority="low")) is None


def test_operations_are_alerted_though_they_are_of_low_priority():
    assert tell(make_event("operations", priority="low", tokens=())) is not None


@pytest.mark.parametrize("alert", [None, ""])
def test_an_outcome_without_an_alert_queues_nothing(alert):
    event = make_event()
    queue_alerts(Outcome(OutcomeKind.UPDATED, "test", event, alert or None), NOW)
    queue_alerts(Outcome(OutcomeKind.UNCHANGED, "test", None, "opened"), NOW)
    assert not Alert.objects.exists()


def test_the_same_alert_is_queued_once():
    event = make_event()
    assert tell(event) is not None
    assert tell(event) is None
    assert Alert.objects.count() == 1


def test_a_newer_card_replaces_the_one_that_waits_and_shows_what_it_would_have_shown():
    event = make_event()
    first = tell(event, "opened")
    second = tell(bump(event), "updated", changes={"title": ("A", "B"), "priority": ("low", "high")})
    third = tell(bump(event), "reminder", changes={"title": ("B", "C"), "priority": ("high", "low")})
    states = dict(Alert.objects.values_list("pk", "state"))
    assert states == {first.pk: "superseded", second.pk: "superseded", third.pk: "pending"}
    third.refresh_from_db()
    assert third.detail["said"] == ["opened", "updated"]
    assert third.detail["changes"] == {"title": ["A", "C"]}


def test_a_newer_card_says_who_corrected_what_as_the_one_that_waits_would():
    event = make_event()
    tell(event, "opened")
    Alert.objects.update(state="sent")
    queue_for(bump(event), "updated", event.revision, NOW, detail={"correction": "ann: a renaming"})
    newer = tell(bump(event), "updated")
    newer.refresh_from_db()
    assert newer.detail.get("correction") == "ann: a renaming"
    # The latest correction is the one that holds; what was said of an earlier life is over.
    queue_for(bump(event), "updated", event.revision, NOW, detail={"correction": "bob: a swap"})
    event.life = 2
    event.save()
    assert Alert.objects.latest("pk").detail["correction"] == "bob: a swap"
    newest = tell(bump(event), "opened")
    newest.refresh_from_db()
    assert "correction" not in newest.detail


def test_a_newer_card_takes_the_place_in_line_of_the_one_it_replaces():
    event = make_event()
    tell(event, "opened", NOW)
    later = tell(bump(event), "updated", NOW + timedelta(minutes=3))
    later.refresh_from_db()
    assert later.due_at == NOW
    assert later.queued_at == NOW + timedelta(minutes=3)


def test_a_card_that_is_under_way_is_left_alone():
    event = make_event()
    first = tell(event)
    Alert.objects.filter(pk=first.pk).update(state="sending", leased_until=NOW + timedelta(seconds=15))
    second = tell(bump(event), "updated")
    first.refresh_from_db()
    assert (first.state, second.state) == ("sending", "pending")


def test_changes_of_any_kind_can_be_kept():
    event = make_event()
    alert = tell(event, "updated", changes={"valid_until": (None, NOW), "tokens": (("A",), {"B"})})
    assert alert.detail["changes"]["valid_until"] == [None, NOW.isoformat()]


def silence(**fields) -> Silence:
    fields = {"until": NOW + timedelta(hours=1), "reason": "known", "made_by": "ops", **fields}
    return Silence.objects.create(**fields)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"token": "LUNA"}, "silenced"),
        ({"category": "delisting"}, "silenced"),
        ({"source": "binance", "category": "delisting"}, "silenced"),
        ({}, "silenced"),
        ({"token": "ABC"}, "pending"),
        ({"category": "hack"}, "pending"),
        ({"source": "okx", "token": "LUNA"}, "pending"),
        ({"token": "LUNA", "until": NOW}, "pending"),
    ],
)
def test_a_silence_that_matches_keeps_the_alert_without_sending_it(fields, state):
    silence(**fields)
    alert = tell(make_event())
    assert alert.state == state
    assert (alert.silence is not None) == (state == "silenced")


def test_a_silence_of_one_token_does_not_hide_another():
    silence(token="LUNA")
    event = make_event()
    make_effect(event, "ABC")
    assert tell(event).state == "pending"
    silence(token="ABC")
    assert tell(bump(event), "updated").state == "silenced"
