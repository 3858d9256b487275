"""Acts on events: acknowledge, open by hand, close. They go through the same doors as the admin's buttons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Status
from pydantic import HttpUrl

from alerts import audit
from alerts.audit import Actor
from alerts.suppression import acknowledgements
from alerts.suppression.acknowledgements import AlreadyAcknowledged
from api.problems import Problem
from api.rest.access import ACT, router
from api.rest.acts.audit import perform
from api.rest.bodies import OneEvent
from api.rest.envelope import enveloped, snapshot
from api.rest.event_rows import event_bodies
from api.rest.events import event_now
from api.rest.inputs import Body, Key, Moment, Name, Text, checked
from events import enums, lifecycle
from events.admin.event_forms import CloseForm, FalseAlarmForm, ManualEventForm
from events.lifecycle import LifecycleError

NOTE_LENGTH = 2000


class AcknowledgementOrder(Body):
    note: str = Field("", max_length=NOTE_LENGTH, description="For the card.", pattern=r"^[^\x00]*$")
    revision: int | None = Field(
        None, ge=1, le=2**31 - 1, description="Of the event as it was read: 409 where it has changed since."
    )


class ManualEventOrder(Body):
    """Block tokens now."""

    tokens: list[Name] = Field(
        min_length=1,
        max_length=50,
        description="As people type them: 1000SHIB blocks SHIB, ETH/USDC that pair on the venues, or everywhere.",
    )
    title: Text = Field(min_length=1, max_length=300, description="The title of the card.")
    action: enums.Action
    risk_level: enums.RiskLevel = enums.RiskLevel.HIGH
    trading_status: enums.TradingStatus = enums.TradingStatus.TRADING
    category: enums.Category = enums.Category.MANUAL
    venues: list[Name] = Field([], max_length=50, description="As in tickers, e.g. BINANCE_USDM; none: everywhere.")
    valid_until: Moment | None = Field(None, description="Null: until somebody closes it.")
    note: str = Field("", max_length=NOTE_LENGTH, pattern=r"^[^\x00]*$")
    url: HttpUrl | None = None


class CloseOrder(Body):
    reason: Text = Field(min_length=1, max_length=120, description="Shown on the card of the closing.")
    suppress_until: Moment | None = Field(
        None, description="No source opens it before this; null: for 30 days, a false alarm for ever."
    )
    false_alarm: bool = False


@router.post("/events/{event_id}/ack", auth=ACT, response=OneEvent, tags=["acts"])
def acknowledge(request: HttpRequest, event_id: Key, order: AcknowledgementOrder | None = None) -> dict[str, Any]:
    """Take responsibility for an event: repeats and escalation stop until it gets worse.

    The first one stays responsible: another gets 409 with who it is. The same token again gets 200. With `revision`
    nobody takes what has become something else since it was read.
    """
    note, seen = (order.note, order.revision) if order is not None else ("", None)

    def run(actor: Actor, now: datetime) -> tuple[str, dict[str, Any]]:
        # Locked: nobody closes it before the acknowledgement is there.
        event = event_now(event_id, lock=True)
        if event.status == enums.Status.CLOSED:
            raise Problem(409, f"event {event_id} is closed: {event.close_reason or 'no reason given'}")
        if seen is not None and seen != event.revision:
            raise Problem(409, f"event {event_id} is at revision {event.revision}, not {seen}: read it again")
        try:
            acknowledgements.acknowledge(event_id, actor, note.strip(), now)
        except AlreadyAcknowledged as taken:
            if taken.current.by != actor.by:
                members = {"acknowledged": {"by": taken.current.by, "at": taken.current.at, "note": taken.current.note}}
                raise Problem(409, str(taken), members) from None
            return f"had acknowledged event {event_id} before", {"event": event_id}
        return f"acknowledged event {event_id}", {"event": event_id}

    perform(request, {"note": note} if seen is None else {"note": note, "revision": seen}, run)
    return _answer(request, event_id)


@router.delete("/events/{event_id}/ack", auth=ACT, response=OneEvent, tags=["acts"])
def unacknowledge(request: HttpRequest, event_id: Key) -> dict[str, Any]:
    """End the acknowledgement of an event, whoever has it, so that repeats and escalation go on.

    Where there is none, nothing changes.
    """

    def run(actor: Actor, now: datetime) -> tuple[str, dict[str, Any]]:
        event_now(event_id)
        had = acknowledgements.unacknowledge(event_id, actor, now)
        return f"event {event_id} {'is no longer' if had else 'was not'} acknowledged", {"event": event_id}

    perform(request, {}, run)
    return _answer(request, event_id)


@router.post("/events", auth=ACT, response={200: OneEvent, 201: OneEvent}, tags=["acts"])
def open_event(request: HttpRequest, order: ManualEventOrder) -> Status:
    """Block tokens now: the event is in the view with the answer, and has high priority whatever is watched.

    With the header Idempotency-Key a retry gets 200 and the first one's event.
    """
    given = order.model_dump(mode="json")

    def run(actor: Actor, now: datetime) -> tuple[str, dict[str, Any]]:
        typed = {**given, "tokens": ", ".join(order.tokens), "url": str(order.url or ""),
                 "valid_until": order.valid_until}  # fmt: skip
        form = ManualEventForm(typed, event=None, now=now)
        checked(form)
        try:
            outcome = lifecycle.open_manual_event(now, by=actor.by, **form.orders())
        except LifecycleError as error:
            raise Problem(422, str(error)) from None
        if outcome.event is None:
            raise Problem(422, outcome.reason)
        audit.record(audit.Act.BLOCKED, actor, now, _typed(given), outcome.event.pk)
        return f"opened event {outcome.event.pk}", {"event": outcome.event.pk}

    made, repeated = perform(request, given, run)
    return Status(200 if repeated else 201, _answer(request, made["event"]))


@router.post("/events/{event_id}/close", auth=ACT, response=OneEvent, tags=["acts"])
def close_event(request: HttpRequest, event_id: Key, order: CloseOrder) -> dict[str, Any]:
    """Close an open event, as a person: it leaves the view, and no source opens it again for a while."""

    def run(actor: Actor, now: datetime) -> tuple[str, dict[str, Any]]:
        event = event_now(event_id)
        kind = FalseAlarmForm if order.false_alarm else CloseForm
        typed = {"reason": order.reason, "suppress_until": order.suppress_until}
        form = kind(typed, event=event, now=now)
        checked(form)
        try:
            lifecycle.close_event(event_id, now, by=actor.by, false_alarm=order.false_alarm, **form.orders())
        except LifecycleError as error:
            raise Problem(409, str(error)) from None
        act = audit.Act.FALSE_ALARM if order.false_alarm else audit.Act.CLOSED
        audit.record(act, actor, now, _typed(order.model_dump(mode="json", exclude={"false_alarm"})), event_id)
        return f"closed event {event_id}", {"event": event_id}

    perform(request, order.model_dump(mode="json"), run)
    return _answer(request, event_id)


def _typed(given: Mapping[str, Any]) -> str:
    """What was ordered, as the audit of people's acts writes it beside what is typed in the admin."""
    said = {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in given.items()}
    return "; ".join(f"{name.replace('_', ' ').capitalize()} = {value}" for name, value in said.items() if value)


def _answer(request: HttpRequest, event_id: int) -> dict[str, Any]:
    """The event as it is after the act, in a body read after its commit."""
    with snapshot():
        envelope = enveloped(request)
        return {**envelope, "event": event_bodies([event_now(event_id)])[0]}
