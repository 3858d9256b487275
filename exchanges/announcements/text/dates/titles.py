"""Titles without their dates."""

from __future__ import annotations

import re
from datetime import datetime

from exchanges.announcements.text.dates.clocks import clocks
from exchanges.announcements.text.dates.days import days
from exchanges.announcements.text.dates.joined import BETWEEN_DAY_AND_TIME, BETWEEN_TIME_AND_DAY, WINDOW, matches
from exchanges.announcements.text.dates.signs import plain
from exchanges.announcements.text.dates.types import Clock, Day, DayOrder
from exchanges.announcements.text.dates.zones import zone_after

_LEFT = re.compile(
    r"[(\[]?\s?\b(?:on|by|from|at|until|till|since|between|as of|starting|effective|saat|ngày|lúc|в|с|до)?\s?[(\[]?$",
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
            matches(BETWEEN_DAY_AND_TIME, spelled, merged[-1][1], start)
            or matches(WINDOW, spelled, merged[-1][1], start)
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
        matches(BETWEEN_DAY_AND_TIME, text, day.stop, clock.start)
        or matches(BETWEEN_TIME_AND_DAY, text, clock.stop, day.start)
        for clock in found
    )
