"""Silences: alerts that match are kept without being sent."""

from __future__ import annotations

from datetime import datetime

from alerts.models import Silence
from events.models import Event


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
