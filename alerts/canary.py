"""The canary: once a day every channel gets a card that is marked as a drill, so that silence is not taken for calm.

It goes the whole way of an alert, with its retries and its record. Off unless ALERT_CANARY_AT says when.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from alerts import outbox
from alerts.models import Alert
from alerts.receivers import all_receivers
from alerts.routes import NOTICE_URGENCY
from events.enums import AlertReason

if TYPE_CHECKING:
    from crypto_ews.conf import Config

# A daemon that was away at the hour makes up for it, but not in the middle of the night after.
LATE_BY = timedelta(hours=6)


def due_at(canary_at: str, now: datetime) -> datetime | None:
    """The last moment at which a drill was due, or None where there is none to make up for."""
    if not canary_at:
        return None
    at = datetime.combine(now.date(), time.fromisoformat(canary_at), tzinfo=now.tzinfo)
    if at > now:
        at -= timedelta(days=1)
    return at if now - at <= LATE_BY else None


def queue_if_due(config: Config, now: datetime) -> int:
    """Queue today's drill for every channel that has not had it; how many were queued. Run by the leader alone."""
    at = due_at(config.canary_at, now)
    if at is None:
        return 0
    day = f"{at:%Y-%m-%d}"
    with transaction.atomic():
        told = Alert.objects.filter(reason=AlertReason.TEST, queued_at__gte=at, detail__drill=day)
        had = set(told.values_list("channel", flat=True))
        channels = [channel for channel in all_receivers(config) if channel not in had]
        for channel in channels:
            outbox.queue(
                event_id=None,
                reason=AlertReason.TEST,
                revision=1,
                channel=channel,
                urgency=NOTICE_URGENCY,
                detail={"drill": day, "notice": _notice(channel, day)},
                now=now,
            )
    return len(channels)


def _notice(channel: str, day: str) -> dict[str, object]:
    text = (
        f"The daily test of the channel {channel} for {day}: nothing has happened, and nothing is to be done. "
        "If it does not come one day, alerts do not come either."
    )
    return {"title": "DRILL · this is not an alert", "text": text, "good": True}
