"""What the parts of the engine share about a symbol, and about the symbols of one connection."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from streams.engine.connection import Connection
from streams.engine.handover import SymbolHandover
from streams.engine.rate_limit import SnapshotPace
from streams.engine.target import BookTarget


@dataclass(slots=True)
class Route:
    """Where a symbol's messages come from and go to. Only those of `connection` count.

    successor, handover: while a new connection takes over. count: messages so far.
    """

    target: BookTarget
    connection: Connection | None = None
    successor: Connection | None = None
    handover: SymbolHandover | None = None
    count: int = 0
    since: float = 0.0
    """When its present connection began to carry it."""
    asked_at: float | None = None
    """When a snapshot was asked for over the stream, until it comes."""
    fetching: asyncio.Task[None] | None = None
    """A snapshot is on its way over REST, or waits to be asked for."""
    useless: bool = False
    """The last snapshot left the book wanting another one."""
    pace: SnapshotPace | None = None
    said: str = ""
    """The fault that was logged last: one line when it begins, none for each repeat."""

    def stop_fetching(self) -> None:
        if self.fetching is not None:
            self.fetching.cancel()
            self.fetching = None


@dataclass(eq=False)
class ConnectionSlot:
    """Symbols that share a connection, over all its reconnects.

    renew: set where the connection has to be renewed now. handed: set when a successor carries every symbol. fault:
    what is wrong with it now; said: the one that was logged last.
    """

    symbols: set[str]
    connection: Connection | None = None
    renew: asyncio.Event = field(default_factory=asyncio.Event)
    handed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    fault: str = ""
    said: str = ""
