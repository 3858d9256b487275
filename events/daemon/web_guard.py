"""Limits for strangers on the web pages: connections, time for a request, time to take the answer, size of a body.

They apply before Django, which reads a body to its end and spools it to disk before it calls a view.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from events.daemon.web_streams import STATE, Lines, StreamLine, untaken

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

BOTS = "/bots/"
"""Paths below it are refused as plain text: a bot takes a refusal in JSON for an empty list."""

_OPEN_FILES = 8192
_KERNEL_HOLDS = 32_768


@dataclass(frozen=True)
class Limits:
    """connections: open at a time, streams not counted. streams: endless answers at a time. head_seconds: for the head
    of a request, from the connection or the last answer on it. stalled_seconds: a reader that takes nothing for so long
    is cut off; stream_seconds: the same of a stream. body_bytes: our largest form, an event with its facts in the
    admin, has a few thousand. body_seconds: for a complete body.
    """

    connections: int = 400
    streams: int = 1000
    head_seconds: float = 10.0
    stalled_seconds: float = 30.0
    stream_seconds: float = 10.0
    body_bytes: int = 1_000_000
    body_seconds: float = 20.0


def raise_file_limit() -> int:
    """Raise the limit of open files to what the system allows, at most 8192; returns how many connections then fit.

    These are a third of the files: the database, the streams and the upstreams need the others.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        soft = limit
    return limit // 3 if soft == resource.RLIM_INFINITY else soft // 3


class GuardedHttp(H11Protocol):
    """uvicorn's HTTP/1.1 with a cap on connections and on the time that a peer may take.

    uvicorn itself waits for ever for a first request, and for a reader that takes nothing. At the cap a connection is
    closed whose peer makes us wait: the one that has been idle for longest, else the one that has been sending a body
    for longest, else the one that has not taken its answer for longest. So new requests are answered.
    """

    limits = Limits()
    waiting: dict[GuardedHttp, None]
    """Connections of this server without a request, the longest idle first."""
    sending: dict[GuardedHttp, None]
    """Connections whose request has begun and has not ended."""
    reading: dict[GuardedHttp, None]
    """Connections that take the answer more slowly than we could send it."""
    lines: Lines
    """Streams, WebSockets among them. They have limits of their own and make no page wait."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Otherwise the kernel buffers megabytes, and a slow reader looks like one that takes nothing.
        line = transport.get_extra_info("socket")
        if line is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _KERNEL_HOLDS)
        if line is not None:
            # Head and body are two packets: the second would wait for the peer's delayed acknowledgement, 40 ms.
            # asyncio does this only for sockets that name their protocol.
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._kind: dict[GuardedHttp, None] | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._head: asyncio.TimerHandle | None = None
        self.line = StreamLine(transport, self.lines, self.limits.stream_seconds, self.limits.streams)
        self.app_state = {**self.app_state, STATE: self.line}
        self._follow()
        if len(self.connections) - len(self.lines) > self.limits.connections:
            others = (other for kind in (self.waiting, self.sending, self.reading) for other in kind)
            next((other for other in others if other is not self), self)._abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            # It is a WebSocket now.
            return
        # Bytes alone are no request: the timer of a slow head goes on.
        self._follow()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            # The rest of this body is neither read nor bounded.
            self._unset_keepalive_if_required()
            self.transport.close()
        if self.transport.is_closing():
            self._watch_reader()
            return
        # A request that came together with this one may be running already: the timer starts for a head only.
        self._leave_kind()
        self._follow()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._leave_kind()
        self._cancel_stalled()
        super().handle_websocket_upgrade(event)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.line.open:
            self.line.paused()
            return
        self._follow()
        self._watch_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.line.resumed()
        self._cancel_stalled()
        self._follow()
        if self.transport.is_closing():
            self._watch_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave_kind()
        self._cancel_stalled()
        super().connection_lost(exc)
        self.line.lost()

    def shutdown(self) -> None:
        super().shutdown()
        if self.line.open and self.line.full:
            # Its end would have to wait until it takes what waits.
            self.transport.abort()
        self.line.stop()

    def _abort(self) -> None:
        self._leave_kind()
        self.connections.discard(self)
        self.transport.abort()

    def _follow(self) -> None:
        """Note what we wait for from the peer now, and since when."""
        if self.transport.is_closing():
            return
        kind = None
        if self.flow.write_paused:
            kind = self.reading
        elif self.conn.their_state is h11.IDLE:
            kind = self.waiting
        elif self.conn.their_state is h11.SEND_BODY:
            kind = self.sending
        if kind is self._kind:
            return
        self._leave_kind()
        self._kind = kind
        if kind is not None:
            kind[self] = None
        if kind is self.waiting:
            self._head = self.loop.call_later(self.limits.head_seconds, self._head_is_late)

    def _leave_kind(self) -> None:
        if self._kind is not None:
            if self._kind is self.waiting:
                self._cancel_stalled()
            self._kind.pop(self, None)
            self._kind = None
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _head_is_late(self) -> None:
        if self.transport.get_write_buffer_size():
            # It has not taken the last answer yet, and may go on while it does.
            self._watch_reader()
        else:
            self._abort()

    def _watch_reader(self, left_before: int | None = None) -> None:
        """Cut off a peer that takes nothing of the answer for `stalled_seconds`."""
        left = untaken(self.transport)
        if left_before is not None and left >= left_before > 0:
            self._abort()
        elif left:
            self._cancel_stalled()
            self._stalled = self.loop.call_later(self.limits.stalled_seconds, self._watch_reader, left)
        elif self._kind is self.waiting and not self.transport.is_closing():
            self._abort()

    def _cancel_stalled(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def guarded_http(limits: Limits) -> type[GuardedHttp]:
    """The protocol class for one server."""
    attributes: dict[str, Any] = {"limits": limits, "waiting": {}, "sending": {}, "reading": {}, "lines": Lines()}
    return type("GuardedHttp", (GuardedHttp,), attributes)


class BodyRefused(Exception):
    """Raised by `receive` for a body that is too large or too slow; `BodyLimit` answers it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class BodyLimit:
    """ASGI middleware: a body that is too large (413) or too slow (408) is refused, and its connection closed.

    A body with a Content-Length that is too large is refused before a byte of it is read.
    """

    def __init__(self, application: Application, limits: Limits) -> None:
        self._application, self._max_bytes, self._seconds = application, limits.body_bytes, limits.body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        too_large = BodyRefused(413, f"a body has at most {self._max_bytes} bytes here")
        given = dict(scope["headers"])
        if b"transfer-encoding" in given and b"content-length" in given:
            # A proxy in front may go by the other one, and what is a body to it would be a request to us.
            await _refuse(
                scope, send, BodyRefused(400, "a body has either Content-Length or Transfer-Encoding, not both")
            )
            return
        announced = given.get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self._max_bytes:
            await _refuse(scope, send, too_large)
            return
        deadline = time.monotonic() + self._seconds
        read, complete, started = 0, False, False

        async def bounded_receive() -> Message:
            nonlocal read, complete
            if complete:
                # The next message is that the peer has disconnected, at any time.
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                raise BodyRefused(408, f"a body must arrive within {self._seconds:g} s") from None
            read += len(message.get("body", b""))
            if read > self._max_bytes:
                raise too_large
            complete = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._application(scope, bounded_receive, noting_send)
        except BodyRefused as refused:
            if not started:
                await _refuse(scope, send, refused)


async def _refuse(scope: Scope, send: Send, refused: BodyRefused) -> None:
    # Otherwise the rest of the body would be read to its end.
    await send_refusal(scope, send, refused.status, str(refused), headers=((b"connection", b"close"),))


async def send_refusal(
    scope: Scope,
    send: Send,
    status: int,
    detail: str,
    kind: str = "http.response",
    headers: tuple[tuple[bytes, bytes], ...] = (),
    **members: Any,
) -> None:
    """Refuse as problem details (RFC 9457), which no caller of the API can take for data, or below `BOTS` as text.

    kind: of ASGI's messages.
    """
    title = HTTPStatus(status).phrase
    if scope["path"].startswith(BOTS):
        content_type, body = b"text/plain; charset=utf-8", f"{status} {title}: {detail}\n".encode()
    else:
        problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        content_type = b"application/problem+json"
        body = json.dumps({**problem, "error": detail, "data_status": "unknown", **members}).encode()
    all_headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *headers,
    ]
    await send({"type": f"{kind}.start", "status": status, "headers": all_headers})
    await send({"type": f"{kind}.body", "body": body})
