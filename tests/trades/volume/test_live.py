"""Minute by minute as column by column: live values are those of a replay, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from tests.trades.volume.support import market
from trades.volume.bars import Bars
from trades.volume.benchmark import benchmark, daily_sums, ranks
from trades.volume.keys import WINDOWS, parse_key
from trades.volume.live import LiveWindows, Standard, Tick, fired
from trades.volume.surprise import level_after, levels, log_volumes, market_part
from trades.volume.tracker import fires, tracker

MINUTE = 60_000


def holed(bars: Bars, seed: int) -> Bars:
    """With missing minutes, minutes without trades, and an instrument that begins late."""
    rng = np.random.default_rng(seed)
    bars.volume[rng.random(bars.volume.shape) < 0.3] = 0.0
    bars.volume[0, rng.integers(0, bars.columns, 30)] = np.nan
    bars.volume[1, : bars.columns - 2000] = np.nan
    bars.bought[2] = np.nan
    bars.bought[np.isnan(bars.volume)] = np.nan
    bars.bought[:] = np.minimum(bars.bought, bars.volume)
    return bars


@pytest.fixture(scope="module")
def two_days() -> tuple[Bars, np.ndarray, list[Tick], np.ndarray]:
    bars = holed(market(22, 2, 71, interval_ms=MINUTE), 72)
    mean = benchmark(daily_sums(bars), 28).mean
    rng = np.random.default_rng(73)
    rated = np.ones(22, bool)
    rated[5] = False
    level, spread = rng.normal(10, 1, (4, 22)), rng.uniform(0.3, 2, (4, 22))
    live, ticks = LiveWindows(22), []
    for column in range(bars.columns):
        if column == 2100:
            # A daemon that starts again.
            live = LiveWindows(22)
            live.restart(bars.volume[:, :column], bars.bought[:, :column])
        live.add(bars.volume[:, column], bars.bought[:, column])
        standard = Standard(mean[:, bars.days[column]], level, spread, rated)
        ticks.append(live.tick(bars.at(column), standard))
    raw = (np.array(list(log_volumes(bars, mean, (5, 15, 30, 60)).values())) - level[..., None]) / spread[..., None]
    raw = (raw[0] + raw[1] + raw[2] + raw[3]) / 4
    raw[5] = np.nan
    return bars, mean, ticks, raw


def test_volumes_and_shares_to_the_last_bit(two_days: tuple[Bars, np.ndarray, list[Tick], np.ndarray]) -> None:
    bars, mean, ticks, _ = two_days
    columns = tracker(bars, mean)
    for index, window in enumerate(WINDOWS):
        np.testing.assert_array_equal(np.array([tick.volume[index] for tick in ticks]).T, columns.volume[window])
        np.testing.assert_array_equal(np.array([tick.bought[index] for tick in ticks]).T, columns.bought[window])
        assert (~np.isnan(columns.volume[window])).sum() > 10_000


def test_surprise_to_the_last_bit(two_days: tuple[Bars, np.ndarray, list[Tick], np.ndarray]) -> None:
    _, _, ticks, raw = two_days
    value = raw - market_part(raw) / 2
    np.testing.assert_array_equal(np.array([tick.surprise for tick in ticks]).T, value)
    assert (~np.isnan(value)).sum() > 10_000


@pytest.mark.parametrize(
    "text",
    ["buy_vol_5m:0/vol_15m:1.4/timeframe:60/lvl:9", "buy_vol_1m:0.7/vol_1m:2/timeframe:60/lvl:22",
     "buy_vol_60m:0.45/vol_5m:1/timeframe:60/lvl:22"],
)  # fmt: skip
def test_keys_fire_at_the_same_minutes(text: str, two_days: tuple[Bars, np.ndarray, list[Tick], np.ndarray]) -> None:
    bars, mean, ticks, _ = two_days
    key = parse_key(text)
    rank = ranks(mean)
    live = np.array([fired(tick, key, rank[:, day]) for tick, day in zip(ticks, bars.days, strict=True)]).T
    expected = fires(tracker(bars, mean), key, rank[:, bars.days])
    assert expected is not None and expected.sum() > 20
    np.testing.assert_array_equal(live, expected)


def test_the_level_of_an_hour_alone_is_that_of_the_whole() -> None:
    bars = market(3, 12, 74, interval_ms=300_000)
    bars.volume[1, 300:1100] = np.nan
    mean = benchmark(daily_sums(bars), 28).mean
    (logs,) = log_volumes(bars, mean, (3,)).values()
    complete = levels(bars, logs)
    for hour in (30, 100, 200, 287):
        np.testing.assert_array_equal(level_after(logs[:, : hour * 12], 12), complete[:, hour * 12])
