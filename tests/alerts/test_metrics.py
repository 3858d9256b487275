"""What each stage decided and how long alerts took, as counters of this process."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from tests.alerts.delivery.test_worker import attempt, worker_for
from tests.alerts.factories import Clock, bump, make_event, tell

pytestmark = pytest.mark.django_db


def read(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_every_decision_on_the_way_is_counted(hooks):
    names = [
        ("route", "routed"),
        ("dedup", "new"),
        ("mute", "heard"),
        ("inhibit", "free"),
        ("acknowledge", "news"),
        ("group", "single"),
        ("limit", "within"),
        ("send", "accepted"),
        ("record", "sent"),
    ]

    def counts() -> list[float]:
        return [read("ews_alert_decisions_total", stage=stage, decision=decision) for stage, decision in names]

    before = counts()
    alert = tell(make_event())
    attempt(worker_for(hooks, Clock()))
    assert [after - earlier for after, earlier in zip(counts(), before, strict=True)] == [1.0] * len(names)
    alert.refresh_from_db()
    assert [(row["stage"], row["decision"]) for row in alert.decisions] == names


def test_what_is_suppressed_is_counted_by_its_reason():
    tell(make_event("delisting"))
    move = make_event("volatility")
    before = read("ews_alert_suppressions_total", reason="token_delisted")
    tell(move)
    tell(bump(move), "worse")
    assert read("ews_alert_suppressions_total", reason="token_delisted") - before == 2


def test_the_time_an_alert_took_is_measured_by_its_parts(hooks):
    def counts() -> list[float]:
        parts = ("queued", "sending", "whole")
        return [read("ews_alert_dwell_seconds_count", part=part) for part in parts]

    before, waited = counts(), read("ews_alert_dwell_seconds_sum", part="whole")
    tell(make_event())
    clock = Clock()
    clock.advance(seconds=3)
    attempt(worker_for(hooks, clock))
    assert [after - earlier for after, earlier in zip(counts(), before, strict=True)] == [1, 1, 1]
    assert read("ews_alert_dwell_seconds_sum", part="whole") - waited == pytest.approx(3)


def test_what_is_only_previewed_is_not_counted(admin_client):
    event = make_event()
    before = read("ews_alert_decisions_total", stage="route", decision="routed")
    shown = admin_client.post(f"/admin/events/event/{event.pk}/act/close/", {"reason": "over"})
    assert "Cards go to: cex" in shown.content.decode()
    assert read("ews_alert_decisions_total", stage="route", decision="routed") == before
