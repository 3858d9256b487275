"""What /healthz says of a daemon that does not lead, and what it costs one that does."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest

from events.serving import HealthGate, Role, StandbyGate
from events.web_guard import Application, Message


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
    assert asked(gate, "/admin/")[0] == 503
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
    monkeypatch.setattr("events.serving.close_old_connections", lambda: None)


def test_a_hundred_questions_at_once_ask_the_database_once(no_database: None) -> None:
    answers: list[str] = []

    def answer() -> tuple[int, dict[str, Any]]:
        answers.append(threading.current_thread().name)
        time.sleep(0.05)
        return 200, {"healthy": True}

    gate = HealthGate(pages, answer)

    async def many() -> list[tuple[int, dict[str, Any]]]:
        return await asyncio.gather(*(asking(gate, "/healthz", "127.0.0.1") for _ in range(100)))

    assert asyncio.run(many()) == [(200, {"healthy": True})] * 100
    assert len(answers) == 1
    assert asked(gate)[0] == 200 and len(answers) == 2
    # In one thread for ever, which keeps its connection.
    assert set(answers) == {answers[0]} and answers[0].startswith("healthz")
    gate.close()


def test_a_database_that_hangs_is_a_503_in_time(no_database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def hang() -> tuple[int, dict[str, Any]]:
        go_on.wait(5)
        return 200, {}

    monkeypatch.setattr(HealthGate, "patience_seconds", 0.05)
    gate = HealthGate(pages, hang)

    async def twice() -> list[tuple[int, dict[str, Any]]]:
        return [await asking(gate, "/healthz", "127.0.0.1") for _ in range(2)]

    try:
        for status, body in asyncio.run(twice()):
            assert status == 503 and "has not answered" in body["error"]
    finally:
        go_on.set()
        gate.close()


def test_other_pages_and_foreign_hosts_are_for_django(no_database: None) -> None:
    gate = HealthGate(pages, lambda: (200, {"healthy": True}))
    assert asked(gate, "/admin/")[0] == 299
    assert asked(gate, host="evil.example")[0] == 299
    assert asked(gate, host="127.0.0.1:8000")[0] == 200
    gate.close()
