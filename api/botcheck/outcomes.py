"""What a check of an adapter finds, and how it is printed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Opens:
    """Whether a pair that is denied would be opened. None: the bot opens nothing then, or it was not asked.

    at_start: the bot was started under the fault. known: it runs, and had read that the pair is denied. meanwhile: it
    runs, and the pair was allowed until the fault came. note: what was read, or why nothing was. was_asked: False
    where nothing was tried, so that nobody knows.
    """

    at_start: bool | None = None
    known: bool | None = None
    meanwhile: bool | None = None
    note: str = ""
    was_asked: bool = True

    @property
    def any(self) -> bool:
        return bool(self.at_start or self.known or self.meanwhile)

    @property
    def text(self) -> str:
        """For the last column."""
        if not self.was_asked:
            return "not asked"
        when = [
            text
            for text, is_so in (
                ("at start", self.at_start),
                ("while running", self.known),
                ("if denied meanwhile", self.meanwhile and not self.known),
            )
            if is_so
        ]
        return f"YES, {' and '.join(when)}" if when else "no"


@dataclass(frozen=True)
class Row:
    """One fault. at_start, running: the words of the adapter."""

    fault: str
    at_start: str
    running: str
    opens: Opens

    def as_json(self) -> dict[str, Any]:
        return {
            "fault": self.fault,
            "at_start": self.at_start,
            "while_running": self.running,
            "opens_denied": None if not self.opens.was_asked else self.opens.any,
            "opens": asdict(self.opens),
        }


@dataclass(frozen=True)
class Checked:
    """One adapter."""

    name: str
    title: str
    promise: bool
    now: str
    """What the bot reads without a fault."""
    rows: tuple[Row, ...]
    now_opens: bool = False
    """Whether a pair that is denied may be opened even so."""

    @property
    def broken(self) -> list[str]:
        """The faults under which it opens what it promises not to."""
        found = ["no fault"] if self.now_opens else []
        return found + [row.fault for row in self.rows if row.opens.any] if self.promise else []

    @property
    def was_asked(self) -> bool:
        """Whether anything was tried."""
        return any(row.opens.was_asked for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "promise": self.promise,
            "now": self.now,
            "now_opens_denied": self.now_opens if self.was_asked else None,
            "broken": self.broken,
            "faults": [row.as_json() for row in self.rows],
        }

    def as_text(self) -> str:
        cells = [("fault", "at start", "while running", "opens the denied pair?")]
        cells.append(("none", self.now + ("; YES, the denied pair as well" if self.now_opens else ""), "", ""))
        cells += [(row.fault, row.at_start, row.running, row.opens.text) for row in self.rows]
        return f"{self.name} ({self.title})\n{aligned(cells)}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """A table with a line under its head. A row whose second cell stands alone does not widen its column."""
    wide = [row for row in rows if any(row[2:])]
    widths = [max((len(row[number]) for row in wide), default=0) for number in range(len(rows[0]))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(" |")
             if any(row[2:]) else f"{row[0].ljust(widths[0])} | {row[1]}" for row in rows]  # fmt: skip
    return "\n".join([lines[0], "-+-".join("-" * width for width in widths), *lines[1:]])


def conclusion(found: Sequence[Checked]) -> str:
    """The last line."""
    broken = [f"{one.name} under {', '.join(one.broken)}" for one in found if one.broken]
    if broken:
        return f"BROKEN: a denied pair becomes tradable: {'; '.join(broken)}"
    left = [one.name for one in found if one.promise and not one.was_asked]
    if nothing_tried(found):
        return f"nothing was tried, so that nothing is proven: {', '.join(left)}"
    if not any(one.promise for one in found):
        return "nothing is promised here: the words say what can happen"
    return "no adapter opens what it promises not to open" + (f"; not asked: {', '.join(left)}" if left else "")


def nothing_tried(found: Sequence[Checked]) -> bool:
    """Whether there are promises, and none of them was tried."""
    promises = [one for one in found if one.promise]
    return bool(promises) and not any(one.was_asked for one in promises)
