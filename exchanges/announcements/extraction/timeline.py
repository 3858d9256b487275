"""The dates of a notice with what they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from exchanges.announcements.extraction.date_roles import OTHER, SIDE, Role, _role, role_of
from exchanges.announcements.text import dates
from exchanges.announcements.text.clauses import Clause

# What a date stands for that only the title gives.
TITLE_ROLES = {
    "delisting": _role("trading ends", r"(?!)", ends_trading=True),
    "trading_suspension": _role("trading ends", r"(?!)", ends_trading=True),
    "wallet_suspension": _role("deposits and withdrawals suspended", r"(?!)"),
    "hard_fork": _role("upgrade", r"(?!)"),
    "network_upgrade": _role("upgrade", r"(?!)"),
    "token_migration": _role("upgrade", r"(?!)"),
    "risk_warning": _role("tag set", r"(?!)"),
}
# A notice has two dozen at most.
MAX_DATES = 200
_FOOT = re.compile(r"^\W*(?:published (?:on|at)|posted|date|updated|last updated)?[\s:]*$", re.I)


@dataclass(frozen=True)
class Entry:
    """A moment (UTC), its role, and the numbers of the clauses it governs: its own and those of the list it opens."""

    moment: datetime
    role: Role
    clauses: tuple[int, ...]


def timeline(
    title: str, parts: tuple[Clause, ...], reference: datetime | None, exchange: str, category: str
) -> tuple[Entry, ...]:
    """The dates of the body with their roles; those of the title only where the body gives none that matters."""
    entries: list[Entry] = []
    unknown: list[Entry] = []
    bare: set[datetime] = set()
    for number, clause in enumerate(parts):
        found = dates.moments(clause.text, reference, exchange)
        for place, moment in enumerate(found):
            if _is_foot(clause.text, moment):
                continue
            if len(entries) + len(unknown) >= MAX_DATES:
                break
            role = role_of(
                clause,
                moment,
                found[place - 1] if place else None,
                found[place + 1] if place + 1 < len(found) else None,
            )
            governed = (number, *_list_after(parts, number))
            if not moment.has_time:
                bare.add(moment.at)
            if role is None:
                unknown.append(Entry(moment.at, TITLE_ROLES.get(category, OTHER), governed))
            elif role is not OTHER:
                entries.append(Entry(moment.at, role, governed))
    if any(entry.role.important for entry in entries):
        return _without_bare_days(entries, bare, reference)
    if unknown:
        return (*entries, *unknown)
    role = TITLE_ROLES.get(category, OTHER)
    own = tuple(Entry(moment.at, role, ()) for moment in dates.moments(title, reference, exchange))
    return (*entries, *own)


def _without_bare_days(entries: list[Entry], bare: set[datetime], reference: datetime | None) -> tuple[Entry, ...]:
    """A day without a time says nothing beside the same day with one, nor does the day of the release."""
    timed = {entry.moment.date() for entry in entries if entry.role.important and entry.moment not in bare}
    if not timed:
        return tuple(entries)
    if reference is not None:
        timed.add(reference.date())
    return tuple(entry for entry in entries if entry.moment not in bare or entry.moment.date() not in timed)


def _is_foot(text: str, moment: dates.Moment) -> bool:
    rest = text[: moment.start] + " " + text[moment.stop :]
    return not moment.has_time and (
        _FOOT.match(rest) is not None
        or re.match(r"^\s*published on\b", text, re.I) is not None
        or re.search(r"\bteam\s*$", text[: moment.start], re.I) is not None
    )


def _list_after(parts: tuple[Clause, ...], number: int) -> tuple[int, ...]:
    """The items of the list that a clause opens."""
    governed = []
    for later in range(number + 1, min(len(parts), number + 400)):
        if not parts[later].item or parts[number].text not in parts[later].lead:
            break
        governed.append(later)
    return tuple(governed)


__all__ = ["SIDE", "Entry", "timeline"]
