"""Binance as a drill plays it: announcements, instrument lists, products, status, best bid and ask.

The shapes are those that the endpoints had when they were recorded (October 2026 for announcements; spot lists of
September 2024, USD-M of July 2021), with the fields that identify a row and its state.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drills.upstreams.prices import Prices
from drills.upstreams.server import CrisisServer

_LIST = "/bapi/composite/v1/public/cms/article/list/query"
_DETAIL = "/bapi/composite/v1/public/cms/article/detail/query"
_PAGE = "/en/support/announcement/"
_PRODUCTS = "/bapi/asset/v2/public/asset-service/product/get-products"
_STATUS = "/sapi/v1/system/status"
_SPOT_QUOTES, _USDM_QUOTES = "/api/v3/ticker/bookTicker", "/fapi/v1/ticker/bookTicker"
DELISTING, WALLETS, _LATEST = 161, 157, 49
_CATALOGS = {DELISTING: "Delisting", WALLETS: "Wallet Maintenance Updates", _LATEST: "Latest Binance News",
             48: "New Cryptocurrency Listing"}  # fmt: skip
# The delivery date of a perpetual without an end.
NEVER_MS = 4_133_404_800_000
_HALF_SPREAD = 0.0001


@dataclass(frozen=True)
class Notice:
    """An announcement: its paragraphs, a tuple for a list of points."""

    title: str
    released_at: datetime
    body: tuple[str | tuple[str, ...], ...]
    catalog: int = DELISTING

    @property
    def code(self) -> str:
        return hashlib.sha256(f"{self.title}|{self.released_at.isoformat()}".encode()).hexdigest()[:32]

    @property
    def row(self) -> dict[str, Any]:
        released = round(self.released_at.timestamp() * 1000)
        return {"id": 200_000 + int(self.code[:5], 16), "code": self.code, "title": self.title, "type": 1,
                "releaseDate": released}  # fmt: skip

    @property
    def detail(self) -> dict[str, Any]:
        tree = {"node": "root", "child": [_node(block) for block in self.body]}
        return {"id": self.row["id"], "code": self.code, "title": self.title, "body": json.dumps(tree),
                "publishDate": self.row["releaseDate"], "articleType": 1, "firstCatalogId": self.catalog,
                "firstCatalogName": _CATALOGS[self.catalog]}  # fmt: skip


def _node(block: str | tuple[str, ...]) -> dict[str, Any]:
    if isinstance(block, str):
        return {"node": "element", "tag": "p", "child": [{"node": "text", "text": block}]}
    points = [{"node": "element", "tag": "li", "child": [{"node": "text", "text": point}]} for point in block]
    return {"node": "element", "tag": "ul", "child": points}


class Binance:
    """Change `notices`, the statuses and `prices` while the server runs.

    spot, usdm: pair such as "LUNA/USDT" → status; a pair that is taken out has left the list. ends: perpetual → when
    it is delivered. A perpetual has the price of its pair.
    """

    def __init__(self, server: CrisisServer, now: Callable[[], datetime]) -> None:
        self._now = now
        self.notices: list[Notice] = []
        self.spot: dict[str, str] = {}
        self.usdm: dict[str, str] = {}
        self.ends: dict[str, datetime] = {}
        self.prices = Prices(now)
        self.maintenance = False
        self._url = server.url
        for path, page in (
            (_LIST, self._list),
            (_DETAIL, self._detail),
            (_PRODUCTS, self._products),
            (_STATUS, self._status),
            (_SPOT_QUOTES, lambda path, query: self._quotes(self.spot)),
            (_USDM_QUOTES, lambda path, query: self._quotes(self.usdm)),
            ("/api/v3/exchangeInfo", lambda path, query: self._info([self._spot_row(pair) for pair in self.spot])),
            (
                "/fapi/v1/exchangeInfo",
                lambda path, query: {"futuresType": "U_MARGINED"} | self._info(list(map(self._usdm_row, self.usdm))),
            ),
            ("/dapi/v1/exchangeInfo", lambda path, query: self._info([_COINM_ROW])),
        ):
            server.serve(path, page)

    def addresses(self) -> dict[str, str]:
        """The URLs of the configuration that lead here, by attribute."""
        return {
            "binance_news_dict_url": self._url(f"{_LIST}?type=1&pageNo=1&pageSize=20"),
            "binance_delist_url": self._url(f"{_LIST}?type=1&catalogId=161&pageNo=1&pageSize=50"),
            "binance_article_detail_url": self._url(f"{_DETAIL}?articleCode="),
            "binance_article_base_url": self._url(_PAGE),
            "binance_products_url": self._url(f"{_PRODUCTS}?includeEtf=true"),
            "binance_system_status_url": self._url(_STATUS),
            "binance_orderbook_url": self._url(_SPOT_QUOTES),
            "binance_usdm_orderbook_url": self._url(_USDM_QUOTES),
        }

    def _list(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        asked = [int(query["catalogId"])] if "catalogId" in query else list(_CATALOGS)
        number, size = int(query.get("pageNo", "1")), int(query.get("pageSize", "20"))
        return _envelope({"catalogs": [self._catalog(catalog, number, size) for catalog in asked]})

    def _catalog(self, catalog: int, number: int, size: int) -> dict[str, Any]:
        rows = sorted(
            (item.row for item in self.notices if item.catalog == catalog), key=lambda row: -row["releaseDate"]
        )
        shown = rows[(number - 1) * size : number * size]
        return {"catalogId": catalog, "parentCatalogId": None, "catalogName": _CATALOGS.get(catalog, ""),
                "catalogType": 1, "total": len(rows), "articles": shown, "catalogs": []}  # fmt: skip

    def _detail(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        found = [item for item in self.notices if item.code == query.get("articleCode")]
        return _envelope(found[0].detail if found else None)

    def _products(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        rows = [
            {"s": pair.replace("/", ""), "st": status, "b": base, "q": quote, "an": base, "qn": quote, "pm": quote,
             "c": "1.0000", "v": "1000000", "qv": "1000000", "tags": [], "etf": False}
            for pair, status in self.spot.items()
            for base, _, quote in [pair.partition("/")]
        ]  # fmt: skip
        return _envelope(rows)

    def _status(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return {"status": 1, "msg": "system_maintenance"} if self.maintenance else {"status": 0, "msg": "normal"}

    def _quotes(self, pairs: Mapping[str, str]) -> list[dict[str, str]]:
        return [
            {"symbol": pair.replace("/", ""), "bidPrice": f"{price * (1 - _HALF_SPREAD):.8f}", "bidQty": "10.00000000",
             "askPrice": f"{price * (1 + _HALF_SPREAD):.8f}", "askQty": "12.00000000"}
            for pair, status in pairs.items()
            if status == "TRADING" and (price := self.prices.of(pair))
        ]  # fmt: skip

    def _info(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        return {"timezone": "UTC", "serverTime": round(self._now().timestamp() * 1000), "rateLimits": [],
                "exchangeFilters": [], "symbols": rows}  # fmt: skip

    def _spot_row(self, pair: str) -> dict[str, Any]:
        base, _, quote = pair.partition("/")
        return {"symbol": base + quote, "status": self.spot[pair], "baseAsset": base, "quoteAsset": quote,
                "isSpotTradingAllowed": self.spot[pair] == "TRADING", "isMarginTradingAllowed": False,
                "permissions": []}  # fmt: skip

    def _usdm_row(self, pair: str) -> dict[str, Any]:
        base, _, quote = pair.partition("/")
        ends = self.ends.get(pair)
        return {"symbol": base + quote, "pair": base + quote, "contractType": "PERPETUAL",
                "deliveryDate": NEVER_MS if ends is None else round(ends.timestamp() * 1000),
                "onboardDate": 1_569_398_400_000, "status": self.usdm[pair], "baseAsset": base, "quoteAsset": quote,
                "marginAsset": quote, "underlyingType": "COIN", "underlyingSubType": []}  # fmt: skip


_COINM_ROW = {
    "symbol": "BTCUSD_PERP", "pair": "BTCUSD", "contractType": "PERPETUAL", "deliveryDate": NEVER_MS,
    "onboardDate": 1_597_042_800_000, "contractStatus": "TRADING", "contractSize": 100, "baseAsset": "BTC",
    "quoteAsset": "USD", "marginAsset": "BTC", "underlyingType": "COIN", "underlyingSubType": [],
}  # fmt: skip


def _envelope(data: Any) -> dict[str, Any]:
    return {"code": "000000", "message": None, "messageDetail": None, "data": data, "success": True}
