"""A bounded queue of records to be written: beyond its limit the oldest are dropped and counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Backlog(Generic[Item]):
    """May be filled and emptied from different threads. dropped: how many, since the start."""

    def __init__(self, limit: int) -> None:
        self._items: deque[Item] = deque()
        self._limit = limit
        self._lock = Lock()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> None:
        with self._lock:
            self._items.append(item)
            self._drop_oldest()

    def take(self, most: int) -> list[Item]:
        """Remove and return the oldest ones."""
        with self._lock:
            return [self._items.popleft() for _ in range(min(most, len(self._items)))]

    def put_back(self, items: Sequence[Item]) -> None:
        """Put items that could not be written back, as the oldest."""
        with self._lock:
            self._items.extendleft(reversed(items))
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        while len(self._items) > self._limit:
            self._items.popleft()
            self.dropped += 1
