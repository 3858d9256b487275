"""Strangers and their handshakes."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from tests.api.push.conftest import Served

UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
NEXT = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


HEADS = (
    f"POST /api/v1/ws HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n",
    f"GET /api/v1/ws HTTP/1.1\r\nHost: a\r\nX-Long: {'x' * 9000}\r\n{UPGRADE}\r\n",
    f"GET /api/v1/ws?{'x' * 9000} HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n",
    "GET /api/v1/ws HTTP/1.1\r\nHost: a\r\n" + "".join(f"X-{n}: 1\r\n" for n in range(200)) + f"{UPGRADE}\r\n",
    f"GET /api/v1/ws HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n{UPGRADE}\r\n{NEXT}",
    f"GET /api/v1/ws HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n{UPGRADE}\r\n5\r\nGET /\r\n0\r\n\r\n",
    f"GET /api/v1/ws HTTP/1.0\r\nHost: a\r\n{UPGRADE}\r\n",
    "GET /api/v1/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    f"GET /admin/ HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n{NEXT}",
    f"GET /api/v1/w\xe4s HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n",
    f"GET /api/v1/ws HTTP/1.1\r\nHost: a\r\nX-Y: \xe4\xff\r\n{UPGRADE}\r\n",
    f"GET http://a/api/v1/ws HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n",
    f"GET * HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n",
)


def test_a_handshake_that_is_none_is_answered_and_closed(served: Served) -> None:
    place = urlsplit(served.url)
    for head in HEADS:
        with socket.create_connection((place.hostname, place.port), timeout=2) as line:
            line.sendall(head.encode("latin-1"))
            answer = b""
            while data := line.recv(65536):
                answer += data
        assert answer.count(b"HTTP/1.1 ") == 1 and answer.startswith(b"HTTP/1.1 4"), head[:200]
