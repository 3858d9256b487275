"""Whether an answer belongs to the database that was heard before, and is no copy of an old one. Pure.

The client's clock plays no part: a moment of the server (`as_of`) is compared with moments of the server, and what has
passed since is counted by the monotonic clock. So a wrong clock of the client changes nothing, and neither does an age
that a copy repeats: a caching proxy serves "0.3 s old" for ever, but its `as_of` stands still.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

OLDEST_SECONDS: Final = 12.0
"""How long an `as_of` may stand still, and how long a server must go on at a lower number before it is believed."""


@dataclass
class _Head:
    """The furthest that a database was heard: its number, its heartbeat, and when (monotonic) each was first seen."""

    seq: int
    as_of: datetime
    seen_at: float


class Timeline:
    """Follows `seq` and `as_of` of all that one server says."""

    def __init__(self) -> None:
        self._head: _Head | None = None
        # Another database, on trial: since when, and how far it came.
        self._other: _Head | None = None
        self._other_since = 0.0
        self.breaks = 0
        """Counts how often another database was taken for the right one: what was known before is void."""

    @property
    def seq(self) -> int | None:
        """The highest number heard of the present database."""
        return self._head.seq if self._head else None

    def doubt(self, seq: int, as_of: datetime, now: float, asked_at_seq: int | None) -> str | None:
        """Why what was just heard is not to be believed; None: it is.

        `now` is monotonic, in seconds; `asked_at_seq` is `seq` of this timeline when the question was asked, as an
        answer that a change overtook on its way is no step backwards.

        A lower number or an earlier heartbeat is another database, a restored one, or an old copy. It is believed only
        after it alone was heard for 12 s and has moved on meanwhile: of two databases behind one address neither is.
        """
        head = self._head
        if head is None:
            self._head = _Head(seq, as_of, now)
            return None
        behind = (head.as_of - as_of).total_seconds()
        backwards = asked_at_seq is not None and seq < min(asked_at_seq, head.seq)
        if backwards or behind > OLDEST_SECONDS:
            return self._on_trial(seq, as_of, now, backwards)
        self._other = None
        if behind < 0:
            head.as_of, head.seen_at = as_of, now
        head.seq = max(head.seq, seq)
        if now - head.seen_at + max(behind, 0.0) > OLDEST_SECONDS:
            return f"as_of has stood still for {now - head.seen_at:.0f} s: a copy, or a daemon that is dead"
        return None

    def _on_trial(self, seq: int, as_of: datetime, now: float, backwards: bool) -> str | None:
        other = self._other
        if other is None or seq < other.seq or as_of < other.as_of:
            self._other, self._other_since = _Head(seq, as_of, now), now
        elif now - self._other_since >= OLDEST_SECONDS and (as_of - other.as_of).total_seconds() >= OLDEST_SECONDS / 2:
            self._head, self._other = _Head(seq, as_of, now), None
            self.breaks += 1
            return None
        what = "seq went backwards" if backwards else "as_of went backwards"
        return f"{what}: another database, or an old copy"
