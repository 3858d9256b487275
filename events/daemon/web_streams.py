"""Endless answers on the web server's connections: server-sent events and WebSockets.

An application writes framed bytes to a `StreamLine` directly. Through ASGI each message for each reader would be a task
that wakes up and a frame that is made again: five times the work, and nobody could cut off a reader at the transport.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import termios
import time
from array import array
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

STATE = "ews_line"
"""The key of a connection's StreamLine in the scope's `state`."""

_LOOKS = 5
_TURN_SECONDS = 0.002
_DEAD_SECONDS = 30
# A subscription has a few kilobytes. Thirty thousand pings take us a third of a second.
_INCOMING_AT_ONCE, _INCOMING_PER_SECOND = 200_000, 20_000
_NO_HANDSHAKE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 34\r\nConnection: close\r\n\r\n"
    b"this is no handshake of WebSockets"
)


def _nothing() -> None:
    """Nobody listens."""


def untaken(transport: asyncio.Transport) -> int:
    """How many bytes the peer's system has not acknowledged, while some wait in this process; 0 when none do.

    The kernel takes more from us only when it has passed on tens of kilobytes: of a peer that reads 10 kB/s our own
    buffer shows nothing for ten seconds.
    """
    waiting = transport.get_write_buffer_size()
    line = transport.get_extra_info("socket")
    if waiting and line is not None:
        count = array("i", [0])
        with suppress(OSError, ValueError):
            fcntl.ioctl(line.fileno(), termios.TIOCOUTQ, count)
            waiting += count[0]
    return waiting


class Lines(dict["StreamLine", None]):
    """The streams of a server, and whose turn it is among those that have taken what they had.

    In a burst all of them are ready at once, each for 64 kB: in one turn of the loop that would be a tenth of a second,
    and whoever asks `/can-trade` then waits for many such turns.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ready: deque[StreamLine] = deque()

    def ready(self, line: StreamLine) -> None:
        """This line may go on, when it is its turn."""
        if not self._ready:
            asyncio.get_running_loop().call_soon(self._go_on)
        self._ready.append(line)

    def _go_on(self) -> None:
        ends = time.monotonic() + _TURN_SECONDS
        try:
            while self._ready:
                line = self._ready.popleft()
                line.go_on()
                if time.monotonic() > ends:
                    break
        finally:
            if self._ready:
                asyncio.get_running_loop().call_soon(self._go_on)


class StreamLine:
    """A connection that carries, or may carry, an endless answer. Used in the event loop only.

    A reader that takes nothing for `seconds` while something waits for it is cut off. Nothing is written by us while
    something waits, so that a byte less is progress.
    """

    def __init__(self, transport: asyncio.Transport, lines: Lines, seconds: float, most: int) -> None:
        """lines: all of the server, at most `most`."""
        self._transport, self._lines, self._seconds, self._most = transport, lines, seconds, most
        self._on_drained: Callable[[], None] = _nothing
        self._on_end: Callable[[], None] = _nothing
        self._on_stop: Callable[[], None] = _nothing
        self._timer: asyncio.TimerHandle | None = None
        self.open = False
        """Between `begin` and the end of the connection or of the answer."""
        self.stalled = False
        """Whether it was cut off because its reader took nothing."""

    @property
    def admitted(self) -> bool:
        """Whether the server has room for one more stream."""
        return len(self._lines) < self._most

    @property
    def full(self) -> bool:
        """Whether the reader has not taken yet what was written."""
        return self._transport.get_write_buffer_size() > 0

    def begin(
        self, on_drained: Callable[[], None], on_end: Callable[[], None], on_stop: Callable[[], None] = _nothing
    ) -> None:
        """From now on the connection counts as a stream. on_drained: what was written is taken. on_end: called once,
        when the connection is lost or the server stops; not for `end`. on_stop: called before a server that stops
        says so to a WebSocket, so that something can still be written."""
        self._on_drained, self._on_end, self._on_stop = on_drained, on_end, on_stop
        if self._transport.is_closing():
            asyncio.get_running_loop().call_soon(self.stop)
            return
        self.open = True
        self._lines[self] = None
        self._transport.set_write_buffer_limits(high=0)
        line = self._transport.get_extra_info("socket")
        if line is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            # A machine that was switched off acknowledges nothing, and says nothing either.
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_SECONDS * 1000)
        if self.full:
            self.paused()

    def write(self, data: bytes) -> None:
        """Framed bytes. The caller looks at `full` before, and waits for room."""
        if self.open and not self._transport.is_closing():
            self._transport.write(data)

    def end(self) -> None:
        """The application has ended the stream; its last words may still be on their way."""
        self._on_drained = self._on_end = self._on_stop = _nothing
        self._forget()

    def abort(self) -> None:
        """Cut the connection off, with whatever waits."""
        self._transport.abort()

    def stopping(self) -> None:
        """The server stops; the connection is still there."""
        said, self._on_stop = self._on_stop, _nothing
        said()

    def stop(self) -> None:
        """The connection is lost, or the server stops."""
        ended, self._on_end = self._on_end, _nothing
        self._forget()
        ended()

    def paused(self) -> None:
        """Something waits for the reader."""
        if self.open and self._timer is None:
            self._look(untaken(self._transport) + 1, 0)

    def resumed(self) -> None:
        """The reader has taken everything."""
        self._cancel()
        if self.open:
            self._lines.ready(self)

    def go_on(self) -> None:
        """It is this line's turn."""
        if self.open and not self.full:
            self._on_drained()

    def lost(self) -> None:
        """The connection is closed."""
        self._cancel()
        self.stop()

    def _look(self, left_before: int, idle: int) -> None:
        left = untaken(self._transport)
        self._timer = None
        if not left:
            return
        idle = 0 if left < left_before else idle + 1
        if idle >= _LOOKS:
            self.stalled = True
            self.abort()
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._seconds / _LOOKS, self._look, left, idle)

    def _forget(self) -> None:
        # The watch goes on: the last words too must be taken.
        self.open = False
        self._lines.pop(self, None)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class GuardedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket with a StreamLine. A peer that takes nothing is not read either: each of its pings would add
    a pong to what waits."""

    lines: Lines
    """Of the server: all its streams."""
    stalled_seconds: float
    most: int

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.line = StreamLine(transport, self.lines, self.stalled_seconds, self.most)
        self.app_state = {**self.app_state, STATE: self.line}
        self._waits = False
        self._incoming, self._incoming_at = 0.0, self.loop.time()

    def data_received(self, data: bytes) -> None:
        now = self.loop.time()
        self._incoming = max(0.0, self._incoming - (now - self._incoming_at) * _INCOMING_PER_SECOND) + len(data)
        self._incoming_at = now
        if self._incoming > _INCOMING_AT_ONCE:
            # Each ping takes our time and is answered: a flood of them would hold up every other reader.
            self.transport.abort()
            return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated and not self.transport.is_closing():
            # uvicorn leaves it open without an answer, for ever, and no limit on connections would find it.
            self.handshake_complete = self.close_sent = True
            self.transport.write(_NO_HANDSHAKE)
            self.transport.close()

    def send_receive_event_to_app(self) -> None:
        try:
            if self.curr_msg_data_type == "text":
                b"".join(self.frames).decode()
        except UnicodeDecodeError:
            # The peer's fault: uvicorn would log it as one of ours, with a traceback each time.
            self.frames = []
            self.conn.send_close(1007)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def keepalive_timeout(self) -> None:
        if self._waits:
            # Its answer may stand among what we do not read; the line watches whether it takes anything.
            self._expect_pong()
            return
        super().keepalive_timeout()

    def _expect_pong(self) -> None:
        if self.pong_timer is not None:
            self.pong_timer.cancel()
        self.pong_timer = self.loop.call_later(self.ping_timeout or 0.0, self.keepalive_timeout)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._waits = True
        self.transport.pause_reading()
        self.line.paused()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._waits = False
        if not self.read_paused:
            self.transport.resume_reading()
        if self.pong_timer is not None:
            self._expect_pong()
        self.line.resumed()

    async def receive(self) -> Any:
        message = await super().receive()
        if self._waits:
            self.transport.pause_reading()
        return message

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            # A refusal is an answer; uvicorn would log that there was none.
            self.handshake_complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.line.lost()

    def shutdown(self) -> None:
        if self.line.full:
            # It would have to take what waits first.
            self.transport.abort()
        else:
            self.line.stopping()
            super().shutdown()
        self.line.stop()


def guarded_websocket(lines: Lines, stalled_seconds: float, most: int) -> type[GuardedWebSocket]:
    """The protocol class for one server."""
    attributes: dict[str, Any] = {"lines": lines, "stalled_seconds": stalled_seconds, "most": most}
    return type("GuardedWebSocket", (GuardedWebSocket,), attributes)
