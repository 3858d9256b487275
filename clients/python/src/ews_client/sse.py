"""Server-sent events, as WHATWG's HTML standard frames them (section 9.2.6), with bounds. Pure.

`retry` is not read: the listener has a back-off of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ews_client.faults import EwsError

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of one event. A snapshot of 10,000 tokens is about 10 MB."""


@dataclass(frozen=True)
class Frame:
    """One event: its data, and the id that it leaves behind (None: it named none)."""

    data: str
    id: str | None


class Frames:
    """Cuts bytes into events. Raises EwsError `too_large`, or `malformed` for bytes that are no UTF-8."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._parts: list[bytes] = []
        self._after_return = False
        self._size = 0
        self._data: list[str] = []
        self._id: str | None = None
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The events that end in these bytes."""
        if self._after_return and chunk:
            # A line feed after a carriage return belongs to the line that has ended.
            chunk = chunk[1:] if chunk.startswith(b"\n") else chunk
            self._after_return = False
        if chunk.endswith(b"\r"):
            self._after_return = True
        lines = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for number, part in enumerate(lines):
            self._size += len(part) + 1
            if self._size > self._most:
                raise EwsError("too_large", f"an event of the stream is longer than {self._most} bytes")
            self._parts.append(part)
            if number < len(lines) - 1:
                line = b"".join(self._parts)
                self._parts = []
                frame = self._line(line)
                if frame is not None:
                    yield frame

    def _line(self, line: bytes) -> Frame | None:
        if self._first:
            line, self._first = line.removeprefix(b"\xef\xbb\xbf"), False
        if not line:
            frame = Frame("\n".join(self._data), self._id) if self._data else None
            self._data, self._id, self._size = [], None, 0
            return frame
        try:
            name, _, value = line.decode("utf-8").partition(":")
        except UnicodeDecodeError:
            raise EwsError("malformed", "a line of the stream is not UTF-8") from None
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif not name:
            self._size = self._size if self._data else 0  # a comment
        return None
