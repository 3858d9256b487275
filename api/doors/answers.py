"""Sends answers of the plain ASGI doors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from api.problems import Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

JSON = b"application/json"


def header(scope: Scope, name: bytes) -> str:
    """The value of a request's header, "" where it is missing."""
    return next((value for key, value in scope["headers"] if key == name), b"").decode("latin-1")


async def send_bytes(send: Send, status: int, content_type: bytes, body: bytes, headers: Headers = ()) -> None:
    """One answer with its length."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", content_type),
                (b"content-length", str(len(body)).encode()),
                (b"x-content-type-options", b"nosniff"),
                (b"cache-control", b"no-store"),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def send_problem(scope: Scope, send: Send, problem: Problem) -> None:
    content_type, body = problem.encoded(header(scope, b"accept"))
    await send_bytes(send, problem.status, content_type, body, problem.headers)
