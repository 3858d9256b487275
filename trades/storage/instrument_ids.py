"""The number of each instrument in the large tables."""

from __future__ import annotations

from collections.abc import Collection
from threading import Lock

from django.db.models import Q

from trades.models import TradedInstrument

Name = tuple[str, str]
"""Venue and symbol, as in the venue's stream."""


class InstrumentIds:
    """Reads and gives out numbers; may be shared between threads. A number never changes."""

    def __init__(self) -> None:
        self._ids: dict[Name, int] = {}
        self._lock = Lock()

    def ensure(self, names: Collection[Name]) -> None:
        """Give a number to each that has none. Raises DatabaseError."""
        missing = {name for name in names if name not in self._ids}
        if not missing:
            return
        listed = Q(venue__in={venue for venue, _ in missing})
        found = {(row.venue, row.symbol): row.id for row in TradedInstrument.objects.filter(listed)}
        if fresh := sorted(missing - found.keys()):
            # Another process may be as far.
            TradedInstrument.objects.bulk_create(
                [TradedInstrument(venue=venue, symbol=symbol) for venue, symbol in fresh], ignore_conflicts=True
            )
            found = {(row.venue, row.symbol): row.id for row in TradedInstrument.objects.filter(listed)}
        with self._lock:
            self._ids.update(found)

    def of(self, venue: str, symbol: str) -> int:
        """Raises KeyError for one that `ensure` was not given."""
        return self._ids[venue, symbol]
