"""Tracker rows: an instrument's volume over trailing windows, in 28-day means, and the shares that were bought."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trades.volume.bars import Bars, Floats
from trades.volume.keys import WINDOWS, EventKey
from trades.volume.windows import trailing_means

MOMENTUM_DAYS = 7


class TrackerColumns(NamedTuple):
    """By window in minutes, arrays of shape (instruments, columns). volume: the window's mean minute volume over the
    28-day mean; NaN where a minute is missing or there is no mean. bought: the share of the window's volume whose taker
    bought; NaN without volume, or where the venue does not tell."""

    volume: dict[int, Floats]
    bought: dict[int, Floats]


def tracker(bars: Bars, mean: Floats, windows: tuple[int, ...] = WINDOWS) -> TrackerColumns:
    """mean: the 28-day mean minute volume of each day. Windows that are no multiple of a bar are left out."""
    known = {window: count for window in windows if (count := bars.bars_in(window)) is not None}
    volumes = trailing_means(bars.volume, list(known.values()))
    bought = trailing_means(bars.bought, list(known.values()))
    of_day = mean[:, bars.days] * bars.minutes
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = {window: bought[count] / volumes[count] for window, count in known.items()}
        for share in shares.values():
            share[~np.isfinite(share)] = np.nan
        ratios = {window: np.where(of_day > 0, volumes[count] / of_day, np.nan) for window, count in known.items()}
    return TrackerColumns(ratios, shares)


def fires(columns: TrackerColumns, key: EventKey, rank: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    """Where a key fires. rank: of each instrument and column, 0 where there is none. None where the bars are longer
    than one of the key's windows, which cannot be judged then."""
    volume = columns.volume.get(key.window)
    share = columns.bought.get(key.share_window)
    if volume is None or (share is None and key.share != 0):
        return None
    found = (volume >= float(key.times)) & (rank > 0) & (rank <= key.rank)
    if key.share != 0:
        assert share is not None
        bound = float(key.share)
        found &= share >= bound if bound > 0.5 else share <= bound
    return np.asarray(found)


def momentum(bars: Bars) -> Floats:
    """The relative change of the close over seven days; NaN where one of both is missing."""
    back = MOMENTUM_DAYS * 24 * 60 * 60_000 // bars.interval_ms
    out = np.full_like(bars.close, np.nan)
    if back < bars.columns:
        with np.errstate(divide="ignore", invalid="ignore"):
            out[:, back:] = bars.close[:, back:] / bars.close[:, :-back] - 1
    return out
