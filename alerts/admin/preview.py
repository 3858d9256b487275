"""The preview of a card: rendered, as the JSON that is sent, and as text."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from alerts.delivery.context import load_context
from alerts.delivery.loader import load_message
from alerts.models import Alert
from alerts.receivers import all_receivers
from alerts.rendering.card_html import card_html
from alerts.rendering.plain_text import plain_lines, subject
from alerts.rendering.teams_card import MAX_BYTES, card_size, render_message
from alerts.rendering.webhook_json import render_payload
from alerts.routes import route
from crypto_ews.conf import get_config
from crypto_ews.ui.display import pretty_json
from events import clock
from events.enums import AlertReason
from events.models import plain_events

# A digest is about many events, and a test about none.
_REASONS = [reason for reason in AlertReason.values if reason not in (AlertReason.DIGEST, AlertReason.TEST)]


class PreviewMixin:
    """The pages of the preview, for the ModelAdmin of alerts."""

    admin_site: Any
    opts: Any

    def preview_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("preview/<int:event_id>/", view(self.preview_event_view), name="alerts_preview_event"),
            path("<int:alert_id>/preview/", view(self.preview_alert_view), name="alerts_preview_alert"),
        ]

    def preview_event_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """The card that an alert of the event would send now."""
        event = plain_events().filter(pk=event_id).first()
        if event is None:
            raise Http404(f"event {event_id} does not exist")
        reason = request.GET.get("reason", AlertReason.OPENED)
        if reason not in _REASONS:
            raise Http404(f"{reason[:40]!r} is no reason of an alert")
        channel, _ = route(event.category, event.source)
        return self._preview(request, Alert(event=event, reason=reason, revision=event.revision, channel=channel))

    def preview_alert_view(self, request: HttpRequest, alert_id: int) -> HttpResponse:
        """The card of an alert as it would be sent now."""
        alert = Alert.objects.filter(pk=alert_id).first()
        if alert is None:
            raise Http404(f"alert {alert_id} does not exist")
        return self._preview(request, alert)

    def _preview(self, request: HttpRequest, alert: Alert) -> HttpResponse:
        if not request.user.has_perm("alerts.view_alert"):
            raise PermissionDenied
        minimal = "minimal" in request.GET
        config = get_config()
        receiver = all_receivers(config).get(alert.channel)
        # As its receiver gets it, for those who may see positions anyway.
        positions = (
            receiver is not None
            and receiver.kind in config.positions_on
            and request.user.has_perm("events.view_position")
        )
        stored = load_context([alert], config, positions)
        message = load_message(alert, config, clock.now(), minimal, stored, with_links=False)
        card = render_message(message)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Card of event {alert.event_id}" if alert.event_id else "Card",
            "opts": self.opts,
            "now": clock.now(),
            "alert": alert,
            "minimal": minimal,
            "rendered": card_html(card),
            "size": card_size(card),
            "limit": MAX_BYTES,
            "json": pretty_json(card),
            "payload": pretty_json(render_payload(message)),
            "subject": subject(message),
            "text": "\n".join(plain_lines(message)),
            "reasons": _REASONS,
        }
        return TemplateResponse(request, "admin/alerts/preview.html", context)
