"""What every body has: as of when, and how far it can be trusted. Read through Django's connection."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal, cast

import msgspec
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from ninja.renderers import BaseRenderer
from pydantic import BaseModel, Field

from api.freshness import SQL, Seen, freshness_of

_STATEMENT_SECONDS = 10
# One snapshot for all queries of an answer; and what reads cannot write. SET LOCAL: a pooler keeps nothing of it.
_READ = (
    f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = '{_STATEMENT_SECONDS}s'"
)


class Envelope(BaseModel):
    """The members of every body."""

    as_of: datetime | None = Field(description="The heartbeat of the daemon up to which this is known.")
    seq: int = Field(description="Counts the changes of token_risk_view.")
    status: Literal["fresh", "stale", "unknown"] = Field(
        description="How far this can be trusted. `unknown`: the daemon's heartbeat is missing or over 12 s old."
    )
    stale_sources: list[str] = Field(description="Sources whose silence or age takes away from it.")


class Listing(Envelope):
    """A page of a list."""

    next: str | None = Field(description="`cursor` of the next page; null: this is the last.")


@contextmanager
def snapshot() -> Iterator[None]:
    """What is read inside is one snapshot of the database, bounded in time."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_READ)
        yield


def enveloped(request: HttpRequest, **members: Any) -> dict[str, Any]:
    """A body. It is read after an act's commit and in the snapshot of a list."""
    seen = _read()
    request.ews_seen = seen  # type: ignore[attr-defined]
    freshness = freshness_of(seen, time.monotonic())
    return {
        "as_of": freshness.as_of,
        "seq": freshness.seq,
        "status": freshness.status,
        "stale_sources": list(freshness.stale_sources),
        **members,
    }


def add_headers(request: HttpRequest, response: HttpResponse) -> None:
    """Set X-Age-Ms, milliseconds since `as_of` at this moment by the database's clock, and the ETag of a reading."""
    if response.status_code == 200 and (tag := getattr(request, "ews_tag", None)):
        response["ETag"] = tag
    seen = cast("Seen | None", getattr(request, "ews_seen", None))
    if seen is not None:
        age = freshness_of(seen, time.monotonic()).age_ms
        if age is not None:
            response["X-Age-Ms"] = str(age)


def seen_of(request: HttpRequest) -> Seen | None:
    """What `enveloped` read for this request."""
    return cast("Seen | None", getattr(request, "ews_seen", None))


class Renderer(BaseRenderer):
    """JSON with times in ISO 8601 and UTC, as the hot doors write them."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        # `as_of` moves each second, and X-Age-Ms says so on a 304 too; everything else is what the tag is of.
        if request.method == "GET" and isinstance(data, dict):
            rest = msgspec.json.encode({name: value for name, value in data.items() if name != "as_of"})
            request.ews_tag = f'W/"{hashlib.blake2b(rest, digest_size=12).hexdigest()}"'  # type: ignore[attr-defined]
        return msgspec.json.encode(data)


def _read() -> Seen | None:
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        row = cursor.fetchone()
    if row is None:
        return None
    database_now, refreshed_at, seq, heartbeat_at, stale_sources = row
    return Seen(database_now, refreshed_at, seq, heartbeat_at, tuple(stale_sources), began)
