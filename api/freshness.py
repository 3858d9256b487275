"""How far an answer can be trusted: `fresh`, `stale` or `unknown`, and as of when. Pure.

The same rules as `can_trade` and the README have: a heartbeat over 12 s old, from the future or missing means that
nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

HEARTBEAT_SECONDS = 12.0
FUTURE_SECONDS = 5.0
LOOK_SECONDS = 5.0
"""How old our own last look at the database may be."""

# One row. The view's own states of sources; the database's clock.
SQL = """
SELECT clock_timestamp() AS database_now, refreshed_at, seq, heartbeat_at, stale_sources FROM token_risk_view_status
"""


@dataclass(frozen=True)
class Seen:
    """What the database said at one look. looked_at: of `events.clock.monotonic`, in seconds, which
    counts on while the machine sleeps: what was fresh before is not fresh after it."""

    database_now: datetime
    refreshed_at: datetime | None
    seq: int
    heartbeat_at: datetime | None
    stale_sources: tuple[str, ...]
    looked_at: float


@dataclass(frozen=True)
class Freshness:
    """status, as_of: the heartbeat up to which this is known. age_ms: since then, None where there was none."""

    status: str
    as_of: datetime | None
    age_ms: int | None
    seq: int
    stale_sources: tuple[str, ...]


def freshness_of(seen: Seen | None, monotonic: float) -> Freshness:
    """What holds at a moment of the monotonic clock, given the last look."""
    if seen is None:
        return Freshness("unknown", None, None, 0, ("database",))
    since = monotonic - seen.looked_at
    now = seen.database_now + timedelta(seconds=since)
    as_of = seen.heartbeat_at
    age = None if as_of is None else (now - as_of).total_seconds()
    missing = list(seen.stale_sources)
    future = timedelta(seconds=FUTURE_SECONDS)
    alive = age is not None and -FUTURE_SECONDS <= age <= HEARTBEAT_SECONDS
    refreshed = seen.refreshed_at is not None and seen.refreshed_at <= now + future
    reachable = 0 <= since <= LOOK_SECONDS
    missing += ["heartbeat"] * (not alive) + ["refresh"] * (not refreshed) + ["database"] * (not reachable)
    if alive and refreshed and reachable:
        status = "stale" if missing else "fresh"
    else:
        status = "unknown"
    return Freshness(status, as_of, None if age is None else round(age * 1000), seen.seq, tuple(missing))
