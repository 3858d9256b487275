"""The engine's own times and bounds; what a venue dictates stands in its feed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EngineLimits:
    """Times in seconds. Tests shorten them."""

    open_timeout: float = 10.0
    close_timeout: float = 1.0
    backoff_base: float = 0.5
    backoff_cap: float = 60.0
    stable_after: float = 30.0
    """A connection that lived so long counts as good: the next failure starts from the shortest wait."""
    tick: float = 1.0
    """How often silence and lag are looked at."""
    slice: float = 0.004
    """How long one connection's frames are read before another one's turn."""
    max_lag: float = 5.0
    """Further behind than this, what is queued is dropped and the connection made anew: an old book is no book."""
    lag_ticks: int = 3
    handover: float = 20.0
    """How long a planned reconnect may wait for symbols that are silent on the new connection."""
    first_update: float = 3.0
    """Where snapshots come over REST: a pair that has said nothing for so long gets its book all the same."""
    quiet_symbol: float = 30.0
    """The least silence of a symbol that is looked into; never less than what the feed calls healthy."""
    quiet_symbol_at_most: float = 900.0
    most_subscriptions: int = 3
    """A symbol that is silent through so many new subscriptions gets a connection of its own, then none for a while."""
    probe_patience: float = 2.0
    """How long after a snapshot that differs from a silent symbol's book an update may still be on its way."""
    renew_share: tuple[float, float] = (0.8, 0.95)
    """Planned reconnects come after a share of the venue's limit, drawn between these."""
    connects_per_second: float = 1.0
    """Per venue; Binance allows 300 connections in five minutes."""
    queue_frames: int = 20_000
    queue_bytes: int = 16 * 2**20
    max_frame_bytes: int = 8 * 2**20
    refused_again: float = 600.0
    """When a symbol whose subscription was refused is tried again."""
    refused_rest: float = 1.0
    """After a refusal: so long may the others of its request take to be heard before they are asked for again."""
    snapshot_pause: float = 1.0
    """A symbol whose last snapshot was of no use waits so long, and twice as long each time, before the next one."""
    snapshot_pause_at_most: float = 60.0
    calm_after: float = 30.0
    """A book that needed no snapshot for so long counts as good: the next one is asked for at once."""
    rest_concurrency: int = 4
    rest_share: float = 0.7
    """Of the venue's request weight; the rest is for those who poll the same host."""
