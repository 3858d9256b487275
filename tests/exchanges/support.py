"""A small exchange to test against: instruments, announcements, and updaters with an injected clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crypto_ews.conf import Config
from events.updater import EventUpdater, Report
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient
from exchanges.announcements.edit_updater import EditUpdater
from exchanges.announcements.sites.binance import BinanceSite
from exchanges.announcements.updater import AnnouncementUpdater
from exchanges.instruments.binance import BinanceInstrumentUpdater
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import AnnouncementSite, Article, announcement_site, removal_notice
from tests.upstreams.binance_instruments import InstrumentSite, coinm_symbol, instrument_site, spot_symbol, usdm_symbol

RELEASED = datetime(2026, 9, 29, 7, 15, tzinfo=UTC)
SPOT_PAIRS = (
    "BTC/USDT", "BTC/USDC", "BTC/RON", "BTC/ZAR", "ETH/USDT", "ETH/BTC", "ABC/USDT", "ABC/USDC", "ABC/BNB",
    "XYZ/USDT", "XYZ/BTC", "LAST/USDT", "0G/USDT", "0G/BNB",
)  # fmt: skip


def removal(*pairs: str, at: str = "2026-10-02 03:00", released: datetime = RELEASED) -> Article:
    """Binance's notice that pairs leave at a time, UTC."""
    return removal_notice(at[:10], {at: pairs}, released)


# A contract's delisting for 2 October, 09:00 UTC, and its postponement by a week.
CONTRACT_REMOVAL = Article(
    "Binance Futures Will Delist USDⓈ-M ABCUSDT Perpetual Contract (2026-10-02)",
    RELEASED,
    (
        "Binance Futures will close all positions and conduct an automatic settlement on the USDⓈ-M ABCUSDT "
        "Perpetual Contract at 2026-10-02 09:00 (UTC). The contract will be delisted after the settlement.",
    ),
)
CONTRACT_POSTPONED = Article(
    "Delisting of USDⓈ-M ABCUSDT Perpetual Contract Postponed",
    RELEASED + timedelta(hours=1),
    (
        "Binance Futures will postpone the delisting of the USDⓈ-M ABCUSDT Perpetual Contract to "
        "2026-10-09 09:00 (UTC).",
    ),
)


@dataclass
class Clock:
    """An injected clock."""

    at: datetime = RELEASED + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


class Bench:
    """Loopback Binance with the updaters that read it."""

    def __init__(self, server: UpstreamServer, articles: Iterable[Article] = (), **environment: str) -> None:
        self.server = server
        self.clock = Clock()
        self.site: AnnouncementSite = announcement_site(server, articles)
        self.instruments: InstrumentSite = instrument_site(
            server,
            spot=[spot_symbol(pair) for pair in SPOT_PAIRS],
            usdm=[usdm_symbol("BTC/USDT"), usdm_symbol("1000SHIB/USDT")],
            coinm=[coinm_symbol("BTC")],
        )
        defaults = {"SPOT_CURRENCIES": "BTC ETH ABC", "USDM_CURRENCIES": "BTC", "TIMEOUT": "3"}
        self.config: Config = loopback_config(server, **{**defaults, **environment})

    def _fetcher(self) -> ArchivingFetcher:
        client = HttpClient(deadline_s=self.config.request_deadline_seconds, user_agent="tests", now=self.clock)
        return ArchivingFetcher(client)

    def run_instruments(self) -> Report:
        return self._run(BinanceInstrumentUpdater(self.config, self._fetcher(), self.clock))

    def run_announcements(self) -> Report:
        site = BinanceSite(self.config)
        return self._run(AnnouncementUpdater(site, self.config, self._fetcher(), self.clock))

    def run_edits(self) -> Report:
        return self._run(EditUpdater(BinanceSite(self.config), self.config, self._fetcher(), self.clock))

    @staticmethod
    def _run(updater: EventUpdater) -> Report:
        report = updater.run(even_if_backing_off=True)
        assert report is not None
        return report
