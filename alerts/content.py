"""From an alert row to what it says now: the only place where sending reads events and the watch lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.digest_content import load_digest
from alerts.flapping import FLAPS
from alerts.message import Message, Notice
from alerts.models import Alert
from alerts.summary import summarize
from events.kinds import AlertReason
from events.models import Effect, Event, plain_events
from markets.watch import WatchLists, effective_watch_lists

if TYPE_CHECKING:
    from crypto_ews.conf import Config


@dataclass(frozen=True)
class Read:
    """What the messages of some alerts are made of, as it stood when they were claimed."""

    events: Mapping[int, Event]
    effects: Mapping[int, Sequence[Effect]]
    watch: WatchLists


def read_for(alerts: Sequence[Alert], config: Config) -> Read:
    """Three queries, for however many alerts."""
    ids = {alert.event_id for alert in alerts if alert.event_id is not None}
    events = {event.pk: event for event in plain_events().filter(pk__in=ids)}
    effects: dict[int, list[Effect]] = {}
    for effect in Effect.objects.filter(event__in=ids):
        effects.setdefault(effect.event_id, []).append(effect)
    return Read(events, effects, effective_watch_lists(config))


def load_message(alert: Alert, config: Config, now: datetime, shrunk: bool, read: Read | None = None) -> Message:
    """The message of an alert as its event stands now, or as it was read for a batch a moment ago."""
    if alert.reason == AlertReason.DIGEST:
        return Message(load_digest(alert), now, config.public_base_url, shrunk)
    if alert.event_id is None:
        return Message(_notice(alert), now, config.public_base_url, shrunk)
    read = read or read_for([alert], config)
    event = read.events[alert.event_id]
    reasons = [*alert.detail.get("said", ()), alert.reason]
    changes = alert.detail.get("changes", {})
    effects, flaps = read.effects.get(event.pk, []), alert.detail.get(FLAPS, 0)
    summary = summarize(event, effects, read.watch, reasons, changes, flaps)
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
