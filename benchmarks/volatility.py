"""The cost of the price-change store, and the quality of its alert rule: `python -m benchmarks.volatility`.

1. A tick of 4,000 pairs and nine windows over a stored day of minutes, against two plain ways: a deque per pair and
   window that is searched for its extremes, and monotonic deques, which are not searched. Times are CPU times, so that
   other processes do not count.
2. Memory, and how the cost grows with the number of pairs.
3. A year of hourly prices with bursts (generated; and FTT's, where the recorded prices are available): the number of
   alerts, and how many falls of 20 % in six hours got a downward alert within six hours of their peak, against the rule
   "alert again when the move is worse by half than the announced one".
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import os
import resource
import statistics
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

TICK_BOUND_SECONDS = 0.025
SPEED_BOUND = 20.0
MEMORY_BOUND_BYTES = 200e6
_FTT = Path(__file__).resolve().parent.parent.parent / "shared/captures/prices/mark6_binance_1h_close_FTTUSDT.csv.gz"
_START = datetime(2025, 1, 1, tzinfo=UTC)
_DAY_MINUTES = 1440
# The plain ways are slow to fill: they run on this many pairs, and their time is scaled up.
_PLAIN_PAIRS = 400


class SearchedDeques:
    """A deque of prices per pair and window; the extremes are searched for at every tick."""

    def __init__(self, spans: Sequence[int]) -> None:
        self._spans = spans
        self._windows: dict[str, list[tuple[deque[int], deque[float]]]] = {}

    def tick(self, now: int, prices: dict[str, float], search: bool = True) -> dict[str, list[tuple[float, float]]]:
        found = {}
        for pair, price in prices.items():
            windows = self._windows.setdefault(pair, [(deque(), deque()) for _ in self._spans])
            extremes = []
            for span, (times, values) in zip(self._spans, windows, strict=True):
                times.append(now)
                values.append(price)
                while times[0] < now - span:
                    times.popleft()
                    values.popleft()
                if search:
                    extremes.append((min(values), max(values)))
            found[pair] = extremes
        return found


class MonotonicDeques:
    """Two deques per pair and window with only the prices that can still become an extreme."""

    def __init__(self, spans: Sequence[int]) -> None:
        self._spans = spans
        self._windows: dict[str, list[tuple[deque[tuple[int, float]], deque[tuple[int, float]]]]] = {}

    def tick(self, now: int, prices: dict[str, float], search: bool = True) -> dict[str, list[tuple[float, float]]]:
        found = {}
        for pair, price in prices.items():
            windows = self._windows.setdefault(pair, [(deque(), deque()) for _ in self._spans])
            extremes = []
            for span, (low, high) in zip(self._spans, windows, strict=True):
                while low and low[-1][1] >= price:
                    low.pop()
                while high and high[-1][1] <= price:
                    high.pop()
                low.append((now, price))
                high.append((now, price))
                while low[0][0] < now - span:
                    low.popleft()
                while high[0][0] < now - span:
                    high.popleft()
                extremes.append((low[0][1], high[0][1]))
            found[pair] = extremes
        return found


def random_walk(pairs: int, ticks: int, seed: int = 7) -> Iterator[np.ndarray]:
    random = np.random.default_rng(seed)
    price = np.full(pairs, 100.0)
    for _ in range(ticks):
        price = price * np.exp(random.normal(0, 0.001, pairs))
        yield price


def store_ticks(pairs: int, measured: int) -> tuple[list[float], int, object]:
    """Seconds of each of `measured` ticks after a day of minutes, the store's bytes, and its last change."""
    from volatility.detect import broken
    from volatility.store import PriceChangeStore, Reading

    store = PriceChangeStore(timedelta(minutes=1))
    sink: dict[str, object] = {}
    store.attach(lambda change: sink.update(broken(change)))
    names = [f"BINANCE:T{number}USDT" for number in range(pairs)]
    seconds, change = [], None
    for number, prices in enumerate(random_walk(pairs, _DAY_MINUTES + measured)):
        reading = Reading(_START + timedelta(minutes=number), names, prices.tolist())
        started = time.process_time()
        if number < _DAY_MINUTES:
            store.restore([reading])
        else:
            change = store.update(reading)
            seconds.append(time.process_time() - started)
    return seconds, store.nbytes, change


def plain_ticks(plain: SearchedDeques | MonotonicDeques, pairs: int, measured: int) -> tuple[list[float], dict]:
    """Seconds of each tick of `_PLAIN_PAIRS` of these pairs, and the extremes after the last."""
    names = [f"BINANCE:T{number}USDT" for number in range(_PLAIN_PAIRS)]
    seconds, found = [], {}
    for number, prices in enumerate(random_walk(pairs, _DAY_MINUTES + measured)):
        tick = dict(zip(names, prices[:_PLAIN_PAIRS].tolist(), strict=True))
        started = time.process_time()
        found = plain.tick(number * 60, tick, search=number >= _DAY_MINUTES)
        if number >= _DAY_MINUTES:
            seconds.append(time.process_time() - started)
    return seconds, found


def measure_ticks(pairs: int) -> bool:
    from volatility.store import PriceChange
    from volatility.windows import WINDOWS

    spans = [window.minutes * 60 for window in WINDOWS]
    # ru_maxrss is in KiB on Linux.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    seconds, size, change = store_ticks(pairs, 200)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    assert isinstance(change, PriceChange)
    ours, worst = statistics.median(seconds), max(seconds)
    print(f"store, {pairs:,} pairs × {len(spans)} windows: median {ours * 1e3:.2f} ms, "
          f"worst of 200 {worst * 1e3:.2f} ms (bound {TICK_BOUND_SECONDS * 1e3:.0f})")  # fmt: skip
    print(f"  arrays {size / 1e6:.0f} MB, process grew by {grown / 1e6:.0f} MB (bound {MEMORY_BOUND_BYTES / 1e6:.0f})")
    ratios = {}
    for plain in (SearchedDeques(spans), MonotonicDeques(spans)):
        plain_seconds, found = plain_ticks(plain, pairs, 200 if isinstance(plain, MonotonicDeques) else 3)
        for place, (pair, extremes) in enumerate(list(found.items())[:50] if len(plain_seconds) == 200 else []):
            assert extremes == list(zip(change.low[:, place], change.high[:, place], strict=True)), pair
        scaled = statistics.median(plain_seconds) * pairs / _PLAIN_PAIRS
        ratios[type(plain).__name__] = scaled / ours
        print(f"  {type(plain).__name__}: {scaled * 1e3:.0f} ms ({_PLAIN_PAIRS} pairs measured), the store is "
              f"{scaled / ours:.0f} × faster")  # fmt: skip
    by_pairs = {count: statistics.median(store_ticks(count, 60)[0]) for count in (1000, 2000, 4000, 8000)}
    per_pair = {count: seconds / count * 1e6 for count, seconds in by_pairs.items()}
    print("  µs per pair by pairs: " + ", ".join(f"{count:,}: {value:.2f}" for count, value in per_pair.items()))
    linear = per_pair[8000] <= 1.5 * per_pair[1000]
    return (
        worst < TICK_BOUND_SECONDS and grown < MEMORY_BOUND_BYTES and ratios["SearchedDeques"] >= SPEED_BOUND and linear
    )


def hourly_year(tokens: int, seed: int) -> np.ndarray:
    """Hourly prices, shape (8760, tokens): clustered volatility, fat tails, and crises that last hours to days.

    A crisis multiplies the noise and drifts, mostly downward, some of them in all tokens at once.
    """
    random = np.random.default_rng(seed)
    hours = 8760
    prices = np.zeros((hours, tokens))
    log_price, log_vol = np.zeros(tokens), np.zeros(tokens)
    crisis_left, drift = np.zeros(tokens, int), np.zeros(tokens)
    for hour in range(hours):
        log_vol = 0.97 * log_vol + random.normal(0, 0.12, tokens)
        begins = random.random(tokens) < 1 / 2500
        if random.random() < 1 / 4000:
            begins |= random.random(tokens) < 0.7
        length = random.integers(6, 72, tokens)
        size = random.exponential(0.8, tokens) * np.where(random.random(tokens) < 0.75, -1, 1)
        crisis_left = np.where(begins, length, np.maximum(crisis_left - 1, 0))
        drift = np.where(begins, size / length, drift)
        noise = 0.0045 * np.exp(log_vol) * random.standard_t(4, tokens) * np.where(crisis_left > 0, 6, 1)
        log_price = 0.9998 * log_price + noise + np.where(crisis_left > 0, drift, 0)
        prices[hour] = 100 * np.exp(log_price)
    return prices


def falls_of(prices: np.ndarray, share: float = 0.2, hours: int = 6) -> list[tuple[int, int]]:
    """(hour of the peak, hour at which the fall is complete); the search for the next fall begins after that hour.

    A single hour without a price (0) has that of the hour before; after a longer gap a token begins again.
    """
    traded = np.maximum.accumulate(np.where(prices > 0, np.arange(len(prices)), 0))
    missing = np.arange(len(prices)) - traded
    prices = prices[traded]
    found, begin = [], 0
    for hour in range(len(prices)):
        if missing[hour] > hours:
            begin = hour + 1
            continue
        first = max(begin, hour - hours)
        peak = first + int(np.argmax(prices[first : hour + 1]))
        if prices[hour] <= (1 - share) * prices[peak]:
            found.append((peak, hour))
            begin = hour
    return found


def compare_rules(title: str, prices: np.ndarray) -> None:
    from tests.volatility.support import Desk, quote
    from volatility.detect import AlertDecision, Announced, PairMoves, moved_since_last_alert

    def worse_by_half(moves: PairMoves, known: Announced | None) -> AlertDecision:
        move = moves.larger
        if known is None:
            return AlertDecision(move, None)
        turned = (move.log > 0) != (known.log_move > 0)
        worse = abs(move.fraction) >= 1.5 * abs(math.expm1(known.log_move))
        return AlertDecision(move, "turned" if turned else "worse") if worse else AlertDecision(None, None)

    names = [f"T{number}" for number in range(prices.shape[1])]
    falls = {name: falls_of(prices[:, place]) for place, name in enumerate(names)}
    count = sum(map(len, falls.values()))
    print(f"{title}: {prices.shape[1]} token(s), {len(prices) / 24:.0f} days, {count} falls of 20 % in six hours")
    for label, rule in (("moved since the last alert", moved_since_last_alert), ("worse by half", worse_by_half)):
        desk = Desk(frozenset(names), resolution=timedelta(hours=1), rule=rule)
        for hour, row in enumerate(prices):
            quotes = [quote(name + "USDT", price) for name, price in zip(names, row.tolist(), strict=True) if price > 0]
            desk.read(_START + timedelta(hours=hour), *quotes)
        alerted: dict[str, list[int]] = {name: [] for name in names}
        for alert in desk.alerts:
            if alert.draft.facts["direction"] == "down":
                alerted[alert.token].append((alert.at - _START) // timedelta(hours=1))
        covered = sum(
            any(peak < hour <= peak + 6 for hour in alerted[name]) for name in names for peak, _ in falls[name]
        )
        a_day = len(desk.alerts) / (len(prices) / 24)
        print(f"  {label:27}: {a_day:.2f} alerts a day, {a_day / len(names):.3f} per token; {covered} of {count} falls "
              f"({covered / max(count, 1):.1%}) got one of their own, {count - covered} silent")  # fmt: skip


def ftt_prices() -> np.ndarray | None:
    """FTT's hourly closes on the grid of hours, 0 where it was not traded."""
    if not _FTT.exists():
        return None
    with gzip.open(_FTT, "rt") as file:
        rows = list(csv.reader(file))[1:]
    times = [datetime.fromisoformat(row[0]).replace(tzinfo=UTC) for row in rows]
    hours = [(at - times[0]) // timedelta(hours=1) for at in times]
    prices = np.zeros((hours[-1] + 1, 1))
    prices[hours, 0] = [float(row[1]) for row in rows]
    return prices


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--tokens", type=int, default=30)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--only", choices=["ticks", "rules"])
    arguments = parser.parse_args()
    _django()
    within = True
    if arguments.only != "rules":
        within = measure_ticks(arguments.pairs)
    if arguments.only != "ticks":
        compare_rules("generated year", hourly_year(arguments.tokens, arguments.seed))
        ftt = ftt_prices()
        if ftt is None:
            print("FTT: the recorded prices are not here")
        else:
            compare_rules("FTT, recorded", ftt)
    print("within all bounds" if within else "A BOUND IS EXCEEDED")
    return 0 if within else 1


def _django() -> None:
    """Set up Django for the models that are imported; no database is opened."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody:nothing@127.0.0.1:1/none")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
