"""A loopback server with real sockets that plays the API, well or badly, and bodies as the API writes them."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ews_" + "Ab3-_" * 8 + "xyz"
BEGIN = datetime(2026, 10, 1, 12, 0, tzinfo=timezone.utc)


def stamp(seconds: float = 0.0) -> str:
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def row(**changes: Any) -> dict[str, Any]:
    """A row of can_trade: BTC/USDT, which nothing is wrong with."""
    return {
        "exchange": "binance",
        "venue": "BINANCE",
        "symbol": "BTCUSDT",
        "base": "BTC",
        "quote": "USDT",
        "settle": "",
        "may_open": True,
        "may_close": True,
        "action": "none",
        "base_action": "none",
        "quote_action": "none",
        "instrument_action": "none",
        "trading_status": "trading",
        "trading_ends_at": None,
        "reasons": [],
        "event_ids": [],
        "status": "fresh",
        "stale_sources": [],
        "covered": "watched",
        "as_of": stamp(),
        "age_ms": 300,
        "seq": 7,
        **changes,
    }


def can_trade(exchange: str = "binance", symbol: str = "BTC/USDT", /, **changes: Any) -> dict[str, Any]:
    """The body of GET /can-trade. Changes go into its row, and what both have into both."""
    one = row(**changes)
    shared = ("as_of", "seq", "status", "age_ms", "may_open", "may_close", "action", "covered")
    return {**{name: one[name] for name in shared}, "exchange": exchange, "symbol": symbol, "rows": [one]}


def risk_row(token: str = "LUNA", **changes: Any) -> dict[str, Any]:
    return {
        "token": token,
        "risk_level": "high",
        "action": "exit",
        "asset_action": "exit",
        "venue_actions": {},
        "trading_status": "trading",
        "trading_ends_at": None,
        "next_important_at": None,
        "venues": [],
        "categories": ["hack"],
        "sources": ["defillama.hacks"],
        "tickers": [],
        "event_ids": [5],
        "first_seen_at": stamp(),
        "updated_at": stamp(),
        "valid_until": None,
        "reasons": [],
        **changes,
    }


def risk(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    standing = {"as_of": stamp(), "seq": 7, "status": "fresh", "stale_sources": [], "refreshed_at": stamp()}
    return {**standing, "tokens": list(rows), **changes}


def message(kind: str, **changes: Any) -> dict[str, Any]:
    """A message of the stream, as the API writes it."""
    standing = {"as_of": stamp(), "seq": 7, "status": "fresh", "stale_sources": []}
    bodies: dict[str, dict[str, Any]] = {
        "snapshot": {**standing, "tokens": []},
        "risk": {**standing, "changed": [], "removed": []},
        "heartbeat": {**standing, "age_ms": 300},
        "resync": {"why": "queue", "seq": 7},
        "event": {"n": 1, "what": "event.opened", "event_id": 5, "body": {"event": {}, "effects": []}},
    }
    return {"kind": kind, "id": f"c{changes.get('seq', 7)}", "at": stamp(), **bodies.get(kind, {}), **changes}


def frame(body: dict[str, Any]) -> bytes:
    return f"id: {body['id']}\ndata: {json.dumps(body)}\n\n".encode()


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What is sent: a head and a body, both as bytes, or whatever `act` does with the socket."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    act: Callable[[socket.socket], None] | None = None

    def head(self, length: int | None) -> bytes:
        lines = [f"HTTP/1.1 {self.status} Some", f"Content-Type: {self.content_type}", "X-Age-Ms: 300"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {length}"] if length is not None else ["Transfer-Encoding: chunked"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def as_bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def reset(conn: socket.socket) -> None:
    """Ends a connection as a crash does."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


class FakeApi:
    """Answers each request with `answer(request)`; each connection has a thread."""

    def __init__(self, answer: Callable[[Request], Reply], context: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._ended = threading.Event()
        self.port = self._listening.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> FakeApi:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """As a kill: the port is closed, and all connections."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for conn in list(self._open):
            with contextlib.suppress(OSError):
                reset(conn)
        self._thread.join(2)

    def paths(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                conn, _ = self._listening.accept()
            except OSError:
                return
            self._open.add(conn)
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError):
                plain = conn
                if self._context:
                    conn = self._context.wrap_socket(conn, server_side=True)
                conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while (request := _read(conn)) is not None:
                    self.requests.append(request)
                    reply = self.answer(request)
                    if reply.act:
                        reply.act(conn)
                        return
                    body = as_bytes(reply.body)
                    conn.sendall(reply.head(len(body)) + body)
        finally:
            self._open.discard(plain)
            with contextlib.suppress(OSError):
                conn.close()


def _read(conn: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = conn.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += conn.recv(65536)
    method, target, _ = first.split(" ")
    url = urlsplit(target)
    query = {name: ",".join(values) for name, values in parse_qs(url.query).items()}
    return Request(method, url.path.removeprefix("/api/v1"), query, headers, body)


class Stream:
    """A stream that the test writes into; what it holds when a connection opens is sent to it first."""

    def __init__(self, *first: dict[str, Any]) -> None:
        self.first = list(first)
        self.connections: list[socket.socket] = []
        self.ended = threading.Event()
        # A reader has the first messages before the connection is on the list: nothing may be sent or cut between.
        self._lock = threading.Lock()

    def reply(self) -> Reply:
        return Reply(act=self._run)

    def _run(self, conn: socket.socket) -> None:
        with self._lock:
            conn.sendall(Reply(content_type="text/event-stream").head(None))
            for body in self.first:
                conn.sendall(chunk(frame(body)))
            self.connections.append(conn)
        self.ended.wait(30)

    def send(self, *bodies: dict[str, Any]) -> None:
        with self._lock:
            for conn in self.connections:
                with contextlib.suppress(OSError):
                    for body in bodies:
                        conn.sendall(chunk(frame(body)))

    def cut(self) -> None:
        with self._lock:
            connections, self.connections = self.connections, []
        for conn in connections:
            with contextlib.suppress(OSError):
                conn.shutdown(socket.SHUT_RDWR)


def until(condition: Callable[[], Any], seconds: float = 5.0) -> None:
    """Waits until something holds, and fails where it does not."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.005)
