"""Events in the admin: one list of all kinds, and a page per event with all that is known about it.

Both are read-only. Changes of an event go through the lifecycle (`event_actions`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from crypto_ews.ui.display import badge, chips, moment
from crypto_ews.ui.model_admin import AuditedAdmin, DayRangeFilter
from crypto_ews.ui.text import words
from events import clock
from events.admin.event_actions import EventActionsMixin, acts_for
from events.admin.event_list import SourceFilter, StatusFilter, TokenFilter, search_events
from events.admin.panels import audit_of, event_panels
from events.admin.payloads import PayloadViewsMixin
from events.admin.positions import ExposureMixin, may_view
from events.enums import Action, Scope
from events.models import Event, KeySuppression, of_tokens, plain_events


@admin.register(Event)
class EventAdmin(ExposureMixin, PayloadViewsMixin, EventActionsMixin, AuditedAdmin):
    list_display = (
        "headline",
        "state",
        "tokens",
        "action",
        "kind",
        "next_date",
        "opened",
    )
    list_display_links = ("headline",)
    list_filter = (
        StatusFilter,
        TokenFilter,
        SourceFilter,
        ("category", ChoicesDropdownFilter),
        ("priority", ChoicesDropdownFilter),
        ("opened_at", DayRangeFilter),
    )
    list_filter_submit = True
    list_before_template = "admin/events/event/list_tabs.html"
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False
    search_fields = ("title",)
    search_help_text = "Title, token, ticker or number"
    ordering = ("-opened_at", "-id")
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Base rows without their large columns: the list reads no subclass's table."""
        events = plain_events().defer("facts", "pinned", "important_dates").prefetch_related("effects")
        return self.by_exposure(events) if "o" in request.GET and may_view(request) else events

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.list_display, "exposure") if may_view(request) else self.list_display

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        return search_events(queryset, search_term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"may_open": request.user.has_perm("events.add_event"), "now": clock.now()}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @display(description="Event", ordering="id")
    def headline(self, event: Event) -> SafeString:
        return format_html(
            '<span class="ews-title"><span class="ews-strong">{}</span> <span class="ews-muted">#{}</span></span>',
            event.title,
            event.pk,
        )

    @display(description="State", ordering="priority")
    def state(self, event: Event) -> SafeString:
        closed = "false alarm" if event.false_alarm else event.status
        shown = badge(event.priority) if event.status == "open" else badge(closed, "grey")
        return format_html('<span class="ews-stack">{}</span>', shown)

    @display(description="Tokens")
    def tokens(self, event: Event) -> SafeString:
        return chips(dict.fromkeys(effect.token for effect in of_tokens(event.effects.all())))

    @display(description="Action")
    def action(self, event: Event) -> SafeString:
        effects = event.effects.all()
        only_pairs = bool(effects) and all(effect.scope == Scope.PAIRS for effect in effects)
        note = mark_safe('<span class="ews-muted">on its pairs only</span>') if only_pairs else ""
        return format_html('<span class="ews-stack">{}{}</span>', badge(strictest_action(effects)), note)

    @display(description="Category", ordering="category")
    def kind(self, event: Event) -> SafeString:
        return format_html('{}<br><span class="ews-muted">{}</span>', words(event.category), event.source)

    @display(description="Next date", ordering="next_important_at")
    def next_date(self, event: Event) -> SafeString:
        return moment(event.next_important_at, clock.now())

    @display(description="Opened", ordering="opened_at")
    def opened(self, event: Event) -> SafeString:
        return moment(event.opened_at, clock.now())

    def get_urls(self) -> list[URLPattern]:
        return [*self.action_urls(), *self.payload_urls(), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of an event. It accepts no POST, because only the lifecycle writes events."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        events = plain_events().select_related("payload").defer("payload__compressed")
        event = events.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None
        if event is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {
            **self.admin_site.each_context(request),
            **self._page(request, event),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/events/event/detail.html", context)

    def _page(self, request: HttpRequest, event: Event) -> dict[str, Any]:
        now = clock.now()
        effects = list(event.effects.all())
        panels = [
            {"panel": panel, "context": {**panel.context(event, request), "event": event, "now": now}}
            for panel in event_panels(request)
        ]
        return {
            "title": f"Event {event.pk}",
            "opts": self.opts,
            "original": event,
            "event": event,
            "now": now,
            "effects": effects,
            "action": strictest_action(effects),
            "acts": acts_for(event) if request.user.has_perm("events.change_event") else [],
            "kind_fields": kind_fields(event),
            "panels": panels,
            "history": audit_of(event.pk),
            "suppression": KeySuppression.objects.filter(natural_key=event.natural_key).first(),
            "lives": earlier_lives(event),
            "siblings": plain_events()
            .filter(natural_key=event.natural_key)
            .exclude(pk=event.pk)
            .defer("facts")
            .order_by("-id")[:10],
            "list_url": reverse("admin:events_event_changelist"),
        }


def earlier_lives(event: Event) -> list[dict[str, Any]]:
    """The event's earlier openings, newest first, with times as times."""
    times = ("opened_at", "closed_at")
    return [
        {**life, **{name: datetime.fromisoformat(life[name]) if life[name] else None for name in times}}
        for life in reversed(event.earlier_lives)
    ]


def strictest_action(effects: Any) -> str:
    """The strictest action over an event's effects, "" where it has none."""
    return Action.most_severe(effect.action for effect in effects)


def kind_fields(event: Event) -> list[tuple[str, Any]]:
    """The fields that the event's kind adds to the base: (name, value)."""
    real = event.get_real_instance()
    return [
        (words(field.name), getattr(real, field.name))
        for field in type(real)._meta.local_fields
        if type(real) is not Event and not field.is_relation
    ]
