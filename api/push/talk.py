"""What is alike on every WebSocket: how much a peer may say, and how its connection ends (RFC 6455)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextlib import suppress
from typing import Any, Protocol

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_MOST_FRAMES, _FRAMES_SECONDS = 20, 10.0
_MOST_WRONG = 5
_POLICY, _RESTARTS, _LATER = 1008, 1012, 1013


class Peer(Protocol):
    """Whom the messages are for."""

    ended: str

    def end(self, why: str) -> None:
        """No more messages."""

    def cut_if_busy(self) -> None:
        """Cut the connection off, where its end would have to wait for the peer."""


class Talk:
    """What a peer says. Too much of anything ends the talk."""

    def __init__(self, receive: Receive) -> None:
        self.why = ""
        """Why the peer is sent away; "" where it left by itself."""
        self._receive = receive
        self._frames: deque[float] = deque(maxlen=_MOST_FRAMES)
        self._wrong = 0

    def _count(self) -> None:
        """One more frame has come."""
        now = time.monotonic()
        if len(self._frames) == _MOST_FRAMES and now - self._frames[0] < _FRAMES_SECONDS:
            self.why = f"more than {_MOST_FRAMES} frames in {_FRAMES_SECONDS:g} s"
        self._frames.append(now)

    def _count_wrong(self) -> None:
        """It was not understood."""
        self._wrong += 1
        if self._wrong > _MOST_WRONG:
            self.why = f"more than {_MOST_WRONG} frames that were not understood"


async def until_the_end(
    peer: Peer,
    talk: Talk,
    listen: Coroutine[Any, Any, None],
    ended: asyncio.Event,
    leave: Callable[[], None],
    name: str,
) -> str:
    """Let a peer talk until it leaves, is sent away or its connection ends. Returns why, "" where it left by itself.

    listen: ends with the talk. ended: is set when the connection ends. leave: called before the peer is sent away.
    """
    listening = asyncio.create_task(listen, name=name)
    ending = asyncio.create_task(ended.wait(), name=f"{name}, its end")
    try:
        await asyncio.wait((listening, ending), return_when=asyncio.FIRST_COMPLETED)
    finally:
        leave()
        why = peer.ended or talk.why
        peer.end(why or "closed")
        peer.cut_if_busy()
        for task in (listening, ending):
            task.cancel()
        for found in await asyncio.gather(listening, ending, return_exceptions=True):
            if isinstance(found, Exception):
                logger.error("%s failed", name, exc_info=found)
    return why


async def close(send: Send, talk: Talk, why: str) -> None:
    """The last frame. A client comes back after 1012 and 1013; after 1008 it has to do something else first."""
    if talk.why or "token" in why or "session" in why:
        code = _POLICY
    else:
        code = _LATER if "leads" in why else _RESTARTS
    with suppress(Exception):
        # The peer may have gone: then uvicorn says so.
        await send({"type": "websocket.close", "code": code, "reason": why[:120]})
