"""The frames that a connection has received and nobody has read yet: bounded by number and bytes."""

from __future__ import annotations

import asyncio
from collections import deque


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
