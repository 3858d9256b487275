"""The endpoints that go through Django: lists, single events, acts. The gateway has authenticated the caller."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja import NinjaAPI

from api.tokens.directory import Caller
from events.models import SourceHealth


def caller_of(request: HttpRequest) -> Caller | None:
    """Whom the gateway let in; None under a server without the gateway, which lets nobody in."""
    return cast("Caller | None", getattr(request, "scope", {}).get("ews_caller"))


rest = NinjaAPI(title="Crypto early warning", version="1", auth=caller_of, docs_url=None, openapi_url=None)


@rest.get("/sources")
def sources(request: HttpRequest) -> dict[str, Any]:
    """Health of every source."""
    return {"items": list(SourceHealth.objects.values("source", "state", "last_success_at"))}
