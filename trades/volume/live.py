"""The tracker minute by minute: what `windows`, `tracker` and `surprise` say of the last column, without the others.

One step takes all instruments of a venue. Sums of windows are built from sums of 1, 2, 4 … 32 minutes as in
`trades.volume.windows`, operation by operation, so that a live value is that of a replay to the last bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trades.volume.bars import Floats
from trades.volume.keys import WINDOWS, EventKey
from trades.volume.surprise import FLOOR_SHARE, LEAST_MARKET, MINUTE_WINDOWS
from trades.volume.windows import least_samples

_LONGEST = max(WINDOWS)
_SIZES = (1, 2, 4, 8, 16, 32)
# A power of two that holds the longest window.
_ROWS = 64
_STEPS: dict[int, list[tuple[int, int]]] = {}
for _window in WINDOWS:
    _shift, _STEPS[_window] = 0, []
    for _size in reversed(_SIZES):
        if _window & _size:
            _STEPS[_window].append((_SIZES.index(_size), _shift))
            _shift += _size
_SURPRISE_ROWS = [WINDOWS.index(window) for window in MINUTE_WINDOWS]


class Standard(NamedTuple):
    """What a minute is held against; arrays by instrument. mean: 28-day mean minute volume. level, spread: of shape
    (windows of the surprise, instruments). rated: eligible."""

    mean: Floats
    level: Floats
    spread: Floats
    rated: NDArray[np.bool_]


class Tick(NamedTuple):
    """The tracker row of every instrument at a minute's close. volume, bought: of shape (windows, instruments), as in
    `TrackerColumns`. parts: (x − L) / s, of shape (windows of the surprise, instruments). surprise: their mean less
    half of `market`, the venue's median, which is NaN where fewer than 20 instruments are known."""

    minute_ms: int
    volume: Floats
    bought: Floats
    parts: Floats
    surprise: Floats
    market: float


class LiveWindows:
    """Sums over the last minutes of a fixed set of instruments."""

    def __init__(self, instruments: int) -> None:
        self._count = instruments
        # Volume and what was bought of it side by side: one operation for both.
        self._sums = np.full((len(_SIZES), _ROWS, 2 * instruments), np.nan)
        self._means = np.full((len(WINDOWS), 2 * instruments), np.nan)
        self._added = 0
        self._age = np.zeros(2 * instruments, np.int64)
        self._since_first = np.zeros(2 * instruments)
        self._young = True

    def restart(self, volume: Floats, bought: Floats) -> None:
        """Begin again with the minutes of these columns, oldest first; of shape (instruments, minutes)."""
        self._sums.fill(np.nan)
        self._age.fill(0)
        self._since_first.fill(0.0)
        self._added, self._young = 0, True
        for column in range(max(0, volume.shape[1] - _ROWS), volume.shape[1]):
            self.add(volume[:, column], bought[:, column])

    def add(self, volume: Floats, bought: Floats) -> None:
        """The minute after the last one; NaN where it is missing."""
        now = self._added % _ROWS
        row = self._sums[0, now]
        row[: self._count], row[self._count :] = volume, bought
        for index, size in enumerate(_SIZES[:-1]):
            half = self._sums[index]
            np.add(half[now], half[(now - size) % _ROWS], out=self._sums[index + 1, now])
        self._added += 1
        if self._young:
            begun = self._age > 0
            begun |= ~np.isnan(row)
            self._age += begun
            self._since_first[begun] += row[begun]
            self._young = bool((self._age < _LONGEST).any())

    def means(self) -> Floats:
        """Mean minute values of each window, of shape (windows, 2 · instruments); valid until the next call."""
        now = (self._added - 1) % _ROWS
        for target, window in zip(self._means, WINDOWS, strict=True):
            (first, _), *others = _STEPS[window]
            np.copyto(target, self._sums[first, now])
            for index, shift in others:
                target += self._sums[index, (now - shift) % _ROWS]
            target /= window
            if self._young:
                part = (self._age >= least_samples(window)) & (self._age < window)
                target[part] = self._since_first[part] / self._age[part]
        return self._means

    def tick(self, minute_ms: int, standard: Standard) -> Tick:
        """minute_ms: when the last added minute closed."""
        means = self.means()
        volumes, bought = means[:, : self._count], means[:, self._count :]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.where(standard.mean > 0, volumes / standard.mean, np.nan)
            shares = bought / volumes
            shares[~np.isfinite(shares)] = np.nan
            logs = np.log(volumes[_SURPRISE_ROWS] + FLOOR_SHARE * standard.mean)
        logs[~np.isfinite(logs)] = np.nan
        parts = (logs - standard.level) / standard.spread
        raw = parts[0].copy()
        for part in parts[1:]:
            raw += part
        raw /= len(parts)
        raw[~standard.rated] = np.nan
        market = median(raw)
        value = raw if market != market else raw - market / 2
        return Tick(minute_ms, ratios, shares, parts, value, market)


def median(raw: Floats) -> float:
    """Of the known values; NaN where fewer than 20 are known."""
    known = raw[~np.isnan(raw)]
    if known.size < LEAST_MARKET:
        return float("nan")
    known.sort()
    half = known.size // 2
    return float(known[half]) if known.size % 2 else float((known[half - 1] + known[half]) / 2)


def fired(tick: Tick, key: EventKey, rank: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a key fires at this minute. rank: of each instrument, 0 where there is none."""
    volume = tick.volume[WINDOWS.index(key.window)]
    found = (volume >= float(key.times)) & (rank > 0) & (rank <= key.rank)
    if key.share:
        shares, bound = tick.bought[WINDOWS.index(key.share_window)], float(key.share)
        found &= shares >= bound if bound > 0.5 else shares <= bound
    return np.asarray(found)
