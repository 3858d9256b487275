"""The variables of the live order books."""

from __future__ import annotations

from dataclasses import dataclass

from crypto_ews.conf import values
from crypto_ews.conf.variable import declared

ORDER_BOOKS = "Order books"
STREAM_VENUES = "BINANCE BINANCE_USDM BINANCE_COINM OKX OKX_USDM OKX_COINM BITFINEX BYBIT BYBIT_USDM BYBIT_COINM KRAKEN"


@dataclass(frozen=True)
class OrderBookVariables:
    """Streams, snapshots, scores; what is stored of them, and what becomes an event."""

    binance_stream_url: str = declared(
        "BINANCE_STREAM_URL",
        "wss://data-stream.binance.vision/stream",
        values.websocket_url,
        "whole URL: Binance's spot streams; depth and trades are subscribed to on the connection",
        ORDER_BOOKS,
    )
    binance_depth_url: str = declared(
        "BINANCE_DEPTH_URL",
        "https://data-api.binance.vision/api/v3/depth",
        values.http_url,
        "whole URL: a snapshot of one spot book; ?symbol=…&limit=… is appended",
        ORDER_BOOKS,
    )
    binance_usdm_stream_url: str = declared(
        "BINANCE_USDM_STREAM_URL",
        "wss://fstream.binance.com/public/stream",
        values.websocket_url,
        "whole URL: Binance's USD-M depth streams",
        ORDER_BOOKS,
    )
    binance_usdm_trade_stream_url: str = declared(
        "BINANCE_USDM_TRADE_STREAM_URL",
        "wss://fstream.binance.com/market/stream",
        values.websocket_url,
        "whole URL: Binance's USD-M trades, which have a connection of their own",
        ORDER_BOOKS,
    )
    binance_usdm_depth_url: str = declared(
        "BINANCE_USDM_DEPTH_URL",
        "https://fapi.binance.com/fapi/v1/depth",
        values.http_url,
        "whole URL: a snapshot of one USD-M book; ?symbol=…&limit=… is appended",
        ORDER_BOOKS,
    )
    binance_coinm_stream_url: str = declared(
        "BINANCE_COINM_STREAM_URL",
        "wss://dstream.binance.com/stream",
        values.websocket_url,
        "whole URL: Binance's COIN-M streams",
        ORDER_BOOKS,
    )
    binance_coinm_depth_url: str = declared(
        "BINANCE_COINM_DEPTH_URL",
        "https://dapi.binance.com/dapi/v1/depth",
        values.http_url,
        "whole URL: a snapshot of one COIN-M book; ?symbol=…&limit=… is appended",
        ORDER_BOOKS,
    )
    okx_stream_url: str = declared(
        "OKX_STREAM_URL",
        "wss://ws.okx.com:8443/ws/v5/public",
        values.websocket_url,
        "whole URL: OKX's public streams",
        ORDER_BOOKS,
    )
    bitfinex_stream_url: str = declared(
        "BITFINEX_STREAM_URL",
        "wss://api-pub.bitfinex.com/ws/2",
        values.websocket_url,
        "whole URL: Bitfinex's public streams",
        ORDER_BOOKS,
    )
    bybit_stream_url: str = declared(
        "BYBIT_STREAM_URL",
        "wss://stream.bybit.com/v5/public/",
        values.websocket_url,
        "prefix: Bybit's public streams; spot, linear or inverse is appended",
        ORDER_BOOKS,
    )
    kraken_stream_url: str = declared(
        "KRAKEN_STREAM_URL",
        "wss://ws.kraken.com/v2",
        values.websocket_url,
        "whole URL: Kraken's public streams",
        ORDER_BOOKS,
    )
    whale_store_threshold: int = declared(
        "WHALE_STORE_THRESHOLD",
        "3",
        values.whale_score,
        "orders of this whale score (1 to 6) and above are stored",
        ORDER_BOOKS,
    )
    whale_size_model: str = declared(
        "WHALE_SIZE_MODEL",
        "lognormal",
        values.size_model,
        "how order sizes are distributed: lognormal (mean and deviation of their logarithms) or robust (median and "
        "median absolute deviation)",
        ORDER_BOOKS,
    )
    whale_half_life_minutes: float = declared(
        "WHALE_HALF_LIFE_MINS",
        "30",
        values.positive_number,
        "after so many minutes an order counts half in the distribution of sizes",
        ORDER_BOOKS,
    )
    orderbook_keep_days: float = declared(
        "ORDERBOOK_KEEP_DAYS",
        "14",
        values.positive_number,
        "minute rows and whale orders older than this are dropped, a day at a time; 500 pairs take 250 MB a day",
        ORDER_BOOKS,
    )
    whale_event_score: int = declared(
        "WHALE_EVENT_SCORE",
        "4",
        values.whale_score,
        "orders of this whale score (1 to 6) and above can become an event; those that are not stored cannot",
        ORDER_BOOKS,
    )
    whale_persists_seconds: float = declared(
        "WHALE_PERSISTS_SECONDS",
        "60",
        values.positive_number,
        "a whale that stays for so many seconds is an event, as are three within ten minutes at about one price",
        ORDER_BOOKS,
    )
    depth_drop_percent: float = declared(
        "DEPTH_DROP_PERCENT",
        "30",
        values.percent,
        "depth within ±1 % of the mid (the thinner side's) below this share of its own 24 h median is an event, in "
        "percent; it closes above one and a half times the share",
        ORDER_BOOKS,
    )
    orderbook_venues: tuple[str, ...] = declared(
        "ORDERBOOK_VENUES",
        STREAM_VENUES,
        values.some_of(STREAM_VENUES.split()),
        "venues whose order books are kept while streams run (runstreams, runschedulers --streams)",
        ORDER_BOOKS,
    )
    bybit_base_trading_url: str = declared(
        "BYBIT_BASE_TRADING_URL",
        "https://api.bybit.com",
        values.http_url,
        "prefix: REST; /v5/market/instruments-info is appended",
        ORDER_BOOKS,
    )
    bitfinex_base_trading_url: str = declared(
        "BITFINEX_BASE_TRADING_URL",
        "https://api-pub.bitfinex.com",
        values.http_url,
        "prefix: REST; /v2/conf/pub:list:pair:exchange,pub:map:currency:sym is appended",
        ORDER_BOOKS,
    )
