"""Which pairs may be opened, told to bots that listen: one list a venue, encoded once, and only ever the latest.

A bot keeps in memory what it heard last, for ever. So whoever is sent away hears first that nothing may be opened.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from api.bots.patterns import NOTHING
from api.bots.tradable import VenuePairs, tradable_of
from api.push import metrics
from api.push.messages import Framing, Message
from api.runtime import Runtime
from events.daemon.web_streams import StreamLine

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.25
"""How often it is looked whether the picture has grown old, and who may go on listening."""
_TURN_SECONDS = 0.002
"""Hundreds of bots take a while, and others are waiting for the loop."""


class MayGoOn(Protocol):
    """How long a bot may listen."""

    def why_not(self) -> str:
        """ "" while it may go on."""


def whitelist(pairs: Sequence[str]) -> Message:
    """freqtrade's message of the type `whitelist`, of the names themselves. It takes no notice of an empty list."""
    return Message([("", msgspec.json.encode({"type": "whitelist", "data": list(pairs) or [NOTHING]}))])


_NOTHING = whitelist(())


class Follower:
    """One bot's connection. Where it is slow, what it has not begun to take is replaced by what came later.

    on_end: called once, when the connection is lost, the server stops, or `end` is called.
    """

    def __init__(self, line: StreamLine, on_end: Callable[[], None]) -> None:
        self.ended = ""
        """Why it ends; "" while it goes on."""
        self._line, self._on_end = line, on_end
        self._rest: deque[bytes] = deque()
        self._next: Message | None = None

    def begin(self) -> None:
        """Count as a stream from now on."""
        self._line.begin(self._go_on, self._lost, self._last_words)

    def offer(self, message: Message) -> None:
        """The list that holds now."""
        self._next = message
        self._go_on()

    def end(self, why: str) -> None:
        """The last word is that nothing may be opened."""
        if self.ended:
            return
        self._last_words()
        self.ended = why
        self._line.end()
        self._on_end()

    def cut_if_busy(self) -> None:
        """An end that would have to wait for the bot is none: cut the connection off."""
        if self._line.full:
            self._line.abort()

    def _last_words(self) -> None:
        self.offer(_NOTHING)

    def _lost(self) -> None:
        if self._line.stalled:
            metrics.aborted.inc()
        if not self.ended:
            self.ended = "the connection is closed"
            self._on_end()

    def _go_on(self) -> None:
        while not self._line.full and not self.ended:
            if self._rest:
                self._line.write(self._rest.popleft())
            elif self._next is not None:
                self._rest.extend(self._next.pieces(Framing.WEBSOCKET))
                self._next = None
            else:
                return


class Channel:
    """One venue's list, and the bots that follow it."""

    def __init__(self, venue: str, runtime: Runtime) -> None:
        self.followers: dict[Follower, MayGoOn] = {}
        self.message = _NOTHING
        self._venue, self._runtime, self._tradable = venue, runtime, tradable_of(runtime)
        self._allowed: tuple[str, ...] = ()
        self._shown = 0
        self._known = False
        self._due: dict[Follower, None] = {}
        self._turns: asyncio.Handle | None = None
        self._tradable.subscribe(venue, self.show)
        self._asking = asyncio.create_task(self._keep_asking(), name=f"bots: {venue}")

    def show(self, pairs: VenuePairs) -> None:
        """From now on this holds; nothing may be opened on an old picture, whatever was found in it."""
        self._shown += 1
        self._known = pairs.status != "unknown" and self._runtime.picture.freshness().status != "unknown"
        allowed = pairs.allowed if self._known and pairs.status == "fresh" else ()
        if allowed != self._allowed:
            self.message = whitelist(allowed)
            self._allowed = allowed
            # Who waits from before is first in line: a list that changes all the time still reaches everybody.
            self._due.update(dict.fromkeys(self.followers))
            if self._turns is None:
                self._turn()

    def show_nothing(self) -> None:
        """Nobody knows what holds."""
        self.show(VenuePairs(self._venue, "unknown", None, None))

    def leave(self, follower: Follower) -> None:
        self.followers.pop(follower, None)
        self._due.pop(follower, None)

    def stop(self) -> asyncio.Task[None]:
        """Nobody follows any more. Returns the task that is ending."""
        self._tradable.unsubscribe(self._venue, self.show)
        if self._turns is not None:
            self._turns.cancel()
        self._asking.cancel()
        return self._asking

    def _turn(self) -> None:
        self._turns = None
        ends = time.monotonic() + _TURN_SECONDS
        while self._due:
            follower = next(iter(self._due))
            del self._due[follower]
            follower.offer(self.message)
            if time.monotonic() > ends:
                break
        if self._due:
            self._turns = asyncio.get_running_loop().call_soon(self._turn)

    async def _keep_asking(self) -> None:
        """Ask while nobody knows what holds: for the first list, and after an outage. Later ones come by themselves."""
        while True:
            if not self._known:
                try:
                    shown = self._shown
                    found = await self._tradable.of(self._venue)
                    if shown == self._shown:
                        self.show(found)
                except Exception:
                    logger.exception("the pairs of %s cannot be found, and its bots open nothing", self._venue)
            await asyncio.sleep(TICK_SECONDS)


class Channels:
    """The venues of one event loop. Its tasks exist while somebody follows."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._of: dict[str, Channel] = {}
        self._watch: asyncio.Task[None] | None = None
        runtime.at_stop.append(self.stop)

    def join(self, venue: str, follower: Follower, may_go_on: MayGoOn) -> Channel:
        """From now on lists come, the first one at once: nothing, where it is not known yet."""
        channel = self._of.get(venue)
        if channel is None:
            channel = self._of[venue] = Channel(venue, self._runtime)
        channel.followers[follower] = may_go_on
        if self._watch is None:
            self._watch = asyncio.create_task(self._keep_watching(), name="bots: who may follow")
        follower.offer(channel.message)
        return channel

    def leave(self, venue: str, follower: Follower) -> None:
        channel = self._of.get(venue)
        if channel is None:
            return
        channel.leave(follower)
        if not channel.followers:
            channel.stop()
            del self._of[venue]
        if not self._of and self._watch is not None:
            self._watch.cancel()
            self._watch = None

    async def stop(self) -> None:
        """The loop ends."""
        tasks = [channel.stop() for channel in self._of.values()]
        for channel in self._of.values():
            for follower in list(channel.followers):
                follower.end("the server stops")
        if self._watch is not None:
            self._watch.cancel()
            tasks.append(self._watch)
        self._of, self._watch = {}, None
        _made.pop(self._runtime, None)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_watching(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                self._look()
            except Exception:
                logger.exception("the look at the bots that follow failed")

    def _look(self) -> None:
        unknown = self._runtime.picture.freshness().status == "unknown"
        for channel in list(self._of.values()):
            if unknown:
                channel.show_nothing()
            for follower, may_go_on in list(channel.followers.items()):
                why = may_go_on.why_not()
                if why:
                    follower.end(why)


_made: dict[Runtime, Channels] = {}


def channels_of(runtime: Runtime) -> Channels:
    """Those of a runtime, until it stops."""
    found = _made.get(runtime)
    if found is None:
        found = _made[runtime] = Channels(runtime)
    return found
