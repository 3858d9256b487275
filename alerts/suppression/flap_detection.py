"""Flap detection: an event that closes and opens again and again under one key is alerted once as flapping.

1. Up to two ends within `WINDOW`, every alert is sent. The next reopening is sent too, with a card marked as flapping.
2. Later reopenings are deferred, unless one is worse than every alert sent in the window. An event that stays open
   for `LASTS` is released: it no longer flaps.
3. The end of a flapping event is deferred until the event has stayed closed for `STABLE_AFTER`.
4. Alerts that get worse or turn are never deferred, nor is a kind of event whose ends are not alerted (a price move).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from alerts.models import Alert
from alerts.verdicts import FLAPS, WORSENINGS, SuppressionReason
from events.enums import AlertReason

WINDOW = timedelta(hours=24)
LASTS = timedelta(hours=1)
STABLE_AFTER = timedelta(hours=6)
ENDS_BEFORE_FLAPPING = 2


@dataclass(frozen=True)
class PastNotification:
    """An alert under the same key within the window. marked_flapping: its card says so. life: of the event then."""

    event_id: int
    reason: str
    muted_by: str
    severity: int
    marked_flapping: bool
    deferred: bool
    life: int = 1

    @property
    def visible(self) -> bool:
        return not self.muted_by


@dataclass(frozen=True)
class FlapDecision:
    """decision: `new`, `flaps` (sent, with the number of openings in `times`), `worse`, `damped` or `untold`."""

    decision: str
    reason: str = ""
    times: int = 0


def history(natural_key: str, now: datetime) -> list[PastNotification]:
    """The alerts of a key within the window, oldest first, one per alert whatever its number of channels.

    Deferred alerts are included whatever their age.
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
            # An end that a silence defers does not mean that the opening is undelivered.
            state == Alert.State.DEFERRED and muted_by != SuppressionReason.SILENCE,
            life,
        )
    return list(found.values())


def evaluate_flapping(
    reason: str, severity: int, event_id: int, past: Sequence[PastNotification], life: int = 1
) -> FlapDecision:
    """Decide about an alert from the past alerts of its key. Pure.

    life: of the event; an alert of an earlier life is no opening of this one.
    """
    if reason in WORSENINGS:
        return FlapDecision("new", "an alert that gets worse is always sent")
    if reason == AlertReason.OPENED:
        return _evaluate_reopening(severity, past)
    of_event = [alert for alert in past if (alert.event_id, alert.life) == (event_id, life)]
    opening = next((alert for alert in reversed(of_event) if alert.reason == AlertReason.OPENED), None)
    if opening is not None and _waits(opening, past):
        if reason == AlertReason.CLOSED:
            return FlapDecision("untold", "its opening was not delivered")
        if opening.muted_by == SuppressionReason.FLAPPING:
            return FlapDecision("damped", "flapping; its reopening was not sent")
    if reason == AlertReason.CLOSED and _is_marked_flapping(past):
        return FlapDecision("damped", f"flapping; sent once it has stayed closed for {_hours(STABLE_AFTER)}")
    return FlapDecision("new")


def _evaluate_reopening(severity: int, past: Sequence[PastNotification]) -> FlapDecision:
    ends = sum(alert.reason == AlertReason.CLOSED for alert in past)
    if ends < ENDS_BEFORE_FLAPPING:
        return FlapDecision("new")
    often = f"opened {ends + 1} times within {_hours(WINDOW)}"
    if not _is_marked_flapping(past):
        return FlapDecision("flaps", often, ends + 1)
    if severity > max((alert.severity for alert in past if alert.visible), default=0):
        return FlapDecision("worse", f"{often}, worse than every alert sent")
    return FlapDecision("damped", f"{often}, already marked as flapping")


def _waits(opening: PastNotification, past: Sequence[PastNotification]) -> bool:
    """Whether an opening is deferred, as itself or in a later alert that superseded it."""
    of_event = [alert for alert in past if (alert.event_id, alert.life) == (opening.event_id, opening.life)]
    later = any(alert.deferred for alert in of_event)
    return opening.deferred or (not opening.visible and later)


def _is_marked_flapping(past: Sequence[PastNotification]) -> bool:
    return any(alert.marked_flapping and alert.visible for alert in past)


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g} h"
