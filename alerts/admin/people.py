"""People's actions in the admin: silences, acknowledgements and the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from alerts.admin.event_panel import event_link
from alerts.audit import actor_of
from alerts.models import Acknowledgement, AuditEntry, Silence
from alerts.suppression import acknowledgements, silences
from alerts.suppression.acknowledgements import AlreadyAcknowledged
from crypto_ews.ui.display import badge, moment
from crypto_ews.ui.model_admin import DayRangeFilter, ReadOnlyAdmin
from events import clock
from events.models import Event, plain_events
from markets.admin_search import TokenSearchMixin
from markets.identity_store import known_identity
from markets.names import WrongName, typed_name

NOTE_LENGTH = 2000
LONGEST_SILENCE_HOURS = 24 * 90


def post_on_event(request: HttpRequest, event_id: int, permission: str) -> Event:
    """The event of a POSTed button. Raises PermissionDenied or Http404."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
    event = plain_events().filter(pk=event_id).first()
    if event is None:
        raise Http404(f"event {event_id} does not exist")
    return event


def back(request: HttpRequest, event_id: int) -> HttpResponse:
    """A redirect to the page of the button: the overview, or the event's page."""
    if request.POST.get("from") == "overview":
        return HttpResponseRedirect(reverse("admin:index"))
    return HttpResponseRedirect(reverse("admin:events_event_change", args=[event_id]))


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ReadOnlyAdmin):
    list_display = ("about", "by", "when", "note", "condition")
    search_fields = ("by", "note", "event__title")
    list_filter = (("at", DayRangeFilter),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Acknowledgement]:
        return Acknowledgement.objects.prefetch_related(Prefetch("event", plain_events().only("title", "life")))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("of/<int:event_id>/", view(self.acknowledge_view), name="alerts_acknowledge"),
            path("of/<int:event_id>/release/", view(self.release_view), name="alerts_release"),
            *super().get_urls(),
        ]

    def acknowledge_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Acknowledge an event. The first acknowledgement stays: an event has one responder."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        event = post_on_event(request, event_id, "alerts.add_acknowledgement")
        text = request.POST.get("note", "").strip()[:NOTE_LENGTH]
        try:
            acknowledgements.acknowledge(event.pk, actor_of(request), text, clock.now())
        except AlreadyAcknowledged as taken:
            messages.warning(request, f"{taken}.")
        else:
            messages.success(request, f"You have acknowledged event {event_id}.")
        return back(request, event_id)

    def release_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        event = post_on_event(request, event_id, "alerts.add_acknowledgement")
        if acknowledgements.unacknowledge(event.pk, actor_of(request), clock.now()):
            messages.success(request, f"Event {event_id} is no longer acknowledged.")
        else:
            messages.warning(request, f"Event {event_id} was not acknowledged.")
        return back(request, event_id)

    @display(description="Event")
    def about(self, acknowledgement: Acknowledgement) -> SafeString:
        return event_link(acknowledgement.event)

    @display(description="Since", ordering="at")
    def when(self, acknowledgement: Acknowledgement) -> SafeString:
        return moment(acknowledgement.at, clock.now())

    @display(description="State")
    def condition(self, acknowledgement: Acknowledgement) -> SafeString:
        if acknowledgement.ended_at is None and acknowledgement.life != acknowledgement.event.life:
            return badge("the event has reopened since", "grey")
        if acknowledgement.ended_at is None:
            return badge("acknowledged", "green")
        return badge(acknowledgement.end_reason or "over", "grey")


class SilenceForm(forms.ModelForm):
    def clean_token(self) -> str:
        """The asset that the typed name means now; empty: every asset."""
        typed = str(self.cleaned_data["token"]).strip()
        try:
            return typed_name(typed, known_identity(), clock.now()).asset if typed else ""
        except WrongName as wrong:
            raise forms.ValidationError(str(wrong)) from None

    def clean_exchange(self) -> str:
        exchange = str(self.cleaned_data["exchange"]).strip().upper()
        if "_" in exchange:
            # It would match nothing: alerts are of exchanges, whichever of their markets they name.
            name = exchange.partition("_")[0]
            raise forms.ValidationError(f"was {exchange}, expected an exchange: {name} silences all of its markets")
        return exchange

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if "until" in self.changed_data and until <= clock.now():
            raise forms.ValidationError(f"was {until:%Y-%m-%d %H:%M} UTC, expected a time in the future")
        return until


@admin.register(Silence)
class SilenceAdmin(TokenSearchMixin, ModelAdmin):
    form = SilenceForm
    list_display = ("what", "condition", "ends", "reason", "made_by")
    list_filter = (("category", ChoicesDropdownFilter),)
    list_filter_submit = True
    search_fields = ("token", "reason")
    fields = ("token", "category", "source", "exchange", "lets_worse_through", "until", "reason")
    actions = ("end_now",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.of_event_view)
        return [path("of/<int:event_id>/", view, name="alerts_silence_event"), *super().get_urls()]

    def of_event_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Silence alerts similar to those of one event, for some hours."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        event = post_on_event(request, event_id, "alerts.add_silence")
        hours = request.POST.get("hours", "")
        if not hours.isdecimal() or not 0 < int(hours) <= LONGEST_SILENCE_HOURS:
            messages.error(request, f"Hours were {hours[:20]!r}, expected a number from 1 to {LONGEST_SILENCE_HOURS}.")
            return back(request, event_id)
        now = clock.now()
        reason = request.POST.get("reason", "").strip() or f"from the page of event {event_id}"
        until = now + timedelta(hours=int(hours))
        made = silences.silence_event(event, event.effects.all(), until, reason, actor_of(request), now)
        messages.success(request, f"Silenced: {'; '.join(map(str, made))} UTC.")
        return back(request, event_id)

    def save_model(self, request: HttpRequest, obj: Silence, form: Any, change: bool) -> None:
        if not change:
            obj.made_by = request.user.get_username()
        silences.put_in_force(obj, actor_of(request), clock.now(), changed=change)

    def delete_model(self, request: HttpRequest, obj: Silence) -> None:
        silences.end_now([obj], actor_of(request), clock.now(), delete=True)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Silence]) -> None:
        silences.end_now(list(queryset), actor_of(request), clock.now(), delete=True)
        super().delete_queryset(request, queryset)

    @action(description="End now", permissions=["change"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[Silence]) -> None:
        now = clock.now()
        current = list(queryset.filter(until__gt=now))
        silences.end_now(current, actor_of(request), now)
        messages.success(request, f"{len(current)} silence{'' if len(current) == 1 else 's'} ended.")

    @display(description="Silence")
    def what(self, silence: Silence) -> str:
        return silence.what

    @display(description="State")
    def condition(self, silence: Silence) -> SafeString:
        return badge("in force", "amber") if silence.until > clock.now() else badge("over", "grey")

    @display(description="Until", ordering="until")
    def ends(self, silence: Silence) -> SafeString:
        return moment(silence.until, clock.now())


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("when", "by", "did", "about", "what", "where", "address")
    list_display_links = ("when",)
    list_filter = (("act", ChoicesDropdownFilter), ("at", DayRangeFilter))
    list_fullwidth = True
    search_fields = ("by", "what", "event__title")
    fields = ("at", "by", "user", "did", "about", "what", "where", "address")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.prefetch_related(Prefetch("event", plain_events().only("title")))

    @display(description="When", ordering="at")
    def when(self, entry: AuditEntry) -> SafeString:
        return moment(entry.at, clock.now())

    @display(description="Action", ordering="act")
    def did(self, entry: AuditEntry) -> str:
        return entry.get_act_display()

    @display(description="Event")
    def about(self, entry: AuditEntry) -> SafeString:
        return event_link(entry.event)


@admin.register(LogEntry)
class AdminLogAdmin(ReadOnlyAdmin):
    """Django's log of every change that was made in the admin."""

    list_display = ("when", "user", "content_type", "object_repr", "get_change_message")
    list_select_related = ("user", "content_type")
    list_filter = (("action_time", DayRangeFilter),)
    search_fields = ("object_repr", "change_message", "user__username")

    @display(description="When", ordering="action_time")
    def when(self, entry: LogEntry) -> SafeString:
        return moment(entry.action_time, clock.now())
