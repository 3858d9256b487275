"""From an alert row to what it says now: the only place where sending reads events and the watch lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from alerts import acknowledging, links
from alerts.digest_content import load_digest
from alerts.flapping import FLAPS
from alerts.message import ActLink, Digest, Message, Notice
from alerts.models import Acknowledgement, Alert
from alerts.summary import EventSummary, summarize
from events.kinds import AlertReason, Status
from events.models import Effect, Event, plain_events
from markets.instruments import listed_instruments
from markets.knowledge import InstrumentRow
from markets.watch import WatchLists, effective_watch_lists

if TYPE_CHECKING:
    from crypto_ews.conf import Config


@dataclass(frozen=True)
class Read:
    """What the messages of some alerts are made of, as it stood when they were claimed. hands: the latest of each.

    listed: (venue, symbol) → the instrument, of those that the effects name.
    """

    events: Mapping[int, Event]
    effects: Mapping[int, Sequence[Effect]]
    hands: Mapping[int, Acknowledgement]
    watch: WatchLists
    listed: Mapping[tuple[str, str], InstrumentRow]


def read_for(alerts: Sequence[Alert], config: Config) -> Read:
    """Five queries, for however many alerts."""
    ids = {alert.event_id for alert in alerts if alert.event_id is not None}
    events = {event.pk: event for event in plain_events().filter(pk__in=ids)}
    effects: dict[int, list[Effect]] = {}
    for effect in Effect.objects.filter(event__in=ids):
        effects.setdefault(effect.event_id, []).append(effect)
    named = {ticker for found in effects.values() for effect in found for ticker in effect.tickers}
    return Read(events, effects, acknowledging.latest(ids), effective_watch_lists(config), listed_instruments(named))


def load_message(
    alert: Alert, config: Config, now: datetime, shrunk: bool, read: Read | None = None, with_links: bool = True
) -> Message:
    """The message of an alert as its event stands now, or as it was read for a batch a moment ago.

    with_links: with what a reader can do about it at one click; a preview goes without, as a link is an authority.
    """
    if alert.reason == AlertReason.DIGEST:
        return _message(load_digest(alert), alert, config, now, shrunk)
    if alert.event_id is None:
        return _message(_notice(alert), alert, config, now, shrunk)
    read = read or read_for([alert], config)
    event, hand = read.events[alert.event_id], read.hands.get(alert.event_id)
    reasons = [*alert.detail.get("said", ()), alert.reason]
    changes = alert.detail.get("changes", {})
    effects, flaps = read.effects.get(event.pk, []), alert.detail.get(FLAPS, 0)
    summary = summarize(event, effects, read.watch, reasons, changes, flaps, read.listed)
    acts: tuple[ActLink, ...] = ()
    if event.status == Status.OPEN:
        acts = (
            links.act_links(event.pk, alert.channel, config.public_base_url, now, config.link_hours)
            if with_links
            else links.links_without_effect(config.public_base_url)
        )
        if hand is not None and hand.ended_at is None:
            acts = tuple(link for link in acts if link.act != "acknowledge")
    return _message(summary, alert, config, now, shrunk, acts, acknowledging.in_hand_text(hand))


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
    return Notice(notice.get("title", "Notice"), notice.get("text", ""), bool(notice.get("good")))
