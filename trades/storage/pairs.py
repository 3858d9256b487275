"""The instruments whose bars are stored: their numbers, their names, and which of them the desk watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crypto_ews.conf import Config
from markets.instruments import load_knowledge
from markets.watch_store import effective_watch_lists
from streams.feeds import FEEDS
from trades.models import TradedInstrument


@dataclass(frozen=True)
class StoredPair:
    """number: of its rows. symbol: as in the venue's stream. ticker: VENUE:SYMBOL as in events. desk: it is watched."""

    number: int
    venue: str
    symbol: str
    ticker: str
    token: str
    quote: str
    desk: bool


def stored_pairs(config: Config, now: datetime) -> dict[str, list[StoredPair]]:
    """By venue, the live instruments of the venue's list that have a number; by symbol."""
    numbers: dict[str, dict[str, int]] = {}
    for venue, symbol, number in TradedInstrument.objects.values_list("venue", "symbol", "id"):
        numbers.setdefault(venue, {})[symbol] = number
    knowledge = load_knowledge(numbers, now)
    watch = effective_watch_lists(config, now)
    found: dict[str, list[StoredPair]] = {}
    for feed in FEEDS.values():
        known = numbers.get(feed.venue, {})
        rows = knowledge.by_venue.get(feed.venue, {}).values() if known else ()
        pairs = {
            symbol: StoredPair(
                known[symbol],
                feed.venue,
                symbol,
                f"{feed.venue}:{row.symbol}",
                row.token,
                row.quote,
                watch.pair(row.token, row.quote, feed.venue),
            )
            for row in rows
            if row.live and (symbol := feed.symbol_for(row.base, row.quote, row.symbol)) in known
        }
        if pairs:
            found[feed.venue] = [pairs[symbol] for symbol in sorted(pairs)]
    return found
