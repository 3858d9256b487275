# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The days of a text, in every spelling.

2026-01-20 · 2020/05/15 · 20.01.2026 · 14/05/26 · 2026. 5. 14. · 20260514 · 14 May 2026 · May 14th, '26 · 14-May-26 · 14-16 May ·
2026年5月14日 · 二〇二六年五月十四日 · 令和8年5月14日 · 2026년 5월 14일 · 14 Mayıs 2026 · 14 мая 2026 г. · ngày 14 tháng 5 năm 2026
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from exchanges.announcements.text.dates.months import CHINESE_NUMBER, MONTH, has_month, named_month, number_of
from exchanges.announcements.text.dates.types import Day, DayOrder

_YEAR = r"(?P<y>20[1-4]\d)"
_TAIL_YEAR = rf"(?:(?:\s?,\s?|\s|\s?[-/.]\s?)(?:of\s|del?\s)?{_YEAR}(?!\d|[-/.:]\d)|\s?,?\s?'(?P<yy>[1-4]\d)(?!\d)|[-/](?P<yy2>[1-4]\d)(?![\d:]))?"
_LINK = r"(?P<link>\s?(?:-|~|&)\s?|\s(?:to|and|until|till|through|or|ile|ve|по|и|đến|до)\s)"
_TH = r"(?:st|nd|rd|th|er|º|°|ª)?"
_WEEK = r"(?:\s?[(,]?\s?(?:周|週|星期|礼拜|禮拜)?[一二三四五六日天月火水木金土월화수목금토일](?:曜日?|요일)?\s?\))?"
_CJK = rf"(?:\d{{1,2}}|{CHINESE_NUMBER}{{1,3}})"

_ISO = re.compile(
    rf"(?<![\d/.-]){_YEAR}(?P<sep>[-/.]|\s?\.\s)(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}})(?!\d|[-/]\d|\.\d)"
)
# Where block ends were lost: "0.00012026-04-22 06:30".
_GLUED = re.compile(r"(?<=\d)(?P<y>20[1-4]\d)-(?P<m>[01]\d)-(?P<d>[0-3]\d)(?=\s\d\d:\d\d)")
_NAMED_ISO = re.compile(rf"(?<![\d/.-]){_YEAR}[-/. ]{MONTH}[-/. ](?P<d>\d{{1,2}}){_TH}(?![\d:])", re.I)
_COMPACT = re.compile(
    r"(?<![\w.,/#_-])(?P<y>20[1-4]\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![\w/]|[.,]\d|-\d)"
)
_CHINESE = re.compile(
    rf"(?:(?P<era>令和\s?)?(?P<y>20[1-4]\d|[1-4]?\d|[二][〇零][一二三四][〇零一二三四五六七八九]|{CHINESE_NUMBER}{{1,2}})\s?[年년]\s?)?"
    rf"(?<!\d)(?P<m>{_CJK})\s?[月월]\s?(?P<d>{_CJK})\s?[日号號일](?!間|间|간)"
)
_CHINESE_DAY = re.compile(
    rf"(?:-|~|至|到|から|부터|和|及|与|與|と|와|및|,)\s?(?P<d>\d{{1,2}})\s?[日号號일](?!間|间|간|\w*線){_WEEK}"
)
_VIETNAMESE = re.compile(
    rf"(?<![\d/])(?P<d>\d{{1,2}})\s?(?:tháng|thg)\s?(?P<m>\d{{1,2}})(?!\d)(?:\s?(?:,|năm|/)\s?(?:năm\s)?{_YEAR}(?!\d))?",
    re.I,
)
_MONTH_DAYS = re.compile(
    rf"\b{MONTH}(?:(?<=\.)|\s)(?P<d>\d{{1,2}}){_TH}{_LINK}(?P<d2>\d{{1,2}}){_TH}(?=,? 20[1-4]\d|\s?[,.;)]|$|\s(?:at|from|inclusive)\b)(?!\.\d){_TAIL_YEAR}",
    re.I,
)
# "Step 2 - 24 November" counts steps, and no days.
_COUNTED = "".join(
    rf"(?<!\b{word}\s)" for word in ("step", "phase", "stage", "part", "round", "batch", "group", "wave", "no.", "day")
)
_DAYS_MONTH = re.compile(
    rf"(?<![\d:.,/-]){_COUNTED}(?P<d>\d{{1,2}}){_TH}\.?{_LINK}(?P<d2>\d{{1,2}}){_TH}\.?(?: of)?[ -]{MONTH}{_TAIL_YEAR}(?!\d)",
    re.I,
)
_MONTH_DAY = re.compile(
    rf"\b{MONTH}(?:(?<=\.)|\sthe\s|[ -])(?P<d>\d{{1,2}}){_TH}(?!\w)(?!:\d|\.\d|\s?%){_TAIL_YEAR}", re.I
)
_DAY_MONTH = re.compile(
    rf"(?<![\d:.,+])(?<!\+\s)(?<!UTC-)(?<!GMT-)(?P<d>\d{{1,2}}){_TH}\.?(?: day)?(?: of| de)?\s?[ -]?{MONTH}(?!\s\d{{1,2}}{_TH},?\s20[1-4]\d)(?:{_TAIL_YEAR})(?!\d)",
    re.I,
)
# What the two patterns below both have; quick to look for.
_NUMERALS = re.compile(r"\d\s?[-/.]\s?\d")
_DIGITS = re.compile(
    r"(?<![\w/.:])(?<![^\d.\s]-)(?P<a>\d{1,2})(?P<sep>\s?[-/.]\s?)(?P<b>\d{1,2})(?P=sep)(?:(?P<y>20[1-4]\d)|'?(?P<yy>\d\d))(?!\d|:\d|[-/.]\d|%)"
)
_MONTH_AND_DAY = re.compile(r"(?<![\w/.:,$€-])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?![\w/%:]|[.,-]\d)\.?")
_FIRST_DAY = re.compile(r"(?<![\w/.:,-])(?P<d>\d{1,2})\.?\s?(?P<link>-|~|đến|và|&|to|and|bis|по|и|ve)\s?(?:ngày\s)?$")
_SURE_BEFORE = re.compile(r"(?:\bngày|\bon|\btarih(?:i|inde)?)\s$|[于於在自至从從到]\s?$", re.I)


# More than any real sentence or row has.
MAX_DAYS = 60


def days(text: str, order: DayOrder, reference: datetime | None) -> list[Day]:
    """The days of a text in its order. order: of day and month where both are below 13."""
    found: list[Day] = []
    taken = bytearray(len(text))
    for reader in (_iso_days, _chinese_days, _vietnamese_days, _named_days, _numbered_days):
        for day in reader(text, order, reference, taken):
            if any(taken[day.start : day.stop]) or not _exists(day):
                continue
            taken[day.start : day.stop] = b"\1" * (day.stop - day.start)
            found.append(day)
            if len(found) >= MAX_DAYS:
                return sorted(found, key=lambda day: day.start)
    for day in _bare_days(text, sorted(found, key=lambda day: day.start), reference):
        if not any(taken[day.start : day.stop]) and _exists(day):
            found.append(day)
    return sorted(found, key=lambda day: day.start)


# A day of the month alone: "on the 14th", 14日, 本月14日. Only beside a clock time.
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th|\s?[日号號일])", re.I)
_BARE_DAY = re.compile(
    r"\b(?:the|on)\s(?P<d>\d{1,2})(?:st|nd|rd|th)\b(?:\sof (?:this|the) month)?(?!\sof\b|[ -]?[a-z]*\s?(?:place|anniversary|birthday|edition|block))"
    r"|(?<![月월\d.,:/-])(?<![月월]\s)(?:本月|今月|이번\s?달|당월)?\s?(?P<d2>\d{1,2})\s?[日号號일](?!間|间|간|線|内|内|以)",
    re.I,
)


def _bare_days(text: str, found: list[Day], reference: datetime | None) -> Iterator[Day]:
    """Days without a month: of the month of the day before them, or the next one after the release."""
    if not _ORDINAL.search(text):
        return
    for match in _BARE_DAY.finditer(text):
        number = int(match["d"] or match["d2"])
        before = [day for day in found if day.stop <= match.start()]
        if not 1 <= number <= 31 or (not before and reference is None):
            continue
        if before:
            year, month = before[-1].year, before[-1].month
            turned = number < before[-1].day
        else:
            assert reference is not None
            year, month = reference.year, reference.month
            turned = number < reference.day
        if turned:
            year, month = (year + 1 if year and month == 12 else year), month % 12 + 1
        yield Day(year, month, number, match.start(), match.end(), weak=True)


# Spoken from the release. Only beside a clock time: "today" alone says nothing that the release does not.
_TODAY = re.compile(
    r"\b(?:(?P<today>today|tonight|bugün|сегодня|hôm nay)|(?P<tomorrow>tomorrow|yarın|завтра|ngày mai)|(?P<yesterday>yesterday|dün|вчера|hôm qua))\b"
    r"|(?P<today2>今日|今天|本日|今晚|오늘|금일)|(?P<tomorrow2>明日|明天|내일|익일)|(?P<yesterday2>昨日|昨天|어제)",
    re.I,
)
_WEEKDAY = re.compile(
    r"\b(?:this|on|next|coming)\s(?:coming\s)?(?:(?P<w0>mon)|(?P<w1>tue)s?|(?P<w2>wed)(?:nes)?|(?P<w3>thu)(?:rs)?|(?P<w4>fri)"
    r"|(?P<w5>sat)(?:ur)?|(?P<w6>sun))(?:day)?\b",
    re.I,
)


def spoken_days(text: str, reference: datetime | None) -> list[Day]:
    """The days of a text that has no other, as seen from the release: "today", "tomorrow", "this Thursday"."""
    if reference is None:
        return []
    found = []
    for match in _TODAY.finditer(text):
        groups = match.groupdict()
        later = 1 if groups["tomorrow"] or groups["tomorrow2"] else 0
        later -= 1 if groups["yesterday"] or groups["yesterday2"] else 0
        found.append(_from(reference.date() + timedelta(days=later), match))
    for match in _WEEKDAY.finditer(text):
        weekday = next(number for number in range(7) if match[f"w{number}"])
        found.append(_from(reference.date() + timedelta(days=(weekday - reference.weekday()) % 7), match))
    return sorted(found, key=lambda day: day.start)


def _from(day: date, match: re.Match[str]) -> Day:
    return Day(day.year, day.month, day.day, match.start(), match.end(), weak=True)


def _exists(day: Day) -> bool:
    try:
        date(day.year or 2024, day.month, day.day)
    except ValueError:
        return False
    return True


def _iso_days(text: str, order: DayOrder, reference: datetime | None, taken: bytearray) -> Iterator[Day]:
    if "20" not in text:
        return
    for match in _ISO.finditer(text):
        month, day = int(match["m"]), int(match["d"])
        if month > 12 >= day:
            month, day = day, month
        yield Day(int(match["y"]), month, day, match.start(), match.end())
    for match in _GLUED.finditer(text):
        yield Day(int(match["y"]), int(match["m"]), int(match["d"]), match.start(), match.end())
    for match in _COMPACT.finditer(text):
        if reference is None or abs(int(match["y"]) - reference.year) <= 1:
            yield Day(int(match["y"]), int(match["m"]), int(match["d"]), match.start(), match.end())


def _chinese_days(text: str, order: DayOrder, reference: datetime | None, taken: bytearray) -> Iterator[Day]:
    if "月" not in text and "월" not in text:
        return
    for match in _CHINESE.finditer(text):
        year = number_of(match["y"]) if match["y"] else None
        if year is not None and year < 100:
            year += 2018 if match["era"] else 2000
        month = number_of(match["m"])
        yield Day(year, month, number_of(match["d"]), match.start(), match.end())
        stop = _closed(text, match.end())
        # "5月14日至16日": the month holds for the second day. A time may stand between.
        follower = _CHINESE_DAY.search(text, stop, stop + 30)
        if follower and "月" not in text[stop : follower.start()]:
            after = "range" if follower[0][0] in "-~至到か부" else "list"
            yield Day(year, month, int(follower["d"]), follower.start("d"), follower.end(), after=after)


def _closed(text: str, position: int) -> int:
    """The position after the weekday in brackets that follows a day."""
    found = re.compile(_WEEK).match(text, position)
    return found.end() if found else position


def _vietnamese_days(text: str, order: DayOrder, reference: datetime | None, taken: bytearray) -> Iterator[Day]:
    if text.isascii():
        return
    for match in _VIETNAMESE.finditer(text):
        year = int(match["y"]) if match["y"] else None
        yield from _with_first(text, Day(year, int(match["m"]), int(match["d"]), match.start(), match.end()))


def _with_first(text: str, day: Day) -> Iterator[Day]:
    """A day with the one that opens its window by its number alone: "14-15.05.2026"."""
    first = _FIRST_DAY.search(text, max(0, day.start - 16), day.start)
    if first and 1 <= int(first["d"]) < day.day:
        after = "list" if first["link"] in ("và", "&", "and", "и", "ve") else "range"
        yield replace(day, day=int(first["d"]), start=first.start(), stop=first.end("d"))
        day = replace(day, after=after)
    yield day


def _named_days(text: str, order: DayOrder, reference: datetime | None, taken: bytearray) -> Iterator[Day]:
    if not has_month(text):
        return
    for match in _NAMED_ISO.finditer(text):
        yield Day(int(match["y"]), named_month(match.groupdict()), int(match["d"]), match.start(), match.end())
    for pattern in (_DAYS_MONTH, _MONTH_DAYS):
        for match in pattern.finditer(text):
            first, second = int(match["d"]), int(match["d2"])
            if not first < second <= 31:
                continue
            month, year = named_month(match.groupdict()), _year(match)
            after = "range" if re.search(r"-|~|to|until|till|through|по|đến|до|ile", match["link"]) else "list"
            yield Day(year, month, first, match.start(), match.start("link"))
            yield Day(year, month, second, match.start("d2"), match.end(), after=after)
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for match in pattern.finditer(text):
            if match[0].startswith("APR ") and not match["y"] and not text.isupper():
                # A yearly rate, not April.
                continue
            yield Day(_year(match), named_month(match.groupdict()), int(match["d"]), match.start(), match.end())


def _year(match: re.Match[str]) -> int | None:
    if match["y"]:
        return int(match["y"])
    short = match["yy"] or match["yy2"]
    return 2000 + int(short) if short else None


def _numbered_days(text: str, order: DayOrder, reference: datetime | None, taken: bytearray) -> Iterator[Day]:
    if not _NUMERALS.search(text):
        return
    for match in _DIGITS.finditer(text):
        first, second = int(match["a"]), int(match["b"])
        if match["y"]:
            for day in _numbered(first, second, int(match["y"]), match, order):
                yield from _with_first(text, day) if "." in match["sep"] else (day,)
        elif reference is None:
            # A slash is in no version: 14/05/26 is a day even where nothing dates the text.
            if "/" in match["sep"] and 20 <= int(match["yy"]) <= 40:
                yield from _numbered(first, second, 2000 + int(match["yy"]), match, order)
        else:
            # "26.05.14" and "14.05.26": the year is the one near the release.
            near = (reference.year - 1, reference.year, reference.year + 1)
            if 2000 + int(match["yy"]) in near:
                yield from _numbered(first, second, 2000 + int(match["yy"]), match, order)
            elif 2000 + first in near:
                yield Day(2000 + first, second, int(match["yy"]), match.start(), match.end())
    for match in _MONTH_AND_DAY.finditer(text):
        if match[0] == "24/7":
            continue
        two_digits = len(match["a"]) == len(match["b"]) == 2
        if match["sep"] == "/" or two_digits:
            weak = not (match["sep"] == "/" and _SURE_BEFORE.search(text[max(0, match.start() - 10) : match.start()]))
            yield from _numbered(int(match["a"]), int(match["b"]), None, match, order, weak)


def _numbered(
    first: int, second: int, year: int | None, match: re.Match[str], order: DayOrder, weak: bool = False
) -> Iterator[Day]:
    ambiguous = first <= 12 and second <= 12 and first != second and "." not in match["sep"]
    if first > 12 or ("." in match["sep"] and second <= 12):
        month, day = second, first
    elif second > 12 or order.month_first:
        month, day = first, second
    else:
        month, day = second, first
    yield Day(year, month, day, match.start(), match.end(), weak, ambiguous)
