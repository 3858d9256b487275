# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Moments in the text of notices as aware UTC: days joined with the times that belong to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from exchanges.announcements.text.dates.clocks import clocks
from exchanges.announcements.text.dates.days import days, spoken_days
from exchanges.announcements.text.dates.joined import AND, BETWEEN, RECURRING, WINDOW, Spoken, joined, on_day_before
from exchanges.announcements.text.dates.order import day_order
from exchanges.announcements.text.dates.signs import plain
from exchanges.announcements.text.dates.types import Clock, Day, DayOrder, Moment
from exchanges.announcements.text.dates.zones import UTC_ZONE, Zone, named_zones, zone_after, zone_before

# Exchanges whose notices give local time without a zone.
LOCAL_ZONES = {
    "upbit": Zone(9), "bithumb": Zone(9), "coinone": Zone(9), "korbit": Zone(9), "gopax": Zone(9), "sbi vc": Zone(9),
    "bitflyer": Zone(9), "coincheck": Zone(9), "bitbank": Zone(9), "gmo coin": Zone(9), "gmocoin": Zone(9),
    "zaif": Zone(9), "bitpoint": Zone(9), "bittrade": Zone(9),
    "btcturk": Zone(3), "paribu": Zone(3), "bitci": Zone(3), "indodax": Zone(7), "bitkub": Zone(7), "max": Zone(8),
}  # fmt: skip
MAX_SENTENCE = 6_000
_DIGIT = re.compile(r"[\d月]")

_HAS_BEGUN = re.compile(
    r"\b(?:has|have)\s(?:\w+\s)?(?:been\s)?(?:suspended|halted|stopped|paused|disabled|frozen|closed)\b[^.;]{0,80}\b(?:as of|since|at|from)\s?\d",
    re.I,
)


@lru_cache(maxsize=1024)
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
    if not may_have(text):
        return ()
    order = order or day_order((text,), reference)
    every = days(text, order, reference)
    found_clocks = clocks(text, [(day.start, day.stop) for day in every if not day.weak])
    if not every and not found_clocks:
        return ()
    found_days = [
        day
        for day in every
        if not day.weak or not any(clock.start < day.stop and day.start < clock.stop for clock in found_clocks)
    ]
    spoken = joined(
        text,
        found_days or (spoken_days(text, reference) if found_clocks and not RECURRING.search(text) else []),
        found_clocks,
    )
    if not spoken and found_clocks and context:
        spoken = on_day_before(text, found_clocks, context, order, reference)
    if not spoken and reference is not None and _HAS_BEGUN.search(text):
        # "We have suspended FOO as of 06:20 UTC": today.
        day = Day(reference.year, reference.month, reference.day, 0, 0, weak=True)
        spoken = [Spoken(day, clock, None, clock.start, clock.stop) for clock in found_clocks[:1] if clock.zone]
    return _resolved(text, spoken, _default_zone(text, spoken, exchange, order), reference)


def may_have(text: str) -> bool:
    """Whether a text may have dates. Most have none, and then what stands around them need not be looked up."""
    return _DIGIT.search(text) is not None


def _default_zone(text: str, spoken: list[Spoken], exchange: str, order: DayOrder) -> Zone:
    """The zone of the times of a text that have none."""
    local = order.stated or LOCAL_ZONES.get(exchange.lower()) or order.usual
    if local is not None or all(item.first is None or item.first.zone is not None for item in spoken):
        return local or UTC_ZONE
    zones = {zone for zone, _ in named_zones(text)}
    return zones.pop() if len(zones) == 1 else UTC_ZONE


def _resolved(text: str, spoken: list[Spoken], default: Zone, reference: datetime | None) -> tuple[Moment, ...]:
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


def _closes(text: str, one: Spoken, two: Spoken) -> bool:
    """Whether a date is the second end of a window that another one opens."""
    if two.day.after == "range" and one.day.after != "range":
        return True
    gap = text[one.stop : two.start]
    if len(gap) > 40 or not WINDOW.match(gap):
        return False
    return not AND.match(gap) or BETWEEN.search(text[max(0, one.start - 20) : one.start]) is not None


def _zone(text: str, item: Spoken) -> Zone | None:
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
