"""What stands at the front whatever is asked: last uses, a database that goes, one that was never there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client

from api import runtime as runtimes
from api.doors import asker
from api.doors.answers import send_bytes
from api.doors.routes import At, Routes
from api.freshness import Seen, freshness_of
from api.gateway import Gateway
from api.models import ApiToken
from api.names import Names
from api.picture import Picture
from api.problems import Problem
from api.runtime import Runtime
from api.tokens.buckets import Buckets
from api.tokens.secret import new_token
from api.tokens.store import make_token
from tests.api.support import manual_event
from tests.support.daemon_process import eventually


def test_the_last_use_is_written_in_the_background(
    api_url: str, token_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtimes, "USES_SECONDS", 0.2)
    headers = {"Authorization": f"Bearer {token_of()}"}
    unused = token_of(name="unused")
    with httpx.Client(base_url=api_url, headers=headers, trust_env=False) as http:
        eventually(lambda: http.get("/api/v1/risk").status_code == 200, 2, "known")
        eventually(lambda: ApiToken.objects.exclude(last_used_at=None).exists(), 3, "the use is written")
    used = ApiToken.objects.get(name="bot").last_used_at
    assert used is not None and abs((datetime.now(UTC) - used).total_seconds()) < 60
    assert ApiToken.objects.get(name="unused").last_used_at is None and unused


@pytest.mark.long
def test_connections_that_are_ended_come_back_and_nothing_reads_as_empty(reader: httpx.Client) -> None:
    manual_event("DOGE")
    eventually(lambda: len(reader.get("/api/v1/risk").json()["tokens"]) == 1, 3, "a row")
    reader.get("/api/v1/can-trade?symbol=X")
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'crypto_ews api%'"
            )
        for _ in range(10):
            body = reader.get("/api/v1/risk").json()
            assert [row["token"] for row in body["tokens"]] == ["DOGE"]
            assert reader.get("/api/v1/can-trade?symbol=X").json()["may_open"] is False
    eventually(lambda: reader.get("/api/v1/can-trade?symbol=X").json()["rows"] != [], 3, "asked again")


def test_without_the_gateway_nobody_gets_in(client: Client, db: None) -> None:
    for path in ("/api/v1/sources", "/api/v1/risk"):
        token = make_token(path, ["read"], datetime.now(UTC), "test")
        answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (401, 404)


def gateway(**values: Any) -> Gateway:
    async def pages(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("not a page")

    made = Gateway(pages, **values)
    return made


async def asked(made: Gateway, path: str, query: bytes = b"", token: str = "") -> tuple[int, Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"authorization", f"Bearer {token or new_token()}".encode())]
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query,
        "headers": headers,
        "client": ("x", 1),
    }
    await made(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_process_that_never_read_the_database_refuses_and_says_that_nobody_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_arguments: Any, **_options: Any) -> Any:
        raise ConnectionRefusedError("no database")

    for module in (runtimes, asker):
        monkeypatch.setattr(module, "connect", away)
    monkeypatch.setattr(runtimes, "open_pool", away)
    monkeypatch.setattr(runtimes, "_FIRST_SECONDS", 0.05)

    async def ask() -> None:
        made = gateway()
        for path in ("/api/v1/risk", "/api/v1/can-trade"):
            status, body = await asked(made, path)
            assert (status, body["data_status"]) == (503, "unknown") and "tokens" not in body
        for one in made._runtimes.values():
            await one.stop()

    asyncio.run(ask())


def test_a_token_for_pairs_alone_may_stand_in_the_url_of_a_door_for_pairs(token_of: Callable[..., str]) -> None:
    pairs, reader = token_of("pairs", name="pairs"), token_of(name="reader")

    async def door(runtime: Runtime, scope: Any, receive: Any, send: Any) -> None:
        caller = scope["ews_caller"]
        await send_bytes(send, 200, b"application/json", json.dumps([caller.name, scope["ews_path"]]).encode())

    doors = (
        At("/api/v1/lists/{bot}", {"GET": ("pairs", door)}, pairs=True),
        At("/api/v1/else", {"GET": ("read", door)}, pairs=True),
    )

    async def ask() -> None:
        made = gateway(doors=doors)
        try:
            assert await asked(made, "/api/v1/lists/x", f"key={pairs}".encode()) == (200, ["pairs", {"bot": "x"}])
            assert (await asked(made, "/api/v1/lists/x", token=reader))[0] == 200
            assert (await asked(made, "/api/v1/lists/x", token=pairs))[0] == 200
            for path, query, token in (
                ("/api/v1/else", f"key={pairs}", reader),
                ("/api/v1/else", "", pairs),
                ("/api/v1/lists/x", f"key={reader}", reader),
                ("/api/v1/lists/x", f"other={pairs}", reader),
                (f"/api/v1/lists/{pairs}", "", reader),
                ("/api/v1/lists/x", f"key={pairs}&key={reader}", reader),
                ("/api/v1/lists/x", f"key={pairs}&more={reader}", reader),
            ):
                status, body = await asked(made, path, query.encode(), token)
                assert status in (401, 403), (path, query)
                assert pairs not in str(body) and reader not in str(body)
        finally:
            for one in made._runtimes.values():
                await one.stop()

    asyncio.run(ask())


NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("beat", "refreshed", "looked_ago", "stale", "status"),
    [
        (2, 5, 0.1, (), "fresh"),
        (2, 5, 0.1, ("okx.instruments",), "stale"),
        (11, 5, 0.1, (), "fresh"),
        (11, 5, 2.0, (), "unknown"),
        (-4, 5, 0.1, (), "fresh"),
        (-6, 5, 0.1, (), "unknown"),
        (2, -6, 0.1, (), "unknown"),
        (2, None, 0.1, (), "unknown"),
        (None, 5, 0.1, (), "unknown"),
        (2, 5, 5.1, (), "unknown"),
        (2, 5, -1.0, (), "unknown"),
    ],
)
def test_how_far_an_answer_can_be_trusted(
    beat: float | None, refreshed: float | None, looked_ago: float, stale: tuple[str, ...], status: str
) -> None:
    def ago(seconds: float | None) -> datetime | None:
        return None if seconds is None else NOW - timedelta(seconds=seconds)

    seen = Seen(NOW, ago(refreshed), 7, ago(beat), stale, 1000.0)
    found = freshness_of(seen, 1000.0 + looked_ago)
    assert (found.status, found.seq) == (status, 7)
    assert found.age_ms == (None if beat is None else round((beat + looked_ago) * 1000))


def test_a_row_of_an_unknown_name_and_names_that_were_never_read() -> None:
    names = Names()
    assert (names.asset(" btc ", NOW), names.covered("BTC", "btc", NOW), names.places("binance")) == (
        "BTC",
        "unknown",
        None,
    )
    assert Picture().freshness().status == "unknown"


def test_paths_lead_where_their_patterns_say() -> None:
    async def door(runtime: Runtime, scope: Any, receive: Any, send: Any) -> None: ...

    routes = Routes([At("/a/b", {"GET": ("read", door)}), At("/a/{x}", {"POST": ("act", door)}), At("/{y}/b/{z}")])
    found = {path: routes.find(path) for path in ("/a/b", "/a/c", "/q/b/r", "/a/", "/a", "/a/b/", "/a/b/c/d", "")}
    assert {path: one and one[1] for path, one in found.items()} == {
        "/a/b": {}, "/a/c": {"x": "c"}, "/q/b/r": {"y": "q", "z": "r"}, "/a/": None, "/a": None, "/a/b/": None,
        "/a/b/c/d": None, "": None,
    }  # fmt: skip
    at = At("/a/b", {"GET": ("read", door)})
    assert at.door("HEAD") == ("read", door) and at.allowed == "GET, HEAD, OPTIONS"
    with pytest.raises(Problem, match="expected GET"):
        at.door("POST")


def test_a_bucket_refills_and_owes_what_was_more_than_it_holds() -> None:
    buckets = Buckets(rate=10, burst=20)
    assert [buckets.take("a", 0.0) for _ in range(20)] == [0.0] * 20
    assert buckets.take("a", 0.0) == pytest.approx(0.1) and buckets.take("b", 0.0) == 0.0
    assert buckets.take("a", 0.1) == 0.0 and buckets.is_empty("a", 0.1) and not buckets.is_empty("a", 0.3)
    assert buckets.take("c", 0.0, 100) == 0.0 and buckets.take("c", 1.0) == pytest.approx(7.1)
    # A clock that goes back gives nothing.
    assert buckets.take("d", 10.0, 20) == 0.0 and buckets.take("d", 0.0) > 0
    for key in range(30_000):
        buckets.take(key, 0.0)
    assert len(buckets._levels) <= 20_000
