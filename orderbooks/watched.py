"""The symbols of a venue's streams: the live instruments of watched pairs, by the names that the stream uses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crypto_ews.conf import Config
from markets.instruments import load_knowledge
from markets.knowledge import InstrumentRow
from markets.watch import WatchLists
from markets.watch_store import effective_watch_lists
from streams.feeds.base import Feed


def streamed(rows: Iterable[InstrumentRow], watch: WatchLists, feed: Feed) -> dict[str, InstrumentRow]:
    """The stream's symbol → its instrument, for every live instrument of a watched pair.

    Dated contracts are left out: their books were never requested.
    """
    return {
        feed.symbol_for(row.base, row.quote, row.symbol): row
        for row in rows
        if row.live and row.ends_at is None and watch.pair(row.token, row.quote, row.venue)
    }


def watched_symbols(config: Config, feed: Feed, now: datetime) -> dict[str, InstrumentRow]:
    """The stream's symbol → its instrument, by the instruments table and the watch lists at `now`."""
    knowledge = load_knowledge([feed.venue], now)
    watch = effective_watch_lists(config, now)
    return streamed(knowledge.by_venue.get(feed.venue, {}).values(), watch, feed)
