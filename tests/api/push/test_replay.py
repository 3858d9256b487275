"""Replay: at least once and without a gap, or a resync that says why."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg2
import pytest
from django.db import connection

from api.push.position import Position, position_of
from tests.api.push.clients import SseReader
from tests.api.support import manual_event

_APPEND = "SELECT ledger_append('source.ok', NULL, NULL, jsonb_build_object('source', %s::text))"


def test_a_row_that_commits_late_is_not_lost_live_nor_in_a_replay(
    api_url: str, token_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.push.hub.HEARTBEAT_SECONDS", 0.3)
    settings = connection.get_connection_params()
    settings.pop("cursor_factory", None)
    settings.pop("context", None)
    late = psycopg2.connect(**settings)
    with late.cursor() as cursor:
        cursor.execute(_APPEND, ["late"])
    with SseReader(api_url, "/api/v1/stream?kinds=source", token := token_of()) as stream:
        stream.until("snapshot")
        with connection.cursor() as cursor:
            cursor.execute(_APPEND, ["early"])
        assert stream.until("source")["body"]["source"] == "early"
        seen = stream.last_id
        # The position still stands before the transaction that runs.
        assert stream.until("heartbeat", timeout=6)["id"]
        after = stream.last_id
        late.commit()
        late.close()
        assert stream.until("source")["body"]["source"] == "late"
    for last_id in (seen, after):
        with SseReader(api_url, "/api/v1/stream?kinds=source", token, {"Last-Event-ID": last_id}) as again:
            found = set()
            while "late" not in found:
                found.add(again.until("source")["body"]["source"])


@pytest.mark.long
def test_a_long_absence_is_replayed_page_by_page(
    api_url: str, token_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.push.ledger.PAGE", 20)
    token = token_of()
    with SseReader(api_url, "/api/v1/stream?kinds=source", token) as stream:
        stream.until("snapshot")
    for count, complete in ((150, True), (100, False)):
        with connection.cursor() as cursor:
            cursor.execute(f"{_APPEND} FROM generate_series(1, %s)", ["many", count])
        with SseReader(api_url, "/api/v1/stream?kinds=source", token, {"Last-Event-ID": stream.last_id}) as again:
            if complete:
                assert len({again.until("source")["n"] for _ in range(150)}) == 150
            else:
                # 250 rows are more than ten pages.
                assert "rows old" in again.until("resync")["why"]
                assert again.until("snapshot")["tokens"] == []


def test_what_cannot_be_replayed_is_said_and_followed_by_a_snapshot(
    api_url: str, token_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.push.hub.CATCH_UP_SECONDS", 0.1)
    token = token_of()
    manual_event("DOGE")
    with SseReader(api_url, "/api/v1/stream", token) as stream:
        stream.until("snapshot")
        position = position_of(stream.last_id)
    assert position is not None
    for last_id, why in (
        ("nonsense", "none of ours"),
        (str(position._replace(database="f" * 12)), "another database"),
        (str(position._replace(seq=position.seq + 9)), "future"),
        (str(position._replace(xid=position.xid + 10**6)), "future"),
        (str(position._replace(xid=1, n=0)), "older"),
    ):
        with SseReader(api_url, "/api/v1/stream", token, {"Last-Event-ID": last_id}) as again:
            resync = again.next()
            assert resync["kind"] == "resync" and why in resync["why"], (last_id, resync)
            assert [row["token"] for row in again.next()["tokens"]] == ["DOGE"]


@pytest.mark.long
def test_readers_that_come_and_go_while_others_write_miss_nothing(api_url: str, token_of: Callable[..., str]) -> None:
    token, writers, each = token_of(), 3, 60
    settings = connection.get_connection_params()
    settings.pop("cursor_factory", None)
    settings.pop("context", None)

    def write(writer: int) -> None:
        line = psycopg2.connect(**settings)
        for number in range(each):
            with line.cursor() as cursor:
                cursor.execute(_APPEND, [f"{writer}.{number}"])
                if number % 7 == 0:
                    cursor.execute("SELECT pg_sleep(0.02)")
            line.commit()
        line.close()

    with SseReader(api_url, "/api/v1/stream?kinds=source", token) as stream:
        stream.until("snapshot")
        last_id = stream.last_id
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    found: set[str] = set()
    while len(found) < writers * each:
        with SseReader(api_url, "/api/v1/stream?kinds=source", token, {"Last-Event-ID": last_id}) as stream:
            # A few messages, then it breaks off.
            for _ in range(25):
                body = stream.until("source", timeout=6)
                found.add(body["body"]["source"])
                last_id = stream.last_id
                if len(found) == writers * each:
                    break
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    "text", ["", "a", "0" * 12, "f" * 12 + "-1-2", "f" * 12 + "-1-2-" + "9" * 19, "F" * 12 + "-1-2-3"]
)
def test_an_id_that_is_none_of_ours_is_known_as_such(text: str) -> None:
    assert position_of(text) is None


def test_an_id_reads_back() -> None:
    position = Position("0123456789ab", 5, 2**62, 7)
    assert position_of(str(position)) == position
