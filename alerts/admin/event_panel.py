"""What alerts add to the pages of events and to the overview: who has what in hand, alerts, figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from alerts.models import Alert, AuditEntry
from alerts.outbox import RESENDABLE, WAITING
from alerts.suppression import acknowledgements
from events.admin.panels import (
    EventPanel,
    Figure,
    FigureSource,
    OverviewPanel,
    register_event_panel,
    register_figures,
    register_overview_panel,
)
from events.enums import Priority, Status
from events.models import Event, plain_events

State = Alert.State


HOURS = ((1, "1 hour"), (4, "4 hours"), (24, "1 day"), (72, "3 days"), (168, "1 week"))
SHOWN_UNATTENDED = 12


def panel_context(event: Event, request: HttpRequest) -> dict[str, Any]:
    """The alerts of an event with their attempts, newest first, in two queries."""
    alerts = Alert.objects.filter(event_id=event.pk).prefetch_related("tries")
    return {
        "alerts": alerts.order_by("-queued_at", "-id")[:50],
        "acknowledgement": acknowledgements.of_this_life().filter(event_id=event.pk).first(),
        "audit": AuditEntry.objects.filter(event_id=event.pk)[:20],
        "hours": HOURS,
        "may_silence": request.user.has_perm("alerts.add_silence"),
        "may_acknowledge": request.user.has_perm("alerts.add_acknowledgement"),
        "may_resend": request.user.has_perm("alerts.change_alert"),
        "resendable": RESENDABLE,
    }


def alert_figures(now: datetime) -> list[Figure]:
    waiting = Q(state__in=WAITING)
    numbers = Alert.objects.filter(waiting | Q(state=State.DEAD)).aggregate(
        waiting=Count("pk", filter=waiting),
        late=Count("pk", filter=Q(state=State.PENDING, due_at__lt=now)),
        dead=Count("pk", filter=Q(state=State.DEAD)),
    )
    url = reverse("admin:alerts_alert_changelist")
    return [
        Figure("Alerts waiting", numbers["waiting"], f"{url}?state__exact=pending", "warn" if numbers["late"] else ""),
        Figure("Alerts given up", numbers["dead"], f"{url}?state__exact=dead", "bad" if numbers["dead"] else ""),
    ]


def unattended_context(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """Open events of high priority that nobody has in hand, newest first."""
    standing = acknowledgements.of_this_life().filter(ended_at=None).values("event_id")
    events = plain_events().filter(status=Status.OPEN, priority=Priority.HIGH).exclude(pk__in=standing)
    return {
        "unattended": events.defer("facts", "pinned", "important_dates").order_by("-opened_at")[:SHOWN_UNATTENDED],
        "hours": HOURS,
        "may_acknowledge": request.user.has_perm("alerts.add_acknowledgement"),
        "may_silence": request.user.has_perm("alerts.add_silence"),
    }


def register() -> None:
    register_overview_panel(
        OverviewPanel("In nobody's hands", "admin/alerts/hands_panel.html", "alerts.view_alert", unattended_context)
    )
    register_event_panel(EventPanel("Alerts", "admin/alerts/event_panel.html", "alerts.view_alert", panel_context))
    register_figures(FigureSource("alerts.view_alert", alert_figures))
