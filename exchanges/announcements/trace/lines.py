"""The clauses of a notice with the words, names and dates that its frames were made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from exchanges.announcements.frames.names.subjects import named_in
from exchanges.announcements.frames.types import TITLE, Action, Frame
from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.dates import Moment
from exchanges.announcements.trace.types import Line, Mark, MarkKind, Origin, Spotted, TracedFrame
from markets.symbols import DERIVATIVE_MARKETS, SymbolSplitter

# Of overlapping marks the first of these is shown.
_FIRST = (MarkKind.SUPERSEDED, MarkKind.DATE, MarkKind.NAME, MarkKind.ACTION)

Dates = Callable[[int], Sequence[Moment]]


def lines_of(
    title: str,
    parts: Sequence[Clause],
    frames: Sequence[Frame],
    dates: Dates,
    splitter: SymbolSplitter,
    exchange: str,
    market: str | None = None,
) -> tuple[Line, ...]:
    """The title and all clauses as lines. dates: of a clause by its number, or of the title.

    market: of the notice. By it symbols are split where a clause names no market.
    """
    by_clause: dict[int, list[Frame]] = {}
    for frame in frames:
        by_clause.setdefault(frame.clause, []).append(frame)
    lines: list[Line] = []
    for number, clause in [(TITLE, Clause(title)), *enumerate(parts)]:
        here = by_clause.get(number, [])
        moments = tuple(dates(number))
        near = next((frame.market for frame in here if frame.market), market)
        names = tuple(_spotted(clause.text, moments, splitter, exchange, near))
        traced = tuple(TracedFrame(frame, _origin(frame, clause), _names_from(frame, names, lines)) for frame in here)
        marks = tuple(_apart([*_marks(clause.text, here), *_marked_dates(moments, here), *_marked_names(names)]))
        lines.append(
            Line(
                number, clause.text, clause.lead, clause.section, clause.side, traced, names, moments, marks,
            )
        )  # fmt: skip
    return tuple(lines)


def with_names(line: Line, spelled: Iterable[str]) -> Line:
    """The line with names that its sentence alone does not show to be names, such as single letters of a list."""
    added = [
        Spotted(name, name if "/" in name else None, *found.span()) for name in spelled for found in _in(name, line)
    ]
    if not added:
        return line
    marks = [*line.marks, *(Mark(item.start, item.stop, MarkKind.NAME) for item in added)]
    return replace(line, names=(*line.names, *added), marks=tuple(_apart(marks)))


def _in(name: str, line: Line) -> Iterator[re.Match[str]]:
    # Letters of a project's name are any ("Foo"), single letters are capitals.
    flags = re.I if len(name) > 2 else 0
    return re.finditer(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", line.text, flags)


def _spotted(
    text: str, moments: Sequence[Moment], splitter: SymbolSplitter, exchange: str, market: str | None
) -> Iterator[Spotted]:
    spans = [(moment.start, moment.stop) for moment in moments]
    near = market if market in DERIVATIVE_MARKETS else None
    for name in named_in(text, splitter, exchange, near, spans):
        yield Spotted(name.token, name.ticker, name.start, name.stop, name.network)


def _words(frame: Frame) -> list[str]:
    return [word for word in frame.words.split(", ") if word]


def _find(word: str, text: str) -> re.Match[str] | None:
    return re.search(re.escape(word), text, re.I)


def _origin(frame: Frame, clause: Clause) -> Origin:
    words = _words(frame)
    places = [(Origin.CLAUSE, clause.text), (Origin.LEAD, clause.lead), (Origin.HEADING, clause.section)]
    for origin, text in places:
        if words and text and all(_find(word, text) for word in words):
            return origin
    # Words that the table of concepts gives in other letters than the text are its clause's.
    return Origin.CLAUSE if words or frame.action is Action.OTHER else Origin.OTHERS


def _names_from(frame: Frame, names: Sequence[Spotted], before: Sequence[Line]) -> int | None:
    """The clause that names what a frame refers to ("these contracts")."""
    searched = {*frame.tokens, *frame.tickers}
    if not frame.inherited or not searched or searched & {name.token for name in names}:
        return None
    return next(
        (line.number for line in reversed(before) if searched & {n for s in line.names for n in (s.token, s.ticker)}),
        None,
    )


def _marks(text: str, frames: Sequence[Frame]) -> Iterator[Mark]:
    for frame in frames:
        start = max(text.find(frame.text), 0)
        for word in _words(frame):
            found = re.compile(re.escape(word), re.I).search(text, start) or _find(word, text)
            if found is not None:
                yield Mark(found.start(), found.end(), MarkKind.ACTION)


def _marked_dates(moments: Sequence[Moment], frames: Sequence[Frame]) -> Iterator[Mark]:
    valid = {frame.start.at for frame in frames if frame.start is not None}
    replaced = {old.at for frame in frames for old in frame.superseded} - valid
    for moment in moments:
        kind = MarkKind.SUPERSEDED if moment.at in replaced else MarkKind.DATE
        yield Mark(moment.start, moment.stop, kind)


def _marked_names(names: Sequence[Spotted]) -> Iterator[Mark]:
    for name in names:
        yield Mark(name.start, name.stop, MarkKind.NAME)


def _apart(marks: Iterable[Mark]) -> Iterator[Mark]:
    """The marks in order, none over another."""
    chosen: list[Mark] = []
    end = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, _FIRST.index(mark.kind), -mark.stop)):
        if mark.start >= end and mark.stop > mark.start:
            chosen.append(mark)
            end = mark.stop
    return iter(chosen)
