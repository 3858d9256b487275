# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Days joined with the times of day that belong to them, by the words between and, where none join them, by clause."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from exchanges.announcements.text.dates.days import days
from exchanges.announcements.text.dates.signs import plain
from exchanges.announcements.text.dates.types import Clock, Day, DayOrder

_WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?\b\.?"
    r"|pazartesi|salı|çarşamba|perşembe|cuma(?:rtesi)?|pazar|понедельник\w?|вторник\w?|сред[ауы]|четверг\w?|пятниц\w|суббот\w|воскресень\w"
    r"|thứ\s(?:hai|ba|tư|năm|sáu|bảy)|chủ nhật|(?:周|週|星期|礼拜|禮拜)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일|[월화수목금토일月火水木金土日一二三四五六](?=\)))"
)
_FILLER = (
    rf"[\s,;(|)\[\]]|{_WEEKDAY}|on or (?:around|about|after)|at or (?:around|about)"
    r"|\b(?:at|from|by|around|about|approximately|approx\.?|after|before|starting|on|the|of|in|T|exactly|as of|since|precisely|no later than|time)\b|@|-(?!\s?\d)"
    r"|\bг(?:\.|ода|оду)?(?!\w)|\bв(?!\w)|\bс(?!\w)|\bоколо\b|\bsaat(?:i|ler|inde)?\b|'(?:d[ea]|t[ea]|n[ıiuü]n|y[eaıi]|s[ıi])(?:n)?\b|\b(?:günü|tarihinde|tarihi|itibarıyla|itibariyle)\b"
    r"|\b(?:lúc|vào|ngày|từ|khoảng|thời gian|năm)\b|에|의|기준|の|に|的|于|於|约|約|[:：]"
    r"|\b(?:a las|às|à|um|om|pukul|jam|о|року|alle|das|uhr|tanggal)\b|เวลา"
)
BETWEEN_DAY_AND_TIME = re.compile(rf"^(?:{_FILLER}|-){{0,10}}$", re.I)
BETWEEN_TIME_AND_DAY = re.compile(rf"^(?:{_FILLER}){{0,10}}$", re.I)
WINDOW = re.compile(
    r"^[\s)]*(?:부터|から|'?[dt][ae]n|起)?[\s,]*(?:-|~|～|→|to|until|till?|(?:and|,)\s(?:ending|ends|lasting until|running until)(?:\s(?:at|on))?|and|through|thru|up to|至|到|から|부터|ile|до|по|и|đến|ve|и до)\s*(?:on|about|around)?[\s(]*$"
    r"|^[\s)]*(?:부터|から|'?[dt][ae]n)[\s,]*$",
    re.I,
)
AND = re.compile(r"^[\s),]*(?:and|и|ve)\s(?!end)", re.I)
_NEW_CLAUSE = re.compile(r"^\s?\)?\s?[,;]\s(?:on|from|am|в|с|ngày)\s|^\s?\)?\s?;")
BETWEEN = re.compile(r"\b(?:between|arası\w*|между)\b", re.I)
_LIST = re.compile(r"^\s*(?:and|&|,|和|及|与|與|と|와|및|ve|и|và|or|/|,\s?and)\s*(?:on\s)?(?:the\s)?$", re.I)
# The same time a second time in another zone: "11:00 KST (02:00 UTC)".
_AGAIN = re.compile(
    r"^\s?[(\[/=]\s?(?:i\.e\.,?\s|or\s|=\s?)?$|^,?\s(?:or|i\.e\.,?|which is|that is|equivalent to)\s$", re.I
)
_BEFORE_TIME = re.compile(
    r"(?:\b(?:at|from|until|till|by|after|before|since|saat|lúc|từ|trước|sau|в|с|до|после)|@|于|於|:|\|)\s?$", re.I
)
_SAME_DAY = re.compile(
    r"\b(?:same|that) day\b|同日|同天|即日|当日|當日|当天|當天|같은 날|당일|aynı gün|в тот же день|того же дня|cùng ngày",
    re.I,
)
# Times of every day or week, and of days that only something else tells.
RECURRING = re.compile(
    r"\b(?:daily|weekly|monthly|hourly)\b|\b(?:every|each|per)\s(?:\w+\s){0,2}(?:days?|weeks?|months?|hours?|\w+day)\b|\bday after\b|\bend of (?:the|each) day\b|24-hour"
    r"|\bfunding (?:rate|fee)|\bsubsequent\s\w+day\b|每天|每日|每周|毎日|毎週|매일|매주|her gün|her hafta|ежедневно|каждый день|hàng ngày|mỗi ngày|hàng tuần",
    re.I,
)
_NEXT_DAY = re.compile(
    r"\b(?:next|following) day\b|\b(?:one|a) day later\b|\bday after that\b|翌日|次日|第二天|隔天|隔日|다음\s?날|익일|ertesi gün|на следующий день|следующего дня|(?:ngày|hôm) (?:hôm )?sau",
    re.I,
)


@dataclass
class Spoken:
    """A day with the time, or the window of hours, that the text joins to it."""

    day: Day
    first: Clock | None
    last: Clock | None
    start: int
    stop: int


def joined(text: str, found: list[Day], found_clocks: list[Clock]) -> list[Spoken]:
    """The days of a text, each with the time that the text joins to it, in its order."""
    used: set[int] = set()
    spoken: list[Spoken] = []
    for number, day in enumerate(found):
        later = found[number + 1].start if number + 1 < len(found) else len(text) + 1
        earlier = found[number - 1].stop if number else 0
        spoken.extend(_with_clock(text, day, found_clocks, used, earlier, later))
    _share(text, spoken)
    _defer(text, spoken, found_clocks, used)
    complete = [
        item
        for number, item in enumerate(spoken)
        if item.first is not None or not item.day.weak or _opens_days(text, item, spoken[number + 1 : number + 2])
    ]
    return sorted(complete, key=lambda item: item.start)


def _opens_days(text: str, item: Spoken, following: list[Spoken]) -> bool:
    """Whether two numbers are a day because a whole day follows: "14/05 - 15/05/2026"."""
    return any(
        not other.day.weak and re.fullmatch(r"\s?(?:-|~|to|and|&|đến|và)\s?", text[item.stop : other.start])
        for other in following
    )


def _with_clock(text: str, day: Day, found: list[Clock], used: set[int], earlier: int, later: int) -> list[Spoken]:
    """A day with the time that stands directly after it, or else directly before it."""
    for number, clock in enumerate(found):
        if number in used or not day.stop <= clock.start < later:
            continue
        if "|" in text[day.stop : clock.start] and _is_before(text, day, found, used, earlier):
            # The next cell of a table has a time and a day of its own.
            break
        if matches(BETWEEN_DAY_AND_TIME, text, day.stop, clock.start):
            used.add(number)
            return _window(text, day, found, used, number, number + 1, later)
        break
    for number in range(len(found) - 1, -1, -1):
        clock = found[number]
        if number in used or clock.stop > day.start:
            continue
        if clock.start < earlier or not matches(BETWEEN_TIME_AND_DAY, text, clock.stop, day.start):
            break
        if earlier and _NEW_CLAUSE.match(text[clock.stop : day.start]):
            # "On 14 May deposits stop at 08:00, on 15 May …": the time is of the day before it.
            break
        used.add(number)
        before = number - 1
        if before >= 0 and before not in used and found[before].start >= earlier:
            earliest = found[before]
            if matches(WINDOW, text, earliest.stop, clock.start):
                used.add(before)
                return _pair(text, day, earliest, clock)
        return [Spoken(day, clock, None, clock.start, day.stop)]
    return [Spoken(day, None, None, day.start, day.stop)]


def _is_before(text: str, day: Day, found: list[Clock], used: set[int], earlier: int) -> bool:
    """Whether a time of its own stands directly before a day, in the same cell."""
    return any(
        earlier <= clock.start
        and clock.stop <= day.start
        and "|" not in text[clock.stop : day.start]
        and matches(BETWEEN_TIME_AND_DAY, text, clock.stop, day.start)
        for number, clock in enumerate(found)
        if number not in used
    )


def _window(
    text: str, day: Day, found: list[Clock], used: set[int], number: int, follower: int, later: int
) -> list[Spoken]:
    clock = found[number]
    if follower < len(found):
        last = found[follower]
        if follower not in used and last.start < later and matches(WINDOW, text, clock.stop, last.start):
            # "08:00 - 10:00 UTC": one zone for both.
            used.add(follower)
            return _pair(text, day, clock, last)
    return [Spoken(day, clock, None, min(day.start, clock.start), max(day.stop, clock.stop))]


def _pair(text: str, day: Day, first: Clock, last: Clock) -> list[Spoken]:
    """Two times of a day: a window, or where only "and" joins them, two moments."""
    start, stop = min(day.start, first.start), max(day.stop, last.stop)
    if AND.match(text[first.stop : last.start]) and not BETWEEN.search(text[max(0, start - 20) : stop + 15]):
        first = first if first.zone else replace(first, zone=last.zone)
        middle = max(first.stop, day.stop) if day.stop <= first.start else first.stop
        return [Spoken(day, first, None, start, middle), Spoken(day, last, None, last.start, stop)]
    return [Spoken(day, first, last, start, stop)]


def _share(text: str, spoken: list[Spoken]) -> None:
    """Days of one list have one time: "08:00 UTC on 14 and 16 May", "14 and 16 May at 08:00 UTC"."""
    for one, two in itertools.pairwise(spoken):
        if one.day is two.day or not _LIST.match(text[one.day.stop : two.day.start]):
            continue
        if two.first is None and one.first is not None and one.first.start < one.day.start:
            two.first, two.last = one.first, one.last
    for one, two in reversed(list(itertools.pairwise(spoken))):
        if one.day is two.day or not _LIST.match(text[one.day.stop : two.day.start]):
            continue
        if one.first is None and two.first is not None and two.first.start > two.day.start:
            one.first, one.last = two.first, two.last


def _defer(text: str, spoken: list[Spoken], found: list[Clock], used: set[int]) -> None:
    """Times that stand apart from their day: "On 14 May 2026 trading ends at 08:00 UTC and deposits at 10:00 UTC"."""
    if not spoken:
        return
    for number, clock in enumerate(found):
        if number in used or not clock.sure:
            continue
        used.add(number)
        same = next((item for item in spoken if item.first and _again(text, item.last or item.first, clock)), None)
        if same is not None:
            if same.first is not None and same.first.zone is None and same.last is None and clock.zone is not None:
                same.first = clock
            same.stop = max(same.stop, clock.stop)
            continue
        before = [item for item in spoken if item.day.stop <= clock.start]
        host = before[-1] if before else spoken[0]
        if host.day.after == "range" and len(before) > 1:
            host = before[-2]
        last = None
        follower = found[number + 1] if number + 1 < len(found) and number + 1 not in used else None
        if follower and follower.sure and matches(WINDOW, text, clock.stop, follower.start):
            last = follower
            used.add(number + 1)
        late = last or clock
        if host.first is None and not host.day.weak:
            host.first, host.last, host.start, host.stop = clock, last, clock.start, late.stop
        elif _is_another(text, clock, late) and (before or _BEFORE_TIME.search(text[: clock.start])):
            day = _later(host.day) if _on_next_day(text, clock, late) else host.day
            item = Spoken(day, clock, last, clock.start, late.stop)
            spoken.insert(spoken.index(host) + (1 if before else 0), item)


def _is_another(text: str, clock: Clock, late: Clock) -> bool:
    """Whether a time apart from its day is a further moment of that day."""
    near = text[max(0, clock.start - 25) : late.stop + 20]
    return (clock.zone or late.zone or _SAME_DAY.search(near)) is not None and not RECURRING.search(near)


def _on_next_day(text: str, clock: Clock, late: Clock) -> bool:
    return _NEXT_DAY.search(text[max(0, clock.start - 30) : late.stop + 25]) is not None


def _again(text: str, same: Clock, clock: Clock) -> bool:
    return same.stop <= clock.start <= same.stop + 20 and _AGAIN.match(text[same.stop : clock.start]) is not None


def on_day_before(
    text: str, found: list[Clock], context: str, order: DayOrder, reference: datetime | None
) -> list[Spoken]:
    """The times of a text without a day, on the last day of the text before it."""
    earlier = [day for day in days(plain(context[-1500:]), order, reference) if not day.weak]
    if not earlier or RECURRING.search(text):
        return []
    spoken: list[Spoken] = []
    used: set[int] = set()
    for number, clock in enumerate(found):
        if number in used or not clock.sure or (number and _again(text, found[number - 1], clock)):
            continue
        follower = found[number + 1] if number + 1 < len(found) else None
        near = text[max(0, clock.start - 25) : clock.stop + 25]
        named = clock.zone or (follower and follower.zone) or clock.start == 0
        if not (named or _BEFORE_TIME.search(text[: clock.start]) or _SAME_DAY.search(near) or _NEXT_DAY.search(near)):
            continue
        last = follower if follower and matches(WINDOW, text, clock.stop, follower.start) else None
        if last:
            used.add(number + 1)
        late = last or clock
        day = _later(earlier[-1]) if _on_next_day(text, clock, late) else earlier[-1]
        spoken.append(Spoken(day, clock, last, clock.start, late.stop))
    return spoken


def _later(day: Day) -> Day:
    """The day after a day."""
    after = date(day.year or 2026, day.month, day.day) + timedelta(days=1)
    return replace(day, year=after.year if day.year else None, month=after.month, day=after.day)


def matches(pattern: re.Pattern[str], text: str, start: int, stop: int) -> bool:
    """Whether the words between two positions are of one kind, and few."""
    return stop - start <= 40 and pattern.match(text[start:stop]) is not None
