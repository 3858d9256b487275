"""The time machine answers what was read live; the page of an event tells its story; lead times, from the ledger."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from alerts.audit import Actor
from alerts.suppression import acknowledgements
from board import timeline
from board.past import board_at
from events import lifecycle
from events.lifecycle import record
from events.models import Event, PayloadPoll, Review, SourceHealth
from tests.board.test_reviews import review
from tests.events.admin.support import draft, open_event

pytestmark = pytest.mark.django_db(transaction=True)


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def read_live() -> dict[str, Any]:
    """What bots read now, as JSON has it."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT token, row_to_json(v)::text FROM token_risk_view AS v ORDER BY token COLLATE "C"')
        found = {token: json.loads(row) for token, row in cursor.fetchall()}
    return found


def without_update(rows: dict[str, Any]) -> dict[str, Any]:
    return {token: {name: value for name, value in row.items() if name != "updated_at"} for token, row in rows.items()}


def test_each_second_has_the_rows_actions_and_times_that_were_read_live() -> None:
    states: list[tuple[datetime, dict[str, Any], set[tuple[int, str]]]] = []

    def note() -> None:
        states.append((
            database_now(),
            without_update(read_live()),
            set(Event.objects.filter(status="open", priority="high").values_list("pk", "title")),
        ))  # fmt: skip

    first = open_event("one", tokens=("BTC", "ETH"))
    note()
    record(draft("one", tokens=("BTC",), title="Binance Will Delist BTC (one), and not ETH"), timezone.now())
    note()
    second = open_event("two", tokens=("SOL",))
    note()
    lifecycle.close_event(first.pk, timezone.now(), reason="a mistake", by="mia")
    note()
    record(draft("one", tokens=("BTC",), title="Binance Will Delist BTC (one) again"), timezone.now() + timedelta(1))
    note()
    assert len({repr(rows) for _, rows, _ in states}) > 3 and second.pk
    for at, rows, events in states:
        found = board_at(at)
        assert without_update({row["token"]: row for row in found["tokens"]}) == rows
        assert {(row["id"], row["title"]) for row in found["events"]} == events


def test_an_event_that_was_deleted_since_was_there_then() -> None:
    event = open_event("gone", tokens=("BTC",))
    before = database_now()
    Event.objects.filter(pk=event.pk).delete()
    assert [row["id"] for row in board_at(before)["events"]] == [event.pk]
    assert board_at(database_now())["events"] == []


def test_a_daemon_whose_clock_is_minutes_off_loses_no_event_and_closes_none_too_early() -> None:
    fast = open_event("fast", tokens=("BTC",), now=timezone.now() + timedelta(minutes=4))
    slow = open_event("slow", tokens=("SOL",))
    opened = database_now()
    lifecycle.close_event(slow.pk, timezone.now() - timedelta(minutes=4), reason="over", by="mia")
    closed = database_now()
    assert {row["id"] for row in board_at(opened)["events"]} == {fast.pk, slow.pk}
    assert {row["id"] for row in board_at(closed)["events"]} == {fast.pk}


def test_an_hour_in_which_nothing_was_read_is_no_calm_hour() -> None:
    now = database_now()
    assert board_at(now)["read_at"] is None
    for minutes in (90, 20):
        PayloadPoll.objects.create(source="okx.status", received_at=now - timedelta(minutes=minutes), status=200)
    health = {"state": "ok", "interval_seconds": 30, "last_success_at": now, "watched_since": now - timedelta(1)}
    SourceHealth.objects.create(source="okx.status", **health)
    found = board_at(now - timedelta(minutes=30))
    assert found["read_at"] == found["sources"][0]["read_at"] == now - timedelta(minutes=90)


def test_a_source_that_is_watched_no_more_was_watched_then() -> None:
    now = timezone.now()
    health = {"state": "stale", "interval_seconds": 30, "last_success_at": now, "watched_since": now - timedelta(1)}
    SourceHealth.objects.create(source="okx.status", **health)
    before = database_now()
    SourceHealth.objects.all().delete()
    assert [(one["source"], one["state"]) for one in board_at(before)["sources"]] == [("okx.status", "stale")]
    assert board_at(database_now())["sources"] == []


def test_notices_that_waited_for_a_person_then_are_counted() -> None:
    review()
    waiting = database_now()
    Review.objects.update(decided_at=timezone.now(), decision="harmless")
    assert [board_at(at)["reviews"] for at in (waiting, database_now())] == [1, 0]


def test_it_knows_who_had_what_and_which_source_answered_then() -> None:
    now = timezone.now()
    event = open_event()
    health = SourceHealth.objects.create(
        source="okx.status", state="ok", interval_seconds=30, last_success_at=now, watched_since=now - timedelta(1)
    )
    before = database_now()
    acknowledgements.acknowledge(event.pk, Actor("mia", "admin"), "", timezone.now())
    SourceHealth.objects.filter(pk=health.pk).update(state="stale")
    held = database_now()
    acknowledgements.unacknowledge(event.pk, Actor("mia", "admin"), timezone.now())
    SourceHealth.objects.filter(pk=health.pk).update(state="ok")
    after = database_now()
    found = [board_at(at) for at in (before, held, after)]
    assert [one["events"][0]["held"] for one in found] == [False, True, False]
    assert [one["events"][0]["held_by"] for one in found] == [None, "mia", None]
    assert [one["sources"][0]["state"] for one in found] == ["ok", "stale", "ok"]
    assert found[0]["alerts"]["queued"] >= 1


def test_a_time_that_cannot_be_told_is_refused(staff: Client) -> None:
    open_event()
    for at, status, expected in (
        ("", 400, "expected a time such as"),
        ("yesterday", 400, "expected a time such as"),
        ("2019-01-01T00:00:00Z", 404, "the history begins at"),
        ("2099-01-01T00:00:00Z", 400, "expected no time in the future"),
    ):
        answer = staff.get("/board/time/at", {"at": at})
        assert answer.status_code == status and expected in answer.json()["error"], at


def test_the_page_of_an_event_tells_its_story_with_differences(staff: Client) -> None:
    event = open_event(tokens=("BTC", "ETH"))
    record(draft(tokens=("BTC",), title="Binance Will Delist BTC <b>only</b>"), timezone.now())
    acknowledgements.acknowledge(event.pk, Actor("mia", "admin", address="10.0.0.9"), "on it", timezone.now())
    older = open_event("older", tokens=("BTC",), category="wallet_suspension")
    page = staff.get(f"/board/event/{event.pk}/").content.decode()
    assert "<del>Binance Will Delist BTC ETH (abc)</del>" in page
    assert "<ins>Binance Will Delist BTC &lt;b&gt;only&lt;/b&gt;</ins>" in page
    assert "ETH · BINANCE: action: <del>reduce only</del> → <ins>–</ins>" in page
    assert "mia from 10.0.0.9: on it" in page and "Alert “Opened” to cex" in page
    assert f"/board/event/{older.pk}/" in page
    assert staff.get("/board/event/999999/").status_code == 404


def test_of_a_long_story_the_end_is_told(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST", 3)
    event = open_event(tokens=("BTC",))
    for number in range(5):
        Event.objects.filter(pk=event.pk).update(title=f"Version {number}")
    lifecycle.close_event(event.pk, timezone.now(), reason="all is over", by="mia")
    page = staff.get(f"/board/event/{event.pk}/").content.decode()
    assert "all is over" in page and "<ins>Version 4</ins>" in page and "<ins>Version 1</ins>" not in page
    assert "4 earlier changes are not listed" in page


def test_the_page_of_an_event_that_cannot_be_worded_still_comes(staff: Client) -> None:
    event = open_event(tokens=("BTC",))
    Event.objects.filter(pk=event.pk).update(important_dates=[{"at": "soon", "what": 5}])
    page = staff.get(f"/board/event/{event.pk}/")
    assert page.status_code == 200 and "cannot be put into words" in page.content.decode()


def test_lead_times_and_false_alarms_of_each_source(staff: Client) -> None:
    for number in range(6):
        event = open_event(f"n{number}", tokens=("BTC",), source="cmc")
    lifecycle.close_event(event.pk, timezone.now(), reason="not so", by="mia", false_alarm=True)
    page = staff.get("/board/quality/").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "6 under 10 ms" in text and "1 (17%)" in text and "published → seen" in text
    assert staff.get("/board/quality/?days=x").status_code == 200
