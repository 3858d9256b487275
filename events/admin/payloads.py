"""Archived payloads: an upstream's answer as escaped text up to a size, and complete as a download."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from events import clock
from events.models import PayloadBody, PayloadPoll
from events.upstream.archive import body_bytes

SHOWN_BYTES = 200_000


class PayloadViewsMixin:
    """The pages of archived bodies, for the ModelAdmin of events."""

    admin_site: Any
    opts: Any

    def payload_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("payload/<str:sha256>/", view(self.payload_view), name="events_payload"),
            path("payload/<str:sha256>/raw/", view(self.payload_download), name="events_payload_raw"),
        ]

    @staticmethod
    def _body(request: HttpRequest, sha256: str) -> PayloadBody:
        if not request.user.has_perm("events.view_payloadbody"):
            raise PermissionDenied
        body = PayloadBody.objects.filter(pk=sha256).first()
        if body is None:
            raise Http404(f"there is no payload {sha256[:64]} (retention may have deleted it)")
        return body

    def payload_view(self, request: HttpRequest, sha256: str) -> HttpResponse:
        body = self._body(request, sha256)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Payload {body.pk[:12]}",
            "opts": self.opts,
            "now": clock.now(),
            "body": body,
            "text": body_bytes(body)[:SHOWN_BYTES].decode("utf-8", "replace"),
            "shown": min(body.size, SHOWN_BYTES),
            "cut": body.size > SHOWN_BYTES,
            "polls": PayloadPoll.objects.filter(body_id=body.pk)[:10],
        }
        return TemplateResponse(request, "admin/events/payload.html", context)

    def payload_download(self, request: HttpRequest, sha256: str) -> HttpResponse:
        """The bytes, as an attachment of a type that no browser renders: an upstream's HTML is never executed."""
        body = self._body(request, sha256)
        return HttpResponse(
            body_bytes(body),
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="{body.pk[:16]}.txt"',
                "X-Content-Type-Options": "nosniff",
            },
        )
