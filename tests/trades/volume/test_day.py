"""A day studied alone: the figures that the whole history has for it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.trades.volume.support import market
from trades.replay.volume import _medians
from trades.volume.benchmark import benchmark, daily_sums
from trades.volume.budget import daily_maxima
from trades.volume.day import CONTEXT_DAYS, closes_of_hours, day_number, opens_of, study_day, top_move
from trades.volume.surprise import daily_spreads, levels, log_volumes, spreads, surprise

FIVE_MINUTES = 300_000
WINDOWS = (1, 3, 6, 12)


@pytest.mark.long
def test_as_in_the_whole_history() -> None:
    bars = market(21, 14, 81, interval_ms=FIVE_MINUTES)
    bars.volume[3, 12 * 288 - 700 : 12 * 288 - 650] = np.nan
    days = daily_sums(bars)
    mean = benchmark(days, 28).mean
    rated = np.ones(mean.shape, bool)
    complete = surprise(bars, mean, rated, WINDOWS)
    edges = bars.day_edges()
    day = 12
    part = bars.from_column(int(edges[day - CONTEXT_DAYS]), int(edges[day + 1]))
    logs = log_volumes(bars, mean, WINDOWS)
    distances = [log - levels(bars, log) for log in logs.values()]
    spread = np.array([spreads(bars, distance)[:, day] for distance in distances])
    found = study_day(part, WINDOWS, mean[:, day - CONTEXT_DAYS : day + 1], spread, rated[:, day])
    np.testing.assert_array_equal(found.spreads, [daily_spreads(bars, distance)[:, day] for distance in distances])
    np.testing.assert_array_equal(found.largest, daily_maxima(bars, complete.value)[:, day])
    medians = _medians(complete.value)
    assert found.median == daily_maxima(bars, medians)[day]
    assert found.rated == 21 and not np.isnan(found.largest).any()


def test_a_day_ends_half_a_minute_before_midnight() -> None:
    midnight = 20_000 * 86_400_000
    assert (day_number(midnight), day_number(midnight - 60_000)) == (20_000, 19_999)
    first, end = opens_of(20_000, 60_000)
    assert day_number(first + 60_000) == 20_000 and day_number(end) == 20_000 and day_number(end + 60_000) == 20_001


def test_the_top_hundredth_of_the_moves() -> None:
    bars = market(2, 28, 82)
    closes = closes_of_hours(bars)
    np.testing.assert_array_equal(closes, bars.close)
    bound = top_move(closes)
    moves = np.abs(closes[:, 1:] / closes[:, :-1] - 1)
    assert ((moves > bound[:, None]).mean(axis=1) < 0.0105).all() and (moves > bound[:, None]).any(axis=1).all()
    assert np.isnan(top_move(closes[:, : 7 * 24])).all()
