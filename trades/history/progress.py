"""How far each pass of the backfill is: written by the backfill, read by the board and the command line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from trades.history.passes import PASSES
from trades.models import BackfillPass

State = BackfillPass.State
_REPORT_EVERY = timedelta(seconds=1)
_MOST_NAMED = 3


class PassReport:
    """Writes the row of one pass. Not more often than once a second between its begin and its end."""

    def __init__(self, venue: str, number: int) -> None:
        self._row = BackfillPass.objects.filter(venue=venue, number=number).first() or BackfillPass(
            venue=venue, number=number
        )

    def waiting(self, now: datetime) -> None:
        self._save(now, state=State.WAITING)

    def left_out(self, note: str, now: datetime) -> None:
        self._save(now, state=State.LEFT_OUT, note=note, pairs=0, pairs_done=0, requests=0, weight_left=0)

    def begin(self, pairs: int, done: int, weights: Sequence[int], per_minute: int, note: str, now: datetime) -> None:
        """pairs: of which `done` need nothing. weights: of the requests that are left."""
        self._save(
            now,
            state=State.RUNNING,
            pairs=pairs,
            pairs_done=done,
            requests=len(weights),
            requests_done=0,
            weight_left=sum(weights),
            weight_per_minute=per_minute,
            started_at=now,
            finished_at=None,
            note=note,
        )

    def fetched(self, weight: int, pair_done: bool, now: datetime) -> None:
        row = self._row
        row.requests_done += 1
        row.weight_left = max(0, row.weight_left - weight)
        row.pairs_done += pair_done
        if not row.at <= now < row.at + _REPORT_EVERY:
            self._save(now)

    def not_needed(self, weights: Sequence[int]) -> None:
        """These requests turned out not to be needed."""
        self._row.requests -= len(weights)
        self._row.weight_left = max(0, self._row.weight_left - sum(weights))

    def end(self, failed: Mapping[str, str], stopped: bool, now: datetime) -> None:
        """A pass with pairs that failed is done for the others; those are named."""
        if stopped:
            self._save(now)
            return
        note = self._row.note
        if failed:
            named = "; ".join(f"{symbol}: {why}" for symbol, why in list(failed.items())[:_MOST_NAMED])
            more = f" and {len(failed) - _MOST_NAMED} more" if len(failed) > _MOST_NAMED else ""
            note = "; ".join(filter(None, (note, f"{len(failed)} pairs failed: {named}{more}")))
        self._save(now, state=State.DONE, finished_at=now, note=note, weight_left=0)

    def _save(self, now: datetime, **changes: object) -> None:
        for name, value in changes.items():
            setattr(self._row, name, value)
        self._row.at = now
        self._row.save()


@dataclass(frozen=True)
class PassProgress:
    """One pass of one venue. done, of: requests. ends_in: None where it does not run, or nothing is known."""

    venue: str
    number: int
    name: str
    brings: str
    state: str
    done: int
    of: int
    pairs_done: int
    pairs: int
    ends_in: timedelta | None
    finished_at: datetime | None
    at: datetime
    note: str


def progress(venue: str = "") -> list[PassProgress]:
    """Of all passes that were ever planned, of one venue or of all, by venue and pass."""
    rows = BackfillPass.objects.all() if not venue else BackfillPass.objects.filter(venue=venue)
    names = {step.number: step for step in PASSES}
    return [
        PassProgress(
            row.venue,
            row.number,
            names[row.number].name,
            names[row.number].brings,
            row.state,
            row.requests_done,
            row.requests,
            row.pairs_done,
            row.pairs,
            _ends_in(row),
            row.finished_at,
            row.at,
            row.note,
        )
        for row in rows.order_by("venue", "number")
        if row.number in names
    ]


def _ends_in(row: BackfillPass) -> timedelta | None:
    if row.state != State.RUNNING or not row.weight_per_minute:
        return None
    return timedelta(seconds=math.ceil(60 * row.weight_left / row.weight_per_minute))
