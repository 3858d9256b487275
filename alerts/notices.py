"""Notices of what people did about alerts, one line each, in the channels concerned. Waiting lines are merged.

A reader of a channel sees why it is quiet, and who acknowledged an event, without opening the admin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from alerts import outbox
from alerts.models import Alert, Silence
from alerts.rendering.phrases import clean, source_label
from alerts.rendering.subjects import listed
from alerts.routes import NOTICE_URGENCY, URGENT, channels
from crypto_ews.ui.text import label, utc_text
from events.enums import AlertReason, Category
from events.models import Event, plain_events

MOST_LINES = 25
"""Per message: as many fit into a card's byte budget whatever their text."""
_LINE_CHARACTERS = 280
_NAMED = 12
_KIND = "acts"
_TITLE = "things were done about alerts"


def acknowledged(event: Event, by: str, note: str, now: datetime, told: str = "") -> None:
    """Post that an event was acknowledged. Runs in the caller's transaction, as every function here.

    told: the channel whose service reported it: its state is right already.
    """
    text = f" ({clean(note, 120)})" if note else ""
    line = f"Acknowledged by {by}: {_about(event)}{text}; until unacknowledged, worse or over"
    post(channels_of(event), line, now, acknowledged=[event.pk], told=told)


def all_acknowledged(events: Sequence[Event], by: str, note: str, now: datetime) -> None:
    """Post that the events of a digest were acknowledged at once: one line in each channel, about its events."""
    if len(events) == 1:
        acknowledged(events[0], by, note, now)
        return
    text = f" ({clean(note, 100)})" if note else ""
    for channel, shown in channels_of_each(events).items():
        named = listed([f"#{event.pk}" for event in shown], _NAMED)
        line = f"Acknowledged by {by}: {len(shown)} events at once, {named}{text}; until unacknowledged, worse or over"
        post([channel], line, now, acknowledged=[event.pk for event in shown])


def unacknowledged(event_id: int, by: str, now: datetime, told: str = "") -> None:
    """Post that an event was unacknowledged. told: as above."""
    event = plain_events().filter(pk=event_id).first()
    if event is not None:
        line = f"Acknowledgement ended by {by}: {_about(event)}; repeats and escalation resume"
        post(channels_of(event), line, now, released=[event_id], told=told)


def acknowledgement_expired(event: Event, by: str, why: str, now: datetime) -> None:
    """Post that an acknowledgement expired, where no card of this revision shows it. why: "got worse"."""
    cards = Alert.objects.filter(event=event.pk, revision=event.revision, state=Alert.State.PENDING).order_by()
    carded = set(cards.values_list("channel", flat=True))
    line = f"Acknowledgement of {by} expired because the event {why}: {_about(event)}; repeats and escalation resume"
    others = [channel for channel in channels_of(event) if channel not in carded]
    post(others, line, now, released=[event.pk])


def silenced(
    made: Sequence[Silence], by: str, now: datetime, extra: Iterable[str] = (), verb: str = "Silenced"
) -> None:
    """Post silences that one act made; they end together. extra: channels that get the notice in any case."""
    first = made[0]
    worse = "; alerts that get worse are still sent" if first.lets_worse_through else ""
    reason = f" ({clean(first.reason, 100)})" if first.reason else ""
    line = f"{verb} by {by} until {utc_text(first.until)}: {_what(made)}{reason}{worse}"
    kinds = {(silence.category, silence.source): silence for silence in made}
    post(dict.fromkeys([*extra, *(name for one in kinds.values() for name in channels_of_silence(one))]), line, now)
    Silence.objects.filter(pk__in=[silence.pk for silence in made]).update(posted=True)


def silence_ended(ended: Sequence[Silence], by: str, now: datetime) -> None:
    """Post that silences ended. by: who ended them early, or "" if they expired."""
    who = f" ended by {by}" if by else " expired"
    line = f"Silence{who}: {_what(ended)} (made by {clean(ended[0].made_by, 60)}, until {utc_text(ended[0].until)})"
    post(dict.fromkeys(name for silence in ended for name in channels_of_silence(silence)), line, now)


def post_ends(now: datetime) -> int:
    """Post the end of every expired silence, once; the number of silences."""
    with transaction.atomic():
        over = Silence.objects.filter(until__lte=now, posted=True)
        ended = list(over.select_for_update(skip_locked=True, no_key=True).order_by("id"))
        groups: dict[tuple[object, ...], list[Silence]] = {}
        for silence in ended:
            key = (silence.category, silence.source, silence.exchange, silence.until, silence.made_by, silence.reason)
            groups.setdefault(key, []).append(silence)
        for group in groups.values():
            silence_ended(group, "", now)
        Silence.objects.filter(pk__in=[silence.pk for silence in ended]).update(posted=False)
    return len(ended)


def post(
    to: Iterable[str],
    line: str,
    now: datetime,
    *,
    acknowledged: Sequence[int] = (),
    released: Sequence[int] = (),
    told: str = "",
) -> None:
    """Queue a line in these channels. If a notice of this kind waits in a channel, the line is added to that notice.

    acknowledged, released: events that the act took or gave back, for services that keep a state of their own, except
    that of the channel `told`. Who responds must be known at once: the line may use what is reserved for urgent alerts.
    """
    line = clean(line, _LINE_CHARACTERS)
    for channel in to:
        taken, given = ([], []) if channel == told else (list(acknowledged), list(released))
        with transaction.atomic():
            # A notice that was tried may have arrived; its retry has the same message key, so a new line would be lost.
            waiting = (
                Alert.objects.select_for_update(skip_locked=True, no_key=True)
                .filter(
                    channel=channel,
                    state=Alert.State.PENDING,
                    event=None,
                    attempts=0,
                    detail__notice__kind=_KIND,
                )
                .order_by("-id")
                .first()
            )
            lines = waiting.detail["notice"]["lines"] if waiting is not None else []
            if waiting is not None and len(lines) < MOST_LINES:
                waiting.detail["notice"]["lines"] = [*lines, line]
                _merge(waiting.detail["notice"], taken, given)
                waiting.save(update_fields=["detail"])
                continue
            about = (_TITLE, "", True, now)
            outbox.queue_notice(
                [channel],
                AlertReason.UPDATED,
                *about,
                kind=_KIND,
                lines=(line,),
                acknowledged=taken,
                released=given,
                urgency=URGENT if acknowledged or released else NOTICE_URGENCY,
            )


def _merge(notice: dict[str, Any], taken: Sequence[int], given: Sequence[int]) -> None:
    """Add to a notice that waits what a further act took or gave back. The last act counts; an event that was taken and
    given back before anybody was told is as it was: nobody's, unless it was given back before that."""
    before, back = notice.get("acknowledged", []), notice.get("released", [])
    known_as_taken = {*notice.get("known_as_taken", []), *(event for event in taken if event in back)}
    if known_as_taken:
        notice["known_as_taken"] = sorted(known_as_taken)
    notice["acknowledged"] = [*(event for event in before if event not in given), *taken]
    notice["released"] = [
        *(event for event in back if event not in taken),
        *(event for event in given if event not in before or event in known_as_taken),
    ]


def channels_of(event: Event) -> list[str]:
    """The channels of an event's alerts, the one that it was escalated to included.

    A channel whose alerts of the event were all suppressed is left out: it gets no notice about the event either.
    """
    return list(channels_of_each([event]))


def channels_of_each(events: Sequence[Event]) -> dict[str, list[Event]]:
    """The channels of these events' alerts, each with those that it is about; else as `channels_of`."""
    rows = Alert.objects.filter(event__in=[event.pk for event in events]).order_by("id")
    visible: dict[int, dict[str, bool]] = {}
    for event_id, channel, muted_by in rows.values_list("event_id", "channel", "muted_by"):
        if event_id is not None:
            of_event = visible.setdefault(event_id, {})
            of_event[channel] = of_event.get(channel, False) or not muted_by
    routed: dict[tuple[str, str], list[str]] = {}
    found: dict[str, list[Event]] = {}
    for event in events:
        kind = (event.category, event.source)
        if kind not in routed:
            routed[kind] = [channel for channel, _ in channels(*kind)]
        of_event = visible.get(event.pk, {})
        for channel in dict.fromkeys([*routed[kind], *of_event]):
            if of_event.get(channel, True):
                found.setdefault(channel, []).append(event)
    return found


def channels_of_silence(silence: Silence) -> list[str]:
    """The channels whose alerts a silence may match."""
    categories: Iterable[str] = [silence.category] if silence.category else Category.values
    if silence.source and not silence.category:
        known = Event.objects.non_polymorphic().filter(source=silence.source).order_by()
        categories = sorted(known.values_list("category", flat=True).distinct()) or Category.values
    found = [name for category in categories for name, _ in channels(category, silence.source)]
    return list(dict.fromkeys(found))


def _about(event: Event) -> str:
    return f"#{event.pk} {clean(event.title, 120)}"


def _what(made: Sequence[Silence]) -> str:
    """ "LUNA, ABC, delisting, Binance"; "everything" where nothing is named."""
    first = made[0]
    tokens = [silence.token for silence in made if silence.token]
    category = label(first.category).lower() if first.category else ""
    exchange = f"on {first.exchange}" if first.exchange else ""
    source = f"of {source_label(first.source)}" if first.source else ""
    parts = [clean(listed(tokens, 5), 120) if tokens else "", category, source, exchange]
    return " ".join(filter(None, parts)) or "everything"
