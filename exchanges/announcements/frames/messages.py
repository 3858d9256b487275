# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The messages of a clause: where another verb with an object of its own begins; and which of their dates hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from exchanges.announcements.frames.concepts import RISKY
from exchanges.announcements.frames.concepts import Concept as C
from exchanges.announcements.frames.names.subjects import Named
from exchanges.announcements.frames.sense import UNTIL
from exchanges.announcements.frames.tagger import Mention
from exchanges.announcements.text.dates import Moment

# Where a message may end; whether it does is decided by what follows.
_BORDER = re.compile(
    r"\s\((?=[^()]{2,80}\b(?:which|that|both|all|they)\s(?:pass|stay|remain|continue|survive|keep|are kept)\b)|\)\s(?=we\s)|\s\((?=[A-Z0-9][A-Z0-9/_-]{2,20}\s(?:stays?|remains?|is|are|continues?|lives?|keeps?)\b)|;\s|,\s|,(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])|:\s|\.\s|\s-\s|[。；，、]|\s(?:and|but|while|whereas|although|however|then|yet|with)\s|(?<=,)\s|지만|하며|되며|되고|하고|\s(?:ve|ancak|ise|fakat|а|но|и|однако|và|nhưng|còn)\s",
    re.I,
)
ACTS = RISKY | {C.RESUME, C.LIST, C.CONTINUE, C.POSTPONE, C.CANCEL, C.COMPLETE}
# Verbs; "for the upgrade" and "a swap" are nouns as often, and begin no message.
_CUTTING = frozenset({C.DELIST, C.REMOVE, C.END, C.HALT, C.SETTLE, C.RESUME, C.LIST, C.CONTINUE, C.WARN})
_OBJECTS = frozenset(
    {
        C.TRADING,
        C.PAIR,
        C.CONTRACT,
        C.DEPOSIT,
        C.WITHDRAWAL,
        C.WALLET,
        C.NETWORK,
        C.TOKEN,
        C.SIDE,
        C.ORDER,
        C.TERMS,
        C.SPOT,
        C.MARGIN,
    }
)


@dataclass
class Message:
    """A piece of a clause, with the concepts, names and dates in it."""

    text: str
    start: int
    mentions: tuple[Mention, ...]
    names: tuple[Named, ...]
    moments: tuple[Moment, ...]

    @cached_property
    def concepts(self) -> frozenset[C]:
        return frozenset(mention.concept for mention in self.mentions)


def messages_of(
    text: str, mentions: tuple[Mention, ...], names: tuple[Named, ...], moments: tuple[Moment, ...]
) -> list[Message]:
    """The messages of a clause: cut where both sides have a verb, and the right one an object of its own."""
    warns = any(mention.concept is C.WARN for mention in mentions)
    verbs = [mention for mention in mentions if mention.concept in (_CUTTING | {C.ADD, C.UNTAG} if warns else _CUTTING)]
    if (
        len(verbs) < 2
        and sum(mention.concept in ACTS for mention in mentions) < 2
        and " (" not in text
        and "; " not in text
    ):
        inside_text = tuple(mention for mention in mentions if mention.start < len(text))
        return [Message(text.strip(" ,;"), 0, inside_text, names, moments)]
    borders = [0]
    inside = [
        *((moment.start, moment.stop) for moment in moments),
        *((mention.start, mention.stop) for mention in mentions),
    ]
    objects = [mention for mention in mentions if mention.concept in _OBJECTS]
    ends = [
        found
        for found in _BORDER.finditer(text)
        if not any(a < found.end() and found.start() < b for a, b in inside)
        # "Deposits off - 15 January"
        and not (found[0].strip() == "-" and any(moment.start == found.end() for moment in moments))
    ]
    ends = _without_lists(text, ends, names)
    ends = _without_pauses(text, ends, names, mentions)
    for place, found in enumerate(ends):
        begin = borders[-1]
        stop = ends[place + 1].start() if place + 1 < len(ends) else len(text)
        left = any(begin <= verb.start < found.start() for verb in verbs)
        right_verb = any(found.end() <= verb.start < stop for verb in verbs)
        reopens = any(found.end() <= verb.start < stop and verb.concept is C.RESUME for verb in verbs)
        strong = found[0].strip() in (";", ":", "but", "while", "whereas", "although", "however", ".", "。", "；", "-")
        starts = [*(mention.start for mention in objects), *(name.start for name in names)]
        right_object = any(found.end() <= at < stop for at in starts)
        either = strong and _has_act(mentions, begin, found.start()) and _has_act(mentions, found.end(), len(text))
        close = text.find(")", found.end())
        remark = found[0] == " (" and any(
            found.end() <= m.start < max(stop, close) and m.concept is C.CONTINUE for m in mentions
        )
        none = found[0] == "; " and _REMOVES_NONE.match(text, found.end()) is not None
        side = found[0] == "; " and left and _is_of_products(mentions, found.end(), stop)
        if (
            (left and ((right_verb and right_object) or reopens))
            or either
            or remark
            or side
            or none
            or found[0] == ") "
        ):
            borders.append(found.end())
    borders.append(len(text))
    result = []
    for start, stop in pairwise(borders):
        result.append(
            Message(
                text[start:stop].strip(" ,;"),
                start,
                tuple(mention for mention in mentions if start <= mention.start < stop),
                tuple(name for name in names if start <= name.start < stop),
                tuple(moment for moment in moments if start <= moment.start < stop),
            )
        )
    return result


def _without_pauses(
    text: str, ends: list[re.Match[str]], names: tuple[Named, ...], mentions: tuple[Mention, ...]
) -> list[re.Match[str]]:
    """The borders without those between two names of a list: "reinstates NEO and ONT after …", "移除 BAKE、HARD 的标签".

    Of "removes FOO, BAR stays" the second name has a verb of its own directly behind it.
    """
    begins = {name.start: name.stop for name in names}
    stops = {name.stop for name in names}
    goes_on = [mention.start for mention in mentions if mention.concept in (C.CONTINUE, C.RESUME, C.LIST)]
    return [
        found
        for found in ends
        if not (
            found.start() in stops
            and found.end() in begins
            and not any(0 <= at - begins[found.end()] <= _BEHIND_A_NAME for at in goes_on)
        )
    ]


_BEHIND_A_NAME = 12


def _without_lists(text: str, ends: list[re.Match[str]], names: tuple[Named, ...]) -> list[re.Match[str]]:
    """The borders without those between the names of a list, in brackets or at the beginning of a message."""
    starts = {name.start for name in names if name.ticker}
    stops = {name.stop: name for name in names if name.ticker}
    borders_found: list[re.Match[str]] = []
    heads = {0}
    for found in ends:
        left = stops.get(found.start())
        if left is not None and found.end() in starts:
            opened = text.rfind("(", 0, found.start())
            in_brackets = opened > text.rfind(")", 0, found.start())
            if in_brackets or (left.start in heads and left.start > 0):
                heads.add(found.end())
                continue
        borders_found.append(found)
        heads.add(found.end())
    return borders_found


# "New pairs: FOO/USDC; delists none"
_REMOVES_NONE = re.compile(r"(?:delists?|removes?|drops?|closes?) (?:none|nothing|nobody)\b|no removals?\b", re.I)


def _is_of_products(mentions: tuple[Mention, ...], start: int, stop: int) -> bool:
    """Whether a part of a clause speaks of what trades nothing, and of nothing at risk: "; no new loans are granted"."""
    here = {mention.concept for mention in mentions if start <= mention.start < stop}
    return C.SIDE in here and not here & ACTS


def _has_act(mentions: tuple[Mention, ...], start: int, stop: int) -> bool:
    return any(start <= mention.start < stop and mention.concept in ACTS for mention in mentions)


# Directly before a date: it is the new one.
_NEW_TIME = re.compile(
    r"\b(?:now|instead|new (?:time|date|day|hour))\b[^.;]{0,24}$|변경(?:되어|하여|됨에 따라)[^.]{0,60}$|改[于於为為至到](?:\s?[^\d。；;]{0,6})$|yeni (?:tarih|saat)\w*\s*$|теперь\s[^.;]{0,12}$",
    re.I,
)
# Directly behind it.
_NEW_BEHIND = re.compile(
    r"[^\d,.;]{0,14}(?:으로|로)\s?(?:변경|연기|조정|순연)|[^\d,.;]{0,14}(?:に|へ)(?:変更|延期)|[^\d,.;]{0,14}(?:tarihine|saatine|olarak)\s(?:ertelen|alın|güncellen|değiş)"
)
# Of a time that is only past ("was switched off at 03:00"), these words say that it was a plan.
_PLAN = re.compile(
    r"\b(?:original\w*|previous\w*|initial\w*|first|earlier|instead of|rather than|planned|announced|scheduled|due|expected|intended|meant|supposed|would|notice of|published|posted|circulated)\b[^.;,]{0,140}$|\b(?-i:not)(?: (?:at|on|from|until|by|the))*\s*$",
    re.I,
)
_OLD_TIME = re.compile(
    r"\b(?:original\w*|previous\w*|initial\w*|first|earlier|instead of|rather than|planned|announced|was|were|had|would|old|before the)\b[^.;,]{0,140}$|\b(?-i:not)(?: (?:at|on|from|until|by|the))*\s*$|原定|原计划|原計劃|당초|기존|当初|daha önce|(?<!вместо )ранее|ban đầu|trước đó",
    re.I,
)


_ANNOUNCED_ON = re.compile(
    r"\b(?:as|we|already) (?:had |have )?(?:announced|informed|reported|communicated|notified|wrote|told)(?: you| earlier| already)?(?: on)?(?: the)?\s*$",
    re.I,
)
_OTHER_ZONE = re.compile(r"\(\s?(?:that is|that's|which is|i\.e\.),?(?: (?:at|on|about))?\s*$", re.I)
# The heading of a column of a row: what opens again then.
_REOPENING_CELL = re.compile(
    r"\b(?:re-?open\w*|resum\w+|re-?start\w*|restor\w+|recover\w*|(?:expected|planned|estimated) (?:start|end)|back|again)\b|恢复|恢復|再開|재개|возобнов|yeniden|mở lại",
    re.I,
)


def reopening(message: Message) -> Moment | None:
    """The date of a row's cell that says when something opens again; None where it has none."""
    if " | " not in message.text:
        return None
    return next((moment for moment in message.moments if _is_of_reopening(message, moment)), None)


def _is_of_reopening(message: Message, moment: Moment) -> bool:
    at = moment.start - message.start
    cell = message.text[max(0, at - 80) : max(0, at)].rpartition(" | ")[2]
    return ":" in cell and _REOPENING_CELL.search(cell) is not None


_POSTPONED_TO = re.compile(r"\b(?:to|until|till)\s*$", re.I)


def valid_dates(message: Message) -> tuple[list[Moment], tuple[Moment, ...]]:
    """The dates of a message that hold, and those that it replaces."""
    old: list[Moment] = []
    valid: list[Moment] = []
    moved = C.POSTPONE in message.concepts or C.UPDATE in message.concepts
    past = C.PAST in message.concepts
    last = 0
    row = " | " in message.text
    for moment in message.moments:
        if row and len(message.moments) > 1 and _is_of_reopening(message, moment):
            continue
        before = message.text[max(0, last - message.start) : max(0, moment.start - message.start)]
        words = _OLD_TIME if moved else _PLAN
        behind = message.text[max(0, moment.stop - message.start) : max(0, moment.stop - message.start) + 24]
        stale = ((moved or past) and not _NEW_BEHIND.match(behind)) and (
            (words.search(before) is not None and _NEW_TIME.search(before) is None)
            or _leads_to_another(message, moment, before)
        )
        if _ANNOUNCED_ON.search(before) or (valid and _OTHER_ZONE.search(before)):
            # The day of an earlier notice; the same moment by the clock of another place.
            old.append(moment)
            continue
        (old if stale else valid).append(moment)
        last = moment.stop
    if not valid and old and not moved:
        # "was announced for 14 May" alone moves nothing.
        return [], tuple(old)
    return valid, tuple(old)


def _leads_to_another(message: Message, moment: Moment, before: str) -> bool:
    """Whether a date is the first of "moved from A to B"."""
    later = [other for other in message.moments if other.start > moment.start]
    if not later or C.POSTPONE not in message.concepts:
        return False
    if re.search(r"\bfrom\s*$", before, re.I):
        # Of two days that is no window.
        return not later[0].ends_window or (len(message.moments) == 2 and later[0].at.date() != moment.at.date())
    between = message.text[moment.stop - message.start : later[0].start - message.start]
    return _POSTPONED_TO.search(between) is not None and any(
        mention.concept is C.POSTPONE and moment.stop <= mention.start < later[0].start for mention in message.mentions
    )


def moved(mentions: tuple[Mention, ...], plain: str, text: str) -> tuple[Mention, ...]:
    """Mentions of the text with marks, at their places in the text as written."""
    matched = _alignment(plain, text)
    return tuple(Mention(mention.concept, matched(mention.start), matched(mention.stop)) for mention in mentions)


_MARK = re.compile(r"§\w+§")


def _alignment(plain: str, text: str) -> Callable[[int], int]:
    """From places in the text with marks to places in the text: what stands between two marks is the same in both."""
    shifts: list[tuple[int, int]] = [(0, 0)]
    cursor = 0
    marks = list(_MARK.finditer(plain))
    for number, mark in enumerate(marks):
        begin = mark.end()
        stop = marks[number + 1].start() if number + 1 < len(marks) else len(plain)
        between = plain[begin:stop]
        cursor_from = mark.start() + shifts[-1][1] + 1
        if between:
            place = text.find(between, cursor_from) if number + 1 < len(marks) else len(text) - len(between)
            cursor = place if place >= 0 else cursor_from
            shifts.append((begin, cursor - begin))

    def moved(place: int) -> int:
        shift = 0
        for begin, by in shifts:
            if place < begin:
                break
            shift = by
        return min(len(text), max(0, place + shift))

    return moved


# In these languages the word for "except" stands behind what it excepts.
_BEHIND = frozenset({"tr", "ko", "ja", "zh"})
_REACH = 80


def exceptions_of(message: Message, language: str) -> tuple[Named, ...]:
    """The names that the message excepts; () where it excepts none, or nothing else is named or meant.

    language: of the message.
    """
    excepting = next((mention for mention in message.mentions if mention.concept is C.EXCEPT), None)
    if excepting is None or not message.names:
        return ()
    verbs = [mention.start for mention in message.mentions if mention.concept in RISKY]
    if language in _BEHIND:
        found = tuple(name for name in message.names if 0 <= excepting.start - name.stop <= _REACH)
        # A verb between the name and the word belongs to what is not excepted.
        return tuple(name for name in found if not any(name.stop <= verb < excepting.start for verb in verbs))
    found = tuple(name for name in message.names if 0 <= name.start - excepting.stop <= _REACH)
    return tuple(name for name in found if not any(excepting.stop <= verb < name.start for verb in verbs))


def is_until(text: str, message: Message) -> bool:
    """Whether a word for "until" stands beside a date of the message."""
    if not message.moments:
        return False
    return any(
        0 <= moment.start - found.end() <= 16 or 0 <= found.start() - moment.stop <= 8
        for found in UNTIL.finditer(text)
        for moment in message.moments
    )


def is_stated(message: Message, start: Moment | None) -> bool:
    """Whether a message that only speaks of settlement is about one: contracts are settled every day, without a date."""
    return start is not None or C.SETTLE not in message.concepts or bool(message.concepts & {C.DELIST, C.REMOVE, C.END})
