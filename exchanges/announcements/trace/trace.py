"""The trace of a notice: its clauses, what each gave, and why the answer is what it is. Pure.

It is made for people, after the answer: it reads the notice again, and finds the clauses that carry each part of the
answer. It never changes one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exchanges.announcements.classification.classify import Match, classify
from exchanges.announcements.extraction.timeline import text_before
from exchanges.announcements.frames.language import OTHER, language_of
from exchanges.announcements.frames.types import TITLE, Frame
from exchanges.announcements.opinion import THRESHOLD, opinion
from exchanges.announcements.reader import closing_date
from exchanges.announcements.reviews import text_of
from exchanges.announcements.text import dates
from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.clauses import clauses
from exchanges.announcements.text.normalise import normalise
from exchanges.announcements.trace.lines import lines_of, with_names
from exchanges.announcements.trace.parts import given_parts, iso, left_out_parts
from exchanges.announcements.trace.steps import is_asked, steps_of
from exchanges.announcements.trace.types import Line, Part, Reason, Trace, TracedFrame
from exchanges.announcements.types import ParsedNotice
from markets.symbols import SymbolSplitter


def trace(
    exchange: str,
    title: str,
    body: Any,
    released_at: datetime | None,
    notice: ParsedNotice,
    splitter: SymbolSplitter,
) -> Trace:
    """The trace of a notice. notice: what `reader.read_parts` made of the same, its names as written.

    Raises:
        BodyUnreadable: the body is neither text nor a node tree.
    """
    title = normalise(title[:600])
    parts = clauses(blocks(body))
    reference = released_at or closing_date(parts, body)
    order = dates.day_order((title, *(clause.text for clause in parts)), reference)
    language = language_of(" ".join([title, *(clause.text for clause in parts[:40])]))
    match = classify(title, [clause.text for clause in parts if not clause.side], by_title=True)
    if language_of(title) not in ("en", OTHER):
        match = Match(None)

    def moments(number: int) -> tuple[dates.Moment, ...]:
        if number == TITLE:
            return dates.moments(title, reference, exchange, order)
        return dates.moments(parts[number].text, reference, exchange, order, text_before(parts, number))

    lines = lines_of(title, parts, notice.frames, moments, splitter, exchange, notice.market)
    lines = _with_answered_names(lines, notice)
    probability = opinion(title, text_of(parts))
    return Trace(
        language=language,
        steps=tuple(steps_of(title, match, language, notice, reference, THRESHOLD, probability)),
        opinion=probability,
        opinion_counts=is_asked(notice),
        lines=lines,
        given=tuple(given_parts(notice, lines)),
        left_out=tuple(left_out_parts(notice, lines, parts, reference)),
    )


def _with_answered_names(lines: tuple[Line, ...], notice: ParsedNotice) -> tuple[Line, ...]:
    """Names of the answer that no sentence shows to be names by itself are looked for by their letters."""
    spotted = {name for line in lines for item in line.names for name in (item.token, item.ticker)}
    missing = [name for name in (*notice.tokens, *notice.tickers) if name not in spotted]
    return tuple(with_names(line, missing) for line in lines) if missing else lines


def as_json(trace: Trace) -> dict[str, Any]:
    """A trace in the words of `manage.py explain --frames`. The title is clause 0; those of the body follow from 1."""
    return {
        "language": trace.language,
        "steps": list(trace.steps),
        "second_opinion": round(trace.opinion, 3),
        "clauses": [_line(line) for line in trace.lines],
        "given": [_part(part) for part in trace.given],
        "left_out": [_part(part) for part in trace.left_out],
    }


def number_of(clause: int) -> int:
    """The number of a clause as people read it: 0 is the title."""
    return clause - TITLE


def _line(line: Line) -> dict[str, Any]:
    return {
        "clause": number_of(line.number),
        "text": line.text,
        "lead": line.lead,
        "heading": line.section,
        "names": list(dict.fromkeys(item.ticker or item.token for item in line.names)),
        "dates": [iso(moment.at) for moment in line.moments],
        "frames": [_frame(item) for item in line.frames],
    }


def _frame(item: TracedFrame) -> dict[str, Any]:
    frame: Frame = item.frame
    return {
        "action": frame.action.value,
        "words": frame.words,
        "from": item.origin.value,
        "denied": not frame.polarity,
        "mood": frame.mood.value,
        "tokens": list(frame.tokens),
        "tickers": list(frame.tickers),
        "names_from": None if item.names_from is None else number_of(item.names_from),
        "market": frame.market,
        "start": iso(frame.start.at) if frame.start else None,
        "end": iso(frame.end.at) if frame.end else None,
        "superseded": [iso(moment.at) for moment in frame.superseded],
    }


def _part(part: Part) -> dict[str, Any]:
    return {"part": part.kind.value, "value": part.value, "reasons": [_reason(reason) for reason in part.reasons]}


def _reason(reason: Reason) -> dict[str, Any]:
    return {"clause": None if reason.clause is None else number_of(reason.clause), "why": reason.why}
