"""The end of holding back: what was held is told when its cause has gone, if its event still stands.

What ended while it was silenced is told when the silence ends: else the desk goes on believing what it last heard.
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
    """Tell what was held back and still stands when its cause has gone, and let the rest end; how many are told."""
    told = 0
    current = silences.in_force(now)
    with transaction.atomic():
        for alert in _deferred().select_for_update(skip_locked=True, no_key=True, of=("self",)):
            match _decide(alert, current, now):
                case None:
                    continue
                case ("over", why):
                    transitions.cancel(alert, transitions.stage_of(alert), SuppressionReason.OVER, why, now)
                case (_, why):
                    told += _release_or_resuppress(alert, why, now)
    return told


def _release_or_resuppress(alert: Alert, why: str, now: datetime) -> int:
    """Tell what was held back unless something else keeps it from being told by now; 1 if it is told."""
    event = alert.event
    effects = list(event.effects.all()) if event is not None else []
    if event is not None and (silence := silences.matching(event, effects, silences.effective_reason(alert), now)):
        transitions.silence(alert, silence.pk, str(silence), now)
        return 0
    if event is not None and not is_over(event) and (by := inhibitor_of(event, effects)):
        transitions.defer(alert, by.reason, by.event_id, f"{by.title} (event {by.event_id})", now)
        return 0
    transitions.release(alert, why, now)
    return 1


def _decide(alert: Alert, current: Sequence[Silence], now: datetime) -> tuple[str, str] | None:
    """("told", why) or ("over", why) where the cause has gone, else None. standing: the silences in force."""
    event = alert.event
    if event is None:
        return "over", "its event is gone"
    if alert.muted_by == SuppressionReason.SILENCE:
        return _of_silenced(alert, event, current, now)
    is_current = event.status == Status.OPEN and event.life == alert.life
    if alert.reason == AlertReason.CLOSED:
        if event.status == Status.OPEN or (event.closed_at is not None and event.closed_at > alert.queued_at):
            return "over", "its event opened again"
        return ("told", "it has stayed away") if now - alert.queued_at >= flap_detection.STABLE_AFTER else None
    if not is_current:
        return "over", "its event was over before it could be told"
    if alert.muted_by == SuppressionReason.FLAPPING:
        return ("told", "it lasts") if now - alert.queued_at >= flap_detection.LASTS else None
    if alert.inhibitor is None or alert.inhibitor.status != Status.OPEN:
        return "told", "what explained it is over"
    if inhibitor_of(event, list(event.effects.all())) is None:
        return "told", "what explained it does so no longer"
    return None


def _of_silenced(alert: Alert, event: Event, current: Sequence[Silence], now: datetime) -> tuple[str, str] | None:
    """Of the end of an event that a silence hid."""
    if not is_over(event) or (event.closed_at is not None and event.closed_at > alert.queued_at):
        return "over", "its event opened again"
    effects = list(event.effects.all())
    silent = silences.match(current, event, effects, silences.effective_reason(alert), silences.names_at(now))
    return None if silent else ("told", "the silence is over")


def due(now: datetime) -> Iterator[datetime]:
    """When `settle` has something to do, as far as it can be known ahead."""
    current = silences.in_force(now)
    for alert in _deferred():
        if _decide(alert, current, now) is not None:
            yield now
        elif alert.muted_by == SuppressionReason.SILENCE:
            yield alert.silence.until if alert.silence is not None else now
        elif alert.muted_by == SuppressionReason.FLAPPING:
            ends = alert.reason == AlertReason.CLOSED
            yield alert.queued_at + (flap_detection.STABLE_AFTER if ends else flap_detection.LASTS)


def _deferred() -> QuerySet[Alert]:
    held = Alert.objects.filter(state=Alert.State.DEFERRED).order_by("id")
    return held.select_related("event", "inhibitor", "silence").prefetch_related("event__effects")
