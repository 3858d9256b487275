"""Means over trailing windows of bars, for all instruments at once.

Sums are built by doubling (1, 2, 4, 8 bars) and not as differences of a running total: the difference of two totals of
a year leaves a remainder where the window's volume is 0, and a hole would reach to the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from trades.volume.bars import Floats

LEAST_SAMPLES = {1: 1, 5: 4, 15: 12, 30: 24, 60: 50}
"""A window that begins before an instrument's first bar has at least so many bars; a hole in it makes it unknown."""


def least_samples(bars: int) -> int:
    return LEAST_SAMPLES.get(bars, max(1, round(0.8 * bars)))


def trailing_sums(values: Floats, windows: Sequence[int]) -> dict[int, Floats]:
    """The sums of the last so many columns of each row, NaN where one of them is missing or before the first column."""
    sums = {window: np.empty_like(values) for window in windows}
    for row in range(values.shape[0]):
        _sum_row(values[row], {window: target[row] for window, target in sums.items()})
    return sums


def trailing_means(values: Floats, windows: Sequence[int]) -> dict[int, Floats]:
    """The means of the last so many columns. An instrument's first bars have means over what there is of them, from
    `least_samples` on; a window with a hole is NaN, never a smaller mean."""
    means = {window: np.empty_like(values) for window in windows}
    if not values.shape[1]:
        return means
    # Row by row: what is added and divided fits a core's cache.
    for row, given in enumerate(values):
        targets = {window: target[row] for window, target in means.items()}
        _sum_row(given, targets)
        missing = np.isnan(given)
        start = len(given) if missing.all() else int(missing.argmin())
        for window, target in targets.items():
            target /= window
            _begin(given, target, start, window)
    return means


def _begin(values: Floats, means: Floats, start: int, window: int) -> None:
    """Fill the first means of a row: the windows that reach behind its first bar."""
    least, stop = least_samples(window), min(start + window - 1, len(values))
    if start + least - 1 < stop:
        seen = np.cumsum(values[start:stop])
        counts = np.arange(1, stop - start + 1)
        means[start + least - 1 : stop] = (seen / counts)[least - 1 :]


def _sum_row(values: Floats, targets: Mapping[int, Floats]) -> None:
    powers: dict[int, Floats] = {1: values}
    size = 1
    while size * 2 <= max(targets, default=1):
        half = powers[size]
        both = np.empty_like(half)
        both[size:] = half[size:] + half[:-size]
        both[:size] = np.nan
        size *= 2
        powers[size] = both
    for window, target in targets.items():
        _compose(powers, window, target)


def _compose(powers: Mapping[int, Floats], window: int, total: Floats) -> None:
    """The sum of a window from sums of powers of two, the youngest bars first."""
    shift = 0
    for size in sorted(powers, reverse=True):
        if not window & size:
            continue
        part = powers[size]
        if shift == 0:
            total[:] = part
        else:
            total[shift:] += part[: len(part) - shift] if shift < len(part) else 0
            total[:shift] = np.nan
        shift += size
