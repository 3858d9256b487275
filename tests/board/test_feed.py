"""The board's stream: it says when it cannot read, shows what it cannot word, and keeps the worst of too many."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import psycopg2
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from alerts.models import Silence
from board import rows as board_rows
from board.live import feed as feed_module
from board.rows import open_rows
from board.state import full
from events.models import Effect, Event
from tests.board.test_board import alive
from tests.board.world import fill
from tests.events.admin.support import open_event


class Stream:
    """The messages of the board's stream as they come."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self, fits: Callable[[dict[str, Any]], Any], seconds: float = 10) -> dict[str, Any]:
        ends, seen = time.monotonic() + seconds, []
        for line in self._lines:
            if line.startswith("data:"):
                message = json.loads(line[5:])
                if fits(message):
                    return dict(message)
                seen.append(message["kind"])
            if time.monotonic() > ends:
                break
        raise AssertionError(f"not within {seconds} s; came: {seen}")


@pytest.fixture
def stream(site: str, staff: Client) -> Iterator[Stream]:
    cookies = {"sessionid": staff.cookies["sessionid"].value}
    with (
        httpx.Client(base_url=site, cookies=cookies, trust_env=False, timeout=20) as client,
        client.stream("GET", "/api/board/stream") as answer,
    ):
        yield Stream(answer)


@pytest.mark.long
def test_a_board_that_cannot_read_its_rows_says_so(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "STUCK_SECONDS", 1.5)
    stream.next(lambda one: one["kind"] == "full")
    alive()
    stream.next(lambda one: one["kind"] == "beat" and one["rows_known"])
    settings = connection.get_connection_params()
    other = psycopg2.connect(**{name: settings[name] for name in ("dbname", "user", "password", "host", "port")})
    try:
        # Somebody alters a table and forgets to commit. The view and the heartbeat are read all the while.
        other.cursor().execute("LOCK TABLE events_review IN ACCESS EXCLUSIVE MODE")
        stream.next(lambda one: one["kind"] == "beat" and not one["rows_known"])
    finally:
        other.close()
    stream.next(lambda one: one["kind"] == "beat" and one["rows_known"])


@pytest.mark.django_db
def test_one_event_that_cannot_be_worded_does_not_hide_the_others() -> None:
    broken, whole = open_event("broken", tokens=("BTC",)), open_event("whole", tokens=("SOL",))
    Event.objects.filter(pk=broken.pk).update(important_dates=[{"at": "soon", "what": 5}])
    found = open_rows(timezone.now())
    assert set(found) == {broken.pk, whole.pk}
    row = found[broken.pk]
    assert (row["tokens"], row["action"], row["title"]) == (["BTC"], "reduce_only", broken.title)
    assert "cannot be put into words" in row["why"]
    assert len(full(timezone.now())["rows"]) == 2


@pytest.mark.django_db
def test_of_too_many_the_worst_are_kept_not_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_rows, "MOST_ROWS", 5)
    now = timezone.now()
    fill(12, now)
    Event.objects.non_polymorphic().update(opened_at=now)
    oldest = Event.objects.order_by("pk")[0]
    Event.objects.filter(pk=oldest.pk).update(opened_at=now - timedelta(days=9))
    Effect.objects.exclude(event=oldest).update(action="watch")
    Effect.objects.filter(event=oldest).update(action="halt")
    # What demands nothing may be a source that sees nothing.
    blind = Event.objects.order_by("pk")[1]
    Event.objects.filter(pk=blind.pk).update(opened_at=now - timedelta(days=8))
    Effect.objects.filter(event=blind).delete()
    found = open_rows(now)
    assert len(found) == 5 and {oldest.pk, blind.pk} <= set(found)


def test_what_is_silenced_is_marked_at_once_and_until_it_ends(stream: Stream) -> None:
    event = open_event("a", tokens=("BTC",))
    other = open_event("b", tokens=("SOL",))
    stream.next(lambda one: one["kind"] == "rows" and any(row["id"] == other.pk for row in one["changed"]))
    until = timezone.now() + timedelta(seconds=3)
    Silence.objects.create(token="BTC", until=until, reason="known", made_by="eve")
    found = stream.next(lambda one: one["kind"] == "rows" and one["changed"][0]["silenced"])
    assert [(row["id"], row["silenced"]["by"]) for row in found["changed"]] == [(event.pk, "eve")]
    stream.next(lambda one: one["kind"] == "rows" and one["changed"][0]["silenced"] is None)
