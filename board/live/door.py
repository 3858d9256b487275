"""`GET /api/board/stream`: the whole board, then what changes on it, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from api.push.hub import hub_of
from api.push.messages import Framing
from api.push.reader import Reader
from api.push.request import Stay, line_of, owner_of
from api.push.server_sent import begin_answer
from api.push.subscription import Subscription
from api.runtime import Runtime
from api.tokens.callers import address_of
from board.live.feed import feed_of

STREAM = "/api/board/stream"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def stream(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """Raises Problem: 429 and 503 where there is no room for one more stream."""
    line, feed = line_of(scope), feed_of(runtime)
    if scope["method"] == "HEAD":
        await begin_answer(send, more=False)
        return
    stay = Stay(runtime, scope)
    with hub_of(runtime).census.counted(owner_of(scope["ews_caller"]), address_of(scope), "board"):
        ended = asyncio.Event()
        framing = Framing.CHUNKED if scope["http_version"] == "1.1" else Framing.PLAIN
        reader = Reader(line, framing, Subscription(), feed.budget, feed.caught_up, ended.set)
        try:
            await begin_answer(send, more=True)
            reader.begin()
            await feed.join(reader, stay)
            await ended.wait()
        finally:
            feed.leave(reader)
            reader.end("the stream has ended")
            reader.cut_if_busy()
    await send({"type": "http.response.body", "body": b""})
