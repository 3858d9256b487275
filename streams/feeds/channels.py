"""Which of several channels of one symbol makes its book. Pure.

Venues tell one book over several channels at once: of several depths, grouped prices, with orders of retail traders
among them. Each numbers its own updates, and what one deletes another still shows. A book is made from one of them: the
deepest that tells changes. The others are known, and left.
"""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum


class Choice(Enum):
    KEPT = "kept"
    ANEW = "anew"
    """From this snapshot on, this channel makes the book instead of the one before it."""
    LEFT = "left"


class BookChannels:
    """The channels of one connection.

    Only a snapshot takes a book from one channel to another: updates alone would not tell the levels that they do not
    change. A channel that has not shown its snapshot yet gives way to any that does.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Hashable] = {}
        """By symbol. Read for every frame; changed here only."""
        self._depths: dict[str, int] = {}
        self._begun: set[str] = set()

    def choose(self, symbol: str, channel: Hashable, depth: int, snapshot: bool) -> Choice:
        """What a frame of this channel is to the symbol's book. depth: levels a side that the channel tells."""
        kept = self.kept.get(symbol)
        if kept is None or kept == channel:
            choice = Choice.KEPT
        elif snapshot and (symbol not in self._begun or depth > self._depths[symbol]):
            choice = Choice.ANEW
        else:
            return Choice.LEFT
        self.kept[symbol], self._depths[symbol] = channel, depth
        if snapshot:
            self._begun.add(symbol)
        return choice

    def ended(self, symbol: str, channel: Hashable) -> None:
        """The channel was left: the next one that speaks makes the book."""
        if self.kept.get(symbol) == channel:
            del self.kept[symbol], self._depths[symbol]
            self._begun.discard(symbol)
