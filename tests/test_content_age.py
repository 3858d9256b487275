"""Every source: content that is too old, bytes that stand still, lists that lost their rows or their name.

The registry is walked: a source without a rule fails here. What cannot happen to a source stands in its rule, with why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.models import Alert
from events import registry
from events.models import Event, OperationsEvent, SourceHealth
from events.sources.content import AgeFrom, ContentRule, stamp
from events.updater import EventUpdater, read_through
from events.upstream import archive
from events.upstream.client import HttpClient, Payload
from exchanges.quotes import ALL_SOURCES
from markets.models import Instrument
from tests.support.content_world import NAMES, World
from tests.upstreams import UpstreamServer
from tests.upstreams.binance_instruments import SPOT_PATH, spot_exchange_info, spot_symbol

pytestmark = pytest.mark.django_db

# Their payloads come from within the daemon: `tests/orderbooks/collector/test_stream_status.py`.
FROM_WITHIN = {"orderbooks.events", "trades.events"}
# Whoever reads a list of quotes that is no updater itself.
READERS = dict.fromkeys(ALL_SOURCES, "volatility.prices")
SOURCES = sorted({*registry.updater_factories(), *ALL_SOURCES})


@pytest.fixture(scope="module")
def server() -> Iterator[UpstreamServer]:
    with UpstreamServer() as running:
        yield running


@pytest.fixture
def world(server: UpstreamServer) -> World:
    return World(server)


class Unpaced:
    """The archiving fetcher without OKX's documented rate, which the loopback server does not have."""

    clock_skew: float | None = None

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        payload = self._client.get(url, source=source, params=params)
        return replace(payload, archived_as=archive.store(payload))


class Runner:
    """Runs the sources of a world; each is one object for as long as the test goes on, as in a daemon."""

    def __init__(self, world: World) -> None:
        self.world = world
        client = HttpClient(deadline_s=3, user_agent="tests", now=world.clock)
        self._make = {
            name: lambda factory=factory: factory(world.config, Unpaced(client), world.clock)
            for name, factory in registry.updater_factories().items()
        }
        self._made: dict[str, EventUpdater] = {}

    def updater(self, source: str) -> EventUpdater:
        name = READERS.get(source, source)
        if name not in self._made:
            self._made[name] = self._make[name]()
        return self._made[name]

    def run(self, source: str) -> str:
        """The state that the source is in after a round."""
        assert self.updater(source).run(even_if_backing_off=True) is not None
        return SourceHealth.objects.get(pk=source).state


def rules() -> dict[str, ContentRule]:
    with UpstreamServer() as server:
        runner = Runner(World(server))
        own = {name: runner.updater(name).content() for name in registry.updater_factories()}
        assert [name for name, rule in own.items() if rule is None] == [], "declare content() of these sources"
        return registry.feed_rules(runner.world.config) | {name: rule for name, rule in own.items() if rule}


RULES = rules()


def cards() -> list[str]:
    rows = Alert.objects.filter(event__category="operations").order_by("id")
    return list(rows.values_list("reason", flat=True))


def prepared(world: World, source: str) -> Runner:
    """A world in which the source was read whole once, and which says how old its answers are where only that tells."""
    runner = Runner(world)
    if source.endswith(".edits"):
        # What is read again is the article of an open event.
        exchange = source.partition(".")[0]
        for first in (f"{exchange}.instruments", f"{exchange}.announcements"):
            assert runner.run(first) == "ok"
        assert Event.objects.filter(status="open").exists()
    if source == "volatility.prices" or source in ALL_SOURCES:
        world.quotes_only = source if source in ALL_SOURCES else "okx.quotes"
    world.says_age = {age.since for age in RULES[source].ages} == {AgeFrom.CACHE}
    assert runner.run(source) == "ok"
    assert cards() == []
    return runner


def case(name: str) -> list[str]:
    return [source for source in SOURCES if name not in RULES[source].exempt]


def test_every_source_declares_its_content_and_every_exemption_says_why() -> None:
    assert set(SOURCES) <= set(RULES)
    assert {name for name in registry.replayed_factories() if name not in RULES} == FROM_WITHIN
    for source, rule in RULES.items():
        assert set(rule.exempt) <= {"frozen", "rows", "name"}, source
        assert all(len(why) > 20 for why in rule.exempt.values()), source


@pytest.mark.parametrize("source", SOURCES)
def test_content_older_than_its_bound_is_stale_told_once_and_once_when_it_is_new_again(
    source: str, world: World
) -> None:
    """The bytes stand still from here on, with all times in them."""
    rule = RULES[source]
    runner = prepared(world, source)
    of_itself = [age.bound for age in rule.ages if age.since != AgeFrom.CACHE]
    bound = min(of_itself or [age.bound for age in rule.ages])
    # Days have no hour.
    slack = timedelta(hours=13) if bound >= timedelta(days=2) else timedelta(seconds=30)
    world.frozen_at = world.at
    world.forward(bound - slack)
    assert runner.run(source) == "ok" and cards() == []
    world.forward(2 * slack)
    assert runner.run(source) == "stale"
    told = OperationsEvent.objects.get()
    assert told.subject in (source, *rule.reported_by), "one card, of the source that is the cause"
    assert f"since {stamp(world.frozen_at)[:6]}" in told.facts["not seen"] or slack > timedelta(minutes=1)
    assert "is not seen" in told.facts["not seen"] and "since" in told.facts["not seen"]
    row = SourceHealth.objects.get(pk=source)
    assert row.content_overdue and row.content_at and world.at - row.content_at > bound - timedelta(hours=13)
    assert row.last_success_at == world.at, "the answer's own age stands beside it"
    world.forward(timedelta(minutes=1))
    assert runner.run(source) == "stale" and cards() == ["opened"]
    world.frozen_at = None
    world.forward(timedelta(minutes=1))
    assert runner.run(source) == "ok"
    assert cards() == ["opened", "closed"] and not OperationsEvent.objects.filter(status="open").exists()


@pytest.mark.parametrize("source", case("rows"))
def test_a_list_that_lost_most_of_its_rows_is_drift_and_nothing_is_read_from_it(source: str, world: World) -> None:
    runner = prepared(world, source)
    events, live = Event.objects.count(), Instrument.objects.filter(live=True).count()
    world.share = 0.03
    for _ in range(4):
        # However long it says so: nobody believes a list of which nearly nothing is left.
        world.forward(timedelta(minutes=15))
        assert runner.run(source) == "drift"
    told = OperationsEvent.objects.get(subject=source)
    assert "is not seen" in told.facts["not seen"]
    assert "rows known before" in told.facts["error"] or "missing" in told.facts["error"]
    assert Event.objects.filter(status="open").count() == events + OperationsEvent.objects.count()
    assert Instrument.objects.filter(live=True).count() == live
    world.share = 1.0
    # Lists of quotes are not asked while they back off, whoever reads them.
    world.forward(timedelta(minutes=6))
    assert runner.run(source) == "ok"
    ours = Alert.objects.filter(event=told.pk).order_by("id").values_list("reason", flat=True)
    assert list(ours) == ["opened", "closed"]


@pytest.mark.parametrize("source", case("name"))
def test_a_list_under_another_name_is_drift_until_it_has_its_own_again(source: str, world: World) -> None:
    runner = prepared(world, source)
    world.renamed = True
    for _ in range(2):
        world.forward(timedelta(minutes=1))
        assert runner.run(source) == "drift"
    assert cards() == ["opened"]
    assert "airdrop" in OperationsEvent.objects.get().facts["error"].casefold()
    world.renamed = False
    world.forward(timedelta(minutes=1))
    assert runner.run(source) == "ok" and cards() == ["opened", "closed"]


def test_an_older_list_from_another_edge_of_the_cache_does_not_bring_a_halted_pair_back(
    server: UpstreamServer, world: World
) -> None:
    runner = Runner(world)
    pairs = [spot_symbol(f"{name}/USDT") for name in NAMES[:40]]
    route = server.route(SPOT_PATH, lambda _request: spot_exchange_info(pairs, world.ms))
    try:
        assert runner.run("binance.instruments") == "ok"
        world.forward(timedelta(minutes=1))
        pairs[0] = spot_symbol(f"{NAMES[0]}/USDT", "BREAK")
        assert runner.run("binance.instruments") == "ok"
        world.frozen_at, pairs[0] = world.at - timedelta(hours=6), spot_symbol(f"{NAMES[0]}/USDT")
        world.forward(timedelta(minutes=1))
        assert runner.run("binance.instruments") == "ok", "the newest that is known is a minute old"
        assert Instrument.objects.get(venue="BINANCE", symbol=f"{NAMES[0]}USDT").status == "BREAK"
        world.forward(timedelta(minutes=15))
        assert runner.run("binance.instruments") == "stale", "and there it stays"
        world.frozen_at = None
        assert runner.run("binance.instruments") == "ok"
        assert Instrument.objects.get(venue="BINANCE", symbol=f"{NAMES[0]}USDT").status == "TRADING"
    finally:
        server.unroute(route)


def test_a_restart_keeps_the_age_of_lists_that_are_no_updaters(world: World) -> None:
    runner = Runner(world)
    made = [runner.updater(name) for name in registry.updater_factories()]
    assert read_through(made) == dict.fromkeys(ALL_SOURCES, 30.0)
    assert read_through([runner.updater("okx.status")]) == {}
