# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Dates of a notice at risk that no frame gives: by the words beside them, and those stated from the moment before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from exchanges.announcements.extraction.timeline import is_foot, text_before
from exchanges.announcements.frames.time_words import (
    BESIDE,
    NUMERALS,
    RELATIVE,
    SAME_TIME,
    TIME_WORDS,
    UNTIL_THEN,
    TimeWords,
)
from exchanges.announcements.frames.types import TITLE, Action, Frame
from exchanges.announcements.text import dates
from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.dates import DayOrder, Moment
from exchanges.announcements.text.normalise import small

Dates = Callable[[int], Sequence[Moment]]
NETWORKS = frozenset({"hard_fork", "network_upgrade", "token_migration", "wallet_suspension"})
# Without further words a date needs the sentence before it: "Can I still deposit? - Until 18 May."
_FEW_LETTERS = 24
# Words farther from a date than this say nothing of it.
_NEAR = 300
# Real notices have two dozen dates at most.
_MAX_STATED = 200
_LONG = 1_000
# A sentence about the dates before it speaks of as many clauses as this.
_INHERITS = 12


def dates_of(
    title: str, parts: tuple[Clause, ...], reference: datetime | None, exchange: str, order: Callable[[], DayOrder]
) -> Dates:
    """The dates of the clauses of a body by their number, or of the title. reference: the release.

    order: asked only where a text may have a date, as to tell it takes the whole notice.
    """

    known: dict[int, tuple[Moment, ...]] = {}

    def written(number: int) -> tuple[Moment, ...]:
        if number == TITLE:
            return dates.moments(title, reference, exchange, order()) if dates.may_have(title) else ()
        if BESIDE.search(parts[number].text[:_NEAR]):
            return ()
        found: tuple[Moment, ...] = ()
        if dates.may_have(parts[number].text):
            found = tuple(dates.moments(parts[number].text, reference, exchange, order(), text_before(parts, number)))
        if not found and parts[number].item:
            return on_the_day_above(parts, number, reference, exchange, order)
        return found

    def moments(number: int) -> tuple[Moment, ...]:
        if number in known:
            return known[number]
        found = written(number)
        if number != TITLE and "same" in parts[number].text and any(not moment.has_time for moment in found):
            last = next(
                (moment for near in range(number - 1, max(-1, number - 4), -1) for moment in written(near)), None
            )
            found = tuple(at_same_time(parts[number].text, moment, last) for moment in found)
        known[number] = found
        return found

    return moments


# "FOO/USDT 06:10", under "all on 11 August 2026, UTC".
_TIME_ALONE = re.compile(r"\s(?P<clock>[0-2]?\d:[0-5]\d)(?: UTC)?[.;)]?$")
_SHORT_ROW = 60


def on_the_day_above(
    parts: tuple[Clause, ...], number: int, reference: datetime | None, exchange: str, order: Callable[[], DayOrder]
) -> tuple[Moment, ...]:
    """The moment of a row that gives a time alone, on the one day that the line above the list names."""
    found, above = _TIME_ALONE.search(parts[number].text[: _SHORT_ROW + 1]), parts[number].lead
    if found is None or len(parts[number].text) > _SHORT_ROW or not above or not dates.may_have(above):
        return ()
    named = dates.moments(above, reference, exchange, order())
    if len(named) != 1 or named[0].has_time:
        return ()
    day = above[named[0].start : named[0].stop + 8]
    joined = dates.moments(f"{day.strip(' ,.;:)')}, {found['clock']} UTC", reference, exchange, order())
    return tuple(replace(moment, start=found.start("clock"), stop=found.end("clock")) for moment in joined[:1])


@dataclass(frozen=True)
class Stated:
    """A moment, what happens then and in which clause. action: None where no words say it."""

    moment: Moment
    action: Action | None
    clause: int


def stated_times(
    frames: Sequence[Frame],
    given: Sequence[Frame],
    parts: Sequence[Clause],
    category: str,
    dates_at: Dates,
    reference: datetime | None,
) -> list[Stated]:
    """The moments of the body that are not among those of the given frames, each with what its words say.

    frames: all of the notice. given: those whose dates count already. reference: the release; a moment before it that
    no frame speaks of is history.
    """
    counted: dict[int, set[datetime]] = {}
    for frame in given:
        for moment in (frame.start, frame.end):
            if moment is not None and (moment is frame.start or not _FROM_OLD.search(parts[frame.clause].text[:_NEAR])):
                counted.setdefault(frame.clause, set()).add(moment.at)
    result: list[Stated] = []
    at_risk = {token for frame in given for token in frame.tokens}
    spoken: dict[int, list[Frame]] = {}
    for frame in frames:
        spoken.setdefault(frame.clause, []).append(frame)
    for number, clause in enumerate(parts):
        if clause.side or len(result) >= _MAX_STATED or _is_beside_the_matter(clause, spoken.get(number, []), at_risk):
            continue
        found = dates_at(number)
        result.extend(_of_clause(number, parts, found, counted.get(number, set()), category, reference))
    result = _like_inherited(result, given, dates_at)
    result.extend(_relative(frames, parts, dates_at, category))
    return result


# What is told beside the matter, whose dates nobody waits for.
BESIDE_THE_MATTER = re.compile(
    r"\bby the way\b|^\W*(?:ps|p\.s\.|hot|promo)\b|\b(?:cup|carnival|festival|anniversary|tournament|contest|holiday|competition|lottery|draw|prizes?|giveaway)\b|\bapply (?:before|by)\b|\byou (?:are receiving|receive|got|get) this\b|\bbecause you (?:held|hold)\b|турнир|конкурс|розыгрыш|yarışma|giải đấu|大赛|大賽|이벤트|キャンペーン",
    re.I,
)


def _is_beside_the_matter(clause: Clause, said: Sequence[Frame], at_risk: set[str]) -> bool:
    """Whether a clause only tells that another coin is listed, or of promotions."""
    if any(frame.action.risky for frame in said):
        return False
    opens = bool(said) and all(
        frame.action is Action.OPEN and not frame.resumes and frame.tokens and not at_risk & set(frame.tokens)
        for frame in said
    )
    return opens or BESIDE_THE_MATTER.search(clause.text[:_NEAR]) is not None


def _like_inherited(stated: list[Stated], given: Sequence[Frame], dates_at: Dates) -> list[Stated]:
    """Dates that say nothing, where a frame took the last of them: "in these windows deposits are closed"."""
    result = list(stated)
    for frame in given:
        if frame.start is None or any(moment.at == frame.start.at for moment in dates_at(frame.clause)):
            continue
        result = [
            replace(item, action=frame.action)
            if item.action is None and frame.clause - _INHERITS <= item.clause < frame.clause
            else item
            for item in result
        ]
    return result


def _of_clause(
    number: int,
    parts: Sequence[Clause],
    found: Sequence[Moment],
    counted: set[datetime],
    category: str,
    reference: datetime | None,
) -> Iterator[Stated]:
    clause = parts[number]
    for place, moment in enumerate(found):
        closes = moment.ends_window and not (
            place and _FROM_OLD.search(clause.text[max(0, found[place - 1].start - _NEAR) : found[place - 1].start])
        )
        if moment.at in counted or closes or is_foot(clause.text, moment):
            continue
        if reference is not None and moment.at.date() < reference.date():
            continue
        said = _action_at(clause, found, place, parts[number - 1].text if number else "", category)
        if not isinstance(said, bool):
            yield Stated(moment, said, number)


def _action_at(
    clause: Clause, found: Sequence[Moment], place: int, earlier: str, category: str
) -> Action | bool | None:
    """What the words beside a date say happens then: False for nothing at risk, None where they say nothing."""
    text, moment = clause.text, found[place]
    before = text[max(found[place - 1].stop if place else 0, moment.start - _NEAR) : moment.start]
    after = text[moment.stop : found[place + 1].start if place + 1 < len(found) else moment.stop + _NEAR]
    before, after = _BREAK.split(before)[-1], _BREAK.split(after)[0]
    near = next((piece for piece in _PIECE.split(after) if len(piece.strip(" )(.")) >= 8), after)
    before, after = before[-_NEAR:], after[:_NEAR]
    part = f"{text[max(0, moment.start - _NEAR) : moment.start]} § {text[moment.stop : moment.stop + _NEAR]}"
    texts = [before, f"{before[-40:]} § {near}", f"{before[-40:]} § {after}", f"{before} § {after}"]
    if len(re.sub(r"\W", "", before + after)) <= _FEW_LETTERS:
        texts.append(f"{earlier[-_NEAR:]} {before} § {after}")
    for words in (*texts, part, clause.lead[-_NEAR:], clause.section[-_NEAR:]):
        if len(words.strip()) < 3:
            continue
        row = _row(words, category)
        if row is not None:
            return False if row.action is None else row.action
    return None


# The heading and the introduction of a list are asked for again at each of its dates.
@lru_cache(maxsize=1_024)
def _row(words: str, category: str) -> TimeWords | None:
    rows = (row for row in TIME_WORDS if not row.networks or category in NETWORKS)
    return next((row for row in rows if row.pattern.search(words)), None)


_PIECE = re.compile(r",\s|\sand\s")
# Where what is said of one date ends.
_BREAK = re.compile(r";|\. |。|；|(?<!\d), (?:and|but|while|whereas|then)\b")


# What a relative time has; quick to look for in small letters.
_IS_RELATIVE = re.compile(r"(?:minute|hour|day|week)s?\s(?:earlier|before|prior|ahead|sooner|later|after)")


def _relative(frames: Sequence[Frame], parts: Sequence[Clause], dates_at: Dates, category: str) -> Iterator[Stated]:
    """Moments stated from another: "half an hour before", "one day after that", "withdrawals work until then"."""
    last: tuple[int, Moment] | None = None
    for number, clause in enumerate(parts):
        found = dates_at(number)
        here = [(number, moment) for moment in found]
        for match in RELATIVE.finditer(clause.text[:_LONG]) if _IS_RELATIVE.search(small(clause.text[:_LONG])) else ():
            if clause.side or any(0 <= moment.start - match.end() <= 20 for moment in found):
                # "One hour earlier, at 13:00 UTC"
                continue
            base = next((one for one in reversed(here) if one[1].stop <= match.start()), last)
            action = _risk_at(frames, number, match.start(), clause.text[:_LONG], category)
            if base is None or not base[1].has_time or action is None or _PRICE.search(clause.text[:_LONG]):
                continue
            yield Stated(_moved(base[1], match), action, number)
        if last is not None and not found and not clause.side and UNTIL_THEN.search(clause.text[:_LONG]):
            row = _row(clause.text[:_LONG], category)
            if row is not None and row.action in (Action.STOP_WITHDRAWALS, Action.STOP_DEPOSITS):
                yield Stated(last[1], row.action, number)
        if found:
            # What opens again is no moment that others are stated from.
            closing = (
                place
                for place in reversed(range(len(found)))
                if _action_at(clause, found, place, "", category) is not False
            )
            last = (number, found[next(islice(closing, 1), -1)])


# Of averages and snapshots "one hour before the settlement" tells no time at which anything stops.
_PRICE = re.compile(r"\b(?:index|mean|average|mark price|price|insurance fund|funding)\b", re.I)


def _risk_at(frames: Sequence[Frame], number: int, place: int, text: str, category: str) -> Action | None:
    """What is at risk in the message at a place of a clause."""
    here = [frame for frame in frames if frame.clause == number and frame.action.risky and frame.polarity]
    near = [frame for frame in here if text.find(frame.text) <= place <= text.find(frame.text) + len(frame.text)]
    if near or here:
        return (near or here)[-1].action
    said = _row(text, category)
    return said.action if said is not None else None


def _moved(base: Moment, match: re.Match[str]) -> Moment:
    count = match["count"].lower()
    amount = float(count) if count.isdigit() else NUMERALS[" ".join(count.split())]
    gap = timedelta(**{f"{match['unit'].lower()}s": amount})
    back = match["side"].lower() in ("earlier", "before", "beforehand", "prior", "ahead", "sooner")
    return replace(base, at=base.at - gap if back else base.at + gap, end=None, ends_window=False)


# "moves from A to B": A is over.
_FROM_OLD = re.compile(
    r"\b(?:slid|slip|shift|mov|push|chang|postpon|delay|reschedul|brought|adjust|put off|put back)\w*\b[^.;]{0,60}\bfrom\s(?:the\s)?(?=$|\d|[A-Z])",
    re.I,
)
_STALE_BEFORE = re.compile(
    r"(?:,|\band|\bbut|\()\s?(?:(?-i:not)|instead of|rather than|no longer)(?:,[^,;.]{0,40},)?(?:\s(?:at|on|until|till|from|by|for|the|already|in))*\s*$"
    r"|\b(?:instead of|rather than|in place of|replac(?:es|ing))\s(?:the\s)?(?:\w+\s){0,4}$"
    r"|\bвместо(?:\s\w+){0,3}\s*$|\bне\s$|(?:而非|而不是|取代)\s?$",
    re.I,
)
_STALE_AFTER = re.compile(
    r"^,?\s(?:we|the team|our team)\s(?:had\s|have\s)?(?:published|announced|wrote|stated|informed|said|communicated|posted|reported)\b"
    r"|^\s?(?:로|에|으로)\s?(?:안내|예정|공지|계획)[^ ]{0,6}(?:던|했으나|되었으나|였으나)"
    r"|^\s?(?:に|を|と)(?:予定して|ご案内して|お知らせして)\w{0,3}(?:た|まし)"
    r"|^\s(?:olarak|tarihi\solarak)\s(?:duyurulan|açıklanan|planlanan|ilan edilen)",
    re.I,
)
# In a notice that moves dates: those that were planned.
_WAS_PLANNED = re.compile(
    r"\b(?:w(?:as|ere)|had been)\s(?:\w+\s){0,2}?(?:to|due|planned|scheduled|pencilled|set|slated|meant|supposed|expected|announced|fixed)\b(?:(?!\b(?:now|is|will|has|have|instead|new)\b)[^;.]){0,110}$"
    r"|(?<!вместо )(?:первоначально|ранее|изначально)[^;.,]{0,60}$|(?:原定于|原定於|原計劃於|原计划于|原訂於|原为|原為)\s?$|(?:당초|기존)\s?$|(?:当初|当初の)\s?$|\b(?:ban đầu|trước đó)[^;.,]{0,40}$|\b(?:daha önce|ilk olarak)[^;.,]{0,40}$",
    re.I,
)


def is_replaced(text: str, found: Sequence[Moment], place: int, moves: bool) -> bool:
    """Whether the text says that a date of it holds no more. moves: the notice moves dates."""
    moment = found[place]
    before, after = text[max(0, moment.start - _NEAR) : moment.start], text[moment.stop : moment.stop + _NEAR]
    if place and _STALE_BEFORE.search(before[-90:]):
        return True
    if _STALE_AFTER.match(after):
        return True
    if place + 1 < len(found) and _FROM_OLD.search(before[-100:]) and re.match(r"^\W{0,3}(?:\w+\W){0,2}to\b", after):
        return True
    return moves and _WAS_PLANNED.search(before[-160:]) is not None


_SHOULD_BE = re.compile(
    r"\b(?:should|ought to) (?:have )?(?:read|been|say|said)\b[^.;]{0,40}$|\b(?:should|ought to) be (?:the )?$|\b(?:correct|right|actual|true) (?:date|time|hour|day|year)\b[^.;]{0,30}$|应为\s?$|應為\s?$|正しくは\s?$",
    re.I,
)


def corrects(text: str, moment: Moment) -> bool:
    """Whether a sentence says that its date is the right one: the sentence before it stated the wrong one."""
    return _SHOULD_BE.search(text[max(0, moment.start - 90) : moment.start]) is not None


def at_same_time(text: str, moment: Moment, last: Moment | None) -> Moment:
    """A day with the time of the moment before it, where the words behind say so ("15 January, same hour")."""
    if moment.has_time or last is None or not last.has_time or not SAME_TIME.match(text[moment.stop :]):
        return moment
    at = moment.at.replace(hour=last.at.hour, minute=last.at.minute)
    return replace(moment, at=at, has_time=True)


__all__ = ["Stated", "corrects", "dates_of", "is_replaced", "stated_times"]
