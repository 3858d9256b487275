"""The overview: tokens at risk, broken or silent sources, and whether the data of the page is fresh."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from crypto_ews.ui.display import distance
from events import clock
from events.admin.panels import Figure, FigureSource, figures, overview_panels, register_figures
from events.clock_guard import Why
from events.daemon.readiness import HEARTBEAT_TOO_OLD
from events.enums import Priority, RiskLevel, Status
from events.models import ClockState, SourceHealth, TokenRisk, TokenRiskStatus, plain_events

HEARTBEAT_FRESH = HEARTBEAT_TOO_OLD
"""Older than this, the absence of a row does not mean the absence of a risk."""
SHOWN_TOKENS = 40
State = SourceHealth.State


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the overview to the context of the admin's index; each part needs its permission."""
    now = clock.now()
    may = request.user.has_perm
    context.update({"now": now, "trust": trust(clock.database_now()), "figures": figures(request, now)})
    context["overview_panels"] = overview_panels(request, now)
    if may("events.view_tokenrisk"):
        context["at_risk"] = TokenRisk.objects.order_by("-action", "-risk_level", "token")[:SHOWN_TOKENS]
        context["at_risk_total"] = TokenRisk.objects.count()
    if may("events.view_event"):
        events = plain_events().defer("facts", "pinned", "important_dates")
        context["latest"] = events.prefetch_related("effects").order_by("-opened_at", "-id")[:8]
        context["upcoming"] = (
            events.filter(status=Status.OPEN, priority=Priority.HIGH, next_important_at__gte=now)
            .prefetch_related("effects")
            .order_by("next_important_at")[:8]
        )
    if may("events.view_sourcehealth"):
        context["troubled"] = SourceHealth.objects.exclude(state=State.OK).order_by("source")
    return context


def trust(now: datetime) -> dict[str, Any]:
    """Whether the view that bots read is fresh: tone, a sentence, and the row of `token_risk_view_status`.

    now: of the database's clock.
    """
    clocks = ClockState.objects.filter(held=True).exclude(why=Why.STARTED).first()
    status = TokenRiskStatus.objects.first()
    beat = status.heartbeat_at if status else None
    if beat is None:
        tone, text = "bad", "No daemon has run yet: nothing is monitored."
    elif (beat - now).total_seconds() > clock.FUTURE_SECONDS:
        tone, text = (
            "bad",
            "The last heartbeat is in the future: a clock was set back, and the daemon is silent.",
        )
    elif now - beat > HEARTBEAT_FRESH:
        tone, text = "bad", f"The daemon is silent: its last heartbeat was {distance(beat, now)}."
    elif clocks is not None:
        tone, text = "bad", f"The clocks are not trusted: {clocks.says}"
    elif status and status.stale_sources:
        tone, text = "warn", f"Sources that are silent or whose content is old: {', '.join(status.stale_sources)}."
    else:
        tone, text = "good", f"The daemon is alive (heartbeat {distance(beat, now)}) and every source is current."
    return {"tone": tone, "text": text, "status": status}


def _event_figures(now: datetime) -> list[Figure]:
    events = plain_events().filter(status=Status.OPEN)
    counts = events.aggregate(every=Count("pk"), high=Count("pk", filter=Q(priority=Priority.HIGH)))
    url = reverse("admin:events_event_changelist")
    return [
        Figure("Open, high priority", counts["high"], f"{url}?priority__exact=high"),
        Figure("Open, low priority", counts["every"] - counts["high"], f"{url}?priority__exact=low"),
    ]


def _risk_figures(now: datetime) -> list[Figure]:
    counts = TokenRisk.objects.aggregate(
        every=Count("pk"), critical=Count("pk", filter=Q(risk_level=RiskLevel.CRITICAL))
    )
    critical = counts["critical"]
    label = f"Tokens at risk, {critical} critical"
    tone = "bad" if critical else "warn" if counts["every"] else ""
    return [Figure(label, counts["every"], reverse("admin:events_tokenrisk_changelist"), tone)]


def _source_figures(now: datetime) -> list[Figure]:
    counts = SourceHealth.objects.aggregate(every=Count("pk"), ok=Count("pk", filter=Q(state=State.OK)))
    tone = "" if counts["every"] == counts["ok"] else "bad"
    url = reverse("admin:events_sourcehealth_changelist")
    return [Figure("Sources that answer", f"{counts['ok']} of {counts['every']}", url, tone)]


def register() -> None:
    register_figures(FigureSource("events.view_tokenrisk", _risk_figures))
    register_figures(FigureSource("events.view_event", _event_figures))
    register_figures(FigureSource("events.view_sourcehealth", _source_figures))
