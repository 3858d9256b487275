"""Dates of a notice at risk that no frame gives: by the words beside them, and those told from the moment before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from exchanges.announcements.extraction.timeline import is_foot
from exchanges.announcements.frames.time_words import NUMBERS, RELATIVE, SAME_TIME, TIME_WORDS
from exchanges.announcements.frames.types import Action, Frame
from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.dates import Moment

Dates = Callable[[int], Sequence[Moment]]
NETWORKS = frozenset({"hard_fork", "network_upgrade", "token_migration", "wallet_suspension"})
# Without further words a date needs the sentence before it: "Can I still deposit? - Until 18 May."
_FEW_LETTERS = 24


@dataclass(frozen=True)
class Told:
    """A moment, what happens then and in which clause. action: None where no words say it."""

    moment: Moment
    action: Action | None
    clause: int


def told_times(
    frames: Sequence[Frame],
    given: Sequence[Frame],
    parts: Sequence[Clause],
    category: str,
    dates: Dates,
    reference: datetime | None,
) -> list[Told]:
    """The moments of the body that are not among those of the given frames, each with what its words say.

    frames: all of the notice. given: those whose dates count already. reference: the release; a moment before it that
    no frame speaks of is history.
    """
    replaced = {moment.at for frame in frames for moment in frame.superseded}
    counted: dict[int, set[datetime]] = {}
    for frame in given:
        for moment in (frame.start, frame.end):
            if moment is not None:
                counted.setdefault(frame.clause, set()).add(moment.at)
    result: list[Told] = []
    for number, clause in enumerate(parts):
        if clause.side:
            continue
        found = dates(number)
        result.extend(_of_clause(number, parts, found, counted.get(number, set()) | replaced, category, reference))
    result.extend(_relative(frames, parts, dates))
    return result


def _of_clause(
    number: int,
    parts: Sequence[Clause],
    found: Sequence[Moment],
    counted: set[datetime],
    category: str,
    reference: datetime | None,
) -> Iterator[Told]:
    clause = parts[number]
    for place, moment in enumerate(found):
        if moment.at in counted or moment.ends_window or is_foot(clause.text, moment):
            continue
        if reference is not None and moment.at.date() < reference.date():
            continue
        before = clause.text[found[place - 1].stop if place else 0 : moment.start]
        after = clause.text[moment.stop : found[place + 1].start if place + 1 < len(found) else len(clause.text)]
        said = _said(before, after, clause, parts[number - 1].text if number else "", category)
        if said is not False:
            yield Told(moment, said, number)


def _said(before: str, after: str, clause: Clause, earlier: str, category: str) -> Action | None | bool:
    """What the words beside a date say happens then: False for nothing at risk, None where they say nothing."""
    texts = [before, before[-40:] + " § " + after, clause.text, clause.lead, clause.section]
    if len(re.sub(r"\W", "", before + after)) <= _FEW_LETTERS:
        texts.append(earlier)
    for text in texts:
        if len(text.strip()) < 3:
            continue
        for row in TIME_WORDS:
            if row.networks and category not in NETWORKS:
                continue
            if row.pattern.search(text):
                return False if row.action is None else row.action
    return None


def _relative(frames: Sequence[Frame], parts: Sequence[Clause], dates: Dates) -> Iterator[Told]:
    """Moments told from another: "half an hour before", "one day after that"."""
    last: Moment | None = None
    for number, clause in enumerate(parts):
        found = dates(number)
        for match in RELATIVE.finditer(clause.text):
            if clause.side or any(0 <= moment.start - match.end() <= 20 for moment in found):
                # "One hour earlier, at 13:00 UTC"
                continue
            base = next((moment for moment in reversed(found) if moment.stop <= match.start()), None) or last
            action = _risk_at(frames, number, match.start(), clause.text)
            if base is None or not base.has_time or action is None:
                continue
            yield Told(_moved(base, match), action, number)
        last = found[-1] if found else last


def _risk_at(frames: Sequence[Frame], number: int, place: int, text: str) -> Action | None:
    """What is at risk in the message at a place of a clause."""
    here = [frame for frame in frames if frame.clause == number and frame.action.risky and frame.polarity]
    near = [frame for frame in here if text.find(frame.text) <= place <= text.find(frame.text) + len(frame.text)]
    if near or here:
        return (near or here)[-1].action
    said = next((row for row in TIME_WORDS if row.pattern.search(text)), None)
    return said.action if said is not None else None


def _moved(base: Moment, match: re.Match[str]) -> Moment:
    count = match["count"].lower()
    amount = float(count) if count.isdigit() else NUMBERS[" ".join(count.split())]
    gap = timedelta(**{f"{match['unit'].lower()}s": amount})
    back = match["side"].lower() in ("earlier", "before", "beforehand", "prior", "ahead", "sooner")
    return replace(base, at=base.at - gap if back else base.at + gap, end=None, ends_window=False)


def at_same_time(text: str, moment: Moment, last: Moment | None) -> Moment:
    """A day with the time of the moment before it, where the words behind say so ("15 January, same hour")."""
    if moment.has_time or last is None or not last.has_time or not SAME_TIME.match(text[moment.stop :]):
        return moment
    at = moment.at.replace(hour=last.at.hour, minute=last.at.minute)
    return replace(moment, at=at, has_time=True)


__all__ = ["Told", "at_same_time", "told_times"]
