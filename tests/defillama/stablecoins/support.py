"""Stablecoins on loopback: DeFiLlama's list and rates, Binance's and OKX's quotes, and the updaters that read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.models import Alert
from crypto_ews.conf import Config
from defillama.models import DepegEvent
from defillama.stablecoins.updaters import RatesUpdater, StablecoinUpdater
from defillama.stablecoins.venue_updater import VenuePegUpdater
from events.protocols import Fetcher
from events.updater import EventUpdater, Report
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient, Payload
from tests.support.captures import capture
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer

START = datetime(2026, 10, 10, 21, 0, tzinfo=UTC)
LIST_PATH, RATES_PATH = "/stablecoins", "/rates"
BINANCE_PATH, OKX_PATH = "/api/v3/ticker/bookTicker", "/api/v5/market/tickers"


@dataclass
class Clock:
    """An injected clock."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


def coin(
    coin_id: str = "2", symbol: str = "USDC", price: Any = 1.0, peg: str = "peggedUSD", **more: Any
) -> dict[str, Any]:
    """A row of DeFiLlama's list; `supply` and `day_ago` in units of the peg."""
    supply, day_ago = more.pop("supply", 1e9), more.pop("day_ago", None)
    return {
        "id": coin_id,
        "name": more.pop("name", f"{symbol} coin"),
        "symbol": symbol,
        "pegType": peg,
        "price": price,
        "circulating": {peg: supply},
        "circulatingPrevDay": {peg: day_ago if day_ago is not None else supply},
        **more,
    }


def listing(*coins: Mapping[str, Any]) -> dict[str, Any]:
    return {"peggedAssets": list(coins), "chains": []}


def payload(body: Any, source: str = "defillama.stablecoins", at: datetime = START) -> Payload:
    """An answer as if it had been received."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Payload(source, "http://127.0.0.1/", 200, {}, data, at, 0.01, None)


def recorded_closes(name: str) -> list[tuple[datetime, float]]:
    """Closes of USDC in a pool, 15-minute bars: (end of the bar, dollars)."""
    bars = json.loads(capture(f"prices/stablesafe_data_usdc_{name}.json").read_text())["data"]
    return [(datetime.fromisoformat(bar["dt"]) + timedelta(minutes=15), bar["c"]) for bar in bars]


class Bench:
    """One desk that watches stablecoins; what the upstreams say is set through it."""

    def __init__(self, server: UpstreamServer, fetcher: Fetcher | None = None, **environment: str) -> None:
        self.server = server
        self.clock = Clock()
        upstreams = {
            "DEFI_LLAMA_STABLECOIN_URL": server.url(f"{LIST_PATH}?includePrices=true"),
            "DEFI_LLAMA_RATES_URL": server.url(RATES_PATH),
            "BINANCE_ORDERBOOK_URL": server.url(BINANCE_PATH),
            "OKX_ORDERBOOK_URL": server.url(f"{OKX_PATH}?instType=SPOT"),
        }
        self.config: Config = loopback_config(server, **{**upstreams, "TIMEOUT": "3", **environment})
        self._listing = server.route(LIST_PATH, 503)
        self._rates = server.route(RATES_PATH, 503)
        self._binance = server.route(BINANCE_PATH, 503)
        self._okx = server.route(OKX_PATH, 503)
        client = HttpClient(self.config.request_deadline_seconds, user_agent="tests", now=self.clock)
        fetcher = fetcher or ArchivingFetcher(client)
        self._coins = StablecoinUpdater(self.config, fetcher, self.clock)
        self._daily_rates = RatesUpdater(self.config, fetcher, self.clock)
        self._venues = {name: VenuePegUpdater(name, self.config, fetcher, self.clock) for name in ("binance", "okx")}

    def read(self, *coins: Mapping[str, Any], minutes: float = 30) -> Report:
        """The next reading of DeFiLlama's list, `minutes` after the last one."""
        return self.read_raw(listing(*coins), minutes)

    def read_raw(self, answer: Any, minutes: float = 30) -> Report:
        self._listing.replace(answer)
        self.clock.forward(minutes=minutes)
        return run(self._coins)

    def read_at(self, at: datetime) -> Report:
        """The next reading of whatever the fetcher has."""
        self.clock.at = at
        return run(self._coins)

    def read_rates(self, answer: Any) -> Report:
        self._rates.replace(answer)
        return run(self._daily_rates)

    def read_binance(self, quotes: Mapping[str, tuple[float, float]], seconds: float = 30) -> Report:
        """The next reading of Binance's quotes: symbol → bid, ask."""
        rows = [{"symbol": symbol, "bidPrice": str(bid), "askPrice": str(ask)} for symbol, (bid, ask) in quotes.items()]
        self._binance.replace(rows)
        self.clock.forward(seconds=seconds)
        return run(self._venues["binance"])

    def read_okx(self, quotes: Mapping[str, tuple[float, float]], seconds: float = 30) -> Report:
        rows = [{"instType": "SPOT", "instId": symbol, "bidPx": str(bid), "askPx": str(ask), "ts": "0"}
                for symbol, (bid, ask) in quotes.items()]  # fmt: skip
        self._okx.replace({"code": "0", "msg": "", "data": rows})
        self.clock.forward(seconds=seconds)
        return run(self._venues["okx"])


class Recorded:
    """A fetcher of recorded answers, for series that are too long to be asked for one by one over HTTP."""

    clock_skew: float | None = None

    def __init__(self) -> None:
        self.answer: Payload = payload(listing())

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        return self.answer


def run(updater: EventUpdater) -> Report:
    report = updater.run(even_if_backing_off=True)
    assert report is not None
    return report


def reasons(event: DepegEvent | None = None) -> list[str]:
    """The reasons of the alerts that were queued, in order; of one event, or of all."""
    alerts = Alert.objects.order_by("id") if event is None else event.alerts.order_by("id")
    return [alert.reason for alert in alerts]
