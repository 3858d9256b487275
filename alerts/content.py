"""From an alert row to what it says now: the only place where sending reads events and the watch lists."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from alerts import acknowledging, links
from alerts.message import ActLink, Message, Notice
from alerts.models import Alert
from alerts.summary import EventSummary, summarize
from events.kinds import AlertReason, Status
from events.models import Event
from markets.watch import effective_watch_lists

if TYPE_CHECKING:
    from crypto_ews.conf import Config


def load_message(alert: Alert, config: Config, now: datetime, shrunk: bool, with_links: bool = True) -> Message:
    """The message of an alert as its event stands now.

    with_links: with what a reader can do about it at one click; a preview goes without, as a link is an authority.
    """
    if alert.event_id is None:
        return _message(_notice(alert), alert, config, now, shrunk)
    event = cast(Event, Event.objects.non_polymorphic().get(pk=alert.event_id))
    reasons = [*alert.detail.get("said", ()), alert.reason]
    summary = summarize(
        event, list(event.effects.all()), effective_watch_lists(config), reasons, alert.detail.get("changes", {})
    )
    in_hand = acknowledging.in_hand_text(event.pk)
    acts: tuple[ActLink, ...] = ()
    if event.status == Status.OPEN:
        acts = (
            links.act_links(event.pk, alert.channel, config.public_base_url, now, config.link_hours)
            if with_links
            else links.links_without_effect(config.public_base_url)
        )
        if acknowledging.standing(event.pk):
            acts = tuple(link for link in acts if link.act != "acknowledge")
    return _message(summary, alert, config, now, shrunk, acts, in_hand)


def fallback_message(alert: Alert, config: Config, now: datetime) -> Message:
    """For an event that cannot be rendered: that it is there, and where to look."""
    title = Event.objects.non_polymorphic().filter(pk=alert.event_id).values_list("title", flat=True).first()
    text = "Its card could not be made; the log has the reason. Look at the event itself."
    return _message(Notice(title or "An alert", text, event_id=alert.event_id), alert, config, now, True)


def _message(
    content: EventSummary | Notice,
    alert: Alert,
    config: Config,
    now: datetime,
    shrunk: bool,
    acts: tuple[ActLink, ...] = (),
    in_hand: str = "",
) -> Message:
    # An alert that is sent again by hand is another message; its retries are the same one.
    again = alert.detail.get("restarted_at")
    key = f"alert-{alert.pk}" + (f"-{int(datetime.fromisoformat(again).timestamp())}" if again else "")
    return Message(content, now, config.public_base_url, shrunk, alert.channel, key, acts, in_hand)


def _notice(alert: Alert) -> Notice:
    if alert.reason == AlertReason.TEST and "notice" not in alert.detail:
        text = f"This is a test of the channel {alert.channel}, sent on request. Nothing has happened."
        return Notice("Test alert", text, good=True)
    notice = alert.detail.get("notice", {})
    return Notice(notice.get("title", "Notice"), notice.get("text", ""), bool(notice.get("good")))
