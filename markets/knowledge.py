"""Instruments as plain data for detection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from markets.identity import Identity

GONE = "GONE"  # our status for an instrument that its exchange no longer lists


def is_dated_type(contract_type: str) -> bool:
    """Whether contracts of a type end on a day that they have from the beginning, such as a quarterly future.

    Binance writes PERPETUAL, TRADIFI_PERPETUAL, CURRENT_QUARTER …; OKX SWAP and FUTURES; spot has no type.
    """
    return bool(contract_type) and "PERPETUAL" not in contract_type and contract_type != "SWAP"


@dataclass(frozen=True)
class InstrumentRow:
    """One instrument as its exchange lists it. `token` is the base asset without multiplier.

    settle: the asset that a contract is settled in, as the exchange writes it; empty on spot. aliases: other names that
    the exchange itself has for it. stopped_at: when this system saw it stop trading.
    """

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
    settle: str = ""
    aliases: tuple[str, ...] = ()
    stopped_at: datetime | None = None

    def __post_init__(self) -> None:
        # The database returns a list; rows are compared, and a list would make every row differ.
        if isinstance(self.aliases, list):
            object.__setattr__(self, "aliases", tuple(self.aliases))


@dataclass(frozen=True)
class MarketKnowledge:
    """The instruments of every venue as detection sees them; data, not a database.

    identity, at: which asset a name means, and as of when; the rows' tokens are the assets at that time. Without `at`
    names are taken as they are.
    """

    by_venue: Mapping[str, Mapping[str, InstrumentRow]] = field(default_factory=dict)
    identity: Identity = field(default_factory=Identity)
    at: datetime | None = None

    def knows(self, venue: str) -> bool:
        return bool(self.by_venue.get(venue))

    def find(self, venue: str, symbol: str) -> InstrumentRow | None:
        return self.by_venue.get(venue, {}).get(symbol)

    @cached_property
    def _by_token(self) -> Mapping[tuple[str, str], Sequence[InstrumentRow]]:
        """(venue, token) → its instruments, sorted by symbol. Built once: lists have thousands of rows."""
        found: dict[tuple[str, str], list[InstrumentRow]] = {}
        for venue, rows in self.by_venue.items():
            for _, row in sorted(rows.items()):
                found.setdefault((venue, row.token), []).append(row)
        return found

    def halted(self, token: str, venue: str, since: datetime) -> tuple[InstrumentRow, ...]:
        """Instruments of a token that stopped at `since` or later and are still listed: they may resume."""
        return tuple(
            row
            for row in self._by_token.get((venue, self.asset(token, venue)), ())
            if row.status != GONE and row.stopped_at is not None and row.stopped_at >= since
        )

    def asset(self, name: str, venue: str = "", at: datetime | None = None) -> str:
        """The asset that a name means on a venue, at `at` or as of this knowledge; an unknown name stays as it is."""
        moment = at or self.at
        return self.identity.asset(venue, name, moment) if moment else name

    def live(self, token: str, venue: str = "") -> tuple[InstrumentRow, ...]:
        """The live instruments of a token, on one venue or on all, sorted by venue and symbol."""
        asset = self.asset(token, venue)
        venues = [venue] if venue else sorted(self.by_venue)
        return tuple(row for name in venues for row in self._by_token.get((name, asset), ()) if row.live)
