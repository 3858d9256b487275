"""`WS /api/v1/message/ws?token=ews_…&venue=`: what a freqtrade bot that is a *consumer* listens to, for a whitelist.

Source: https://www.freqtrade.io/en/stable/producer-consumer/ — the consumer puts its `ws_token` behind `token=` as it
is written, so that the venue rides there. It subscribes, and asks once for the whitelist and for candles; the latter we
have not, and freqtrade goes on without.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import msgspec

from api.bots.channels import Channel, Follower, channels_of
from api.bots.lists import market_of
from api.doors.answers import Receive, Scope, Send, invalid, parameters_of
from api.problems import Problem
from api.push.hub import hub_of
from api.push.request import Stay, check_origin, line_of, owner_of
from api.push.websocket import LATER, POLICY, RESTARTS
from api.runtime import Runtime
from api.tokens.callers import address_of

logger = logging.getLogger(__name__)

FIRST_FRAME_SECONDS = 10.0
"""freqtrade subscribes at once."""
_MOST_FRAMES, _FRAMES_SECONDS = 20, 10.0
_MOST_WRONG = 5
_EXAMPLE = '"ws_token": "ews_…&venue=BINANCE"'


async def producer(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """Raises Problem before the handshake is answered: 403 for a foreign Origin or a session, 422 without a venue that
    is known, 429 and 503 as the streams do."""
    check_origin(scope)
    caller = scope["ews_caller"]
    if caller.token_id is None:
        raise Problem(403, "a session is for our own pages, expected a token")
    venue = _venue_of(runtime, scope)
    line, channels = line_of(scope), channels_of(runtime)
    await receive()
    with hub_of(runtime).census.counted(owner_of(caller), address_of(scope), "freqtrade"):
        ended = asyncio.Event()
        follower = Follower(line, ended.set)
        await send({"type": "websocket.accept"})
        follower.begin()
        talk = _Talk(channels.join(venue, follower, Stay(runtime, scope, "pairs")), follower, receive)
        listening = asyncio.create_task(talk.listen(), name="a freqtrade bot")
        ending = asyncio.create_task(ended.wait(), name="a freqtrade bot's end")
        try:
            await asyncio.wait((listening, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            channels.leave(venue, follower)
            why = follower.ended or talk.why
            follower.end(why or "closed")
            follower.cut_if_busy()
            for task in (listening, ending):
                task.cancel()
            for found in await asyncio.gather(listening, ending, return_exceptions=True):
                if isinstance(found, Exception):
                    logger.error("a freqtrade bot's connection failed", exc_info=found)
    with suppress(Exception):
        # The peer may have gone: then uvicorn says so.
        await send({"type": "websocket.close", "code": _code(why, talk), "reason": why[:120]})


def _venue_of(runtime: Runtime, scope: Scope) -> str:
    """Raises Problem (422, 503)."""
    venue = parameters_of(scope, {"token": False, "venue": False}).get("venue", [""])[0].strip()
    if not venue:
        raise invalid("venue", "missing", f"one market behind the token, such as {_EXAMPLE}")
    if not runtime.names.loaded:
        # A bot that waits for another market's list would wait for ever.
        raise Problem(503, "the names of venues have not been read yet", headers=((b"retry-after", b"1"),))
    return market_of(runtime.names, venue)


def _code(why: str, talk: _Talk) -> int:
    if talk.why or "token" in why:
        return POLICY
    return LATER if "leads" in why else RESTARTS


class _Talk:
    """What a bot says. Requests for the whitelist are answered; too much of anything ends the talk."""

    def __init__(self, channel: Channel, follower: Follower, receive: Receive) -> None:
        self._channel, self._follower, self._receive = channel, follower, receive
        self._frames: deque[float] = deque(maxlen=_MOST_FRAMES)
        self._wrong = 0
        self.why = ""
        """Why the bot is sent away; "" where it left by itself."""

    async def listen(self) -> None:
        """Until the bot leaves or is sent away."""
        said = False
        while not self.why:
            try:
                message = await asyncio.wait_for(self._receive(), None if said else FIRST_FRAME_SECONDS)
            except TimeoutError:
                self.why = f"nothing was said in {FIRST_FRAME_SECONDS:g} s, expected a subscription"
                return
            if message["type"] != "websocket.receive":
                return
            said = True
            if self._is_too_much():
                self.why = f"more than {_MOST_FRAMES} frames in {_FRAMES_SECONDS:g} s"
            elif not self._answer(message):
                self._wrong += 1
                if self._wrong > _MOST_WRONG:
                    self.why = f"more than {_MOST_WRONG} frames that were not understood"

    def _is_too_much(self) -> bool:
        now = time.monotonic()
        many = len(self._frames) == _MOST_FRAMES and now - self._frames[0] < _FRAMES_SECONDS
        self._frames.append(now)
        return many

    def _answer(self, message: MutableMapping[str, Any]) -> bool:
        """Whether it was understood."""
        try:
            said = msgspec.json.decode(message.get("text") or b"")
        except (msgspec.DecodeError, RecursionError):
            return False
        kind = said.get("type") if isinstance(said, dict) else None
        if kind == "whitelist":
            self._follower.offer(self._channel.message)
        return kind in ("whitelist", "subscribe", "analyzed_df")
