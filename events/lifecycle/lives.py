"""Lives of an event: an event that opens again after it closed begins a new life.

1. `Event.life` counts the openings. Alerts and acknowledgements carry the life that they belong to; those of an earlier
   life do not count: its acknowledgement is over, and repeats begin with their first step.
2. Corrections (pins), the mark "false alarm" and the close reason stay with their life, in `Event.earlier_lives`.
3. A key that its source closed opens again only for a new date (a repeated notice is no update). A key that an admin
   suppressed until a date, or that its source retracted, opens again without a new date.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from events.enums import CloseKind, Status
from events.models import Event, KeySuppression, plain_events

_LISTED_AGAIN_WITHIN = timedelta(days=7)


def begin_life(event: Event, now: datetime, *, opened_at: datetime, seen_at: datetime, resumed: bool = False) -> None:
    """Open a closed event again, without saving. The caller writes what its source reports.

    resumed: the same episode continues, such as a coin that leaves its peg again within a day: repeats are counted as
    if it had never stopped. The new life is unacknowledged and has no pins all the same.
    """
    event.earlier_lives = [*event.earlier_lives, _summary(event)]
    event.life += 1
    if not resumed:
        event.told_since_life = event.life
    event.status, event.closed_at, event.close_reason, event.close_kind = Status.OPEN, None, "", ""
    event.false_alarm, event.pinned = False, {}
    event.opened_at, event.seen_at, event.reminded_until = opened_at, seen_at, now


def _summary(event: Event) -> dict[str, Any]:
    return {
        "life": event.life,
        "opened_at": event.opened_at.isoformat(),
        "closed_at": event.closed_at.isoformat() if event.closed_at else None,
        "close_reason": event.close_reason,
        "close_kind": event.close_kind,
        "false_alarm": event.false_alarm,
        "pinned": event.pinned,
    }


def reopen_reason(previous: Event, suppression: KeySuppression | None) -> str:
    """Why a closed event may open again without a new date; "" where it may not.

    suppression: of its key, expired by now; None where there is none, or an admin deleted it.
    """
    if previous.close_kind == CloseKind.RETRACTED:
        return "its source lists it again"
    manual = previous.close_kind == CloseKind.MANUAL
    # An earlier release stored no close kind: a suppression made at that moment shows that an admin closed the event.
    if not previous.close_kind:
        manual = suppression is not None and suppression.made_at == previous.closed_at
    return "an admin's suppression of its key has expired" if manual else ""


def mark_closed_by_source(natural_key: str) -> None:
    """A source closes what an admin had closed or it had retracted before: the key does not open again by itself."""
    may_open = [CloseKind.MANUAL, CloseKind.RETRACTED]
    closed = Event.objects.non_polymorphic().filter(natural_key=natural_key, close_kind__in=may_open)
    # Check first: an UPDATE of no row would still refresh the view.
    if closed.exists():
        closed.update(close_kind=CloseKind.SOURCE)


def reopenable_events(source: str, now: datetime) -> list[Event]:
    """Closed events of a source that may open again without a new date, newest first; none past its expiry.

    Those whose suppression by an admin has expired, and those that the source retracted within the last week. A source
    that reports each notice once must read these again.
    """
    suppressed = KeySuppression.objects.filter(natural_key=OuterRef("natural_key")).filter(
        Q(until=None) | Q(until__gt=now)
    )
    newer = plain_events().filter(natural_key=OuterRef("natural_key"), pk__gt=OuterRef("pk"))
    retracted = Q(close_kind=CloseKind.RETRACTED, closed_at__gt=now - _LISTED_AGAIN_WITHIN)
    events = Event.objects.filter(
        Q(close_kind=CloseKind.MANUAL) | retracted,
        Q(valid_until=None) | Q(valid_until__gt=now),
        source=source,
        status=Status.CLOSED,
    )
    return list(events.exclude(Exists(suppressed)).exclude(Exists(newer)).order_by("-published_at", "-id"))
