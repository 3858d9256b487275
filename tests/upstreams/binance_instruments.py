"""Binance instrument lists, made from parameters, and a site that serves them.

Spot and USD-M follow `captures/instruments` (spot of September 2024, USD-M of July 2021). Of COIN-M's exchangeInfo and
of `get-products` there is no capture: these shapes are those of Binance's API documentation and of its web client as
far as they are known, cut to what identifies an instrument and its state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from tests.upstreams.server import UpstreamServer

SPOT_PATH = "/api/v3/exchangeInfo"
USDM_PATH = "/fapi/v1/exchangeInfo"
COINM_PATH = "/dapi/v1/exchangeInfo"
PRODUCTS_PATH = "/bapi/asset/v2/public/asset-service/product/get-products"
STATUS_PATH = "/sapi/v1/system/status"
# The delivery date of a perpetual without an end: 25 December 2100, 08:00 UTC, in milliseconds.
NEVER_MS = 4_133_404_800_000
_SERVER_TIME_MS = 1_790_000_000_000


def _split(pair: str) -> tuple[str, str]:
    base, slash, quote = pair.partition("/")
    if not slash:
        raise ValueError(f"pair is {pair!r}; expected BASE/QUOTE")
    return base, quote


def spot_symbol(pair: str, status: str = "TRADING", **fields: Any) -> dict[str, Any]:
    """A row of spot's `symbols` for a pair such as `LUNA/USDT`; further fields override."""
    base, quote = _split(pair)
    return {
        "symbol": base + quote,
        "status": status,
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
        "isSpotTradingAllowed": status == "TRADING",
        "isMarginTradingAllowed": False,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.0001", "maxPrice": "100000", "tickSize": "0.0001"},
            {"filterType": "LOT_SIZE", "minQty": "0.1", "maxQty": "900000", "stepSize": "0.1"},
        ],
        "permissions": [],
    } | fields


def usdm_symbol(
    pair: str, status: str = "TRADING", delivery_ms: int = NEVER_MS, contract_type: str = "PERPETUAL", **fields: Any
) -> dict[str, Any]:
    """A row of USD-M's `symbols`; `delivery_ms` below NEVER_MS announces the end of a perpetual."""
    base, quote = _split(pair)
    return {
        "symbol": base + quote,
        "pair": base + quote,
        "contractType": contract_type,
        "deliveryDate": delivery_ms,
        "onboardDate": 1_569_398_400_000,
        "status": status,
        "baseAsset": base,
        "quoteAsset": quote,
        "marginAsset": quote,
        "pricePrecision": 4,
        "quantityPrecision": 0,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "filters": [{"filterType": "PRICE_FILTER", "minPrice": "0.0001", "maxPrice": "2000", "tickSize": "0.0001"}],
    } | fields


def coinm_symbol(
    base: str,
    status: str = "TRADING",
    delivery_ms: int = NEVER_MS,
    suffix: str = "PERP",
    contract_type: str = "PERPETUAL",
    **fields: Any,
) -> dict[str, Any]:
    """A row of COIN-M's `symbols`, `BTCUSD_PERP` for `BTC`; its state is called `contractStatus` there."""
    return {
        "symbol": f"{base}USD_{suffix}",
        "pair": f"{base}USD",
        "contractType": contract_type,
        "deliveryDate": delivery_ms,
        "onboardDate": 1_597_042_800_000,
        "contractStatus": status,
        "contractSize": 100 if base == "BTC" else 10,
        "baseAsset": base,
        "quoteAsset": "USD",
        "marginAsset": base,
        "pricePrecision": 3,
        "quantityPrecision": 0,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "filters": [{"filterType": "PRICE_FILTER", "minPrice": "0.001", "maxPrice": "20000", "tickSize": "0.001"}],
    } | fields


def product(pair: str, tags: Iterable[str] = (), status: str = "TRADING", **fields: Any) -> dict[str, Any]:
    """A row of `get-products`; `tags` such as "Monitoring" and "Seed" are risk marks."""
    base, quote = _split(pair)
    return (
        {"s": base + quote, "st": status, "b": base, "q": quote, "an": base, "qn": quote, "pm": quote}
        | {
            "c": "1.0000",
            "v": "1000000",
            "qv": "1000000",
            "tags": list(tags),
            "etf": False,
        }
        | fields
    )


def spot_exchange_info(symbols: Iterable[dict[str, Any]], server_time: int | None = _SERVER_TIME_MS) -> dict[str, Any]:
    """The answer of spot's exchangeInfo; `server_time` in milliseconds."""
    return _exchange_info(symbols, server_time, 6_000)


def usdm_exchange_info(symbols: Iterable[dict[str, Any]], server_time: int | None = _SERVER_TIME_MS) -> dict[str, Any]:
    """The answer of USD-M's exchangeInfo."""
    return {"futuresType": "U_MARGINED"} | _exchange_info(symbols, server_time, 2_400)


def coinm_exchange_info(symbols: Iterable[dict[str, Any]], server_time: int | None = _SERVER_TIME_MS) -> dict[str, Any]:
    """The answer of COIN-M's exchangeInfo."""
    return _exchange_info(symbols, server_time, 2_400)


def get_products(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The answer of `get-products`."""
    return {"code": "000000", "message": None, "messageDetail": None, "data": list(rows), "success": True}


def system_status(maintenance: bool = False) -> dict[str, Any]:
    """The answer of `system/status`."""
    return {"status": 1, "msg": "system_maintenance"} if maintenance else {"status": 0, "msg": "normal"}


def _exchange_info(symbols: Iterable[dict[str, Any]], server_time: int | None, weight: int) -> dict[str, Any]:
    limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": weight}
    return {
        "timezone": "UTC",
        **({} if server_time is None else {"serverTime": server_time}),
        "rateLimits": [limit],
        "exchangeFilters": [],
        "symbols": list(symbols),
    }


class InstrumentSite:
    """The four lists and the system's status; change `spot`, `usdm`, `coinm`, `products` or `maintenance` while the
    server runs."""

    def __init__(
        self,
        server: UpstreamServer,
        *,
        spot: Iterable[dict[str, Any]] = (),
        usdm: Iterable[dict[str, Any]] = (),
        coinm: Iterable[dict[str, Any]] = (),
        products: Iterable[dict[str, Any]] | None = None,
    ) -> None:
        self.spot = list(spot)
        self.usdm = list(usdm)
        self.coinm = list(coinm)
        self.maintenance = False
        # Whose time the answers bear: without a clock they bear none, as tests live at moments of their own.
        self.clock: Callable[[], datetime] | None = None
        self.products = (
            [product(f"{row['baseAsset']}/{row['quoteAsset']}", status=row["status"]) for row in self.spot]
            if products is None
            else list(products)
        )
        server.route(SPOT_PATH, lambda request: spot_exchange_info(self.spot, self._time()))
        server.route(USDM_PATH, lambda request: usdm_exchange_info(self.usdm, self._time()))
        server.route(COINM_PATH, lambda request: coinm_exchange_info(self.coinm, self._time()))
        server.route(PRODUCTS_PATH, lambda request: get_products(self.products))
        server.route(STATUS_PATH, lambda request: system_status(self.maintenance))

    def _time(self) -> int | None:
        return round(self.clock().timestamp() * 1000) if self.clock else None


def instrument_site(server: UpstreamServer, **lists: Any) -> InstrumentSite:
    """Serve these instrument lists. `spot`, `usdm`, `coinm`, `products`: rows; products follow from spot."""
    return InstrumentSite(server, **lists)
