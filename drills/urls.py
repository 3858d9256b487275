"""The pages of a drill: acknowledge and silence, the events that cards name, and the runbook."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import include, path

from alerts.views.act import act_page
from crypto_ews.ui.runbook import runbook
from events.models import plain_events


def index(request: HttpRequest) -> HttpResponse:
    """The events of the drill, the latest first."""
    return render(request, "drills/events.html", {"events": plain_events().order_by("-pk")})


def event_page(request: HttpRequest, event_id: int) -> HttpResponse:
    """An event of the drill, to read."""
    event = get_object_or_404(plain_events(), pk=event_id)
    return render(request, "drills/event.html", {"event": event, "effects": event.effects.all()})


# Under the names and paths of the admin, which cards and pages link to.
_ADMIN = [
    path("", index, name="index"),
    path("events/event/<int:event_id>/change/", event_page, name="events_event_change"),
]
urlpatterns = [
    path("act/<str:token>", act_page, name="act"),
    path("runbook/", runbook, name="runbook"),
    path("runbook/<slug:name>/", runbook, name="runbook-page"),
    path("admin/", include((_ADMIN, "admin"), namespace="admin")),
]
