"""How much a channel takes: one message a second, thirty in any minute, and some of these kept for what is urgent."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MIN_GAP = timedelta(seconds=1.05)
"""Between two messages of a channel: a second, and a margin for what varies on the way."""
PER_MINUTE = 30
MINUTE = timedelta(seconds=61)
RESERVED_FOR_URGENT = 5
"""Of the thirty: a storm never uses them up, so that what is urgent need not wait for the minute to end."""
AT_ONCE = 10
"""So many that wait are told one by one, which takes ten seconds; more are told in one card."""


@dataclass(frozen=True)
class Quota:
    """How many messages may still go out in this minute, urgent ones and others.

    until: when there is room again, where there is none: for the urgent, and for the others.
    """

    urgent: int
    routine: int
    until_urgent: datetime
    until_routine: datetime
    most: int = AT_ONCE

    def at_once(self, urgent: bool) -> int:
        """How many of those that wait may be told one by one."""
        return min(self.most, self.urgent if urgent else self.routine)


def unlimited(now: datetime) -> Quota:
    """Of a channel that takes whatever comes, such as the console."""
    return Quota(sys.maxsize, sys.maxsize, now, now, sys.maxsize)


def counted(starts: Sequence[datetime], now: datetime) -> list[datetime]:
    """The starts that count against the limit now, oldest first. What a clock that was put back left ahead does not."""
    return sorted(at for at in starts if now - MINUTE < at <= now)


def quota(starts: Sequence[datetime], now: datetime) -> Quota:
    """The room that earlier messages, started at these moments, leave now."""
    recent = counted(starts, now)
    for_routine = PER_MINUTE - RESERVED_FOR_URGENT
    return Quota(
        max(PER_MINUTE - len(recent), 0),
        max(for_routine - len(recent), 0),
        _free_at(recent, PER_MINUTE, now),
        _free_at(recent, for_routine, now),
    )


def _free_at(recent: Sequence[datetime], limit: int, now: datetime) -> datetime:
    return recent[-limit] + MINUTE if len(recent) >= limit else now


def next_start(last_started_at: datetime | None, now: datetime) -> datetime | None:
    """When the next message may start after the last one, or None for now."""
    if last_started_at is None or now >= last_started_at + MIN_GAP:
        return None
    # A clock that was put back must not hold the channel up for as long as it was ahead.
    return min(last_started_at, now) + MIN_GAP
