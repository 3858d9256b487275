"""`GET /history` and `GET /history/{asset}`: the view as it was, and every change of a row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Schema
from pydantic import BaseModel

from api.rest.access import READ, router
from api.rest.envelope import Envelope, Listing, enveloped
from api.rest.filters import asset_named, tokens_named
from api.rest.inputs import Filters, Moment, Name, unusable
from api.rest.pages import cursor, digest_of, read_cursor
from events import clock
from events.ledger.history import history_begins, view_at, view_changes

_DEFAULT_SPAN = timedelta(days=1)


class PastView(Envelope):
    at: datetime
    tokens: list[dict[str, Any]] = Field(
        description="The rows of token_risk_view then; `updated_at` may lag. `status` is of now, not of then."
    )


class Change(BaseModel):
    """A row of the view as it became."""

    n: int
    seq: int
    token: str
    at: datetime
    snapshot: bool = Field(description="Written for every token at once: perhaps no change.")
    row: dict[str, Any] | None = Field(description="Null: the token left the view.")


class ChangePage(Listing):
    asset: str
    items: list[Change]


class Moments(Schema):
    at: Moment


class Span(Filters):
    begin: Moment | None = Field(None, alias="from", description="Changes at or after this; null: a day before `to`.")
    end: Moment | None = Field(None, alias="to", description="Changes before this; null: until now.")


@router.get("/history", auth=READ, response=PastView, tags=["history"])
def past_view(request: HttpRequest, moment: Query[Moments]) -> dict[str, Any]:
    """The view as it was at a time. A time before the history begins is refused: nothing would look like no risk."""
    envelope = enveloped(request)
    begins, now = history_begins(), clock.database_now()
    if begins is None or not begins <= moment.at <= now:
        since = "a time, but the history has not begun" if begins is None else f"a time from {_iso(begins)} until now"
        raise unusable([("at", _iso(moment.at), since)])
    return {**envelope, "at": moment.at, "tokens": view_at(moment.at)}


@router.get("/history/{asset}", auth=READ, response=ChangePage, tags=["history"])
def changes(request: HttpRequest, asset: Name, span: Query[Span]) -> dict[str, Any]:
    """Every change of an asset's row, the oldest first, under every name that it had."""
    envelope = enveloped(request)
    now = clock.now()
    end = span.end or clock.database_now()
    begin, after = span.begin or end - _DEFAULT_SPAN, 0
    of = digest_of(request.path, span.chosen())
    if span.cursor is not None:
        # Of the first page: a day before now would have moved on, past what was not read yet.
        after, first = read_cursor(span.cursor, of)
        begin = datetime.fromisoformat(first)
    if begin >= end:
        raise unusable([("from", _iso(begin), f"a time before `to`, which is {_iso(end)}")])
    found = [
        change
        for token in tokens_named("asset", [asset], now)
        for change in view_changes(token, begin, end, after, span.limit + 1)
    ]
    found.sort(key=lambda change: change.n)
    shown = found[: span.limit]
    items = [
        {"n": one.n, "seq": one.seq, "token": one.token, "at": one.at, "snapshot": one.snapshot, "row": one.row}
        for one in shown
    ]
    following = cursor(of, [shown[-1].n, _iso(begin)]) if len(found) > len(shown) else None
    return {**envelope, "asset": asset_named("asset", asset, now), "items": items, "next": following}


def _iso(moment: datetime) -> str:
    return moment.isoformat()
