"""`/`: the page of the board. What it shows comes by its stream."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from board.access import for_staff
from board.live.door import STREAM

# What would end a <script> element.
_ESCAPED = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@for_staff
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The board; its filters are in the address."""
    return render(
        request,
        "board/board.html",
        {
            "stream": STREAM,
            "may_acknowledge": request.user.has_perm("alerts.add_acknowledgement"),
            "may_silence": request.user.has_perm("alerts.add_silence"),
            "who": request.user.get_username(),
        },
    )


def embedded(body: bytes) -> str:
    """JSON that may stand in a page."""
    return mark_safe(body.decode().translate(_ESCAPED))
