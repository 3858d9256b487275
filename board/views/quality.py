"""Lead times and false alarms of each source, from the ledger: a table and bars."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from alerts.rendering.phrases import source_label
from board.access import for_staff
from board.state import encoded
from board.views.page import embedded
from crypto_ews.ui.text import span
from events import clock
from events.ledger.history import way_of_events
from events.ledger.lead_times import LEGS, SourceFigures, Spread, lead_times

SPANS = {"1": "1 day", "7": "7 days", "30": "30 days", "365": "1 year"}
_STANDARD = "30"
_FEW = 5
"""Below so many a share or a 90th percentile says nothing."""


@for_staff
@require_GET
def quality_page(request: HttpRequest) -> HttpResponse:
    """`?days=`: one of SPANS."""
    days = request.GET.get("days", _STANDARD)
    days = days if days in SPANS else _STANDARD
    since = clock.now() - timedelta(days=int(days))
    figures = lead_times(way_of_events(since))
    rows = [_row(source, one) for source, one in figures.items()]
    chart = [{"name": row["name"], "legs": row["medians"]} for row in rows]
    return render(
        request,
        "board/quality.html",
        {
            "now": clock.now(),
            "rows": rows,
            "spans": SPANS,
            "days": days,
            "since": since,
            "legs": [_leg_name(leg) for leg in LEGS],
            "chart": embedded(encoded({"legs": [_leg_name(leg) for leg in LEGS], "rows": chart})),
        },
    )


def _row(source: str, one: SourceFigures) -> dict[str, Any]:
    share = one.false_alarms / one.events if one.events >= _FEW else None
    return {
        "name": source_label(source),
        "source": source,
        "events": one.events,
        "false_alarms": one.false_alarms,
        "share": "too few to say" if share is None else f"{share:.0%}",
        "width": 0 if share is None else round(100 * share, 1),
        "legs": [_spread(one.legs[leg]) for leg in LEGS],
        "medians": [one.legs[leg].p50 for leg in LEGS],
    }


def _spread(leg: Spread) -> dict[str, str]:
    if leg.p50 is None or leg.p90 is None or leg.max is None:
        return {"p50": "–", "rest": ""}
    rest = f"90 %: {_span(leg.p90)} · longest {_span(leg.max)}" if leg.n >= _FEW else f"longest {_span(leg.max)}"
    return {"p50": _span(leg.p50), "rest": f"{rest} · n {leg.n}"}


def _span(seconds: float) -> str:
    """Below a minute with a fraction: this is where lead times are won."""
    if 0 <= seconds < 0.01:
        return "under 10 ms"
    return f"{seconds:.2g} s" if abs(seconds) < 10 else span(seconds)


def _leg_name(leg: str) -> str:
    return leg.replace("_to_", " → ")
