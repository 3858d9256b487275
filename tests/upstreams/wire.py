"""What a request looks like on the loopback server, and the open connection that a step answers on."""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """One request as it came. `headers` have lower-case names, `query` the last value of each parameter, `received`
    is `time.monotonic()` after the body was read, `elapsed` the server's own seconds since its start."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    received: float
    elapsed: float

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """The server's end of a connection while one request is answered.

    A step sends raw bytes, so every fault can be played; an upgrade to another protocol would take `connection` over
    in the same way. After a step the connection is kept for the next request unless `keep_alive` was set to False.
    """

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self.connection = connection
        self.keep_alive = True
        self._stopping = stopping

    def send(self, data: bytes) -> None:
        """Raises OSError when the client has gone: the server then drops the connection."""
        self.connection.sendall(data)

    def pause(self, seconds: float) -> bool:
        """Wait, but not past the end of the server or of the client's patience. False: stop answering."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            if self._stopping.wait(min(left, 0.05)) or self._client_left():
                return False
        return not self._stopping.is_set()

    def reset(self) -> None:
        """Close with a TCP reset instead of an orderly end."""
        self.keep_alive = False
        with suppress(OSError):  # A client that is gone already has nothing left to reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # shutdown() would send an orderly FIN first; only a close with linger 0 sends a reset.
        self.connection.close()

    def _client_left(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        if not readable:
            return False
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            # TLS sockets cannot peek: what is readable in the middle of an answer is the end.
            return True
