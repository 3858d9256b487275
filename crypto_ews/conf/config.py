"""The configuration: one typed, frozen object, parsed once from the environment and `.env`.

Every variable is declared here or in the parts that `Config` is made of; `.env.example` is rendered from them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from crypto_ews.conf import values
from crypto_ews.conf.alerts import ALERTS, AlertVariables
from crypto_ews.conf.database import DATABASE, DatabaseVariables
from crypto_ews.conf.misspelt import misspelt
from crypto_ews.conf.orderbooks import ORDER_BOOKS, OrderBookVariables
from crypto_ews.conf.token_names import DEFAULT_CURRENCIES
from crypto_ews.conf.values import ConfigurationFault
from crypto_ews.conf.variable import Variable, declared

PROJECT_ROOT = Path(__file__).resolve().parents[2]


class ConfigurationError(Exception):
    """One or more variables hold a value that cannot be used; `str()` lists all of them."""

    def __init__(self, faults: list[ConfigurationFault]) -> None:
        self.faults = faults
        lines = "\n".join(f"  {fault}" for fault in faults)
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"The configuration has {count}:\n{lines}")


_CORE, _WATCH, _TIMES, _BINANCE = "Core", "Watch lists", "Intervals and limits", "Binance"
_OTHER = "Other sources"
_GROUPS = (_CORE, DATABASE, _WATCH, _TIMES, _BINANCE, _OTHER, ORDER_BOOKS, ALERTS)


@dataclass(frozen=True)
class Config(OrderBookVariables, AlertVariables, DatabaseVariables):
    """The validated configuration. Times are in the unit that the attribute's name ends with."""

    database_url: str | None = declared(
        "DATABASE_URL",
        "",
        values.optional_postgres_url,
        "postgresql://user:password@host:port/name of a PostgreSQL 14 or newer; empty: embedded PostgreSQL "
        "under EWS_DATA_DIR",
        _CORE,
        secret=True,
    )
    data_dir: Path = declared(
        "EWS_DATA_DIR",
        ".data",
        values.path,
        "folder of the embedded database and of generated secrets; relative to the project",
        _CORE,
    )
    secret_key: str = declared(
        "SECRET_KEY",
        "",
        values.optional_secret_key,
        "Django's secret key, 50 or more random characters; empty: one is made and kept in EWS_DATA_DIR",
        _CORE,
        secret=True,
    )
    allowed_hosts: tuple[str, ...] = declared(
        "ALLOWED_HOSTS",
        "localhost, 127.0.0.1, [::1]",
        values.host_names,
        "host names under which the web pages are served",
        _CORE,
    )
    debug: bool = declared("DEBUG", "false", values.boolean, "true only while developing", _CORE)
    port: int = declared(
        "PORT", "8000", values.port, "port of the web pages on this machine, as `make run` serves them", _CORE
    )
    public_base_url: str = declared(
        "PUBLIC_BASE_URL",
        "",
        values.optional_http_url,
        "where people reach the web pages; links in cards point there; empty: http://127.0.0.1 with PORT",
        _CORE,
    )
    log_level: str = declared("LOG_LEVEL", "INFO", values.log_level, "DEBUG, INFO, WARNING or ERROR", _CORE)
    dead_man_ping_url: str | None = declared(
        "DEAD_MAN_PING_URL",
        "",
        values.optional_http_url,
        "whole URL asked with GET once a minute while the daemon is healthy; empty: none",
        _CORE,
        secret=True,
    )

    spot_currencies: tuple[str, ...] = declared(
        "SPOT_CURRENCIES",
        DEFAULT_CURRENCIES,
        values.currencies,
        "currencies watched on spot markets, by any name and no pairs: a JSON list, or separated by commas or spaces",
        _WATCH,
    )
    usdm_currencies: tuple[str, ...] = declared(
        "USDM_CURRENCIES",
        DEFAULT_CURRENCIES,
        values.currencies,
        "currencies watched on futures markets, same form",
        _WATCH,
    )
    base_currencies: tuple[str, ...] = declared(
        "BASE_CURRENCIES",
        "USDT USDC FDUSD USD BTC",
        values.currencies,
        "the quote assets that count: a pair is watched when its base is watched and its quote stands here",
        _WATCH,
    )
    trade_listed: bool = declared(
        "EWS_TRADE_LISTED",
        "false",
        values.boolean,
        "true: can_trade allows opening on pairs that are listed and that nobody watches, so that nothing is alerted",
        _WATCH,
    )
    stablecoins: tuple[str, ...] = declared(
        "STABLECOINS",
        "USDT USDC DAI FDUSD USDE TUSD USDD PYUSD USDS FRAX EURC",
        values.stablecoins,
        "stablecoins whose peg is watched",
        _WATCH,
    )
    currency_names: Mapping[str, str] = declared(
        "CURRENCY_NAMES",
        "BTC:bitcoin, ETH:ethereum, BNB:bnb, SOL:solana, XRP:xrp, DOGE:dogecoin, ADA:cardano, AVAX:avalanche, "
        "LINK:chainlink, DOT:polkadot-new",
        values.name_map,
        "CoinMarketCap's page name of each currency, by any name of it: a JSON object, or TICKER:slug pairs separated "
        "by commas",
        _WATCH,
    )

    update_refresh_minutes: float = declared(
        "UPDATE_REFRESH_INCREMENT_MINS",
        "0.5",
        values.interval_minutes,
        "how often announcements and instrument lists are read, in minutes; fractions allowed",
        _TIMES,
    )
    orderbooks_refresh_minutes: float = declared(
        "ORDERBOOKS_REFRESH_INCREMENT_MINS",
        "0.5",
        values.interval_minutes,
        "how often best bid and ask are read, in minutes",
        _TIMES,
    )
    defillama_stablecoin_minutes: float = declared(
        "DEFI_LLAMA_STABLECOIN_REFRESH_INCREMENT",
        "5",
        values.interval_minutes,
        "how often stablecoin prices are read, in minutes",
        _TIMES,
    )
    defillama_update_minutes: float = declared(
        "DEFI_LLAMA_UPDATE_REFRESH_INCREMENT_MINS",
        "5",
        values.interval_minutes,
        "how often hacks are read, in minutes",
        _TIMES,
    )
    manager_refresh_minutes: float = declared(
        "MANAGER_REFRESH_INCREMENT_MINS",
        "1",
        values.interval_minutes,
        "how often time's steps and expiries are taken, in minutes; at least once a minute in any case",
        _TIMES,
    )
    coinmarketcap_refresh_minutes: float = declared(
        "COINMARKETCAP_REFRESH_INCREMENT",
        "10",
        values.interval_minutes,
        "how often market depth is read, in minutes",
        _TIMES,
    )
    timeout_seconds: float = declared(
        "TIMEOUT",
        "8",
        values.positive_number,
        "total deadline of one request in seconds; never more than 8 is used",
        _TIMES,
    )
    news_lookback_days: float = declared(
        "RELEVANT_NEWS_LOOKBACK_DAYS",
        "7",
        values.positive_number,
        "at first start, how many days back news is read; older news is known, not alerted",
        _TIMES,
        aliases=("RELEVENT_NEWS_LOOKBACK_DAYS",),
    )
    peg_deviation_percent: float = declared(
        "PEG_DEVIATION_ALERT",
        "1",
        values.percent,
        "a stablecoin further than this from its peg is off-peg, in percent",
        _TIMES,
    )
    minimum_liquidity_usd: float = declared(
        "MINIMUM_LIQUIDITY_THRESHOLD",
        "100000",
        values.positive_number,
        "a token whose best market has less ±2 % depth is illiquid, in USD",
        _TIMES,
    )
    content_max_age: Mapping[str, timedelta] = declared(
        "CONTENT_MAX_AGE",
        "",
        values.ages,
        "how old what a source says may be, where the shipped bound does not suit: SOURCE:AGE pairs separated by "
        "commas, such as binance.announcements/news:5d, defillama.stablecoins:90m",
        _TIMES,
    )
    archive_keep_days: float = declared(
        "ARCHIVE_KEEP_DAYS",
        "30",
        values.positive_number,
        "recorded payloads older than this are dropped, in days",
        _TIMES,
    )
    audit_keep_days: float = declared(
        "AUDIT_KEEP_DAYS",
        "90",
        values.positive_number,
        "what was told to whom, each attempt and each act in the admin are dropped after this, in days",
        _TIMES,
    )
    archive_max_gb: float = declared(
        "ARCHIVE_MAX_GB",
        "5",
        values.positive_number,
        "the oldest recorded payloads are dropped beyond this size, in GB",
        _TIMES,
    )

    binance_news_dict_url: str = declared(
        "BINANCE_NEWS_DICT_URL",
        "https://www.binance.com/bapi/composite/v1/public/cms/article/list/query?type=1&pageNo=1&pageSize=20",
        values.http_url,
        "whole URL: the list of announcements of every catalogue; pageNo is replaced while paging",
        _BINANCE,
    )
    binance_delist_url: str = declared(
        "BINANCE_DELIST_URL",
        "https://www.binance.com/bapi/composite/v1/public/cms/article/list/query"
        "?type=1&catalogId=161&pageNo=1&pageSize=50",
        values.http_url,
        "whole URL: the list of one catalogue (161, Delisting); pageNo is replaced while paging",
        _BINANCE,
    )
    binance_article_detail_url: str = declared(
        "BINANCE_ARTICLE_DETAIL_URL",
        "https://www.binance.com/bapi/composite/v1/public/cms/article/detail/query?articleCode=",
        values.http_url,
        "prefix: one announcement as JSON; the article's code is appended",
        _BINANCE,
    )
    binance_article_base_url: str = declared(
        "BINANCE_ARTICLE_BASE_URL",
        "https://www.binance.com/en/support/announcement/",
        values.http_url,
        "prefix: one announcement as a page, read where the JSON fails and linked in cards; the code is appended",
        _BINANCE,
    )
    binance_base_trading_url: str = declared(
        "BINANCE_BASE_TRADING_URL",
        "https://data-api.binance.vision",
        values.http_url,
        "prefix: spot REST; /api/v3/exchangeInfo is appended",
        _BINANCE,
    )
    binance_usdm_base_trading_url: str = declared(
        "BINANCE_USDM_BASE_TRADING_URL",
        "https://fapi.binance.com",
        values.http_url,
        "prefix: USD-M futures REST; /fapi/v1/exchangeInfo is appended",
        _BINANCE,
    )
    binance_coinm_base_trading_url: str = declared(
        "BINANCE_COINM_BASE_TRADING_URL",
        "https://dapi.binance.com",
        values.http_url,
        "prefix: COIN-M futures REST; /dapi/v1/exchangeInfo is appended",
        _BINANCE,
    )
    binance_products_url: str = declared(
        "BINANCE_PRODUCTS_URL",
        "https://www.binance.com/bapi/asset/v2/public/asset-service/product/get-products?includeEtf=true",
        values.http_url,
        "whole URL: spot pairs with their tags (Monitoring, Seed)",
        _BINANCE,
    )
    binance_system_status_url: str = declared(
        "BINANCE_SYSTEM_STATUS_URL",
        "https://api.binance.com/sapi/v1/system/status",
        values.http_url,
        "whole URL: whether the exchange is in maintenance",
        _BINANCE,
    )
    binance_orderbook_url: str = declared(
        "BINANCE_ORDERBOOK_URL",
        "https://data-api.binance.vision/api/v3/ticker/bookTicker",
        values.http_url,
        "whole URL: best bid and ask of every spot pair",
        _BINANCE,
    )
    binance_usdm_orderbook_url: str = declared(
        "BINANCE_USDM_ORDERBOOK_URL",
        "https://fapi.binance.com/fapi/v1/ticker/bookTicker",
        values.http_url,
        "whole URL: best bid and ask of every USD-M contract",
        _BINANCE,
    )

    okx_base_trading_url: str = declared(
        "OKX_BASE_TRADING_URL",
        "https://www.okx.com",
        values.http_url,
        "prefix: REST; /api/v5/public/instruments, /api/v5/system/status and /v2/support/home/web are appended",
        _OTHER,
    )
    okx_article_base_url: str = declared(
        "OKX_ARTICLE_BASE_URL",
        "https://www.okx.com/help/",
        values.http_url,
        "prefix: one announcement as a page, and where the API fails the sections of the help center",
        _OTHER,
    )
    okx_news_dict_url: str = declared(
        "OKX_NEWS_DICT_URL",
        "https://www.okx.com/api/v5/support/announcements",
        values.http_url,
        "whole URL: announcements of every type",
        _OTHER,
    )
    okx_orderbook_url: str = declared(
        "OKX_ORDERBOOK_URL",
        "https://www.okx.com/api/v5/market/tickers?instType=SPOT",
        values.http_url,
        "whole URL: best bid and ask of every spot pair",
        _OTHER,
    )
    okx_swap_orderbook_url: str = declared(
        "OKX_SWAP_ORDERBOOK_URL",
        "https://www.okx.com/api/v5/market/tickers?instType=SWAP",
        values.http_url,
        "whole URL: best bid and ask of every perpetual swap",
        _OTHER,
    )
    okx_delist_url: str = declared(
        "OKX_DELIST_URL",
        "https://www.okx.com/api/v5/support/announcements?annType=announcements-delistings",
        values.http_url,
        "whole URL: delisting announcements",
        _OTHER,
    )
    kraken_base_trading_url: str = declared(
        "KRAKEN_BASE_TRADING_URL",
        "https://api.kraken.com",
        values.http_url,
        "prefix: REST; /0/public/AssetPairs is appended",
        _OTHER,
    )
    defillama_base_url: str = declared(
        "DEFI_LLAMA_BASE_URL",
        "https://defillama.com",
        values.http_url,
        "prefix: the site's pages, read where the API fails; /hacks and its data file are appended",
        _OTHER,
    )
    defillama_hacks_url: str = declared(
        "DEFI_LLAMA_HACKS_URL",
        "https://api.llama.fi/hacks",
        values.http_url,
        "whole URL: the list of hacks",
        _OTHER,
    )
    defillama_bridge_hacks_url: str = declared(
        "DEFI_LLAMA_BRIDGE_HACKS",
        "https://api.llama.fi/hacks",
        values.http_url,
        "whole URL: the list of bridge hacks; by default the list of all hacks, of which the bridges are taken",
        _OTHER,
    )
    defillama_stablecoin_url: str = declared(
        "DEFI_LLAMA_STABLECOIN_URL",
        "https://stablecoins.llama.fi/stablecoins?includePrices=true",
        values.http_url,
        "whole URL: stablecoins",
        _OTHER,
    )
    defillama_rates_url: str = declared(
        "DEFI_LLAMA_RATES_URL",
        "https://stablecoins.llama.fi/rates",
        values.http_url,
        "whole URL: daily rates of other currencies, for coins that are not pegged to the dollar",
        _OTHER,
    )
    coinmarketcap_base_url: str = declared(
        "COINMARKETCAP_BASE_URL",
        "https://coinmarketcap.com/currencies/",
        values.http_url,
        "prefix: a currency's page, linked in cards; the slug of CURRENCY_NAMES is appended",
        _OTHER,
    )
    coinmarketcap_ccy_url: str = declared(
        "COINMARKETCAP_CCY_URL",
        "https://api.coinmarketcap.com/data-api/v3/cryptocurrency/market-pairs/latest?slug=",
        values.http_url,
        "prefix: market pairs of one currency; the slug of CURRENCY_NAMES is appended",
        _OTHER,
    )

    @property
    def request_deadline_seconds(self) -> float:
        """Total deadline of one request: the smaller of TIMEOUT and 8 s, as a source must not hang a cycle."""
        return min(self.timeout_seconds, 8.0)


def variables() -> list[tuple[str, Variable]]:
    """Every attribute of `Config` with its variable, in the order of `.env.example`."""
    declared_ones = [(item.name, item.metadata["variable"]) for item in fields(Config)]
    # Python lists the fields of the parts first.
    return sorted(declared_ones, key=lambda pair: _GROUPS.index(pair[1].group))


def parse_config(environment: Mapping[str, str], in_our_file: Collection[str] = ()) -> Config:
    """Read all variables from `environment`.

    An empty value counts as absent. Raises ConfigurationError that names every value that cannot be used, and every
    name that looks like one of ours misspelt. in_our_file: the names that stand in `.env`.
    """
    faults: list[ConfigurationFault] = list(
        misspelt(environment, [variable for _, variable in variables()], in_our_file)
    )
    parsed: dict[str, Any] = {}
    for attribute, variable in variables():
        names = (variable.name, *variable.aliases)
        name = next((candidate for candidate in names if environment.get(candidate, "").strip()), None)
        raw = environment[name].strip() if name else variable.default
        try:
            parsed[attribute] = variable.parse(raw)
        except ValueError as error:
            shown = "(not shown)" if variable.secret else repr(raw)
            faults.append(ConfigurationFault(name or variable.name, shown, str(error)))
    if faults:
        raise ConfigurationError(faults)
    if not parsed["data_dir"].is_absolute():
        parsed["data_dir"] = PROJECT_ROOT / parsed["data_dir"]
    parsed["public_base_url"] = parsed["public_base_url"] or f"http://127.0.0.1:{parsed['port']}"
    config = Config(**parsed)
    if mismatches := list(config.alert_faults()):
        raise ConfigurationError(mismatches)
    return config


@cache
def get_config() -> Config:
    """The real environment over `.env`, or over the file that EWS_ENV_FILE names (empty: none); parsed once."""
    from dotenv import dotenv_values

    env_file = os.environ.get("EWS_ENV_FILE", str(PROJECT_ROOT / ".env"))
    if env_file and "EWS_ENV_FILE" in os.environ and not Path(env_file).is_file():
        raise ConfigurationError([ConfigurationFault("EWS_ENV_FILE", repr(env_file), "a file that exists, or empty")])
    from_file = {key: value or "" for key, value in dotenv_values(env_file).items()} if env_file else {}
    return parse_config({**from_file, **os.environ}, in_our_file=from_file)


def use_port(port: int) -> None:
    """The web pages are served on `port`, whatever PORT says: links lead there unless PUBLIC_BASE_URL names a place."""
    os.environ["PORT"] = str(port)
    get_config.cache_clear()
