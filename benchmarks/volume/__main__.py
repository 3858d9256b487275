"""How good the volume alerts are: `python -m benchmarks.volume`, on the recorded bars of `../shared/captures`.

Bursts are planted one at a time at every bar of the days on which a threshold holds: the volume of the burst is
multiplied, all else stays. A burst is found if an alert's threshold is passed by the bar after its end. The same is
asked of the plain multiple of the 28-day mean, whose threshold is found under the same budget. No parameter of the
surprise was fitted to these bars.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import django
import numpy as np

HOURLY = "markets/volumes/binance_usdm_1h_30perps_2025-09_2026-03.csv.gz"
FIVE_MINUTES = "markets/volumes/binance_spot_5m_20pairs_2025-02-01_2025-04-05.csv.gz"


class Study(NamedTuple):
    """A recording, and what section 16 asks of it. bars: length of a burst. recall: by multiple. together: the most of
    the cards that may come within half an hour (by hours: the same bar) of three others."""

    name: str
    path: str
    bars: int
    recall: dict[int, float]
    together: float
    near_ms: int


STUDIES = (
    Study("spot, 5 minutes, 20 pairs", FIVE_MINUTES, 4, {10: 0.36, 20: 0.60}, 0.05, 30 * 60_000),
    Study("perpetuals, 1 hour, 30 pairs", HOURLY, 1, {5: 0.46, 10: 0.82}, 0.20, 0),
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
    django.setup()
    captures = Path(__file__).resolve().parents[3] / "shared" / "captures"
    if not captures.exists():
        sys.exit(f"{captures} is absent, expected the recorded bars there")
    for study in STUDIES:
        _study(study, captures / study.path)


def _study(study: Study, path: Path) -> None:
    from trades.replay.bar_files import read_bars
    from trades.volume.bars import MINUTE_MS
    from trades.volume.benchmark import benchmark, daily_sums, eligible
    from trades.volume.budget import LEAST_DAYS, alerts, daily_maxima, thresholds
    from trades.volume.surprise import surprise

    bars = read_bars([path])
    days = daily_sums(bars)
    mean = benchmark(days, 28).mean
    started = time.perf_counter()
    found = surprise(bars, mean, eligible(days))
    seconds = time.perf_counter() - started
    count = len(bars.symbols)
    print(f"{study.name}: {bars.columns:,} bars each, surprise of all in {seconds:.1f} s")
    counted = bars.days >= LEAST_DAYS
    lived = counted.sum() * bars.minutes / 1440
    rates, together = [], []
    desks = _desks(count)
    for watched in desks:
        told = alerts(bars, found.value, watched, thresholds(daily_maxima(bars, found.value[watched])))
        times = np.array([bars.at(one.column) for one in told if not one.over_budget])
        rates.append(len(times) / lived)
        near = [(np.abs(times - at) <= study.near_ms).sum() > 3 for at in times]
        together.append(float(np.mean(near)))
    _say("cards a day", f"{min(rates):.2f} to {max(rates):.2f} on {len(rates)} desks", "3.5 to 5")
    _say("cards with three others", f"{max(together):.1%}", f"at most {study.together:.0%}")
    ratio = bars.volume / (mean[:, bars.days] * bars.minutes)
    columns = np.flatnonzero(counted)
    columns = columns[columns + study.bars < bars.columns]
    for times_, least in study.recall.items():
        raw, other = _recall(
            bars, mean, found, times_, study.bars, columns, ratio, [one for one in desks if len(one) == 20]
        )
        minutes = study.bars * bars.interval_ms // MINUTE_MS
        _say(
            f"{minutes} minutes × {times_}: found",
            f"{raw:.3f} of {count * len(columns):,}, by the multiple of the mean {other:.3f}",
            f"at least {least}",
        )


def _desks(count: int) -> Sequence[np.ndarray]:
    chance = np.random.default_rng(2026)
    sizes = [20] * 40 + [25, 25, 30] if count > 20 else [count]
    return [np.sort(chance.choice(count, min(size, count), replace=False)) for size in sizes]


def _recall(bars, mean, found, times_, length, columns, ratio, desks):  # type: ignore[no-untyped-def]
    """The shares of planted bursts that pass the surprise's threshold, and that of the multiple."""
    from trades.volume.budget import daily_maxima, thresholds
    from trades.volume.surprise import FLOOR_SHARE, levels, spreads, windows_of
    from trades.volume.windows import trailing_means

    floor = FLOOR_SHARE * mean[:, bars.days]
    per_minute = bars.volume / bars.minutes
    parts = []
    for window, means in trailing_means(per_minute, windows_of(bars)).items():
        logs = np.log(means + floor)
        logs[~np.isfinite(logs)] = np.nan
        level = levels(bars, logs)
        parts.append((window, means, level, spreads(bars, logs - level)[:, bars.days]))
    best = np.full((len(bars.symbols), len(columns)), -np.inf)
    multiple = best.copy()
    for step in range(length + 1):
        now = columns + step
        raw = np.zeros(best.shape)
        for window, means, level, spread in parts:
            inside = range(max(0, step - window + 1), min(step + 1, length))
            added = sum((times_ - 1) * per_minute[:, columns + index] / window for index in inside)
            raw += (np.log(means[:, now] + added + floor[:, now]) - level[:, now]) / spread[:, now]
        best = np.fmax(best, raw / len(parts) - found.market[now] / 2)
        multiple = np.fmax(multiple, ratio[:, now] * (times_ if step < length else 1))
    shares = []
    for watched in desks:
        bounds = (
            thresholds(daily_maxima(bars, values[watched]))[bars.days][columns] for values in (found.value, ratio)
        )
        shares.append(
            [float((seen[watched] > bound).mean()) for seen, bound in zip((best, multiple), bounds, strict=True)]
        )
    return np.mean(shares, axis=0)


def _say(what: str, seen: str, asked: str) -> None:
    print(f"  {what:<28} {seen}  (asked: {asked})")


if __name__ == "__main__":
    main()
