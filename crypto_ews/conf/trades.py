"""The variables of trades and volume."""

from __future__ import annotations

from dataclasses import dataclass

from crypto_ews.conf import values
from crypto_ews.conf.variable import declared

TRADES = "Trades and volume"
TRADE_VENUES = "BINANCE BINANCE_USDM OKX BYBIT KRAKEN BITFINEX"


@dataclass(frozen=True)
class TradeVariables:
    """Which trades are counted, and for how long minutes and bars are kept."""

    trade_venues: tuple[str, ...] = declared(
        "TRADE_VENUES",
        TRADE_VENUES,
        values.some_of(TRADE_VENUES.split()),
        "venues whose trades are counted to minutes while trades run (runschedulers --trades)",
        TRADES,
    )
    trade_pairs: str = declared(
        "TRADE_PAIRS",
        "watched",
        values.trade_pairs,
        "watched: minutes of the watched pairs; all: of every pair of BASE_CURRENCIES. Ranks are among all of them in "
        "both cases",
        TRADES,
    )
    trade_minutes_keep_days: float = declared(
        "TRADE_MINUTES_KEEP_DAYS",
        "29",
        values.positive_number,
        "minutes of trades older than this are dropped, a day at a time; 400 pairs take 100 MB a day",
        TRADES,
    )
    trade_five_minutes_keep_days: float = declared(
        "TRADE_5M_KEEP_DAYS",
        "57",
        values.positive_number,
        "five-minute bars older than this are dropped, a day at a time",
        TRADES,
    )
    trade_hours_keep_days: float = declared(
        "TRADE_1H_KEEP_DAYS",
        "85",
        values.positive_number,
        "hourly bars older than this are deleted",
        TRADES,
    )
    volume_event_keys: tuple[str, ...] = declared(
        "VOLUME_EVENT_KEYS",
        "",
        values.names,
        "event keys that are observed beside those of the admin, separated by commas or spaces, or a JSON list: "
        "buy_vol_<minutes>m:<share>/vol_<minutes>m:<times>/timeframe:<minutes>/lvl:<rank>; empty: the ladder by rank",
        TRADES,
    )
    volume_keep_days: float = declared(
        "VOLUME_KEEP_DAYS",
        "29",
        values.positive_number,
        "the tracker's rows older than this are dropped, a day at a time; 400 pairs take 75 MB a day",
        TRADES,
    )
