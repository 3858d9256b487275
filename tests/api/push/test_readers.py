"""Slow, silent and vanished readers, over real sockets: nobody healthy is cut, nothing is left of the others."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import connection
from websockets.exceptions import ConnectionClosed

from api.push.metrics import aborted
from tests.api.push.clients import SseReader
from tests.api.push.conftest import Served, eventually
from tests.api.push.test_websocket import opened


def burst(messages: int, size: int) -> None:
    """Rows of the ledger in one commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_append('source.ok', NULL, NULL, jsonb_build_object('source', 'burst', 'text', "
            "repeat('x', %s))) FROM generate_series(1, %s)",
            [size, messages],
        )


def raw_stream(served: Served, token: str, buffer: int = 0, path: str = "/api/v1/stream") -> socket.socket:
    """A connection that has asked for a stream and reads nothing."""
    place = urlsplit(served.url)
    line = socket.socket()
    if buffer:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    line.connect((place.hostname, place.port))
    upgrade = ""
    if path.endswith("ws"):
        path += "?kinds=source"
        upgrade = (
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        )
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n{upgrade}\r\n"
    line.sendall(head.encode())
    line.settimeout(10)
    return line


def raw_streams(served: Served, token: str, count: int, path: str = "/api/v1/stream") -> list[socket.socket]:
    """So many, a few at a time: until they are streams, they count as connections."""
    lines: list[socket.socket] = []
    before = served.readers
    for opened_ones in range(10, count + 1, 10):
        lines += [raw_stream(served, token, path=path) for _ in range(10)]
        eventually(partial(served.has, before + opened_ones))
    return lines


@pytest.mark.parametrize("path", ["/api/v1/stream", pytest.param("/api/v1/ws", marks=pytest.mark.long)])
def test_readers_that_take_nothing_are_cut_off_and_the_others_get_everything(
    served: Served, token_of: Callable[..., str], path: str
) -> None:
    token, before = token_of(), aborted._value.get()
    with SseReader(served.url, "/api/v1/stream?kinds=source", token) as healthy:
        healthy.until("snapshot")
        mute = [raw_stream(served, token, 4096, path) for _ in range(5)]
        eventually(lambda: served.readers == 6)
        burst(900, 7_000)
        found = 0
        while found < 900:
            message = healthy.until("source", "resync")
            assert message["kind"] == "source", "a healthy reader lost its queue"
            found += 1
        eventually(lambda: served.readers == 1)
        assert aborted._value.get() - before == 5
        eventually(lambda: served.hub.budget.used == 0)
        for line in mute:
            line.close()


@pytest.mark.long
def test_a_reader_that_was_too_slow_keeps_its_connection_and_is_told(
    served: Served, token_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.push.reader.MOST_BYTES", 1_000_000)
    with SseReader(served.url, "/api/v1/stream?kinds=source", token_of()) as slow:
        slow.until("snapshot")
        burst(900, 20_000)
        time.sleep(0.3)
        found = [slow.until("source", "resync", "snapshot") for _ in range(1)]
        while found[-1]["kind"] != "snapshot":
            found.append(slow.until("source", "resync", "snapshot"))
        resync = found[-2]
        assert resync["kind"] == "resync" and "slow" in resync["why"]
        burst(1, 10)
        assert slow.until("source")["what"] == "source.ok"


def test_nothing_is_left_of_readers_however_they_go(served: Served, token_of: Callable[..., str]) -> None:
    token = token_of()
    with SseReader(served.url, "/api/v1/stream", token) as stays:
        stays.until("snapshot")
        tasks = served.loop_tasks
        for path in ("/api/v1/stream", "/api/v1/ws"):
            lines = raw_streams(served, token, 30, path)
            for number, line in enumerate(lines):
                if number % 3 == 0:
                    # With a reset.
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif number % 3 == 1:
                    # Half closed: it says no more, and would still read.
                    line.shutdown(socket.SHUT_WR)
                    continue
                line.close()
            eventually(lambda: served.readers == 1)
            for line in lines:
                line.close()
        assert {*served.hub._readers} == {reader.subscription for reader in served.hub._members}
        assert len(served.hub.census) == 1
        eventually(lambda: served.loop_tasks == tasks)
    eventually(lambda: served.readers == 0)
    eventually(lambda: served.hub.tasks == 0 and len(served.hub.census) == 0)


def test_streams_do_not_count_as_connections_and_have_a_limit_of_their_own(
    served: Served, token_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of()
    lines = raw_streams(served, token, 60)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=served.url, headers=headers, trust_env=False) as client:
        # More than the web server's connections, and pages go on.
        assert client.get("/api/v1/risk").status_code == 200
        assert client.get("/api/v1/stream").status_code == 503
        lines.pop().close()
        eventually(lambda: served.readers == 59)
        monkeypatch.setenv("API_STREAMS_PER_TOKEN", "59")
    for line in lines:
        line.close()


def test_streams_end_within_a_second_when_the_server_stops_or_leads_no_longer(
    served: Served, token_of: Callable[..., str]
) -> None:
    token = token_of()
    for end, code in ((lambda: setattr(served.role, "leading", False), 1013), (served.server.stop, 1012)):
        served.role.leading = True
        with (
            SseReader(served.url, "/api/v1/stream", token) as stream,
            opened(served.url, "/api/v1/ws?kinds=risk", token) as line,
            raw_stream(served, token),
        ):
            eventually(lambda: served.readers == 3)
            began = time.monotonic()
            end()
            with pytest.raises(EOFError):
                stream.until("nothing")
            with pytest.raises(ConnectionClosed):
                while True:
                    line.recv(timeout=5)
            assert line.close_code == code
            assert time.monotonic() - began < 2
