"""Lives of an event: each time that it opens again it begins anew, whatever became of it before.

1. `Event.life` counts the openings. Alerts and acknowledgements carry the life that they belong to, so that those of
   an earlier one neither count nor speak: what was acknowledged is over, and repeats begin with their first step.
2. Corrections (pins), the verdict "false alarm" and the reason of the end stay with the life that had them, in
   `Event.earlier_lives`, where they can be read.
3. A key that its source ended opens again for a new date only (news that repeat themselves are none). One that an admin
   kept away until a date, or that its source had taken back, opens again without.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from events.enums import CloseKind, Status
from events.models import Event, KeySuppression, plain_events

_LISTED_AGAIN_WITHIN = timedelta(days=7)


def begin_life(event: Event, now: datetime, *, opened_at: datetime, seen_at: datetime, resumed: bool = False) -> None:
    """Open a closed event anew, not saved. What its source says of it is written by the caller.

    resumed: the same episode goes on, such as a coin that leaves its peg again within a day: whoever was told of it
    needs as few repeats as if it had never stopped. Nobody has it in hand, and nothing is pinned, all the same.
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


def may_return(previous: Event, suppression: KeySuppression | None) -> str:
    """Why a closed event may open again without a new date; "" where it may not.

    suppression: of its key, run out by now; None where there is none, or an admin has lifted it.
    """
    if previous.close_kind == CloseKind.RETRACTED:
        return "its source lists it again"
    by_hand = previous.close_kind == CloseKind.BY_HAND
    # Of an event that an earlier release closed only this tells who closed it.
    if not previous.close_kind:
        by_hand = suppression is not None and suppression.made_at == previous.closed_at
    return "the time for which an admin kept it away is over" if by_hand else ""


def was_ended_by_its_source(natural_key: str) -> None:
    """A source ends what an admin had closed, or it had taken back, before: there is nothing to open again later."""
    may_open = [CloseKind.BY_HAND, CloseKind.RETRACTED]
    closed = Event.objects.non_polymorphic().filter(natural_key=natural_key, close_kind__in=may_open)
    # The check first: an UPDATE of nothing would still make the view be refreshed.
    if closed.exists():
        closed.update(close_kind=CloseKind.SOURCE)


def may_come_back(source: str, now: datetime) -> list[Event]:
    """Closed events of a source that may open again without being news: those that an admin kept away until a time that
    has passed by now, and those that the source took back within the last week.

    For a source that tells its news once: it must look at these again. Newest first; none that is over by its expiry.
    """
    suppressed = KeySuppression.objects.filter(natural_key=OuterRef("natural_key")).filter(
        Q(until=None) | Q(until__gt=now)
    )
    newer = plain_events().filter(natural_key=OuterRef("natural_key"), pk__gt=OuterRef("pk"))
    taken_back = Q(close_kind=CloseKind.RETRACTED, closed_at__gt=now - _LISTED_AGAIN_WITHIN)
    events = Event.objects.filter(
        Q(close_kind=CloseKind.BY_HAND) | taken_back,
        Q(valid_until=None) | Q(valid_until__gt=now),
        source=source,
        status=Status.CLOSED,
    )
    return list(events.exclude(Exists(suppressed)).exclude(Exists(newer)).order_by("-published_at", "-id"))
