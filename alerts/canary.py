"""The canary: a daily test card in every channel proves that the channel delivers.

The card takes the full path of an alert, with retries and attempt records. It is off unless ALERT_CANARY_AT is set.
In the channels of operations events it also has the number of undecided reviews.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from alerts import outbox
from alerts.models import Alert
from alerts.outbox import NewAlert
from alerts.receivers import all_receivers
from alerts.review_cards import waiting_line
from alerts.routes import NOTICE_URGENCY
from events.enums import AlertReason

if TYPE_CHECKING:
    from crypto_ews.conf import Config

# A daemon that was down at the hour catches up, but not in the middle of the following night.
LATE_BY = timedelta(hours=6)


def due_at(canary_at: str, now: datetime) -> datetime | None:
    """When the latest canary was due, or None if it is not due or too late to catch up. canary_at: "HH:MM", or ""."""
    if not canary_at:
        return None
    at = datetime.combine(now.date(), time.fromisoformat(canary_at), tzinfo=now.tzinfo)
    if at > now:
        at -= timedelta(days=1)
    return at if now - at <= LATE_BY else None


def queue_if_due(config: Config, now: datetime) -> int:
    """Queue the canary in every channel that has not had today's; the number queued. Only the leader runs this."""
    at = due_at(config.canary_at, now)
    if at is None:
        return 0
    day = f"{at:%Y-%m-%d}"
    with transaction.atomic():
        queued = Alert.objects.filter(reason=AlertReason.TEST, queued_at__gte=at, detail__drill=day)
        done = set(queued.values_list("channel", flat=True))
        # One without alerts gets risk messages, whose heartbeats are its canary.
        channels = [name for name, receiver in all_receivers(config).items() if receiver.follows and name not in done]
        for channel in channels:
            detail = {"drill": day, "notice": _notice(channel, day, waiting_line(channel, now))}
            outbox.queue(NewAlert(channel, AlertReason.TEST, NOTICE_URGENCY, detail=detail), now)
    return len(channels)


def _notice(channel: str, day: str, waiting: str) -> dict[str, object]:
    """waiting: what people have to do all the same, or ""."""
    needed = waiting or "Nothing has happened and no action is needed."
    text = (
        f"The daily test of the channel {channel} for {day}. {needed} "
        "If this card is missing one day, alerts are not delivered either."
    )
    return {"title": "DRILL · this is not an alert", "text": text, "good": True}
