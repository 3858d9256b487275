"""What the parts of the engine share: the route of a symbol, and the slot of the symbols of one connection."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streams.engine.handover import SymbolHandover
from streams.engine.rate_limit import SnapshotBackoff
from streams.engine.target import BookTarget

if TYPE_CHECKING:
    from streams.engine.connection import Connection


@dataclass(slots=True)
class Route:
    """Where a symbol's messages come from and go to. Messages of other connections than `connection` are ignored.

    connection: None in a replay. successor, handover: while a new connection takes over. count: messages so far.
    """

    target: BookTarget
    connection: Connection | None = None
    successor: Connection | None = None
    handover: SymbolHandover | None = None
    count: int = 0
    since: float = 0.0
    """When its connection began to carry it, in monotonic seconds."""
    asked_at: float | None = None
    """When a snapshot was requested over the stream, in monotonic seconds; None once it came."""
    fetching: asyncio.Task[None] | None = None
    """Requests a snapshot, at once or after a wait."""
    useless: bool = False
    """The book still needs a snapshot after the last one."""
    snapshot_backoff: SnapshotBackoff | None = None
    logged: str = ""
    """The fault that was logged last: one line when it begins, none for each repeat."""

    def stop_fetching(self) -> None:
        if self.fetching is not None:
            self.fetching.cancel()
            self.fetching = None


@dataclass(eq=False)
class ConnectionSlot:
    """Symbols that share a connection, over all its reconnects.

    renew: set where the connection has to be renewed now. handed_over: set when a successor carries every symbol.
    fault: what is wrong now; logged_fault: the one that was logged last.
    """

    symbols: set[str]
    connection: Connection | None = None
    renew: asyncio.Event = field(default_factory=asyncio.Event)
    handed_over: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    fault: str = ""
    logged_fault: str = ""
