"""The documentation of the API in a browser: ninja's copy of Swagger UI, which asks nobody outside.

The strict policy of our pages holds: the script that starts it is a file of its own.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.rest.document import text
from events.daemon.page_access import login_off_loopback


@require_safe
@login_off_loopback
def docs_page(request: HttpRequest) -> HttpResponse:
    """`/api/docs`, for whom the other pages are for."""
    return render(request, "api/docs.html")


@require_safe
@login_off_loopback
def openapi_page(request: HttpRequest) -> HttpResponse:
    """`/api/openapi.json`: what `docs/openapi.json` of this release has."""
    response = HttpResponse(text(), content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
