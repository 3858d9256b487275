"""Where the sources are read."""

from __future__ import annotations

from dataclasses import dataclass

from crypto_ews.conf import values
from crypto_ews.conf.variable import declared

BINANCE, OTHER = "Binance", "Other sources"


@dataclass(frozen=True)
class UpstreamVariables:
    """Of the groups Binance and Other sources."""

    binance_news_dict_url: str = declared(
        "BINANCE_NEWS_DICT_URL",
        "https://www.binance.com/bapi/composite/v1/public/cms/article/list/query?type=1&pageNo=1&pageSize=20",
        values.http_url,
        "whole URL: the list of announcements of every catalogue; pageNo is replaced while paging",
        BINANCE,
    )
    binance_delist_url: str = declared(
        "BINANCE_DELIST_URL",
        "https://www.binance.com/bapi/composite/v1/public/cms/article/list/query"
        "?type=1&catalogId=161&pageNo=1&pageSize=50",
        values.http_url,
        "whole URL: the list of one catalogue (161, Delisting); pageNo is replaced while paging",
        BINANCE,
    )
    binance_article_detail_url: str = declared(
        "BINANCE_ARTICLE_DETAIL_URL",
        "https://www.binance.com/bapi/composite/v1/public/cms/article/detail/query?articleCode=",
        values.http_url,
        "prefix: one announcement as JSON; the article's code is appended",
        BINANCE,
    )
    binance_article_base_url: str = declared(
        "BINANCE_ARTICLE_BASE_URL",
        "https://www.binance.com/en/support/announcement/",
        values.http_url,
        "prefix: one announcement as a page, read where the JSON fails and linked in cards; the code is appended",
        BINANCE,
    )
    binance_base_trading_url: str = declared(
        "BINANCE_BASE_TRADING_URL",
        "https://data-api.binance.vision",
        values.http_url,
        "prefix: spot REST; /api/v3/exchangeInfo is appended",
        BINANCE,
    )
    binance_usdm_base_trading_url: str = declared(
        "BINANCE_USDM_BASE_TRADING_URL",
        "https://fapi.binance.com",
        values.http_url,
        "prefix: USD-M futures REST; /fapi/v1/exchangeInfo is appended",
        BINANCE,
    )
    binance_coinm_base_trading_url: str = declared(
        "BINANCE_COINM_BASE_TRADING_URL",
        "https://dapi.binance.com",
        values.http_url,
        "prefix: COIN-M futures REST; /dapi/v1/exchangeInfo is appended",
        BINANCE,
    )
    binance_products_url: str = declared(
        "BINANCE_PRODUCTS_URL",
        "https://www.binance.com/bapi/asset/v2/public/asset-service/product/get-products?includeEtf=true",
        values.http_url,
        "whole URL: spot pairs with their tags (Monitoring, Seed)",
        BINANCE,
    )
    binance_system_status_url: str = declared(
        "BINANCE_SYSTEM_STATUS_URL",
        "https://api.binance.com/sapi/v1/system/status",
        values.http_url,
        "whole URL: whether the exchange is in maintenance",
        BINANCE,
    )
    binance_orderbook_url: str = declared(
        "BINANCE_ORDERBOOK_URL",
        "https://data-api.binance.vision/api/v3/ticker/bookTicker",
        values.http_url,
        "whole URL: best bid and ask of every spot pair",
        BINANCE,
    )
    binance_usdm_orderbook_url: str = declared(
        "BINANCE_USDM_ORDERBOOK_URL",
        "https://fapi.binance.com/fapi/v1/ticker/bookTicker",
        values.http_url,
        "whole URL: best bid and ask of every USD-M contract",
        BINANCE,
    )

    okx_base_trading_url: str = declared(
        "OKX_BASE_TRADING_URL",
        "https://www.okx.com",
        values.http_url,
        "prefix: REST; /api/v5/public/instruments, /api/v5/system/status and /v2/support/home/web are appended",
        OTHER,
    )
    okx_article_base_url: str = declared(
        "OKX_ARTICLE_BASE_URL",
        "https://www.okx.com/help/",
        values.http_url,
        "prefix: one announcement as a page, and where the API fails the sections of the help center",
        OTHER,
    )
    okx_news_dict_url: str = declared(
        "OKX_NEWS_DICT_URL",
        "https://www.okx.com/api/v5/support/announcements",
        values.http_url,
        "whole URL: announcements of every type",
        OTHER,
    )
    okx_orderbook_url: str = declared(
        "OKX_ORDERBOOK_URL",
        "https://www.okx.com/api/v5/market/tickers?instType=SPOT",
        values.http_url,
        "whole URL: best bid and ask of every spot pair",
        OTHER,
    )
    okx_swap_orderbook_url: str = declared(
        "OKX_SWAP_ORDERBOOK_URL",
        "https://www.okx.com/api/v5/market/tickers?instType=SWAP",
        values.http_url,
        "whole URL: best bid and ask of every perpetual swap",
        OTHER,
    )
    okx_delist_url: str = declared(
        "OKX_DELIST_URL",
        "https://www.okx.com/api/v5/support/announcements?annType=announcements-delistings",
        values.http_url,
        "whole URL: delisting announcements",
        OTHER,
    )
    kraken_base_trading_url: str = declared(
        "KRAKEN_BASE_TRADING_URL",
        "https://api.kraken.com",
        values.http_url,
        "prefix: REST; /0/public/AssetPairs is appended",
        OTHER,
    )
    defillama_base_url: str = declared(
        "DEFI_LLAMA_BASE_URL",
        "https://defillama.com",
        values.http_url,
        "prefix: the site's pages, read where the API fails; /hacks and its data file are appended",
        OTHER,
    )
    defillama_hacks_url: str = declared(
        "DEFI_LLAMA_HACKS_URL",
        "https://api.llama.fi/hacks",
        values.http_url,
        "whole URL: the list of hacks",
        OTHER,
    )
    defillama_bridge_hacks_url: str = declared(
        "DEFI_LLAMA_BRIDGE_HACKS",
        "https://api.llama.fi/hacks",
        values.http_url,
        "whole URL: the list of bridge hacks; by default the list of all hacks, of which the bridges are taken",
        OTHER,
    )
    defillama_stablecoin_url: str = declared(
        "DEFI_LLAMA_STABLECOIN_URL",
        "https://stablecoins.llama.fi/stablecoins?includePrices=true",
        values.http_url,
        "whole URL: stablecoins",
        OTHER,
    )
    defillama_rates_url: str = declared(
        "DEFI_LLAMA_RATES_URL",
        "https://stablecoins.llama.fi/rates",
        values.http_url,
        "whole URL: daily rates of other currencies, for coins that are not pegged to the dollar",
        OTHER,
    )
    coinmarketcap_base_url: str = declared(
        "COINMARKETCAP_BASE_URL",
        "https://coinmarketcap.com/currencies/",
        values.http_url,
        "prefix: a currency's page, linked in cards; the slug of CURRENCY_NAMES is appended",
        OTHER,
    )
    coinmarketcap_ccy_url: str = declared(
        "COINMARKETCAP_CCY_URL",
        "https://api.coinmarketcap.com/data-api/v3/cryptocurrency/market-pairs/latest?slug=",
        values.http_url,
        "prefix: market pairs of one currency; the slug of CURRENCY_NAMES is appended",
        OTHER,
    )
