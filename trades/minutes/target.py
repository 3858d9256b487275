"""A pair's trades as the engine of streams sees them: where its messages go."""

from __future__ import annotations

from collections.abc import Callable

from streams.feeds.base import ExactTrade, Message, Snapshot
from trades.minutes.venue import VenueMinutes


class MinutesTarget:
    """A `BookTarget` (streams.engine.target) without a book. now_ms: a local clock in milliseconds that is never set.

    A symbol that is left out and carried again gets another target; its minutes go on in `VenueMinutes`.
    """

    in_sync = True
    contradicted = False

    def __init__(self, minutes: VenueMinutes, symbol: str, now_ms: Callable[[], int]) -> None:
        self._minutes, self._symbol, self._now_ms = minutes, symbol, now_ms

    @property
    def last_id(self) -> int | None:
        """The highest number so far: from there a new connection takes over."""
        return self._minutes.last_id(self._symbol)

    def take(self, message: Message, received_ns: int) -> bool:
        if isinstance(message, ExactTrade):
            self._minutes.traded(message, self._now_ms())
        return False

    def interrupted(self, reason: str) -> None:
        self._minutes.interrupted(self._symbol)

    def agrees(self, snapshot: Snapshot) -> bool:
        """There is nothing that a snapshot could contradict."""
        return True
