"""The alert policy: which outcomes of the lifecycle become alerts, and where they go."""

from __future__ import annotations

from datetime import datetime

from alerts import outbox
from alerts.models import Alert, Silence
from alerts.routing import route
from events.kinds import Category, Priority
from events.models import Event
from events.registry import Outcome


def queue_alerts(outcome: Outcome, now: datetime) -> None:
    """Queue the alert of an outcome. Called by `events.lifecycle` in the transaction that wrote the event.

    Only high-priority events are told, and operations events, which are of low priority so that no bot sees them.
    """
    event = outcome.event
    if event is None or outcome.alert is None:
        return
    if event.priority != Priority.HIGH and event.category != Category.OPERATIONS:
        return
    channel, urgency = route(event.category, event.source)
    silence = matching_silence(event, now)
    outbox.queue(
        event_id=event.pk,
        reason=outcome.alert,
        revision=event.revision,
        channel=channel,
        urgency=urgency,
        detail={"changes": {field: list(pair) for field, pair in (outcome.changes or {}).items()}},
        now=now,
        state=Alert.State.SILENCED if silence else Alert.State.PENDING,
        silence_id=silence.pk if silence else None,
    )


def matching_silence(event: Event, now: datetime) -> Silence | None:
    """A silence that holds for the event.

    Silences by token must cover all of its tokens, else one token's silence hid another's news.
    """
    silences = [
        silence
        for silence in Silence.objects.filter(until__gt=now).order_by("-until")
        if silence.category in ("", event.category) and silence.source in ("", event.source)
    ]
    if not silences:
        return None
    for silence in silences:
        if not silence.token:
            return silence
    tokens = set(event.effects.values_list("token", flat=True))
    covered = {silence.token.upper() for silence in silences}
    return silences[0] if tokens and tokens <= covered else None
