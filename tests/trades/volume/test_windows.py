"""Trailing means, held against a sum that is written out."""

from __future__ import annotations

import numpy as np
import pytest

from trades.volume.windows import LEAST_SAMPLES, least_samples, trailing_means

WINDOWS = (1, 5, 15, 30, 60)


def plain(values: list[float], column: int, window: int, first: int) -> float:
    begin = max(first, column - window + 1)
    seen = values[begin : column + 1]
    if column < first or len(seen) < (window if begin > first else min(window, least_samples(window))):
        return float("nan")
    return sum(seen) / len(seen) if len(seen) <= window else float("nan")


@pytest.mark.parametrize("seed", range(8))
def test_as_written_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.lognormal(10, 3, (3, 200))
    firsts = [0, int(rng.integers(1, 150)), 199]
    for row, first in enumerate(firsts):
        values[row, :first] = np.nan
        holes = rng.choice(np.arange(first, 200), min(4, 200 - first), replace=False)
        values[row, [hole for hole in holes if hole > first]] = np.nan
    means = trailing_means(values, WINDOWS)
    for window in WINDOWS:
        for row, first in enumerate(firsts):
            expected = [plain(list(values[row]), column, window, first) for column in range(200)]
            np.testing.assert_allclose(means[window][row], expected, rtol=1e-12)


def test_a_hole_is_never_a_smaller_mean() -> None:
    values = np.full((1, 100), 7.0)
    values[0, 50] = np.nan
    means = trailing_means(values, WINDOWS)
    for window in WINDOWS:
        assert np.isnan(means[window][0, 50 : min(100, 50 + window)]).all()
        assert (means[window][0, 49], *means[window][0, 50 + window :]) == (7.0,) * (1 + max(0, 50 - window))


def test_a_young_instrument_has_means_from_so_many_samples_on() -> None:
    values = np.full((1, 100), 7.0)
    values[0, :20] = np.nan
    for window, means in trailing_means(values, WINDOWS).items():
        assert np.flatnonzero(~np.isnan(means[0]))[0] == 20 + LEAST_SAMPLES[window] - 1


def test_a_quiet_window_after_a_loud_one_is_zero_and_not_nearly() -> None:
    values = np.zeros((1, 300))
    values[0, 100] = 1e17
    assert (trailing_means(values, WINDOWS)[60][0, 160:] == 0).all()


def test_no_bars() -> None:
    assert trailing_means(np.empty((2, 0)), (5,))[5].shape == (2, 0)
