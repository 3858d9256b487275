"""What the live page starts with: which pairs there are, and what is stored of one of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from crypto_ews.conf import Config
from orderbooks.live.hub import LiveItem
from orderbooks.models import BookMinute, StreamStatus, WhaleOrder
from orderbooks.models.books import band_name
from orderbooks.records import BANDS_PERCENT, Band, MinuteRow, ScoredOrder
from orderbooks.watched import watched_symbols
from streams.feeds import FEEDS

_ORDERS_BACK, _MINUTES_BACK = timedelta(hours=1), timedelta(hours=2)
_MOST_ORDERS = 2000
# Collectors report every few seconds.
_REPORTED_WITHIN = timedelta(seconds=30)


def known_pairs(config: Config, now: datetime) -> dict[str, list[str]]:
    """venue → the symbols that its streams carry, by the instruments and watch lists of now, in the order of names."""
    feeds = [feed for feed in FEEDS.values() if feed.venue in config.orderbook_venues]
    found = {feed.venue: sorted(watched_symbols(config, feed, now)) for feed in feeds}
    return {venue: symbols for venue, symbols in found.items() if symbols}


def is_collected(venue: str, now: datetime) -> bool:
    """Whether some process keeps this venue's books."""
    return StreamStatus.objects.filter(venue=venue, at__gt=now - _REPORTED_WITHIN).exists()


def history(venue: str, symbol: str, now: datetime) -> list[LiveItem]:
    """The whale orders of the last hour and the minutes of the last two, oldest first, as they were published."""
    orders = WhaleOrder.objects.filter(venue=venue, symbol=symbol, at__gt=now - _ORDERS_BACK).order_by("-at")
    minutes = BookMinute.objects.filter(venue=venue, symbol=symbol, minute__gt=now - _MINUTES_BACK).order_by("minute")
    return [*reversed(list(map(_as_order, orders[:_MOST_ORDERS]))), *map(_as_minute, minutes)]


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _as_order(row: WhaleOrder) -> ScoredOrder:
    return ScoredOrder(
        venue=row.venue,
        symbol=row.symbol,
        bid=row.is_bid,
        price=row.price,
        size=row.size,
        level_size=row.level_size,
        mid=row.mid,
        distance=row.distance,
        sigmas=row.sigmas,
        score=row.score,
        exchange_ms=round(row.at.timestamp() * 1000),
        received_ns=(_ms(row.received_at) or 0) * 1_000_000,
    )


def _as_minute(row: BookMinute) -> MinuteRow:
    return MinuteRow(
        venue=row.venue,
        symbol=row.symbol,
        minute_ms=round(row.minute.timestamp() * 1000),
        partial=row.partial,
        mid=row.mid,
        best_bid=row.best_bid,
        best_bid_size=row.best_bid_size,
        best_ask=row.best_ask,
        best_ask_size=row.best_ask_size,
        micro_price=row.micro_price,
        bands=tuple(_bands(row)),
        bid_levels=row.bid_levels or 0,
        ask_levels=row.ask_levels or 0,
        order_flow_imbalance=row.order_flow_imbalance,
        updates=row.updates,
        trades=row.trades,
        buy_volume=row.buy_volume,
        sell_volume=row.sell_volume,
        last_update_ms=_ms(row.last_update_at),
    )


def _bands(row: BookMinute) -> Iterable[Band]:
    for percent in BANDS_PERCENT:
        name = band_name(percent)
        values = [getattr(row, f"{side}_{what}_{name}") for what in ("depth", "coverage") for side in ("bid", "ask")]
        if None not in values:
            yield Band(percent, *values)
