"""The frames that a connection has received and nobody has read yet: bounded by number and bytes."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable


class FrameQueue:
    """Where a connection's reader leaves its frames for the pump.

    When it is full the reader stops reading, so that the exchange feels it (TCP's back-pressure) and memory stays
    bounded; nothing is dropped here. Whoever finds that it cannot catch up calls `clear`.
    """

    def __init__(self, max_frames: int, max_bytes: int, ready: asyncio.Event) -> None:
        self._max_frames, self._max_bytes = max_frames, max_bytes
        self._frames: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._ready = ready
        self._room = asyncio.Event()
        self._room.set()

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def oldest_ns(self) -> int | None:
        """When the oldest frame came."""
        return self._frames[0][0] if self._frames else None

    def put(self, received_ns: int, frame: bytes) -> bool:
        """Whether there is room for another one; where not, wait for `room`."""
        self._frames.append((received_ns, frame))
        self._bytes += len(frame)
        self._ready.set()
        if len(self._frames) < self._max_frames and self._bytes < self._max_bytes:
            return True
        self._room.clear()
        return False

    async def room(self) -> None:
        await self._room.wait()

    def take(self) -> tuple[int, bytes]:
        """The oldest frame. Raises IndexError on an empty queue."""
        entry = self._frames.popleft()
        self._bytes -= len(entry[1])
        if not self._room.is_set() and len(self._frames) * 2 <= self._max_frames and self._bytes * 2 <= self._max_bytes:
            self._room.set()
        return entry

    def clear(self) -> int:
        """Drop everything; how many frames that were."""
        dropped = len(self._frames)
        self._frames.clear()
        self._bytes = 0
        self._room.set()
        return dropped


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
