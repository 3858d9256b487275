"""/readyz, /metrics, the shipped alert rules, and how long the trail is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertAttempt, ChannelState
from events.daemon import scheduler
from events.database import view_refresh
from events.models import SourceHealth
from tests.alerts.factories import make_event

RULES = Path(__file__).resolve().parents[3] / "docs" / "prometheus-rules.yml"

pytestmark = pytest.mark.django_db


def make_alert(event_status: str = "closed", **fields: Any) -> Alert:
    now = timezone.now()
    closed_at = None if event_status == "open" else now
    event = make_event(status=event_status, closed_at=closed_at)
    return Alert.objects.create(
        **{"event": event, "reason": "opened", "channel": "cex", "queued_at": now, "due_at": now, **fields}
    )


@pytest.fixture
def running(db: None) -> None:
    """A daemon whose heart has just beaten and whose view is fresh."""
    scheduler.beat(timezone.now())
    view_refresh.refresh_now()


def ready() -> tuple[int, dict[str, dict[str, object]]]:
    answer = Client().get("/readyz")
    body = answer.json()
    assert body["ready"] is (answer.status_code == 200)
    return answer.status_code, body["checks"]


def test_it_is_ready_while_everything_is_in_order(running: None) -> None:
    status, checks = ready()
    assert status == 200
    assert set(checks) == {"migrations", "heartbeat", "view", "clock", "alerts"}


def test_it_is_not_ready_before_a_daemon_has_run(db: None) -> None:
    status, checks = ready()
    assert status == 503
    assert checks["heartbeat"] == {"ok": False, "seen": "never"}


def test_an_old_heartbeat_is_named(running: None) -> None:
    scheduler.beat(timezone.now() - timedelta(seconds=21))
    status, checks = ready()
    assert status == 503 and [name for name, check in checks.items() if not check["ok"]] == ["heartbeat"]


def test_an_old_view_is_named(running: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE risk_view_state SET refreshed_at = now() - interval '2 minutes'")
    status, checks = ready()
    assert status == 503 and [name for name, check in checks.items() if not check["ok"]] == ["view"]


@pytest.mark.parametrize(("age", "expected"), [(59, 200), (61, 503)])
def test_an_alert_that_waits_for_a_minute_is_named(running: None, age: int, expected: int) -> None:
    make_alert(queued_at=timezone.now() - timedelta(seconds=age))
    status, checks = ready()
    assert (status, checks["alerts"]["ok"]) == (expected, expected == 200)


def test_a_missing_migration_is_named(running: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'liquidity'")
    status, checks = ready()
    assert status == 503 and checks["migrations"]["ok"] is False


def metric_names() -> set[str]:
    text = Client().get("/metrics").content.decode()
    # A counter with labels has no line of its own before it has counted.
    return set(re.findall(r"^(?:# TYPE )?([a-z_:]+)[{ ]", text, re.MULTILINE))


def test_every_metric_that_the_shipped_rules_read_is_there(running: None) -> None:
    SourceHealth.objects.create(
        source="x", interval_seconds=1, watched_since=timezone.now(), last_success_at=timezone.now()
    )
    make_alert()
    make_suspended_channel()
    # The gateway of the server counts there; this client goes past it.
    import_module("api.metrics")
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    read = {name for rule in rules for name in re.findall(r"\bews_\w+", rule["expr"])}
    assert len(read) >= 6 and read - metric_names() == set()
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules)


def make_suspended_channel() -> None:
    ChannelState.objects.create(channel="cex", suspended_at=timezone.now(), suspended_reason="x")


def test_the_trail_is_kept_for_ninety_days_and_what_is_open_for_longer(running: None) -> None:
    now = timezone.now()
    old, recent = now - timedelta(days=91), now - timedelta(days=89)
    kept = [
        make_alert(state="sent", done_at=recent).pk,
        make_alert(state="pending").pk,
        make_alert(state="sent", done_at=old, event_status="open").pk,
    ]
    gone = make_alert(state="dead", done_at=old)
    AlertAttempt.objects.create(
        alert=gone, channel="cex", started_at=old, duration_ms=1, decision="dead", reason="rejected"
    )
    user = User.objects.create_user("ada")
    for at in (old, recent):
        entry = LogEntry.objects.create(user=user, action_flag=CHANGE, object_repr="x")
        LogEntry.objects.filter(pk=entry.pk).update(action_time=at)
    call_command("pruneaudit")
    assert set(Alert.objects.values_list("pk", flat=True)) == set(kept)
    assert not AlertAttempt.objects.exists()
    assert LogEntry.objects.count() == 1
