# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Moments in the text of notices as aware UTC. The spellings seen:

"2026-01-20 08:00 (UTC)", "2020/05/15 12:00 PM (UTC)", "05:00 (UTC) on 2018/05/05", "06:15 (UTC) on Aug 29, 2025",
"8:00 Sep 1, 2025 (UTC)", "1 September 2025 9:00 AM (UTC)", "October 3, 2026, 08:00 - 10:00 UTC", "6:00 am UTC on
September 18", "(8/21 15:00)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAYS = (
    re.compile(r"(?<![\d/.-])(?P<y>20[1-4]\d)([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?!\d|[-/.]\d)"),
    re.compile(r"(?<![\d])(?P<y>20[1-4]\d)年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
    re.compile(rf"\b{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:\d)(?:\s?,?\s(?P<y>20[1-4]\d)\b)?", re.I),
    re.compile(
        rf"(?<![\d:.,])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -]{_MONTH}(?:[ -]|, ?)?(?P<y>20[1-4]\d)?(?!\d)", re.I
    ),
    re.compile(r"(?<![\d/.-])(?P<m>\d{1,2})([-/])(?P<d>\d{1,2})\2(?P<y>20[1-4]\d)(?!\d)"),
    # Month and day alone only where a clock time follows at once.
    re.compile(r"(?<![\d/.-])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?= \d{1,2}:\d{2})"),
)
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "kst": 9, "jst": 9, "hkt": 8, "sgt": 8, "cst": 8, "bjt": 8, "ict": 7, "wib": 7, "ist": 5.5,
    "cet": 1, "cest": 2, "bst": 1, "est": -5, "edt": -4, "et": -5, "pst": -8, "pdt": -7, "pt": -8,
}  # fmt: skip
_ZONE = (
    r"\s?\(?\s?(?P<zone>UTC|GMT|KST|JST|HKT|SGT|BJT|CST|ICT|WIB|IST|CEST|CET|BST|EST|EDT|ET|PST|PDT|PT|Z)\b"
    r"\s?(?P<offset>[+-]\s?\d{1,2}(?::?\d{2})?)?\s?\)?"
)
_TIME = re.compile(
    rf"(?<![\d:.,])(?P<h>\d{{1,2}}):(?P<min>\d{{2}})(?::(?P<s>\d{{2}}))?(?![\d:%])\s?(?P<half>[ap]\.?m\b\.?)?(?:{_ZONE})?"
    rf"|(?<![\d:.,])(?P<h2>\d{{1,2}})\s?(?P<half2>[ap]\.?m\b\.?)(?:{_ZONE.replace('zone', 'zone2').replace('offset', 'offset2')})?",
    re.I,
)
_TRAILING_ZONE = re.compile(rf"^\s?,?{_ZONE}", re.I)
_BETWEEN_DAY_AND_TIME = re.compile(
    r"^[\s,;T(]*(?:\(?(?:on or (?:around|about|after)|at or (?:around|about)|at|from|by|around|about|approximately|approx\.?|after|before|starting|on|-)\)?[\s,(]*){0,3}$",
    re.I,
)
_BETWEEN_TIME_AND_DAY = re.compile(r"^[\s,)]*(?:(?:on|at|of|by)\s)?(?:the )?(?:\w{3,9}day,? )?[\s,(]*$", re.I)
_WINDOW = re.compile(r"^[\s)]*(?:-|~|to|until|till|and|through)\s*$", re.I)
# Exchanges whose notices give local time without a zone. Hours east of UTC.
LOCAL_ZONES = {"upbit": 9.0, "bithumb": 9.0, "coinone": 9.0, "korbit": 9.0}
MAX_SENTENCE = 6_000


@dataclass(frozen=True)
class Moment:
    """A date in a text.

    at: UTC; midnight where the text gives only a day. end: of a window of hours, else None.
    start, stop: its position in the text. ends_window: it is the second of two dates joined by "to".
    """

    at: datetime
    end: datetime | None
    has_time: bool
    start: int
    stop: int
    ends_window: bool = False


@dataclass(frozen=True)
class _Day:
    year: int | None
    month: int
    day: int
    start: int
    stop: int


@dataclass(frozen=True)
class _Clock:
    hour: int
    minute: int
    second: int
    zone: float | None
    start: int
    stop: int


def moments(text: str, reference: datetime | None = None, exchange: str = "") -> tuple[Moment, ...]:
    """The dates of a normalised text, in its order.

    reference: the release; it gives the year of dates without one. Without a reference such dates are left out.
    exchange: gives the zone of times without one; UTC by default.
    """
    text = text[:MAX_SENTENCE]
    days = _days(text)
    if not days:
        return ()
    clocks = _clocks(text)
    default_zone = LOCAL_ZONES.get(exchange.lower(), 0.0)
    result: list[Moment] = []
    used: set[int] = set()
    for number, day in enumerate(days):
        later = days[number + 1].start if number + 1 < len(days) else len(text) + 1
        first, last, stop = _clock_of(text, day, clocks, used, later)
        start = min(day.start, first.start) if first else day.start
        zone = _zone(text, stop, first, last)
        begin = _resolved(day, first, zone if zone is not None else default_zone, reference)
        if begin is None:
            continue
        end = _resolved(day, last, zone if zone is not None else default_zone, reference) if last else None
        if end is not None and end <= begin:
            end = end + timedelta(days=1) if end < begin else None
        closes = (
            bool(result)
            and _WINDOW.match(text[result[-1].stop : start]) is not None
            and _is_range(text[result[-1].stop : start])
        )
        result.append(Moment(begin, end, first is not None, start, max(stop, day.stop), closes))
    return tuple(result)


def _is_range(gap: str) -> bool:
    return re.search(r"-|~|to|until|till|through", gap, re.I) is not None


def _days(text: str) -> list[_Day]:
    found: list[_Day] = []
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            if any(match.start() < day.stop and day.start < match.end() for day in found):
                continue
            groups = match.groupdict()
            month = _MONTHS[groups["month"][:3].lower()] if groups.get("month") else int(groups["m"])
            day = int(groups["d"])
            if month > 12 >= day:
                month, day = day, month
            if not (1 <= month <= 12 and 1 <= day <= 31):
                continue
            year = int(groups["y"]) if groups.get("y") else None
            found.append(_Day(year, month, day, match.start(), match.end()))
    return sorted(found, key=lambda day: day.start)


def _clocks(text: str) -> list[_Clock]:
    found = []
    for match in _TIME.finditer(text):
        groups = match.groupdict()
        hour = int(groups["h"] or groups["h2"])
        minute, second = int(groups["min"] or 0), int(groups["s"] or 0)
        half = (groups["half"] or groups["half2"] or "").lower().replace(".", "")
        if half == "pm" and hour < 12:
            hour += 12
        elif half == "am" and hour == 12:
            hour = 0
        if hour == 24 and minute == 0:
            hour, minute, second = 23, 59, 59
        if hour > 23 or minute > 59 or second > 59:
            continue
        zone = _offset(groups["zone"] or groups["zone2"], groups["offset"] or groups["offset2"])
        found.append(_Clock(hour, minute, second, zone, match.start(), match.end()))
    return found


def _offset(zone: str | None, offset: str | None) -> float | None:
    if zone is None:
        return None
    hours = float(_ZONES[zone.lower()])
    if offset:
        digits = offset.replace(" ", "").replace(":", "")
        sign = -1 if digits[0] == "-" else 1
        number = digits[1:]
        extra = int(number[:-2]) + int(number[-2:]) / 60 if len(number) > 2 else int(number)
        if extra <= 14:
            hours = sign * extra
    return hours


def _clock_of(
    text: str, day: _Day, clocks: list[_Clock], used: set[int], later: int
) -> tuple[_Clock | None, _Clock | None, int]:
    """The clock time of a day, the end of its window of hours, and the position where the expression stops."""
    for number, clock in enumerate(clocks):
        if number in used or not day.stop <= clock.start < later:
            continue
        if _BETWEEN_DAY_AND_TIME.match(text[day.stop : clock.start]):
            used.add(number)
            follower = clocks[number + 1] if number + 1 < len(clocks) else None
            if follower and follower.start < later and _WINDOW.match(text[clock.stop : follower.start]):
                # "08:00 - 10:00 UTC": one zone for both.
                used.add(number + 1)
                return clock, follower, follower.stop
            return clock, None, clock.stop
        break
    for number in range(len(clocks) - 1, -1, -1):
        clock = clocks[number]
        if number in used or clock.stop > day.start:
            continue
        if not _BETWEEN_TIME_AND_DAY.match(text[clock.stop : day.start]):
            break
        used.add(number)
        earlier = clocks[number - 1] if number and number - 1 not in used else None
        if earlier and _WINDOW.match(text[earlier.stop : clock.start]):
            used.add(number - 1)
            return earlier, clock, day.stop
        return clock, None, day.stop
    return None, None, day.stop


def _zone(text: str, stop: int, first: _Clock | None, last: _Clock | None) -> float | None:
    for clock in (first, last):
        if clock is not None and clock.zone is not None:
            return clock.zone
    trailing = _TRAILING_ZONE.match(text[stop : stop + 20])
    if first is not None and trailing:
        return _offset(trailing["zone"], trailing["offset"])
    return None


def _resolved(day: _Day, clock: _Clock | None, zone: float, reference: datetime | None) -> datetime | None:
    year = day.year
    if year is None:
        if reference is None:
            return None
        year = _nearest_year(day, reference)
    hour, minute, second = (clock.hour, clock.minute, clock.second) if clock else (0, 0, 0)
    try:
        local = datetime(
            year, day.month, day.day, hour, minute, second, tzinfo=timezone(timedelta(hours=zone)) if clock else UTC
        )
    except ValueError:
        return None
    return local.astimezone(UTC)


def _nearest_year(day: _Day, reference: datetime) -> int:
    """The year in which a day is nearest to the release: notices look months ahead and only weeks back."""

    def distance(year: int) -> float:
        try:
            gap = (datetime(year, day.month, day.day, tzinfo=UTC) - reference).days
        except ValueError:
            return float("inf")
        return gap if gap >= -1 else -2.0 * gap

    return min((reference.year, reference.year + 1, reference.year - 1), key=distance)
