"""`WS /api/v1/ws`: the same messages as the stream, and a subscription that can be changed on the way (RFC 6455)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from api.problems import Problem
from api.push.hub import Hub, hub_of
from api.push.messages import Framing, Message
from api.push.reader import Reader
from api.push.request import Stay, check_origin, last_id_of, line_of, owner_of, parameters_of, subscription_of
from api.push.subscription import Subscription, subscribe_frame
from api.runtime import Runtime
from api.tokens.callers import address_of

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FIRST_FRAME_SECONDS = 5.0
"""Without a subscription in the URL, so long the first frame may take; then the usual one begins."""
_MOST_FRAMES, _FRAMES_SECONDS = 20, 10.0
_MOST_WRONG = 5
NORMAL, POLICY, RESTARTS, LATER = 1000, 1008, 1012, 1013


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
        listening = asyncio.create_task(talk.listen(last_id_of(scope, given) if named else None), name="a WebSocket")
        ending = asyncio.create_task(ended.wait(), name="a WebSocket's end")
        try:
            await asyncio.wait((listening, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.leave(reader)
            why = reader.ended or talk.why
            reader.end(why or "closed")
            reader.cut_if_busy()
            for task in (listening, ending):
                task.cancel()
            for found in await asyncio.gather(listening, ending, return_exceptions=True):
                if isinstance(found, Exception):
                    logger.error("a WebSocket failed", exc_info=found)
    with suppress(Exception):
        # The peer may have gone: then uvicorn says so.
        await send({"type": "websocket.close", "code": _code(why, talk), "reason": why[:120]})


def _code(why: str, talk: _Talk) -> int:
    """A client comes back after 1012 and 1013; after 1008 it has to do something else first."""
    if talk.why or "token" in why or "session" in why:
        return POLICY
    return LATER if "leads" in why else RESTARTS


class _Talk:
    """What a peer says: subscriptions. Anything else is answered with an `error`, and too much of it ends the talk."""

    def __init__(self, runtime: Runtime, hub: Hub, reader: Reader, stay: Stay, receive: Receive) -> None:
        self._runtime, self._hub, self._reader, self._stay, self._receive = runtime, hub, reader, stay, receive
        self._frames: deque[float] = deque(maxlen=_MOST_FRAMES)
        self._wrong = 0
        self.why = ""
        """Why the peer is sent away; "" where it left by itself."""

    async def listen(self, last_id: str | None) -> None:
        """Until the peer leaves or is sent away. last_id: None where the first frame is to name the subscription."""
        joined = last_id is not None
        if last_id is not None:
            await self._hub.join(self._reader, self._stay, last_id)
        while True:
            try:
                message = await asyncio.wait_for(self._receive(), None if joined else FIRST_FRAME_SECONDS)
            except TimeoutError:
                await self._hub.join(self._reader, self._stay, "")
                joined = True
                continue
            if message["type"] != "websocket.receive":
                return
            if self._is_too_much():
                self.why = f"more than {_MOST_FRAMES} frames in {_FRAMES_SECONDS:g} s"
                return
            asked = self._read(message)
            if asked is not None:
                joined = True
                await self._hub.change(self._reader, self._stay, *asked)
            elif self._wrong > _MOST_WRONG:
                self.why = f"more than {_MOST_WRONG} frames that were not understood"
                return

    def _is_too_much(self) -> bool:
        now = time.monotonic()
        many = len(self._frames) == _MOST_FRAMES and now - self._frames[0] < _FRAMES_SECONDS
        self._frames.append(now)
        return many

    def _read(self, message: MutableMapping[str, Any]) -> tuple[Subscription, str] | None:
        text = message.get("text")
        try:
            if text is None:
                raise ValueError("the frame was binary, expected text")
            asked, last_id = subscribe_frame(text)
            return subscription_of(self._runtime, asked), last_id
        except (ValueError, Problem) as wrong:
            self._wrong += 1
            detail = wrong.detail if isinstance(wrong, Problem) else str(wrong)
            body = {"kind": "error", "id": None, "at": datetime.now(UTC), "detail": detail}
            self._reader.offer(Message([("", msgspec.json.encode(body))]))
            return None
