"""`GET /reviews`: notices that a person has to judge, and what was decided of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query
from pydantic import BaseModel

from api.rest.access import READ, router
from api.rest.envelope import Listing, enveloped
from api.rest.filters import tokens_named
from api.rest.inputs import Filters, Name
from api.rest.pages import page
from events import clock
from events.models import Review

_PLAIN = (
    "id", "source", "natural_key", "title", "url", "reason", "ending", "first", "tokens", "tickers", "venues",
    "released_at", "opened_at", "decided_at", "decision", "event_id",
)  # fmt: skip


class ReviewBody(BaseModel):
    """A review: a notice that its source cannot judge."""

    id: int
    source: str
    natural_key: str
    title: str
    url: str
    reason: str = Field(json_schema_extra={"enum": list(Review.Reason.values)})
    reason_text: str
    ending: bool = Field(description="It has a word of ending.")
    first: bool = Field(description="It also names something watched.")
    tokens: list[str] = Field(description="Assets that it names.")
    tickers: list[str] = Field(description="VENUE:SYMBOL.")
    venues: list[str] = Field(description="Its tokens may be concerned on every market of their exchanges.")
    released_at: datetime
    opened_at: datetime
    decided_at: datetime | None
    decision: str = Field(description="Empty: undecided.", json_schema_extra={"enum": ["", *Review.Decision.values]})
    event_id: int | None = Field(description="The event that it turned out to be.")


class ReviewPage(Listing):
    items: list[ReviewBody]


class ReviewFilters(Filters):
    undecided: bool | None = Field(None, description="true: those that wait for a person.")
    token: Name | None = Field(None, description="Any name of an asset that it names: XBT finds BTC.")


@router.get("/reviews", auth=READ, response=ReviewPage, tags=["reviews"])
def list_reviews(request: HttpRequest, filters: Query[ReviewFilters]) -> dict[str, Any]:
    """Notices that no rule explains, the newest first. `can_trade` names the undecided ones at `watch`."""
    envelope = enveloped(request)
    rows = Review.objects.all()
    if filters.undecided is not None:
        rows = rows.filter(decided_at__isnull=filters.undecided)
    if filters.token is not None:
        rows = rows.filter(tokens__overlap=list(tokens_named("token", [filters.token], clock.now())))
    shown, following = page(request, rows.defer("text"), filters)
    return {**envelope, "items": [_body(row) for row in shown], "next": following}


def _body(row: Review) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in _PLAIN}, "reason_text": row.get_reason_display()}
