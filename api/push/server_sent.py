"""`GET /api/v1/stream`: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from api.push.hub import hub_of
from api.push.messages import Framing
from api.push.reader import Reader
from api.push.request import Stay, last_id_of, line_of, owner_of, parameters_of, subscription_of
from api.runtime import Runtime
from api.tokens.callers import address_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    # Proxies must not buffer the stream.
    (b"x-accel-buffering", b"no"),
    (b"connection", b"close"),
]


async def stream(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """Messages as docs/contracts/stream.md has them, until one side ends the connection.

    Raises Problem: 422 for a wrong subscription, 429 and 503 where there is no room for one more stream.
    """
    given = parameters_of(scope)
    subscription = subscription_of(runtime, given)
    line, hub = line_of(scope), hub_of(runtime)
    if scope["method"] == "HEAD":
        await begin_answer(send, more=False)
        return
    stay = Stay(runtime, scope)
    with hub.census.counted(owner_of(scope["ews_caller"]), address_of(scope), "sse"):
        ended = asyncio.Event()
        framing = Framing.CHUNKED if scope["http_version"] == "1.1" else Framing.PLAIN
        reader = Reader(line, framing, subscription, hub.budget, hub.caught_up, ended.set)
        try:
            await begin_answer(send, more=True)
            reader.begin()
            await hub.join(reader, stay, last_id_of(scope, given))
            await ended.wait()
        finally:
            hub.leave(reader)
            reader.end("the stream has ended")
            reader.cut_if_busy()
    await send({"type": "http.response.body", "body": b""})


async def begin_answer(send: Send, more: bool) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b"retry: 1000\n\n" if more else b"", "more_body": more})
