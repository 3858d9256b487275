"""The pairs of a venue: those that are ranked, those whose trades are counted, and the desk's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crypto_ews.conf import Config
from markets.instruments import load_knowledge
from markets.knowledge import InstrumentRow
from markets.watch import WatchLists
from markets.watch_store import effective_watch_lists
from streams.feeds.base import Feed
from trades.klines.base import TradedPair


def counted(rows: Iterable[InstrumentRow], watch: WatchLists, feed: Feed, all_tracked: bool) -> list[TradedPair]:
    """Every live pair of a quote that counts, by symbol. Dated contracts are left out: they have no 28 days.

    tracked: the watched ones, or with `all_tracked` every one.
    """
    found = {}
    for row in rows:
        if row.live and row.ends_at is None and watch.counts(row.quote, row.venue):
            watched = watch.pair(row.token, row.quote, row.venue)
            symbol = feed.symbol_for(row.base, row.quote, row.symbol)
            found[symbol] = TradedPair(
                row.venue, symbol, row.symbol, row.token, row.quote, watched=watched, tracked=watched or all_tracked
            )
    return [found[symbol] for symbol in sorted(found)]


def traded_pairs(config: Config, feed: Feed, now: datetime) -> list[TradedPair]:
    """By the instruments table and the watch lists at `now`."""
    rows = load_knowledge([feed.venue], now).by_venue.get(feed.venue, {}).values()
    return counted(rows, effective_watch_lists(config, now), feed, config.trade_pairs == "all")
