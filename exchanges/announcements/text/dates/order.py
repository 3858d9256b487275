"""What a whole notice says of its dates: whether 05/06/2026 is in May or in June, and the zone of its times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from exchanges.announcements.text.dates.days import days
from exchanges.announcements.text.dates.signs import plain
from exchanges.announcements.text.dates.types import Day, DayOrder
from exchanges.announcements.text.dates.zones import named_zones, with_zones

_MAX_TEXT = 6_000
_MOST_TEXTS = 600
# What every ambiguous date has; quick to look for.
_NUMERALS = re.compile(r"[0-9]\s?[/-]\s?[0-9]")
_AMBIGUOUS = re.compile(r"(?<![\d/.-])(?:0?[1-9]|1[0-2])\s?[/-]\s?(?:0?[1-9]|1[0-2])(?!\d)")
_SETTLED = re.compile(r"(?<![\w/.:-])(?P<a>\d{1,2})(?P<sep>[/-])(?P<b>\d{1,2})(?P=sep)(?:20)?[1-4]\d(?![\d/-])")
_ASIA = re.compile(r"[一-鿿ぁ-ヿ가-힣]")
_DAY_FIRST = re.compile(r"[а-яё]|[ğşıİ]|[ăđơưạảấầẩậắằẳặẹẻẽếềểệịỉọỏốồổộớờởợụủứừửựỳỵỷỹ]", re.I)


def day_order(texts: Iterable[str], reference: datetime | None) -> DayOrder:
    """How a notice writes its dates. texts: its title and clauses. reference: its release.

    The first of these that tells decides on day and month: another date whose day is above 12; the other order makes
    a date of the notice that is spelled out, or its release; fewer dates before the release or a year after it; the
    custom of its language; the dates nearest to the release.
    """
    read = [plain(text[:_MAX_TEXT]) for _, text in zip(range(_MOST_TEXTS), texts, strict=False)]
    named = [found for text in with_zones(read) for found in named_zones(text)]
    zones = {zone for zone, _ in named}
    stated = next((zone for zone, is_stated in named if is_stated), None)
    return DayOrder(_month_first(read, reference), stated, zones.pop() if len(zones) == 1 else None)


def _month_first(texts: list[str], reference: datetime | None) -> bool:
    asked = [
        text for text in texts if ("/" in text or "-" in text) and _NUMERALS.search(text) and _AMBIGUOUS.search(text)
    ]
    if not asked:
        return True
    settled = {int(match["a"]) <= 12 for text in texts for match in _SETTLED.finditer(text) if _differ(match)}
    if len(settled) == 1:
        return settled.pop()
    either = {first: _ambiguous(asked, first, reference) for first in (True, False)}
    if not either[True]:
        return True
    known = _known(texts, reference)
    if reference is not None:
        known.add(reference.date())
    hits = {first: sum(day in known for day in found) for first, found in either.items()}
    if hits[True] != hits[False]:
        return hits[True] > hits[False]
    if reference is not None:
        released = reference.date()
        far_off = {
            first: sum(not 0 <= (day - released).days <= 300 for day in found) for first, found in either.items()
        }
        if far_off[True] != far_off[False]:
            return far_off[True] < far_off[False]
    every = " ".join(texts)[:_MAX_TEXT]
    if _ASIA.search(every):
        return True
    if _DAY_FIRST.search(every):
        return False
    if reference is not None:
        gap = {first: sum(abs((day - released).days) for day in found) for first, found in either.items()}
        return gap[True] <= gap[False]
    return True


def _differ(match: re.Match[str]) -> bool:
    """Whether exactly one of the two numbers of a date can be a month."""
    first, second = int(match["a"]), int(match["b"])
    return (1 <= first <= 12 < second <= 31) or (1 <= second <= 12 < first <= 31)


def _ambiguous(texts: list[str], month_first: bool, reference: datetime | None) -> list[date]:
    found = (day for text in texts for day in days(text, DayOrder(month_first), reference) if day.ambiguous)
    return [made for day in found if (made := _made(day, reference)) is not None]


def _known(texts: list[str], reference: datetime | None) -> set[date]:
    """The days of a notice that are spelled so that only one reading is possible."""
    found = (day for text in texts for day in days(text, DayOrder(), reference) if not day.ambiguous and not day.weak)
    return {made for day in found if (made := _made(day, reference)) is not None}


def _made(day: Day, reference: datetime | None) -> date | None:
    year = day.year
    if year is None:
        if reference is None:
            return None
        # Nearest to the release; a year more where the day would be long past.
        year = reference.year
        if (reference.date() - date(year, day.month, min(day.day, 28))).days > 180:
            year += 1
    return datetime(year, day.month, min(day.day, 28) if day.month == 2 else day.day, tzinfo=UTC).date()
