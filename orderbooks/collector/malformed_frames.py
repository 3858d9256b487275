"""Frames that could not be read are kept, whole: a bounded number of them, written outside of the loop."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from events.sources.quarantine import quarantine_item
from events.upstream.archive import store_body
from events.upstream.errors import excerpt

# Distinct faults that wait to be written; a venue that changed its format makes one fault a thousand times a second.
_MOST_FAULTS = 50
# And distinct faults an hour: texts that never repeat must not fill the table.
_MOST_AN_HOUR = 200


@dataclass
class _Fault:
    frame: bytes
    source: str
    error: str


class EvidenceBox:
    """Takes frames from the loop at once, and writes them when `write` is called from another thread.

    Of the same fault (source and error) the latest frame stands for all of them until it is written.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._faults: OrderedDict[tuple[str, str], _Fault] = OrderedDict()
        self._hour: datetime | None = None
        self._written = 0

    def add(self, source: str, frame: bytes, error: str) -> None:
        with self._guard:
            key = (source, error)
            room = len(self._faults) < min(_MOST_FAULTS, _MOST_AN_HOUR - self._written)
            if key in self._faults or room:
                self._faults[key] = _Fault(frame, source, error)

    def write(self, now: datetime) -> int:
        """Quarantine what has come; how many items that were. Raises DatabaseError, and keeps what is not written."""
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
