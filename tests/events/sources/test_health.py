"""The health of sources, with the clock injected: what is told of a trouble, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from alerts.models import Alert
from events.models import OperationsEvent, SourceHealth
from events.sources import health

pytestmark = pytest.mark.django_db

START = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def fail(minutes: float, drift: bool = False) -> None:
    health.failed("okx.status", after(minutes), "it answered 503", 0.1, None, drift, None)


def told() -> list[tuple[str, str]]:
    rows = Alert.objects.order_by("id").values_list("event__title", "reason")
    return [(str(title).removeprefix("Source okx.status "), reason) for title, reason in rows]


@pytest.fixture(autouse=True)
def watched() -> None:
    health.register("okx.status", 30, START)


def test_a_silent_source_is_told_after_five_intervals_once_and_once_when_it_recovers() -> None:
    for minutes in (0.5, 1, 2):
        fail(minutes)
    assert health.mark_stale(after(2.5)) == [] and told() == []
    assert health.mark_stale(after(2.6)) == ["okx.status"]
    fail(3)
    assert health.mark_stale(after(3)) == []
    assert SourceHealth.objects.get().state == "stale"
    health.succeeded("okx.status", after(4), 1, 0.1, None)
    health.succeeded("okx.status", after(4.5), 1, 0.1, None)
    assert told() == [("is silent", "opened"), ("is silent", "closed")]
    assert not OperationsEvent.objects.filter(status="open").exists()


def test_a_source_that_drifts_into_silence_is_told_once() -> None:
    fail(1, drift=True)
    fail(2)
    assert health.mark_stale(after(3)) == ["okx.status"]
    assert SourceHealth.objects.get().state == "stale"
    health.succeeded("okx.status", after(4), 1, 0.1, None)
    assert told() == [("answers in an unknown shape", "opened"), ("answers in an unknown shape", "closed")]


class Killed(BaseException):
    pass


def killed(execute: Callable[..., object], sql: str, *arguments: object) -> object:
    """Runs every statement but the first one that touches events."""
    if '"events_event"' in sql:
        raise Killed
    return execute(sql, *arguments)


@pytest.mark.parametrize("step", ["stale", "recovery"])
def test_a_kill_between_the_state_and_its_card_loses_neither(step: str) -> None:
    if step == "recovery":
        health.mark_stale(after(3))

    with connection.execute_wrapper(killed), pytest.raises(Killed):
        if step == "stale":
            health.mark_stale(after(3))
        else:
            health.succeeded("okx.status", after(4), 1, 0.1, None)
    if step == "stale":
        health.mark_stale(after(3.5))
        assert told() == [("is silent", "opened")]
    else:
        health.succeeded("okx.status", after(4.5), 1, 0.1, None)
        assert told() == [("is silent", "opened"), ("is silent", "closed")]
