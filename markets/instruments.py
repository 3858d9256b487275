"""Keeping the table of instruments, and reading it as knowledge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from markets.knowledge import GONE, InstrumentRow, MarketKnowledge
from markets.models import Instrument


def load_knowledge(venues: Iterable[str] | None = None) -> MarketKnowledge:
    """What the instruments table says now."""
    query = Instrument.objects.all() if venues is None else Instrument.objects.filter(venue__in=list(venues))
    by_venue: dict[str, dict[str, InstrumentRow]] = {}
    names = (
        "venue", "symbol", "base", "quote", "token", "status", "live", "multiplier", "contract_type", "ends_at",
        "since", "first_seen_at",
    )  # fmt: skip
    for values in query.values_list(*names).iterator(chunk_size=5000):
        *_, since, first_seen_at = values
        row = InstrumentRow(*values[:-2])
        # What stood still when it was first seen may have done so for years.
        if not row.live and since > first_seen_at:
            row = replace(row, stopped_at=since)
        by_venue.setdefault(row.venue, {})[row.symbol] = row
    return MarketKnowledge(by_venue)


def store_instruments(venue: str, rows: Iterable[InstrumentRow], now: datetime) -> int:
    """Make the table say what a venue lists now; the number of rows that changed.

    An instrument that is not listed any more is kept as GONE, since events and symbols' history refer to it.
    """
    listed = {row.symbol: row for row in rows}
    changed, fresh = [], []
    with transaction.atomic():
        known = {row.symbol: row for row in Instrument.objects.select_for_update().filter(venue=venue)}
        for symbol, row in listed.items():
            instrument = known.get(symbol)
            if instrument is None:
                instrument = Instrument(venue=venue, symbol=symbol, since=now, first_seen_at=now, last_seen_at=now)
                _fill(instrument, row)
                fresh.append(instrument)
            elif _differs(instrument, row):
                if instrument.status != row.status:
                    instrument.since = now
                instrument.last_seen_at = now
                _fill(instrument, row)
                changed.append(instrument)
        for symbol, instrument in known.items():
            if symbol not in listed and instrument.status != GONE:
                instrument.status, instrument.live, instrument.since = GONE, False, now
                changed.append(instrument)
        Instrument.objects.bulk_create(fresh, batch_size=1000)
        Instrument.objects.bulk_update(
            changed,
            ["base", "quote", "token", "multiplier", "contract_type", "status", "live", "ends_at", "since",
             "last_seen_at"],
            batch_size=500,
        )  # fmt: skip
    return len(fresh) + len(changed)


def _content(row: InstrumentRow | Instrument) -> tuple[object, ...]:
    return (row.base, row.quote, row.token, row.multiplier, row.contract_type, row.status, row.live, row.ends_at)


def _differs(instrument: Instrument, row: InstrumentRow) -> bool:
    return _content(instrument) != _content(row)


def _fill(instrument: Instrument, row: InstrumentRow) -> None:
    instrument.base, instrument.quote, instrument.token = row.base, row.quote, row.token
    instrument.multiplier, instrument.contract_type = row.multiplier, row.contract_type
    instrument.status, instrument.live, instrument.ends_at = row.status, row.live, row.ends_at
