"""Feeds that carry exact trades alone: one module per exchange, behind `streams.feeds.trades.base.ExactTradeFeed`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from streams.feeds import FEEDS
from streams.feeds.base import Feed, UnsupportedFeed
from streams.feeds.trades.base import ExactTradeFeed
from streams.feeds.trades.binance import BinanceTrades
from streams.feeds.trades.bitfinex import BitfinexTrades
from streams.feeds.trades.bybit import BybitTrades
from streams.feeds.trades.kraken import KrakenTrades
from streams.feeds.trades.okx import OkxTrades

_BY_EXCHANGE: Mapping[str, Callable[[Feed], ExactTradeFeed]] = {
    "binance": BinanceTrades,
    "okx": OkxTrades,
    "bybit": BybitTrades,
    "kraken": KrakenTrades,
    "bitfinex": BitfinexTrades,
}
# Its sizes are contracts, and its candles say so; nobody has asked for them.
_LEFT_OUT = {("binance", "coinm")}

TRADE_FEEDS: Mapping[tuple[str, str], ExactTradeFeed] = {
    key: _BY_EXCHANGE[key[0]](books) for key, books in FEEDS.items() if key not in _LEFT_OUT
}


def trade_feed_for(exchange: str, market: str) -> ExactTradeFeed:
    """Raises UnsupportedFeed, in one line that names the supported ones."""
    feed = TRADE_FEEDS.get((exchange.lower(), market.lower()))
    if feed is None:
        supported = ", ".join(f"{name} {kind}" for name, kind in TRADE_FEEDS)
        raise UnsupportedFeed(f"there is no feed of trades for {exchange} {market}; supported: {supported}")
    return feed
