"""The pairs whose bars are stored, with the numbers of their rows and their names in events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crypto_ews.conf import Config
from streams.feeds import FEEDS
from trades.models import TradedInstrument
from trades.pairs import traded_pairs


@dataclass(frozen=True)
class StoredPair:
    """number: of its rows. symbol: as in the venue's stream. ticker: VENUE:SYMBOL as in events. desk: it is watched.
    tracked: its minutes are counted; the others are only ranked."""

    number: int
    venue: str
    symbol: str
    ticker: str
    token: str
    quote: str
    desk: bool
    tracked: bool = True


def stored_pairs(config: Config, now: datetime) -> dict[str, list[StoredPair]]:
    """By venue of TRADE_VENUES, its live pairs that have a number, by symbol. Raises DatabaseError."""
    numbers = {(row.venue, row.symbol): row.id for row in TradedInstrument.objects.all()}
    venues = {venue for venue, _ in numbers}
    found = {}
    for feed in FEEDS.values():
        if feed.venue not in config.trade_venues or feed.venue not in venues:
            continue
        pairs = [
            StoredPair(
                numbers[pair.venue, pair.symbol],
                pair.venue,
                pair.symbol,
                f"{pair.venue}:{pair.listed_as}",
                pair.token,
                pair.quote,
                pair.desk,
                pair.tracked,
            )
            for pair in traded_pairs(config, feed, now)
            if (pair.venue, pair.symbol) in numbers
        ]
        if pairs:
            found[feed.venue] = pairs
    return found
