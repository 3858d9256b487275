"""Lists that lost many of their rows: a broken payload at first, believed when they say the same for long enough.

What was said stands in the quarantine, where admins see it and a restart does not forget it: one item per list and
set of missing rows, so that a list which loses others each time is never believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from events.models import QuarantinedItem
from events.sources import quarantine
from events.sources.content import Rows

_READINGS_AT_LEAST = 5
PREFIX = "shrunk "
"""Of the keys of its items in the quarantine."""


def is_believed(source: str, where: str, missing: Collection[str], known: int, rows: Rows, now: datetime) -> bool:
    """Count a reading that lacks `missing` of the `known` rows; whether it was said for long enough."""
    digest = hashlib.sha256("\n".join(sorted(missing)).encode()).hexdigest()[:16]
    return _count(source, where, digest, len(missing), known, rows, now, sorted(missing))


def is_believed_by_number(source: str, where: str, missing: int, known: int, rows: Rows, now: datetime) -> bool:
    """The same for a list of which only the number of its rows is kept."""
    return _count(source, where, "number", missing, known, rows, now, ())


def _count(
    source: str, where: str, digest: str, missing: int, known: int, rows: Rows, now: datetime, names: Sequence[str]
) -> bool:
    key = _prefix(where) + digest
    forget(source, where, now, but=key)
    said = QuarantinedItem.objects.filter(source=source, item_key=key, resolved_at=None).first()
    if said is not None and said.first_at > now:
        # Written by a clock that was wrong.
        said = None
    if said is None:
        # The same set may have been missing, and back, before: it counts anew.
        QuarantinedItem.objects.filter(source=source, item_key=key).delete()
    too_many = missing > known * rows.never_beyond
    minutes = rows.believed_after // timedelta(minutes=1)
    quarantine.quarantine_item(
        source,
        key,
        now,
        title=f"{where} lost {missing} of {known} {'instruments' if names else 'rows'}",
        error="never believed" if too_many else f"believed when it says the same for {minutes} minutes",
        excerpt=", ".join(names),
    )
    if said is None or too_many:
        return False
    believed = now - said.first_at >= rows.believed_after and said.attempts + 1 >= _READINGS_AT_LEAST
    if believed:
        quarantine.resolve(source, key, now)
    return believed


def stands_in(aside: Collection[str], where: str) -> bool:
    """Whether one of the unresolved items of an updater is of this list."""
    return any(key.startswith(_prefix(where)) for key in aside)


def forget(source: str, where: str, now: datetime, but: str = "") -> None:
    """The list is whole again, or lacks something else: what it said before counts no more."""
    open_items = QuarantinedItem.objects.filter(source=source, item_key__startswith=_prefix(where), resolved_at=None)
    open_items.exclude(item_key=but).update(resolved_at=now)


def _prefix(where: str) -> str:
    return f"{PREFIX}{where}:"
