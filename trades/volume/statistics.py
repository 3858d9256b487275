"""What followed: moves with the interval of their mean by days.

Cases of one day are not independent: a market that moves makes ten of one. So the interval of the mean is that of a
ratio of day sums (cluster-robust, days as clusters) with Student's t at days - 1 degrees of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# 97.5 % quantiles of Student's t, 1 to 30 degrees of freedom (NIST/SEMATECH e-Handbook, 1.3.6.7.2).
_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_NORMAL = 1.95996
LEAST_DAYS = 5
"""With fewer days there is no interval: it would be wider than anything that is known of prices."""


class MoveStatistics(NamedTuple):
    """Of n moves on so many days. low, high: 95 % interval of the mean by days; None on fewer than five days."""

    n: int
    days: int
    mean: float
    std: float
    median: float
    low: float | None
    high: float | None


def t_quantile(freedom: int) -> float:
    """97.5 %; beyond 30 by two terms of the expansion at the normal quantile (Abramowitz and Stegun, 26.7.5)."""
    if freedom < 1:
        raise ValueError(f"degrees of freedom were {freedom}, expected at least 1")
    if freedom <= len(_T):
        return _T[freedom - 1]
    z = _NORMAL
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def moves_by_day(moves: Sequence[float], days: Sequence[int]) -> MoveStatistics | None:
    """moves: of cases, days: of each; None where there is none. Raises ValueError where the lengths differ."""
    if len(moves) != len(days):
        raise ValueError(f"{len(moves)} moves of {len(days)} days, expected a day of each")
    if not len(moves):
        return None
    values = np.asarray(moves, float)
    _, which = np.unique(np.asarray(days), return_inverse=True)
    count, n = int(which.max()) + 1, len(values)
    mean = float(values.mean())
    low = high = None
    if count >= LEAST_DAYS:
        off = np.bincount(which, values - mean, count)
        error = math.sqrt(count / (count - 1) * float((off * off).sum())) / n
        wide = t_quantile(count - 1) * error
        low, high = mean - wide, mean + wide
    std = float(values.std(ddof=1)) if n > 1 else 0.0
    return MoveStatistics(n, count, mean, std, float(np.median(values)), low, high)


def moving_on(days: Sequence[int], top: Sequence[bool]) -> MoveStatistics | None:
    """The share of cases that were followed by a move of the coin's largest hundredth, as a mean of ones and zeros."""
    return moves_by_day([float(one) for one in top], days)
