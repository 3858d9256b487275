"""The rest of the demo's day, played by the clock of the loopback server: every upstream beside Binance's news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.upstreams import UpstreamServer
from tests.upstreams.coinmarketcap import MarketPairsSite
from tests.upstreams.defillama_hacks import HackSite, hack_row
from tests.upstreams.kraken_instruments import KrakenSite
from tests.upstreams.okx_announcements import OkxAnnouncementSite, OkxArticle, delisting
from tests.upstreams.okx_instruments import OkxInstrumentSite, okx_contract, okx_spot
from tests.upstreams.quotes import book_tickers, daily_rates, okx_tickers

WATCHED = "BTC ETH ATOM ICX STORJ ENJ DOGE RON QTUM"
# Seconds after the story begins.
_OKX_AT, _HACK_AT, _DEPEG_AT, _CRASH_AT, _DRY_AT = 4.0, 7.0, 9.0, 5.0, 6.0
CHAPTERS = (
    (_OKX_AT, "OKX publishes: OKX to delist QTUM spot trading pairs"),
    (_CRASH_AT, "Binance's best bid and ask: DOGE falls by a third"),
    (_DRY_AT, "CoinMarketCap: the depth of ICX's best market dries up"),
    (_HACK_AT, "DeFiLlama lists a hack: the Ronin Bridge, 120 million dollars"),
    (_DEPEG_AT, "DeFiLlama: USDC is at 0.93"),
)
_PRICES = {
    "BTCUSDT": 60_000.0, "ETHUSDT": 3_000.0, "ATOMUSDT": 9.0, "ICXUSDT": 0.2, "STORJUSDT": 0.5, "ENJUSDT": 0.7,
    "DOGEUSDT": 0.2, "RONUSDT": 2.0, "USDCUSDT": 1.0,
}  # fmt: skip


class DemoWorld:
    """Mounts the upstreams beside Binance's announcements. `begin` starts the story; before it all is calm."""

    def __init__(self, server: UpstreamServer, started: datetime) -> None:
        self._server = server
        self._started = started
        self._begun: float | None = None
        self.okx = OkxAnnouncementSite(
            server, [OkxArticle("OKX to list ABC for spot", started - timedelta(days=1), ("ABC opens tomorrow.",))]
        )
        self.okx_instruments = OkxInstrumentSite(
            server, spot=[okx_spot(pair) for pair in ("QTUM/USDT", "QTUM/USDC", "BTC/USDT")],
            swaps=[okx_contract("BTC/USDT")], futures=[okx_contract("BTC/USDT", "991231")],
        )  # fmt: skip
        KrakenSite(server, ("BTC/USD", "ETH/USD", "DOGE/USD", "ATOM/EUR"))
        midnight = started.replace(hour=0, minute=0, second=0, microsecond=0)
        self._today = round(midnight.timestamp())
        self.hacks = HackSite(server, [hack_row("Old Exchange", self._today - 100 * 86_400)])
        self.depth = MarketPairsSite(server)
        self.depth.depth("icon", 900_000.0, lambda: datetime.now(UTC))
        server.route("/stablecoins", lambda _request: self._stablecoins())
        server.route("/rates", lambda _request: daily_rates(midnight, {"EUR": 0.9}))
        server.route("/api/v3/ticker/bookTicker", lambda _request: book_tickers(self._prices()))
        server.route("/fapi/v1/ticker/bookTicker", lambda _request: book_tickers({"BTCUSDT": 60_000.0}))
        server.route("/api/v5/market/tickers", lambda request: okx_tickers(_OKX_PRICES[request.query["instType"]]))

    def environment(self) -> dict[str, str]:
        """Intervals of seconds, and the watch lists of the story."""
        return {
            **self.hacks.environment(),
            "DEFI_LLAMA_STABLECOIN_URL": self._server.url("/stablecoins?includePrices=true"),
            "DEFI_LLAMA_RATES_URL": self._server.url("/rates"),
            "CURRENCY_NAMES": "ICX:icon",
            "STABLECOINS": "USDC",
            "ORDERBOOKS_REFRESH_INCREMENT_MINS": "0.05",
            "DEFI_LLAMA_STABLECOIN_REFRESH_INCREMENT": "0.05",
            "DEFI_LLAMA_UPDATE_REFRESH_INCREMENT_MINS": "0.05",
            "COINMARKETCAP_REFRESH_INCREMENT": "0.05",
        }

    def begin(self) -> None:
        self._begun = self._server.elapsed

    def step(self) -> None:
        """Bring about what has no clock of its own."""
        if self._since(_OKX_AT) and len(self.okx.articles) == 1:
            ends = f"{self._started + timedelta(days=5):%B %-d, %Y, %H:00}"
            title = "OKX to delist QTUM spot trading pairs"
            self.okx.publish(delisting(title, datetime.now(UTC), {"QTUM/USDT": ends, "QTUM/USDC": ends}))
        if self._since(_HACK_AT) and len(self.hacks.rows) == 1:
            row = hack_row("Ronin Bridge", self._today, 120_000_000, chain=["Ronin"], bridgeHack=True)
            self.hacks.rows = [*self.hacks.rows, row]
        if self._since(_DRY_AT):
            self.depth.depth("icon", 20_000.0 - self._server.elapsed, lambda: datetime.now(UTC))

    def _since(self, seconds: float) -> bool:
        return self._begun is not None and self._server.elapsed >= self._begun + seconds

    def _prices(self) -> dict[str, float]:
        fallen = 0.65 if self._since(_CRASH_AT) else 1.0
        return {**_PRICES, "DOGEUSDT": _PRICES["DOGEUSDT"] * fallen}

    def _stablecoins(self) -> dict[str, Any]:
        # A new reading is one whose bytes are new.
        price = 0.93 - self._server.elapsed / 1e5 if self._since(_DEPEG_AT) else 1.0 + self._server.elapsed / 1e6
        supply = {"peggedUSD": 4e10}
        coin = {
            "id": "2", "name": "USD Coin", "symbol": "USDC", "pegType": "peggedUSD", "price": round(price, 6),
            "circulating": supply, "circulatingPrevDay": supply,
        }  # fmt: skip
        return {"peggedAssets": [coin], "chains": []}


_OKX_PRICES = {"SPOT": {"QTUM-USDT": 0.6, "BTC-USDT": 60_000.0}, "SWAP": {"BTC-USDT-SWAP": 60_000.0}}
