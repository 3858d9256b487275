"""Releases deferred alerts once nothing suppresses them any more, if their event is still open.

The end of a silenced event is released when the silence ends: else readers would go on acting on its opening card.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from alerts.models import Alert, Silence
from alerts.rendering.summary import is_over
from alerts.suppression import flap_detection, silences, transitions
from alerts.suppression.inhibition import inhibitor_of
from alerts.verdicts import SuppressionReason
from events.enums import AlertReason, Status
from events.models import Event


def release_due(now: datetime) -> int:
    """Release every deferred alert whose cause is gone, and cancel those whose event is over; the number released."""
    released = 0
    active = silences.in_force(now)
    with transaction.atomic():
        for alert in _deferred().select_for_update(skip_locked=True, no_key=True, of=("self",)):
            match _decide(alert, active, now):
                case None:
                    continue
                case ("over", why):
                    transitions.cancel(alert, transitions.stage_of(alert), SuppressionReason.OVER, why, now)
                case (_, why):
                    released += release_or_suppress(alert, why, now)
    return released


def release_or_suppress(alert: Alert, why: str, now: datetime) -> int:
    """Release an alert unless a silence or another event suppresses it by now; 1 if it was released."""
    event = alert.event
    effects = list(event.effects.all()) if event is not None else []
    if event is not None and (silence := silences.matching(event, effects, silences.effective_reason(alert), now)):
        transitions.silence(alert, silence.pk, str(silence), now)
        return 0
    if event is not None and not is_over(event) and (by := inhibitor_of(event, effects)):
        transitions.defer(alert, by.reason, by.event_id, by.why, now)
        return 0
    transitions.release(alert, why, now)
    return 1


def _decide(alert: Alert, active: Sequence[Silence], now: datetime) -> tuple[str, str] | None:
    """("release", why) or ("over", why) if the cause is gone, else None. active: the silences in force."""
    event = alert.event
    if event is None:
        return "over", "its event is deleted"
    if alert.muted_by == SuppressionReason.SILENCE:
        return _decide_silenced(alert, event, active, now)
    if alert.reason == AlertReason.CLOSED:
        if event.status == Status.OPEN or (event.closed_at is not None and event.closed_at > alert.queued_at):
            return "over", "its event opened again"
        stable = now - alert.queued_at >= flap_detection.STABLE_AFTER
        return ("release", "the event stayed closed") if stable else None
    if event.status != Status.OPEN or event.life != alert.life:
        return "over", "its event ended before the alert could be sent"
    if alert.muted_by == SuppressionReason.FLAPPING:
        return ("release", "the event lasts") if now - alert.queued_at >= flap_detection.LASTS else None
    if alert.inhibitor is None or alert.inhibitor.status != Status.OPEN:
        return "release", "the inhibiting event is over"
    if inhibitor_of(event, list(event.effects.all())) is None:
        return "release", "the inhibiting event no longer explains it"
    return None


def _decide_silenced(alert: Alert, event: Event, active: Sequence[Silence], now: datetime) -> tuple[str, str] | None:
    """The decision about the end of an event that a silence deferred."""
    if not is_over(event) or (event.closed_at is not None and event.closed_at > alert.queued_at):
        return "over", "its event opened again"
    effects = list(event.effects.all())
    match = silences.match(active, event, effects, silences.effective_reason(alert), silences.names_at(now))
    return None if match else ("release", "the silence is over")


def due(now: datetime) -> Iterator[datetime]:
    """When `release_due` next has something to do, as far as that is known ahead."""
    active = silences.in_force(now)
    for alert in _deferred():
        if _decide(alert, active, now) is not None:
            yield now
        elif alert.muted_by == SuppressionReason.SILENCE:
            yield alert.silence.until if alert.silence is not None else now
        elif alert.muted_by == SuppressionReason.FLAPPING:
            ends = alert.reason == AlertReason.CLOSED
            yield alert.queued_at + (flap_detection.STABLE_AFTER if ends else flap_detection.LASTS)


def _deferred() -> QuerySet[Alert]:
    rows = Alert.objects.filter(state=Alert.State.DEFERRED).order_by("id")
    return rows.select_related("event", "inhibitor", "silence").prefetch_related("event__effects")
