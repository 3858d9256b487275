"""The instrument lists at 23:59:18: what the benchmark of this day is about.

The lists themselves are read all day by their sources; here is noted what they show, and what of the desk is not
counted.
"""

from __future__ import annotations

from datetime import datetime

from crypto_ews.conf import Config
from streams.feeds import FEEDS
from trades.daily.pairs import stored_pairs
from trades.pairs import traded_pairs

_MOST_NAMED = 5


def note_instruments(config: Config, now: datetime) -> str:
    """ "BINANCE 400 pairs, 20 watched; not counted yet: NEWUSDT". Raises DatabaseError."""
    stored = stored_pairs(config, now)
    notes = []
    for feed in FEEDS.values():
        if feed.venue not in config.trade_venues:
            continue
        pairs = traded_pairs(config, feed, now)
        known = {pair.symbol for pair in stored.get(feed.venue, ())}
        missing = [pair.symbol for pair in pairs if pair.desk and pair.symbol not in known]
        if pairs:
            note = f"{feed.venue} {len(pairs)} pairs, {sum(pair.desk for pair in pairs)} watched"
            if missing:
                more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
                note += f", not counted yet: {', '.join(missing[:_MOST_NAMED])}{more}"
            notes.append(note)
    return "; ".join(notes) or "no instrument is listed"
