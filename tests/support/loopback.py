"""Points the whole configuration at a loopback server. Used by tests, the crash test and the demo."""

from __future__ import annotations

from crypto_ews.conf import Config, parse_config, variables
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import DETAIL_PATH, LIST_PATH, PAGE_PATH
from tests.upstreams.binance_instruments import PRODUCTS_PATH
from tests.upstreams.binance_instruments import STATUS_PATH as BINANCE_STATUS_PATH
from tests.upstreams.okx_announcements import API_PATH, DELISTINGS, HELP_PATH


def loopback_environment(server: UpstreamServer, **changes: str) -> dict[str, str]:
    """Environment variables that make every upstream this server; `changes` are taken as they are."""
    environment = {
        "BINANCE_NEWS_DICT_URL": server.url(f"{LIST_PATH}?type=1&pageNo=1&pageSize=20"),
        "BINANCE_DELIST_URL": server.url(f"{LIST_PATH}?type=1&catalogId=161&pageNo=1&pageSize=50"),
        "BINANCE_ARTICLE_DETAIL_URL": server.url(f"{DETAIL_PATH}?articleCode="),
        "BINANCE_ARTICLE_BASE_URL": server.url(PAGE_PATH),
        "BINANCE_PRODUCTS_URL": server.url(f"{PRODUCTS_PATH}?includeEtf=true"),
        "BINANCE_SYSTEM_STATUS_URL": server.url(BINANCE_STATUS_PATH),
        "BINANCE_ORDERBOOK_URL": server.url("/api/v3/ticker/bookTicker"),
        "BINANCE_USDM_ORDERBOOK_URL": server.url("/fapi/v1/ticker/bookTicker"),
        "OKX_NEWS_DICT_URL": server.url(API_PATH),
        "OKX_DELIST_URL": server.url(f"{API_PATH}?annType={DELISTINGS}"),
        "OKX_ARTICLE_BASE_URL": server.url(HELP_PATH),
        "OKX_ORDERBOOK_URL": server.url("/api/v5/market/tickers?instType=SPOT"),
        "OKX_SWAP_ORDERBOOK_URL": server.url("/api/v5/market/tickers?instType=SWAP"),
        "COINMARKETCAP_CCY_URL": server.url("/data-api/v3/cryptocurrency/market-pairs/latest?slug="),
    }
    for _, variable in variables():
        is_upstream = variable.default.startswith("https://")
        if is_upstream and variable.name not in environment:
            # Prefixes and whole URLs of sources that the server may or may not play; none leaves this machine.
            environment[variable.name] = server.url("").rstrip("/")
    return {**environment, **changes}


def loopback_config(server: UpstreamServer, **changes: str) -> Config:
    """The configuration of that environment, with nothing from the real one."""
    return parse_config(loopback_environment(server, **changes))
