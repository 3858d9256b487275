"""What alerts add to the pages of events: the panel with acknowledgement and alerts, and figures of the overview."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from alerts.models import Acknowledgement, Alert
from alerts.outbox import FINISHED, WAITING
from crypto_ews.admin_base import ReadOnlyAdmin
from crypto_ews.admin_display import moment
from events.admin_panels import EventPanel, Figure, FigureSource, register_event_panel, register_figures
from events.models import Event, plain_events

State = Alert.State


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "about", "by", "when", "note")
    list_select_related = ("event",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.acknowledge_view)
        return [path("of/<int:event_id>/", view, name="alerts_acknowledge"), *super().get_urls()]

    def acknowledge_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Take an event in hand. Whoever was first stays, so that nobody believes to have it alone."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("alerts.add_acknowledgement"):
            raise PermissionDenied
        event = plain_events().filter(pk=event_id).first()
        if event is None:
            raise Http404(f"event {event_id} does not exist")
        acknowledgement, made = Acknowledgement.objects.get_or_create(
            event_id=event_id,
            defaults={
                "by": request.user.get_username(),
                "at": timezone.now(),
                "note": request.POST.get("note", "").strip()[:2000],
            },
        )
        if made:
            self.log_addition(request, acknowledgement, "Acknowledged")
            messages.success(request, f"Event {event_id} is in your hands.")
        else:
            messages.warning(request, f"{acknowledgement.by} has taken event {event_id} in hand already.")
        return HttpResponseRedirect(reverse("admin:events_event_change", args=[event_id]))

    @display(description="Event")
    def about(self, acknowledgement: Acknowledgement) -> str:
        return str(acknowledgement.event)

    @display(description="When", ordering="at")
    def when(self, acknowledgement: Acknowledgement) -> SafeString:
        return moment(acknowledgement.at, timezone.now())


def panel_context(event: Event, request: HttpRequest) -> dict[str, Any]:
    """The alerts of an event with their attempts, newest first, in two queries."""
    alerts = Alert.objects.filter(event_id=event.pk).prefetch_related("tries")
    return {
        "alerts": alerts.order_by("-queued_at", "-id")[:50],
        "acknowledgement": Acknowledgement.objects.filter(event_id=event.pk).first(),
        "may_acknowledge": request.user.has_perm("alerts.add_acknowledgement"),
        "may_resend": request.user.has_perm("alerts.change_alert"),
        "finished": FINISHED,
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


def register() -> None:
    register_event_panel(EventPanel("Alerts", "admin/alerts/event_panel.html", "alerts.view_alert", panel_context))
    register_figures(FigureSource("alerts.view_alert", alert_figures))
