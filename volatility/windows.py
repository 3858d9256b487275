"""The rolling windows, and the move that breaks each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Window:
    """A span of time, and the fraction of the price by which a move within it is an event."""

    minutes: int
    threshold: float

    @property
    def span(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @property
    def label(self) -> str:
        return f"{self.minutes} min" if self.minutes <= 60 else f"{self.minutes // 60} h"


WINDOWS = tuple(
    Window(minutes, percent / 100)
    for minutes, percent in (
        (1, 3), (5, 4), (15, 5), (30, 8), (60, 10), (180, 12), (360, 15), (720, 15), (1440, 15),
    )
)  # fmt: skip
WIDEST = WINDOWS[-1].span
# The age in windows up to which the reading before a late poll counts.
LATE = 1.5
# A further alert needs a move of this much since the last one, in log price, …
REALERT_LOG_MOVE = math.log(1.15)
# … and of this share of the log move announced last.
REALERT_SHARE = 0.5
VALID_AT_LEAST = timedelta(hours=1)
