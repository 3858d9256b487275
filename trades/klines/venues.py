"""The table of venues: where candles are, what a request gives and costs, and what a venue cannot give.

| venue | candles a request | cost | kept | taker volume |
| Binance spot | 1,000 | 2 of 6,000 a minute, whatever the limit | all | yes |
| Binance USD-M | 499 (1,500 at most) | 2 of 2,400 for 100 to 499, 1 below, 5 to 1,000, 10 above | all | yes |
| OKX | 100 | a request of 20 in 2 s | all | no |
| Bybit | 1,000 | a request of 600 in 5 s | all | no |
| Kraken | 720, always the last ones | a request a second | 720 of each interval | no |
| Bitfinex | 10,000 | a request of 30 a minute | all | no |
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from crypto_ews.conf import Config
from trades.klines.base import KlineQuery, KlineVenue
from trades.klines.shapes import parse_binance, parse_bitfinex, parse_bybit, parse_kraken, parse_okx
from trades.records import MINUTE_MS

_HOUR_MS = 60 * MINUTE_MS
_NAMES = {MINUTE_MS: "1m", 5 * MINUTE_MS: "5m", _HOUR_MS: "1h"}
# OKX keeps the last 1,440 candles apart from the older ones, which come into its history a little late.
_OKX_RECENT = 1_400


def _binance(prefix: str, path: str, query: KlineQuery) -> str:
    fields = {
        "symbol": query.pair.listed_as,
        "interval": _NAMES[query.interval_ms],
        "startTime": query.span.start_ms,
        "endTime": query.span.end_ms - 1,
        "limit": query.count,
    }
    return f"{prefix.rstrip('/')}{path}?{urlencode(fields)}"


def _binance_spot(config: Config, query: KlineQuery) -> str:
    return _binance(config.binance_base_trading_url, "/api/v3/klines", query)


def _binance_usdm(config: Config, query: KlineQuery) -> str:
    return _binance(config.binance_usdm_base_trading_url, "/fapi/v1/klines", query)


def _okx(config: Config, query: KlineQuery) -> str:
    recent = query.now_ms - query.span.start_ms < _OKX_RECENT * query.interval_ms
    fields = {
        "instId": query.pair.listed_as,
        "bar": _NAMES[query.interval_ms].replace("h", "H"),
        # Both are left out themselves: `after` means older, `before` newer.
        "after": query.span.end_ms,
        "before": query.span.start_ms - 1,
        "limit": query.count,
    }
    path = "candles" if recent else "history-candles"
    return f"{config.okx_base_trading_url.rstrip('/')}/api/v5/market/{path}?{urlencode(fields)}"


def _bybit(config: Config, query: KlineQuery) -> str:
    fields = {
        "category": "spot",
        "symbol": query.pair.listed_as,
        "interval": query.interval_ms // MINUTE_MS,
        "start": query.span.start_ms,
        "end": query.span.end_ms - 1,
        "limit": query.count,
    }
    return f"{config.bybit_base_trading_url.rstrip('/')}/v5/market/kline?{urlencode(fields)}"


def _kraken(config: Config, query: KlineQuery) -> str:
    fields = {
        "pair": query.pair.listed_as,
        "interval": query.interval_ms // MINUTE_MS,
        # Left out itself.
        "since": query.span.start_ms // 1000 - 1,
    }
    return f"{config.kraken_base_trading_url.rstrip('/')}/0/public/OHLC?{urlencode(fields)}"


def _bitfinex(config: Config, query: KlineQuery) -> str:
    key = f"trade:{_NAMES[query.interval_ms]}:{query.pair.symbol}"
    fields = {"start": query.span.start_ms, "end": query.span.end_ms - 1, "limit": query.count, "sort": 1}
    prefix = config.bitfinex_base_trading_url.rstrip("/")
    return f"{prefix}/v2/candles/{quote(key, safe=':')}/hist?{urlencode(fields)}"


def _usdm_weight(count: int) -> int:
    return 1 if count < 100 else 2 if count < 500 else 5 if count <= 1000 else 10


KLINE_VENUES: Mapping[str, KlineVenue] = {
    row.venue: row
    for row in (
        KlineVenue(
            "BINANCE",
            _binance_spot,
            parse_binance,
            limit=1000,
            per_minute=6000,
            weight=lambda _count: 2,
            taker=True,
            trades=True,
            source="developers.binance.com, Spot REST, Kline/Candlestick data and Limits",
            as_of="2026-11",
        ),
        KlineVenue(
            "BINANCE_USDM",
            _binance_usdm,
            parse_binance,
            # The cheapest weight a candle.
            limit=499,
            per_minute=2400,
            weight=_usdm_weight,
            taker=True,
            trades=True,
            for_all=frozenset({1, 2, 3}),
            source="developers.binance.com, USDⓈ-M Futures, Kline/Candlestick Data",
            as_of="2026-11",
            notes={4: "for the watched pairs alone: for 400 pairs it costs 64,800 weight, 108 minutes"},
        ),
        KlineVenue(
            "OKX",
            _okx,
            parse_okx,
            limit=100,
            per_minute=600,
            for_all=frozenset({1, 2}),
            source="www.okx.com/docs-v5/en, Get candlesticks and Get candlesticks history",
            as_of="2026-11",
            notes=dict.fromkeys((3, 4), "for the watched pairs alone: 100 candles a request"),
        ),
        KlineVenue(
            "BYBIT",
            _bybit,
            parse_bybit,
            limit=1000,
            per_minute=7200,
            source="bybit-exchange.github.io/docs/v5/market/kline and …/rate-limit",
            as_of="2026-11",
        ),
        KlineVenue(
            "KRAKEN",
            _kraken,
            parse_kraken,
            limit=720,
            per_minute=60,
            newest=720,
            trades=True,
            rounds_quote=True,
            source="docs.kraken.com, Get OHLC Data and the guide Historical data",
            as_of="2026-11",
        ),
        KlineVenue(
            "BITFINEX",
            _bitfinex,
            parse_bitfinex,
            limit=10_000,
            per_minute=30,
            leaves_out_empty=True,
            source="docs.bitfinex.com/reference/rest-public-candles",
            as_of="2026-11",
        ),
    )
}
"""By venue, as in tickers."""
