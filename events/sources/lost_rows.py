"""Truncated lists: refused as schema drift at first, accepted when they lack the same rows for long enough.

The count is an item in the quarantine, where admins see it and a restart keeps it: one item per list and set of missing
rows, so that a list which lacks other rows each time is never accepted.
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
"""Keys of these items in the quarantine begin with it."""


def is_accepted(source: str, where: str, missing: Collection[str], known: int, rows: Rows, now: datetime) -> bool:
    """Count a reading that lacks `missing` of the `known` rows; whether they have been missing for long enough."""
    digest = hashlib.sha256("\n".join(sorted(missing)).encode()).hexdigest()[:16]
    return _count(source, where, digest, len(missing), known, rows, now, sorted(missing))


def is_accepted_by_count(source: str, where: str, missing: int, known: int, rows: Rows, now: datetime) -> bool:
    """The same for a list of which only the number of rows is stored."""
    return _count(source, where, "number", missing, known, rows, now, ())


def _count(
    source: str, where: str, digest: str, missing: int, known: int, rows: Rows, now: datetime, names: Sequence[str]
) -> bool:
    key = _prefix(where) + digest
    forget(source, where, now, but=key)
    item = QuarantinedItem.objects.filter(source=source, item_key=key, resolved_at=None).first()
    if item is not None and item.first_at > now:
        # A wrong clock wrote it.
        item = None
    if item is None:
        # The same rows may have been missing earlier and come back since: the count restarts.
        QuarantinedItem.objects.filter(source=source, item_key=key).delete()
    too_many = missing > known * rows.never_beyond
    minutes = rows.accepted_after // timedelta(minutes=1)
    quarantine.quarantine_item(
        source,
        key,
        now,
        title=f"{where} lost {missing} of {known} {'instruments' if names else 'rows'}",
        error="never accepted" if too_many else f"accepted once the same rows are missing for {minutes} minutes",
        excerpt=", ".join(names),
    )
    if item is None or too_many:
        return False
    accepted = now - item.first_at >= rows.accepted_after and item.attempts + 1 >= _READINGS_AT_LEAST
    if accepted:
        quarantine.resolve(source, key, now)
    return accepted


def has_item_of(item_keys: Collection[str], where: str) -> bool:
    """Whether one of an updater's unresolved items is of this list."""
    return any(key.startswith(_prefix(where)) for key in item_keys)


def forget(source: str, where: str, now: datetime, but: str = "") -> None:
    """The list is complete again, or lacks other rows: resolve its items, but for the key `but`."""
    open_items = QuarantinedItem.objects.filter(source=source, item_key__startswith=_prefix(where), resolved_at=None)
    open_items.exclude(item_key=but).update(resolved_at=now)


def _prefix(where: str) -> str:
    return f"{PREFIX}{where}:"
