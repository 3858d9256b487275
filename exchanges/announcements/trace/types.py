"""What a trace is made of: the clauses of a notice, and for each part of the answer the clauses that gave it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from exchanges.announcements.frames.types import Frame
from exchanges.announcements.text.dates import Moment


class MarkKind(StrEnum):
    """What a marked piece of a clause gave."""

    ACTION = "action"
    NAME = "name"
    DATE = "date"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Mark:
    """A piece of a clause from start to stop."""

    start: int
    stop: int
    kind: MarkKind


class Origin(StrEnum):
    """Where the action of a frame comes from."""

    CLAUSE = "the clause itself"
    LEAD = "the line above the list"
    HEADING = "the heading"
    OTHERS = "the title or a sentence before"


@dataclass(frozen=True)
class TracedFrame:
    """A frame, where its action comes from, and for inherited names the clause that names them (else None)."""

    frame: Frame
    origin: Origin
    names_from: int | None = None


@dataclass(frozen=True)
class Spotted:
    """A name in a clause: a coin, or a pair or contract with the coin of it. ticker: None for a coin alone.

    network: only the network is named, whose coin this is.
    """

    token: str
    ticker: str | None
    start: int
    stop: int
    network: bool = False


@dataclass(frozen=True)
class Line:
    """The title (number TITLE) or a clause, with what stands in it.

    side: it belongs to a heading about a product that trades nothing.
    """

    number: int
    text: str
    lead: str
    section: str
    side: bool
    frames: tuple[TracedFrame, ...]
    names: tuple[Spotted, ...]
    moments: tuple[Moment, ...]
    marks: tuple[Mark, ...]

    @property
    def segments(self) -> Iterator[tuple[str, MarkKind | None]]:
        """The text in pieces, each with its mark."""
        place = 0
        for mark in self.marks:
            if mark.start > place:
                yield self.text[place : mark.start], None
            yield self.text[mark.start : mark.stop], mark.kind
            place = mark.stop
        if place < len(self.text):
            yield self.text[place:], None


@dataclass(frozen=True)
class Reason:
    """Why a part is, or is not, in the answer. clause: the number of the line that gave it; None for no single one."""

    clause: int | None
    why: str


class PartKind(StrEnum):
    CATEGORY = "category"
    STATUS = "trading status"
    TOKEN = "token"
    TICKER = "ticker"
    DATE = "date"


@dataclass(frozen=True)
class Part:
    """A part of the answer, or what the notice names and the answer has not. value: dates are ISO 8601, UTC."""

    kind: PartKind
    value: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Trace:
    """How a notice was read.

    steps: what decided, in the order in which it was asked. opinion: the probability of an event by the second opinion;
    counts: whether it could turn this answer.
    given: the parts of the answer. left_out: names and dates of the notice that are not in the answer.
    """

    language: str
    steps: tuple[str, ...]
    opinion: float
    opinion_counts: bool
    lines: tuple[Line, ...]
    given: tuple[Part, ...]
    left_out: tuple[Part, ...]
