"""From CoinMarketCap on loopback to events, the view and the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from alerts.models import Alert
from events.lifecycle import close_event, expire
from events.models import Event, QuarantinedItem, SourceHealth, TokenRisk
from events.updater import Report
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient
from liquidity.models import LowLiquidity, TokenLiquidity
from liquidity.updaters import LiquidityUpdater
from tests.exchanges.support import Clock
from tests.support.loopback import loopback_config
from tests.upstreams import Reply, UpstreamServer, challenge_page, too_many_requests
from tests.upstreams.coinmarketcap import PAIRS_PATH, MarketPairsSite

pytestmark = pytest.mark.django_db(transaction=True)


class Bench:
    """Loopback CoinMarketCap with the updater that reads it; a new updater per run, as after a restart."""

    def __init__(self, server: UpstreamServer, names: str = "ABC:abc") -> None:
        self.server, self.clock, self.site = server, Clock(), MarketPairsSite(server)
        self.config = loopback_config(server, CURRENCY_NAMES=names, MINIMUM_LIQUIDITY_THRESHOLD="1000", TIMEOUT="3")

    def run(self) -> Report:
        self.clock.forward(minutes=10)
        client = HttpClient(deadline_s=self.config.request_deadline_seconds, user_agent="tests", now=self.clock)
        report = LiquidityUpdater(self.config, ArchivingFetcher(client), self.clock).run(even_if_backing_off=True)
        expire(self.clock())
        assert report is not None
        return report

    def read(self, *depths: float, slug: str = "abc") -> None:
        for depth in depths:
            self.site.depth(slug, depth, self.clock)
            assert self.run().ok


@pytest.fixture
def bench() -> Iterator[Bench]:
    with UpstreamServer() as server:
        yield Bench(server)


def reasons() -> list[str]:
    return list(Alert.objects.order_by("id").values_list("reason", flat=True))


def test_the_second_low_reading_opens_a_high_priority_event_with_market_and_volume(bench: Bench) -> None:
    bench.read(900)
    assert not Event.objects.exists()
    bench.read(800)
    event = LowLiquidity.objects.get()
    assert (event.source, event.category, event.priority) == ("coinmarketcap", "low_liquidity", "high")
    assert event.opened_at == bench.clock()
    assert (event.depth_usd, event.market, event.volume_24h_usd) == (800, "KuCoin ABC/USDT", 1_000_000)
    assert event.facts["volume_24h_usd"] == 1_000_000
    assert event.url.endswith("/abc/")
    assert TokenRisk.objects.get(token="ABC").action == "avoid_new"
    assert [(alert.reason, alert.channel) for alert in Alert.objects.all()] == [("opened", "token_liquidity")]


def test_thirteen_low_readings_are_one_alert_and_two_events(bench: Bench) -> None:
    bench.read(*[900] * 12)
    first = LowLiquidity.objects.get()
    assert len(first.important_dates) == 10
    bench.read(900)
    first.refresh_from_db()
    second = LowLiquidity.objects.get(status="open")
    assert (first.status, first.close_reason) == ("closed", "succeeded by a new event")
    assert (second.important_dates, second.natural_key) == ([], first.natural_key)
    assert reasons() == ["opened"]
    assert TokenRisk.objects.get(token="ABC").event_ids == [second.pk]


def test_it_is_told_again_when_the_depth_halves_and_closes_after_three_clear_readings(bench: Bench) -> None:
    bench.read(900, 900, 500, 440, 430, 1600, 1600)
    assert reasons() == ["opened", "worse"]
    bench.read(1600)
    assert reasons() == ["opened", "worse", "closed"]
    assert Event.objects.get().status == "closed"
    assert not TokenRisk.objects.exists()


@pytest.mark.parametrize("fault", [503, too_many_requests(60), challenge_page(), Reply("{", 200)])
def test_a_failed_request_is_no_illiquidity_and_interrupts_no_count(bench: Bench, fault: object) -> None:
    bench.read(900)
    bench.site.answers["abc"] = fault
    for _ in range(3):
        assert not bench.run().ok
    assert not LowLiquidity.objects.exists()
    assert SourceHealth.objects.get(pk="coinmarketcap.market_pairs").state in ("failing", "drift")
    bench.read(900)
    assert LowLiquidity.objects.count() == 1


def test_a_failing_upstream_does_not_keep_an_event_open_for_ever(bench: Bench) -> None:
    bench.read(900, 900)
    bench.site.answers["abc"] = 503
    bench.clock.forward(hours=24)
    bench.run()
    event = Event.objects.get()
    assert (event.status, event.close_reason) == ("closed", "expired")


def test_a_wrong_slug_is_put_aside_and_the_others_go_on() -> None:
    with UpstreamServer() as server:
        bench = Bench(server, "BAD:no-such-coin, ABC:abc")
        bench.read(900, 900)
        assert LowLiquidity.objects.count() == 1
        assert QuarantinedItem.objects.get().item_key == "BAD"
        bench.site.depth("no-such-coin", 5000, bench.clock)
        assert bench.run().ok
        assert QuarantinedItem.objects.get().resolved_at == bench.clock()


def test_one_currency_that_fails_hides_no_other_and_a_limit_ends_the_round() -> None:
    with UpstreamServer() as server:
        bench = Bench(server, "ONE:one, ABC:abc")
        bench.site.answers["one"] = 500
        bench.site.depth("abc", 900, bench.clock)
        assert not bench.run().ok and TokenLiquidity.objects.get().token == "ABC"
        bench.site.answers["one"] = too_many_requests(30)
        asked = len(server.requests_to(PAIRS_PATH))
        assert not bench.run().ok
        assert len(server.requests_to(PAIRS_PATH)) == asked + 1


def test_an_event_that_an_admin_closed_stays_closed_and_opens_afresh_when_the_time_is_over(bench: Bench) -> None:
    bench.read(900, 900)
    until = bench.clock() + timedelta(minutes=25)
    close_event(Event.objects.get().pk, bench.clock(), by="ann", reason="known", suppress_until=until)
    bench.read(900, 900)
    assert Event.objects.filter(status="open").count() == 0
    bench.read(900)
    assert reasons() == ["opened", "closed", "opened"]


def test_a_currency_goes_by_any_of_its_names_and_is_one_however_often_it_is_named() -> None:
    with UpstreamServer() as server:
        bench = Bench(server, "FTM:fantom S:sonic 1000SHIB:shiba-inu".replace(" ", ","))
        for slug in ("fantom", "sonic", "shiba-inu"):
            bench.site.depth(slug, 900, bench.clock)
        assert bench.run().ok
        assert sorted(TokenLiquidity.objects.values_list("token", flat=True)) == ["S", "SHIB"]
        # Its own code's page goes before that of an old name.
        for slug, depth in (("fantom", 900), ("sonic", 5_000), ("shiba-inu", 800)):
            bench.site.depth(slug, depth, bench.clock)
        bench.run()
        assert LowLiquidity.objects.get().effects.get().token == "SHIB"
