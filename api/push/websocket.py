"""`WS /api/v1/ws`: the same messages as the stream, and a subscription that can be changed on the way (RFC 6455)."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from api.problems import Problem
from api.push.hub import Hub, hub_of
from api.push.messages import Framing, Message
from api.push.reader import Reader
from api.push.request import Stay, check_origin, last_id_of, line_of, owner_of, parameters_of, subscription_of
from api.push.subscription import Subscription, subscribe_frame
from api.push.talk import Receive, Send, Talk, close, until_the_end
from api.runtime import Runtime
from api.tokens.callers import address_of

Scope = MutableMapping[str, Any]

FIRST_FRAME_SECONDS = 5.0
"""Without a subscription in the URL, so long the first frame may take; then the usual one begins."""


async def websocket(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """Raises Problem before the handshake is answered: 403 for a foreign Origin; 422, 429, 503 as the stream does."""
    check_origin(scope)
    given = parameters_of(scope)
    subscription = subscription_of(runtime, given)
    line, hub = line_of(scope), hub_of(runtime)
    await receive()
    with hub.census.counted(owner_of(scope["ews_caller"]), address_of(scope), "websocket"):
        ended = asyncio.Event()
        reader = Reader(line, Framing.WEBSOCKET, subscription, hub.budget, hub.caught_up, ended.set)
        await send({"type": "websocket.accept"})
        reader.begin()
        talk = _Talk(runtime, hub, reader, Stay(runtime, scope), receive)
        named = any(name in given for name in ("kinds", "assets", "venues")) or bool(last_id_of(scope, given))
        listen = talk.listen(last_id_of(scope, given) if named else None)
        why = await until_the_end(reader, talk, listen, ended, partial(hub.leave, reader), "a WebSocket")
    await close(send, talk, why)


class _Talk(Talk):
    """Subscriptions. Anything else is answered with an `error`."""

    def __init__(self, runtime: Runtime, hub: Hub, reader: Reader, stay: Stay, receive: Receive) -> None:
        super().__init__(receive)
        self._runtime, self._hub, self._reader, self._stay = runtime, hub, reader, stay

    async def listen(self, last_id: str | None) -> None:
        """Until the peer leaves or is sent away. last_id: None where the first frame is to name the subscription."""
        joined = last_id is not None
        if last_id is not None:
            await self._hub.join(self._reader, self._stay, last_id)
        while not self.why:
            try:
                message = await asyncio.wait_for(self._receive(), None if joined else FIRST_FRAME_SECONDS)
            except TimeoutError:
                await self._hub.join(self._reader, self._stay, "")
                joined = True
                continue
            if message["type"] != "websocket.receive":
                return
            self._count()
            if self.why:
                return
            asked = self._read(message)
            if asked is not None:
                joined = True
                await self._hub.change(self._reader, self._stay, *asked)

    def _read(self, message: MutableMapping[str, Any]) -> tuple[Subscription, str] | None:
        text = message.get("text")
        try:
            if text is None:
                raise ValueError("the frame was binary, expected text")
            asked, last_id = subscribe_frame(text)
            return subscription_of(self._runtime, asked), last_id
        except (ValueError, Problem) as wrong:
            self._count_wrong()
            detail = wrong.detail if isinstance(wrong, Problem) else str(wrong)
            body = {"kind": "error", "id": None, "at": datetime.now(UTC), "detail": detail}
            self._reader.offer(Message([("", msgspec.json.encode(body))]))
            return None
