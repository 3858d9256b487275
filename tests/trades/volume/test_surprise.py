"""Surprise and budget against a slow reading of section 16, and what they must not do."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median

import numpy as np
import pytest

from tests.trades.volume.support import HOUR, market
from trades.volume.bars import Bars
from trades.volume.benchmark import benchmark, daily_sums, eligible, ranks
from trades.volume.budget import A_DAY, LEAST_DAYS, alerts, daily_maxima, market_cards, market_thresholds, thresholds
from trades.volume.surprise import Surprise, surprise


def run(bars: Bars) -> Surprise:
    days = daily_sums(bars)
    return surprise(bars, benchmark(days, 28).mean, eligible(days))


def day_of(bars: Bars, column: int) -> int:
    return (bars.at(column) + 30_000) // (24 * HOUR) - (bars.at(0) + 30_000) // (24 * HOUR)


def raw_as_written(bars: Bars, row: int, column: int) -> float:
    """(x − L) / s averaged over the windows, by the words of section 16."""
    volume = [float(value) / bars.minutes for value in bars.volume[row]]
    opens = [bars.start_ms + index * bars.interval_ms for index in range(bars.columns)]
    days = [day_of(bars, index) for index in range(bars.columns)]

    def mean_28(day: int) -> float:
        return float(np.mean([volume[i] for i in range(bars.columns) if day - 28 <= days[i] < day]))

    means = {day: mean_28(day) for day in set(days) if day > 0}

    def x(index: int, window: int) -> float:
        return math.log(sum(volume[index - window + 1 : index + 1]) / window + 0.001 * means[days[index]])

    def distance(index: int, window: int) -> float | None:
        hour = opens[index] // HOUR
        levels = []
        for hours in (6, 24, 168):
            before = [i for i in range(bars.columns) if hour - hours <= opens[i] // HOUR < hour]
            known = [x(i, window) for i in before if days[i] > 0 and i + 1 >= window]
            if len(known) * 2 < hours * HOUR // bars.interval_ms:
                return None
            levels.append(median(known))
        return x(index, window) - sum(levels) / 3

    parts = []
    for window in (1, 2, 4, 8):
        spreads = []
        for day in range(max(1, days[column] - 28), days[column]):
            sizes = [
                abs(size) for i in range(bars.columns) if days[i] == day and (size := distance(i, window)) is not None
            ]
            if len(sizes) * 2 >= sum(days[i] == day for i in range(bars.columns)):
                spreads.append(1.4826 * median(sizes))
        now = distance(column, window)
        assert now is not None
        parts.append(now / max(0.3, sum(spreads) / len(spreads)))
    return sum(parts) / 4


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_as_written(seed: int) -> None:
    bars = market(2, 33, seed)
    found = run(bars)
    for row, column in [(0, 760), (1, 791), (0, 700)]:
        assert found.raw[row, column] == pytest.approx(raw_as_written(bars, row, column), rel=1e-9)


def test_nothing_is_known_of_the_future() -> None:
    complete = market(21, 64, 3)
    cut = 60 * 24 + 7
    short = Bars(
        complete.symbols,
        complete.start_ms,
        complete.interval_ms,
        *(
            part[:, :cut]
            for part in (complete.open, complete.high, complete.low, complete.close, complete.volume, complete.bought)
        ),
    )
    before, after = run(short), run(complete)
    np.testing.assert_array_equal(before.value, after.value[:, :cut])
    bound = thresholds(daily_maxima(short, before.value))
    np.testing.assert_array_equal(bound, thresholds(daily_maxima(complete, after.value))[: len(bound)])


def test_the_unit_of_volume_does_not_matter() -> None:
    bars = market(3, 40, 4)
    before = run(bars).value
    bars.volume *= 1e6
    np.testing.assert_allclose(run(bars).value, before, atol=1e-9)


def test_half_of_the_market_is_taken_off_from_twenty_instruments_on() -> None:
    twenty, nineteen = market(20, 40, 5), market(19, 40, 5)
    found = run(twenty)
    known = ~np.isnan(found.raw[0])
    assert known.any()
    np.testing.assert_allclose(found.value[:, known], (found.raw - found.market / 2)[:, known])
    np.testing.assert_allclose(found.market[known], np.median(found.raw[:, known], axis=0))
    assert not run(nineteen).market.any()


def test_a_missing_bar_is_unknown_and_not_quiet() -> None:
    bars = market(2, 40, 6)
    bars.volume[0, 900] = np.nan
    assert np.isnan(run(bars).value[0, 900:908]).all()
    # The level of the last six hours is unknown while less than half of them is known.
    assert not np.isnan(run(bars).value[0, 914:]).any()


def test_who_was_traded_too_little_is_not_judged() -> None:
    bars = market(2, 60, 7)
    bars.volume[1, : 24 * 35] = 0.0
    value = run(bars).value
    assert np.isnan(value[1, : 24 * (35 + 20)]).all()
    assert not np.isnan(value[1, 24 * (35 + 22) :]).any()


@pytest.mark.long
def test_a_desk_is_told_about_its_budget() -> None:
    """On weeks that nothing was fitted to: invented ones."""
    told_a_day = []
    for seed in range(2):
        bars = market(24, 100, 10 + seed)
        value = run(bars).value
        told = alerts(bars, value, np.arange(24), thresholds(daily_maxima(bars, value)))
        days = [bars.at(alert.column) // (24 * HOUR) for alert in told if not alert.over_budget]
        assert max(days.count(day) for day in days) <= A_DAY
        told_a_day.append(len(days) / (100 - LEAST_DAYS))
    assert all(2.5 <= rate <= 5 for rate in told_a_day), told_a_day


def test_no_alert_before_the_56th_day_and_none_twice_in_six_hours() -> None:
    bars = market(20, 70, 20)
    value = run(bars).value
    told = alerts(bars, value, np.arange(20), thresholds(daily_maxima(bars, value)))
    assert min(bars.days[alert.column] for alert in told) >= LEAST_DAYS
    for row in range(20):
        times = [bars.at(alert.column) for alert in told if alert.row == row]
        assert all(later - earlier >= 6 * HOUR for earlier, later in pairwise(times))


def test_the_sixth_of_a_day_waits_in_the_digest() -> None:
    bars = market(20, 70, 21)
    value = run(bars).value.copy()
    value[:9, 65 * 24 + 5] = 50.0 + np.arange(9)
    told = alerts(bars, value, np.arange(20), thresholds(daily_maxima(bars, run(bars).value)))
    burst = [alert for alert in told if alert.column == 65 * 24 + 5]
    assert [alert.row for alert in burst] == list(range(8, -1, -1))
    today = bars.at(65 * 24 + 5) // (24 * HOUR)
    before = sum(bars.at(one.column) // (24 * HOUR) == today for one in told if one.column < 65 * 24 + 5)
    assert sum(not alert.over_budget for alert in burst) == A_DAY - before
    assert all(alert.over_budget for alert in burst[A_DAY - before :])


def test_a_market_that_wakes_up_is_one_card() -> None:
    bars = market(22, 70, 22)
    woken = slice(65 * 24, 65 * 24 + 4)
    bars.volume[:, woken] *= 30
    value = run(bars).value
    medians = np.nanmedian(np.where(np.isnan(value).all(axis=0), 0, value), axis=0)
    cards = market_cards(bars, medians, market_thresholds(daily_maxima(bars, medians)))
    assert sum(woken.start <= card.column < woken.stop for card in cards) == 1


def test_rank_is_by_the_mean_and_starts_at_one() -> None:
    mean = np.array([[np.nan, 5.0], [3.0, 7.0], [9.0, 7.0], [0.0, 1.0]])
    assert ranks(mean).tolist() == [[0, 3], [2, 1], [1, 2], [0, 4]]


def test_the_benchmark_is_of_the_days_before() -> None:
    bars = market(1, 40, 30, interval_ms=60_000)
    days = daily_sums(bars)
    found = benchmark(days, 28)
    day = 35
    before = bars.volume[0, (bars.days >= day - 28) & (bars.days < day)]
    assert found.mean[0, day] == pytest.approx(before.mean())
    assert found.std[0, day] == pytest.approx(before.std(), rel=1e-6)
    assert np.isnan(benchmark(daily_sums(market(1, 40, 30)), 28).std).all(), "hours say nothing of minutes"
