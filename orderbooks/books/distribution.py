"""How a side's value is spread over distance from the mid, and where its walls stand (DESIGN_MARKETS.md, section 16).

Shares are of the quote value within the limit: what lies further out, or is not known, is in no denominator. Otherwise
one absurd order far away would make every book look empty at the top.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

LIMIT, BIN = 0.25, 0.025
"""Distance from the mid, as a share of it, within which a side is judged, and the width of a bin."""
BINS = round(LIMIT / BIN)
WALL_SHARE, WALL_FROM, WALL_CLUSTER = 0.03, 0.01, 0.005
"""A wall: a level with so much of the side's value, so far away; walls nearer to each other are one."""
_PACES = ((0.005, 0.0), (0.05, 15.0), (0.10, 60.0))
_SLOWEST = 300.0


class Wall(NamedTuple):
    """distance: of its largest level from the mid, as a share of the mid. share: of the side's value within the limit,
    all levels of the wall together. price: of the largest level, in the quote."""

    distance: float
    share: float
    price: float


class Distribution(NamedTuple):
    """One side. shares: of the value by bin, nearest first; they add up to 1, or are all 0 in an empty side. value: in
    quote currency, within the limit. reach: how much of the limit the known book covers, 0 … 1."""

    shares: tuple[float, ...]
    value: float
    walls: tuple[Wall, ...]
    reach: float

    @property
    def first_bin(self) -> float:
        return self.shares[0]


def distribution(levels: Iterable[tuple[float, float]], mid: float, known: float) -> Distribution:
    """levels: (price, quote value) of one side, in any order. mid: above 0. known: distance from the mid within which
    all levels are known, in the price's unit."""
    reach = min(known / (mid * LIMIT), 1.0)
    limit = min(LIMIT, known / mid)
    near = [
        (distance, value, price)
        for price, value in levels
        if value > 0 and (distance := abs(price - mid) / mid) <= limit
    ]
    total = sum(value for _, value, _ in near)
    sums = [0.0] * BINS
    for distance, value, _ in near:
        # A level exactly at the limit is in the last bin.
        sums[min(int(distance / BIN), BINS - 1)] += value
    if total <= 0:
        return Distribution(tuple(sums), 0.0, (), reach)
    return Distribution(tuple(part / total for part in sums), total, _walls(near, total), reach)


def seconds_to_next(first_bin: float) -> float:
    """Until a book with this share in its first bin is sampled again: the thinner, the sooner; 0: at every message."""
    return next((seconds for most, seconds in _PACES if first_bin <= most), _SLOWEST)


def _walls(near: list[tuple[float, float, float]], total: float) -> tuple[Wall, ...]:
    large = sorted(level for level in near if level[0] >= WALL_FROM and level[1] >= WALL_SHARE * total)
    groups: list[list[tuple[float, float, float]]] = []
    for level in large:
        if groups and level[0] - groups[-1][-1][0] <= WALL_CLUSTER:
            groups[-1].append(level)
        else:
            groups.append([level])
    walls = []
    for group in groups:
        distance, _, price = max(group, key=lambda level: level[1])
        walls.append(Wall(distance, sum(value for _, value, _ in group) / total, price))
    return tuple(walls)
