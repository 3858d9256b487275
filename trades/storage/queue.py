"""The queue of minutes to repair: kept in the database, so that a kill loses none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Max

from trades.models import MinuteBar, RepairMinute, TradedInstrument
from trades.records import MINUTE_MS
from trades.storage.instrument_ids import InstrumentIds
from trades.storage.tables import milliseconds_of, moment_of

# A venue's candle of a minute is final a moment after its end.
SETTLES = timedelta(seconds=5)
# After a try that failed: doubled each time, up to an hour.
_AGAIN_SECONDS, _AGAIN_AT_MOST_SECONDS = 30.0, 3600.0


class Doubt(NamedTuple):
    """A minute that has to be asked again, and why."""

    venue: str
    symbol: str
    minute_ms: int
    reason: str


@dataclass(frozen=True)
class DueMinutes:
    """What waits of one pair, by time."""

    venue: str
    symbol: str
    minutes_ms: Sequence[int]


def queue_doubts(doubts: Iterable[Doubt], ids: InstrumentIds, now: datetime) -> None:
    """Queue minutes; one that waits already keeps its first reason. Raises DatabaseError."""
    doubts = list({doubt[:3]: doubt for doubt in doubts}.values())
    ids.ensure({(doubt.venue, doubt.symbol) for doubt in doubts})
    RepairMinute.objects.bulk_create(
        [
            RepairMinute(
                instrument_id=ids.of(doubt.venue, doubt.symbol),
                minute=moment_of(doubt.minute_ms),
                reason=doubt.reason,
                queued_at=now,
                not_before=moment_of(doubt.minute_ms + MINUTE_MS) + SETTLES,
            )
            for doubt in doubts
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )


def queue_incomplete(venue: str, since: datetime, now: datetime, reason: str) -> int:
    """Queue every stored minute of a venue that is not complete: one whose doubt a kill may have lost. How many."""
    instruments = list(TradedInstrument.objects.filter(venue=venue).values_list("id", flat=True))
    rows = MinuteBar.objects.filter(instrument_id__in=instruments, minute__gte=since, complete=False).order_by()
    waiting = [
        RepairMinute(instrument_id=number, minute=minute, reason=reason, queued_at=now, not_before=now)
        for number, minute in rows.values_list("instrument_id", "minute")
    ]
    RepairMinute.objects.bulk_create(waiting, ignore_conflicts=True, batch_size=5000)
    return len(waiting)


def due_minutes(venue: str, now: datetime, most_pairs: int) -> list[DueMinutes]:
    """What may be asked about now, pair by pair, the one with the newest minute first."""
    rows = (
        RepairMinute.objects.filter(instrument__venue=venue, not_before__lte=now)
        .order_by()
        .values_list("instrument__symbol")
        .annotate(newest=Max("minute"), minutes=ArrayAgg("minute", order_by="minute"))
        .order_by("-newest")[:most_pairs]
    )
    return [DueMinutes(venue, symbol, [milliseconds_of(minute) for minute in minutes]) for symbol, _, minutes in rows]


def forget_doubts(instrument: int, minutes_ms: Collection[int]) -> None:
    """These minutes are settled. Called in the transaction that stores their rows."""
    RepairMinute.objects.filter(instrument_id=instrument, minute__in=[moment_of(ms) for ms in minutes_ms]).delete()


def postpone(instrument: int, minutes_ms: Collection[int], now: datetime) -> None:
    """These could not be asked about now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{RepairMinute._meta.db_table}" SET tries = least(tries + 1, 1000),'
            " not_before = %s + least(%s * power(2, least(tries, 10)), %s) * interval '1 second'"
            " WHERE instrument_id = %s AND minute = ANY(%s)",
            [now, _AGAIN_SECONDS, _AGAIN_AT_MOST_SECONDS, instrument, [moment_of(ms) for ms in minutes_ms]],
        )
