"""The alert policy: which outcomes of the lifecycle become alerts, and what the pipeline makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alerts import notices, outbox
from alerts.routes import channels
from alerts.suppression import acknowledgements
from alerts.suppression.inhibition import INHIBITORS, hold_waiting
from alerts.suppression.pipeline import judge
from alerts.verdicts import Candidate, StageResult
from events.enums import Category, Priority
from events.models import Effect, Event
from events.outcomes import Outcome


def queue_alerts(outcome: Outcome, now: datetime) -> None:
    """Queue the alert of an outcome. Called by `events.lifecycle` in the transaction that wrote the event.

    Only high-priority events are told, and operations events, which are of low priority so that no bot sees them. That
    an event was lowered is told too: whoever heard of it must hear that it demands nothing any more.
    """
    event = outcome.event
    if event is None or outcome.alert is None:
        return
    lowered = (outcome.changes or {}).get("priority", ("",))[0] == Priority.HIGH
    if event.priority != Priority.HIGH and event.category != Category.OPERATIONS and not lowered:
        return
    hand = acknowledgements.standing(event.pk) if outcome.alert in acknowledgements.LAPSES_WITH else None
    acknowledgements.lapse(event.pk, outcome.alert, now)
    effects = list(event.effects.all())
    queue_for(event, outcome.alert, event.revision, now, effects=effects, changes=outcome.changes)
    if hand is not None:
        notices.lapsed(event, hand.by, acknowledgements.LAPSES_WITH[outcome.alert], now)
    if event.category in INHIBITORS:
        hold_waiting(event, {effect.token for effect in effects}, now)


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
    """Let an alert of an event pass the stages and queue a row for each channel, told or not; how many were new.

    effects: of the event, where they have been read. only_channel: for this one instead of those that the event is
    routed to. detail: further facts for the card.
    """
    candidate = Candidate(event, list(event.effects.all()) if effects is None else effects, reason, revision)
    verdicts = judge(candidate, now)
    last = verdicts[-1]
    says: dict[str, Any] = {key: value for verdict in verdicts for key, value in verdict.says.items()}
    routes = channels(event.category, event.source)
    if only_channel is not None:
        routes = [(only_channel, routes[0][1])]
    fresh = 0
    for channel, urgency in routes:
        decisions = [StageResult("route", "routed", channel), *verdicts]
        alert_id = outbox.queue(
            event_id=event.pk,
            reason=reason,
            revision=revision,
            channel=channel,
            urgency=urgency,
            detail={
                "changes": {field: list(pair) for field, pair in (changes or {}).items()},
                **(detail or {}),
                **says,
            },
            now=now,
            state=last.fate.value,
            silence_id=last.silence_id,
            inhibitor_id=last.inhibitor_id,
            muted_by=last.muted_by,
            severity=candidate.severity,
            verdicts=decisions,
        )
        fresh += alert_id is not None
    return fresh
