"""Silences: `GET`, `POST` and `DELETE /silences`. They go through the same door as the admin's form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Status
from pydantic import BaseModel

from alerts.admin.silence_forms import SilenceForm
from alerts.audit import Actor
from alerts.models import Silence
from alerts.suppression import silences
from api.problems import Problem
from api.rest.access import ACT, READ, router
from api.rest.acts.audit import perform
from api.rest.envelope import Envelope, Listing, enveloped, snapshot
from api.rest.inputs import Body, Filters, Key, Moment, Name, Text, checked
from api.rest.pages import page
from events import clock
from events.enums import Category

_MATCHER = ("token", "category", "source", "exchange")


class SilenceOrder(Body):
    """Matching alerts are stored but not sent until the silence ends. What is empty matches everything."""

    token: Name | None = Field(None, description="Any name of the asset.")
    category: Category | None = None
    source: Name | None = Field(None, max_length=32)
    exchange: Name | None = Field(None, max_length=32, description="BINANCE includes BINANCE_USDM.")
    everything: bool = Field(False, description="Must be true where nothing else is given: all alerts are silenced.")
    lets_worse_through: bool = Field(True, description="Still send alerts of events that get worse or turn.")
    until: Moment
    reason: Text = Field(min_length=1, max_length=200)


class SilenceBody(BaseModel):
    id: int
    token: str
    category: str
    source: str
    exchange: str
    lets_worse_through: bool
    until: datetime
    in_force: bool
    reason: str
    made_by: str
    made_at: datetime


class SilencePage(Listing):
    items: list[SilenceBody]


class OneSilence(Envelope):
    silence: SilenceBody


class SilenceFilters(Filters):
    in_force: bool | None = Field(None, description="true: those that have not ended.")


@router.get("/silences", auth=READ, response=SilencePage, tags=["silences"])
def list_silences(request: HttpRequest, filters: Query[SilenceFilters]) -> dict[str, Any]:
    """Silences, the newest first."""
    envelope = enveloped(request)
    now = clock.now()
    rows = Silence.objects.all()
    if filters.in_force is not None:
        rows = rows.filter(until__gt=now) if filters.in_force else rows.filter(until__lte=now)
    shown, following = page(request, rows, filters)
    return {**envelope, "items": [_body(row, now) for row in shown], "next": following}


@router.post("/silences", auth=ACT, response={200: OneSilence, 201: OneSilence}, tags=["silences"])
def make_silence(request: HttpRequest, order: SilenceOrder) -> Status:
    """Silence alerts that match, on every channel, until a time. With Idempotency-Key a retry makes no second one."""
    given = order.model_dump(mode="json")

    def run(actor: Actor, now: datetime) -> tuple[str, dict[str, Any]]:
        matcher = {name: given[name] or "" for name in _MATCHER}
        typed = {**matcher, "lets_worse_through": order.lets_worse_through, "until": order.until,
                 "reason": order.reason}  # fmt: skip
        form = SilenceForm(typed, event=None, now=now)
        chosen = checked(form)
        # Of what the form made of it: a token of spaces is none.
        if order.everything == any(chosen[name] for name in _MATCHER):
            words = "to be left out" if order.everything else "true where no token, category, source or exchange is"
            raise Problem(422, f"everything was {str(order.everything).lower()}, expected {words}")
        made = form.made(Silence(made_by=actor.by[:150]))
        silences.put_in_force(made, actor, now)
        return f"silenced {made}", {"silence": made.pk}

    made, repeated = perform(request, given, run)
    return Status(200 if repeated else 201, _answer(request, made["silence"]))


@router.delete("/silences/{silence_id}", auth=ACT, response=OneSilence, tags=["silences"])
def end_silence(request: HttpRequest, silence_id: Key) -> dict[str, Any]:
    """End a silence now. One that has ended stays as it is."""

    def run(actor: Actor, now: datetime) -> tuple[str, dict[str, Any]]:
        silence = Silence.objects.filter(pk=silence_id).first()
        if silence is None:
            raise Problem(404, f"silence {silence_id} does not exist")
        ended = silences.end_now([silence_id], actor, now)
        return f"ended {silence}" if ended else f"silence {silence_id} had ended before", {"silence": silence_id}

    perform(request, {}, run)
    return _answer(request, silence_id)


def _answer(request: HttpRequest, silence_id: int) -> dict[str, Any]:
    with snapshot():
        envelope = enveloped(request)
        row = Silence.objects.filter(pk=silence_id).first()
    if row is None:
        raise Problem(404, f"silence {silence_id} does not exist")
    return {**envelope, "silence": _body(row, clock.now())}


def _body(row: Silence, now: datetime) -> dict[str, Any]:
    names = (*_MATCHER, "lets_worse_through", "until", "reason", "made_by", "made_at")
    return {"id": row.pk, "in_force": row.until > now, **{name: getattr(row, name) for name in names}}
