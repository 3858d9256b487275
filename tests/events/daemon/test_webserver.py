"""What /healthz says of a daemon that does not lead, and what it costs one that does."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from events.daemon.web_guard import Application, Message
from events.daemon.webserver import HealthGate, Role, StandbyGate
from tests.support.daemon_process import eventually


def asked(application: Application, path: str = "/healthz", host: str = "127.0.0.1") -> tuple[int, dict[str, Any]]:
    return asyncio.run(asking(application, path, host))


async def asking(application: Application, path: str, host: str) -> tuple[int, dict[str, Any]]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", host.encode())]}
    await application(scope, receive, send)
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent))


async def pages(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def test_nobody_is_called_a_stand_by_who_has_seen_no_leader() -> None:
    role = Role()
    gate = StandbyGate(pages, role)
    assert asked(gate)[0] == 503  # just started: nothing is known yet
    role.looked("")
    assert asked(gate) == (200, {"role": "standby"})
    for path in ("/admin/", "/api/v1/risk"):
        status, body = asked(gate, path)
        # Nobody takes it for a list without rows.
        assert status == 503 and body["data_status"] == "unknown" and "stands by" in body["detail"]
    role.leading = True
    assert asked(gate)[0] == 299
    role.ends("leadership was lost; nobody is known to lead")
    status, body = asked(gate)
    assert status == 503 and body["role"] == "waiting" and "leadership was lost" in body["error"]


def test_a_stand_by_whose_database_hangs_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    role = Role()
    role.looked("")
    monkeypatch.setattr(Role, "patience_seconds", 0.01)
    time.sleep(0.02)
    status, body = asked(StandbyGate(pages, role))
    assert status == 503 and "has not answered" in body["error"]


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.daemon.webserver.close_old_connections", lambda: None)
    monkeypatch.setattr("events.daemon.webserver.connections.close_all", lambda: None)
    monkeypatch.setattr(HealthGate, "look_seconds", 0.05)


@contextmanager
def health_gate(look: Callable[[], tuple[int, dict[str, Any]]]) -> Iterator[HealthGate]:
    role = Role()
    role.leading = True
    gate = HealthGate(pages, look, role)
    gate.start()
    try:
        yield gate
    finally:
        gate.stop()


def test_a_thousand_questions_ask_the_database_no_more_often_than_the_clock_does(no_database: None) -> None:
    looks: list[str] = []

    def look() -> tuple[int, dict[str, Any]]:
        looks.append(threading.current_thread().name)
        return 200, {"looks": len(looks)}

    with health_gate(look) as gate:
        began = time.monotonic()
        assert asked(gate) == (200, {"looks": 1})
        for _ in range(1000):
            assert asked(gate)[0] == 200
        assert len(looks) <= 2 + (time.monotonic() - began) / HealthGate.look_seconds
        # What is told is never older than the next look.
        eventually(lambda: asked(gate)[1]["looks"] > 3, 2, "it is looked again")
    assert set(looks) == {"healthz"}


def test_a_database_that_hangs_is_a_503_in_time(no_database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HealthGate, "patience_seconds", 0.2)
    hangs, go_on = threading.Event(), threading.Event()

    def look() -> tuple[int, dict[str, Any]]:
        if hangs.is_set():
            go_on.wait(5)
        return 200, {}

    with health_gate(look) as gate:
        assert asked(gate)[0] == 200
        hangs.set()
        eventually(lambda: asked(gate)[0] == 503, 2, "the silence is told")
        assert "the database has not answered" in asked(gate)[1]["error"]
        hangs.clear()
        go_on.set()
        eventually(lambda: asked(gate)[0] == 200, 2, "it answers again")


def test_a_fault_of_ours_is_told_and_ends_nothing(no_database: None) -> None:
    looks: list[int] = []

    def look() -> tuple[int, dict[str, Any]]:
        looks.append(1)
        if len(looks) == 1:
            raise KeyError("ours")
        return 200, {}

    with health_gate(look) as gate:
        assert asked(gate)[0] == 503
        eventually(lambda: asked(gate)[0] == 200, 2, "the thread goes on")


def test_other_pages_and_foreign_hosts_are_for_django(no_database: None) -> None:
    with health_gate(lambda: (200, {"healthy": True})) as gate:
        assert asked(gate, "/admin/")[0] == 299
        assert asked(gate, host="evil.example")[0] == 299
        assert asked(gate, host="127.0.0.1:8000")[0] == 200
