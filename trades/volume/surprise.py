"""Surprise: how unusual an instrument's volume is, against its own recent level and the market's.

`x_w` is the log of the mean quote volume a minute of the last w bars plus a thousandth of the 28-day mean; `L_w` the
mean of the medians of x_w over the last 6 hours, 24 hours and 7 days, by hours that ended before this one; `s_w` the
mean over 28 days of the day's 1.4826 · median |x_w − L_w|, at least 0.3. The surprise is the mean over w of
(x_w − L_w) / s_w, less half the median of that over all instruments, where there are 20 (DESIGN_MARKETS.md,
section 16: without season, which loses on held-out weeks).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from trades.volume.bars import HOUR_MS, Bars, Floats
from trades.volume.windows import trailing_means

MINUTE_WINDOWS, BAR_WINDOWS = (5, 15, 30, 60), (1, 2, 4, 8)
"""Bars of a window: of minutes, and where bars are longer than a minute."""
LEVEL_HOURS = (6, 24, 168)
SPREAD_DAYS, LEAST_SPREAD = 28, 0.3
FLOOR_SHARE = 0.001
"""Of the 28-day mean: what is added, so that a minute without trades has a logarithm."""
LEAST_MARKET = 20
MAD_TO_SIGMA = 1.4826


class Surprise(NamedTuple):
    """Arrays of shape (instruments, columns), NaN where it is not known. value: the surprise. raw: before the market's
    part was taken off. market: the median of `raw`, of shape (columns,), 0 where there are too few instruments."""

    value: Floats
    raw: Floats
    market: Floats


def windows_of(bars: Bars) -> tuple[int, ...]:
    return MINUTE_WINDOWS if bars.minutes <= 1 else BAR_WINDOWS


def live_windows(bars: Bars) -> tuple[int, ...]:
    """The windows of the live tracker, 5 to 60 minutes, in bars. Raises ValueError where bars do not fit."""
    counts = [bars.bars_in(window) for window in MINUTE_WINDOWS]
    if None in counts:
        raise ValueError(f"bars were {bars.minutes:g} minutes long, expected 1 or 5")
    return tuple(count for count in counts if count is not None)


def surprise(bars: Bars, mean: Floats, rated: np.ndarray, windows: Sequence[int] | None = None) -> Surprise:
    """mean: the 28-day mean minute volume of each day. rated: by instrument and day, whether it is judged at all.
    windows: in bars; None for those of section 16."""
    parts = [_scaled(bars, logs, window) for window, logs in log_volumes(bars, mean, windows).items()]
    raw = sum(parts[1:], parts[0]) / len(parts)
    raw[~rated[:, bars.days]] = np.nan
    market = market_part(raw)
    return Surprise(raw - market / 2, raw, market)


def log_volumes(bars: Bars, mean: Floats, windows: Sequence[int] | None = None) -> dict[int, Floats]:
    """x of every window, in bars; NaN where a bar is missing, or nothing was traded and there is no mean."""
    per_minute = bars.volume / bars.minutes
    floor = FLOOR_SHARE * mean[:, bars.days]
    found = {}
    for window, means in trailing_means(per_minute, windows or windows_of(bars)).items():
        with np.errstate(divide="ignore", invalid="ignore"):
            found[window] = logs = np.log(means + floor)
        logs[~np.isfinite(logs)] = np.nan
    return found


def market_part(raw: Floats) -> Floats:
    """The median over instruments of each column; 0 where fewer than 20 are known."""
    known = (~np.isnan(raw)).sum(axis=0)
    enough = known >= LEAST_MARKET
    market = np.zeros(raw.shape[1])
    if enough.any():
        market[enough] = np.nanmedian(raw[:, enough], axis=0)
    return market


def _scaled(bars: Bars, logs: Floats, window: int) -> Floats:
    """(x − L) / s of one window."""
    level = levels(bars, logs)
    distance = logs - level
    return distance / spreads(bars, distance)[:, bars.days]


def levels(bars: Bars, logs: Floats, since: int = 0) -> Floats:
    """L of the columns from `since` on: of the hours that ended before the hour in which a bar opened."""
    opens = bars.start_ms + np.arange(bars.columns, dtype=np.int64) * bars.interval_ms
    hours = opens // HOUR_MS
    hours -= hours[0]
    per_hour = HOUR_MS // bars.interval_ms
    first = hours[since]
    # Where hours begin; the first one may be cut.
    starts = np.searchsorted(hours, np.arange(first, hours[-1] + 1))
    total = np.zeros((logs.shape[0], len(starts)))
    for span in LEVEL_HOURS:
        total += _medians_before(logs, starts, span * per_hour)
    return (total / len(LEVEL_HOURS))[:, hours[since:] - first]


def _medians_before(logs: Floats, starts: np.ndarray, length: int) -> Floats:
    """The median of the `length` columns before each start; NaN where less than half of them is known."""
    out = np.full((logs.shape[0], len(starts)), np.nan)
    for row, values in enumerate(logs):
        padded = np.concatenate([np.full(length, np.nan), values])
        before = sliding_window_view(padded, length)[starts]
        missing = np.isnan(before).sum(axis=1)
        complete = missing == 0
        if complete.any():
            out[row, complete] = np.median(before[complete], axis=1)
        part = (missing > 0) & (missing <= length // 2)
        if part.any():
            out[row, part] = np.nanmedian(before[part], axis=1)
    return out


def level_after(logs: Floats, per_hour: int) -> Floats:
    """L of the hour that begins after the last column. per_hour: columns of an hour. NaN where it is unknown."""
    total = np.zeros(logs.shape[0])
    end = np.array([logs.shape[1]])
    for span in LEVEL_HOURS:
        total += _medians_before(logs, end, span * per_hour)[:, 0]
    return total / len(LEVEL_HOURS)


def spreads(bars: Bars, distance: Floats) -> Floats:
    """s of every day, from the 28 days before it; NaN where none of them is known."""
    daily = daily_spreads(bars, distance)
    out = np.full(daily.shape, np.nan)
    for day in range(1, daily.shape[1]):
        out[:, day] = spread_after(daily[:, :day])
    return out


def daily_spreads(bars: Bars, distance: Floats) -> Floats:
    """1.4826 · the median of |x − L| of each day; NaN where less than half of the day is known."""
    edges = bars.day_edges()
    return np.stack(
        [day_spread(distance[:, begin:end]) for begin, end in pairwise(edges)] or [np.empty(distance.shape[0])], axis=1
    )[:, : len(edges) - 1]


def day_spread(distance: Floats) -> Floats:
    """1.4826 · the median of |x − L| of one day's columns; NaN where less than half of them is known."""
    enough = (~np.isnan(distance)).sum(axis=1) * 2 >= max(1, distance.shape[1])
    out = np.full(distance.shape[0], np.nan)
    if enough.any():
        out[enough] = MAD_TO_SIGMA * np.nanmedian(np.abs(distance[enough]), axis=1)
    return out


def spread_after(daily: Floats) -> Floats:
    """s of the day after these: the mean over the last 28 of them; NaN where none is known."""
    before = daily[:, -SPREAD_DAYS:]
    known = ~np.isnan(before)
    some = known.any(axis=1)
    out = np.full(daily.shape[0], np.nan)
    out[some] = np.maximum(np.nansum(before[some], axis=1) / known[some].sum(axis=1), LEAST_SPREAD)
    return out
