"""What is watched, and under which names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crypto_ews.conf import values
from crypto_ews.conf.token_names import DEFAULT_CURRENCIES
from crypto_ews.conf.variable import declared

WATCH = "Watch lists"


@dataclass(frozen=True)
class WatchVariables:
    """Of the group Watch lists."""

    spot_currencies: tuple[str, ...] = declared(
        "SPOT_CURRENCIES",
        DEFAULT_CURRENCIES,
        values.currencies,
        "currencies watched on spot markets, by any name and no pairs: a JSON list, or separated by commas or spaces",
        WATCH,
    )
    usdm_currencies: tuple[str, ...] = declared(
        "USDM_CURRENCIES",
        DEFAULT_CURRENCIES,
        values.currencies,
        "currencies watched on futures markets, same form",
        WATCH,
    )
    base_currencies: tuple[str, ...] = declared(
        "BASE_CURRENCIES",
        "USDT USDC FDUSD USD BTC",
        values.currencies,
        "the quote assets that count: a pair is watched when its base is watched and its quote is listed here",
        WATCH,
    )
    trade_listed: bool = declared(
        "EWS_TRADE_LISTED",
        "false",
        values.boolean,
        "true: can_trade allows opening on pairs that are listed and that nobody watches, so that nothing is alerted",
        WATCH,
    )
    stablecoins: tuple[str, ...] = declared(
        "STABLECOINS",
        "USDT USDC DAI FDUSD USDE TUSD USDD PYUSD USDS FRAX EURC",
        values.stablecoins,
        "stablecoins whose peg is watched",
        WATCH,
    )
    currency_names: Mapping[str, str] = declared(
        "CURRENCY_NAMES",
        "BTC:bitcoin, ETH:ethereum, BNB:bnb, SOL:solana, XRP:xrp, DOGE:dogecoin, ADA:cardano, AVAX:avalanche, "
        "LINK:chainlink, DOT:polkadot-new",
        values.name_map,
        "CoinMarketCap's page name of each currency, by any name of it: a JSON object, or TICKER:slug pairs separated "
        "by commas",
        WATCH,
    )
