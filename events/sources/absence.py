"""Rows that a source no longer lists: gone after several complete readings without them, and a minimum of time.

The caller counts a reading only when it is complete: a truncated page, a list that shrank and a row that could not be
read prove no absence. The counts are stored, so that a restart neither loses nor hastens them. Whether a list that
lacks many of its rows at once is read at all is decided before, by `ContentWatch.saw` (`events.sources.lost_rows`).
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

# One step of our time along the machine's clock is shorter than this.
_AHEAD = timedelta(seconds=5)


@dataclass(frozen=True)
class Patience:
    """How often, and for how long, a row must be missing before it counts as gone."""

    readings: int = 3
    at_least: timedelta = timedelta(minutes=15)


def gone_for_good(
    source: str, missing: Collection[str], now: datetime, patience: Patience, unknown: Collection[str] = ()
) -> set[str]:
    """Count one complete reading that lacks the rows `missing`; returns those that are gone for good by now.

    A row that was counted before and is not among them is listed again: its count restarts when it goes the next
    time. A source with lists of several kinds separates them by a suffix of its name. unknown: rows of which this
    reading proves nothing; their counts stay.
    """
    rows = MissingRow.objects.filter(source=source)
    with transaction.atomic():
        rows.exclude(item_key__in=[*missing, *unknown]).delete()
        counted = list(rows.filter(item_key__in=missing).select_for_update())
        for row in counted:
            if row.last_missed_at > now + _AHEAD:
                # A wrong clock wrote it: the count restarts, or it would stop until that time comes.
                row.readings, row.first_missed_at, row.last_missed_at = 1, now, now
            # Two readings at one moment count once; a clock that was set back must not hasten anything.
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
    """Our time was corrected: move what the wrong clock wrote, or rows would count as missing for years at once."""
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
    """Those of the `missing` that are gone for good; `known` is how many rows the source was known to list.

    For a list that `EventUpdater.saw` has accepted by these same names and `rows`. A few missing rows are counted one
    by one (`gone_for_good`). Where many are missing all are gone at once, since the list was accepted only after it had
    lacked them for long enough. Either way they are no longer known, so that a shorter list is complete again.

    idle: missing rows without anything that depends on them, at the first reading by a release that forgets rows.
    """
    gone = set(idle) if len(missing) <= known * rows.never_beyond else set()
    left = set(missing) - gone
    if len(left) > 2 and len(left) > (known - len(gone)) * rows.never_beyond:
        # More than an upstream withdraws: the list is truncated, or shows its newest rows only.
        return gone
    if rows.lost_too_many(len(left), known - len(gone)):
        return gone | left
    return gone | gone_for_good(source, left, now, patience)
