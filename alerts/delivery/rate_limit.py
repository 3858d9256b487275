"""The rate limit of a channel: one message a second and thirty in any minute, or fewer where a receiver takes fewer.

Some of them are reserved for urgent alerts.

Pure, and without a clock: the recent sends are columns of `ChannelState`, shared by all dispatchers.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.channels.base import PER_MINUTE

MIN_GAP = timedelta(seconds=1.05)
"""Between two messages of a channel: a second, and a margin for jitter on the network."""
MINUTE = timedelta(seconds=61)
"""A minute, and a margin for jitter on the network."""
RESERVED_FOR_URGENT = 5
"""Of these: a storm never uses these, so that urgent alerts need not wait for the minute to end."""
AT_ONCE = 10
"""Up to this many waiting alerts are sent individually, which takes ten seconds; more are sent in one digest."""


@dataclass(frozen=True)
class Quota:
    """How many urgent and routine messages may still go out in this minute.

    until_urgent, until_routine: when the quota is free again if it is used up. most: individual messages at a time.
    """

    urgent: int
    routine: int
    until_urgent: datetime
    until_routine: datetime
    most: int = AT_ONCE

    def at_once(self, urgent: bool) -> int:
        """How many waiting alerts may be sent individually."""
        return min(self.most, self.urgent if urgent else self.routine)


def unlimited(now: datetime) -> Quota:
    """The quota of a channel without a rate limit, such as the console."""
    return Quota(sys.maxsize, sys.maxsize, now, now, sys.maxsize)


def counted(starts: Sequence[datetime], now: datetime) -> list[datetime]:
    """The sends that count against the limit now, oldest first. Sends in the future (the clock was set back) do not."""
    return sorted(at for at in starts if now - MINUTE < at <= now)


def quota(starts: Sequence[datetime], now: datetime, per_minute: int = PER_MINUTE) -> Quota:
    """The quota that is left now after sends at these moments. per_minute: what the receiver takes."""
    recent = counted(starts, now)
    for_routine = per_minute - RESERVED_FOR_URGENT
    return Quota(
        max(per_minute - len(recent), 0),
        max(for_routine - len(recent), 0),
        _free_at(recent, per_minute, now),
        _free_at(recent, for_routine, now),
    )


def _free_at(recent: Sequence[datetime], limit: int, now: datetime) -> datetime:
    return recent[-limit] + MINUTE if len(recent) >= limit else now


def next_start(last_started_at: datetime | None, now: datetime) -> datetime | None:
    """When the next message may be sent after the last one, or None for now."""
    if last_started_at is None or now >= last_started_at + MIN_GAP:
        return None
    # If the clock was set back, the channel must not wait for as long as the clock was ahead.
    return min(last_started_at, now) + MIN_GAP
