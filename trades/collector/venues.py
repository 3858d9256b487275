"""The venues whose trades are counted: their feeds of trades, and the names of their health."""

from __future__ import annotations

from collections.abc import Collection

from crypto_ews.conf import Config
from streams.feeds.trades import TRADE_FEEDS
from streams.feeds.trades.base import ExactTradeFeed

USER_AGENT = "crypto-ews/0.1 (trades)"
_BY_VENUE = {feed.venue: feed for feed in TRADE_FEEDS.values()}


def feed_of(venue: str) -> ExactTradeFeed:
    """Raises KeyError for a venue that TRADE_VENUES cannot have."""
    return _BY_VENUE[venue]


def chosen_venues(config: Config, venues: Collection[str] = ()) -> list[str]:
    """TRADE_VENUES, or the named ones among them. Raises ValueError with the venues there are."""
    named = [venue.upper() for venue in venues]
    if unknown := [venue for venue in named if venue not in config.trade_venues]:
        raise ValueError(f"unknown venue(s) {', '.join(unknown)}; TRADE_VENUES has {', '.join(config.trade_venues)}")
    return named or list(config.trade_venues)


def source_of(venue: str) -> str:
    """The name of its health."""
    return f"trades.{venue.lower()}"
