"""Why a name or a date of one clause is in the answer, or is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from exchanges.announcements.extraction.date_roles import OTHER, role_of
from exchanges.announcements.extraction.timeline import is_foot
from exchanges.announcements.frames.decide import holds
from exchanges.announcements.frames.kinds import FRAMES
from exchanges.announcements.frames.types import TITLE, Action, Frame, Mood
from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.dates import Moment
from exchanges.announcements.trace.types import Line
from exchanges.announcements.types import ParsedNotice

_NOT_AT_RISK = {
    Action.OPEN: "it opens or reopens",
    Action.CONTINUE: "it goes on as before",
    Action.UNWARN: "a warning is lifted",
    Action.SIDE: "a product that trades nothing changes",
    Action.OTHER: "it is only named",
}
_MOODS = {
    Mood.DONE: "it is over",
    Mood.CANCELLED: "it is cancelled",
    Mood.POSSIBLE: "it is only possible",
}
ONLY_NAMED = "only named: no words say that something happens to it"
OF_SIDE = "a product that trades nothing"


def why_at_risk(frame: Frame) -> str:
    """What a frame that holds says, for an admin."""
    extra = [
        str(frame.mood) if frame.mood not in (Mood.ANNOUNCED,) else "",
        "of the names before" if frame.inherited and (frame.tokens or frame.tickers) else "",
    ]
    tail = ", ".join(word for word in extra if word)
    return f"{frame.action}{f' ({tail})' if tail else ''}"


def why_harmless(frame: Frame) -> str | None:
    """Why a frame puts nothing at risk; None where it does."""
    if holds(frame):
        return None
    if frame.action in _NOT_AT_RISK:
        if not frame.polarity and frame.action is not Action.OTHER:
            return f"denied: {frame.action}"
        return _NOT_AT_RISK[frame.action]
    if not frame.polarity:
        return f"denied: {frame.action}"
    return _MOODS.get(frame.mood, "it puts nothing at risk")


def why_not_named(name: str, line: Line, notice: ParsedNotice) -> str:
    """Why a name of a line is not in the answer, as far as this line tells."""
    if name in notice.targets:
        return "the others become it: it comes, and never leaves"
    if name in notice.untagged:
        return "it loses its tag"
    frames = [item.frame for item in line.frames if name in item.frame.tokens or name in item.frame.tickers]
    for frame in frames:
        why = why_harmless(frame)
        if why is not None and frame.action is not Action.OTHER:
            return why
    here = [spotted for spotted in line.names if name in (spotted.token, spotted.ticker)]
    if any(spotted.token == name and spotted.ticker in notice.tickers for spotted in here):
        return "a pair of it is at risk; the coin itself is not"
    if here and all(spotted.network for spotted in here):
        return "only its network is named"
    risky = next((frame for frame in frames if holds(frame)), None)
    if risky is not None:
        return _why_not_counted(risky, notice)
    if line.side:
        return OF_SIDE
    if any(item.frame.action is Action.SIDE for item in line.frames):
        return OF_SIDE
    return ONLY_NAMED


def _why_not_counted(frame: Frame, notice: ParsedNotice) -> str:
    if not notice.event:
        return f"{frame.action}; but the notice is no event by {notice.rule}"
    if not notice.rule.startswith(FRAMES):
        return f"{frame.action}; but the rule {notice.rule} has its names from the title, lists and tables"
    if not (frame.explicit or frame.clause == TITLE):
        return f"{frame.action}; but the sentence is loose: it need not be about what it names"
    return f"{frame.action}; but the {(notice.category or '').replace('_', ' ')} is about other names"


def why_dated(moment: Moment, at: datetime, line: Line, what: str) -> str:
    """How a line gives a date of the answer. what: the role that the answer gives it."""
    for item in line.frames:
        frame = item.frame
        if frame.start is not None and frame.start.at == at and holds(frame):
            return why_at_risk(frame)
    if moment.at != at:
        return f"the end of a window: {what}"
    return f"by the words beside it: {what}" if what else "by the words beside it"


def why_not_dated(
    moment: Moment,
    line: Line,
    clause: Clause | None,
    notice: ParsedNotice,
    known: Sequence[datetime],
    reference: datetime | None,
) -> str:
    """Why a date of a line is not in the answer. known: the dates of the answer. clause: None for the title."""
    if clause is not None and is_foot(line.text, moment):
        return "it only dates the notice"
    why = _by_frames(moment, line) or _by_window(moment, line)
    if why is None and line.side:
        return OF_SIDE
    why = why or _by_role(moment, line, clause)
    if why is not None:
        return why
    if not notice.event:
        return "the notice is no event"
    if not moment.has_time and any(at.date() == moment.at.date() for at in known):
        return "a day without a time: another clause gives the time"
    if line.number == TITLE and known:
        return "dates of the body count before the title's"
    if reference is not None and moment.at < reference:
        return "it lies before the release"
    return "no words say that something at risk happens then"


def _by_frames(moment: Moment, line: Line) -> str | None:
    frames = [item.frame for item in line.frames]
    started = [frame for frame in frames if frame.start is not None and frame.start.at == moment.at]
    if not started and any(old.at == moment.at for frame in frames for old in frame.superseded):
        return "superseded: the notice replaces it"
    for frame in started:
        why = why_harmless(frame)
        if why is not None and frame.action is not Action.OTHER:
            return why
    return None


def _by_window(moment: Moment, line: Line) -> str | None:
    if moment.ends_window or any(item.frame.end is not None and item.frame.end.at == moment.at for item in line.frames):
        return "the second end of a window"
    if any(item.frame.reopens is not None and item.frame.reopens.at == moment.at for item in line.frames):
        return "when the stop is over"
    return None


def _by_role(moment: Moment, line: Line, clause: Clause | None) -> str | None:
    if clause is None:
        return None
    place = next((number for number, other in enumerate(line.moments) if other.start == moment.start), 0)
    role = role_of(
        clause,
        moment,
        line.moments[place - 1] if place else None,
        line.moments[place + 1] if place + 1 < len(line.moments) else None,
    )
    if role is OTHER:
        return "an earlier date, or one of another thing"
    if role is not None and not role.important:
        return f"{role.name}: it changes no trading, deposits or withdrawals"
    return None
