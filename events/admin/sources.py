"""The sources in the admin: their health, quarantined items, and every poll."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    FieldTextFilter,
)
from unfold.decorators import action, display

from crypto_ews.ui.display import NOTHING, badge, distance, moment, size
from crypto_ews.ui.model_admin import DayRangeFilter, ReadOnlyAdmin
from events import clock, registry
from events.models import PayloadPoll, QuarantinedItem, SourceHealth
from events.sources.content import duration, parts_from_json

# The daemon logs a larger skew (section 9 of the design); the page marks it too.
CLOCK_SKEW_SECONDS = 2.0


def seconds(value: float | None) -> str:
    """A duration as text."""
    if value is None:
        return "–"
    return f"{value:g} s" if value < 120 else f"{value / 60:g} min"


def payload_link(sha256: str | None) -> SafeString:
    if not sha256:
        return NOTHING
    return format_html(
        '<a class="ews-link" href="{}">{}</a>', reverse("admin:events_payload", args=[sha256]), sha256[:12]
    )


@admin.register(SourceHealth)
class SourceHealthAdmin(ReadOnlyAdmin):
    list_display = ("source", "condition", "answered", "content_age", "items", "interval", "failures", "skew", "error")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_fullwidth = True
    search_fields = ("source", "last_error")

    @display(description="State", ordering="state")
    def condition(self, row: SourceHealth) -> SafeString:
        return format_html("{}", badge(row.state))

    @display(description="Last success", ordering="last_success_at")
    def answered(self, row: SourceHealth) -> SafeString:
        return moment(row.last_success_at, clock.as_database(clock.now()))

    @display(description="Content", ordering="content_at")
    def content_age(self, row: SourceHealth) -> SafeString:
        """The age of the source's content, as against the time of its last answer."""
        if row.content_at is None:
            return NOTHING
        shown = moment(row.content_at, clock.as_database(clock.now()))
        if not row.content_overdue:
            return shown
        return format_html('<span class="ews-stack">{} {}</span>', badge("old", "red"), shown)

    @display(description="Items", ordering="last_item_count")
    def items(self, row: SourceHealth) -> str:
        return "–" if row.last_item_count is None else str(row.last_item_count)

    @display(description="Interval", ordering="interval_seconds")
    def interval(self, row: SourceHealth) -> str:
        return seconds(row.interval_seconds)

    @display(description="Failures", ordering="consecutive_failures")
    def failures(self, row: SourceHealth) -> SafeString:
        if not row.consecutive_failures:
            return NOTHING
        again = ""
        now = clock.as_database(clock.now())
        if row.next_attempt_at and row.next_attempt_at > now:
            again = f"next poll {distance(row.next_attempt_at, now)}"
        return format_html(
            '<span class="ews-stack">{} <span class="ews-distance">{}</span></span>',
            badge(f"{row.consecutive_failures} in a row", "red"),
            again,
        )

    @display(description="Clock", ordering="clock_skew_seconds")
    def skew(self, row: SourceHealth) -> SafeString:
        if row.clock_skew_seconds is None:
            return NOTHING
        text = f"{row.clock_skew_seconds:+.1f} s"
        return badge(text, "amber") if abs(row.clock_skew_seconds) > CLOCK_SKEW_SECONDS else format_html("{}", text)

    @display(description="Last error")
    def error(self, row: SourceHealth) -> SafeString:
        if not row.last_error:
            return NOTHING
        tone = "" if row.consecutive_failures else "ews-muted"
        return format_html('<span class="ews-title {}">{}</span>', tone, row.last_error[:300])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        row = self.get_object(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        # Other requests of a source begin with its name: binance.instruments polls binance.instruments.usdm too.
        of_source = Q(source=row.pk) | Q(source__startswith=f"{row.pk}.")
        may = request.user.has_perm
        polls = PayloadPoll.objects.filter(of_source)[:30] if may("events.view_payloadpoll") else None
        items = QuarantinedItem.objects.filter(of_source, resolved_at=None)[:20]
        context = {
            **self.admin_site.each_context(request),
            "title": row.source,
            "opts": self.opts,
            "original": row,
            "now": clock.now(),
            "row": row,
            "interval": seconds(row.interval_seconds),
            "content_bound": duration(timedelta(seconds=row.content_bound_seconds or 0)),
            "unseen": registry.unseen(row.pk),
            "parts": [
                {"name": name or "all", "old": name in row.content_overdue, "state": state}
                for name, state in sorted(parts_from_json(row.content).items())
            ],
            "skewed": abs(row.clock_skew_seconds or 0) > CLOCK_SKEW_SECONDS,
            "quarantined": items if may("events.view_quarantineditem") else None,
            "polls": polls,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/events/sourcehealth/detail.html", context)


class ResolvedFilter(DropdownFilter):
    title = "state"
    parameter_name = "resolved"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "waiting"), ("yes", "resolved"), ("all", "all")]

    def value(self) -> str:
        return super().value() or "no"

    def queryset(self, request: HttpRequest, queryset: QuerySet[QuarantinedItem]) -> QuerySet[QuarantinedItem]:
        return queryset if self.value() == "all" else queryset.filter(resolved_at__isnull=self.value() == "no")


def mark_resolved(items: QuerySet[QuarantinedItem], now: datetime) -> list[QuarantinedItem]:
    """Mark quarantined items as resolved; another failure reopens them. Returns those that were not, in a transaction
    of the caller."""
    waiting = list(items.filter(resolved_at=None).select_for_update().order_by("pk"))
    QuarantinedItem.objects.filter(pk__in=[item.pk for item in waiting]).update(resolved_at=now)
    return waiting


@admin.register(QuarantinedItem)
class QuarantinedItemAdmin(ReadOnlyAdmin):
    list_display = ("what", "source", "why", "attempts", "last", "state")
    list_filter = (ResolvedFilter, ("source", FieldTextFilter))
    list_fullwidth = True
    search_fields = ("item_key", "title", "error")
    actions = ("resolve",)
    fields = ("source", "item_key", "title", "error", "found_in", "attempts", "first", "last", "state", "start")
    readonly_fields = fields

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("events.change_quarantineditem"))

    @action(description="Mark as resolved", permissions=["resolve"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[QuarantinedItem]) -> None:
        resolved = mark_resolved(queryset, clock.now())
        self.log_changes(request, resolved, "marked as resolved")
        count = len(resolved)
        messages.success(request, f"{count} item{'' if count == 1 else 's'} marked as resolved.")

    @display(description="Item")
    def what(self, item: QuarantinedItem) -> SafeString:
        return format_html('<span class="ews-title">{}</span>', item.title or item.item_key)

    @display(description="Error")
    def why(self, item: QuarantinedItem) -> SafeString:
        return format_html('<span class="ews-title">{}</span>', item.error[:300])

    @display(description="Last tried", ordering="last_at")
    def last(self, item: QuarantinedItem) -> SafeString:
        return moment(item.last_at, clock.now())

    @display(description="First tried", ordering="first_at")
    def first(self, item: QuarantinedItem) -> SafeString:
        return moment(item.first_at, clock.now())

    @display(description="State")
    def state(self, item: QuarantinedItem) -> SafeString:
        return badge("resolved", "green") if item.resolved_at else badge("waiting", "orange")

    @display(description="Payload")
    def found_in(self, item: QuarantinedItem) -> SafeString:
        return payload_link(item.payload_id)

    @display(description="Excerpt")
    def start(self, item: QuarantinedItem) -> SafeString:
        return format_html('<pre class="ews-pre">{}</pre>', item.excerpt)


@admin.register(PayloadPoll)
class PayloadPollAdmin(ReadOnlyAdmin):
    list_display = ("received", "source", "answer", "took", "body_size", "content", "url")
    list_display_links = None
    list_filter = (("source", FieldTextFilter), ("received_at", DayRangeFilter))
    list_fullwidth = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayloadPoll]:
        """Without the bodies' bytes: a page of fifty could be a gigabyte."""
        return PayloadPoll.objects.select_related("body").defer("body__compressed")

    @display(description="Received", ordering="received_at")
    def received(self, poll: PayloadPoll) -> SafeString:
        return moment(poll.received_at, clock.now())

    @display(description="Status", ordering="status")
    def answer(self, poll: PayloadPoll) -> SafeString:
        return badge(poll.status, "green" if poll.status < 300 else "red")

    @display(description="Took", ordering="duration_ms")
    def took(self, poll: PayloadPoll) -> str:
        return f"{poll.duration_ms} ms"

    @display(description="Size")
    def body_size(self, poll: PayloadPoll) -> str:
        return size(poll.body.size) if poll.body else "–"

    @display(description="Body")
    def content(self, poll: PayloadPoll) -> SafeString:
        return payload_link(poll.body_id)
