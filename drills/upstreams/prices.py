"""The prices of one exchange in a drill: what the crisis sets, moving a little all the time as real ones do."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

_PERIOD_SECONDS = 137.0
_SHARE = 0.0003
"""Largest distance from what was set: far below any threshold."""


class Prices:
    """By pair, in the quote asset. A list of quotes that never changes would be reported as one that is stuck."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._set: dict[str, float] = {}

    def set(self, pair: str, price: float) -> None:
        self._set[pair] = price

    def of(self, pair: str) -> float | None:
        price = self._set.get(pair)
        if price is None:
            return None
        phase = self._now().timestamp() / _PERIOD_SECONDS + len(pair) + ord(pair[0])
        return price * (1 + _SHARE * math.sin(phase))
