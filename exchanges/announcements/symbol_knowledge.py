"""A symbol splitter that knows the instruments of every venue."""

from __future__ import annotations

from exchanges.venues import exchange_and_market
from markets.knowledge import MarketKnowledge
from markets.symbols import SymbolSplitter
from markets.versions import VersionedCache

_last: VersionedCache[SymbolSplitter] = VersionedCache()


def splitter_for(knowledge: MarketKnowledge) -> SymbolSplitter:
    """Splits by what is listed, else by the shipped quote assets. Built once per state of the lists."""
    return _last.of("splitter", knowledge.by_venue, lambda: _build(knowledge))


def _build(knowledge: MarketKnowledge) -> SymbolSplitter:
    places = {venue: exchange_and_market(venue) for venue in knowledge.by_venue}
    return SymbolSplitter(
        frozenset(
            (*places[venue], row.symbol, row.base, row.quote)
            for venue, rows in knowledge.by_venue.items()
            for row in rows.values()
        )
    )
