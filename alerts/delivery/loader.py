"""Loads the message of an alert row from the stored state of its event; a digest's from those of its members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.deferral import deferral_of
from alerts.delivery.context import DeliveryContext, load_context
from alerts.delivery.incident_state import is_acknowledged, with_state
from alerts.models import Alert
from alerts.rendering import links
from alerts.rendering.cards.digest_card import in_order, line_of
from alerts.rendering.message import ActLink, Digest, DigestLine, Message, Notice, Unanswered
from alerts.rendering.summary import EventSummary, is_over
from alerts.suppression import acknowledgements
from crypto_ews.conf import get_config
from crypto_ews.ui.text import span, utc_text
from events.enums import AlertReason, Status
from events.models import Event, plain_events

if TYPE_CHECKING:
    from crypto_ews.conf import Config

MOST_LINES_WITH_LINKS = 25
"""Lines of a digest with links of their own. For a longer one the page of the links for all lets one choose."""


def load_message(
    alert: Alert,
    config: Config,
    now: datetime,
    shrunk: bool,
    context: DeliveryContext | None = None,
    with_links: bool = True,
    positions: bool = False,
) -> Message:
    """The message of an alert from the current state of its event, or from `context`, read for a batch a moment ago.

    with_links: with one-click links that work. A preview has none, as a link authorizes anybody who has it.
    positions: whether a context that is read here has positions of the desk.
    """
    if alert.event_id is None and alert.reason != AlertReason.DIGEST:
        released = _released_cards(alert, config, now)
        return replace(_message(_of_now(_notice(alert)), alert, config, now, shrunk), released=released)
    context = context or load_context([alert], config, positions)
    if alert.reason == AlertReason.DIGEST:
        digest = load_digest(alert, context, now, config, with_links)
        listed = {line.event_id: line.reasons for line in digest.lines}
        on_all = _acts_on_all(alert, digest, config, now, with_links)
        return with_state(_message(digest, alert, config, now, shrunk, on_all), listed, context)
    assert alert.event_id is not None
    event, acknowledgement = context.events[alert.event_id], context.acknowledgements.get(alert.event_id)
    if ended := end_of_former_life(alert, event):
        notice = Notice(f"Closed: {event.title}", f"{ended}.", event_id=event.pk, ended=True)
        return with_state(_message(notice, alert, config, now, shrunk), {event.pk: [alert.reason]}, context)
    reasons = [*alert.detail.get("said", ()), alert.reason]
    summary = context.summary(event, reasons, alert.detail, deferral_of(alert, now))
    acts: tuple[ActLink, ...] = ()
    if not is_over(event):
        acts = (
            links.act_links(event.pk, alert.channel, config.public_base_url, now, config.link_hours)
            if with_links
            else links.links_without_effect(config.public_base_url)
        )
        if is_acknowledged(acknowledgement):
            acts = tuple(link for link in acts if link.act != "acknowledge")
    in_hand = acknowledgements.acknowledgement_text(acknowledgement)
    message = replace(_message(summary, alert, config, now, shrunk, acts, in_hand), revision=event.revision)
    return with_state(message, {event.pk: reasons}, context)


def _of_now(notice: Notice) -> Notice:
    """The notice with those of its acknowledgements that stand: one that is tried again may come after their end, and
    an acknowledged incident pages nobody."""
    latest = acknowledgements.latest(notice.acknowledged) if notice.acknowledged else {}
    return replace(notice, acknowledged=tuple(pk for pk in notice.acknowledged if is_acknowledged(latest.get(pk))))


def _released_cards(alert: Alert, config: Config, now: datetime) -> tuple[Message, ...]:
    """The cards of events whose acknowledgement was ended by what a notice tells, as far as they are nobody's still."""
    rows = [
        Alert(event_id=event_id, channel=alert.channel, reason=AlertReason.REPEAT, queued_at=now, life=0)
        for event_id in alert.detail.get("notice", {}).get("released", ())
    ]
    if not rows:
        return ()
    context, cards = load_context(rows, config), []
    for row in rows:
        event = context.events.get(row.event_id or 0)
        if event is not None and not is_over(event) and not is_acknowledged(context.acknowledgements.get(event.pk)):
            card = load_message(row, config, now, False, context)
            cards.append(replace(card, anew=frozenset([event.pk])))
    return tuple(cards)


def fallback_message(alert: Alert, config: Config, now: datetime) -> Message:
    """A plain message for an alert whose rendering failed: the title of its event and where to look."""
    event = plain_events().filter(pk=alert.event_id or 0).first()
    text = "Its card could not be rendered; the log has the reason. Open the event for details."
    ended = event is not None and is_over(event)
    notice = Notice(event.title if event else "An alert", text, event_id=alert.event_id, ended=ended)
    return _message(notice, alert, config, now, True)


def _message(
    content: EventSummary | Notice | Digest,
    alert: Alert,
    config: Config,
    now: datetime,
    shrunk: bool,
    acts: tuple[ActLink, ...] = (),
    in_hand: str = "",
) -> Message:
    # A manual resend is another message, with another key; retries are the same message, also those after a suspension:
    # the receiver may have taken it before.
    again = alert.detail.get("resent_at")
    key = f"alert-{alert.pk}" + (f"-{int(datetime.fromisoformat(again).timestamp())}" if again else "")
    about = alert.detail if isinstance(content, EventSummary) else {}
    asked = about.get("unanswered")
    unanswered = Unanswered(asked["channel"], datetime.fromisoformat(asked["since"])) if asked else None
    correction = str(about.get("correction", ""))
    return Message(
        content, now, config.public_base_url, shrunk, alert.channel, key, acts, in_hand, unanswered, correction
    )


def _notice(alert: Alert) -> Notice:
    if alert.reason == AlertReason.TEST and "notice" not in alert.detail:
        text = f"This is a test of the channel {alert.channel}, sent on request. Nothing has happened."
        return Notice("Test alert", text, good=True)
    notice = alert.detail.get("notice", {})
    lines = notice.get("lines", [])
    # Lines of a kind are merged while they wait, and counted in the title.
    merged = lines and "kind" in notice
    acknowledged = tuple(notice.get("acknowledged", ()))
    if merged and len(lines) == 1:
        return Notice(lines[0], "", bool(notice.get("good")), of_acts=True, acknowledged=acknowledged)
    title = f"{len(lines)} {notice.get('title', '')}" if merged else notice.get("title", "Notice")
    return Notice(
        title,
        notice.get("text", ""),
        bool(notice.get("good")),
        lines=tuple(lines),
        page=notice.get("page", ""),
        runbook=notice.get("runbook", ""),
        of_acts="kind" in notice,
        acknowledged=acknowledged,
        about=notice.get("about", ""),
    )


def load_digest(
    digest: Alert,
    context: DeliveryContext | None = None,
    now: datetime | None = None,
    config: Config | None = None,
    with_links: bool = False,
) -> Digest:
    """The digest with its members, the strictest action first.

    context: of the digest, if it was read already. now: when the digest was queued, unless it is given. with_links:
    with links for each line, unless there are too many of them.
    """
    config, now = config or get_config(), now or digest.queued_at
    context = context or load_context([digest], config)
    members = Alert.objects.filter(digest=digest.pk).order_by("-urgency", "queued_at", "id")
    found = [(member, event) for member in members if (event := context.events.get(member.event_id or 0)) is not None]
    linked = with_links and len(found) <= MOST_LINES_WITH_LINKS
    lines = in_order([_line(member, event, context, config, now, linked) for member, event in found], now)
    kind = digest.detail.get("digest", {}).get("kind", "digest")
    return Digest(kind, _title(kind, lines), tuple(lines))


def _acts_on_all(alert: Alert, digest: Digest, config: Config, now: datetime, with_links: bool) -> tuple[ActLink, ...]:
    """Links for all events that the digest lists, as far as there is something to do.

    Of a digest that is sent again after a member left it there are none: its links would act on what it does not list.
    """
    asking = [line for line in digest.lines if not line.over]
    events = alert.listed_events()
    if not asking or {line.event_id for line in digest.lines} != set(events):
        return ()
    acts = (
        links.digest_links(alert.pk, events, alert.channel, config.public_base_url, now, config.link_hours)
        if with_links
        else links.links_without_effect(config.public_base_url, of_all=True)
    )
    held = all(line.acknowledged_by for line in asking)
    return tuple(link for link in acts if not (held and link.act == "acknowledge"))


def _title(kind: str, lines: Sequence[DigestLine]) -> str:
    if kind == "market":
        # What is over moves no more.
        moving = [line for line in lines if not line.over] or lines
        count = len({token for line in moving for token in line.tokens})
        return "1 token is moving" if count == 1 else f"{count} tokens are moving"
    return "1 event" if len(lines) == 1 else f"{len(lines)} events at once"


def _line(
    member: Alert, event: Event, context: DeliveryContext, config: Config, now: datetime, linked: bool
) -> DigestLine:
    reasons = (*member.detail.get("said", ()), member.reason)
    summary = context.summary(event, reasons, member.detail, deferral_of(member, now))
    standing = context.acknowledgements.get(event.pk)
    held = acknowledgements.acknowledgement_text(standing) if standing and standing.ended_at is None else ""
    line = line_of(summary, _message(summary, member, config, now, False, in_hand=held))
    if ended := end_of_former_life(member, event):
        # What the event demands in its present life is on a card of its own.
        return replace(
            line,
            action=None,
            order="",
            ended=ended,
            positions=None,
            trading_ends_at=None,
            heading="",
            under_action=(),
            venues=(),
            risk_level=None,
            urgent=False,
            deadline=None,
            why=f"Closed: {ended}",
            acknowledged_by="",
        )
    if not linked or line.over:
        return line
    made = links.act_links(event.pk, member.channel, config.public_base_url, now, config.link_hours)
    return replace(line, acts=tuple(link for link in made if not held or link.act != "acknowledge"))


def end_of_former_life(alert: Alert, event: Event) -> str:
    """The text of an alert of an end whose event has opened again since; "" for every other alert.

    The reopening has an alert of its own, which may be suppressed (a silence, flapping): this card must not show the
    effects that the event has now, and those of its former life are overwritten.
    """
    if alert.reason != AlertReason.CLOSED or event.status != Status.OPEN or alert.life >= event.life:
        return ""
    former = next((life for life in event.earlier_lives if life["life"] == alert.life), None)
    if former is None or not former["closed_at"]:
        return "it is open again"
    opened_at, closed_at = (datetime.fromisoformat(former[name]) for name in ("opened_at", "closed_at"))
    # An event that resumes has its old beginning.
    again = f"open again since {utc_text(event.opened_at)}" if event.opened_at >= closed_at else "it is open again"
    lasted = span((closed_at - opened_at).total_seconds())
    verdict = " (false alarm)" if former["false_alarm"] else ""
    return f"{former['close_reason'] or 'closed'}{verdict}, at {utc_text(closed_at)}, lasted {lasted}; {again}"
