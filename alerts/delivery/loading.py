"""From an alert row to the message that it is now, by what is stored of its event."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from alerts.deferral import deferral_of
from alerts.delivery.digest_content import load_digest
from alerts.delivery.former_life import end_of_former_life
from alerts.delivery.stored import Read, read_for
from alerts.models import Alert
from alerts.rendering import links
from alerts.rendering.message import ActLink, Digest, Message, Notice
from alerts.rendering.summary import EventSummary
from alerts.suppression import acknowledgements
from events.enums import AlertReason, Status
from events.models import Event

if TYPE_CHECKING:
    from crypto_ews.conf import Config

__all__ = ["Read", "fallback_message", "load_message", "read_for"]


def load_message(
    alert: Alert, config: Config, now: datetime, shrunk: bool, read: Read | None = None, with_links: bool = True
) -> Message:
    """The message of an alert as its event stands now, or as it was read for a batch a moment ago.

    with_links: with what a reader can do about it at one click; a preview goes without, as a link is an authority.
    """
    if alert.event_id is None and alert.reason != AlertReason.DIGEST:
        return _message(_notice(alert), alert, config, now, shrunk)
    read = read or read_for([alert], config)
    if alert.reason == AlertReason.DIGEST:
        return _message(load_digest(alert, read, now), alert, config, now, shrunk)
    assert alert.event_id is not None
    event, hand = read.events[alert.event_id], read.hands.get(alert.event_id)
    if ended := end_of_former_life(alert, event):
        notice = Notice(f"Closed: {event.title}", f"{ended}.", event_id=event.pk)
        return _message(notice, alert, config, now, shrunk)
    reasons = [*alert.detail.get("said", ()), alert.reason]
    summary = read.summary(event, reasons, alert.detail, deferral_of(alert, now))
    acts: tuple[ActLink, ...] = ()
    if event.status == Status.OPEN:
        acts = (
            links.act_links(event.pk, alert.channel, config.public_base_url, now, config.link_hours)
            if with_links
            else links.links_without_effect(config.public_base_url)
        )
        if hand is not None and hand.ended_at is None:
            acts = tuple(link for link in acts if link.act != "acknowledge")
    return _message(summary, alert, config, now, shrunk, acts, acknowledgements.in_hand_text(hand))


def fallback_message(alert: Alert, config: Config, now: datetime) -> Message:
    """For an event that cannot be rendered: that it is there, and where to look."""
    title = Event.objects.non_polymorphic().filter(pk=alert.event_id).values_list("title", flat=True).first()
    text = "Its card could not be made; the log has the reason. Look at the event itself."
    return _message(Notice(title or "An alert", text, event_id=alert.event_id), alert, config, now, True)


def _message(
    content: EventSummary | Notice | Digest,
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
    lines = notice.get("lines", [])
    if len(lines) == 1:
        return Notice(lines[0], "", bool(notice.get("good")))
    title = f"{len(lines)} {notice.get('title', '')}" if lines else notice.get("title", "Notice")
    return Notice(title, notice.get("text", ""), bool(notice.get("good")), lines=tuple(lines))
