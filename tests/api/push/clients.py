"""Readers of the streams over real sockets."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

Body = dict[str, Any]


class SseReader:
    """A stream of server-sent events; the answer's head is read at once."""

    def __init__(self, url: str, path: str, token: str = "", headers: dict[str, str] | None = None) -> None:
        place = urlsplit(url)
        assert place.hostname
        self._line = http.client.HTTPConnection(place.hostname, place.port, timeout=10)
        sent = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        self._line.request("GET", path, headers=sent)
        self._socket = self._line.sock
        self._answer = self._line.getresponse()
        self.status, self.headers = self._answer.status, self._answer.headers
        self.last_id = ""

    def next(self, timeout: float = 5.0) -> Body:
        """The next message. Raises TimeoutError, and EOFError at the end of the stream."""
        assert self._socket
        self._socket.settimeout(timeout)
        data = ""
        while True:
            line = self._answer.readline().decode()
            if not line:
                raise EOFError
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "id":
                self.last_id = value
            elif name == "data":
                data += value
            elif not name and data:
                body: Body = json.loads(data)
                assert body["id"] == self.last_id
                return body

    def until(self, *kinds: str, timeout: float = 5.0) -> Body:
        """The next message of these kinds; others are skipped."""
        return self.first(lambda body: body["kind"] in kinds, timeout)

    def first(self, matches: Callable[[Body], bool], timeout: float = 5.0) -> Body:
        """The next message that matches."""
        ends = time.monotonic() + timeout
        while True:
            body = self.next(max(0.01, ends - time.monotonic()))
            if matches(body):
                return body

    def rest(self) -> bytes:
        """Whatever is still there."""
        return self._answer.read()

    def close(self) -> None:
        self._answer.close()
        self._line.close()

    def __enter__(self) -> SseReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
