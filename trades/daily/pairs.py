"""The pairs whose bars are stored, with the numbers of their rows and their names in events.

What is noted of them at 23:59:18: the instrument lists themselves are read all day by their sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crypto_ews.conf import Config
from streams.feeds import FEEDS
from trades.models import TradedInstrument
from trades.pairs import traded_pairs

_MOST_NAMED = 5


@dataclass(frozen=True)
class StoredPair:
    """number: of its rows. symbol: as in the venue's stream. ticker: VENUE:SYMBOL as in events. watched: by the
    watch lists. tracked: its minutes are counted; the others are only ranked."""

    number: int
    venue: str
    symbol: str
    ticker: str
    token: str
    quote: str
    watched: bool
    tracked: bool = True


def stored_pairs(config: Config, now: datetime) -> dict[str, list[StoredPair]]:
    """By venue of TRADE_VENUES, its live pairs that have a number, by symbol. Raises DatabaseError."""
    ids = {(row.venue, row.symbol): row.id for row in TradedInstrument.objects.all()}
    venues = {venue for venue, _ in ids}
    found = {}
    for feed in FEEDS.values():
        if feed.venue not in config.trade_venues or feed.venue not in venues:
            continue
        pairs = [
            StoredPair(
                ids[pair.venue, pair.symbol],
                pair.venue,
                pair.symbol,
                f"{pair.venue}:{pair.listed_as}",
                pair.token,
                pair.quote,
                pair.watched,
                pair.tracked,
            )
            for pair in traded_pairs(config, feed, now)
            if (pair.venue, pair.symbol) in ids
        ]
        if pairs:
            found[feed.venue] = pairs
    return found


def note_instruments(config: Config, now: datetime) -> str:
    """ "BINANCE 400 pairs, 20 watched; not counted yet: NEWUSDT". Raises DatabaseError."""
    stored = stored_pairs(config, now)
    notes = []
    for feed in FEEDS.values():
        if feed.venue not in config.trade_venues:
            continue
        pairs = traded_pairs(config, feed, now)
        known = {pair.symbol for pair in stored.get(feed.venue, ())}
        missing = [pair.symbol for pair in pairs if pair.watched and pair.symbol not in known]
        if pairs:
            note = f"{feed.venue} {len(pairs)} pairs, {sum(pair.watched for pair in pairs)} watched"
            if missing:
                more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
                note += f", not counted yet: {', '.join(missing[:_MOST_NAMED])}{more}"
            notes.append(note)
    return "; ".join(notes) or "no instrument is listed"
