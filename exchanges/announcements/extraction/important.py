"""The important dates of a notice, one row for what happens at one time to the same instruments."""

from __future__ import annotations

from datetime import datetime

from events.drafts import ImportantDate
from exchanges.announcements.extraction.body import NamedInstrument
from exchanges.announcements.extraction.timeline import Entry

_DEPOSITS_AND_WITHDRAWALS = "deposits and withdrawals suspended"


def important_dates(entries: tuple[Entry, ...], named: tuple[NamedInstrument, ...]) -> list[ImportantDate]:
    """The dates that change trading, deposits, withdrawals or the chain, with the instruments of their clauses."""
    by_clause: dict[int, list[str]] = {}
    for item in named:
        by_clause.setdefault(item.clause, []).append(item.ticker)
    merged: dict[tuple[datetime, str], list[str]] = {}
    for entry in entries:
        if not entry.role.important:
            continue
        key = (entry.moment, entry.role.name)
        merged.setdefault(key, []).extend(ticker for number in entry.clauses for ticker in by_clause.get(number, ()))
    rows = [
        (at, what, tuple(dict.fromkeys(found)))
        for (at, what), found in sorted(merged.items(), key=lambda pair: pair[0])
    ]
    return [ImportantDate(at, what, found) for at, what, found in _one_row_a_time(rows)]


def _one_row_a_time(
    rows: list[tuple[datetime, str, tuple[str, ...]]],
) -> list[tuple[datetime, str, tuple[str, ...]]]:
    """One row for everything that happens at one time to the same instruments.

    A row without instruments joins the group of its time where there is only one.
    """
    result: list[tuple[datetime, str, tuple[str, ...]]] = []
    for at in dict.fromkeys(row[0] for row in rows):
        here = [row for row in rows if row[0] == at]
        groups = {found for _, _, found in here if found}
        if len(groups) <= 1:
            words = [what for _, what, _ in here]
            if _DEPOSITS_AND_WITHDRAWALS in words:
                words = [what for what in words if what not in ("deposits suspended", "withdrawals end")]
            result.append((at, "; ".join(words), next(iter(groups), ())))
        else:
            result.extend(here)
    return result
