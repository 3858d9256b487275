"""The volume tracker's speed: `python -m benchmarks.volume.tick [--polars PYTHON]`, on invented minutes of 400 pairs.

A tick: one minute of all pairs, from the minute's values to ratios, shares and surprise, beside a loop over the pairs
and, where `--polars` names a Python that has it, beside polars. The history: five windows over 28 days. The memory: of
a tracker that holds 400 pairs.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import time
from collections import deque
from collections.abc import Callable

import django
import numpy as np

from trades.volume.bars import DAY_MS, MINUTE_MS, Bars
from trades.volume.day import CONTEXT_DAYS, day_number
from trades.volume.keys import WINDOWS
from trades.volume.live import LiveWindows, Standard
from trades.volume.surprise import FLOOR_SHARE, MINUTE_WINDOWS
from trades.volume.windows import trailing_means

PAIRS, DAYS = 400, 28
_POLARS = """
import sys, time, numpy as np, polars as pl
pairs, ticks = 400, 200
rng = np.random.default_rng(1)
rows = 60
volume = rng.lognormal(10, 2, (rows + ticks, pairs)); bought = volume * rng.beta(5, 5, volume.shape)
mean, level, spread = volume.mean(axis=0), rng.normal(10, 1, (4, pairs)), rng.uniform(.3, 2, (4, pairs))
# A row a pair, a column a minute: the fastest of the forms that were tried.
names = [str(i) for i in range(rows)]
v, b = pl.DataFrame(volume[:rows].T.copy(), names), pl.DataFrame(bought[:rows].T.copy(), names)
seconds = []
for tick in range(ticks):
    began = time.perf_counter()
    v = v[:, 1:].with_columns(pl.Series(str(rows + tick), volume[rows + tick]))
    b = b[:, 1:].with_columns(pl.Series(str(rows + tick), bought[rows + tick]))
    parts = []
    for w in (1, 5, 15, 30, 60):
        m, s = v[:, -w:].mean_horizontal(), b[:, -w:].mean_horizontal()
        ratio, share = m / mean, s / m
        if w > 1:
            k = (5, 15, 30, 60).index(w)
            parts.append((((m + 0.001 * mean).log()) - level[k]) / spread[k])
    own = (parts[0] + parts[1] + parts[2] + parts[3]) / 4
    value = own - own.median() / 2
    seconds.append(time.perf_counter() - began)
print(f"{pl.__version__} {np.median(seconds) * 1000:.3f}")
"""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
    django.setup()
    _measure()


def _measure() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--polars", metavar="PYTHON", help="an interpreter that has polars and numpy")
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    _memory(rng)
    minutes = 60 + 1000
    volume = rng.lognormal(10, 2, (PAIRS, minutes))
    bought = volume * rng.beta(5, 5, volume.shape)
    standard = Standard(
        volume.mean(axis=1), rng.normal(10, 1, (4, PAIRS)), rng.uniform(0.3, 2, (4, PAIRS)), np.ones(PAIRS, bool)
    )
    ours = _ticks(volume, bought, standard)
    print(f"tick of {PAIRS} pairs: {ours:.3f} ms (asked: at most 0.3)")
    loop = _loop(volume, bought, standard)
    print(f"  a loop over the pairs: {loop:.3f} ms, {loop / ours:.0f} times as long")
    if options.polars:
        answer = subprocess.run(
            [options.polars, "-c", _POLARS], capture_output=True, text=True, check=True
        ).stdout.split()
        print(f"  polars {answer[0]}: {float(answer[1]):.3f} ms, {float(answer[1]) / ours:.0f} times as long")
    _history(rng)


def _median_ms(work: Callable[[int], object], count: int) -> float:
    seconds = []
    for index in range(count):
        began = time.perf_counter()
        work(index)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds) * 1000)


def _ticks(volume: np.ndarray, bought: np.ndarray, standard: Standard) -> float:
    live = LiveWindows(PAIRS)
    live.restart(volume[:, :60], bought[:, :60])
    columns, shares = np.ascontiguousarray(volume.T), np.ascontiguousarray(bought.T)

    def tick(index: int) -> None:
        live.add(columns[60 + index], shares[60 + index])
        live.tick(index, standard)

    return _median_ms(tick, 1000)


def _loop(volume: np.ndarray, bought: np.ndarray, standard: Standard) -> float:
    held = [
        (deque(volume[row, :60].tolist(), 60), deque(bought[row, :60].tolist(), 60)) for row in range(PAIRS)
    ]  # fmt: skip

    def tick(index: int) -> None:
        own = []
        for row, (volumes, shares) in enumerate(held):
            volumes.append(float(volume[row, 60 + index]))
            shares.append(float(bought[row, 60 + index]))
            last, taken = list(volumes), list(shares)
            sums = {window: sum(last[-window:]) for window in WINDOWS}
            _ratios = {window: sums[window] / window / standard.mean[row] for window in WINDOWS}
            _shares = {window: sum(taken[-window:]) / sums[window] for window in WINDOWS}
            own.append(
                sum(
                    (np.log(sums[window] / window + FLOOR_SHARE * standard.mean[row]) - standard.level[number, row])
                    / standard.spread[number, row]
                    for number, window in enumerate(MINUTE_WINDOWS)
                )
                / 4
            )
        np.median(own)

    return _median_ms(tick, 20)


def _history(rng: np.random.Generator) -> None:
    values = rng.lognormal(10, 2, (PAIRS, DAYS * 1440))
    milliseconds = _median_ms(lambda _: trailing_means(values, WINDOWS), 3)
    print(f"five windows of {PAIRS} pairs × {DAYS} days: {milliseconds:.0f} ms (asked: at most 200)")


def _memory(rng: np.random.Generator) -> None:
    from trades.daily.pairs import StoredPair
    from trades.live.venue import DayStandard, VenueTracker

    start = 20_000 * DAY_MS
    shape = (PAIRS, (CONTEXT_DAYS + 1) * 1440)
    blank = np.broadcast_to(np.array(np.nan), shape)
    volume = rng.lognormal(10, 2, shape)
    minutes = Bars([str(row) for row in range(PAIRS)], start, MINUTE_MS, blank, blank, blank, volume, volume, volume)
    pairs = [StoredPair(row, "BINANCE", str(row), str(row), str(row), "USDT", True) for row in range(PAIRS)]
    tracker = VenueTracker(pairs, minutes, lambda rows, begin, end: minutes)
    day = day_number(tracker.close_ms + MINUTE_MS)
    tracker.set_day(
        DayStandard(
            day, np.ones((PAIRS, CONTEXT_DAYS + 1)), np.ones((4, PAIRS)), np.ones(PAIRS, bool),
            np.arange(PAIRS), 3.0, 1.0,
        )
    )  # fmt: skip
    began = time.perf_counter()
    tracker.take(volume[:, 0], volume[:, 0], volume[:, 0])
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"a tracker of {PAIRS} pairs holds {tracker.nbytes / 1e6:.0f} MB")
    print(f"  peak of the process: {peak:.0f} MB (asked: at most 400)")
    print(f"  the first minute of an hour, with its levels: {seconds:.2f} s")


if __name__ == "__main__":
    main()
