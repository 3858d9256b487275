"""The time machine: the board of any second since the history began."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from board.access import for_staff
from board.past import board_at, changes_between
from board.state import encoded
from events import clock
from events.ledger.history import history_begins
from events.upstream.archive_file import parse_iso

DAYS = 7
_MOST_MARKS = 400


@for_staff
@require_GET
def time_page(request: HttpRequest) -> HttpResponse:
    """A slider over the last days; `?at=` names a second."""
    begins, now = history_begins(), clock.now()
    first = max(begins, now - timedelta(days=DAYS)) if begins else None
    marks = changes_between(first, now, _MOST_MARKS) if first else []
    return render(request, "board/times.html", {"begins": first, "history_begins": begins, "now": now, "marks": marks})


@require_GET
@for_staff
def moment(request: HttpRequest) -> HttpResponse:
    """The board at `?at=`, an ISO time with its zone. 400 for no time; 404 before the history begins: nothing that is
    kept would look like no risk."""
    given = request.GET.get("at", "")
    at = _time(given)
    if at is None:
        return JsonResponse(
            {"error": f"at was {given[:60]!r}, expected a time such as 2026-12-01T08:00:00Z"}, status=400
        )
    begins = history_begins()
    if begins is None or at < begins:
        since = f"the history begins at {begins:%Y-%m-%d %H:%M:%S} UTC" if begins else "there is no history yet"
        return JsonResponse({"error": f"at was {given[:60]!r}: {since}"}, status=404)
    if at > clock.now() + timedelta(seconds=5):
        return JsonResponse({"error": f"at was {given[:60]!r}, expected no time in the future"}, status=400)
    return HttpResponse(encoded(board_at(at)), content_type="application/json")


def _time(text: str) -> datetime | None:
    try:
        return parse_iso(text) if text else None
    except ValueError:
        return None
