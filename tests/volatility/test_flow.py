"""From best bid and ask on loopback to volatility events, the view, the outbox, and a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from events import clock, registry
from events.lifecycle import expire
from events.models import TokenRisk
from events.updater import Report
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import Asset, AssetName
from tests.support.loopback import loopback_config
from tests.upstreams import Reply, UpstreamServer
from tests.volatility.support import START
from volatility import observers
from volatility.baseline import RETENTION, load_minutes
from volatility.models import PriceMinute, VolatilityEvent
from volatility.store import PriceChange
from volatility.updaters import VolatilityUpdater

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Market:
    """Loopback exchanges with prices to be set, and a daemon that can be restarted."""

    server: UpstreamServer
    binance: dict[str, float] = field(default_factory=lambda: {"LUNAUSDT": 100.0, "BTCUSDT": 60_000.0})
    usdm: dict[str, float] = field(default_factory=lambda: {"BTCUSDT": 60_000.0})
    okx: dict[str, float] = field(default_factory=lambda: {"ONLY-USDT": 5.0})

    def __post_init__(self) -> None:
        self.at = START
        self.server.route("/api/v3/ticker/bookTicker", lambda _: _book(self.binance))
        self.server.route("/fapi/v1/ticker/bookTicker", lambda _: _book(self.usdm))
        self.server.route("/api/v5/market/tickers", lambda _: _okx(self.okx), match_query={"instType": "SPOT"})
        self.server.route("/api/v5/market/tickers", lambda _: _okx({"BTC-USDT-SWAP": 60_000.0}),
                          match_query={"instType": "SWAP"})  # fmt: skip
        self.restart()

    def restart(self) -> None:
        config = loopback_config(
            self.server, SPOT_CURRENCIES="LUNA BTC ONLY", USDM_CURRENCIES="BTC",
            ORDERBOOKS_REFRESH_INCREMENT_MINS="1", TIMEOUT="3",
        )  # fmt: skip
        client = HttpClient(deadline_s=3, user_agent="tests", now=lambda: self.at)
        self.updater = VolatilityUpdater(config, ArchivingFetcher(client), lambda: self.at)

    def poll(self, minutes: float = 1, **binance: float) -> Report:
        self.at += timedelta(minutes=minutes)
        self.binance |= binance
        report = self.updater.run(even_if_backing_off=True)
        assert report is not None
        return report

    def alerts(self, token: str = "LUNA") -> list[str]:
        events = VolatilityEvent.objects.filter(natural_key=f"volatility:{token}").order_by("id")
        return [alert.reason for event in events for alert in event.alerts.order_by("id")]


def _book(prices: dict[str, float]) -> list[dict[str, str]]:
    return [{"symbol": name, "bidPrice": f"{price:.8f}", "askPrice": f"{price:.8f}"} for name, price in prices.items()]


def _okx(prices: dict[str, float]) -> dict[str, object]:
    rows = [{"instId": name, "bidPx": str(price), "askPx": str(price)} for name, price in prices.items()]
    return {"code": "0", "data": rows}


@pytest.fixture
def market() -> Iterator[Market]:
    with UpstreamServer() as server:
        yield Market(server)


def test_a_move_is_one_event_in_the_view_that_rolls_forward_and_alerts_again_by_the_rule(market: Market) -> None:
    store_instruments(
        "BINANCE", [InstrumentRow("BINANCE", "LUNAUSDT", "LUNA", "USDT", "LUNA", "TRADING", True)], market.at
    )
    assert market.poll().ok
    assert market.poll(LUNAUSDT=94.0).outcomes["opened"] == 1
    row = TokenRisk.objects.get()
    assert (row.token, row.action, row.categories, row.sources) == ("LUNA", "avoid_new", ["volatility"], ["binance"])
    assert row.tickers == ["BINANCE:LUNAUSDT"]
    assert market.poll(LUNAUSDT=93.0).outcomes["rolled_forward"] == 1
    assert market.poll(LUNAUSDT=80.0).outcomes["updated"] == 1
    assert market.poll(LUNAUSDT=100.0).outcomes["updated"] == 1
    event = VolatilityEvent.objects.get()
    assert market.alerts() == ["opened", "worse", "turned"]
    assert (event.direction, event.facts["price"], event.revision) == ("up", 100.0, 3)
    assert event.payload_id is not None
    assert event.title == "LUNA rose 25.0 % within 1 min to 100 USD"


def test_it_closes_when_its_widest_window_has_passed_without_another_break(market: Market) -> None:
    market.poll()
    market.poll(LUNAUSDT=96.0)
    event = VolatilityEvent.objects.get()
    assert event.valid_until == market.at + timedelta(hours=1)
    expire(event.valid_until)
    event.refresh_from_db()
    assert (event.status, event.close_reason) == ("closed", "expired")
    assert not TokenRisk.objects.exists()
    market.poll(120)
    market.poll(LUNAUSDT=90.0)
    assert market.alerts() == ["opened", "opened"], "later news is an event of its own"


def test_prices_that_hardly_move_are_not_recorded_at_every_poll_and_yet_it_is_valid_to_the_minute(
    market: Market,
) -> None:
    market.poll()
    market.poll(LUNAUSDT=95.5)
    recorded = [sum(market.poll(LUNAUSDT=95.51).outcomes.values()) for _ in range(3)]
    assert recorded == [0, 0, 0]
    last_broken = market.at
    assert market.poll(3).outcomes["rolled_forward"] == 1
    event = VolatilityEvent.objects.get()
    assert event.valid_until == last_broken + timedelta(hours=1)
    assert sum(market.poll().outcomes.values()) == 0


def test_after_an_outage_in_which_an_event_ran_out_a_new_move_is_another_event(market: Market) -> None:
    market.poll()
    market.poll(LUNAUSDT=90.0)
    market.poll(18 * 1440, LUNAUSDT=9.0)
    market.poll(LUNAUSDT=8.0)
    first, second = VolatilityEvent.objects.order_by("id")
    assert (first.status, first.close_reason, second.status) == ("closed", "expired", "open")
    assert second.facts["extreme"] == 9.0
    assert market.alerts() == ["opened", "opened"]


def test_a_restart_keeps_the_baseline_and_what_was_alerted(market: Market) -> None:
    for _ in range(3):
        market.poll()
    market.restart()
    market.poll(30, LUNAUSDT=90.0)
    assert VolatilityEvent.objects.get().facts["windows"] == ["30 min", "60 min"]
    market.restart()
    assert market.poll(LUNAUSDT=89.0).outcomes["rolled_forward"] == 1
    assert market.alerts() == ["opened"]
    market.poll(LUNAUSDT=75.0)
    assert market.alerts() == ["opened", "worse"]


def test_what_another_daemon_read_meanwhile_is_taken_in(market: Market) -> None:
    market.poll()
    first = market.updater
    market.restart()
    for _ in range(5):
        market.poll(LUNAUSDT=104.0)
    market.updater = first
    market.poll(10, LUNAUSDT=98.0)
    assert VolatilityEvent.objects.get(status="open").facts["extreme"] in (100.0, 104.0)
    assert first.store.last_at == market.at
    assert len(list(load_minutes(START, market.at))) == 7


def test_one_reading_a_minute_is_stored_exactly_and_dropped_when_no_window_reaches_it(market: Market) -> None:
    for _ in range(3):
        market.poll(0.4, LUNAUSDT=100.123456789)
    market.poll()
    assert PriceMinute.objects.count() == 3 and load_minutes(START, market.at)
    reading = list(load_minutes(START, market.at))[-1]
    assert dict(zip(reading.pairs, reading.prices, strict=True))["BINANCE:LUNAUSDT"] == 100.12345679
    market.poll(RETENTION / timedelta(minutes=1) + 1)
    assert PriceMinute.objects.count() == 1


def test_a_token_that_only_okx_trades_is_watched_there(market: Market) -> None:
    market.poll()
    market.okx = {"ONLY-USDT": 6.0}
    market.poll()
    event = VolatilityEvent.objects.get()
    assert (event.source, event.facts["pair"], event.direction) == ("okx", "OKX:ONLY-USDT", "up")


def test_an_exchange_that_is_down_is_no_move_and_holds_nobody_up(market: Market) -> None:
    market.poll()
    down = market.server.route("/api/v5/market/tickers", Reply(status=503))
    assert market.poll(LUNAUSDT=90.0).ok
    assert market.alerts() == ["opened"]
    market.server.unroute(down)
    market.server.route("/api/v3/ticker/bookTicker", Reply(status=503))
    assert market.poll().ok
    assert VolatilityEvent.objects.count() == 1


def test_when_no_list_answers_the_source_fails_and_names_one(market: Market) -> None:
    market.poll()
    market.server.route("*", Reply(status=503))
    report = market.poll()
    assert not report.ok and "503" in report.error
    assert market.updater.store.last_at == market.at - timedelta(minutes=1)


def test_an_observer_that_registered_is_told_of_every_reading(market: Market) -> None:
    seen: list[PriceChange] = []
    observers.register_observer(seen.append)
    try:
        market.restart()
    finally:
        observers._observers.remove(seen.append)
    market.poll()
    assert [change.at for change in seen] == [market.at]
    assert seen[0].pairs == ["BINANCE:LUNAUSDT", "BINANCE:BTCUSDT", "BINANCE_USDM:BTCUSDT", "OKX:ONLY-USDT",
                             "OKX_USDM:BTC-USDT-SWAP"]  # fmt: skip


def test_the_source_and_its_kind_are_registered() -> None:
    assert registry.updater_factories()["volatility.prices"] is VolatilityUpdater
    assert registry.event_model("volatility") is VolatilityEvent


@pytest.mark.parametrize("restarted", [False, True])
def test_a_pair_whose_name_means_another_coin_from_a_day_on_has_no_history(market: Market, restarted: bool) -> None:
    """Four of the new coin for one of the old: its first price is no fall by three quarters."""
    renamed = Asset.objects.create(code="NEWLUNA", kind=Asset.Kind.COIN)
    AssetName.objects.create(asset=renamed, name="LUNA", multiplier=4, valid_from=START + timedelta(minutes=3.5))
    for _ in range(3):
        market.poll()
    if restarted:
        market.restart()
    assert market.poll().ok and market.poll().ok
    assert not VolatilityEvent.objects.exists()
    # Who watches LUNA watches it, under its new name.
    market.poll(LUNAUSDT=90.0)
    assert VolatilityEvent.objects.get().effects.get().token == "NEWLUNA"


def test_a_fall_is_seen_although_the_clock_was_a_day_ahead_and_is_back(market: Market) -> None:
    for _ in range(3):
        market.poll()
    market.poll(24 * 60)
    market.poll()
    market.poll(-24 * 60, LUNAUSDT=41.0)
    assert market.alerts() == ["opened"]
    event = VolatilityEvent.objects.get()
    assert event.move == pytest.approx(-0.59) and event.facts["windows"][0] == "1 min"
    assert not PriceMinute.objects.filter(at__gt=market.at).exists(), "nothing of it comes back in a day"


def test_a_fall_is_seen_by_a_daemon_that_starts_after_the_clock_was_ahead(market: Market) -> None:
    market.poll()
    market.poll(24 * 60)
    market.at -= timedelta(days=1)
    market.restart()
    market.poll(LUNAUSDT=41.0)
    assert market.alerts() == ["opened"]


def test_a_day_of_prices_survives_a_clock_that_is_ahead(market: Market) -> None:
    market.poll()
    guard = clock.Guard()
    # It was right once, and is not any more.
    guard.look(clock.DatabaseTime(guard.epoch(), clock.monotonic()))
    guard.confirm()
    guard.look(clock.DatabaseTime(guard.epoch() - 10 * 365 * 86_400, clock.monotonic()))
    assert guard.untrusted
    clock.install(guard)
    try:
        market.poll(10 * 365 * 24 * 60)
        assert PriceMinute.objects.count() == 2, "nothing is deleted by a clock that is not trusted"
    finally:
        clock.install(None)
    market.poll(2)
    assert PriceMinute.objects.count() == 2


@pytest.mark.parametrize("days", [3652, -3652])
def test_a_fall_across_the_first_correction_of_the_clock_is_seen(market: Market, days: float) -> None:
    """The daemon begins with a wrong clock, which is set right between two polls."""
    wrong, passed = [-days * 86_400.0], [0.0]
    true = START.timestamp()
    guard = clock.Guard(wall=lambda: true + wrong[0] + passed[0], steady=lambda: passed[0])
    clock.install(guard)
    try:
        market.restart()
        market.at = guard.now()
        for _ in range(3):
            passed[0] += 60
            market.poll()
        assert market.at == guard.now()
        wrong[0] = 0.0
        guard.look(clock.DatabaseTime(true + passed[0], passed[0]))
        guard.confirm()
        assert guard.now() == START + timedelta(minutes=3)
        market.at = guard.now()
        # Not LUNA: ten years back that was another coin, and its prices are no baseline.
        assert market.poll(BTCUSDT=24_600.0).outcomes["opened"] == 1
    finally:
        clock.install(None)
    assert VolatilityEvent.objects.get().facts["windows"][0] == "1 min"
