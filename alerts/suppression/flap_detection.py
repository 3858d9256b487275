"""Flap damping: what closes and opens again and again under one key is told once as flapping, and then damped.

1. Up to two ends within `WINDOW` all is told. The return after that is told too, and its card says that it flaps.
2. Further returns are held back, unless one is worse than anything told in that time. One that lasts for `LASTS` is
   told: what is no flap must not be hidden.
3. The end of a flapping event is held back until it has stayed away for `AWAY`.
4. What gets worse or turns is never damped, and neither is a kind of event whose ends nobody tells (a price move).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from alerts.models import Alert
from alerts.verdicts import FLAPS, SuppressionReason
from events.enums import AlertReason

WINDOW = timedelta(hours=24)
LASTS = timedelta(hours=1)
STABLE_AFTER = timedelta(hours=6)
ENDS_BEFORE_FLAPPING = 2

"""In `Alert.detail` of the card that says so: how often it has opened within the window."""

_NEVER_SUPPRESSED = frozenset({AlertReason.WORSE, AlertReason.TURNED})


@dataclass(frozen=True)
class PastNotification:
    """An alert under the same key within the window."""

    event_id: int
    reason: str
    muted_by: str
    severity: int
    marked_flapping: bool
    deferred: bool
    life: int = 1

    @property
    def delivered(self) -> bool:
        return not self.muted_by


@dataclass(frozen=True)
class FlapDecision:
    """decision: `new`, `flaps` (to be told with how often it opened), `worse`, `damped` or `untold`."""

    decision: str
    reason: str = ""
    times: int = 0


def history(natural_key: str, now: datetime) -> list[PastNotification]:
    """The alerts of a key within the window, oldest first; one for each, to however many channels it went.

    What is held back is among them however old it is.
    """
    rows = (
        Alert.objects.filter(
            Q(queued_at__gt=now - WINDOW) | Q(state=Alert.State.DEFERRED), event__natural_key=natural_key
        )
        .exclude(muted_by=SuppressionReason.RECEIVER_OFF)
        .order_by("id")
        .values_list("event_id", "reason", "revision", "state", "muted_by", "severity", "detail", "life")
    )
    found: dict[tuple[int | None, str, int], PastNotification] = {}
    for event_id, reason, revision, state, muted_by, severity, detail, life in rows:
        found[event_id, reason, revision] = PastNotification(
            event_id or 0,
            reason,
            muted_by,
            severity,
            FLAPS in detail,
            # An end that a silence keeps says nothing of the opening.
            state == Alert.State.DEFERRED and muted_by != SuppressionReason.SILENCE,
            life,
        )
    return list(found.values())


def evaluate_flapping(
    reason: str, severity: int, event_id: int, told: Sequence[PastNotification], life: int = 1
) -> FlapDecision:
    """What of an alert is damped, after what was told under its key within the window. Pure.

    life: of the event; what was told in an earlier one is no opening of this one.
    """
    if reason in _NEVER_SUPPRESSED:
        return FlapDecision("new", "what gets worse is always told")
    if reason == AlertReason.OPENED:
        return _evaluate_reopening(severity, told)
    own = [alert for alert in told if (alert.event_id, alert.life) == (event_id, life)]
    opening = next((alert for alert in reversed(own) if alert.reason == AlertReason.OPENED), None)
    if opening is not None and _waits(opening, told):
        if reason == AlertReason.CLOSED:
            return FlapDecision("untold", "nobody heard of its opening")
        if opening.muted_by == SuppressionReason.FLAPPING:
            return FlapDecision("damped", "it flaps, and its return was not told")
    if reason == AlertReason.CLOSED and _is_marked_flapping(told):
        return FlapDecision("damped", f"it flaps; told once it has stayed away for {_hours(STABLE_AFTER)}")
    return FlapDecision("new")


def _evaluate_reopening(severity: int, told: Sequence[PastNotification]) -> FlapDecision:
    ends = sum(alert.reason == AlertReason.CLOSED for alert in told)
    if ends < ENDS_BEFORE_FLAPPING:
        return FlapDecision("new")
    often = f"opened {ends + 1} times within {_hours(WINDOW)}"
    if not _is_marked_flapping(told):
        return FlapDecision("flaps", often, ends + 1)
    if severity > max((alert.severity for alert in told if alert.delivered), default=0):
        return FlapDecision("worse", f"{often}, but worse than all that was told")
    return FlapDecision("damped", f"{often}, and was said to flap")


def _waits(opening: PastNotification, told: Sequence[PastNotification]) -> bool:
    """Whether an opening is held back, itself or in a later alert that speaks for it."""
    own = [alert for alert in told if (alert.event_id, alert.life) == (opening.event_id, opening.life)]
    later = any(alert.deferred for alert in own)
    return opening.deferred or (not opening.delivered and later)


def _is_marked_flapping(told: Sequence[PastNotification]) -> bool:
    return any(alert.marked_flapping and alert.delivered for alert in told)


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g} h"
