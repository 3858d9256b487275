"""Whether two entries of the list of hacks are one hack: renamed, redated or listed twice. Pure.

DeFiLlama corrects its rows: it adds a version to a name, or replaces the day of the report by that of the theft. The
old row disappears and a new one appears. Two thefts may look alike: in ten years nine pairs of rows with one name are
within a week of each other, but no pair has one amount. So similar names and days are one hack only if the old row is
gone, or if both rows have the same amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from defillama.hacks.client import HackRow

Rows = Sequence[HackRow]

_NEAR_DAYS, _FAR_DAYS = 3, 10
_ALIKE = 0.85
_SHORTEST_BEGINNING = 4


def renamings(vanished: Mapping[str, Rows], fresh: Mapping[str, Rows]) -> dict[str, str]:
    """Key of a fresh entry → key of the vanished entry that it replaces. The nearest pairs first; each key once."""
    # Every row of a list may change at once: 500 × 500 comparisons take under a second.
    pairs = sorted(
        (_distance(before, after), old, new)
        for old, before in vanished.items()
        for new, after in fresh.items()
        if is_moved(before, after)
    )
    found: dict[str, str] = {}
    for _, old, new in pairs:
        if new not in found and old not in found.values():
            found[new] = old
    return found


def listed_twice(entries: Mapping[str, Rows], fresh: Iterable[str]) -> dict[str, str]:
    """Key of a fresh entry → key of another listed entry that is the same hack: same amount, similar name and day."""
    by_amount: dict[int, list[str]] = {}
    for key, rows in entries.items():
        if amount := _amount(rows):
            by_amount.setdefault(amount, []).append(key)
    waiting = set(fresh)
    found: dict[str, str] = {}
    for key in sorted(waiting):
        for other in by_amount.get(_amount(entries[key]) or 0, ()):
            if other == key or other in found or (other in waiting and other > key):
                continue
            if _days(entries[key], entries[other]) <= _NEAR_DAYS and _near_name(entries[key], entries[other]):
                found[key] = other
                break
    return found


def is_moved(before: Rows, after: Rows) -> bool:
    """Whether an entry that vanished continues as another one that appeared."""
    days = _days(before, after)
    amount = _amount(before)
    if days > _FAR_DAYS and (amount is None or amount != _amount(after)):
        return False
    near, same_id = _near_name(before, after), bool(_identifiers(before) & _identifiers(after))
    same_amount = amount is not None and amount == _amount(after)
    if not days:
        same_words = _texts(before, "url") & _texts(after, "url") or _texts(before, "technique") & _texts(
            after, "technique"
        )
        return near or same_id or (same_amount and bool(same_words))
    if days <= _NEAR_DAYS:
        return near or same_id
    if days <= _FAR_DAYS:
        return (near or same_id) and same_amount
    # A typing error in the month or the year: everything but the day is the same.
    return near and same_amount and bool(_texts(before, "technique") & _texts(after, "technique"))


def _distance(before: Rows, after: Rows) -> tuple[bool, int, bool]:
    return (plain(before[0].name) != plain(after[0].name), _days(before, after), _amount(before) != _amount(after))


def _days(a: Rows, b: Rows) -> int:
    return abs((a[0].day - b[0].day).days)


def _amount(rows: Rows) -> int | None:
    known = [row.amount_usd for row in rows if row.amount_usd is not None]
    return sum(known) if known else None


def _identifiers(rows: Rows) -> set[str]:
    # The identifier of a family ("parent#aave") is shared by different protocols.
    return {identifier for row in rows for identifier in row.identifiers if "#" not in identifier}


def _texts(rows: Rows, name: str) -> set[str]:
    return {getattr(row, name) for row in rows} - {""}


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _near_name(a: Rows, b: Rows) -> bool:
    """Whether two names differ only in spelling, an addition, or a version that one of them lacks."""
    first, second = plain(a[0].name), plain(b[0].name)
    if not first or not second:
        return a[0].name == b[0].name
    if first == second:
        return True
    digits = [re.findall(r"\d+", a[0].name), re.findall(r"\d+", b[0].name)]
    if all(digits) and digits[0] != digits[1]:
        return False  # Aave V2 is not Aave V3.
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= _SHORTEST_BEGINNING and longer.startswith(shorter):
        return True
    return SequenceMatcher(None, first, second).ratio() >= _ALIKE
