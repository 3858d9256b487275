"""Reads what the connections have queued, each in its turn: a flood on one must not keep the others waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from streams.engine.frames import FrameQueue

Handler = Callable[[int, bytes], None]
"""Told when a frame came (nanoseconds), and the frame. It must not raise."""


class FrameScheduler:
    def __init__(self, slice_seconds: float) -> None:
        self.ready = asyncio.Event()
        self._slice = slice_seconds
        self._sources: dict[FrameQueue, Handler] = {}

    def add(self, queue: FrameQueue, handler: Handler) -> None:
        self._sources[queue] = handler
        self.ready.set()

    def remove(self, queue: FrameQueue) -> None:
        self._sources.pop(queue, None)

    async def run(self) -> None:
        clock = time.perf_counter
        while True:
            await self.ready.wait()
            self.ready.clear()
            for queue, handle in list(self._sources.items()):
                if not queue:
                    continue
                ends = clock() + self._slice
                take = queue.take
                while queue:
                    handle(*take())
                    if clock() >= ends:
                        self.ready.set()
                        break
                # Sockets, timers and signals have their turn after each.
                await asyncio.sleep(0)
