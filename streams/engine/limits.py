"""The engine's times and bounds; a venue's limits are in its feed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class EngineLimits:
    """Times in seconds. Tests shorten them."""

    open_timeout: float = 10.0
    close_timeout: float = 1.0
    backoff_base: float = 0.5
    backoff_cap: float = 60.0
    stable_after: float = 30.0
    """After a connection that lived so long, the next failure starts from the shortest wait."""
    tick: float = 1.0
    """How often silence and lag are checked."""
    slice: float = 0.004
    """How long frames of one connection are read before the next connection's turn."""
    max_lag: float = 5.0
    """Further behind than this, the queue is dropped and the connection replaced: an old book is useless."""
    lag_ticks: int = 3
    handover: float = 20.0
    """How long a planned reconnect may wait for symbols that are silent on the new connection."""
    first_update: float = 3.0
    """Where snapshots come over REST: a pair without an update for so long gets its snapshot all the same."""
    quiet_symbol: float = 30.0
    """The least silence of a symbol that is suspicious; never less than the feed's `silence_seconds`."""
    quiet_symbol_at_most: float = 900.0
    most_subscriptions: int = 3
    """After so many new subscriptions a silent symbol gets a connection of its own, and then none for a while."""
    probe_patience: float = 2.0
    """How long an update may still be on its way after a snapshot that differs from a silent symbol's book."""
    probe_answer: float = 60.0
    """How long a snapshot for a suspected connection may wait for its turn: a host that refuses may do so for days."""
    renew_share: tuple[float, float] = (0.8, 0.95)
    """Planned reconnects come after a share of the venue's limit, drawn between these."""
    connects_per_second: float = 1.0
    """Per venue; Binance allows 300 connections in five minutes."""
    queue_frames: int = 20_000
    queue_bytes: int = 16 * 2**20
    max_frame_bytes: int = 8 * 2**20
    refused_again: float = 600.0
    """After how long a symbol whose subscription was refused is tried again."""
    refused_rest: float = 1.0
    """How long after a refusal the other symbols of the request may stay silent before they are requested again."""
    snapshot_pause: float = 1.0
    """After a useless snapshot a symbol waits so long before the next one, and twice as long each time."""
    snapshot_pause_at_most: float = 60.0
    calm_after: float = 30.0
    """After so long without a snapshot, the next one is requested at once."""
    rest_concurrency: int = 4
    rest_share: float = 0.7
    """Share of the venue's request weight; the rest is for pollers of the same host."""

    def of_trades(self) -> EngineLimits:
        """For connections that carry trades alone: a pair without trades is no fault, so only the connections are
        watched for silence."""
        return replace(self, quiet_symbol=math.inf, quiet_symbol_at_most=math.inf)
