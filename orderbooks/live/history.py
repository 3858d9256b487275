"""What the live page starts with: the pairs that can be chosen, and the stored rows of one of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from crypto_ews.conf import Config
from orderbooks.fields import MINUTE_NAMES, WHALE_VALUES, minute_row, scored_order
from orderbooks.live.hub import LiveItem
from orderbooks.models import BookMinute, StreamStatus, WhaleOrder
from orderbooks.models.streams import REPORTED_WITHIN
from orderbooks.watched import watched_symbols
from streams.feeds import FEEDS

_ORDERS_BACK, _MINUTES_BACK = timedelta(hours=1), timedelta(hours=2)
_MOST_ORDERS = 2000


def known_pairs(config: Config, now: datetime) -> dict[str, list[str]]:
    """venue → the symbols that its streams carry, by today's instruments and watch lists, in the order of names."""
    feeds = [feed for feed in FEEDS.values() if feed.venue in config.orderbook_venues]
    found = {feed.venue: sorted(watched_symbols(config, feed, now)) for feed in feeds}
    return {venue: symbols for venue, symbols in found.items() if symbols}


def is_collected(venue: str, now: datetime) -> bool:
    """Whether some process collects this venue's books now."""
    return StreamStatus.objects.filter(venue=venue, at__gt=now - REPORTED_WITHIN).exists()


def history(venue: str, symbol: str, now: datetime) -> list[LiveItem]:
    """The whale orders of the last hour and the minutes of the last two, oldest first, as they were published."""
    orders = WhaleOrder.objects.filter(venue=venue, symbol=symbol, at__gt=now - _ORDERS_BACK).order_by("-at")
    minutes = BookMinute.objects.filter(venue=venue, symbol=symbol, minute__gt=now - _MINUTES_BACK).order_by("minute")
    newest = list(map(scored_order, orders.values(*WHALE_VALUES)[:_MOST_ORDERS]))
    return [*reversed(newest), *map(minute_row, minutes.values(*MINUTE_NAMES))]
