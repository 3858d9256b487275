"""Reads HTTP/1.1 (RFC 9112) and WebSocket frames (RFC 6455) from a connection, and keeps every byte."""

from __future__ import annotations

from asyncio import StreamReader
from collections.abc import AsyncIterator
from dataclasses import dataclass

_PIECE = 65_536
_LONGEST_HEAD = 65_536


@dataclass(frozen=True)
class Head:
    """The first line and the headers of a request or an answer. headers: names in lower case, in their order."""

    raw: bytes
    first: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    def get(self, name: bytes) -> bytes:
        """The value of a header, b"" where it is missing."""
        return next((value for key, value in self.headers if key == name), b"")

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.first.split()[1])

    @property
    def target(self) -> str:
        """Of a request: path and query."""
        return self.first.split()[1].decode("latin-1")

    @property
    def is_chunked(self) -> bool:
        return b"chunked" in self.get(b"transfer-encoding").lower()

    def without(self, *names: bytes) -> Head:
        """The same without some headers."""
        return made(self.first, tuple(header for header in self.headers if header[0] not in names))

    def replaced(self, name: bytes, value: bytes) -> Head:
        """The same with another value of a header that it has."""
        return made(self.first, tuple((key, value if key == name else old) for key, old in self.headers))


def made(first: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> Head:
    """A head of these headers."""
    lines = [first, *(b"%b: %b" % header for header in headers)]
    return Head(b"\r\n".join(lines) + b"\r\n\r\n", first, headers)


async def read_head(reader: StreamReader) -> Head:
    """Raises IncompleteReadError where the peer has gone, ValueError for what is no HTTP."""
    raw = await reader.readuntil(b"\r\n\r\n")
    lines = raw[:-4].split(b"\r\n")
    if len(lines[0].split()) < 2 or len(raw) > _LONGEST_HEAD:
        raise ValueError(f"the first line was {lines[0][:100]!r}, expected one of HTTP/1.1")
    pairs = (line.partition(b":") for line in lines[1:])
    return Head(raw, lines[0], tuple((name.strip().lower(), value.strip()) for name, _, value in pairs))


async def body_pieces(reader: StreamReader, head: Head, method: str | None) -> AsyncIterator[tuple[bytes, bytes]]:
    """(bytes on the wire, bytes of the content) of a body, as they come.

    method: of the request that an answer belongs to, None for a request's body. Events of a stream come whole.
    Raises IncompleteReadError where the peer goes before the end.
    """
    if method is not None and (method == "HEAD" or head.status in (204, 304) or head.status < 200):
        return
    if head.is_chunked:
        events = head.get(b"content-type").startswith(b"text/event-stream")
        raw, content = b"", b""
        async for line_and_data, data in _chunks(reader):
            raw, content = raw + line_and_data, content + data
            if not events or content.endswith(b"\n\n") or not data:
                yield raw, content
                raw, content = b"", b""
        return
    length = head.get(b"content-length")
    if length:
        left = int(length)
        while left:
            data = await reader.read(min(left, _PIECE))
            if not data:
                raise EOFError("the answer ended before its length")
            left -= len(data)
            yield data, data
    elif method is not None:
        while data := await reader.read(_PIECE):
            yield data, data


async def _chunks(reader: StreamReader) -> AsyncIterator[tuple[bytes, bytes]]:
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        if size == 0:
            end = line
            while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
                end += line
            yield end + line, b""
            return
        data = await reader.readexactly(size + 2)
        yield line + data, data[:-2]


def chunk(content: bytes) -> bytes:
    """Content as one chunk."""
    return b"%x\r\n%b\r\n" % (len(content), content)


@dataclass(frozen=True)
class Frames:
    """One message of a WebSocket or one control frame. content: of a text message, None for anything else."""

    raw: bytes
    content: bytes | None


async def read_frames(reader: StreamReader) -> Frames:
    """The next message that a server sends. Raises IncompleteReadError where it has gone."""
    raw, content, is_text = b"", b"", False
    while True:
        head = await reader.readexactly(2)
        size = head[1] & 0x7F
        if size >= 126:
            longer = await reader.readexactly(2 if size == 126 else 8)
            head, size = head + longer, int.from_bytes(longer, "big")
        if head[1] & 0x80:
            head += await reader.readexactly(4)
        data = await reader.readexactly(size)
        code, is_last = head[0] & 0x0F, bool(head[0] & 0x80)
        raw += head + data
        if code >= 8:
            if not content:
                return Frames(raw, None)
            continue
        is_text = is_text or code == 1
        content += data
        if is_last:
            return Frames(raw, content if is_text else None)


def frame(code: int, content: bytes) -> bytes:
    """One frame of a server. code: 1 text, 8 close."""
    size = len(content)
    if size < 126:
        return bytes((0x80 | code, size)) + content
    if size < 65_536:
        return bytes((0x80 | code, 126)) + size.to_bytes(2, "big") + content
    return bytes((0x80 | code, 127)) + size.to_bytes(8, "big") + content
