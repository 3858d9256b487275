"""Rows that a source no longer lists: believed after several whole readings without them, and a minimum of time.

Absence is news only where it is seen: the caller counts a reading only when it is whole. A page that was cut short, a
list that shrank, a row that could not be read say nothing of what is missing. What was counted stands in the database,
so that a restart neither forgets nor hastens it. Whether a list that lacks many of its rows at once
is read at all is judged before, by `ContentWatch.saw` (`events.sources.lost_rows`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from events.clock import Jump
from events.models import MissingRow
from events.sources.content import Rows

# Our time follows the machine's clock by less than that in one step.
_AHEAD = timedelta(seconds=5)


@dataclass(frozen=True)
class Patience:
    """How often, and for how long, a row must be missing before that is believed."""

    readings: int = 3
    at_least: timedelta = timedelta(minutes=15)


def believed(
    source: str, missing: Collection[str], now: datetime, patience: Patience, unknown: Collection[str] = ()
) -> set[str]:
    """Count one whole reading of a source that lacks the rows `missing`; those that are gone for good by now.

    Rows counted before that are not among them are listed again: they count anew when they go the next time. One source
    may keep lists of several kinds apart by a suffix of its name. unknown: rows of which this reading says nothing.
    """
    rows = MissingRow.objects.filter(source=source)
    with transaction.atomic():
        rows.exclude(item_key__in=[*missing, *unknown]).delete()
        counted = list(rows.filter(item_key__in=missing).select_for_update())
        for row in counted:
            if row.last_missed_at > now + _AHEAD:
                # Written by a clock that was wrong: it counts anew, or it would wait for that time to come.
                row.readings, row.first_missed_at, row.last_missed_at = 1, now, now
            # Two looks at one moment are one reading; a clock that was put back must not hasten anything.
            if now > row.last_missed_at:
                row.readings, row.last_missed_at = row.readings + 1, now
        MissingRow.objects.bulk_update(counted, ["readings", "first_missed_at", "last_missed_at"])
        fresh = sorted(set(missing) - {row.item_key for row in counted})
        MissingRow.objects.bulk_create(
            [MissingRow(source=source, item_key=key, first_missed_at=now, last_missed_at=now) for key in fresh],
            ignore_conflicts=True,
        )
    return {
        row.item_key
        for row in counted
        if row.readings >= patience.readings and row.last_missed_at - row.first_missed_at >= patience.at_least
    }


def after_clock_jump(jump: Jump) -> None:
    """Our time was corrected: what was counted by the wrong clock is as long ago as it was, or it were believed now."""
    written = (jump.since, jump.before)
    with transaction.atomic():
        for column in ("first_missed_at", "last_missed_at"):
            rows = MissingRow.objects.filter(**{f"{column}__range": written})
            rows.update(**{column: F(column) + jump.by})


def taken_back(
    source: str,
    missing: Collection[str],
    known: int,
    now: datetime,
    patience: Patience,
    rows: Rows,
    idle: Collection[str] = (),
) -> set[str]:
    """Those of the `missing` that are gone for good, of `known` rows that a source was known to list.

    For a list that `EventUpdater.saw` has let through by these same names and `rows`: of a few each is believed by
    itself (`believed`); where many are missing they all are gone at once, since it let them through only after the list
    had gone on saying so. Either way they are known no more, so that a list which has become shorter is whole again.

    idle: of the missing those on which nothing hangs, at the first reading by a release that forgets rows at all.
    """
    gone = set(idle) if len(missing) <= known * rows.never_beyond else set()
    left = set(missing) - gone
    if len(left) > 2 and len(left) > (known - len(gone)) * rows.never_beyond:
        # More than anybody takes back: a short list, or one that shows the newest alone.
        return gone
    if rows.lost_too_many(len(left), known - len(gone)):
        return gone | left
    return gone | believed(source, left, now, patience)
