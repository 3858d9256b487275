"""The WebSocket: who gets in, what it may say, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.api.push.clients import Body
from tests.api.support import manual_event


def opened(api_url: str, path: str = "/api/v1/ws", token: str = "", **options: Any) -> ClientConnection:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= options.pop("headers", {})
    return connect(api_url.replace("http", "ws") + path, additional_headers=headers, proxy=None, **options)


def bodies(line: ClientConnection) -> Iterator[Body]:
    while True:
        yield json.loads(line.recv(timeout=5))


def refused(api_url: str, path: str = "/api/v1/ws", token: str = "", **options: Any) -> int:
    with pytest.raises(InvalidStatus) as caught, opened(api_url, path, token, **options):
        pass
    return caught.value.response.status_code


def test_a_subscription_in_the_first_frame_can_be_changed_and_nonsense_is_answered(
    api_url: str, token_of: Callable[..., str]
) -> None:
    manual_event("DOGE")
    with opened(api_url, token=token_of()) as line:
        line.send(json.dumps({"subscribe": {"kinds": ["risk"], "assets": ["SHIB"]}}))
        read = bodies(line)
        first = next(read)
        assert (first["kind"], first["tokens"]) == ("snapshot", [])
        for nonsense in ("{", "[]", '{"subscribe": {"kinds": ["nosuch"]}}'):
            line.send(nonsense)
            answer = next(read)
            assert answer["kind"] == "error" and answer["detail"]
        line.send(json.dumps({"subscribe": {"kinds": ["risk"]}, "last_id": first["id"]}))
        # Rows of other assets than before: those that did not change since are news to this reader as well.
        assert [row["token"] for row in next(read)["tokens"]] == ["DOGE"]
        line.send(b"\0")
        assert next(read)["kind"] == "error"
        line.send(json.dumps({"subscribe": {}}))
        assert [row["token"] for row in next(read)["tokens"]] == ["DOGE"]
        for _ in range(4):
            line.send("nonsense")
        with pytest.raises(ConnectionClosed):
            for _ in read:
                pass
        assert line.close_code == 1008


def test_frames_that_are_large_or_many_or_wrong_end_the_connection(
    api_url: str, token_of: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    token = token_of()
    for send, code in (
        (lambda line: line.send("x" * 70_000), 1009),
        (_many, 1008),
        (lambda line: line.send(b"\xff", text=True), 1007),
        (_pings, 1006),
    ):
        with opened(api_url, "/api/v1/ws?kinds=risk", token, compression="deflate") as line:
            assert not line.protocol.extensions
            with pytest.raises(ConnectionClosed):
                send(line)
                for _ in bodies(line):
                    pass
            assert line.close_code == code
    # A peer's fault is none of ours.
    assert not [record for record in caplog.records if record.levelname == "ERROR" and record.name == "uvicorn.error"]


def _pings(line: ClientConnection) -> None:
    # The server may have ended it before all was sent.
    with suppress(OSError):
        for _ in range(100):
            line.socket.sendall(b"\x89\x80\0\0\0\0" * 1_000)


def _many(line: ClientConnection) -> None:
    for _ in range(40):
        line.send('{"subscribe": {"kinds": ["risk"]}}')


def test_pages_of_other_hosts_get_no_socket_and_other_paths_none_at_all(
    api_url: str, token_of: Callable[..., str]
) -> None:
    token, pairs = token_of(), token_of("pairs", name="pairs")
    User.objects.create_superuser("admin", password="a long enough password")
    client = Client()
    client.force_login(User.objects.get())
    cookie = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    assert refused(api_url) == 401
    assert refused(api_url, headers=cookie, origin="https://evil.example.com") == 403
    assert refused(api_url, headers=cookie) == 403
    assert refused(api_url, token=token, origin="https://evil.example.com") == 403
    assert refused(api_url, token=token, origin="null") == 403
    with opened(api_url, "/api/v1/ws?kinds=risk", headers=cookie, origin=api_url) as line:
        assert next(bodies(line))["kind"] == "snapshot"
    for path in ("/admin/", "/api/v1/risk", "/api/v1/nosuch"):
        assert refused(api_url, path, token) == 404
    assert refused(api_url, "/api/v1/ws?kinds=nosuch", token) == 422
    assert refused(api_url, "/api/v1/ws", pairs) == 403


@pytest.mark.long
def test_rows_that_only_the_new_subscription_has_come_with_it_also_after_a_last_id(
    api_url: str, token_of: Callable[..., str]
) -> None:
    manual_event("DOGE")
    with opened(api_url, "/api/v1/ws?kinds=risk,event&assets=SHIB", token_of()) as line:
        read = bodies(line)
        first = next(read)
        assert first["tokens"] == []
        event = manual_event("PEPE")
        line.send(json.dumps({"subscribe": {"kinds": ["risk", "event"]}, "last_id": first["id"]}))
        held: set[str] = set()
        while True:
            body = next(read)
            held |= {row["token"] for row in body.get("tokens", []) + body.get("changed", [])}
            # A replay may repeat rows from before: transactions of other databases on this server were open then.
            if body["kind"] == "event" and body["event_id"] == event.pk:
                break
        # What happened between is replayed too.
        assert "DOGE" in held
