"""How the alerts' pages refer to events."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crypto_ews.ui.display import NOTHING
from events.models import Event


def event_link(event: Event | None) -> SafeString:
    if event is None:
        return NOTHING
    url = reverse("admin:events_event_change", args=[event.pk])
    return format_html('<a class="ews-link ews-title" href="{}">{}</a>', url, event.title)
