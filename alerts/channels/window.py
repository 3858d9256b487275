"""What a service takes within a minute, counted before it refuses: a refusal costs more than the wait.

A limit belongs to a chat or a key, not to a receiver: topics of one group are several receivers, and one process counts
for all of them. Two daemons each count their own; the service's 429 stops the second.
"""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

from alerts.channels.base import Answer

MINUTE = timedelta(minutes=1)


def used_up(wait: float, why: str) -> Answer:
    """Nothing was sent, as it would be refused for so many seconds. No failure: waits would grow up to an hour, while
    other receivers use what the chat takes."""
    return Answer(429, headers={"retry-after": f"{wait:.3f}"}, explanation=why, verdict="partial")


class Window:
    """At most `limit` requests in any minute, by the clock of those who ask."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._taken: deque[datetime] = deque(maxlen=limit)

    def take(self, now: datetime) -> float:
        """0.0 if a request may go now, which counts it; else the seconds to wait."""
        with self._lock:
            # What lies ahead was counted before the clock was set back.
            recent = sorted(at for at in self._taken if now - MINUTE < at <= now)
            if len(recent) >= self._limit:
                return (recent[-self._limit] + MINUTE - now).total_seconds()
            self._taken = deque([*recent, now], maxlen=self._limit)
            return 0.0


_lock = threading.Lock()
_windows: dict[tuple[str, str], Window] = {}


def window_of(service: str, whose: str, limit: int) -> Window:
    """The one window of a chat or a key in this process. whose: names it, and may be a secret."""
    with _lock:
        return _windows.setdefault((service, whose), Window(limit))
