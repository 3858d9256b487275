"""Acknowledgements: somebody took responsibility for an event.

An acknowledgement stops repeats and escalation. Updates, reminders and the end of the event are still delivered. It
lasts while the event is updated and expires when the event gets worse or turns: the responder accepted something less,
so repeats and escalation resume until the event is acknowledged again.
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
from events.enums import AlertReason, Status
from events.models import plain_events

# The alert reasons that end an acknowledgement, each with its words.
ENDS_ACKNOWLEDGEMENT: dict[str, str] = {AlertReason.WORSE: "got worse", AlertReason.TURNED: "turned"}


class AlreadyAcknowledged(Exception):
    """The event is already acknowledged; `current` is that acknowledgement."""

    def __init__(self, current: Acknowledgement) -> None:
        self.current = current
        super().__init__(f"event {current.event_id} is already acknowledged by {current.by}")


class CannotAcknowledge(Exception):
    """The event is closed, or is not what whoever acts has seen; the message says which."""


def of_this_life() -> QuerySet[Acknowledgement]:
    """Acknowledgements in the current life of their event: an event that opens again is unacknowledged."""
    return Acknowledgement.objects.filter(life=F("event__life"))


def current(event_id: int) -> Acknowledgement | None:
    """The acknowledgement that applies to an event now, or None."""
    return of_this_life().filter(event_id=event_id, ended_at=None).first()


def acknowledge(
    event_id: int, actor: Actor, text: str, now: datetime, seen: int | None = None, at: datetime | None = None
) -> Acknowledgement:
    """Acknowledge an event. seen: its revision that was shown to whoever acts. at: of the act, if it was done earlier.

    Raises AlreadyAcknowledged: the first person stays responsible. Raises CannotAcknowledge."""
    try:
        with transaction.atomic():
            # Wait for a transaction that writes the event: its update, and a repeat queued meanwhile, come first.
            event = plain_events().select_for_update(no_key=True, of=("self",)).filter(pk=event_id).first()
            if event is not None and event.status == Status.CLOSED:
                raise CannotAcknowledge(f"event {event_id} is closed: {event.close_reason or 'no reason given'}")
            if event is not None and seen not in (None, event.revision):
                raise CannotAcknowledge(f"event {event_id} has changed since you saw it: look at it again")
            life = event.life if event else 1
            made = Acknowledgement.objects.create(
                event_id=event_id, life=life, by=actor.by[:150], at=at or now, note=text
            )
            audit.record(Act.ACKNOWLEDGED, actor, now, text, event_id)
            transitions.cancel_renotifications([event_id], now)
            if event is not None:
                notices.acknowledged(event, made.by, text, now, actor.told)
    except IntegrityError:
        if (first := current(event_id)) is None:
            raise
        raise AlreadyAcknowledged(first) from None
    return made


def unacknowledge(event_id: int, actor: Actor, now: datetime) -> bool:
    """End the acknowledgement of an event; whether there was one."""
    with transaction.atomic():
        had = _end(event_id, f"unacknowledged by {actor.by}", now)
        if had:
            audit.record(Act.RELEASED, actor, now, "", event_id)
            notices.unacknowledged(event_id, actor.by, now, actor.told)
    return had


def expire(event_id: int, reason: str, now: datetime) -> bool:
    """End the acknowledgement of an event that got worse or turned; whether there was one.

    reason: of the alert. Called in the transaction that writes the event.
    """
    return reason in ENDS_ACKNOWLEDGEMENT and _end(event_id, f"the event {ENDS_ACKNOWLEDGEMENT[reason]}", now)


def _end(event_id: int, reason: str, now: datetime) -> bool:
    open_one = of_this_life().filter(event_id=event_id, ended_at=None)
    return open_one.update(ended_at=now, end_reason=reason[:200]) > 0


def latest(event_ids: Iterable[int]) -> dict[int, Acknowledgement]:
    """The latest acknowledgement of each event in its current life, ended ones included."""
    found = of_this_life().filter(event__in=event_ids).order_by("event_id", "-at", "-id").distinct("event_id")
    return {acknowledgement.event_id: acknowledgement for acknowledgement in found}


def acknowledgement_text(latest: Acknowledgement | None) -> str:
    """For a card: who acknowledged the event, since when, and the note; or how the acknowledgement ended. Else ""."""
    if latest is None:
        return ""
    if latest.ended_at is not None:
        return f"nobody; was {latest.by}, until {latest.end_reason}"
    return f"{latest.by}, since {latest.at:%Y-%m-%d %H:%M} UTC" + (f": {latest.note}" if latest.note else "")
