"""The daily canary: at its hour, once a day and channel, and plainly no alert."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from alerts.canary import due_at, queue_if_due
from alerts.delivery.loader import load_message
from alerts.models import Alert
from alerts.rendering.message import Notice
from crypto_ews.conf import ConfigurationError, parse_config
from crypto_ews.conf.channels import BASE_CHANNELS
from events import registry
from tests.alerts.factories import make_config

AT = datetime(2026, 10, 2, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (AT - timedelta(seconds=1), None),
        (AT, AT),
        (AT + timedelta(hours=6), AT),
        (AT + timedelta(hours=6, seconds=1), None),
    ],
)
def test_a_canary_is_due_from_its_hour_on_for_a_while(now: datetime, due: datetime | None) -> None:
    assert due_at("07:30", now) == due


def test_a_canary_late_in_the_evening_is_made_up_for_after_midnight() -> None:
    assert due_at("23:50", datetime(2026, 10, 3, 0, 10, tzinfo=UTC)) == datetime(2026, 10, 2, 23, 50, tzinfo=UTC)


@pytest.mark.parametrize("value", ["7:30", "24:00", "07:60", "noon"])
def test_the_hour_is_a_time_of_day(value: str) -> None:
    with pytest.raises(ConfigurationError, match="a time of day such as 07:30"):
        parse_config({"ALERT_CANARY_AT": value})


@pytest.mark.django_db
def test_a_channel_that_gets_risk_messages_alone_gets_no_canary() -> None:
    channel = {"name": "bot", "kind": "webhook", "url": "http://127.0.0.1:9", "secret": "s" * 16, "risk": True}
    canaries: dict[str, int] = {}
    for name, follows in (("bot", ()), ("both", ("cex",))):
        channels = json.dumps([{**channel, "name": name, "follows": follows}])
        config = make_config(ALERT_CANARY_AT="07:30", ALERT_CHANNELS=channels)
        queue_if_due(config, AT)
        canaries[name] = Alert.objects.filter(channel=name).count()
    assert canaries == {"bot": 0, "both": 1}


@pytest.mark.django_db
def test_every_channel_gets_one_canary_a_day() -> None:
    config = make_config(ALERT_CANARY_AT="07:30")
    assert queue_if_due(config, AT - timedelta(minutes=1)) == 0
    assert queue_if_due(config, AT) == len(BASE_CHANNELS)
    for minutes in (1, 30, 300):
        assert queue_if_due(config, AT + timedelta(minutes=minutes)) == 0
    assert queue_if_due(config, AT + timedelta(days=1)) == len(BASE_CHANNELS)
    assert sorted(Alert.objects.values_list("channel", flat=True)) == sorted(BASE_CHANNELS * 2)


@pytest.mark.django_db
def test_a_canary_is_marked_as_a_drill() -> None:
    config = make_config(ALERT_CANARY_AT="07:30")
    queue_if_due(config, AT)
    content = load_message(Alert.objects.get(channel="cex"), config, AT, shrunk=False).content
    assert isinstance(content, Notice)
    assert content.title.startswith("DRILL")
    assert "Nothing has happened" in content.text


@pytest.mark.django_db
def test_it_is_off_unless_asked_for_and_the_daemon_runs_it() -> None:
    assert queue_if_due(make_config(), AT) == 0
    (timer,) = [timer for timer in registry.timers() if timer.name == "canary"]
    assert timer.run is queue_if_due
    assert timer.next_due(make_config(ALERT_CANARY_AT="07:30"), AT) is None, "a replay sends nothing"
