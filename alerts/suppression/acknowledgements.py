"""Acknowledgement: somebody has an event in hand.

It stops repeats and escalation, not news: an update, a reminder, the end of the event are told all the same. It stands
while the event is updated, and ends when the event gets worse or turns, because what was taken in hand was something
less: repeats and escalation begin again from there, until somebody takes it in hand anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from alerts import audit, notices
from alerts.audit import Act, Actor
from alerts.models import Acknowledgement
from alerts.suppression import transitions
from events.enums import AlertReason
from events.models import plain_events

# What makes it something else than what was taken in hand, in words.
ENDS_ACKNOWLEDGEMENT: dict[str, str] = {AlertReason.WORSE: "got worse", AlertReason.TURNED: "turned"}


class AlreadyAcknowledged(Exception):
    """Somebody else has the event in hand; `standing` says who."""

    def __init__(self, current: Acknowledgement) -> None:
        self.current = current
        super().__init__(f"{current.by} has taken event {current.event_id} in hand already")


def of_this_life() -> QuerySet[Acknowledgement]:
    """Acknowledgements of events as they are open now: one that opens again is in nobody's hand."""
    return Acknowledgement.objects.filter(life=F("event__life"))


def current(event_id: int) -> Acknowledgement | None:
    return of_this_life().filter(event_id=event_id, ended_at=None).first()


def acknowledge(event_id: int, actor: Actor, text: str, now: datetime) -> Acknowledgement:
    """Acknowledge an event. Raises AlreadyAcknowledged: the first one stays responsible."""
    try:
        with transaction.atomic():
            # Whoever writes the event holds it: what it becomes, and a repeat that is queued meanwhile, come first.
            event = plain_events().select_for_update(no_key=True, of=("self",)).filter(pk=event_id).first()
            life = event.life if event else 1
            made = Acknowledgement.objects.create(event_id=event_id, life=life, by=actor.by[:150], at=now, note=text)
            audit.record(Act.ACKNOWLEDGED, actor, now, text, event_id)
            transitions.cancel_renotifications(event_id, now)
            if event is not None:
                notices.acknowledged(event, made.by, text, now)
    except IntegrityError:
        if (first := current(event_id)) is None:
            raise
        raise AlreadyAcknowledged(first) from None
    return made


def unacknowledge(event_id: int, actor: Actor, now: datetime) -> bool:
    """Give an event back; whether somebody had it."""
    with transaction.atomic():
        had = _end(event_id, f"given back by {actor.by}", now)
        if had:
            audit.record(Act.RELEASED, actor, now, "", event_id)
            notices.unacknowledged(event_id, actor.by, now)
    return had


def expire(event_id: int, reason: str, now: datetime) -> bool:
    """End the acknowledgement of an event that has changed for the worse; whether there was one.

    reason: of the alert that tells of it. Called in the transaction that writes the event.
    """
    return reason in ENDS_ACKNOWLEDGEMENT and _end(event_id, f"the event {ENDS_ACKNOWLEDGEMENT[reason]}", now)


def _end(event_id: int, reason: str, now: datetime) -> bool:
    open_one = of_this_life().filter(event_id=event_id, ended_at=None)
    return open_one.update(ended_at=now, end_reason=reason[:200]) > 0


def latest(event_ids: Iterable[int]) -> dict[int, Acknowledgement]:
    """The last acknowledgement of each event that has had one in this life, whether it stands or not."""
    found = of_this_life().filter(event__in=event_ids).order_by("event_id", "-at", "-id").distinct("event_id")
    return {acknowledgement.event_id: acknowledgement for acknowledgement in found}


def acknowledgement_text(acknowledgement: Acknowledgement | None) -> str:
    """For a card: who has the event, since when, and the note; or that it was given up because it got worse."""
    if acknowledgement is None:
        return ""
    text = f"{acknowledgement.by}, since {acknowledgement.at:%Y-%m-%d %H:%M} UTC" + (
        f": {acknowledgement.note}" if acknowledgement.note else ""
    )
    return (
        text
        if acknowledgement.ended_at is None
        else f"nobody; was {acknowledgement.by}, until {acknowledgement.end_reason}"
    )
