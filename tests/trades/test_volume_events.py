"""Unusual volume as events: the budget of a day, its digest, market cards, what followed; and unreadable keys."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from alerts.models import Alert
from events.database.partitions import drop_partitions
from events.models import SourceHealth, plain_events
from tests.exchanges.support import Clock
from tests.trades import world
from tests.trades.volume.support import START_MS, market
from trades.daily.outcomes import key_statistics, settle_outcomes
from trades.detection.observations import Followed, MarketPassed, Passed, VolumeObservations
from trades.detection.updater import VolumeEventUpdater
from trades.live.keys import keys_in_force
from trades.live.service import ObservationFetcher, VolumeService
from trades.live.tracked import followed
from trades.models import TradedInstrument, UnusualVolume, VolumeDay, VolumeEventKey, VolumeObservation
from trades.storage.rows import TradeRows
from trades.storage.tables import moment_of
from trades.volume.bars import DAY_MS
from trades.volume.keys import DEFAULT_LADDER

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
FOLLOWED = Followed(412, 61, 0.0922, 0.05, 0.13, 0.0121, 0.0102, 0.014, -0.0009, -0.0031, 0.0013)
KEY = "buy_vol_5m:0/vol_5m:6/timeframe:30/lvl:3"


@pytest.fixture(autouse=True)
def no_partitions(db: None) -> Iterator[None]:
    for table in world.TABLES:
        drop_partitions(table, date(9999, 1, 1))
    yield


class Bench:
    """An updater that is given minutes."""

    def __init__(self) -> None:
        self.clock = Clock(NOON)
        self.fetcher = ObservationFetcher(self.clock)
        self.updater = VolumeEventUpdater(world.config(["AUSDT"]), self.fetcher, self.clock)

    def minute(
        self, at: datetime, *symbols: str, market: MarketPassed | None = None, delay: timedelta = timedelta(seconds=4)
    ) -> None:
        passed = [
            Passed(symbol, f"BINANCE:{symbol}", symbol.removesuffix("USDT"), "USDT", 5.0 - index / 10, 3.0, 1.5, 0.02,
                   12.0, 0.7)
            for index, symbol in enumerate(symbols)
        ]  # fmt: skip
        self.clock.at = at + delay
        at_ms = round(at.timestamp() * 1000)
        self.fetcher.next = VolumeObservations("BINANCE", at_ms, 30, passed, market, FOLLOWED if passed else None)
        report = self.updater.run(even_if_backing_off=True)
        assert report is not None and report.ok


def titles() -> list[str]:
    return [event.natural_key.removeprefix("volume_anomaly:") for event in plain_events().order_by("id")]


def test_five_a_day_have_cards_and_the_others_wait_in_the_digest() -> None:
    bench = Bench()
    bench.minute(NOON, "AUSDT", "BUSDT", "CUSDT")
    bench.minute(NOON + timedelta(minutes=1), "AUSDT", "DUSDT")
    # A daemon that starts again knows the day's budget and the cool-downs.
    bench = Bench()
    bench.minute(NOON + timedelta(hours=1), "BUSDT", "EUSDT", "FUSDT", "GUSDT")
    bench.minute(NOON + timedelta(hours=6), "AUSDT")
    assert titles() == [f"BINANCE:{name}USDT" for name in "ABCDE"]
    assert Alert.objects.filter(reason="opened").count() == 5
    over = UnusualVolume.objects.filter(over_budget=True).order_by("at", "-surprise")
    assert [row.symbol for row in over] == ["FUSDT", "GUSDT", "AUSDT"]
    midnight = datetime(2026, 3, 5, tzinfo=UTC)
    bench.minute(midnight)
    bench.minute(midnight + timedelta(minutes=1), "HUSDT")
    assert titles()[5:] == ["digest:2026-03-04", "BINANCE:HUSDT"], "once, and the new day has a budget of its own"
    digest = plain_events().get(natural_key="volume_anomaly:digest:2026-03-04")
    assert digest.facts["over_budget"] == [
        "BINANCE:FUSDT 2026-03-04T13:00:00+00:00, 4.8 spreads, +2.0 %",
        "BINANCE:GUSDT 2026-03-04T13:00:00+00:00, 4.7 spreads, +2.0 %",
        "BINANCE:AUSDT 2026-03-04T18:00:00+00:00, 5.0 spreads, +2.0 %",
    ]
    assert [effect.action for effect in digest.effects.all()] == ["watch"] * 3


def test_the_whole_market_is_one_card_in_six_hours() -> None:
    bench = Bench()
    woken = MarketPassed(1.6, 1.2)
    for minutes in (0, 1, 359, 360):
        bench.minute(NOON + timedelta(minutes=minutes), market=woken)
    assert [row.at for row in UnusualVolume.objects.order_by("at")] == [NOON, NOON + timedelta(hours=6)]
    event = plain_events().order_by("id")[0]
    assert event.natural_key == "volume_anomaly:market:BINANCE"
    (effect,) = event.effects.all()
    assert (effect.token, effect.venue, effect.action) == ("*", "BINANCE", "watch")


def test_what_is_known_late_is_stored_without_a_card() -> None:
    bench = Bench()
    bench.minute(NOON, "AUSDT", delay=timedelta(minutes=11))
    event = plain_events().get(category="volume_anomaly")
    assert event.facts["pair"] == "BINANCE:AUSDT" and not Alert.objects.filter(event_id=event.pk).exists()


def test_an_event_says_what_followed_only_where_enough_is_known() -> None:
    bench = Bench()
    bench.minute(NOON, "AUSDT")
    facts = plain_events().get().facts
    assert facts["followed"]["n"] == 412 and facts["followed"]["move_interval"] == [-0.0031, 0.0013]
    few = FOLLOWED._replace(n=29)
    bench.fetcher.next = VolumeObservations(
        "BINANCE", round(NOON.timestamp() * 1000) + 60_000, 30,
        [Passed("BUSDT", "BINANCE:BUSDT", "B", "USDT", 5.0, 3.0, 1.5, 0.02, 12.0, 0.7)], None, few,
    )  # fmt: skip
    bench.updater.run(even_if_backing_off=True)
    assert "followed" not in plain_events().get(natural_key="volume_anomaly:BINANCE:BUSDT").facts


def test_the_hour_after_is_measured_from_stored_minutes() -> None:
    bars = market(1, 2, 31, interval_ms=60_000)
    (symbol,) = bars.symbols
    world.list_pairs(bars.symbols, moment_of(START_MS))
    world.store(bars)
    number = TradedInstrument.objects.get().pk
    day = moment_of(START_MS).date()
    at = moment_of(bars.at(1500))
    VolumeDay.objects.create(instrument_id=number, day=day, seen=1440, total=1, eligible=True, top_move=0.0001)
    UnusualVolume.objects.create(
        venue="BINANCE", symbol=symbol, ticker="BINANCE:C000USDT", at=at, surprise=4, threshold=3, over_budget=True
    )
    settle_outcomes(at + timedelta(minutes=69))
    assert not UnusualVolume.objects.get().settled, "a missed minute may still be repaired"
    settle_outcomes(at + timedelta(minutes=70))
    row = UnusualVolume.objects.get()
    assert row.settled and row.next_move is not None and row.next_move == bars.close[0, 1560] / bars.close[0, 1500] - 1
    assert row.top is (abs(row.next_move) > 0.0001)
    found = followed()
    assert found is not None and (found.n, found.days, found.move_low) == (1, 1, None)


def test_an_unreadable_key_is_named_everywhere_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    bars = market(2, 2, 32, interval_ms=60_000)
    bars.volume[0, 1500:1510] *= 100
    settings = world.config(bars.symbols, VOLUME_EVENT_KEYS=f"vlty:3 {KEY}")
    world.list_pairs(bars.symbols, moment_of(START_MS))
    VolumeEventKey.objects.create(text="buy_vol_5m:0.5/vol_5m:6/timeframe:30/lvl:3")
    rows = TradeRows()
    world.store(bars, 0, 1500, rows)
    world.close_days(settings, START_MS // DAY_MS, START_MS // DAY_MS)
    clock = Clock(moment_of(bars.at(1499) + 4_200))
    service = VolumeService(settings, clock)
    with caplog.at_level(logging.ERROR):
        world.live(service, clock, bars, 1500, 1508, rows)
    assert {row.key for row in VolumeObservation.objects.all()} == {KEY}
    faults = (
        "VOLUME_EVENT_KEYS, key 1: 'vlty:3' is no event key: 'vlty:3' (a level of volatility) is not known here",
        "'buy_vol_5m:0.5/vol_5m:6/timeframe:30/lvl:3' is no event key: the share bought is 0.5, which can never fire",
    )
    health = SourceHealth.objects.get(pk="trades.events")
    assert health.state == "ok" and service.gauges()["unreadable_keys"] == 2
    for fault in faults:
        assert sum(fault in record.getMessage() for record in caplog.records) == 1, "said once"
        assert fault in health.last_error
    assert "can never fire" in VolumeEventKey.objects.get().fault


def test_a_minute_that_no_pair_has_is_waited_for() -> None:
    """The collector was down with the tracker: its minutes come with the repair, and what fired in them is observed."""
    bars = market(2, 2, 33, interval_ms=60_000)
    bars.volume[0, 1502:1504] *= 300
    settings = world.config(bars.symbols, VOLUME_EVENT_KEYS=KEY)
    world.list_pairs(bars.symbols, moment_of(START_MS))
    rows = TradeRows()
    world.store(bars, 0, 1500, rows)
    world.close_days(settings, START_MS // DAY_MS, START_MS // DAY_MS)
    clock = Clock(moment_of(bars.at(1499) + 4_200))
    service = VolumeService(settings, clock)
    world.live(service, clock, bars, 1500, 1502, rows)
    world.store(bars, 1504, 1505, rows)
    clock.at = moment_of(bars.at(1504) + 4_200)
    assert service.work() == 0 and not VolumeObservation.objects.exists()
    world.store(bars, 1502, 1504, rows)
    clock.at = moment_of(bars.at(1504) + 9_000)
    assert service.work() == 3
    observation = VolumeObservation.objects.get()
    assert observation.at == moment_of(bars.at(1502)) and observation.delay_ms == 129_000
    # One that nobody brings is missing in the end; nothing is said of it, and the row of health grows old.
    before = SourceHealth.objects.get(pk="trades.events").last_success_at
    clock.at = moment_of(bars.at(1505) + 180_000)
    assert service.work() == 1
    assert SourceHealth.objects.get(pk="trades.events").last_success_at == before


def test_a_key_has_statistics_by_days() -> None:
    world.list_pairs(["C000USDT"], NOON)
    (instrument,) = TradedInstrument.objects.all()
    for day in range(6):
        at = NOON + timedelta(days=day)
        VolumeObservation.objects.create(
            key=KEY, instrument=instrument, at=at, delay_ms=4200, entry=100.0, times=2.0, strongest=True, due_at=at,
            ends_at=at, due_known=True, due_close=101.0 + day,
        )  # fmt: skip
    found = key_statistics()[KEY]
    assert (found.n, found.days) == (6, 6) and found.mean == pytest.approx(0.035)
    assert found.low is not None and found.low < 0.035


def test_the_admin_refuses_what_it_cannot_read_and_shows_what_a_key_would_have_done(admin_client: Client) -> None:
    url = "/admin/trades/volumeeventkey/add/"
    page = admin_client.post(url, {"text": "vol_5m:3/lvl:1", "enabled": "on"}).content.decode()
    assert "it has 2 parts, expected four in this order" in page and not VolumeEventKey.objects.exists()
    page = admin_client.post(url, {"text": KEY.replace(":6/", ":6.0/"), "enabled": "on"}).content.decode()
    assert "Nothing is known of the last 28 days yet" in page and not VolumeEventKey.objects.exists()
    admin_client.post(url, {"text": KEY, "enabled": "on", "previewed": KEY})
    assert VolumeEventKey.objects.get().text == KEY
    assert KEY in admin_client.get("/admin/trades/volumeeventkey/").content.decode()
    for name in ("volumeobservation", "unusualvolume"):
        assert admin_client.get(f"/admin/trades/{name}/").status_code == 200


def test_without_any_key_the_ladder_is_observed() -> None:
    found = keys_in_force(world.config(["AUSDT"]))
    assert found.keys == DEFAULT_LADDER and not found.chosen
    VolumeEventKey.objects.create(text="nonsense")
    assert keys_in_force(world.config(["AUSDT"])).keys == [], "what was asked for is not the ladder"
