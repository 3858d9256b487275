"""The live tracker over stored minutes says what `volumereplay` says of the same minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from alerts.models import Alert
from crypto_ews.conf import Config
from events.database.partitions import drop_partitions
from events.models import Effect, Event, PayloadPoll, SourceHealth, plain_events
from events.replay.engine import Replay
from events.replay.report import report_of
from events.upstream.archive import recorded_payloads
from tests.exchanges.support import Clock
from tests.trades import world
from tests.trades.volume.support import START_MS, market
from trades.daily.outcomes import settle_outcomes
from trades.live.service import VolumeService
from trades.models import TrackerRow, UnusualVolume, VolumeObservation
from trades.replay.bar_files import iso
from trades.replay.volume import run
from trades.storage.rows import TradeRows
from trades.storage.tables import milliseconds_of, moment_of
from trades.volume.bars import DAY_MS, Bars
from trades.volume.benchmark import benchmark, daily_sums, eligible
from trades.volume.budget import COOL_DOWN_MS
from trades.volume.keys import WINDOWS, parse_key
from trades.volume.surprise import surprise
from trades.volume.tracker import momentum, tracker

pytestmark = pytest.mark.django_db

KEYS = (
    "buy_vol_5m:0/vol_5m:6/timeframe:30/lvl:3",
    "buy_vol_1m:0.6/vol_15m:4/timeframe:60/lvl:2",
    "buy_vol_60m:0.499/vol_1m:14/timeframe:15/lvl:3",
)


@pytest.fixture(autouse=True)
def no_partitions(db: None) -> Iterator[None]:
    for table in world.TABLES:
        drop_partitions(table, date(9999, 1, 1))
    yield


def bursts(days: int, live_minutes: int) -> Bars:
    """Bursts in the last day's first hours, a hole, and minutes without trades."""
    bars = market(3, days, 92, interval_ms=60_000)
    first = (days - 1) * 1440
    bars.volume[0, first + 40 : first + 50] *= 60
    bars.volume[1, first + 45 : first + 60] *= 400
    bars.volume[2, first + 70 : first + 73] *= 90
    for part in (bars.open, bars.high, bars.low, bars.close, bars.volume, bars.bought):
        part[2, first + 100] = np.nan
    bars.volume[1, first + 20 : first + 24] = bars.bought[1, first + 20 : first + 24] = 0.0
    return bars.from_column(0, first + live_minutes)


def agree(days: int, live_minutes: int, restart_at: int) -> tuple[Bars, dict[str, Any], Clock, Config]:
    bars = bursts(days, live_minutes)
    settings = world.config(bars.symbols, VOLUME_EVENT_KEYS=" ".join(KEYS))
    first = (days - 1) * 1440
    start_day = START_MS // DAY_MS
    world.list_pairs(bars.symbols, moment_of(START_MS))
    rows = TradeRows()
    world.store(bars, 0, first, rows)
    world.close_days(settings, start_day, start_day + days - 2)
    clock = Clock(moment_of(bars.at(first - 1) + 4_200))
    service = VolumeService(settings, clock)
    service.work()
    world.live(service, clock, bars, first, first + restart_at, rows)
    # Killed, and some minutes are only stored.
    world.store(bars, first + restart_at, first + restart_at + 7, rows)
    service = VolumeService(settings, clock)
    world.live(service, clock, bars, first + restart_at + 7, first + live_minutes, rows)
    # A cool-down or an observation from before the first live minute would not be known to it: there is none.
    report, unjudged = run(bars, [parse_key(key) for key in KEYS], None, bars.at(first) - COOL_DOWN_MS)
    begins = iso(bars.at(first))
    found = [one for key in KEYS for one in report["keys"][key]["observations"]] + report["alerts"]
    assert not unjudged and all(one["at"] >= begins for one in found)
    return bars, report, clock, settings


def check_rows(bars: Bars, first: int) -> None:
    days = daily_sums(bars)
    mean = benchmark(days, 28).mean
    columns, moved = tracker(bars, mean), momentum(bars)
    value = surprise(bars, mean, eligible(days)).value
    symbols = {number: index for index, number in enumerate(
        TrackerRow.objects.order_by("instrument_id").values_list("instrument_id", flat=True).distinct()
    )}  # fmt: skip
    seen = 0
    for row in TrackerRow.objects.filter(at__gte=moment_of(bars.at(first))):
        index, column = symbols[row.instrument_id], (milliseconds_of(row.at) - bars.start_ms) // 60_000 - 1
        expected = [bars.close[index, column], value[index, column], moved[index, column]]
        expected += [columns.volume[window][index, column] for window in WINDOWS]
        expected += [columns.bought[window][index, column] for window in WINDOWS]
        found = [row.price, row.surprise, row.momentum]
        found += [getattr(row, f"vol_{window}m") for window in WINDOWS]
        found += [getattr(row, f"buy_vol_{window}m") for window in WINDOWS]
        np.testing.assert_allclose(np.array(found, float), expected, rtol=2e-6, atol=2e-6)
        seen += 1
    missing = np.isnan(bars.volume[:, first:]).sum()
    assert seen == (bars.columns - first) * len(bars.symbols) - missing


def check_alerts(report: dict[str, Any]) -> None:
    told = [
        (iso(milliseconds_of(row.at)), row.symbol, pytest.approx(row.surprise, abs=1e-4),
         pytest.approx(row.threshold, abs=1e-4), pytest.approx(row.move, abs=1e-6))
        for row in UnusualVolume.objects.filter(over_budget=False).order_by("at", "-surprise")
    ]  # fmt: skip
    assert [tuple(one.values()) for one in report["alerts"]] == told
    assert UnusualVolume.objects.filter(over_budget=True).count() == report["over_budget"]


def check_observations(report: dict[str, Any], over_ms: int) -> None:
    """over_ms: until then everything is stored; a timeframe that ends later is not settled."""
    settled = 0
    for key in KEYS:
        rows = VolumeObservation.objects.filter(key=key).select_related("instrument").order_by("at", "instrument")
        expected = report["keys"][key]["observations"]
        assert [(row.instrument.symbol, iso(milliseconds_of(row.at)), row.entry) for row in rows] == [
            (one["symbol"], one["at"], one["entry"]) for one in expected
        ]
        for row, one in zip(rows, expected, strict=True):
            assert row.delay_ms in (4_200, *(4_200 + 60_000 * late for late in range(1, 8)))
            # The price at the end of one timeframe is missing: it waits for the repair.
            assert row.due_known == (milliseconds_of(row.due_at) <= over_ms and one["close"] is not None)
            if row.due_known:
                assert (row.due_high, row.due_low, row.due_close) == (one["max"], one["min"], one["close"])
                assert row.due_high_at is not None and row.due_low_at is not None
                times = (iso(milliseconds_of(row.due_high_at)), iso(milliseconds_of(row.due_low_at)))
                assert times == (one["max_at"], one["min_at"])
                settled += 1
    assert settled > 3


def told() -> list[tuple[Any, ...]]:
    return [
        (event.natural_key, event.opened_at, event.closed_at, event.title, event.facts,
         [(alert.reason, alert.queued_at) for alert in Alert.objects.filter(event_id=event.pk).order_by("id")])
        for event in plain_events().order_by("id")
    ]  # fmt: skip


def test_live_and_replayed_minutes_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """With fewer days than in production: 58 days of minutes are in `make test-long`."""
    monkeypatch.setattr("trades.volume.budget.LEAST_DAYS", 7)
    monkeypatch.setattr("trades.daily.thresholds.LEAST_DAYS", 7)
    monkeypatch.setattr("trades.volume.benchmark.TRADED_DAYS", 3)
    bars, report, clock, settings = agree(9, 130, restart_at=44)
    assert len(report["alerts"]) >= 3 and all(found["opened"] for found in report["keys"].values())
    check_rows(bars, 8 * 1440)
    check_alerts(report)
    check_events(report, settings)
    clock.at += timedelta(hours=2)
    settle_outcomes(clock.at)
    check_observations(report, bars.at(bars.columns - 1))


def check_events(report: dict[str, Any], settings: Config) -> None:
    """Each alert is an event with a card; a replay of the archive makes the same."""
    live = told()
    assert [event[0] for event in live] == [f"volume_anomaly:BINANCE:{one['symbol']}" for one in report["alerts"]]
    assert all([reason for reason, _ in event[5]] == ["opened"] for event in live)
    effects = Effect.objects.order_by("pk").values_list("action", "token", "tickers")
    assert effects[0] == ("watch", "C000", ["BINANCE:C000USDT"]) and len(effects) == len(live)
    payloads = list(recorded_payloads())
    for model in (Alert, Event, SourceHealth, PayloadPoll, UnusualVolume):
        model.objects.all().delete()
    replayed = report_of(Replay(settings, iter(payloads)).run())
    assert told() == live
    assert replayed["failures"] == [] and {event["kind"] for event in replayed["events"]} == {"volume_anomaly"}


@pytest.mark.long
def test_live_and_replayed_minutes_agree_over_58_days() -> None:
    bars, report, clock, _ = agree(58, 180, restart_at=44)
    assert len(report["alerts"]) >= 3
    check_rows(bars, 57 * 1440)
    check_alerts(report)
    settle_outcomes(clock.at + timedelta(hours=3))
    check_observations(report, bars.at(bars.columns - 1))
