"""Stored minutes as records."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from trades.models import MinuteBar, TradedInstrument
from trades.records import MinuteSource, TradeMinute
from trades.storage.tables import MINUTE_NAMES, milliseconds_of, moment_of


def minute_record(venue: str, symbol: str, values: Mapping[str, Any]) -> TradeMinute:
    """The row that was stored as these columns."""
    shared = {name: values[name] for name in TradeMinute._fields if name in values}
    shared["source"] = MinuteSource(values["source"])
    return TradeMinute(venue=venue, symbol=symbol, minute_ms=milliseconds_of(values["minute"]), **shared)


def minutes_of(venue: str, symbol: str, number: int, minutes_ms: Collection[int]) -> dict[int, TradeMinute]:
    """The stored rows of these minutes, by their start."""
    rows = MinuteBar.objects.filter(instrument_id=number, minute__in=[moment_of(ms) for ms in minutes_ms]).order_by()
    found = (minute_record(venue, symbol, values) for values in rows.values(*MINUTE_NAMES))
    return {row.minute_ms: row for row in found}


def stored_minutes(venue: str, start: datetime, end: datetime) -> Iterator[TradeMinute]:
    """All rows of a venue from `start` to `end` (not included), pair by pair in order of time."""
    symbols = dict(TradedInstrument.objects.filter(venue=venue).values_list("id", "symbol"))
    rows = MinuteBar.objects.filter(instrument_id__in=list(symbols), minute__gte=start, minute__lt=end)
    for values in rows.order_by("instrument_id", "minute").values(*MINUTE_NAMES).iterator(chunk_size=5000):
        yield minute_record(venue, symbols[values["instrument_id"]], values)


def last_minutes(venue: str, since: datetime) -> Mapping[str, TradeMinute]:
    """Symbol → its last stored minute, not older than `since`."""
    symbols = dict(TradedInstrument.objects.filter(venue=venue).values_list("id", "symbol"))
    rows = (
        MinuteBar.objects.filter(instrument_id__in=list(symbols), minute__gte=since)
        .order_by("instrument_id", "-minute")
        .distinct("instrument_id")
    )
    return {
        symbols[values["instrument_id"]]: minute_record(venue, symbols[values["instrument_id"]], values)
        for values in rows.values(*MINUTE_NAMES)
    }
