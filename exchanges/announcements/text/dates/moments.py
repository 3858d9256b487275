# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Moments in the text of notices as aware UTC: days joined with the times that belong to them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

from exchanges.announcements.text.dates.clocks import clocks
from exchanges.announcements.text.dates.days import days, spoken_days
from exchanges.announcements.text.dates.order import day_order
from exchanges.announcements.text.dates.signs import plain
from exchanges.announcements.text.dates.types import Clock, Day, DayOrder, Moment
from exchanges.announcements.text.dates.zones import UTC_ZONE, Zone, named_zones, zone_after, zone_before

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
_BETWEEN_DAY_AND_TIME = re.compile(rf"^(?:{_FILLER}|-){{0,10}}$", re.I)
_BETWEEN_TIME_AND_DAY = re.compile(rf"^(?:{_FILLER}){{0,10}}$", re.I)
_WINDOW = re.compile(
    r"^[\s)]*(?:부터|から|'?[dt][ae]n|起)?[\s,]*(?:-|~|～|→|to|until|till?|and|through|thru|up to|至|到|から|부터|ile|до|по|и|đến|ve|и до)\s*(?:on|about|around)?[\s(]*$"
    r"|^[\s)]*(?:부터|から|'?[dt][ae]n)[\s,]*$",
    re.I,
)
_AND = re.compile(r"^[\s)]*(?:and|и|ve)\s", re.I)
_BETWEEN = re.compile(r"\b(?:between|arası\w*|между)\b", re.I)
_LIST = re.compile(r"^\s*(?:and|&|,|和|及|与|與|と|와|및|ve|и|và|or|/|,\s?and)\s*(?:on\s)?(?:the\s)?$", re.I)
# The same time a second time in another zone: "11:00 KST (02:00 UTC)".
_AGAIN = re.compile(
    r"^\s?[(\[/=]\s?(?:i\.e\.,?\s|or\s|=\s?)?$|^,?\s(?:or|i\.e\.,?|which is|that is|equivalent to)\s$", re.I
)
_BEFORE_TIME = re.compile(
    r"(?:\b(?:at|from|until|till|by|after|before|since|saat|lúc|từ|trước|sau|в|с|до|после)|@|于|於|:|\|)\s?$", re.I
)
_SAME_DAY = re.compile(
    r"\b(?:same|that) day\b|同日|同天|即日|当日|當日|当天|當天|같은 날|당일|aynı gün|в тот же день|того же дня|cùng ngày", re.I
)
_EVERY_DAY = re.compile(r"\bdaily\b|\b(?:every|each|per) day\b|每天|每日|毎日|매일|her gün|ежедневно|hàng ngày|mỗi ngày", re.I)
# Exchanges whose notices give local time without a zone.
LOCAL_ZONES = {
    "upbit": Zone(9), "bithumb": Zone(9), "coinone": Zone(9), "korbit": Zone(9), "gopax": Zone(9),
    "bitflyer": Zone(9), "coincheck": Zone(9), "bitbank": Zone(9), "gmo coin": Zone(9), "gmocoin": Zone(9),
    "btcturk": Zone(3), "paribu": Zone(3), "bitci": Zone(3), "indodax": Zone(7), "bitkub": Zone(7), "max": Zone(8),
}  # fmt: skip
MAX_SENTENCE = 6_000


@dataclass
class _Spoken:
    """A day with the time, or the window of hours, that the text joins to it."""

    day: Day
    first: Clock | None
    last: Clock | None
    start: int
    stop: int


def moments(
    text: str,
    reference: datetime | None = None,
    exchange: str = "",
    order: DayOrder | None = None,
    context: str = "",
) -> tuple[Moment, ...]:
    """The dates of a normalised text, in its order.

    reference: the release; it gives the year of dates without one. Without a reference such dates are left out.
    exchange: gives the zone of times without one; UTC by default.
    order: what the whole notice says (`day_order`); without it the text alone decides.
    context: the text before, which gives the day of times that have none ("On 14 May: 08:00 UTC spot ends").
    """
    text = plain(text[:MAX_SENTENCE])
    if not re.search(r"[\d月]", text):
        return ()
    order = order or day_order((text,), reference)
    every = days(text, order, reference)
    found_clocks = clocks(text, [(day.start, day.stop) for day in every if not day.weak])
    found_days = [
        day
        for day in every
        if not day.weak or not any(clock.start < day.stop and day.start < clock.stop for clock in found_clocks)
    ]
    spoken = _joined(text, found_days or (spoken_days(text, reference) if found_clocks else []), found_clocks)
    if not spoken and found_clocks and context:
        spoken = _on_day_before(text, found_clocks, context, order, reference)
    zones = named_zones(text)
    default = (
        (order.stated or LOCAL_ZONES.get(exchange.lower()))
        or (next(iter(zones)) if len(zones) == 1 else order.usual)
        or UTC_ZONE
    )
    return _resolved(text, spoken, default, reference)


def _joined(text: str, found: list[Day], found_clocks: list[Clock]) -> list[_Spoken]:
    used: set[int] = set()
    spoken: list[_Spoken] = []
    for number, day in enumerate(found):
        later = found[number + 1].start if number + 1 < len(found) else len(text) + 1
        earlier = found[number - 1].stop if number else 0
        spoken.extend(_with_clock(text, day, found_clocks, used, earlier, later))
    _share(text, spoken)
    _defer(text, spoken, found_clocks, used)
    complete = [item for item in spoken if item.first is not None or not item.day.weak]
    return sorted(complete, key=lambda item: item.start)


def _with_clock(text: str, day: Day, found: list[Clock], used: set[int], earlier: int, later: int) -> list[_Spoken]:
    """A day with the time that stands directly after it, or else directly before it."""
    for number, clock in enumerate(found):
        if number in used or not day.stop <= clock.start < later:
            continue
        if _matches(_BETWEEN_DAY_AND_TIME, text, day.stop, clock.start):
            used.add(number)
            return _window(text, day, found, used, number, number + 1, later)
        break
    for number in range(len(found) - 1, -1, -1):
        clock = found[number]
        if number in used or clock.stop > day.start:
            continue
        if clock.start < earlier or not _matches(_BETWEEN_TIME_AND_DAY, text, clock.stop, day.start):
            break
        used.add(number)
        before = number - 1
        if before >= 0 and before not in used and found[before].start >= earlier:
            earliest = found[before]
            if _matches(_WINDOW, text, earliest.stop, clock.start):
                used.add(before)
                return _pair(text, day, earliest, clock)
        return [_Spoken(day, clock, None, clock.start, day.stop)]
    return [_Spoken(day, None, None, day.start, day.stop)]


def _window(
    text: str, day: Day, found: list[Clock], used: set[int], number: int, follower: int, later: int
) -> list[_Spoken]:
    clock = found[number]
    if follower < len(found):
        last = found[follower]
        if follower not in used and last.start < later and _matches(_WINDOW, text, clock.stop, last.start):
            # "08:00 - 10:00 UTC": one zone for both.
            used.add(follower)
            return _pair(text, day, clock, last)
    return [_Spoken(day, clock, None, min(day.start, clock.start), max(day.stop, clock.stop))]


def _pair(text: str, day: Day, first: Clock, last: Clock) -> list[_Spoken]:
    """Two times of a day: a window, or where only "and" joins them, two moments."""
    start, stop = min(day.start, first.start), max(day.stop, last.stop)
    if _AND.match(text[first.stop : last.start]) and not _BETWEEN.search(text[max(0, start - 20) : stop + 15]):
        first = first if first.zone else replace(first, zone=last.zone)
        middle = max(first.stop, day.stop) if day.stop <= first.start else first.stop
        return [_Spoken(day, first, None, start, middle), _Spoken(day, last, None, last.start, stop)]
    return [_Spoken(day, first, last, start, stop)]


def _share(text: str, spoken: list[_Spoken]) -> None:
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


def _defer(text: str, spoken: list[_Spoken], found: list[Clock], used: set[int]) -> None:
    """Times that stand apart from their day: "On 14 May 2026 trading ends at 08:00 UTC and deposits at 10:00 UTC"."""
    if not spoken:
        return
    for number, clock in enumerate(found):
        if number in used or not clock.sure:
            continue
        used.add(number)
        said = next((item for item in spoken if item.first and _again(text, item.last or item.first, clock)), None)
        if said is not None:
            if said.first is not None and said.first.zone is None and said.last is None and clock.zone is not None:
                said.first = clock
            said.stop = max(said.stop, clock.stop)
            continue
        before = [item for item in spoken if item.day.stop <= clock.start]
        host = before[-1] if before else spoken[0]
        if host.day.after == "range" and len(before) > 1:
            host = before[-2]
        last = None
        follower = found[number + 1] if number + 1 < len(found) and number + 1 not in used else None
        if follower and follower.sure and _matches(_WINDOW, text, clock.stop, follower.start):
            last = follower
            used.add(number + 1)
        late = last or clock
        if host.first is None and not host.day.weak:
            host.first, host.last, host.start, host.stop = clock, last, clock.start, late.stop
        elif before and _is_another(text, clock, late):
            spoken.insert(spoken.index(host) + 1, _Spoken(host.day, clock, last, clock.start, late.stop))


def _is_another(text: str, clock: Clock, late: Clock) -> bool:
    """Whether a time apart from its day is a further moment of that day."""
    near = text[max(0, clock.start - 25) : late.stop + 20]
    return (clock.zone or late.zone or _SAME_DAY.search(near)) is not None and not _EVERY_DAY.search(near)


def _again(text: str, said: Clock, clock: Clock) -> bool:
    return said.stop <= clock.start <= said.stop + 20 and _AGAIN.match(text[said.stop : clock.start]) is not None


def _on_day_before(
    text: str, found: list[Clock], context: str, order: DayOrder, reference: datetime | None
) -> list[_Spoken]:
    """The times of a text without a day, on the last day of the text before it."""
    earlier = [day for day in days(plain(context[-1500:]), order, reference) if not day.weak]
    if not earlier:
        return []
    spoken: list[_Spoken] = []
    used: set[int] = set()
    for number, clock in enumerate(found):
        if number in used or not clock.sure or (number and _again(text, found[number - 1], clock)):
            continue
        follower = found[number + 1] if number + 1 < len(found) else None
        if not (
            clock.zone or (follower and follower.zone) or _BEFORE_TIME.search(text[: clock.start]) or clock.start == 0
        ):
            continue
        last = follower if follower and _matches(_WINDOW, text, clock.stop, follower.start) else None
        if last:
            used.add(number + 1)
        spoken.append(_Spoken(earlier[-1], clock, last, clock.start, (last or clock).stop))
    return spoken


def _matches(pattern: re.Pattern[str], text: str, start: int, stop: int) -> bool:
    return stop - start <= 40 and pattern.match(text[start:stop]) is not None


def _resolved(text: str, spoken: list[_Spoken], default: Zone, reference: datetime | None) -> tuple[Moment, ...]:
    result: list[Moment] = []
    years = [item.day.year for item in spoken if item.day.year is not None]
    zones = [_zone(text, item) for item in spoken]
    for number, item in enumerate(spoken):
        closes = bool(result) and _closes(text, spoken[number - 1], item)
        opens = number + 1 < len(spoken) and _closes(text, item, spoken[number + 1])
        zone = zones[number] or (zones[number - 1] if closes else zones[number + 1] if opens else None) or default
        begin = _at(item.day, item.first, zone, reference, years)
        if begin is None:
            continue
        end = _at(item.day, item.last, zone, reference, years) if item.last else None
        if end is not None and end <= begin:
            end = end + timedelta(days=1) if end < begin else None
        result.append(Moment(begin, end, item.first is not None, item.start, item.stop, closes))
    return tuple(result)


def _closes(text: str, one: _Spoken, two: _Spoken) -> bool:
    """Whether a date is the second end of a window that another one opens."""
    if two.day.after == "range" and one.day.after != "range":
        return True
    gap = text[one.stop : two.start]
    if len(gap) > 40 or not _WINDOW.match(gap):
        return False
    return not _AND.match(gap) or _BETWEEN.search(text[max(0, one.start - 20) : one.start]) is not None


def _zone(text: str, item: _Spoken) -> Zone | None:
    if item.first is None:
        return None
    for clock in (item.first, item.last):
        if clock is not None and clock.zone is not None:
            return clock.zone
    found = zone_after(text, item.stop) or zone_before(text, item.start)
    return found[0] if found else None


def _at(day: Day, clock: Clock | None, zone: Zone, reference: datetime | None, years: Sequence[int]) -> datetime | None:
    year = day.year
    if year is None:
        if reference is None and not years:
            return None
        year = _nearest_year(day, reference) if reference is not None else years[0]
    try:
        local = datetime(year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        return None
    if clock is None:
        return local
    offset = timezone(timedelta(hours=zone.on(local.date())))
    at = local.replace(tzinfo=offset) + timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
    return at.astimezone(UTC)


def _nearest_year(day: Day, reference: datetime) -> int:
    """The year in which a day is nearest to the release: notices look months ahead and only weeks back."""

    def distance(year: int) -> float:
        try:
            gap = (date(year, day.month, day.day) - reference.date()).days
        except ValueError:
            return float("inf")
        return gap if gap >= -1 else -2.0 * gap

    return min((reference.year, reference.year + 1, reference.year - 1), key=distance)


_LEFT = re.compile(
    r"[(\[]?\s?\b(?:on|by|from|at|until|till|since|between|as of|starting|effective|from|saat|ngày|lúc|в|с|до)?\s?[(\[]?$",
    re.I,
)
_RIGHT = re.compile(r"\s?[)\]]")


def without_dates(text: str, reference: datetime | None = None, order: DayOrder | None = None) -> str:
    """A title without its dates and times, in whatever spelling: numbers and months in it are no names."""
    spelled = plain(text)
    order = order or DayOrder()
    every = days(spelled, order, reference)
    found_clocks = clocks(spelled, [(day.start, day.stop) for day in every if not day.weak])
    spans = sorted(
        [(day.start, day.stop) for day in every if not day.weak or _beside(spelled, day, found_clocks)]
        + [(clock.start, clock.stop) for clock in found_clocks if clock.sure]
    )
    if not spans:
        return text
    merged: list[list[int]] = []
    for start, stop in spans:
        joined = merged and (
            _matches(_BETWEEN_DAY_AND_TIME, spelled, merged[-1][1], start)
            or _matches(_WINDOW, spelled, merged[-1][1], start)
        )
        if joined or (merged and start <= merged[-1][1]):
            merged[-1][1] = max(merged[-1][1], stop)
        else:
            merged.append([start, stop])
    result, position = [], 0
    for start, stop in merged:
        zone = zone_after(spelled, stop)
        stop = zone[1] if zone else stop
        left = _LEFT.search(spelled, max(position, start - 20), start)
        start = left.start() if left else start
        right = _RIGHT.match(spelled, stop)
        result.append(text[position:start])
        position = right.end() if right else stop
    result.append(text[position:])
    return " ".join(result)


def _beside(text: str, day: Day, found: list[Clock]) -> bool:
    return any(
        _matches(_BETWEEN_DAY_AND_TIME, text, day.stop, clock.start)
        or _matches(_BETWEEN_TIME_AND_DAY, text, clock.stop, day.start)
        for clock in found
    )


__all__ = ["DayOrder", "Moment", "day_order", "moments", "without_dates"]
