"""The dates of a notice with their roles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from exchanges.announcements.extraction.date_roles import OTHER, SIDE, Role, role, role_of
from exchanges.announcements.text import dates
from exchanges.announcements.text.clauses import Clause

# The role of a date in the title, by category; no words there give it.
TITLE_ROLES = {
    "delisting": role("trading ends", r"(?!)", ends_trading=True),
    "trading_suspension": role("trading ends", r"(?!)", ends_trading=True),
    "wallet_suspension": role("deposits and withdrawals suspended", r"(?!)"),
    "hard_fork": role("upgrade", r"(?!)"),
    "network_upgrade": role("upgrade", r"(?!)"),
    "token_migration": role("upgrade", r"(?!)"),
    "risk_warning": role("tag set", r"(?!)"),
}
# Real notices have two dozen at most.
MAX_DATES = 200
# "The new time is …": the words before say only that it holds, the title says what happens then.
_NEW_TIME = re.compile(
    r"\b(?:new|correct|right|revised|updated|adjusted|final) (?:date|time|schedule|slot|deadline)\b[^.]{0,35}$",
    re.I,
)
_FOOT = re.compile(r"^\W*(?:published (?:on|at)|posted|date|updated|last updated)?[\s:]*$", re.I)


@dataclass(frozen=True)
class Entry:
    """A moment (UTC), its role, and the numbers of its clauses: its sentence, and the list that this introduces.

    has_time: False for a day without a time of day.
    """

    moment: datetime
    role: Role
    clauses: tuple[int, ...]
    has_time: bool = True


def timeline(
    title: str,
    parts: tuple[Clause, ...],
    reference: datetime | None,
    exchange: str,
    category: str,
    order: dates.DayOrder,
) -> tuple[Entry, ...]:
    """The dates of the body with their roles; the dates of the title only where the body has no important one."""
    entries: list[Entry] = []
    unknown: list[Entry] = []
    bare: set[datetime] = set()
    for number, clause in enumerate(parts):
        if len(entries) + len(unknown) >= MAX_DATES:
            break
        found = dates.moments(clause.text, reference, exchange, order, text_before(parts, number))
        for place, moment in enumerate(found):
            if is_foot(clause.text, moment):
                continue
            if len(entries) + len(unknown) >= MAX_DATES:
                break
            found_role = role_of(
                clause,
                moment,
                found[place - 1] if place else None,
                found[place + 1] if place + 1 < len(found) else None,
            )
            governed = (number, *list_after(parts, number))
            if not moment.has_time:
                bare.add(moment.at)
            if found_role is None and _NEW_TIME.search(clause.text[max(0, moment.start - 60) : moment.start]):
                found_role = TITLE_ROLES.get(category, OTHER)
            if found_role is None:
                unknown.append(Entry(moment.at, TITLE_ROLES.get(category, OTHER), governed, moment.has_time))
            elif found_role is not OTHER:
                entries.append(Entry(moment.at, found_role, governed, moment.has_time))
    if any(entry.role.important for entry in entries):
        return _without_bare_days(entries, bare, reference)
    if unknown:
        return (*entries, *unknown)
    title_role = TITLE_ROLES.get(category, OTHER)
    titles = dates.moments(title, reference, exchange, order)
    return (*entries, *(Entry(moment.at, title_role, (), moment.has_time) for moment in titles))


def text_before(parts: tuple[Clause, ...], number: int) -> str:
    """The text that names the day of a clause's times: the line above its list, its heading, the sentences before."""
    clause = parts[number]
    before = " ".join(part.text for part in parts[max(0, number - 3) : number])
    return f"{before} {clause.section} {clause.lead}"


def _without_bare_days(entries: list[Entry], bare: set[datetime], reference: datetime | None) -> tuple[Entry, ...]:
    """Without days that have no time, where the same day has an important entry with a time, or is the release's."""
    timed = {entry.moment.date() for entry in entries if entry.role.important and entry.moment not in bare}
    if not timed:
        return tuple(entries)
    if reference is not None:
        timed.add(reference.date())
    return tuple(entry for entry in entries if entry.moment not in bare or entry.moment.date() not in timed)


def is_foot(text: str, moment: dates.Moment) -> bool:
    """Whether a date is the one at the foot of a body, which only dates the notice."""
    rest = text[: moment.start] + " " + text[moment.stop :]
    return not moment.has_time and (
        _FOOT.match(rest) is not None
        or re.match(r"^\s*published on\b", text, re.I) is not None
        or re.search(r"\bteam\s*$", text[: moment.start], re.I) is not None
    )


def list_after(parts: tuple[Clause, ...], number: int) -> tuple[int, ...]:
    """The items of the list that a clause introduces."""
    governed = []
    for later in range(number + 1, min(len(parts), number + 400)):
        if not parts[later].item or parts[number].text not in parts[later].lead:
            break
        governed.append(later)
    return tuple(governed)


__all__ = ["SIDE", "Entry", "timeline"]
