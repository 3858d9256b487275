"""A symbol splitter that knows the instruments of every venue."""

from __future__ import annotations

from functools import lru_cache

from exchanges.venues import exchange_and_market
from markets.knowledge import MarketKnowledge
from markets.symbols import SymbolSplitter


@lru_cache(maxsize=2)
def _build(rows: frozenset[tuple[str, str, str, str, str]]) -> SymbolSplitter:
    return SymbolSplitter(rows)


def splitter_for(knowledge: MarketKnowledge) -> SymbolSplitter:
    """Splits by what is listed, else by the shipped quote assets. Built once per state of the lists."""
    return _build(
        frozenset(
            (*exchange_and_market(venue), row.symbol, row.base, row.quote)
            for venue, rows in knowledge.by_venue.items()
            for row in rows.values()
        )
    )
