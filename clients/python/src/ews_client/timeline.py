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
"""How far an `as_of` may fall behind, and how long a server must go on at a lower number before it is believed."""

LATE_SECONDS: Final = 60.0
"""How long a server must go on behind what was heard before, and alone, until its clock is known to have been set."""

DRIFT: Final = 0.001
"""How much faster than the server's clock ours may run: a clock that is being corrected goes wrong by 0.0005."""


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
        # `as_of` and the moment (monotonic) of what was heard with the least delay.
        self._best: tuple[datetime, float] | None = None
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
        What is behind the quickest answer so far by over 12 s, whether it moves on or not, is an answer to an earlier
        question (after 60 s of nothing else: a clock that was set).
        """
        head = self._head
        if head is None or self._best is None:
            self._head, self._best = _Head(seq, as_of, now), (as_of, now)
            return None
        behind = (head.as_of - as_of).total_seconds()
        late = self._late(as_of, now)
        if asked_at_seq is not None and seq < min(asked_at_seq, head.seq):
            return self._on_trial(seq, as_of, now, "seq went backwards", OLDEST_SECONDS)
        if behind > OLDEST_SECONDS:
            return self._on_trial(seq, as_of, now, "as_of went backwards", OLDEST_SECONDS)
        stood_still = now - head.seen_at + max(behind, 0.0) if behind >= 0 else 0.0
        if late > OLDEST_SECONDS and stood_still <= OLDEST_SECONDS:
            return self._on_trial(seq, as_of, now, f"as_of fell {late:.0f} s behind", LATE_SECONDS)
        self._other = None
        if behind < 0:
            head.as_of, head.seen_at = as_of, now
        head.seq = max(head.seq, seq)
        if late <= 0.0:
            self._best = (as_of, now)
        if stood_still > OLDEST_SECONDS:
            return f"as_of has stood still for {stood_still:.0f} s: a copy, or a daemon that is dead"
        return None

    def _late(self, as_of: datetime, now: float) -> float:
        """By how many seconds `as_of` is behind where the fastest answer so far says that it should be."""
        assert self._best is not None
        best_as_of, best_at = self._best
        return (now - best_at) * (1.0 - DRIFT) - (as_of - best_as_of).total_seconds()

    def _on_trial(self, seq: int, as_of: datetime, now: float, what: str, seconds: float) -> str | None:
        other = self._other
        if other is None or seq < other.seq or as_of < other.as_of:
            self._other, self._other_since = _Head(seq, as_of, now), now
        elif now - self._other_since >= seconds and (as_of - other.as_of).total_seconds() >= seconds / 2:
            self._head, self._best, self._other = _Head(seq, as_of, now), (as_of, now), None
            self.breaks += 1
            return None
        return f"{what}: another database, or an old copy"
