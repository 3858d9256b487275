"""The twelve ways in which what a bot reads can go wrong, and the answers that stand for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from api.problems import TEXT, Problem

MEANING = {
    "401": "the token was revoked or has ended",
    "403": "the token lacks the scope",
    "404": "a wrong address, or another program behind it",
    "429": "too many requests",
    "500_json": "another program's error, as JSON",
    "html_200": "a page of a proxy or a hotel's network instead of the answer",
    "empty": "200 without a body",
    "truncated": "the answer is cut in the middle",
    "slow_drip": "the answer comes one byte a second",
    "dead": "connections are accepted and never answered",
    "stale_leader": "our daemon has stopped, the pages still answer",
    "clock_skew": "our clock is an hour off",
}
FAULTS = tuple(MEANING)

PORTAL = (
    b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\n"
    b"<body><h1>Sign in to the network</h1><p>Accept the terms to go on.</p></body></html>\n"
)
_REFUSALS = {
    401: ("the token is not known, expected a valid one", {}, ((b"www-authenticate", b"Bearer"),)),
    403: ("'bot' lacks the scope 'read', expected a token that has it", {}, ()),
    404: ("nothing is at this path", {}, ()),
    429: ("'bot' made more than 200 requests a second (API_RATE_LIMIT); try again in 1 s", {"retry_after": 1},
          ((b"retry-after", b"1"),)),
}  # fmt: skip


@dataclass(frozen=True)
class Reply:
    """An answer that is made up. headers: besides Content-Type and Content-Length."""

    status: int
    content_type: bytes
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def encoded(self, method: str = "GET") -> bytes:
        """The answer as HTTP/1.1, whose connection stays open."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}".encode()]
        lines += [b"%b: %b" % (name, value) for name, value in self.headers]
        lines += [b"content-type: " + self.content_type, b"content-length: %d" % len(self.body)]
        return b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if method == "HEAD" else self.body)


def reply_of(fault: str, path: str) -> Reply | None:
    """The answer that a fault puts in place of ours; None where ours is read, in whatever state.

    path: what was asked. Our refusals are plain text below /bots/, where a bot must take none for a list, and
    problem details elsewhere.
    """
    if fault.isdigit():
        detail, members, headers = _REFUSALS[int(fault)]
        problem = Problem(int(fault), detail, dict(members))
        if path.startswith("/bots/"):
            return Reply(problem.status, TEXT, problem.encoded("text/plain")[1], headers)
        return Reply(problem.status, *problem.encoded(), headers)
    if fault == "500_json":
        return Reply(500, b"application/json", msgspec.json.encode({"error": "internal server error"}))
    if fault == "html_200":
        return Reply(200, b"text/html; charset=utf-8", PORTAL)
    if fault == "empty":
        return Reply(200, b"application/json", b"")
    return None
