"""Back-off between tries, frames a second, request weight a minute. Pure: times are seconds, passed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from crypto_ews.backoff import backoff

# How many useful snapshots may be requested without a wait within the calm time.
_AT_ONCE = 3


class Backoff:
    """Waits that double from `base` to `cap` seconds, each shortened by up to a half at random.

    random: returns 0 … 1. The jitter keeps a hundred connections that failed together from reconnecting together.
    Raises ValueError unless 0 < base ≤ cap.
    """

    def __init__(self, base: float, cap: float, random: Callable[[], float]) -> None:
        if not 0 < base <= cap:
            raise ValueError(f"back-off was from {base} s to {cap} s, expected 0 < base ≤ cap")
        self._base, self._cap, self._random = base, cap, random
        self.failures = 0

    def failed(self) -> float:
        """Seconds to wait before the next try."""
        self.failures += 1
        return backoff(self.failures, self._base, self._cap) * (1 - self._random() / 2)

    def succeeded(self) -> None:
        self.failures = 0


class SnapshotBackoff:
    """When one symbol may request a snapshot: at once while snapshots are useful, else after waits that double.

    After a useless snapshot (for example an old one from a cache) the next may be useless too, and requesting it at
    once would spend the weight that all symbols share. The same applies to a book that is lost again and again.

    calm: seconds without a request after which the waits start from `base` again.
    """

    def __init__(self, base: float, cap: float, calm: float, random: Callable[[], float]) -> None:
        self._backoff = Backoff(base, cap, random)
        self._calm = calm
        self._at_once = _AT_ONCE
        self._not_before = -calm

    def reserve(self, now: float, useless: bool) -> float:
        """Reserve a request. Returns seconds to wait before it. useless: the last snapshot was."""
        if now - self._not_before >= self._calm:
            self._backoff.succeeded()
            self._at_once = _AT_ONCE
        if not useless and self._at_once:
            self._at_once -= 1
            self._not_before = max(now, self._not_before)
            return 0.0
        self._not_before = max(self._not_before, now + self._backoff.failed())
        return self._not_before - now


class FrameRateLimit:
    """At most `per_second` sends a second, evenly spaced. Raises ValueError for a rate of 0 or less."""

    def __init__(self, per_second: float) -> None:
        if per_second <= 0:
            raise ValueError(f"rate was {per_second} a second, expected more than 0")
        self._gap = 1 / per_second
        self._next = 0.0

    def reserve(self, now: float) -> float:
        """Reserve a send. Returns seconds to wait before it."""
        at = max(now, self._next)
        self._next = at + self._gap
        return at - now


class WeightBudget:
    """Request weight of one host: at most `per_minute` in any 60 seconds, and none while the host makes us wait.

    All callers in the process share the host's budget, as the host counts by address. Raises ValueError for a budget
    below 1.
    """

    _WINDOW = 60.0

    def __init__(self, per_minute: int) -> None:
        if per_minute < 1:
            raise ValueError(f"weight budget was {per_minute} a minute, expected at least 1")
        self.per_minute = per_minute
        self._spent: deque[tuple[float, int]] = deque()
        self._sum = 0
        self._closed_until = 0.0

    def wait(self, weight: int, now: float) -> float:
        """Seconds until a request of this weight may go out; 0 spends it now."""
        self._forget(now)
        if now < self._closed_until:
            return self._closed_until - now
        # A request above the full budget would wait for ever: it goes alone.
        excess = self._sum + min(weight, self.per_minute) - self.per_minute
        if excess <= 0:
            self._spent.append((now, weight))
            self._sum += weight
            return 0.0
        for at, spent in self._spent:
            excess -= spent
            if excess <= 0:
                return at + self._WINDOW - now
        return self._WINDOW

    def spent(self, now: float) -> int:
        """The weight of the last minute."""
        self._forget(now)
        return self._sum

    def close_for(self, seconds: float, now: float) -> None:
        """The host refuses requests (429, 418) for so many seconds."""
        self._closed_until = max(self._closed_until, now + seconds)

    def used(self, weight: int, now: float) -> None:
        """The host reports the weight used in this minute, including other programs at our address."""
        self._forget(now)
        if weight > self._sum:
            self._spent.append((now, weight - self._sum))
            self._sum = weight

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0][0] <= now - self._WINDOW:
            self._sum -= self._spent.popleft()[1]
