"""`WS /api/v1/message/ws?token=ews_…&venue=`: what a freqtrade bot that is a *consumer* listens to, for a whitelist.

Source: https://www.freqtrade.io/en/stable/producer-consumer/ — the consumer puts its `ws_token` behind `token=` as it
is written, so that the venue rides there. It subscribes, and asks once for the whitelist and for candles; the latter we
have not, and freqtrade goes on without.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from functools import partial
from typing import Any

import msgspec

from api.bots.channels import Channel, Follower, channels_of
from api.bots.lists import market_of
from api.doors.answers import Receive, Scope, Send, invalid, parameters_of
from api.problems import Problem
from api.push.hub import hub_of
from api.push.request import Stay, check_origin, line_of, owner_of
from api.push.talk import Talk, close, until_the_end
from api.runtime import Runtime
from api.tokens.callers import address_of

FIRST_FRAME_SECONDS = 10.0
"""freqtrade subscribes at once."""
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
        leave = partial(channels.leave, venue, follower)
        why = await until_the_end(follower, talk, talk.listen(), ended, leave, "a freqtrade bot's connection")
    await close(send, talk, why)


def _venue_of(runtime: Runtime, scope: Scope) -> str:
    """Raises Problem (422, 503)."""
    venue = parameters_of(scope, {"token": False, "venue": False}).get("venue", [""])[0].strip()
    if not venue:
        raise invalid("venue", "missing", f"one market behind the token, such as {_EXAMPLE}")
    if not runtime.names.loaded:
        # A bot that waits for another market's list would wait for ever.
        raise Problem(503, "the names of venues have not been read yet", headers=((b"retry-after", b"1"),))
    return market_of(runtime.names, venue)


class _Talk(Talk):
    """Requests for the whitelist are answered."""

    def __init__(self, channel: Channel, follower: Follower, receive: Receive) -> None:
        super().__init__(receive)
        self._channel, self._follower = channel, follower

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
            self._count()
            if not self.why and not self._answer(message):
                self._count_wrong()

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
