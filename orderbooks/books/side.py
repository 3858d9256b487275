"""One side of a book: the loop that takes most of the time.

Most levels change and are never read, so nothing is kept sorted: a new price is pushed on a heap, a deleted one stays
there until it comes to the top, and bands and checksums sort when they are needed. On the captures of
`benchmarks.orderbooks` this loop takes 230 ns a level, against 340 with a list that is kept sorted by bisection, and
130 for a bare dictionary without any order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from streams.feeds.base import NumberLevel, TextLevel

NEAR = 0.01
"""Distance from the mid, as a share of it, within which depth counts for the order imbalance."""
# A book nears the end of its snapshot when a fifth is left of the way from the best price to the last one.
_EDGE = 0.2
_STALE_HEAP = 1024
_STALE_TEXTS = 64
_BEYOND = 1e300


class BadLevel(ValueError):
    """A price or size that no order can have."""


class Grown(NamedTuple):
    """A level to which much was added. known: the size before is known (it may have been 0)."""

    price: float
    added: float
    size: float
    known: bool


class Side:
    """The bids or the asks.

    known_from, known_to: the prices between which the snapshot was complete. edge: a best price beyond it nears the end
    of the snapshot. cut: additions above it are returned by `apply`. gains: every addition since the statistics last
    took them. near: sum of sizes within the near band.
    """

    __slots__ = (
        "best",
        "cut",
        "edge",
        "gains",
        "heap",
        "is_bid",
        "known_from",
        "known_to",
        "levels",
        "near",
        "near_from",
        "near_to",
        "sign",
        "texts",
    )

    def __init__(self, is_bid: bool, keeps_text: bool) -> None:
        self.is_bid = is_bid
        # The heap gives its smallest first: bids go there as negative prices.
        self.sign = -1.0 if is_bid else 1.0
        self.levels: dict[float, float] = {}
        self.heap: list[float] = []
        self.texts: dict[float, TextLevel] | None = {} if keeps_text else None
        self.best: float | None = None
        self.known_from, self.known_to = 0.0, math.inf
        self.edge: float | None = None
        self.near_from, self.near_to, self.near = 0.0, 0.0, 0.0
        self.cut = math.inf
        self.gains: list[float] = []

    def load(self, parsed: Sequence[NumberLevel], levels: Sequence[TextLevel], complete: bool) -> None:
        """Replace all levels. complete: the side ends with the last of them."""
        self.levels = {price: size for price, size in parsed if size}
        if self.texts is not None:
            self.texts = {price: level for (price, _), level in zip(parsed, levels, strict=True)}
        self.heap = [price * self.sign for price in self.levels]
        heapify(self.heap)
        self.best = self.heap[0] * self.sign if self.heap else None
        self.known_from, self.known_to, self.edge = 0.0, math.inf, None
        if self.best is not None and not complete:
            if self.is_bid:
                end = self.known_from = min(self.levels)
            else:
                end = self.known_to = max(self.levels)
            self.edge = end + _EDGE * (self.best - end)

    def apply(self, changes: Iterable[NumberLevel]) -> list[Grown] | None:
        """Set levels, delete those of size 0. Returns additions above the cut, None where there are none.

        Cost: one dictionary look-up, one store and a few comparisons a level.
        """
        levels, heap, sign, cut = self.levels, self.heap, self.sign, self.cut
        get, remove, note = levels.get, levels.pop, self.gains.append
        known_from, known_to = self.known_from, self.known_to
        near_from, near_to, near = self.near_from, self.near_to, self.near
        grown: list[Grown] | None = None
        for price, size in changes:
            if size:
                old = get(price)
                levels[price] = size
                if old is None:
                    heappush(heap, price * sign)
                    change = size
                    # Behind the snapshot's last level an order may have been there all the time: it is not scored.
                    if known_from <= price <= known_to:
                        note(change)
                        if change > cut:
                            grown = grown or []
                            grown.append(Grown(price, change, size, False))
                else:
                    change = size - old
                    if change > 0.0:
                        note(change)
                        if change > cut:
                            grown = grown or []
                            grown.append(Grown(price, change, size, True))
            else:
                change = -remove(price, 0.0)
            if near_from <= price <= near_to:
                near += change
        self.near = near
        while heap and heap[0] * sign not in levels:
            heappop(heap)
        self.best = heap[0] * sign if heap else None
        if len(heap) > 2 * len(levels) + _STALE_HEAP:
            self.heap = [price * sign for price in levels]
            heapify(self.heap)
        return grown

    def keep_texts(self, parsed: Sequence[NumberLevel], levels: Sequence[TextLevel]) -> None:
        """Store changed levels in the venue's own characters."""
        texts = self.texts
        assert texts is not None
        for (price, _), level in zip(parsed, levels, strict=True):
            texts[price] = level
        if len(texts) > 2 * len(self.levels) + _STALE_TEXTS:
            self.texts = {price: texts[price] for price in self.levels}

    def best_first(self, count: int | None = None) -> list[float]:
        return sorted(self.levels, reverse=self.is_bid)[:count]

    def truncate(self, window: int) -> None:
        """Drop the levels behind the best `window` ones."""
        if len(self.levels) > window:
            for price in self.best_first()[window:]:
                size = self.levels.pop(price)
                if self.near_from <= price <= self.near_to:
                    self.near -= size

    def centre(self, mid: float) -> None:
        """Lay the near band around this mid and sum it."""
        if self.is_bid:
            self.near_from, self.near_to = mid * (1 - NEAR), math.inf
        else:
            self.near_from, self.near_to = 0.0, mid * (1 + NEAR)
        self.near = self.sum_within(self.near_from, self.near_to)

    def sum_within(self, lowest: float, highest: float) -> float:
        """Sum of the sizes from one price to another, both included."""
        return sum([size for price, size in self.levels.items() if lowest <= price <= highest])


def parse_levels(levels: Sequence[TextLevel]) -> list[NumberLevel]:
    """Prices and sizes as numbers. Raises BadLevel for what no order can have."""
    try:
        parsed = [(float(level[0]), float(level[1])) for level in levels]
    except (ValueError, IndexError, TypeError):
        raise BadLevel(f"levels were {str(levels)[:200]}, expected pairs of price and size") from None
    for price, size in parsed:
        if not (0 < price < _BEYOND and 0 <= size < _BEYOND):
            raise BadLevel(f"a level was {price} {size}, expected a price above 0 and a size of 0 or more")
    return parsed
