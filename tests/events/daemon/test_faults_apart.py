"""The daemon's jobs over real HTTP while single upstreams are down, slow, limited or drifting: the others go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from threading import Event as StopFlag

import pytest
from django.db import connection
from django.utils import timezone

from events.daemon.process import build_updaters
from events.daemon.scheduler import Jobs
from events.models import Event, OperationsEvent, SourceHealth, TokenRisk
from events.sources import health
from events.upstream.client import HttpClient
from tests.defillama.stablecoins.support import coin, listing
from tests.support.daemon_process import eventually
from tests.support.loopback import loopback_config
from tests.upstreams import Drip, Route, UpstreamServer, challenge_page, too_many_requests
from tests.upstreams.binance import Article, announcement_site
from tests.upstreams.coinmarketcap import MarketPairsSite
from tests.upstreams.defillama_hacks import HackSite, hack_row
from tests.upstreams.okx_announcements import API_PATH, OkxAnnouncementSite, delisting
from tests.upstreams.quotes import book_tickers
from tests.upstreams.steps import Answer

# Jobs run in threads with connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)

INTERVAL = 1.0
# A source counts as silent after a minute at least: the jobs' clock runs so much faster that it is five seconds.
SPEED = 12
FAULTY: dict[str, tuple[str, Answer]] = {
    "defillama.stablecoins": ("/stablecoins", 503),
    "defillama.hacks": ("/llama*", Drip(interval=0.02)),
    "okx.announcements": (API_PATH, too_many_requests(1)),
    "binance.announcements": ("/bapi/composite/v1/public/cms/article/list/query", challenge_page()),
}
HEALTHY = {
    "binance.pegs": "/api/v3/ticker/bookTicker",
    "coinmarketcap.market_pairs": "/data-api/v3/cryptocurrency/market-pairs/latest",
    "binance.status": "/sapi/v1/system/status",
}


@dataclass
class FastClock:
    started: datetime = field(default_factory=timezone.now)
    at: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return self.started + timedelta(seconds=(time.monotonic() - self.at) * SPEED)


@dataclass
class Running:
    server: UpstreamServer
    clock: FastClock

    def states(self) -> dict[str, str]:
        """The states of the sources, after the housekeeping that looks for silent ones every quarter of a minute."""
        health.mark_stale(self.clock())
        return dict(SourceHealth.objects.values_list("source", "state"))

    def all_are(self, state: str, *names: str) -> Callable[[], bool]:
        return lambda: {name for name, found in self.states().items() if found == state} >= set(names)


@pytest.fixture
def running() -> Iterator[Running]:
    clock = FastClock()
    with UpstreamServer() as server:
        hacks = HackSite(server, [hack_row("Aave V3", int(clock().timestamp()) // 86_400 * 86_400)])
        server.route("/stablecoins", listing(coin(price=0.95)), listing(coin(price=0.951)))
        released, ends = clock() - timedelta(hours=1), clock() + timedelta(days=3)
        text = f"Binance will delist ABC and cease trading at {ends:%Y-%m-%d} 03:00 (UTC): ABC/USDT"
        announcement_site(server, [Article("Binance Will Delist ABC", released, (text,))])
        day = f"{ends:%B} {ends.day}, {ends.year}, 08:00"
        OkxAnnouncementSite(server, [delisting("OKX to delist XYZ spot trading pairs", released, {"XYZ/USDT": day})])
        server.route("/api/v3/ticker/bookTicker", book_tickers({"USDCUSDT": 1.0, "BTCUSDT": 100_000.0}))
        server.route("/sapi/v1/system/status", {"status": 0, "msg": "normal"})
        depth = MarketPairsSite(server)
        depth.depth("abc", 1e6, clock)
        minutes = str(INTERVAL / 60 + 1e-9)
        config = loopback_config(
            server,
            **hacks.environment(),
            DEFI_LLAMA_STABLECOIN_URL=server.url("/stablecoins?includePrices=true"),
            BINANCE_SYSTEM_STATUS_URL=server.url("/sapi/v1/system/status"),
            SPOT_CURRENCIES="AAVE ABC XYZ",
            CURRENCY_NAMES="ABC:abc",
            TIMEOUT="0.8",
            **dict.fromkeys(
                (
                    "UPDATE_REFRESH_INCREMENT_MINS",
                    "ORDERBOOKS_REFRESH_INCREMENT_MINS",
                    "DEFI_LLAMA_UPDATE_REFRESH_INCREMENT_MINS",
                    "DEFI_LLAMA_STABLECOIN_REFRESH_INCREMENT",
                    "COINMARKETCAP_REFRESH_INCREMENT",
                ),
                minutes,
            ),
        )
        client = HttpClient(deadline_s=config.request_deadline_seconds, user_agent="tests", now=clock)
        updaters = build_updaters(config, client, [*FAULTY, *HEALTHY], clock)
        stop = StopFlag()
        for updater in updaters:
            updater.stop = stop
        jobs = Jobs(config, updaters, client, clock, stop)
        jobs.start()
        try:
            yield Running(server, clock)
        finally:
            stop.set()
            jobs.shutdown()
            for updater in updaters:
                updater.wait_until_idle(3)
            _end_the_threads_sessions()


def _end_the_threads_sessions() -> None:
    """The pool's threads keep their connections, and the database could not be dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def told() -> list[tuple[str, str]]:
    """What is open or closed of the sources' news, beside the operations events."""
    return sorted(Event.objects.non_polymorphic().exclude(category="operations").values_list("natural_key", "status"))


@pytest.mark.long
def test_sources_that_fail_in_every_way_delay_no_other_and_are_told_once(running: Running) -> None:
    server = running.server
    eventually(running.all_are("ok", *FAULTY, *HEALTHY), 6, "every source answers")
    eventually(lambda: len(told()) == 4, 3, "a depeg, a hack and two delistings are told")
    before, view = told(), set(TokenRisk.objects.values_list("token", flat=True))
    assert {status for _, status in before} == {"open"} and view == {"USDC", "AAVE", "ABC", "XYZ"}
    routes: list[Route] = [server.route(path, fault) for path, fault in FAULTY.values()]
    began = time.monotonic()
    eventually(running.all_are("stale", *FAULTY), 9, "the faulty sources are stale")
    over = time.monotonic()
    for name, path in HEALTHY.items():
        times = [request.received for request in server.requests_to(path) if began <= request.received <= over]
        assert len(times) >= 4, name
        # A machine that is busy elsewhere for a moment moves a round or two; a source that waits for another, all.
        waits = [later - earlier for earlier, later in pairwise(times)]
        assert median(waits) == pytest.approx(INTERVAL, rel=0.1), name
        assert sum(waits) / len(waits) < 1.5 * INTERVAL, name
    assert {running.states()[name] for name in HEALTHY} == {"ok"}
    # Nothing of it was read as news, nor as no news.
    assert told() == before and set(TokenRisk.objects.values_list("token", flat=True)) == view
    for route in routes:
        server.unroute(route)
    eventually(running.all_are("ok", *FAULTY), 5, "the faulty sources answer again")
    assert told() == before
    reasons: dict[str, list[str]] = {}
    for event in OperationsEvent.objects.prefetch_related("alerts").order_by("id"):
        assert event.status == "closed"
        reasons.setdefault(event.subject, []).extend(alert.reason for alert in event.alerts.order_by("id"))
    assert reasons == {name: ["opened", "closed"] for name in FAULTY}
