"""The whale score, 0 to 6, of every new or grown order.

Size points: the logarithm of what was added lies 2, 3 or 4 standard deviations above the mean of its pair and side: 1,
2 or 3 points. Only on top of a size point, one more each:
- the spread is wider than 1 % of mid;
- the price lies within 1 % of mid;
- the size exceeds ten times the order imbalance: |bids − asks| summed over the levels within 1 % of mid, in the same
  unit as the size (the venue's: base asset or contracts), without the order itself. A book that is out of balance by
  less than a tenth of one order is a book that this order tips.

Mean and deviation come from additions only, never from a snapshot or a deletion, each weighted by half for every
half-life since it came. Nothing is judged before a minute and a hundred orders have been seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from crypto_ews.conf import Config
from orderbooks.book import NEAR, Book, Grown, Side

WIDE_SPREAD = 0.01
IMBALANCE_FACTOR = 10.0
SIZE_SIGMAS = (2.0, 3.0, 4.0)
_WARM_UP_MS = 60_000
_WARM_UP_ORDERS = 100
# Equal sizes have no deviation worth the name: 1 % more would be many of them.
_LEAST_DEVIATION = 0.01
# Statistics take additions in batches: logarithms of hundreds at once cost a tenth of as many single ones.
_BATCH = 512
_BATCH_MS = 5_000
_KEPT_FOR_MEDIAN = 4096
_DEVIATION_OF_MEDIAN = 1.4826


class SizeModel(Protocol):
    """How the logarithms of sizes are distributed. weight: orders that it rests on, after decay."""

    weight: float

    def add(self, logs: np.ndarray, now_ms: int) -> None: ...

    def centre_and_deviation(self) -> tuple[float, float]: ...


class LogNormal:
    """Mean and standard deviation, decayed."""

    def __init__(self, half_life_ms: float) -> None:
        self.weight = 0.0
        self._half_life_ms = half_life_ms
        self._sum = 0.0
        self._squares = 0.0
        self._last_ms: int | None = None

    def add(self, logs: np.ndarray, now_ms: int) -> None:
        if self._last_ms is not None and now_ms > self._last_ms:
            decay = 0.5 ** ((now_ms - self._last_ms) / self._half_life_ms)
            self.weight *= decay
            self._sum *= decay
            self._squares *= decay
        self._last_ms = now_ms if self._last_ms is None else max(now_ms, self._last_ms)
        self.weight += len(logs)
        self._sum += float(logs.sum())
        self._squares += float(logs @ logs)

    def centre_and_deviation(self) -> tuple[float, float]:
        if not self.weight:
            return 0.0, 0.0
        mean = self._sum / self.weight
        return mean, math.sqrt(max(self._squares / self.weight - mean * mean, 0.0))


class Robust:
    """Weighted median and median absolute deviation of the last 4,096 orders: a few giants do not raise the bar."""

    def __init__(self, half_life_ms: float) -> None:
        self.weight = 0.0
        self._half_life_ms = half_life_ms
        self._logs = np.empty(0)
        self._times = np.empty(0)

    def add(self, logs: np.ndarray, now_ms: int) -> None:
        self._logs = np.concatenate((self._logs, logs))[-_KEPT_FOR_MEDIAN:]
        self._times = np.concatenate((self._times, np.full(len(logs), float(now_ms))))[-_KEPT_FOR_MEDIAN:]
        self._weights = 0.5 ** ((self._times.max(initial=now_ms) - self._times) / self._half_life_ms)
        self.weight = float(self._weights.sum())

    def centre_and_deviation(self) -> tuple[float, float]:
        if not self.weight:
            return 0.0, 0.0
        median = _weighted_median(self._logs, self._weights)
        return median, _DEVIATION_OF_MEDIAN * _weighted_median(np.abs(self._logs - median), self._weights)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


MODELS: dict[str, Callable[[float], SizeModel]] = {"lognormal": LogNormal, "robust": Robust}


@dataclass(frozen=True)
class Scoring:
    """threshold: orders of this score and above are whales. model: a key of MODELS."""

    threshold: int = 3
    model: str = "lognormal"
    half_life_minutes: float = 30.0

    def size_model(self) -> SizeModel:
        return MODELS[self.model](self.half_life_minutes * 60_000)


def scoring_from(config: Config) -> Scoring:
    return Scoring(config.whale_store_threshold, config.whale_size_model, config.whale_half_life_minutes)


@dataclass(frozen=True, slots=True)
class Score:
    sigmas: float
    points: int
    distance: float


def size_points(sigmas: float) -> int:
    return sum(sigmas >= bar for bar in SIZE_SIGMAS)


def score(grown: Grown, sigmas: float, is_bid: bool, book: Book) -> Score | None:
    """None without a mid."""
    bid, ask, mid = book.bids.best, book.asks.best, book.mid
    if mid is None or bid is None or ask is None:
        return None
    distance = abs(grown.price - mid) / mid
    points = size_points(sigmas)
    if points:
        points += (ask - bid) / mid > WIDE_SPREAD
        points += distance <= NEAR
        points += grown.added > IMBALANCE_FACTOR * order_imbalance(book, grown, is_bid)
    return Score(sigmas, points, distance)


def order_imbalance(book: Book, without: Grown, is_bid: bool) -> float:
    """|bids − asks| within 1 % of mid, as if this order had not come. The band lies around a mid that is at most 0.05 %
    old; in the venue's unit."""
    difference = book.bids.near - book.asks.near
    side = book.bids if is_bid else book.asks
    if side.near_from <= without.price <= side.near_to:
        difference -= without.added if is_bid else -without.added
    return abs(difference)


class SideStatistics:
    """Takes the additions of one side in batches, and sets the cut above which an order has a size point."""

    def __init__(self, side: Side, model: SizeModel) -> None:
        self.side = side
        self._model = model
        self._first_ms: int | None = None
        self._due_ms = 0
        self._centre = 0.0
        self._deviation = 0.0
        self.judged = 0
        """Orders that were held against the cut."""

    def take(self, now_ms: int, *, at_once: bool = False) -> None:
        """After every update; cheap while nothing is due."""
        gains = self.side.gains
        if not gains or not (at_once or len(gains) >= _BATCH or now_ms >= self._due_ms):
            return
        if self.side.cut != math.inf:
            self.judged += len(gains)
        if self._first_ms is None:
            self._first_ms = now_ms
        self._due_ms = now_ms + _BATCH_MS
        self._model.add(np.log(np.array(gains)), now_ms)
        gains.clear()
        self._centre, self._deviation = self._model.centre_and_deviation()
        warm = now_ms - self._first_ms >= _WARM_UP_MS and self._model.weight >= _WARM_UP_ORDERS
        judging = warm and self._deviation >= _LEAST_DEVIATION
        self.side.cut = _size_at(self._centre + SIZE_SIGMAS[0] * self._deviation) if judging else math.inf

    def sigmas(self, added: float) -> float:
        return (math.log(added) - self._centre) / self._deviation


def _size_at(log: float) -> float:
    return math.exp(log) if log < 700 else math.inf


def statistics_of(book: Book, scoring: Scoring) -> Sequence[SideStatistics]:
    return tuple(SideStatistics(side, scoring.size_model()) for side in (book.bids, book.asks))
