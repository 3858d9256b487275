"""Lists that lost many of their rows: a broken payload at first, believed when they say the same for long enough.

What was said stands in the quarantine, where admins see it and a restart does not forget it: one item per list and
set of missing instruments, so that a list which loses others each time is never believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

from events import quarantine
from events.models import QuarantinedItem

# A cache that serves a cut list is renewed within minutes.
_FOR_AT_LEAST = timedelta(minutes=30)
_READINGS_AT_LEAST = 5
# Nobody delists half of what he trades, however long a list says so.
_NEVER_BEYOND = 0.5


def is_believed(source: str, where: str, missing: Collection[str], known: int, now: datetime) -> bool:
    """Count a reading that lacks `missing` of the `known` instruments; whether it was said for long enough."""
    key = _prefix(where) + hashlib.sha256("\n".join(sorted(missing)).encode()).hexdigest()[:16]
    forget(source, where, now, but=key)
    said = QuarantinedItem.objects.filter(source=source, item_key=key, resolved_at=None).first()
    if said is None:
        # The same set may have been missing, and back, before: it counts anew.
        QuarantinedItem.objects.filter(source=source, item_key=key).delete()
    too_many = len(missing) > known * _NEVER_BEYOND
    minutes = _FOR_AT_LEAST // timedelta(minutes=1)
    quarantine.put_aside(
        source,
        key,
        now,
        title=f"{where} lost {len(missing)} of {known} instruments",
        error="never believed" if too_many else f"believed when it says the same for {minutes} minutes",
        excerpt=", ".join(sorted(missing)),
    )
    if said is None or too_many:
        return False
    believed = now - said.first_at >= _FOR_AT_LEAST and said.attempts + 1 >= _READINGS_AT_LEAST
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
    return f"shrunk {where}:"
