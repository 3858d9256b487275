"""What strangers may cost the web pages, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crypto_ews.conf import parse_config
from crypto_ews.logs import FloodGuard
from events.daemon.endpoints import health
from events.daemon.web_guard import Limits, Receive, Scope, Send
from events.daemon.webserver import EXPOSURE, Exposure, Role, WebServer

LIMITS = Limits(connections=20, head_seconds=1.0, stalled_seconds=0.5, body_bytes=10_000, body_seconds=1.0)


@pytest.fixture
def server(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    from django.db import connections

    from crypto_ews.asgi import application

    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    role = Role()
    role.leading = True
    web = WebServer("127.0.0.1", 0, role, application, health, LIMITS)
    web.start()
    try:
        yield web
    finally:
        web.stop()


def connect(server: WebServer) -> socket.socket:
    host, port = server.url.removeprefix("http://").rstrip("/").split(":")
    line = socket.create_connection((host, int(port)), timeout=10)
    return line


def ask(server: WebServer, head: str, body: bytes = b"") -> tuple[int, str]:
    """Status and the whole answer."""
    with connect(server) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        return answered(line)


def answered(line: socket.socket) -> tuple[int, str]:
    found = b""
    with contextlib.suppress(ConnectionError):
        while piece := line.recv(65536):
            found += piece
    return (int(found.split()[1]) if found else 0), found.decode(errors="replace")


HEALTH = "GET /healthz HTTP/1.1\nHost: 127.0.0.1\nConnection: close"


def test_silent_connections_give_way_to_whoever_asks(server: WebServer) -> None:
    silent = [connect(server) for _ in range(LIMITS.connections * 4)]
    try:
        for line in silent:
            # Of one that says nothing at all the kernel tells nobody.
            with contextlib.suppress(ConnectionError):
                line.sendall(b"G")
        began = time.monotonic()
        status, _ = ask(server, HEALTH)
        assert status in (200, 503) and time.monotonic() - began < 2
        closed = sum(is_closed(line) for line in silent)
        assert closed >= len(silent) - LIMITS.connections
    finally:
        for line in silent:
            line.close()


def is_closed(line: socket.socket) -> bool:
    line.settimeout(0.05)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.long
def test_a_head_that_drips_is_cut_off_and_so_is_one_after_an_answer(server: WebServer) -> None:
    for before in (b"", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"):
        with connect(server) as line:
            line.sendall(before)
            if before:
                assert b"HTTP/1.1" in line.recv(65536)
            began = time.monotonic()
            with contextlib.suppress(ConnectionError):
                for _ in range(60):
                    line.sendall(b"G" if _ == 0 else b"x")
                    if is_closed(line):
                        break
                    time.sleep(0.05)
            assert time.monotonic() - began < 3


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(server: WebServer) -> None:
    head = "POST /admin/login/ HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/x-www-form-urlencoded\n"
    with connect(server) as line:
        line.sendall((head + "Content-Length: 400000000").replace("\n", "\r\n").encode() + b"\r\n\r\n")
        status, text = answered(line)
    assert status == 413 and "connection: close" in text.lower()


def test_a_body_that_grows_too_large_is_refused_on_the_way(server: WebServer) -> None:
    head = "POST /admin/login/ HTTP/1.1\nHost: 127.0.0.1\nTransfer-Encoding: chunked\nContent-Type: text/plain\n"
    piece = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    with connect(server) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                line.sendall(piece)
        status, _ = answered(line)
    assert status in (413, 0)  # 0: the answer was lost with the connection, which is reset while we still send


def test_a_body_that_drips_is_refused(server: WebServer) -> None:
    head = "POST /admin/login/ HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 100\nContent-Type: text/plain"
    began = time.monotonic()
    status, _ = ask(server, head, b"half")
    assert status == 408 and time.monotonic() - began < 5


POST = b"POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"


def test_slow_posts_on_every_connection_do_not_keep_out_whoever_asks(server: WebServer) -> None:
    slow = [connect(server) for _ in range(LIMITS.connections)]
    try:
        for line in slow:
            line.sendall(POST + b"Content-Length: 100\r\n\r\nhalf")
        time.sleep(0.1)
        assert ask(server, HEALTH)[0] in (200, 503)
    finally:
        for line in slow:
            line.close()


async def answer_after(scope: Scope, receive: Receive, send: Send) -> None:
    """An application of which /slow answers after 1.3 seconds, /large with 8 MB, and nothing reads a body."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(1.3)
    body = b"x" * (8_000_000 if scope["path"] == "/large" else 3)
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def bare_server() -> Iterator[WebServer]:
    """The guard before `answer_after` in place of Django."""
    role = Role()
    role.leading = True
    web = WebServer("127.0.0.1", 0, role, answer_after, health, LIMITS)
    web.start()
    try:
        yield web
    finally:
        web.stop()


def test_a_request_that_came_with_the_one_before_may_take_longer_than_a_head(bare_server: WebServer) -> None:
    with connect(bare_server) as line:
        slow = b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + slow)
        _, text = answered(line)
    assert text.count("HTTP/1.1 200") == 2


def test_a_small_answer_is_not_held_back_on_a_connection_that_is_kept(bare_server: WebServer) -> None:
    with connect(bare_server) as line:
        began = time.monotonic()
        for _ in range(20):
            line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            found = b""
            while not found.endswith(b"\r\n\r\nxxx"):
                found += line.recv(65536)
        # Each would wait 40 ms for an acknowledgement.
        assert time.monotonic() - began < 0.4


@pytest.mark.parametrize("sized", [b"Content-Length: 9000", b"Transfer-Encoding: chunked"])
def test_a_body_that_nobody_reads_does_not_keep_its_connection_open(bare_server: WebServer, sized: bytes) -> None:
    with connect(bare_server) as line:
        line.sendall(POST + sized + b"\r\n\r\n")
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < began + 0.9:
                line.sendall(b"1\r\nx\r\n")
                time.sleep(0.02)
        assert time.monotonic() < began + 0.8


def test_a_body_with_two_lengths_is_refused_and_what_follows_is_no_request(bare_server: WebServer) -> None:
    """A proxy in front may go by Content-Length: what it took for a body would be a request of somebody else to us."""
    with connect(bare_server) as line:
        line.sendall(POST + b"Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        found = b""
        with contextlib.suppress(ConnectionError):
            while piece := line.recv(65536):
                found += piece
    assert found.startswith(b"HTTP/1.1 400") and found.count(b"HTTP/1.1") == 1


def test_a_reader_that_takes_little_at_a_time_gets_it_all_and_one_that_takes_nothing_is_cut_off(
    bare_server: WebServer,
) -> None:
    def ask_large() -> socket.socket:
        line = socket.socket()
        # Small, so that the answer waits in the server.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        line.connect(("127.0.0.1", int(bare_server.url.rstrip("/").rpartition(":")[2])))
        line.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        line.settimeout(5)
        return line

    with ask_large() as slow, ask_large() as deaf:
        found, until = 0, time.monotonic() + 1.4
        while time.monotonic() < until:
            found += len(slow.recv(20_000))
            time.sleep(0.01)
        with contextlib.suppress(ConnectionError):
            while piece := slow.recv(1_000_000):
                found += len(piece)
        assert found > 8_000_000
        lost = 0
        with contextlib.suppress(ConnectionError):
            while piece := deaf.recv(1_000_000):
                lost += len(piece)
        assert lost < 8_000_000


def test_a_foreign_host_is_a_line_without_a_traceback_and_the_flood_of_them_is_counted() -> None:
    guard = FloodGuard()
    records = []
    for number in range(1000):
        record = logging.LogRecord(
            "django.security.DisallowedHost", logging.ERROR, "f", 1, "Invalid %d", (number,), None
        )
        record.exc_info = (ValueError, ValueError("x"), None)
        records.append((guard.filter(record), record))
    passed = [record for kept, record in records if kept]
    assert len(passed) == FloodGuard.per_minute
    assert all(record.exc_info is None for record in passed)


def test_what_asyncio_says_of_a_connection_is_one_kind_whatever_the_connection() -> None:
    guard = FloodGuard()
    lines = [f"Fatal error: protocol.data_received() call failed.\ntransport: <fd={n}>" for n in range(1000)]
    records = [logging.LogRecord("asyncio", logging.ERROR, "f", 1, line, (), None) for line in lines]
    assert sum(map(bool, map(guard.filter, records))) == FloodGuard.per_minute


def test_our_own_lines_are_never_left_out() -> None:
    guard = FloodGuard()
    record = logging.LogRecord("events.sources.health", logging.WARNING, "f", 1, "the same", (), None)
    assert all(guard.filter(record) for _ in range(100))


@pytest.mark.django_db
def test_wrong_passwords_are_throttled_and_the_right_one_then_waits_too(settings) -> None:
    User.objects.create_superuser("admin", password="a long enough password")
    client = Client()
    statuses = [
        client.post("/admin/login/", {"username": f"admin{n}", "password": "wrong"}).status_code
        for n in range(settings.AXES_FAILURE_LIMIT + 5)
    ]
    assert statuses[0] == 200 and statuses[-5:] == [429] * 5
    right = {"username": "admin", "password": "a long enough password"}
    assert client.post("/admin/login/", right).status_code == 429
    # From elsewhere the owner of the name gets in: nobody can lock another one out.
    assert client.post("/admin/login/", right, REMOTE_ADDR="10.0.0.9").status_code == 302


@pytest.mark.django_db
def test_a_login_without_a_destination_leads_to_the_admin(client: Client) -> None:
    User.objects.create_superuser("admin", password="a long enough password")
    answer = client.post("/admin/login/", {"username": "admin", "password": "a long enough password"})
    assert answer.status_code == 302 and answer["Location"] == "/admin/"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/orderbooks/", "/act/nothing", "/nosuch"])
def test_our_own_pages_run_nothing_that_stands_in_them(client: Client, path: str) -> None:
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy


@pytest.mark.django_db
def test_the_admin_keeps_what_its_theme_needs(admin_client: Client) -> None:
    policy = admin_client.get("/admin/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy and "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("bound", "public", "private"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", True),
        ("::1", "http://localhost:8000", True),
        ("0.0.0.0", "http://127.0.0.1:8000", False),
        ("127.0.0.1", "https://ews.example.com", False),
        (None, "http://127.0.0.1:8000", False),
    ],
)
def test_pages_are_private_where_both_addresses_are_loopback(bound: str | None, public: str, private: bool) -> None:
    from urllib.parse import urlsplit

    exposure = Exposure()
    exposure.bound_to = bound
    assert exposure.is_private(urlsplit(parse_config({"PUBLIC_BASE_URL": public}).public_base_url).hostname) is private


@pytest.mark.django_db
def test_the_live_page_asks_for_a_login_off_loopback(
    client: Client, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EXPOSURE, "bound_to", "0.0.0.0")
    page = client.get("/orderbooks/", HTTP_ACCEPT="text/html")
    assert page.status_code == 302 and page["Location"].startswith("/admin/login/?next=/orderbooks/")
    for path in ("/orderbooks/pairs", "/orderbooks/stream?venue=BINANCE&symbol=BTCUSDT"):
        assert client.get(path).status_code == 401
    assert admin_client.get("/orderbooks/").status_code == 200
    monkeypatch.setattr(EXPOSURE, "bound_to", "127.0.0.1")
    assert client.get("/orderbooks/", HTTP_HOST="localhost").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forwarded",
    [
        {"HTTP_HOST": "ews.example.com"},
        {"REMOTE_ADDR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_VIA": "1.1 proxy"},
    ],
)
def test_a_proxy_that_nobody_told_us_of_does_not_make_the_live_page_public(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings, forwarded: dict[str, str]
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "ews.example.com"]
    monkeypatch.setattr(EXPOSURE, "bound_to", "127.0.0.1")
    asked: Any = {"HTTP_HOST": "localhost", **forwarded}
    assert client.get("/orderbooks/pairs", **asked).status_code == 401
