"""`GET /sources`: whether each source answers, and how old its content is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from pydantic import BaseModel, Field

from api.rest.access import READ, router
from api.rest.envelope import Listing, enveloped, seen_of
from events import registry
from events.models import SourceHealth

_PLAIN = (
    "source", "state", "interval_seconds", "last_attempt_at", "last_success_at", "last_item_count",
    "last_duration_ms", "clock_skew_seconds", "consecutive_failures", "next_attempt_at", "last_error", "last_error_at",
    "content_at", "content_bound_seconds", "content_overdue", "watched_since",
)  # fmt: skip


class Source(BaseModel):
    """The health of a source."""

    source: str
    state: str = Field(json_schema_extra={"enum": list(SourceHealth.State.values)})
    stale: bool = Field(description="Listed in `stale_sources`: its silence takes away from answers.")
    unseen: str = Field(description="What nobody sees while it cannot be read; the leading daemon alone knows it.")
    interval_seconds: float
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    answer_age_seconds: float | None = Field(description="Since the last good answer, by the database's clock.")
    last_item_count: int | None
    last_duration_ms: int | None
    content_at: datetime | None
    content_age_seconds: float | None = Field(description="Age of its content, which may be old in a new answer.")
    content_bound_seconds: float | None = Field(description="Largest age of its content that is in order.")
    content_overdue: list[str] = Field(description="Parts whose content is older than that.")
    clock_skew_seconds: float | None
    consecutive_failures: int
    next_attempt_at: datetime | None
    last_error: str
    last_error_at: datetime | None
    watched_since: datetime


class SourcePage(Listing):
    items: list[Source]


@router.get("/sources", auth=READ, response=SourcePage, tags=["sources"])
def list_sources(request: HttpRequest) -> dict[str, Any]:
    """Every source: whether it answers, how old its answer and its content are, and what is unseen without it."""
    envelope = enveloped(request)
    seen = seen_of(request)
    now = seen.database_now if seen is not None else None
    stale = set(envelope["stale_sources"])

    def age(moment: datetime | None) -> float | None:
        return None if moment is None or now is None else round((now - moment).total_seconds(), 3)

    items = [
        {
            **row,
            "stale": row["source"] in stale,
            "unseen": registry.unseen(row["source"]),
            "answer_age_seconds": age(row["last_success_at"]),
            "content_age_seconds": age(row["content_at"]),
        }
        for row in SourceHealth.objects.order_by("source").values(*_PLAIN)
    ]
    return {**envelope, "items": items, "next": None}
