"""The whale score, 0 to 6, of every new or grown order.

Size points: the logarithm of the added size lies 2, 3 or 4 standard deviations above the mean of its pair and side: 1,
2 or 3 points. Only on top of a size point, one more each:
- the spread is wider than 1 % of mid;
- the price lies within 1 % of mid;
- the size exceeds ten times the order imbalance: |bids − asks| summed over the levels within 1 % of mid, in the same
  unit as the size (the venue's: base asset or contracts), without the order itself. A book that is out of balance by
  less than a tenth of one order is a book that this order tips.

Mean and deviation come from additions only, never from a snapshot or a deletion, each weighted by half for every
half-life since it came. No order is scored before a minute and fifty orders have been seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from crypto_ews.conf import Config
from orderbooks.books.book import Book
from orderbooks.books.side import NEAR, Grown, Side
from orderbooks.records import ScoredOrder

WIDE_SPREAD = 0.01
IMBALANCE_FACTOR = 10.0
SIZE_SIGMAS = (2.0, 3.0, 4.0)
_WARM_UP_MS = 60_000
_WARM_UP_ORDERS = 50
# Nearly equal sizes have next to no deviation: 1 % more would be many deviations.
_LEAST_DEVIATION = 0.01
# Statistics take additions in batches: logarithms of hundreds at once cost a tenth of as many single ones.
_BATCH_MS = 5_000
_ORDERS_FOR_MEDIAN = 4096
# Stored whales are watched until they are gone; at most so many of the newest a side.
_MAX_WATCHED = 200
# A whale is gone when less than this share of its level is left.
_STILL_THERE = 0.5
_DEVIATION_OF_MEDIAN = 1.4826


class SizeModel(Protocol):
    """The distribution of the logarithms of sizes. weight: orders that it is estimated from, after decay."""

    weight: float

    def add(self, logs: np.ndarray, now_ms: int) -> None: ...

    def centre_and_deviation(self) -> tuple[float, float]: ...


class LogNormal:
    """Mean and standard deviation, both decayed."""

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
    """Weighted median and median absolute deviation of the last 4,096 orders: a few huge ones do not raise the bar."""

    def __init__(self, half_life_ms: float) -> None:
        self.weight = 0.0
        self._half_life_ms = half_life_ms
        self._logs = np.empty(0)
        self._times = np.empty(0)

    def add(self, logs: np.ndarray, now_ms: int) -> None:
        self._logs = np.concatenate((self._logs, logs))[-_ORDERS_FOR_MEDIAN:]
        self._times = np.concatenate((self._times, np.full(len(logs), float(now_ms))))[-_ORDERS_FOR_MEDIAN:]
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


@dataclass
class Counters:
    """Counters of one book, or of many that share them.

    gaps: times that a book in sync lost its chain. resyncs: snapshots that brought a book back, or renewed it over the
    stream, the first one not counted. duplicates: updates that the book had already. dropped: updates dropped from a
    full buffer. contradictions: gaps that the numbers did not show: trades, quotes or crossed sides were evidence
    against the book. whales: orders of the threshold's score and above.
    """

    gaps: int = 0
    resyncs: int = 0
    checksums_checked: int = 0
    checksums_failed: int = 0
    duplicates: int = 0
    dropped: int = 0
    contradictions: int = 0
    orders_scored: int = 0
    whales: int = 0


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


def whale_score(sigmas: float, distance: float, spread: float, added: float, imbalance: float) -> int:
    """The score, 0 to 6. distance, spread: shares of the mid. added, imbalance: in the same unit."""
    two, three, four = SIZE_SIGMAS
    points = (sigmas >= two) + (sigmas >= three) + (sigmas >= four)
    if points:
        points += spread > WIDE_SPREAD
        points += distance <= NEAR
        points += added > IMBALANCE_FACTOR * imbalance
    return points


class SideStatistics:
    """The distribution of one side's additions, and the cut above which one has a size point."""

    def __init__(self, side: Side, model: SizeModel) -> None:
        self.side = side
        self.watched: dict[float, float] = {}
        """Whales that are still in the book: size of the level by price."""
        self._model = model
        self._first_ms: int | None = None
        self._centre = 0.0
        self._deviation = 0.0

    def take(self, now_ms: int) -> int:
        """Take the additions since the last call. Returns how many of these orders were compared with the cut."""
        gains = self.side.gains
        if not gains:
            return 0
        scored = len(gains) if self.side.cut != math.inf else 0
        if self._first_ms is None:
            self._first_ms = now_ms
        self._model.add(np.log(np.array(gains)), now_ms)
        gains.clear()
        self._centre, self._deviation = self._model.centre_and_deviation()
        warm = now_ms - self._first_ms >= _WARM_UP_MS and self._model.weight >= _WARM_UP_ORDERS
        ready = warm and self._deviation >= _LEAST_DEVIATION
        self.side.cut = _size_at(self._centre + SIZE_SIGMAS[0] * self._deviation) if ready else math.inf
        return scored

    def sigmas(self, added: float) -> float:
        return (math.log(added) - self._centre) / self._deviation

    def watch(self, grown: Grown) -> None:
        self.watched[grown.price] = grown.size
        if len(self.watched) > _MAX_WATCHED:
            del self.watched[next(iter(self.watched))]

    def vanished(self) -> list[float]:
        """Prices of whales that are gone since the last call; each is returned once."""
        levels = self.side.levels
        gone = [price for price, size in self.watched.items() if levels.get(price, 0.0) < size * _STILL_THERE]
        for price in gone:
            del self.watched[price]
        return gone


class Scorer:
    """Scores what is added to one book."""

    def __init__(self, book: Book, venue: str, symbol: str, scoring: Scoring, counters: Counters) -> None:
        self.sides = tuple(SideStatistics(side, scoring.size_model()) for side in (book.bids, book.asks))
        self._book = book
        self._venue = venue
        self._symbol = symbol
        self._threshold = scoring.threshold
        self._counters = counters
        self.due_ms = 0

    def score(self, grown: Sequence[Sequence[Grown] | None], exchange_ms: int, received_ns: int) -> list[ScoredOrder]:
        """Score what one update added above each side's cut (bids, asks). Returns orders of at least one point."""
        book = self._book
        bid, ask, mid = book.bids.best, book.asks.best, book.mid
        orders: list[ScoredOrder] = []
        if bid is None or ask is None or mid is None:
            return orders
        spread, contract = (ask - bid) / mid, book.contract
        for statistics, grown_ones in zip(self.sides, grown, strict=True):
            if not grown_ones:
                continue
            is_bid = statistics.side.is_bid
            for one in grown_ones:
                price, added, size, _ = one
                sigmas = statistics.sigmas(added)
                distance = abs(price - mid) / mid
                points = whale_score(sigmas, distance, spread, added, self._imbalance(statistics.side, one, mid))
                if not points:
                    continue
                if points >= self._threshold:
                    self._counters.whales += 1
                    statistics.watch(one)
                if contract is not None:
                    added, size = contract.in_base(added, price), contract.in_base(size, price)
                orders.append(
                    ScoredOrder(
                        self._venue,
                        self._symbol,
                        is_bid,
                        price,
                        added,
                        size,
                        mid,
                        distance,
                        sigmas,
                        points,
                        exchange_ms,
                        received_ns,
                    )
                )
        return orders

    def _imbalance(self, side: Side, without: Grown, mid: float) -> float:
        """|bids − asks| within 1 % of mid, as if this order had not come; in the venue's unit.

        The stored sums are of a band around a mid that is up to 0.1 % away. They are enough where the order is smaller
        than the imbalance; otherwise the levels are summed around the present mid. Infinite where a side is not known
        that far: then no order is large beside it.
        """
        bids, asks = self._book.bids, self._book.asks
        difference = bids.near - asks.near
        if side.near_from <= without.price <= side.near_to:
            difference += side.sign * without.added
        if abs(difference) >= without.added:
            return abs(difference)
        if not self._book.reaches(NEAR, mid):
            return math.inf
        difference = bids.sum_within(mid * (1 - NEAR), math.inf) - asks.sum_within(0.0, mid * (1 + NEAR))
        if abs(without.price - mid) <= NEAR * mid:
            difference += side.sign * without.added
        return abs(difference)

    def take_statistics(self, exchange_ms: int) -> None:
        """Take the additions of both sides; called when `due_ms` is reached."""
        self.due_ms = exchange_ms + _BATCH_MS
        for statistics in self.sides:
            self._counters.orders_scored += statistics.take(exchange_ms)

    def forget(self) -> None:
        """Drop additions and watched whales: the levels of a snapshot are no new orders."""
        self._book.forget_gains()
        for statistics in self.sides:
            statistics.watched.clear()


def _size_at(log: float) -> float:
    return math.exp(log) if log < 700 else math.inf
