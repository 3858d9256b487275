"""Messages for readers, encoded once and framed once for all of them. Pure.

Sources: server-sent events https://html.spec.whatwg.org/multipage/server-sent-events.html, chunks RFC 9112 section 7.1,
WebSocket frames RFC 6455 section 5.2.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

PIECE = 65_536
"""A reader gets at most so many bytes at a time: what waits in its connection is a copy of its own."""


class Framing(enum.Enum):
    """How a connection frames messages: events in chunks (HTTP/1.1), events alone (HTTP/1.0), WebSocket."""

    CHUNKED = "chunked"
    PLAIN = "plain"
    WEBSOCKET = "websocket"


class Message:
    """One message, or several that go out together.

    events: id and JSON of each. size: bytes of the JSON. holders: how many queues hold it.
    """

    __slots__ = ("_pieces", "events", "holders", "size")

    def __init__(self, events: Iterable[tuple[str, bytes]]) -> None:
        self.events = tuple(events)
        self.size = sum(len(body) for _, body in self.events)
        self.holders = 0
        self._pieces: dict[Framing, tuple[bytes, ...]] = {}

    def pieces(self, framing: Framing) -> tuple[bytes, ...]:
        """The bytes to send, in pieces between which control frames may stand."""
        found = self._pieces.get(framing)
        if found is None:
            made = _websocket(self.events) if framing is Framing.WEBSOCKET else _server_sent(self.events, framing)
            found = self._pieces[framing] = tuple(made)
        return found


def _server_sent(events: Iterable[tuple[str, bytes]], framing: Framing) -> Iterator[bytes]:
    text = b"".join(b"id: %b\ndata: %b\n\n" % (name.encode(), body) for name, body in events)
    for begin in range(0, len(text), PIECE):
        piece = text[begin : begin + PIECE]
        yield b"%x\r\n%b\r\n" % (len(piece), piece) if framing is Framing.CHUNKED else piece


def _websocket(events: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    together: list[bytes] = []
    size = 0
    for _, body in events:
        for frame in _frames(body):
            if together and size + len(frame) > PIECE:
                yield b"".join(together)
                together, size = [], 0
            together.append(frame)
            size += len(frame)
    if together:
        yield b"".join(together)


def _frames(body: bytes) -> Iterator[bytes]:
    """A text message in frames of at most 64 kB."""
    for begin in range(0, len(body) or 1, PIECE):
        piece = body[begin : begin + PIECE]
        first = (0 if begin else 0x1) | (0x80 if begin + PIECE >= len(body) else 0)
        if len(piece) < 126:
            head = bytes((first, len(piece)))
        elif len(piece) < 65_536:
            head = bytes((first, 126)) + len(piece).to_bytes(2, "big")
        else:
            head = bytes((first, 127)) + len(piece).to_bytes(8, "big")
        yield head + piece


def body_of(kind: str, position: object, at: datetime, fields: Mapping[str, Any], *raw: bytes) -> bytes:
    """A message as JSON. raw: further members, encoded already."""
    head = msgspec.json.encode({"kind": kind, "id": str(position), "at": at.astimezone(UTC), **fields})
    return b",".join((head[:-1], *raw)) + b"}" if raw else head


def rows_member(name: str, rows: Iterable[bytes]) -> bytes:
    """A member that lists encoded rows."""
    return b'"' + name.encode() + b'":[' + b",".join(rows) + b"]"
