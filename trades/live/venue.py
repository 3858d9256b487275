"""The tracker of one venue in memory: the last days of its minutes, and what they are held against.

It touches no database: `trades.live.service` gives it minutes and what holds on a day, and stores what it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trades.daily.pairs import StoredPair
from trades.volume.bars import DAY_MS, HOUR_MS, MINUTE_MS, Bars, Floats
from trades.volume.day import CONTEXT_DAYS, day_number, rows_of
from trades.volume.live import LiveWindows, Standard, Tick
from trades.volume.surprise import LEVEL_HOURS, MINUTE_WINDOWS, level_after, log_volumes

_WEEK = LEVEL_HOURS[-1] * 60
_BACK = 7 * 24 * 60
# Minutes that are kept; the oldest day of them is dropped at once.
_CAPACITY = (CONTEXT_DAYS + 1) * 24 * 60
_CHUNK = 64
_SHORT = 64
LIVED_THROUGH = 0.9
_BETTER = 0.1


class DayStandard(NamedTuple):
    """What holds on a day. mean: of shape (instruments, days), of `CONTEXT_DAYS` days before and of the day itself.
    spread: of shape (windows, instruments). rank: 0 where there is none. threshold, market: None while unknown."""

    day: int
    mean: Floats
    spread: Floats
    rated: NDArray[np.bool_]
    rank: NDArray[np.int64]
    threshold: float | None
    market: float | None


FiveMinuteBars = Callable[[NDArray[np.int64], int, int], Bars]
"""Rows, first and last open time in milliseconds → stored bars of five minutes, filled up from minutes."""


class VenueTracker:
    """close_ms: the close of the last minute. five_minutes: for instruments that did not live through the last week by
    minutes."""

    def __init__(self, pairs: Sequence[StoredPair], minutes: Bars, five_minutes: FiveMinuteBars) -> None:
        self.pairs = list(pairs)
        self.close_ms = minutes.start_ms + minutes.columns * MINUTE_MS
        self._five_minutes = five_minutes
        self._used = min(minutes.columns, _CAPACITY)
        shape = (len(pairs), _CAPACITY)
        self._volume, self._close = np.full(shape, np.nan), np.full(shape, np.nan)
        self._volume[:, : self._used] = minutes.volume[:, minutes.columns - self._used :]
        self._close[:, : self._used] = minutes.close[:, minutes.columns - self._used :]
        self._bought = np.array(minutes.bought[:, -_SHORT:])
        self._windows = LiveWindows(len(pairs))
        self._windows.restart(minutes.volume[:, -_SHORT:], minutes.bought[:, -_SHORT:])
        self._standard: DayStandard | None = None
        self._level = np.full((len(MINUTE_WINDOWS), len(pairs)), np.nan)
        self._level_hour: tuple[int, int] | None = None

    @property
    def nbytes(self) -> int:
        return self._volume.nbytes + self._close.nbytes

    @property
    def day(self) -> int:
        """The day of the next minute."""
        return day_number(self.close_ms + MINUTE_MS)

    @property
    def standard(self) -> DayStandard | None:
        return self._standard

    def set_day(self, standard: DayStandard) -> None:
        self._standard = standard
        self._level_hour = None

    def take(self, volume: Floats, bought: Floats, close: Floats) -> Tick:
        """The next minute; NaN where it is missing. Raises RuntimeError without the standard of its day."""
        standard = self._standard
        if standard is None or standard.day != self.day:
            raise RuntimeError(f"the standard is of day {standard and standard.day}, expected {self.day}")
        opened = self.close_ms
        if self._level_hour != (standard.day, opened // HOUR_MS):
            self._level = self._levels(standard, opened // HOUR_MS * HOUR_MS)
            self._level_hour = (standard.day, opened // HOUR_MS)
        self._append(volume, bought, close)
        self.close_ms += MINUTE_MS
        held = Standard(standard.mean[:, -1], self._level, standard.spread, standard.rated)
        return self._windows.tick(self.close_ms, held)

    def correct(self, start_ms: int, volume: Floats, bought: Floats, close: Floats) -> int:
        """Minutes as they are stored now, from the open time `start_ms` on; how many values differ from those held."""
        first = self._used - (self.close_ms - start_ms) // MINUTE_MS
        if first < 0:
            raise ValueError(f"minutes from {start_ms} are older than what is kept")
        last = min(self._used, first + volume.shape[1])
        held, new = self._volume[:, first:last], volume[:, : last - first]
        # A minute that is not there any more was dropped with its day.
        changed = (held != new) & ~np.isnan(new)
        count = int(changed.sum())
        if count:
            held[changed] = new[changed]
            self._close[:, first:last][changed] = close[:, : last - first][changed]
            short = self._bought.shape[1]
            if (from_end := self._used - first) <= short:
                self._bought[:, short - from_end : short - from_end + last - first][changed] = bought[
                    :, : last - first
                ][changed]
            begin = max(0, self._used - short)
            self._windows.restart(self._volume[:, begin : self._used], self._bought[:, short - (self._used - begin) :])
        return count

    def price(self) -> Floats:
        return np.asarray(self._close[:, self._used - 1])

    def momentum(self) -> Floats:
        """Relative change of the price over seven days."""
        return self._moved(_BACK)

    def move_of_hour(self) -> Floats:
        return self._moved(60)

    def _moved(self, back: int) -> Floats:
        if self._used <= back:
            return np.full(len(self.pairs), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            moved = self._close[:, self._used - 1] / self._close[:, self._used - 1 - back] - 1
        moved[~np.isfinite(moved)] = np.nan
        return np.asarray(moved)

    def _append(self, volume: Floats, bought: Floats, close: Floats) -> None:
        if self._used == _CAPACITY:
            retained = _CAPACITY - DAY_MS // MINUTE_MS
            for values in (self._volume, self._close):
                values[:, :retained] = values[:, _CAPACITY - retained :]
                values[:, retained:] = np.nan
            self._used = retained
        self._volume[:, self._used], self._close[:, self._used] = volume, close
        self._used += 1
        self._bought = np.hstack([self._bought[:, -(_SHORT - 1) :], bought[:, None]])
        self._windows.add(volume, bought)

    def _levels(self, standard: DayStandard, hour_ms: int) -> Floats:
        """L of the hour that begins at `hour_ms`, of shape (windows, instruments)."""
        end = self._used - (self.close_ms - hour_ms) // MINUTE_MS
        begin = max(0, end - _WEEK - MINUTE_WINDOWS[-1])
        minutes = self._bars(begin, end)
        known = (~np.isnan(minutes.volume[:, -_WEEK:])).sum(axis=1) / _WEEK
        level = self._level_of(minutes, standard, np.arange(len(self.pairs)), MINUTE_WINDOWS)
        lacking = np.flatnonzero(known < LIVED_THROUGH)
        if lacking.size:
            bars = self._five_minutes(lacking, hour_ms - (_WEEK + MINUTE_WINDOWS[-1]) * MINUTE_MS, hour_ms)
            better = (~np.isnan(bars.volume)).mean(axis=1) > known[lacking] + _BETTER
            if better.any():
                rows = lacking[better]
                coarse = rows_of(bars, np.flatnonzero(better))
                level[:, rows] = self._level_of(coarse, standard, rows, tuple(one // 5 for one in MINUTE_WINDOWS))
        return level

    def _level_of(self, bars: Bars, standard: DayStandard, rows: NDArray[np.int64], windows: Sequence[int]) -> Floats:
        level = np.full((len(windows), len(rows)), np.nan)
        if not bars.columns:
            return level
        # Days of `Bars` are counted from that of the first column; those of the standard end with its day.
        first = day_number(bars.at(0)) - (standard.day - standard.mean.shape[1] + 1)
        mean = standard.mean[rows][:, first:]
        for begin in range(0, len(rows), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            logs = log_volumes(rows_of(bars, part), mean[part], windows)
            per_hour = HOUR_MS // bars.interval_ms
            level[:, part] = [level_after(log[:, -LEVEL_HOURS[-1] * per_hour :], per_hour) for log in logs.values()]
        return level

    def _bars(self, begin: int, end: int) -> Bars:
        start_ms = self.close_ms - (self._used - begin) * MINUTE_MS
        volume = self._volume[:, begin:end]
        blank = np.broadcast_to(np.array(np.nan), volume.shape)
        symbols = [pair.symbol for pair in self.pairs]
        return Bars(symbols, start_ms, MINUTE_MS, blank, blank, blank, blank, volume, blank)
