"""The alerts' part of event pages and of the overview: alerts, acknowledgement, audit, figures; and links to events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from alerts import audit
from alerts.models import Alert, AuditEntry
from alerts.outbox import RESENDABLE, WAITING
from alerts.receivers import all_receivers
from alerts.suppression import acknowledgements
from alerts.views.page import SILENCE_HOURS
from crypto_ews.conf import get_config
from crypto_ews.ui.display import NOTHING
from crypto_ews.ui.text import words
from events import clock
from events.admin.panels import (
    Audit,
    EventPanel,
    Figure,
    FigureSource,
    OverviewPanel,
    register_audit,
    register_cards,
    register_event_panel,
    register_figures,
    register_overview_panel,
)
from events.admin.positions import add_exposure
from events.enums import Priority, Status
from events.models import Event, plain_events

State = Alert.State

SHOWN_UNACKNOWLEDGED = 12


def event_link(event: Event | None) -> SafeString:
    if event is None:
        return NOTHING
    url = reverse("admin:events_event_change", args=[event.pk])
    return format_html('<a class="ews-link ews-title" href="{}">{}</a>', url, event.title)


def panel_context(event: Event, request: HttpRequest) -> dict[str, Any]:
    """The newest alerts of an event with their attempts, in two queries; its acknowledgement and audit entries."""
    alerts = Alert.objects.filter(event_id=event.pk).prefetch_related("tries")
    return {
        "alerts": alerts.order_by("-queued_at", "-id")[:50],
        "acknowledgement": acknowledgements.of_this_life().filter(event_id=event.pk).first(),
        "hours": SILENCE_HOURS,
        "may_silence": request.user.has_perm("alerts.add_silence"),
        "may_acknowledge": request.user.has_perm("alerts.add_acknowledgement"),
        "may_resend": request.user.has_perm("alerts.change_alert"),
        "resendable": RESENDABLE,
    }


def card_sentences(event_id: int) -> list[str]:
    """The cards of the newest revision of an event, per channel: sent, or why not."""
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        return []
    kinds = {name: receiver.kind for name, receiver in all_receivers(get_config()).items()}
    newest = Alert.objects.filter(event_id=event_id, revision=event.revision, life=event.life).order_by("pk")
    queued = newest.filter(queued_at__gte=event.updated_at)
    return [
        f"{alert.channel} ({kinds.get(alert.channel, 'no receiver')}): {words(alert.reason)}"
        + ("" if alert.state == State.PENDING else f", {words(alert.state)}: {_why(alert)}")
        for alert in queued
    ]


def _why(alert: Alert) -> str:
    return alert.done_reason or (words(alert.muted_by) if alert.muted_by else "no reason given")


def alert_figures(now: datetime) -> list[Figure]:
    waiting = Q(state__in=WAITING)
    counts = Alert.objects.filter(waiting | Q(state=State.DEAD)).aggregate(
        waiting=Count("pk", filter=waiting),
        late=Count("pk", filter=Q(state=State.PENDING, due_at__lt=now)),
        dead=Count("pk", filter=Q(state=State.DEAD)),
    )
    url = reverse("admin:alerts_alert_changelist")
    return [
        Figure("Alerts waiting", counts["waiting"], f"{url}?state__exact=pending", "warn" if counts["late"] else ""),
        Figure("Alerts given up", counts["dead"], f"{url}?state__exact=dead", "bad" if counts["dead"] else ""),
    ]


def unacknowledged_context(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """Open events of high priority that nobody has acknowledged, newest first."""
    acknowledged = acknowledgements.of_this_life().filter(ended_at=None).values("event_id")
    events = plain_events().filter(status=Status.OPEN, priority=Priority.HIGH).exclude(pk__in=acknowledged)
    newest = events.defer("facts", "pinned", "important_dates").order_by("-opened_at")[:SHOWN_UNACKNOWLEDGED]
    return {
        "unacknowledged": add_exposure(newest, request, now),
        "hours": SILENCE_HOURS,
        "may_acknowledge": request.user.has_perm("alerts.add_acknowledgement"),
        "may_silence": request.user.has_perm("alerts.add_silence"),
    }


_ACTS = {
    "block": audit.Act.BLOCKED,
    "correct": audit.Act.CORRECTED,
    "close": audit.Act.CLOSED,
    "false-alarm": audit.Act.FALSE_ALARM,
    "reopen": audit.Act.REOPENED,
    "unpin": audit.Act.UNPINNED,
}


def write_act(request: HttpRequest, act: str, event_id: int, what: str, once: str) -> None:
    """Write an audit entry of an act on an event, with who did it and where from. Raises IntegrityError."""
    audit.record(_ACTS[act], audit.actor_once(request, once, clock.now()), clock.now(), what, event_id)


def event_done(once: str) -> int | None:
    """The event of the act that used up this number of a confirmation."""
    entry = audit.used_up(once)
    return entry.event_id if entry else None


def entries_of(event_id: int) -> list[AuditEntry]:
    """The newest audit entries of an event."""
    return list(AuditEntry.objects.filter(event_id=event_id)[:50])


def register() -> None:
    register_audit(Audit(write_act, entries_of, event_done))
    register_overview_panel(
        OverviewPanel(
            "Not acknowledged", "admin/alerts/unacknowledged_panel.html", "alerts.view_alert", unacknowledged_context
        )
    )
    register_event_panel(EventPanel("Alerts", "admin/alerts/event_panel.html", "alerts.view_alert", panel_context))
    register_cards(card_sentences)
    register_figures(FigureSource("alerts.view_alert", alert_figures))
