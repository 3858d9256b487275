"""What the backfill has fetched, read from and written to its table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC

from django.db.models import Min

from trades.klines.base import Span
from trades.models import BackfilledSpan, HourBar
from trades.storage.tables import milliseconds_of, moment_of


@dataclass(frozen=True)
class Fetched:
    """span: without a hole. begins: the venue has nothing before it."""

    span: Span
    begins: bool = False


def fetched_spans(number: int, instruments: Collection[int]) -> Mapping[int, Fetched]:
    """Instrument → what a pass has of it."""
    rows = BackfilledSpan.objects.filter(number=number, instrument_id__in=instruments)
    return {
        row.instrument_id: Fetched(Span(milliseconds_of(row.start), milliseconds_of(row.end)), row.begins)
        for row in rows
    }


def store_span(number: int, instrument: int, fetched: Fetched) -> None:
    """Called in the transaction that stores the rows."""
    BackfilledSpan.objects.update_or_create(
        instrument_id=instrument,
        number=number,
        defaults={
            "start": moment_of(fetched.span.start_ms),
            "end": moment_of(fetched.span.end_ms),
            "begins": fetched.begins,
        },
    )


def first_hours(instruments: Collection[int]) -> Mapping[int, int]:
    """Instrument → the start of its first known hour, in milliseconds: before it was not listed, or nobody knows."""
    rows = HourBar.objects.filter(instrument_id__in=instruments).values_list("instrument_id").annotate(Min("open_at"))
    return {instrument: milliseconds_of(first.astimezone(UTC)) for instrument, first in rows.order_by()}
