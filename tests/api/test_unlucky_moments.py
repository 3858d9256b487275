"""Moments at which an answer, a caller or an act met something else than in quiet: without a server, on one loop."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory

from alerts.audit import address_in
from api.doors.risk import risk
from api.doors.routes import At
from api.freshness import Seen
from api.gateway import Gateway
from api.names import Places
from api.picture import Picture
from api.problems import Problem
from api.push.census import Census
from api.runtime import Runtime
from api.tokens import sessions
from api.tokens.callers import Callers
from api.tokens.secret import new_token
from api.tokens.sessions import Sessions
from events import clock

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


def picture(seq: int, action: str, count: int = 1, rows: dict[str, bytes] | None = None) -> Picture:
    """As of now, with so many rows that demand an action."""
    row = {"action": action, "venues": [], "categories": [], "asset_action": action, "venue_actions": {}}
    text = {"n": "x" * 400, **row}
    made = {f"T{number}": json.dumps({"token": f"T{number}", **text}).encode() for number in range(count)}
    now = datetime.now(UTC)
    seen = Seen(now, now - timedelta(seconds=9 - seq), seq, now, (), clock.monotonic())
    return Picture(seen, rows or made, f"digest {seq}")


async def answer(runtime: Runtime, query: str = "", **headers: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of /risk."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await risk(runtime, {"query_string": query.encode(), "headers": given}, receive, send)
    found = dict(sent[0]["headers"])
    body = sent[1]["body"]
    return sent[0]["status"], found, gzip.decompress(body) if b"content-encoding" in found else body


def test_a_body_that_is_being_compressed_is_not_kept_for_the_picture_after_it() -> None:
    async def ask() -> None:
        runtime = Runtime()
        runtime.picture = picture(1, "watch", 400)
        first = asyncio.create_task(answer(runtime, accept_encoding="gzip"))
        await asyncio.sleep(0)
        runtime.picture = picture(2, "halt", 400)
        # Without compression, at once: the answers follow the new picture while the old body is still in its thread.
        assert json.loads((await answer(runtime))[2])["seq"] == 2 and not first.done()
        assert json.loads((await first)[2])["seq"] == 1
        status, headers, body = await answer(runtime, accept_encoding="gzip")
        found = json.loads(body)
        assert (status, found["seq"], found["tokens"][0]["action"]) == (200, 2, "halt")
        assert (await answer(runtime, if_none_match=headers[b"etag"].decode()))[0] == 304

    asyncio.run(ask())


def test_an_etag_is_another_one_when_a_venues_name_means_other_places() -> None:
    async def ask() -> None:
        runtime = Runtime()
        row = {"action": "halt", "venues": ["OKX_SWAP"], "categories": [], "asset_action": None}
        rows = {"BTC": json.dumps({**row, "token": "BTC", "venue_actions": {"OKX_SWAP": "halt"}}).encode()}
        runtime.picture = picture(1, "halt", rows=rows)
        seen = []
        for venues in ({"OKX"}, {"OKX", "OKX_SWAP"}):
            runtime.names._places = {"okx": Places(frozenset(venues), frozenset({"OKX"}))}
            _, headers, body = await answer(runtime, "venue=okx")
            seen.append((headers[b"etag"], [one["token"] for one in json.loads(body)["tokens"]]))
        assert [tokens for _, tokens in seen] == [[], ["BTC"]] and seen[0][0] != seen[1][0]

    asyncio.run(ask())


def test_after_the_machine_has_slept_nothing_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux's CLOCK_MONOTONIC stands still meanwhile, CLOCK_BOOTTIME does not."""
    known = picture(1, "halt")
    assert known.freshness().status == "fresh"
    boot = time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda number: boot(number) + 3600)
    assert known.freshness().status == "unknown"
    age = known.freshness().age_ms
    assert age is not None and age >= 3_600_000


def test_a_session_that_is_known_goes_on_while_the_database_hangs(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_PATIENCE_SECONDS", 0.05)
    browser = Client()
    browser.force_login(User.objects.create_user("ann", is_staff=True))
    key = browser.cookies["sessionid"].value
    rows = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        rows[True] = {"session_data": cursor.fetchall()[0][0]}
        cursor.execute("SELECT id, username, password FROM auth_user")
        rows[False] = dict(zip(("id", "username", "password"), cursor.fetchall()[0], strict=True))

    async def found(statement: str, _parameter: Any) -> Any:
        return rows["session" in statement]

    asked = []

    async def hangs(_statement: str, parameter: Any) -> Any:
        asked.append(parameter)
        await asyncio.sleep(10)

    async def ask() -> None:
        known = Sessions()
        caller = await known.caller(key, found)
        assert caller is not None and caller.name == "ann"
        later = clock.monotonic() + sessions.KNOWN_SECONDS
        monkeypatch.setattr(sessions, "monotonic", lambda: later)
        assert not known.known(key)[0]
        assert [await known.caller(key, hangs) for _ in range(3)] == [caller] * 3
        assert asked == [key], "one waits for it, and not each"
        with pytest.raises(TimeoutError):
            await known.caller("another", hangs)
        later += sessions.OUTAGE_SECONDS
        with pytest.raises(TimeoutError):
            await known.caller(key, hangs)

    asyncio.run(ask())


def test_wrong_tokens_keep_out_no_ticket_and_no_session_of_their_address() -> None:
    callers, scope = Callers(100), {"client": ("10.0.0.1", 1), "type": "http", "method": "GET"}
    callers.directory.loaded = True

    async def wrong() -> int:
        with pytest.raises(Problem) as refused:
            await callers.of(scope, {b"authorization": f"Bearer {new_token()}".encode()}, NOW, 0.0, fetch=none)
        return refused.value.status

    async def none(*_arguments: Any) -> None: ...

    async def ask() -> None:
        assert [await wrong() for _ in range(21)] == [401] * 20 + [429]
        callers.admit_guess("ticket", scope, 0.0)
        for _ in range(20):
            callers.count_guess("ticket", scope, 0.0)
        with pytest.raises(Problem, match="too many wrong tickets"):
            callers.admit_guess("ticket", scope, 0.0)
        with pytest.raises(Problem) as refused:
            await callers.of(scope, {b"cookie": b"sessionid=abc"}, NOW, 0.0, none)
        assert refused.value.status == 401

    asyncio.run(ask())


def test_a_fault_of_ours_and_two_tokens_at_once_are_told_as_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_arguments: Any) -> None:
        raise KeyError("a fault of ours")

    async def of(*_arguments: Any) -> Any:
        return type("Any", (), {"may": lambda *_: True, "token_id": 1, "user_id": None})()

    async def quiet(*_arguments: Any) -> None: ...

    monkeypatch.setattr(Runtime, "start", quiet)

    async def ask(*more: tuple[bytes, bytes]) -> Any:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/api/v1/x", "query_string": b"", "client": ("x", 1)}
        gateway = Gateway(quiet, (At("/api/v1/x", {"GET": ("read", broken)}),))
        receive: Any = quiet
        await gateway({**scope, "headers": [*more]}, receive, send)
        return json.loads(sent[1]["body"])

    twice = ((b"authorization", b"Bearer a"), (b"authorization", b"Bearer b"))
    found = asyncio.run(ask(*twice))
    assert found["status"] == 400 and "2 times" in found["detail"]
    monkeypatch.setattr(Callers, "of", of)
    found = asyncio.run(ask())
    assert (found["status"], found["data_status"]) == (500, "unknown") and "KeyError" in found["detail"]


def test_a_problem_passes_through_a_context_manager_and_stays_one() -> None:
    """As where a stream is refused while it is counted: it became an AttributeError, and the caller saw a 500."""
    with pytest.raises(Problem, match="too many"), Census().counted("bot", "10.0.0.1", "sse"):
        raise Problem(429, "too many")


def test_an_address_that_a_proxys_header_made_up_is_none() -> None:
    """It went into a column for addresses, and each act of that caller ended in an error of ours."""
    given = {"10.0.0.1": "10.0.0.1", "::1": "::1", "fe80::1%eth0": "fe80::1", "unknown": None, "": None, "a, b": None}
    for text, address in given.items():
        assert address_in(RequestFactory().get("/", REMOTE_ADDR=text)) == address
