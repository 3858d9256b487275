"""The end of holding back: what was held is told when its cause has gone, if its event still stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from alerts import flapping, holding, silences
from alerts.candidate import Mute
from alerts.inhibition import inhibitor_of
from alerts.models import Alert
from events.kinds import AlertReason, Status


def settle(now: datetime) -> int:
    """Tell what was held back and still stands when its cause has gone, and let the rest end; how many are told."""
    told = 0
    with transaction.atomic():
        for alert in _held().select_for_update(skip_locked=True, no_key=True, of=("self",)):
            match _verdict(alert, now):
                case None:
                    continue
                case ("over", why):
                    holding.drop(alert, _stage(alert), Mute.OVER, why, now)
                case (_, why):
                    told += _tell_held(alert, why, now)
    return told


def _tell_held(alert: Alert, why: str, now: datetime) -> int:
    """Tell what was held back unless something else keeps it from being told by now; 1 if it is told."""
    event = alert.event
    effects = list(event.effects.all()) if event is not None else []
    if event is not None and (silence := silences.matching(event, effects, silences.gravest(alert), now)):
        holding.silence(alert, silence.pk, str(silence), now)
        return 0
    if event is not None and alert.reason != AlertReason.CLOSED and (by := inhibitor_of(event, effects)):
        holding.hold(alert, by.mute, by.event_id, f"{by.title} (event {by.event_id})", now)
        return 0
    holding.release(alert, why, now)
    return 1


def _stage(alert: Alert) -> str:
    return "dedup" if alert.muted_by == Mute.FLAPPING else "inhibit"


def _verdict(alert: Alert, now: datetime) -> tuple[str, str] | None:
    """("told", why) or ("over", why) where the cause has gone, else None."""
    event = alert.event
    if event is None:
        return "over", "its event is gone"
    stands = event.status == Status.OPEN and event.life == alert.life
    if alert.reason == AlertReason.CLOSED:
        if event.status == Status.OPEN or (event.closed_at is not None and event.closed_at > alert.queued_at):
            return "over", "its event opened again"
        return ("told", "it has stayed away") if now - alert.queued_at >= flapping.AWAY else None
    if not stands:
        return "over", "its event was over before it could be told"
    if alert.muted_by == Mute.FLAPPING:
        return ("told", "it lasts") if now - alert.queued_at >= flapping.LASTS else None
    if alert.inhibitor is None or alert.inhibitor.status != Status.OPEN:
        return "told", "what explained it is over"
    if inhibitor_of(event, list(event.effects.all())) is None:
        return "told", "what explained it does so no longer"
    return None


def due(now: datetime) -> Iterator[datetime]:
    """When `settle` has something to do, as far as it can be known ahead."""
    for alert in _held():
        if _verdict(alert, now) is not None:
            yield now
        elif alert.muted_by == Mute.FLAPPING:
            ends = alert.reason == AlertReason.CLOSED
            yield alert.queued_at + (flapping.AWAY if ends else flapping.LASTS)


def _held() -> QuerySet[Alert]:
    held = Alert.objects.filter(state=Alert.State.HELD).order_by("id")
    return held.select_related("event", "inhibitor").prefetch_related("event__effects")
