"""Reads requests and sends answers of the plain ASGI doors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from api.freshness import Freshness
from api.problems import Problem
from events.daemon.web_guard import BOTS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

JSON = b"application/json"
_NO_STORE = ((b"cache-control", b"no-store"),)
LONGEST = 200
"""Characters of a parameter: longer than any name that anybody uses."""


def header(scope: Scope, name: bytes) -> str:
    """The value of a request's header, "" where it is missing."""
    return next((value for key, value in scope["headers"] if key == name), b"").decode("latin-1")


def parameters_of(scope: Scope, known: Mapping[str, bool]) -> dict[str, list[str]]:
    """The query's values by name. known: whether each parameter may be repeated.

    Raises Problem (422) for what is not UTF-8, has a NUL byte or is too long, for an unknown parameter (a misspelt
    filter would read as "nothing at risk") and for one that is repeated and may not be.
    """
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict",
                          max_num_fields=1000)  # fmt: skip
    except ValueError:
        raise invalid(
            "the query string", "not understood", "at most 1000 parameters in percent-encoded UTF-8"
        ) from None
    for name, value in pairs:
        if name not in known:
            raise invalid(name[:LONGEST], value, f"one of the parameters {', '.join(known)}")
        if name in found and not known[name]:
            raise invalid(name, f"{found[name][0]!r} and {value!r}", "one value")
        found.setdefault(name, []).append(checked(name, value))
    return found


def checked(name: str, value: str) -> str:
    """The value of a parameter or member. Raises Problem (422) for text that no name can be."""
    if len(value) > LONGEST:
        raise invalid(name, f"{len(value)} characters long", f"at most {LONGEST} characters")
    if "\0" in value or not _is_text(value):
        raise invalid(name, ascii(value), "text without NUL bytes and surrogates")
    return value


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def invalid(name: str, value: str, expected: str) -> Problem:
    """A 422 that names the parameter, what it was and what is expected."""
    shown = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    shown = shown.encode("utf-8", "backslashreplace").decode()
    return Problem(
        422, f"{name} was {shown}, expected {expected}", {"field": name, "value": shown, "expected": expected}
    )


def aged(freshness: Freshness) -> Headers:
    """The header with the age in milliseconds; without it where nobody knows it."""
    return () if freshness.age_ms is None else ((b"x-age-ms", str(freshness.age_ms).encode()),)


async def send_bytes(
    send: Send, status: int, content_type: bytes, body: bytes, headers: Headers = (), caching: Headers = _NO_STORE
) -> None:
    """One answer with its length."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", content_type),
                (b"content-length", str(len(body)).encode()),
                (b"x-content-type-options", b"nosniff"),
                *caching,
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def send_empty(send: Send, status: int, headers: Headers) -> None:
    """An answer without a body: 204 or 304."""
    await send({"type": "http.response.start", "status": status, "headers": [*headers]})
    await send({"type": "http.response.body", "body": b""})


async def send_problem(scope: Scope, send: Send, problem: Problem) -> None:
    """As problem details, or as text where that is what the caller reads; always as text below `BOTS`."""
    accept = "text/plain" if scope["path"].startswith(BOTS) else header(scope, b"accept")
    content_type, body = problem.encoded(accept)
    await send_bytes(send, problem.status, content_type, body, problem.headers)
