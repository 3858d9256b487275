"""What a client has heard, in answers and by push, and whether the server is to be believed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable

from ews_client import answers
from ews_client.faults import EwsError
from ews_client.listener import messages, wait_seconds
from ews_client.messages import Freshness, Message, Snapshot, subscription
from ews_client.picture import EVERY_ANSWER, Memory, Picture
from ews_client.timeline import Timeline
from ews_client.transport import Transport

logger = logging.getLogger("ews_client")


class Heard:
    """The picture that push has given, the answers that are remembered, and the timeline that both must fit."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: monotonic, in seconds."""
        self._clock = clock
        self.picture, self.memory, self.timeline = Picture(), Memory(), Timeline()
        self.first_snapshot = asyncio.Event()

    def doubt(self, seen: answers.Answer | answers.Freshness | Freshness, asked_at_seq: int | None) -> str | None:
        """Why the server is not to be believed now; None: it is, or says itself that it knows nothing."""
        if seen.seq is None or seen.as_of is None:
            return None
        breaks = self.timeline.breaks
        doubt = self.timeline.doubt(seen.seq, seen.as_of, self._clock(), asked_at_seq)
        if self.timeline.breaks != breaks:
            self.memory.forget()
        return doubt

    async def listen(self, transport: Transport) -> None:
        """Feeds picture and memory until it is cancelled; always from a snapshot, so that nothing is missing unseen."""
        params = subscription(("risk", "event", "source"), (), ())
        try:
            while True:
                await self._follow(messages(transport, params, resume=False))
                await asyncio.sleep(wait_seconds(1))
        except Exception:
            # Without push nothing is served from memory; `stale` and `open` know less, and can do no more about it.
            logger.exception("the stream ended by an error of the client itself")
            self.picture.lost()
            self.memory.take_away(EVERY_ANSWER)
            raise

    async def _follow(self, source: AsyncGenerator[Message | EwsError, None]) -> None:
        """Until a server that was doubted is believed again: what it said meanwhile was not learnt."""
        doubted = False
        try:
            async for message in source:
                if isinstance(message, EwsError):
                    self.picture.lost()
                    doubted = False
                elif not self.take(message):
                    doubted = True
                elif doubted and isinstance(message, Freshness):
                    if not isinstance(message, Snapshot):
                        return
                    doubted = False
        finally:
            await source.aclose()

    def take(self, message: Message) -> bool:
        """Learns from a message; False: it is not believed."""
        if isinstance(message, Freshness) and self.doubt(message, self.picture.seq) is not None:
            self.picture.doubt()
            self.memory.take_away(EVERY_ANSWER)
            return False
        self.memory.take_away(self.picture.take(message, self._clock()))
        if isinstance(message, Snapshot):
            self.first_snapshot.set()
        return True
