"""Counters and gauges of one venue's streams."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class StreamCounters:
    """Counters since the start, and present values; written by the event loop, read by any thread."""

    frames: int = 0
    bytes: int = 0
    connects: int = 0
    """Connections that were opened, the first ones included."""
    handovers: int = 0
    """Planned reconnects without a gap."""
    disconnects: int = 0
    silent_connections: int = 0
    silent_symbols: int = 0
    """Symbols whose stream was dead and subscribed again."""
    dropped: int = 0
    """Frames dropped because their connection was too far behind."""
    malformed: int = 0
    lost_messages: int = 0
    """Holes in a connection's own numbering (Bitfinex)."""
    refused: int = 0
    snapshots: int = 0
    snapshot_failures: int = 0
    lag_seconds: float | None = None
    queue: int = 0
    """Frames that wait to be read, of all connections."""
    longest_queue: int = 0
    last_frame_ns: int = 0
    """When the last frame came, in nanoseconds of the wall clock; 0: none yet."""
