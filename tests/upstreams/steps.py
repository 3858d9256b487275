"""What a route can answer: plain replies and every fault that an upstream has shown or could show."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache
from http import HTTPStatus
from typing import Any, Literal, Protocol

from tests.upstreams.wire import Request, Wire


class Step(Protocol):
    """Answers one request by writing to the wire."""

    def play(self, request: Request, wire: Wire) -> None: ...


# What `route` takes: a step, a status, a body (bytes, text, anything JSON), or a function that makes one of these.
Answer = Step | int | bytes | str | dict[str, Any] | list[Any] | Callable[[Request], Any]


@dataclass(frozen=True)
class Reply:
    """A well-formed answer. `body` is bytes, text or anything JSON; `delay` (seconds) passes before the first byte.

    `headers` override the generated Content-Type, Content-Length and Date; a value of None leaves a header out.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str | None] = field(default_factory=dict)
    delay: float = 0.0

    def play(self, request: Request, wire: Wire) -> None:
        if self.delay and not wire.pause(self.delay):
            wire.keep_alive = False
            return
        body = self.content()
        bodyless = request.method == "HEAD" or self.status < 200 or self.status in (204, 304)
        wire.send(self.head(len(body)) + (b"" if bodyless else body))
        if self._fields(len(body)).get("connection") == "close":
            wire.keep_alive = False

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)).encode()

    def head(self, length: int | None) -> bytes:
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"{name.title()}: {value}" for name, value in self._fields(length).items() if value is not None]
        return "\r\n".join([f"HTTP/1.1 {self.status} {phrase}", *lines, "", ""]).encode("latin-1")

    def _fields(self, length: int | None) -> dict[str, str | None]:
        fields: dict[str, str | None] = {"content-type": self._content_type(), "date": formatdate(usegmt=True)}
        if length is not None and self.status >= 200 and self.status not in (204, 304):
            fields["content-length"] = str(length)
        if self.status < 200:
            # An interim status announces a final one that never comes.
            fields["connection"] = "close"
        return fields | {name.lower(): value for name, value in self.headers.items()}

    def _content_type(self) -> str:
        if isinstance(self.body, bytes):
            return "application/octet-stream"
        if isinstance(self.body, str):
            return "text/html; charset=utf-8" if self.body.lstrip().startswith("<") else "text/plain; charset=utf-8"
        return "application/json; charset=utf-8"


def as_step(answer: Answer, request: Request) -> Step:
    """The step that an entry of a script stands for; functions are asked with the request."""
    if hasattr(answer, "play"):
        return answer
    if callable(answer):
        return as_step(answer(request), request)
    if isinstance(answer, int) and not isinstance(answer, bool):
        return Reply(status=answer)
    return Reply(answer)


def redirect(location: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"location": location})


def too_many_requests(after: str | int | None = None) -> Reply:
    """429 with Retry-After: seconds or an HTTP date, as given."""
    return Reply({"code": -1003, "msg": "Too many requests."}, 429, _retry_after(after))


def banned(after: str | int | None = 120) -> Reply:
    """418, Binance's answer to those who go on after 429."""
    return Reply({"code": -1003, "msg": "Way too many requests; the address is banned."}, 418, _retry_after(after))


def _retry_after(after: str | int | None) -> dict[str, str | None]:
    return {} if after is None else {"retry-after": str(after)}


def cut_json(document: Any, keep: float = 0.5) -> Reply:
    """JSON that breaks off at a share of its length, under a Content-Length that fits what is sent."""
    whole = json.dumps(document, ensure_ascii=False).encode()
    return Reply(whole[: int(len(whole) * keep)], headers={"content-type": "application/json"})


def challenge_page(status: int = 200) -> Reply:
    """The page of a bot protection, by default with status 200."""
    page = (
        "<!DOCTYPE html>\n<html><head><title>One moment, please</title></head><body>"
        "<h1>Checking that you are human</h1><script>var challenge = 'c0ffee';</script></body></html>"
    )
    return Reply(page, status)


@cache
def _deflated_zeros(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(2**20)
    parts = [packer.compress(block) for _ in range(size // 2**20)]
    return b"".join([*parts, packer.compress(block[: size % 2**20]), packer.flush()])


def gzip_bomb(size: int = 200 * 2**20) -> Reply:
    """A small answer that unpacks to `size` bytes."""
    return Reply(_deflated_zeros(size), headers={"content-encoding": "gzip", "content-type": "application/json"})


@dataclass(frozen=True)
class Hang:
    """Takes the request and never answers."""

    def play(self, request: Request, wire: Wire) -> None:
        wire.keep_alive = False
        while wire.pause(60):
            continue


@dataclass(frozen=True)
class CutBody:
    """Sends a share of the body, then closes in order: the Content-Length, or the last chunk, is not kept to."""

    body: Any
    keep: float = 0.5
    chunked: bool = False
    status: int = 200

    def play(self, request: Request, wire: Wire) -> None:
        wire.keep_alive = False
        reply = Reply(self.body, self.status)
        whole = reply.content()
        part = whole[: int(len(whole) * self.keep)]
        wire.send(_chunked_head(reply) + _chunk(part) if self.chunked else reply.head(len(whole)) + part)


@dataclass(frozen=True)
class Drip:
    """Sends the answer in pieces of `piece` bytes, `interval` seconds apart, from the first byte of `part` on."""

    part: Literal["headers", "body"] = "body"
    body: Any = "x" * 10_000
    piece: int = 1
    interval: float = 0.05
    status: int = 200

    def play(self, request: Request, wire: Wire) -> None:
        wire.keep_alive = False
        reply = Reply(self.body, self.status)
        content = reply.content()
        head = reply.head(len(content))
        if self.part == "body":
            wire.send(head)
            slow = content
        else:
            slow = head + content
        for start in range(0, len(slow), self.piece):
            wire.send(slow[start : start + self.piece])
            if not wire.pause(self.interval):
                return


@dataclass(frozen=True)
class Oversized:
    """A body of `size` bytes, declared in Content-Length or in chunks that do not say how many will come."""

    size: int
    chunked: bool = False

    def play(self, request: Request, wire: Wire) -> None:
        wire.keep_alive = False
        reply = Reply(b"", headers={"content-type": "application/json"})
        wire.send(_chunked_head(reply) if self.chunked else reply.head(self.size))
        block = b" " * 65_536
        for start in range(0, self.size, len(block)):
            piece = block[: self.size - start]
            wire.send(_chunk(piece) if self.chunked else piece)
        if self.chunked:
            wire.send(b"0\r\n\r\n")


@dataclass(frozen=True)
class Reset:
    """A TCP reset before an answer, after the headers, or in the middle of the body."""

    after: Literal["nothing", "headers", "body"] = "nothing"

    def play(self, request: Request, wire: Wire) -> None:
        if self.after != "nothing":
            wire.send(Reply(b"").head(1_000) + (b"x" * 500 if self.after == "body" else b""))
            # A reset overtakes bytes that the client has not read yet.
            wire.pause(0.1)
        wire.reset()


@dataclass(frozen=True)
class Close:
    """Closes in order without a single byte."""

    def play(self, request: Request, wire: Wire) -> None:
        wire.keep_alive = False


@dataclass(frozen=True)
class Raw:
    """Bytes as they are: what is not HTTP, or not quite."""

    data: bytes

    def play(self, request: Request, wire: Wire) -> None:
        wire.keep_alive = False
        wire.send(self.data)


def _chunked_head(reply: Reply) -> bytes:
    return Reply(reply.body, reply.status, {**reply.headers, "transfer-encoding": "chunked"}).head(None)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
