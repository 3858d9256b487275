"""Best bid and ask of the exchanges: all that later sources may see of `exchanges`."""

from exchanges.quotes.best import (
    ALL_SOURCES,
    DOLLAR_COINS,
    SPOT_SOURCES,
    BestQuotes,
    Get,
    Instruments,
    Quote,
    QuoteSnapshot,
    SharedQuotes,
    best_quotes,
    content_rules,
    read_through,
    usd_prices,
)

__all__ = [
    "ALL_SOURCES",
    "DOLLAR_COINS",
    "SPOT_SOURCES",
    "BestQuotes",
    "Get",
    "Instruments",
    "Quote",
    "QuoteSnapshot",
    "SharedQuotes",
    "best_quotes",
    "content_rules",
    "read_through",
    "usd_prices",
]
