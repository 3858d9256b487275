"""Alerts and channels in the admin: what was sent, what was not and why; resend and test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display

from alerts import audit, outbox
from alerts.admin.event_panel import event_link
from alerts.admin.event_panel import register as register_event_parts
from alerts.admin.preview import PreviewMixin
from alerts.audit import Act, actor_of
from alerts.delivery.claims import locked_state
from alerts.models import Alert, AlertAttempt, Channel, ChannelState
from alerts.receiver import Receiver
from alerts.receivers import all_receivers
from crypto_ews.conf import get_config
from crypto_ews.ui.display import NOTHING, badge, json_block, moment
from crypto_ews.ui.model_admin import DayRangeFilter, ReadOnlyAdmin, ReadOnlyInline, only_pressed
from crypto_ews.ui.text import words
from events import clock
from events.enums import AlertReason
from events.models import plain_events

register_event_parts()

# Decisions of stages that let an alert pass; the others are known to `words`.
_TWICE_WITHIN = timedelta(seconds=10)
_DECISIONS = {"heard": "no silence", "free": "not inhibited", "news": "not a repeat", "nobody": "not acknowledged"}


class AttemptInline(ReadOnlyInline):
    model = AlertAttempt
    fields = ("started", "channel", "http_status", "decided", "reason", "took", "answer")
    readonly_fields = fields
    verbose_name_plural = "attempts"
    hide_title = True

    @display(description="Started")
    def started(self, attempt: AlertAttempt) -> SafeString:
        return moment(attempt.started_at, clock.now())

    @display(description="Decision")
    def decided(self, attempt: AlertAttempt) -> SafeString:
        return badge(attempt.decision)

    @display(description="Took")
    def took(self, attempt: AlertAttempt) -> str:
        return f"{attempt.duration_ms} ms"

    @display(description="Answer")
    def answer(self, attempt: AlertAttempt) -> SafeString:
        return format_html('<span class="ews-title">{}</span>', attempt.excerpt[:500] or "–")


class ChannelFilter(DropdownFilter):
    title = "channel"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(channel, channel) for channel in all_receivers(get_config())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Alert)
class AlertAdmin(PreviewMixin, ReadOnlyAdmin):
    list_display = ("number", "about", "condition", "reason", "channel", "attempts", "queued", "outcome")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ChannelFilter,
        ("reason", ChoicesDropdownFilter),
        ("queued_at", DayRangeFilter),
    )
    list_fullwidth = True
    search_fields = ("event__title", "done_reason", "muted_by")
    actions = ("resend",)
    inlines = (AttemptInline,)
    fields = (
        "about",
        "reason",
        "revision",
        "channel",
        "condition",
        "urgency",
        "queued",
        "due",
        "attempts",
        "shrunk",
        "lease",
        "done",
        "done_reason",
        "digest",
        "silence",
        "suppressed_by",
        "inhibited_by",
        "decided",
        "extra",
    )
    readonly_fields = fields
    change_form_outer_before_template = "admin/alerts/resend.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        """Alerts with the title of each event only, read from the base table without its subclass."""
        plain = plain_events().only("title")
        return Alert.objects.prefetch_related(Prefetch("event", plain))

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("alerts.change_alert"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.resend_view)
        resend = path("<int:alert_id>/resend/", view, name="alerts_alert_resend")
        return [resend, *self.preview_urls(), *super().get_urls()]

    @action(description="Send again", permissions=["resend"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        self._resend(request, list(queryset.values_list("pk", flat=True)))

    def resend_view(self, request: HttpRequest, alert_id: int) -> HttpResponse:
        if request.method != "POST":
            return only_pressed(request, reverse("admin:alerts_alert_change", args=[alert_id]))
        if not self.has_resend_permission(request):
            raise PermissionDenied
        if not Alert.objects.filter(pk=alert_id).exists():
            raise Http404(f"alert {alert_id} does not exist")
        self._resend(request, [alert_id])
        return HttpResponseRedirect(reverse("admin:alerts_alert_change", args=[alert_id]))

    def _resend(self, request: HttpRequest, ids: list[int]) -> None:
        now = clock.now()
        with transaction.atomic():
            # Locked: the audit has what is sent again by this act, and nothing else.
            finished = Alert.objects.filter(pk__in=ids, state__in=outbox.RESENDABLE)
            alerts = list(finished.select_for_update(no_key=True, of=("self",)).order_by("id"))
            queued = outbox.resend([alert.pk for alert in alerts], now)
            for alert in alerts:
                audit.record(Act.RESENT, actor_of(request), now, f"alert {alert.pk}, {alert}", alert.event_id)
        left = len(ids) - queued
        if queued:
            messages.success(request, f"{queued} alert{'' if queued == 1 else 's'} queued again.")
        if left:
            messages.warning(request, f"{left} not queued again: already waiting or being sent.")

    @display(description="Alert", ordering="id")
    def number(self, alert: Alert) -> str:
        return f"#{alert.pk}"

    @display(description="Event")
    def about(self, alert: Alert) -> SafeString:
        return event_link(alert.event) if alert.event else format_html("{}", notice_title(alert))

    @display(description="State", ordering="state")
    def condition(self, alert: Alert) -> SafeString:
        return badge(alert.state)

    @display(description="Queued", ordering="queued_at")
    def queued(self, alert: Alert) -> SafeString:
        return moment(alert.queued_at, clock.now())

    @display(description="Due", ordering="due_at")
    def due(self, alert: Alert) -> SafeString:
        waiting = alert.state in (Alert.State.PENDING, Alert.State.SENDING)
        return moment(alert.due_at, clock.now()) if waiting else NOTHING

    @display(description="Outcome")
    def outcome(self, alert: Alert) -> SafeString:
        if alert.state in (Alert.State.PENDING, Alert.State.SENDING):
            return format_html("due {}", self.due(alert))
        deferred = f"deferred: {words(alert.muted_by)}" if alert.state == Alert.State.DEFERRED else ""
        return format_html('<span class="ews-title">{}</span>', alert.done_reason or deferred or "–")

    @display(description="Leased until")
    def lease(self, alert: Alert) -> SafeString:
        return moment(alert.leased_until, clock.now())

    @display(description="Done")
    def done(self, alert: Alert) -> SafeString:
        return moment(alert.done_at, clock.now())

    @display(description="Suppression reason")
    def suppressed_by(self, alert: Alert) -> str:
        return words(alert.muted_by) if alert.muted_by else NOTHING

    @display(description="Inhibited by")
    def inhibited_by(self, alert: Alert) -> SafeString:
        return event_link(alert.inhibitor)

    @display(description="Decisions")
    def decided(self, alert: Alert) -> SafeString:
        rows = (
            (row["stage"], _DECISIONS.get(row["decision"], words(row["decision"])), row["reason"])
            for row in alert.decisions
        )
        return format_html_join("", "<div><b>{}</b> {} <span class='ews-muted'>{}</span></div>", rows) or NOTHING

    @display(description="Detail")
    def extra(self, alert: Alert) -> SafeString:
        return json_block(alert.detail)


def channel_rows(receivers: Mapping[str, Receiver]) -> list[dict[str, Any]]:
    """Every channel with its state and its queue: the kind of its receiver is shown, the address is secret."""
    waiting = [Alert.State.PENDING, Alert.State.SENDING]
    queues = {
        row["channel"]: (row["waiting"], row["dead"])
        for row in Alert.objects.filter(state__in=[*waiting, Alert.State.DEAD])
        .order_by()
        .values("channel")
        .annotate(waiting=Count("pk", filter=Q(state__in=waiting)), dead=Count("pk", filter=Q(state=Alert.State.DEAD)))
    }
    states = ChannelState.objects.in_bulk()
    labels = dict(Channel.choices)
    return [
        {
            "channel": channel,
            "name": labels.get(channel, channel),
            "receiver": receiver.kind,
            "follows": receiver.follows,
            "state": states.get(channel),
            "waiting": queues.get(channel, (0, 0))[0],
            "dead": queues.get(channel, (0, 0))[1],
        }
        for channel, receiver in sorted(receivers.items(), key=lambda item: item[0] not in labels)
    ]


@admin.register(ChannelState)
class ChannelStateAdmin(ReadOnlyAdmin):
    """One page with all channels, used or not."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.test_view)
        return [path("<str:channel>/test/", view, name="alerts_channel_test"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Channels",
            "opts": self.opts,
            "now": clock.now(),
            "channels": channel_rows(all_receivers(get_config())),
            "may_test": request.user.has_perm("alerts.change_channelstate"),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/alerts/channels.html", context)

    def table_lines(self) -> Iterable[Sequence[object]]:
        """The page as CSV (`csv_export.OneTable`)."""
        yield ("Channel", "Name", "Receiver", "Gets", "State", "Waiting", "Given up", "Next attempt", "Last used")
        for row in channel_rows(all_receivers(get_config())):
            state = row["state"] or ChannelState()
            said = f"suspended: {state.suspended_reason}" if state.suspended_at else "in use"
            counts = (row["waiting"], row["dead"], state.probe_at, state.last_started_at)
            yield (row["channel"], row["name"], row["receiver"], row["follows"], said, *counts)

    def test_view(self, request: HttpRequest, channel: str) -> HttpResponse:
        """Queue a test card, which the daemon delivers."""
        if request.method != "POST":
            return only_pressed(request, reverse("admin:alerts_channelstate_changelist"))
        if not request.user.has_perm("alerts.change_channelstate"):
            raise PermissionDenied
        if channel not in all_receivers(get_config()):
            raise Http404(f"there is no channel {channel[:40]!r}")
        now = clock.now()
        with transaction.atomic():
            # Pressed twice it is one test.
            locked_state(channel)
            lately = Alert.objects.filter(channel=channel, reason=AlertReason.TEST, queued_at__gt=now - _TWICE_WITHIN)
            number = lately.values_list("pk", flat=True).first()
            if number is None:
                number = outbox.queue_test(channel, now)
                audit.record(Act.TESTED, actor_of(request), now, f"alert {number} to {channel}")
        messages.success(request, f"A test for {channel} is queued.")
        return HttpResponseRedirect(reverse("admin:alerts_alert_change", args=[number]))


def notice_title(alert: Alert) -> str:
    """The title of an alert that is not about an event."""
    return str(alert.detail.get("notice", {}).get("title", "")) or "a test, or a notice"
