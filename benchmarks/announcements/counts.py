"""Shares and F1 values, with 95 % intervals: Wilson's for a share, a bootstrap over notices for names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

_Z = 1.959964
_ROUNDS = 2_000
_SEED = 16


@dataclass(frozen=True)
class Share:
    """So many right of so many."""

    right: int
    total: int

    @property
    def value(self) -> float:
        """The share; 1 where nothing was counted."""
        return self.right / self.total if self.total else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval. It does not shrink to a point where all or none are right."""
        if not self.total:
            return 0.0, 1.0
        share, total = self.right / self.total, self.total
        denominator = 1 + _Z**2 / total
        centre = (share + _Z**2 / (2 * total)) / denominator
        half = _Z * math.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2)) / denominator
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        return f"{self.right}/{self.total} = {self.value:.3f} {shown(self.interval)}"


@dataclass(frozen=True)
class Names:
    """Names of one notice, or of many: right, wrong (not labelled) and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @classmethod
    def compared(cls, got: Iterable[str], want: Iterable[str], optional: Iterable[str] = ()) -> Names:
        """Optional names are neither right nor wrong."""
        ignored = set(optional)
        found, labelled = set(got) - ignored, set(want) - ignored
        return cls(len(found & labelled), len(found - labelled), len(labelled - found))

    @property
    def exact(self) -> bool:
        return not self.wrong and not self.missed

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0

    @property
    def share(self) -> float:
        """Right of all that are labelled or named: stricter than F1, as one name that is another counts twice."""
        total = self.right + self.wrong + self.missed
        return self.right / total if total else 1.0

    def __str__(self) -> str:
        return f"{self.right} right, {self.wrong} wrong, {self.missed} missed"


def added(names: Iterable[Names]) -> Names:
    """The names of many notices together."""
    right = wrong = missed = 0
    for one in names:
        right, wrong, missed = right + one.right, wrong + one.wrong, missed + one.missed
    return Names(right, wrong, missed)


def f1_interval(names: Sequence[Names]) -> tuple[float, float]:
    """The interval of F1 when notices are drawn again: faults come in notices, not name by name."""
    if not names:
        return 0.0, 1.0
    counted = np.array([(one.right, one.wrong, one.missed) for one in names], dtype=np.int64)
    drawn = np.random.default_rng(_SEED).multinomial(len(names), np.full(len(names), 1 / len(names)), _ROUNDS)
    right, wrong, missed = (drawn @ counted).T
    total = 2 * right + wrong + missed
    values = np.where(total > 0, 2 * right / np.maximum(total, 1), 1.0)
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def shown(interval: tuple[float, float]) -> str:
    return f"[{interval[0]:.3f}, {interval[1]:.3f}]"
