"""One module per exchange, behind `streams.feeds.base.Feed`."""

from __future__ import annotations

from streams.feeds.base import Feed, FeedTable, UnsupportedFeed
from streams.feeds.binance import BinanceCoinm, BinanceSpot, BinanceUsdm
from streams.feeds.bitfinex import BitfinexSpot
from streams.feeds.bybit import BybitInverse, BybitLinear, BybitSpot
from streams.feeds.kraken import KrakenSpot
from streams.feeds.okx import OkxInverseSwaps, OkxLinearSwaps, OkxSpot

FEEDS: FeedTable = {
    (feed.exchange, feed.market): feed
    for feed in (
        BinanceSpot(),
        BinanceUsdm(),
        BinanceCoinm(),
        OkxSpot(),
        OkxLinearSwaps(),
        OkxInverseSwaps(),
        BitfinexSpot(),
        BybitSpot(),
        BybitLinear(),
        BybitInverse(),
        KrakenSpot(),
    )
}


def feed_for(exchange: str, market: str) -> Feed:
    """Raises UnsupportedFeed, in one line that names the supported ones."""
    feed = FEEDS.get((exchange.lower(), market.lower()))
    if feed is None:
        supported = ", ".join(f"{name} {kind}" for name, kind in FEEDS)
        raise UnsupportedFeed(f"there is no order-book feed for {exchange} {market}; supported: {supported}")
    return feed
