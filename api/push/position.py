"""How far a reader has come: the opaque `id` of every message. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_TEXT = re.compile(r"([0-9a-f]{12})-(\d{1,19})-(\d{1,19})-(\d{1,19})")


class Position(NamedTuple):
    """Everything up to here was sent.

    database: which one, of which time line; it changes when a backup is restored. seq: of the view. xid, n: of the
    ledger: every row of a transaction before `xid`, and those of `xid` itself up to `n`. A later row may come from an
    earlier transaction only while that was still running, and then its `xid` is not before this one.
    """

    database: str
    seq: int
    xid: int
    n: int

    def __str__(self) -> str:
        return f"{self.database}-{self.seq}-{self.xid}-{self.n}"


NOWHERE = Position("0" * 12, 0, 0, 0)
"""Of a process that has not read the ledger yet."""


def position_of(text: str) -> Position | None:
    """The position that an id names; None for a text that is no id of ours."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    database, seq, xid, n = found.groups()
    position = Position(database, int(seq), int(xid), int(n))
    return position if max(position.seq, position.xid, position.n) < 2**63 else None
