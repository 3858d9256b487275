"""What the grammar of dates is made of: moments, and how a notice writes its days. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchanges.announcements.text.dates.zones import Zone


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
class DayOrder:
    """How a notice writes its dates, where one date alone does not say it.

    month_first: 05/06/2026 is the sixth of May.
    stated: the zone that the notice gives for all of its times. usual: the one zone of its times that have one.
    """

    month_first: bool = True
    stated: Zone | None = None
    usual: Zone | None = None


@dataclass(frozen=True)
class Day:
    """A day as written. year: None where it is missing.

    weak: two numbers that are a day only beside a clock time ("5/14 15:00").
    ambiguous: day and month are both below 13, and only their order in the notice tells which is which.
    after: how it is joined to the day before it in one expression ("14 and 16 May", "14-16 May"): "", "list", "range".
    """

    year: int | None
    month: int
    day: int
    start: int
    stop: int
    weak: bool = False
    ambiguous: bool = False
    after: str = ""


@dataclass(frozen=True)
class Clock:
    """A time of day as written. hour: 24 is the end of the day. zone: None where it is missing.

    sure: a spelling that is a time wherever it stands; others are one only beside a day.
    """

    hour: int
    minute: int
    second: int
    zone: Zone | None
    start: int
    stop: int
    sure: bool = True
