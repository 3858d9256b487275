"""`GET /events` and `GET /events/{id}`."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from ninja import Field, Query

from alerts.models import Acknowledgement
from api.problems import Problem
from api.rest.access import READ, router
from api.rest.bodies import EventAnswer, EventPage
from api.rest.envelope import enveloped
from api.rest.event_rows import event_bodies, full_event_body, light_events
from api.rest.filters import tokens_named, venues_named
from api.rest.inputs import Filters, Key, Moment, Name
from api.rest.pages import page
from events import clock
from events.enums import EVERYTHING, Category, Priority, Status
from events.models import Effect, Event, plain_events

_TOKEN = "Repeatable; any name of the asset: FTM finds S. Halts of whole venues are on the token `*`."
# Of these, all markets of an exchange are one place, as `can_trade` has it.
_OF_EXCHANGE = (Category.DEPEG, Category.WALLET_SUSPENSION, Category.EXCHANGE_HALT)


class EventFilters(Filters):
    status: Status | None = None
    priority: Priority | None = None
    category: list[Category] = Field([], description="Repeatable.", max_length=20)
    source: Name | None = Field(None, description="As in `source` of an event: binance, okx, defillama, manual …")
    token: list[Name] = Field([], description=_TOKEN, max_length=20)
    venue: Name | None = Field(
        None, description="Events that hold on this venue: BINANCE_USDM, or binance for all of its venues."
    )
    since: Moment | None = Field(None, description="Opened, or opened again, at or after this.")
    acknowledged: bool | None = Field(None, description="Whether somebody has taken responsibility for it.")


@router.get("/events", auth=READ, response=EventPage, tags=["events"])
def list_events(request: HttpRequest, filters: Query[EventFilters]) -> dict[str, Any]:
    """Events, the newest first, with their effects."""
    envelope = enveloped(request)
    rows = light_events().filter(_condition(filters))
    shown, following = page(request, rows, filters)
    return {**envelope, "items": event_bodies(shown), "next": following}


@router.get("/events/{event_id}", auth=READ, response=EventAnswer, tags=["events"])
def one_event(request: HttpRequest, event_id: Key) -> dict[str, Any]:
    """An event with its effects, dates, lives, facts, alerts with decisions and attempts, and who acknowledged it."""
    envelope = enveloped(request)
    row = plain_events().filter(pk=event_id).first()
    if row is None:
        raise no_event(event_id)
    return {**envelope, "event": full_event_body(row)}


def no_event(event_id: int) -> Problem:
    return Problem(404, f"event {event_id} does not exist")


def event_now(event_id: int, lock: bool = False) -> Event:
    """An event as lists have it. lock: until the end of the transaction. Raises Problem (404)."""
    rows = light_events().filter(pk=event_id)
    row = (rows.select_for_update(no_key=True, of=("self",)) if lock else rows).first()
    if row is None:
        raise no_event(event_id)
    return row


def _condition(filters: EventFilters) -> Q:
    plain = {name: getattr(filters, name) for name in ("status", "priority", "source")}
    found = Q(**{name: value for name, value in plain.items() if value is not None})
    if filters.category:
        found &= Q(category__in=filters.category)
    if filters.token:
        typed = [name for name in filters.token if name != EVERYTHING]
        names = [
            *tokens_named("token", typed, clock.now()),
            *(EVERYTHING for name in filters.token if name not in typed),
        ]
        found &= Q(pk__in=Effect.objects.filter(token__in=names).values("event_id"))
    if filters.venue is not None:
        of_venue = Effect.objects.filter(_holds_on(venues_named(filters.venue)), event_id=OuterRef("pk"))
        found &= Q(Exists(of_venue))
    if filters.since is not None:
        found &= Q(opened_at__gte=filters.since)
    if filters.acknowledged is not None:
        taken = Exists(Acknowledgement.objects.filter(event_id=OuterRef("pk"), life=OuterRef("life"), ended_at=None))
        found &= Q(taken) if filters.acknowledged else ~Q(taken)
    return found


def _holds_on(venues: list[str]) -> Q:
    """Of an effect: it is on one of these venues, on all, or on an exchange of theirs where it holds on all markets."""
    exchanges = {venue.partition("_")[0] for venue in venues}
    of_exchange = Q(pk__in=[])
    for exchange in sorted(exchanges):
        of_exchange |= Q(venue=exchange) | Q(venue__startswith=f"{exchange}_")
    return Q(venue="") | Q(venue__in=venues) | (of_exchange & Q(event__category__in=_OF_EXCHANGE))
