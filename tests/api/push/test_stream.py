"""Server-sent events, end to end: what happens in the database reaches a reader, once and in order."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from events import clock
from events.lifecycle import close_event
from events.models import Heartbeat
from tests.api.push.clients import SseReader
from tests.api.support import manual_event


def beat() -> None:
    Heartbeat.objects.update_or_create(defaults={"beat_at": clock.database_now()})


def test_a_snapshot_comes_first_then_what_changes_and_what_was_written(
    api_url: str, token_of: Callable[..., str]
) -> None:
    beat()
    manual_event("DOGE")
    token = token_of()
    with SseReader(api_url, "/api/v1/stream", token) as stream, SseReader(api_url, "/api/v1/stream", token) as other:
        assert stream.status == 200 and stream.headers["content-type"].startswith("text/event-stream")
        snapshot = stream.next()
        assert snapshot["kind"] == "snapshot" and [row["token"] for row in snapshot["tokens"]] == ["DOGE"]
        assert snapshot["status"] == "fresh"

        began = time.monotonic()
        event = manual_event("SHIB")
        risk = stream.until("risk")
        assert time.monotonic() - began < 1
        assert [row["token"] for row in risk["changed"]] == ["SHIB"] and risk["removed"] == []
        assert risk["seq"] > snapshot["seq"]
        opened = stream.until("event")
        assert (opened["what"], opened["event_id"]) == ("event.opened", event.pk) and opened["n"] > 0
        assert [effect["token"] for effect in opened["body"]["effects"]] == ["SHIB"]

        close_event(event.pk, clock.database_now(), by="test", reason="over")
        # The second change of risk waits for the merge, the ledger's row does not.
        assert stream.until("event")["what"] == "event.closed"
        assert stream.until("risk")["removed"] == ["SHIB"]
        # Readers with the same subscription share their messages.
        assert [other.until("event")["what"] for _ in range(2)] == ["event.opened", "event.closed"]


@pytest.mark.parametrize("header", [True, pytest.param(False, marks=pytest.mark.long)])
def test_a_reader_that_comes_back_gets_what_it_missed(api_url: str, token_of: Callable[..., str], header: bool) -> None:
    beat()
    token = token_of()
    gone = manual_event("DOGE")
    with SseReader(api_url, "/api/v1/stream", token) as stream:
        stream.until("snapshot")
    manual_event("SHIB")
    close_event(gone.pk, clock.database_now(), by="test", reason="over")
    path = "/api/v1/stream" + ("" if header else f"?last_event_id={stream.last_id}")
    with SseReader(api_url, path, token, {"Last-Event-ID": stream.last_id} if header else None) as again:
        risk = again.next()
        assert risk["kind"] == "risk"
        assert [row["token"] for row in risk["changed"]] == ["SHIB"] and risk["removed"] == ["DOGE"]
        found = [again.until("event") for _ in range(2)]
        assert [body["what"] for body in found] == ["event.opened", "event.closed"]
