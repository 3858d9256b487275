"""What a service that keeps a state of its own must know of a message's events: who has them, what pages anew, what is
open again.

An acknowledged incident stays quiet whatever is triggered. So a pager that was told of an acknowledgement must be told
of its end: when the event gets worse, when somebody gives it up, and when the event opens again before its end arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import Q

from alerts.delivery.batches import DIGEST, MARKET
from alerts.delivery.context import DeliveryContext
from alerts.models import Acknowledgement, Alert
from alerts.rendering.message import Digest, Message
from alerts.suppression.acknowledgements import ENDS_ACKNOWLEDGEMENT
from events.enums import AlertReason, Category, Status
from events.models import Event

_DELIVERED = (Alert.State.SENT, Alert.State.DIGESTED)
_PAGES = {AlertReason.ESCALATED.value, *ENDS_ACKNOWLEDGEMENT}


def is_acknowledged(acknowledgement: Acknowledgement | None) -> bool:
    """Whether the latest acknowledgement of an event stands."""
    return acknowledgement is not None and acknowledgement.ended_at is None


def with_state(message: Message, reasons: Mapping[int, Sequence[str]], context: DeliveryContext) -> Message:
    """The message with the state of its events. reasons: of each event in it."""
    latest = context.acknowledgements
    return replace(
        message,
        acknowledged=frozenset(pk for pk in reasons if is_acknowledged(latest.get(pk))),
        anew=frozenset(
            pk
            for pk, said in reasons.items()
            if pk in context.events and _pages_anew(context.events[pk], latest.get(pk), said, message.channel)
        ),
        reopened=frozenset(
            pk
            for pk, said in reasons.items()
            if pk in context.events and _is_of_a_former_life(context.events[pk], said, message.channel)
        ),
        paged=_paged(message, [context.events[pk] for pk in reasons if pk in context.events]),
    )


def _paged(message: Message, events: Sequence[Event]) -> frozenset[int]:
    """Of the events that the message does not page for, those that were paged for before: by a card of their own, by a
    list of what is urgent, or before they were corrected to a category that pages nobody."""
    of_market = isinstance(message.content, Digest) and message.content.kind == MARKET
    low = {event.pk for event in events if event.category == Category.OPERATIONS}
    asked = low | ({event.pk for event in events} if of_market else set())
    if not asked:
        return frozenset()
    by_itself = Q(state=Alert.State.SENT) | Q(state=Alert.State.DIGESTED, digest__detail__digest__kind=DIGEST)
    here = Alert.objects.filter(channel=message.channel).order_by("id")
    told = here.filter(by_itself, event__in=asked - low).values_list("event", flat=True)
    # Until something was delivered after the correction, and ended the incident.
    corrected = dict(here.filter(event__in=low, detail__changes__has_key="category").values_list("event", "id"))
    since = dict(here.filter(event__in=corrected, state__in=_DELIVERED).values_list("event", "id"))
    open_still = {pk for pk, changed in corrected.items() if since.get(pk, 0) < changed}
    return frozenset(pk for pk in (*told, *open_still) if pk is not None)


def _is_of_a_former_life(event: Event, reasons: Sequence[str], channel: str) -> bool:
    """Whether a message tells an end, sent late or again, after the channel was told that the event is open again."""
    if AlertReason.CLOSED not in reasons[-1:] or event.status != Status.OPEN:
        return False
    present = Alert.objects.filter(event=event.pk, channel=channel, life=event.life, state__in=_DELIVERED)
    return present.exists()


def _pages_anew(event: Event, latest: Acknowledgement | None, reasons: Sequence[str], channel: str) -> bool:
    """Whether an event is nobody's again and nothing delivered in the channel has said so."""
    if latest is None:
        return AlertReason.OPENED in reasons and event.life > 1 and not _end_was_reported(event, channel)
    if latest.ended_at is None or _PAGES.isdisjoint(reasons):
        return False
    said = Q(reason__in=_PAGES)
    for reason in _PAGES:
        said |= Q(detail__said__contains=[reason])
    # Queued in the transaction that ended the acknowledgement, or later: what was under way then knew nothing of it.
    card = Q(said, event=event.pk, queued_at__gte=latest.ended_at)
    line = Q(event=None, detail__notice__released__contains=[event.pk], done_at__gte=latest.ended_at)
    return not Alert.objects.filter(card | line, channel=channel, state__in=_DELIVERED).exists()


def _end_was_reported(event: Event, channel: str) -> bool:
    """Whether the channel was told of the end of the event's former life, if it was told of that life at all. Its end
    may have been replaced by the opening that followed, or suppressed."""
    told = Alert.objects.filter(event=event.pk, channel=channel, state__in=_DELIVERED).order_by("-done_at", "-id")
    last = told.values_list("life", "reason").first()
    return last is None or last[0] >= event.life or last[1] == AlertReason.CLOSED
