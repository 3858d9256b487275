"""People's actions in the admin: silences, acknowledgements and the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from alerts import audit
from alerts.admin.event_panel import event_link
from alerts.admin.silence_forms import SilenceEventForm, SilenceForm
from alerts.audit import actor_of
from alerts.models import Acknowledgement, AuditEntry, Silence
from alerts.suppression import acknowledgements, silences
from alerts.suppression.acknowledgements import AlreadyAcknowledged, CannotAcknowledge
from crypto_ews.ui.display import badge, moment
from crypto_ews.ui.model_admin import AuditedAdmin, DayRangeFilter, ReadOnlyAdmin, only_pressed, register_logged
from events import clock
from events.admin.event_forms import EventForm
from events.models import Event, plain_events
from markets.admin_search import TokenSearchMixin

NOTE_LENGTH = 2000
register_logged(audit.note_address)


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
            return only_pressed(request, reverse("admin:events_event_change", args=[event_id]))
        event = post_on_event(request, event_id, "alerts.add_acknowledgement")
        # The database takes no NUL.
        text = request.POST.get("note", "").replace("\x00", "").strip()[:NOTE_LENGTH]
        # Of a page that was open while the service was updated there is none.
        shown = request.POST.get("seen", "")
        seen = int(shown) if shown.isdecimal() and len(shown) < 10 else None
        try:
            acknowledgements.acknowledge(event.pk, actor_of(request), text, clock.now(), seen)
        except (AlreadyAcknowledged, CannotAcknowledge) as refused:
            messages.warning(request, f"{refused}.")
        else:
            messages.success(request, f"You have acknowledged event {event_id}.")
        return back(request, event_id)

    def release_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        if request.method != "POST":
            return only_pressed(request, reverse("admin:events_event_change", args=[event_id]))
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


@admin.register(Silence)
class SilenceAdmin(TokenSearchMixin, AuditedAdmin):
    list_display = ("what", "condition", "ends", "reason", "made_by")
    list_filter = (("category", ChoicesDropdownFilter),)
    list_filter_submit = True
    search_fields = ("token", "reason")
    actions = ("end_now",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.of_event_view)
        return [path("of/<int:event_id>/", view, name="alerts_silence_event"), *super().get_urls()]

    def of_event_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Silence alerts similar to those of one event, for some hours."""
        if request.method != "POST":
            return only_pressed(request, reverse("admin:events_event_change", args=[event_id]))
        event = post_on_event(request, event_id, "alerts.add_silence")
        now, by = clock.now(), request.user.get_username()
        form = SilenceEventForm(request.POST, event=event, now=now)
        if audit.used_up(form.once):
            return self._twice(request, event_id)
        if not form.is_valid():
            return self._page(request, form, "Silence similar alerts")
        if not form.is_confirmed():
            return self._page(request, form, "Silence similar alerts", form.made(by))
        reason = form.cleaned_data["reason"]
        actor = audit.actor_once(request, form.once, now)
        try:
            made = silences.silence_event(event, event.effects.all(), form.until(), reason, actor, now)
        except IntegrityError:
            if not audit.used_up(form.once):
                raise
            return self._twice(request, event_id)
        messages.success(request, f"Silenced: {'; '.join(map(str, made))}.")
        return back(request, event_id)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of a new silence, or of one to change: typed, shown with what it would hide, confirmed."""
        with transaction.atomic():
            silence = Silence(made_by=request.user.get_username())
            if object_id is not None:
                # Locked: what is confirmed is the silence that was shown, and nobody ends or deletes it meanwhile.
                stored = Silence.objects.select_for_update() if request.method == "POST" else Silence.objects.all()
                found = stored.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None
                if found is None:
                    return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
                silence = found
            return self._change(request, silence)

    def _change(self, request: HttpRequest, silence: Silence) -> HttpResponse:
        """The page of this silence, stored or new, or what was sent from it."""
        stored, posted = silence if silence.pk else None, request.method == "POST"
        allowed = self.has_change_permission(request, silence) if stored else self.has_add_permission(request)
        if not allowed and (posted or stored is None or not self.has_view_permission(request, silence)):
            raise PermissionDenied
        now = clock.now()
        form = SilenceForm(request.POST if posted else None, event=None, now=now, silence=stored)
        if posted and audit.used_up(form.once):
            return self._twice(request)
        title = f"Silence: {silence}" if stored else "Silence alerts"
        if not posted or not form.is_valid():
            return self._page(request, form, title, may_act=allowed)
        before = str(silence) if stored else ""
        form.made(silence)
        if not form.is_confirmed():
            return self._page(request, form, title, [silence])
        try:
            actor = audit.actor_once(request, form.once, now)
            changed = f"{before}: {form.in_words() or 'nothing'}" if stored else ""
            silences.put_in_force(silence, actor, now, changed)
        except IntegrityError:
            if not audit.used_up(form.once):
                raise
            return self._twice(request)
        messages.success(request, f"Silenced: {silence}.")
        return HttpResponseRedirect(reverse("admin:alerts_silence_changelist"))

    @staticmethod
    def _twice(request: HttpRequest, event_id: int | None = None) -> HttpResponse:
        messages.info(request, "This was sent twice, and done once.")
        return back(request, event_id) if event_id else HttpResponseRedirect(reverse("admin:alerts_silence_changelist"))

    def _page(
        self, request: HttpRequest, form: EventForm, title: str, made: Sequence[Silence] = (), may_act: bool = True
    ) -> HttpResponse:
        """The form; with silences, also what they would hide and the button that puts them in force."""
        context: dict[str, Any] = {"submit": "Preview" if may_act else "", "icon": "visibility"}
        if made:
            form.show_confirmation()
            hidden = silences.would_hide(made, form.now)
            context = {"submit": "Silence", "icon": "notifications_off", "made": made, "hidden": hidden}
        everything = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "event": form.event,
            "now": form.now,
            "title": title,
            "came_from": request.POST.get("from", ""),
            "cancel": reverse("admin:alerts_silence_changelist"),
            "explanation": "Matching alerts are kept, and not sent until the silence ends.",
            **context,
        }
        return TemplateResponse(request, "admin/events/event/act.html", everything)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Silence]) -> list[Any]:
        """Nothing: `end_now` has written it to the audit, and Django's log would be there a second time."""
        return []

    def delete_model(self, request: HttpRequest, obj: Silence) -> None:
        silences.end_now([obj.pk], actor_of(request), clock.now(), delete=True)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Silence]) -> None:
        silences.end_now(list(queryset.values_list("pk", flat=True)), actor_of(request), clock.now(), delete=True)

    @action(description="End now", permissions=["change"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[Silence]) -> None:
        ended = silences.end_now(list(queryset.values_list("pk", flat=True)), actor_of(request), clock.now())
        messages.success(request, f"{ended} silence{'' if ended == 1 else 's'} ended.")

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
