"""From an alert row to what it says now: the only place where sending reads events and the watch lists."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from alerts.digest_content import load_digest
from alerts.message import Message, Notice
from alerts.models import Alert
from alerts.summary import summarize
from events.kinds import AlertReason
from events.models import Event
from markets.watch import effective_watch_lists

if TYPE_CHECKING:
    from crypto_ews.conf import Config


def load_message(alert: Alert, config: Config, now: datetime, shrunk: bool) -> Message:
    """The message of an alert as its event stands now."""
    if alert.reason == AlertReason.DIGEST:
        return Message(load_digest(alert), now, config.public_base_url, shrunk)
    if alert.event_id is None:
        return Message(_notice(alert), now, config.public_base_url, shrunk)
    event = cast(Event, Event.objects.non_polymorphic().get(pk=alert.event_id))
    reasons = [*alert.detail.get("said", ()), alert.reason]
    summary = summarize(
        event, list(event.effects.all()), effective_watch_lists(config), reasons, alert.detail.get("changes", {})
    )
    return Message(summary, now, config.public_base_url, shrunk)


def fallback_message(alert: Alert, config: Config, now: datetime) -> Message:
    """For an event that cannot be rendered: that it is there, and where to look."""
    title = Event.objects.non_polymorphic().filter(pk=alert.event_id).values_list("title", flat=True).first()
    text = "Its card could not be made; the log has the reason. Look at the event itself."
    return Message(Notice(title or "An alert", text, event_id=alert.event_id), now, config.public_base_url, True)


def _notice(alert: Alert) -> Notice:
    if alert.reason == AlertReason.TEST:
        text = f"This is a test of the channel {alert.channel}, sent on request. Nothing has happened."
        return Notice("Test alert", text, good=True)
    notice = alert.detail.get("notice", {})
    return Notice(notice.get("title", "Notice"), notice.get("text", ""), bool(notice.get("good")))
