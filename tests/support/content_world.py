"""Every upstream as a healthy day has it, made for a moment: freeze it, cut its lists, or rename them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from crypto_ews.conf import Config
from tests.support.loopback import loopback_config
from tests.upstreams import Reply, UpstreamServer
from tests.upstreams.binance import (
    DETAIL_PATH,
    LIST_PATH,
    Article,
    all_catalogs_list,
    article_detail,
    catalog_list,
    removal_notice,
)
from tests.upstreams.binance_instruments import (
    COINM_PATH,
    PRODUCTS_PATH,
    SPOT_PATH,
    STATUS_PATH,
    USDM_PATH,
    coinm_exchange_info,
    coinm_symbol,
    get_products,
    product,
    spot_exchange_info,
    spot_symbol,
    system_status,
    usdm_exchange_info,
    usdm_symbol,
)
from tests.upstreams.coinmarketcap import PAIRS_PATH as MARKETS_PATH
from tests.upstreams.coinmarketcap import market, market_pairs
from tests.upstreams.defillama_hacks import hack_row
from tests.upstreams.kraken_instruments import PAIRS_PATH as KRAKEN_PATH
from tests.upstreams.kraken_instruments import asset_pair, asset_pairs
from tests.upstreams.okx_announcements import API_PATH, HELP_PATH, OkxArticle, delisting
from tests.upstreams.okx_instruments import INSTRUMENTS_PATH, okx_contract, okx_spot
from tests.upstreams.okx_instruments import STATUS_PATH as OKX_STATUS_PATH
from tests.upstreams.quotes import book_tickers, daily_rates, okx_tickers
from tests.upstreams.wire import Request

START = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
NAMES = [f"T{number:03}" for number in range(120)]
_Row = TypeVar("_Row")


class World:
    """frozen_at: what is answered is of this moment, however late it is. share: so much of each list is left."""

    def __init__(self, server: UpstreamServer) -> None:
        self.server, self.at = server, START
        self.frozen_at: datetime | None = None
        self.share, self.renamed, self.says_age = 1.0, False, False
        # Of the lists of quotes the one that is frozen or cut; empty: all of them are.
        self.quotes_only = ""
        self.config: Config = loopback_config(
            server,
            TIMEOUT="3",
            SPOT_CURRENCIES="ABC",
            USDM_CURRENCIES="ABC",
            STABLECOINS="USDC",
            CURRENCY_NAMES="ABC:abc",
            DEFI_LLAMA_HACKS_URL=server.url("/hacks"),
            DEFI_LLAMA_BRIDGE_HACKS=server.url("/hacks"),
            DEFI_LLAMA_STABLECOIN_URL=server.url("/stablecoins"),
            DEFI_LLAMA_RATES_URL=server.url("/rates"),
        )
        routes = {
            LIST_PATH: self._binance_list,
            DETAIL_PATH: self._binance_detail,
            SPOT_PATH: lambda r: spot_exchange_info(self._cut([spot_symbol(f"{n}/USDT") for n in NAMES[:40]]), self.ms),
            USDM_PATH: lambda r: usdm_exchange_info(self._cut([usdm_symbol(f"{n}/USDT") for n in NAMES[:40]]), self.ms),
            COINM_PATH: lambda r: coinm_exchange_info(self._cut([coinm_symbol(n) for n in NAMES[:20]]), self.ms),
            PRODUCTS_PATH: lambda r: get_products(self._cut([product(f"{n}/USDT", c=self._price(1)) for n in NAMES])),
            STATUS_PATH: lambda r: system_status(),
            API_PATH: self._okx_list,
            HELP_PATH + "*": self._okx_article,
            OKX_STATUS_PATH: lambda r: {"code": "0", "msg": "", "data": []},
            INSTRUMENTS_PATH: self._okx_instruments,
            KRAKEN_PATH: lambda r: asset_pairs(
                self._cut([asset_pair(f"{n}/USD", ordermin=self._price(1)) for n in NAMES])
            ),
            "/hacks": lambda r: self._cut(self._hacks()),
            "/stablecoins": self._stablecoins,
            "/rates": lambda r: daily_rates(self.day, {n[:4]: 2.0 for n in self._cut(NAMES[:30])}),
            "/api/v3/ticker/bookTicker": lambda r: book_tickers(self._prices("binance.quotes", "USDT")),
            "/fapi/v1/ticker/bookTicker": lambda r: book_tickers(self._prices("binance.quotes.usdm", "USDT")),
            "/api/v5/market/tickers": self._okx_tickers,
            MARKETS_PATH: lambda r: market_pairs(
                "ABC", *self._cut([market(n, "ABC/USDT", 1e7, 1e7, updated=self.of) for n in NAMES[:40]])
            ),
        }
        for path, answer in routes.items():
            server.route(path, self._with_age(answer))

    @property
    def of(self) -> datetime:
        """The moment that what is answered is of."""
        return self.frozen_at or self.at

    @property
    def ms(self) -> int:
        return round(self.of.timestamp() * 1000)

    @property
    def day(self) -> datetime:
        return self.of.replace(hour=0, minute=0, second=0, microsecond=0)

    def clock(self) -> datetime:
        return self.at

    def forward(self, span: timedelta) -> None:
        self.at += span

    def _with_age(self, answer: Any) -> Any:
        def reply(request: Request) -> Any:
            made = answer(request)
            if not self.says_age or made == 404:
                return made
            body = made.body if isinstance(made, Reply) else made
            return Reply(body, headers={"Age": str(round((self.at - self.of).total_seconds()))})

        return reply

    def _cut(self, rows: Sequence[_Row]) -> list[_Row]:
        return list(rows[: max(1, round(len(rows) * self.share))])

    def _price(self, price: float) -> str:
        """One that is another each minute, and never moves far."""
        return f"{price + (self.of.timestamp() // 60 % 1000) / 1e6:.8f}"

    def _prices(self, source: str, quote: str) -> dict[str, float]:
        names, price = ["USDC", *NAMES], 1 + self.at.timestamp() // 60 % 1000 / 1e6
        if self.quotes_only in ("", source):
            names, price = self._cut(names), float(self._price(1))
        return {f"{name}{quote}": price for name in names}

    def _hacks(self) -> list[dict[str, Any]]:
        days = [self.day - timedelta(days=before) for before in range(120)]
        return [hack_row(f"Vault {day:%Y-%m-%d}", round(day.timestamp())) for day in days]

    def _times(self) -> list[datetime]:
        """When notices came out, newest first: every five days, one of them at the start."""
        last = (self.of - START) // timedelta(days=5)
        return [START + timedelta(days=5 * number) for number in range(last, last - 6, -1)]

    def _binance(self) -> list[Article]:
        removal = removal_notice("2026-11-20", {"2026-11-20 03:00": ["ABC/USDT"]}, START - timedelta(hours=1))
        quiet = [
            Article(f"Notes of {at:%Y-%m-%d %H:%M}", at, ("Fellow Binancians,",), catalog)
            for at in self._times()
            for catalog in (161, 49)
        ]
        return sorted([removal, *quiet], key=lambda article: article.release_ms, reverse=True)

    def _binance_list(self, request: Request) -> Any:
        articles, size = self._binance(), int(request.query.get("pageSize", "20"))
        number = int(request.query.get("pageNo", "1"))
        if "catalogId" in request.query:
            answer = catalog_list(articles, int(request.query["catalogId"]), number, size)
        else:
            answer = all_catalogs_list(articles, number, size)
        for catalogue in answer["data"]["catalogs"]:
            catalogue["articles"] = self._cut(catalogue["articles"]) if catalogue["articles"] else []
            if self.renamed:
                catalogue["catalogName"] = "Airdrop"
        return answer

    def _binance_detail(self, request: Request) -> Any:
        code = request.query.get("articleCode", "")
        article = next((article for article in self._binance() if article.code == code), None)
        return article_detail(article) if article else 404

    def _okx(self) -> list[OkxArticle]:
        groups = {"ABC/USDT": "November 20, 2026, 08:00"}
        removal = delisting("OKX to delist ABC spot trading pairs", START - timedelta(hours=1), groups)
        kinds = ("announcements-delistings", "announcements-new-listings")
        quiet = [
            OkxArticle(f"Notes of {at:%Y-%m-%d %H:%M} {kind}", at, ("We are pleased.",), kind)
            for at in self._times()
            for kind in kinds
        ]
        return sorted([removal, *quiet], key=lambda article: article.released_at, reverse=True)

    def _okx_list(self, request: Request) -> Any:
        wanted, number = request.query.get("annType"), int(request.query.get("page", "1"))
        rows = [article.api_row for article in self._okx() if wanted in (None, article.ann_type)]
        shown = self._cut(rows[(number - 1) * 20 : number * 20]) if rows[(number - 1) * 20 :] else []
        if self.renamed:
            shown = [row | {"annType": "earn-airdrop"} for row in shown]
        return {"code": "0", "msg": "", "data": [{"details": shown, "totalPage": "3"}]}

    def _okx_article(self, request: Request) -> Any:
        slug = request.path.removeprefix(HELP_PATH)
        article = next((article for article in self._okx() if article.slug == slug), None)
        return Reply(article.page()) if article else 404

    def _okx_instruments(self, request: Request) -> Any:
        kind = request.query.get("instType")
        changing: dict[str, Any] = {"minSz": self._price(1)}
        if "instId" in request.query:
            return {"code": "51001", "msg": "", "data": []}
        rows = {
            "SPOT": [okx_spot(f"{name}/USDT", **changing) for name in NAMES[:40]],
            "SWAP": [okx_contract(f"{name}/USDT", **changing) for name in NAMES[:40]],
            "FUTURES": [okx_contract(f"{name}/USDT", "271231", **changing) for name in NAMES[:20]],
        }[str(kind)]
        return {"code": "0", "msg": "", "data": self._cut(rows)}

    def _okx_tickers(self, request: Request) -> Any:
        if request.query.get("instType") == "SPOT":
            return okx_tickers(self._prices("okx.quotes", "-USDT"))
        return okx_tickers(self._prices("okx.quotes.swap", "-USDT-SWAP"))

    def _stablecoins(self, request: Request) -> Any:
        coins = [
            {"id": str(n), "symbol": name, "name": name, "pegType": "peggedUSD", "price": float(self._price(1))}
            for n, name in enumerate(NAMES)
        ]
        return {"peggedAssets": self._cut(coins), "chains": []}
