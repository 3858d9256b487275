"""What waits to be written: bounded, the oldest goes first when the database stays away, and what went is counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Backlog(Generic[Item]):
    """May be filled and emptied from different threads."""

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
            self._shorten()

    def take(self, most: int) -> list[Item]:
        """The oldest ones; they are not in here any more."""
        with self._lock:
            return [self._items.popleft() for _ in range(min(most, len(self._items)))]

    def give_back(self, items: Sequence[Item]) -> None:
        """They could not be written: they are the oldest again."""
        with self._lock:
            self._items.extendleft(reversed(items))
            self._shorten()

    def _shorten(self) -> None:
        while len(self._items) > self._limit:
            self._items.popleft()
            self.dropped += 1
