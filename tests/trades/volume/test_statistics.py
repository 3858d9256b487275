"""Moves and the interval of their mean: by days, not by rows."""

from __future__ import annotations

import numpy as np
import pytest

from trades.volume.statistics import moves_by_day, moving_on, t_quantile


def test_by_hand() -> None:
    found = moves_by_day([0.01, 0.03, -0.02, 0.0, 0.02, 0.04], [1, 1, 2, 3, 4, 5])
    assert found is not None
    mean = 0.08 / 6
    off = [0.04 - 2 * mean, -0.02 - mean, -mean, 0.02 - mean, 0.04 - mean]
    wide = 2.776 * (5 / 4 * sum(one * one for one in off)) ** 0.5 / 6
    assert (found.n, found.days, found.median) == (6, 5, pytest.approx(0.015))
    assert (found.mean, found.low, found.high) == pytest.approx((mean, mean - wide, mean + wide))
    assert found.std == pytest.approx(np.std([0.01, 0.03, -0.02, 0.0, 0.02, 0.04], ddof=1))


def test_ten_cases_of_a_day_are_hardly_more_than_one() -> None:
    once = moves_by_day([0.01, -0.01, 0.02, 0.0, 0.03, -0.02], range(6))
    tenfold = moves_by_day([0.01, -0.01, 0.02, 0.0, 0.03, -0.02] * 10, list(range(6)) * 10)
    assert once is not None and tenfold is not None
    assert (once.low, once.high) == pytest.approx((tenfold.low, tenfold.high))


def test_the_interval_covers_the_truth_where_days_move_together() -> None:
    rng = np.random.default_rng(5)
    covered = rows = 0
    for _ in range(600):
        sizes = rng.integers(1, 8, 12)
        days = np.repeat(np.arange(12), sizes)
        moves = np.repeat(rng.normal(0.001, 0.01, 12), sizes) + rng.normal(0, 0.005, sizes.sum())
        found = moves_by_day(list(moves), list(days))
        assert found is not None and found.low is not None and found.high is not None
        covered += found.low <= 0.001 <= found.high
        rows += abs(moves.mean() - 0.001) <= 1.96 * moves.std(ddof=1) / len(moves) ** 0.5
    assert covered / 600 >= 0.90 > 0.80 > rows / 600, "an interval by rows would be far too narrow"


def test_few_days_have_no_interval_and_nothing_has_no_statistics() -> None:
    few = moves_by_day([0.1, 0.2, 0.3, 0.1], [1, 2, 3, 4])
    assert few is not None and few.low is None and few.high is None
    assert moves_by_day([], []) is None
    with pytest.raises(ValueError, match="2 moves of 1 days"):
        moves_by_day([1.0, 2.0], [1])
    share = moving_on([1, 2, 3, 4, 5], [True, False, False, False, False])
    assert share is not None and share.mean == pytest.approx(0.2)


def test_quantiles() -> None:
    assert t_quantile(31) == pytest.approx(2.0395, abs=2e-3) and t_quantile(1000) == pytest.approx(1.9623, abs=1e-3)
    with pytest.raises(ValueError, match="expected at least 1"):
        t_quantile(0)
