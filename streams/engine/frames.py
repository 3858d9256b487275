"""Frames between a connection's reader and the books: a bounded queue a connection, and one scheduler for all."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable


class FrameQueue:
    """The frames of one connection that are not read yet, bounded by number and bytes.

    When the queue is full the reader stops, so that TCP's back-pressure reaches the exchange; nothing is dropped here.
    A connection that cannot catch up is ended, which clears its queue.
    """

    def __init__(self, max_frames: int, max_bytes: int, ready: asyncio.Event) -> None:
        self._max_frames, self._max_bytes = max_frames, max_bytes
        self._frames: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._ready = ready
        self._space = asyncio.Event()
        self._space.set()

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def oldest_ns(self) -> int | None:
        """When the oldest frame came, in nanoseconds; None for an empty queue."""
        return self._frames[0][0] if self._frames else None

    def put(self, received_ns: int, frame: bytes) -> bool:
        """Append a frame. Returns whether there is space for another one; where not, await `wait_for_space`."""
        self._frames.append((received_ns, frame))
        self._bytes += len(frame)
        self._ready.set()
        if len(self._frames) < self._max_frames and self._bytes < self._max_bytes:
            return True
        self._space.clear()
        return False

    async def wait_for_space(self) -> None:
        """Wait until the queue is half empty."""
        await self._space.wait()

    def take(self) -> tuple[int, bytes]:
        """Remove and return the oldest frame. Raises IndexError on an empty queue."""
        entry = self._frames.popleft()
        self._bytes -= len(entry[1])
        if (
            not self._space.is_set()
            and len(self._frames) * 2 <= self._max_frames
            and self._bytes * 2 <= self._max_bytes
        ):
            self._space.set()
        return entry

    def clear(self) -> int:
        """Drop all frames. Returns how many."""
        dropped = len(self._frames)
        self._frames.clear()
        self._bytes = 0
        self._space.set()
        return dropped


Handler = Callable[[int, bytes], None]
"""Given when a frame came (nanoseconds), and the frame. It must not raise."""


class FrameScheduler:
    """Reads the queues of all connections by turns: a flood on one must not keep the others waiting."""

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
                # After each queue, sockets, timers and signals have their turn.
                await asyncio.sleep(0)
