"""Keeps requests below the documented rate of an upstream. Only real requests wait; a replay does not."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from urllib.parse import urlsplit


class Pace:
    """At most `requests` in any `seconds`, over all threads."""

    def __init__(
        self,
        requests: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if requests < 1 or seconds <= 0:
            raise ValueError(f"pace was {requests} requests in {seconds} s, expected at least one and a time above 0")
        self._requests, self._seconds = requests, seconds
        self._clock, self._sleep = clock, sleep
        self._due: deque[float] = deque(maxlen=requests)
        self._lock = Lock()

    def wait(self) -> None:
        """Return when another request may go out."""
        with self._lock:
            now = self._clock()
            # The time is reserved under the lock and waited for outside of it, so that threads queue without blocking.
            due = max(now, self._due[0] + self._seconds) if len(self._due) == self._requests else now
            self._due.append(due)
        if due > now:
            self._sleep(due - now)


_limits: dict[str, tuple[int, float]] = {}
_paces: dict[tuple[str, str], Pace] = {}
_clock: list[Callable[[], float]] = [time.monotonic]
_making = Lock()


def limit(source: str, requests: int, seconds: float) -> None:
    """Declare the rate of a source (its archive name)."""
    _limits[source] = (requests, seconds)


def count_by(clock: Callable[[], float] = time.monotonic) -> None:
    """Count the seconds by `clock` from now on: a drill skips what is quiet, and asks no more often than a daemon."""
    with _making:
        _clock[:] = [clock]
        _paces.clear()


def wait_for(source: str, url: str) -> None:
    """Wait until a request of this source may go out to the host of `url`; at once where no rate was declared."""
    if source not in _limits:
        return
    with _making:
        pace = _paces.setdefault((source, urlsplit(url).netloc), Pace(*_limits[source], clock=_clock[0]))
    pace.wait()
