"""How often somebody may do something: a token bucket for each key. Pure; the caller gives the time.

Source: https://en.wikipedia.org/wiki/Token_bucket
"""

from __future__ import annotations

from collections.abc import Hashable

_MOST_KEYS = 20_000


class Buckets:
    """Each key has a bucket of `burst` that refills by `rate` a second; what is not there cannot be taken.

    Keys that were not seen for longest are forgotten at twenty thousand: an attacker with many addresses must not fill
    the memory.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._levels: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable, now: float, cost: float = 1.0) -> float:
        """Take `cost` out of a bucket; 0.0 where that was possible, else the seconds until it will be.

        now: in seconds of a monotonic clock. A cost above `burst` is possible for a full bucket, which then owes.
        """
        level, at = self._levels.pop(key, (self.burst, now))
        level = min(self.burst, level + max(0.0, now - at) * self.rate)
        needed = min(cost, self.burst)
        if level >= needed:
            self._levels[key] = (level - cost, now)
            waits = 0.0
        else:
            self._levels[key] = (level, now)
            waits = (needed - level) / self.rate
        if len(self._levels) > _MOST_KEYS:
            del self._levels[next(iter(self._levels))]
        return waits

    def is_empty(self, key: Hashable, now: float) -> bool:
        """Whether nothing can be taken now; takes nothing."""
        level, at = self._levels.get(key, (self.burst, now))
        return min(self.burst, level + max(0.0, now - at) * self.rate) < 1.0
