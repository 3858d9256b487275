"""Which of several channels of one symbol makes its book. Pure.

Venues send one book over several channels at once: several depths, grouped prices, with or without retail orders. Each
numbers its own updates, and levels that one deletes another still shows. A book is made from one of them: the deepest
that sends changes. Messages of the others are recognised, and ignored.
"""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum


class Choice(Enum):
    SAME = "same"
    """The channel that makes the book already, or the first one."""
    ANEW = "anew"
    """From this snapshot on, this channel makes the book instead of the one before."""
    LEFT = "left"
    """Another channel makes the book."""


class BookChannels:
    """The channels of one connection.

    Only a snapshot moves a book from one channel to another: updates alone lack the levels that they do not change. A
    channel without a snapshot so far is replaced by any that sends one.
    """

    def __init__(self) -> None:
        self.chosen: dict[str, Hashable] = {}
        """The channel that makes the book, by symbol. Read for every frame; changed here only."""
        self._depths: dict[str, int] = {}
        self._begun: set[str] = set()

    def choose(self, symbol: str, channel: Hashable, depth: int, snapshot: bool) -> Choice:
        """Whether a frame of this channel belongs to the symbol's book. depth: levels a side that the channel sends."""
        chosen = self.chosen.get(symbol)
        if chosen is None or chosen == channel:
            choice = Choice.SAME
        elif snapshot and (symbol not in self._begun or depth > self._depths[symbol]):
            choice = Choice.ANEW
        else:
            return Choice.LEFT
        self.chosen[symbol], self._depths[symbol] = channel, depth
        if snapshot:
            self._begun.add(symbol)
        return choice

    def ended(self, symbol: str, channel: Hashable) -> None:
        """The channel was unsubscribed: the next one that sends makes the book."""
        if self.chosen.get(symbol) == channel:
            del self.chosen[symbol], self._depths[symbol]
            self._begun.discard(symbol)
