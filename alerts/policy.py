"""The alert policy: which outcomes of the lifecycle become alerts, and in which state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alerts import notices, outbox
from alerts.models import Alert
from alerts.outbox import NewAlert
from alerts.rendering.blindness import is_grave
from alerts.rendering.summary import is_over
from alerts.routes import URGENT, channels
from alerts.suppression import acknowledgements
from alerts.suppression.inhibition import INHIBITORS, defer_waiting
from alerts.suppression.pipeline import evaluate_pipeline
from alerts.verdicts import AlertDraft, StageResult
from events.enums import Category, Priority
from events.models import Effect, Event
from events.outcomes import Outcome


def queue_alerts(outcome: Outcome, now: datetime) -> None:
    """Queue the alerts of an outcome. `events.lifecycle` calls this in the transaction that wrote the event.

    Alerts exist for high-priority events and for operations events, whose priority is low so that no bot sees them. An
    event that was lowered from high is alerted too: readers of its earlier card must learn that it needs no action.
    """
    event = outcome.event
    if event is None or outcome.alert is None:
        return
    lowered = (outcome.changes or {}).get("priority", ("",))[0] == Priority.HIGH
    if event.priority != Priority.HIGH and event.category != Category.OPERATIONS and not lowered:
        return
    ended_by = acknowledgements.ENDS_ACKNOWLEDGEMENT.get(outcome.alert)
    acknowledgement = acknowledgements.current(event.pk) if ended_by else None
    acknowledgements.expire(event.pk, outcome.alert, now)
    effects = list(event.effects.all())
    detail = {"correction": outcome.correction} if outcome.correction else None
    queue_for(event, outcome.alert, event.revision, now, effects=effects, changes=outcome.changes, detail=detail)
    if acknowledgement is not None and ended_by:
        notices.acknowledgement_expired(event, acknowledgement.by, ended_by, now)
    if event.category in INHIBITORS:
        defer_waiting(event, {effect.token for effect in effects}, now)


def queue_for(
    event: Event,
    reason: str,
    revision: int,
    now: datetime,
    *,
    effects: Sequence[Effect] | None = None,
    changes: Mapping[str, Sequence[object]] | None = None,
    only_channel: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Run an alert through the pipeline and queue a row per channel, whatever the disposition; the number of new rows.

    effects: of the event, where the caller has read them. only_channel: instead of the channels that the event is
    routed to. detail: extra facts for the card.

    The end of an event, and a correction of its category, go to every channel that was told of it as well: it may have
    been escalated there, or its category or the receiver led elsewhere then. Who was woken is told that it is over.
    """
    draft = AlertDraft(event, list(event.effects.all()) if effects is None else effects, reason, revision)
    results = evaluate_pipeline(draft, now)
    card_facts = {key: value for result in results for key, value in result.card_facts.items()}
    routes = channels(event.category, event.source)
    if only_channel is not None:
        routes = [(only_channel, routes[0][1])]
    elif is_over(event) or "category" in (changes or {}):
        known = {channel for channel, _ in routes}
        routes = [*routes, *((channel, routes[0][1]) for channel in _notified_of(event) if channel not in known)]
    if is_grave(event):
        routes = [(channel, max(urgency, URGENT)) for channel, urgency in routes]
    queued = [
        outbox.queue(
            NewAlert(
                channel,
                reason,
                urgency,
                event_id=event.pk,
                revision=revision,
                detail={
                    "changes": {column: list(pair) for column, pair in (changes or {}).items()},
                    **(detail or {}),
                    **card_facts,
                },
                severity=draft.severity,
                results=[StageResult("route", "routed", channel), *results],
            ),
            now,
        )
        for channel, urgency in routes
    ]
    return sum(alert_id is not None for alert_id in queued)


def _notified_of(event: Event) -> list[str]:
    """The channels that had alerts of the event since it was told as new."""
    alerts = Alert.objects.filter(event=event.pk, life__gte=event.told_since_life, muted_by="")
    return sorted(alerts.order_by().values_list("channel", flat=True).distinct())
