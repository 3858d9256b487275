"""What is known of instruments, as plain data that detection can be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

GONE = "GONE"  # our word for an instrument that its exchange no longer lists


@dataclass(frozen=True)
class InstrumentRow:
    """One instrument as its exchange lists it. `token` is the base asset without multiplier."""

    venue: str
    symbol: str
    base: str
    quote: str
    token: str
    status: str
    live: bool
    multiplier: Decimal = Decimal(1)
    contract_type: str = ""
    ends_at: datetime | None = None


@dataclass(frozen=True)
class MarketKnowledge:
    """The instruments of every venue as detection sees them; data, not a database."""

    by_venue: Mapping[str, Mapping[str, InstrumentRow]] = field(default_factory=dict)

    def knows(self, venue: str) -> bool:
        return bool(self.by_venue.get(venue))

    def find(self, venue: str, symbol: str) -> InstrumentRow | None:
        return self.by_venue.get(venue, {}).get(symbol)

    def live(self, token: str, venue: str = "") -> tuple[InstrumentRow, ...]:
        """The live instruments of a token, on one venue or on all, sorted by venue and symbol."""
        venues = [venue] if venue else sorted(self.by_venue)
        return tuple(
            row
            for name in venues
            for _, row in sorted(self.by_venue.get(name, {}).items())
            if row.live and row.token == token
        )
