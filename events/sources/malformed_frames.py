"""Frames that no decoder could read, quarantined in full: a bounded number, written outside the event loop."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from events.sources.quarantine import quarantine_item
from events.upstream.archive import store_body
from events.upstream.errors import excerpt

# Distinct faults that wait to be written. A venue with a changed format makes the same fault a thousand times a second.
_MOST_FAULTS = 50
# Faults written in an hour: errors that never repeat must not fill the table.
_MOST_AN_HOUR = 200


@dataclass
class _Fault:
    frame: bytes
    source: str
    error: str


class MalformedFrames:
    """Takes frames from the event loop without waiting; `write` stores them from another thread.

    One frame is stored per fault (source and error): the latest before the write.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._faults: OrderedDict[tuple[str, str], _Fault] = OrderedDict()
        self._hour: datetime | None = None
        self._written = 0

    def add(self, source: str, frame: bytes, error: str) -> None:
        with self._guard:
            key = (source, error)
            has_space = len(self._faults) < min(_MOST_FAULTS, _MOST_AN_HOUR - self._written)
            if key in self._faults or has_space:
                self._faults[key] = _Fault(frame, source, error)

    def write(self, now: datetime) -> int:
        """Quarantine the frames that wait; how many. Raises DatabaseError; the frames not yet written stay."""
        written = 0
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._written = hour, 0
        while True:
            with self._guard:
                if not self._faults:
                    return written
                key, fault = next(iter(self._faults.items()))
            quarantine_item(
                fault.source,
                fault.error,
                now,
                title=f"a message of {fault.source} that could not be read",
                error=fault.error,
                excerpt=excerpt(fault.frame, 2000),
                payload=store_body(fault.frame, now),
            )
            with self._guard:
                if self._faults.get(key) is fault:
                    del self._faults[key]
                self._written += 1
            written += 1
