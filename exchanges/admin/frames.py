"""How one notice was read, for a page: the answer, the clauses that gave each part of it, and its frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchanges.announcements.assets import with_assets
from exchanges.announcements.context import splitter_for
from exchanges.announcements.reader import read
from exchanges.announcements.trace.steps import LANGUAGES, outcome_of
from exchanges.announcements.trace.trace import number_of, trace
from exchanges.announcements.trace.types import Line, MarkKind, Origin, Part, Reason, Trace
from exchanges.announcements.types import Article, BodyUnreadable
from markets.instruments import load_knowledge

# More than any real notice has. What is cut is counted on the page.
MAX_LINES, MAX_TEXT, MAX_PARTS = 250, 1_500, 300
TONES = {"event": "amber", "review": "blue", "end of an event": "green", "harmless": "grey"}


@dataclass(frozen=True)
class Row:
    """A clause of the page, with its frames as the template shows them. cut: its text is longer than what is shown.

    above: the line above its list, as the number of that clause where it is one of the page. shows_lead: that line is
    repeated, because a frame has its action from it, or no clause of the page is that line.
    """

    line: Line
    number: int
    frames: tuple[dict[str, Any], ...]
    segments: tuple[tuple[str, str], ...]
    cut: bool
    above: int | None
    shows_lead: bool


def frames_context(article: Article, now: datetime) -> dict[str, Any]:
    """What the template of frames shows of an article; `fault` alone where its body has no known shape."""
    knowledge = load_knowledge(at=now)
    splitter = splitter_for(knowledge)
    try:
        notice = read(article, splitter)
        traced = trace(article.exchange, article.title, article.body, article.released_at, notice, splitter)
    except BodyUnreadable as fault:
        return {"fault": str(fault)}
    outcome = outcome_of(notice)
    shown = _shown(traced)
    return {
        "article": article,
        "notice": notice,
        "assets": _other_names(notice.tokens, with_assets(article, notice, knowledge).tokens),
        "outcome": outcome,
        "tone": TONES[outcome],
        "trace": traced,
        "language": LANGUAGES.get(traced.language, traced.language),
        "given": _parts(traced.given),
        "left_out": _parts(traced.left_out),
        "lines": [_row(line, above) for line, above in zip(shown, _above(shown), strict=True)],
        "not_shown": len(traced.lines) - len(shown),
    }


def _other_names(written: tuple[str, ...], meant: tuple[str, ...]) -> tuple[str, ...]:
    return meant if meant != written else ()


def _shown(traced: Trace) -> list[Line]:
    """The first lines, and later ones to which a part of the answer refers."""
    referred = {reason.clause for part in (*traced.given, *traced.left_out) for reason in part.reasons}
    return [line for place, line in enumerate(traced.lines) if place < MAX_LINES or line.number in referred]


def _row(line: Line, above: int | None) -> Row:
    frames = tuple(
        {
            "frame": item.frame,
            "origin": item.origin,
            "names_from": None if item.names_from is None else number_of(item.names_from),
        }
        for item in line.frames
    )
    inherits = any(item.origin is Origin.LEAD for item in line.frames)
    shows_lead = bool(line.lead) and (above is None or inherits)
    cut = len(line.text) > MAX_TEXT
    return Row(line, number_of(line.number), frames, tuple(_segments(line)), cut, above, shows_lead)


def _above(lines: Sequence[Line]) -> Iterator[int | None]:
    """For each line the number of the clause that introduces its list; None without one on the page."""
    found: tuple[str, int | None] = ("", None)
    for place, line in enumerate(lines):
        if line.lead and line.lead != found[0]:
            before = (earlier for earlier in reversed(lines[1:place]) if line.lead.endswith(earlier.text))
            found = (line.lead, next((number_of(earlier.number) for earlier in before), None))
        yield found[1] if line.lead else None


def _segments(line: Line) -> Iterator[tuple[str, str]]:
    left = MAX_TEXT
    for text, kind in line.segments:
        if left <= 0:
            return
        yield text[:left], _name(kind)
        left -= len(text)


def _name(kind: MarkKind | None) -> str:
    return kind.value if kind is not None else ""


def _parts(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    return [
        {"kind": part.kind.value, "value": part.value, "reasons": [_reason(reason) for reason in part.reasons]}
        for part in parts[:MAX_PARTS]
    ]


def _reason(reason: Reason) -> dict[str, Any]:
    return {"number": None if reason.clause is None else number_of(reason.clause), "why": reason.why}
