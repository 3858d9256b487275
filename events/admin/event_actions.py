"""Admins' actions on events: each has a form on a page of its own and goes through the lifecycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from events import clock, lifecycle
from events.admin.correct_form import CorrectForm
from events.admin.event_forms import (
    BlockForm,
    CloseForm,
    EventForm,
    FalseAlarmForm,
    ReopenForm,
    UnpinForm,
)
from events.admin.panels import cards_of, done_before, write_audit
from events.enums import Status
from events.lifecycle import LifecycleError
from events.models import Event, plain_events
from events.outcomes import Outcome


@dataclass(frozen=True)
class EventAct:
    """An action on one event. run: (event id, form, now, who) → outcome; raises LifecycleError."""

    name: str
    title: str
    icon: str
    form: type[EventForm]
    run: Callable[[int, Any, datetime, str], Outcome]
    applies: Callable[[Event], bool]
    explanation: str
    danger: bool = False


def _close(event_id: int, form: Any, now: datetime, by: str) -> Outcome:
    return lifecycle.close_event(event_id, now, by=by, **form.orders())


def _false_alarm(event_id: int, form: Any, now: datetime, by: str) -> Outcome:
    return lifecycle.close_event(event_id, now, by=by, false_alarm=True, **form.orders())


def _reopen(event_id: int, form: Any, now: datetime, by: str) -> Outcome:
    return lifecycle.reopen_event(event_id, now, by=by, **form.orders())


def _correct(event_id: int, form: Any, now: datetime, by: str) -> Outcome:
    return lifecycle.correct_event(
        event_id,
        now,
        by=by,
        fields=form.corrected_fields(),
        effects=form.corrected_effects(),
        dates=form.corrected_dates(),
        reason=form.cleaned_data["reason"],
    )


def _unpin(event_id: int, form: Any, now: datetime, by: str) -> Outcome:
    return lifecycle.unpin_event(event_id, now, by=by, fields=form.cleaned_data["pins"])


def _is_open(event: Event) -> bool:
    return event.status == Status.OPEN


ACTS: Mapping[str, EventAct] = {
    act.name: act
    for act in (
        EventAct(
            "correct",
            "Correct",
            "edit",
            CorrectForm,
            _correct,
            _is_open,
            "Fields that you change here are pinned: the source's polls do not overwrite them.",
        ),
        EventAct(
            "close",
            "Close",
            "check_circle",
            CloseForm,
            _close,
            _is_open,
            "The event leaves the view at once, and its key is suppressed for a while.",
        ),
        EventAct(
            "false-alarm",
            "False alarm",
            "do_not_disturb_on",
            FalseAlarmForm,
            _false_alarm,
            _is_open,
            "Closes the event and marks it as a false alarm.",
            danger=True,
        ),
        EventAct(
            "reopen",
            "Reopen",
            "undo",
            ReopenForm,
            _reopen,
            lambda event: not _is_open(event),
            "The event is in the view again, and the suppression of its key is deleted. It begins a new life: it is "
            "unacknowledged, and repeats start from the first step.",
        ),
        EventAct(
            "unpin",
            "Unpin fields",
            "keep_off",
            UnpinForm,
            _unpin,
            lambda event: bool(event.pinned.keys() - {lifecycle.REOPENED_AGAINST}),
            "The source's values apply again from its next poll.",
        ),
    )
}


def acts_for(event: Event) -> list[EventAct]:
    return [act for act in ACTS.values() if act.applies(event)]


class EventActionsMixin:
    """The pages of the actions, for a ModelAdmin of events."""

    admin_site: Any

    def action_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("open-manual/", view(self.open_manual_view), name="events_event_open_manual"),
            path("<int:event_id>/act/<str:name>/", view(self.act_view), name="events_event_act"),
        ]

    def act_view(self, request: HttpRequest, event_id: int, name: str) -> HttpResponse:
        """Show the form of an action, or run it. The form shows a LifecycleError."""
        if name not in ACTS:
            raise Http404(f"there is no action {name} on events")
        self._require(request, "events.change_event")
        if request.POST.get("confirmed"):
            # What is being written is waited for: what is confirmed is what was shown.
            with transaction.atomic():
                return self._act(request, event_id, name, plain_events().select_for_update(no_key=True, of=("self",)))
        return self._act(request, event_id, name, plain_events())

    def _act(self, request: HttpRequest, event_id: int, name: str, events: QuerySet[Event]) -> HttpResponse:
        act = ACTS[name]
        event = events.filter(pk=event_id).first()
        if event is None:
            raise Http404(f"event {event_id} does not exist")
        now = clock.now()
        arguments: dict[str, Any] = {"event": event, "now": now}
        if act.form is CorrectForm:
            arguments |= {"effects": list(event.effects.all()), "only": request.GET.get("token", "").strip().upper()}
        form = act.form(request.POST if request.method == "POST" else None, **arguments)
        if (done := self._done(request, form)) is not None:
            return done
        by = request.user.get_username()
        shown: dict[str, Any] = {"submit": "Preview", "danger": act.danger}
        if request.method == "POST" and form.is_valid():
            run = partial(act.run, event.pk, form, now, by)
            if not form.is_confirmed():
                shown |= self._rehearsed(form, run, act.title)
            elif (outcome := self._try(form, run, request, act.name, form.in_words())) is not None:
                messages.success(request, f"Event {event.pk}: {outcome.reason}.")
                return HttpResponseRedirect(reverse("admin:events_event_change", args=[event.pk]))
            elif (done := self._done(request, form)) is not None:
                return done
        if request.method != "POST" and not act.applies(event):
            messages.warning(request, f"{act.title} does not apply: event {event.pk} is {event.status}.")
            return HttpResponseRedirect(reverse("admin:events_event_change", args=[event.pk]))
        return self._form_page(
            request,
            form,
            now,
            title=f"{act.title}: event {event.pk}",
            event=event,
            icon=act.icon,
            explanation=act.explanation,
            by=by,
            **shown,
        )

    def open_manual_view(self, request: HttpRequest) -> HttpResponse:
        self._require(request, "events.add_event")
        now = clock.now()
        initial = {name: request.GET[name] for name in ("tokens", "title") if name in request.GET}
        form = BlockForm(request.POST if request.method == "POST" else None, event=None, now=now, initial=initial)
        if (done := self._done(request, form)) is not None:
            return done
        if request.method == "POST" and form.is_valid() and not form.is_confirmed():
            return self._manual_preview(request, form, now)
        if request.method == "POST" and form.is_valid():
            by = request.user.get_username()
            run = partial(lifecycle.open_manual_event, now, by=by, **form.orders())
            outcome = self._try(form, run, request, "block", form.in_words())
            if outcome is not None and outcome.event is not None:
                messages.success(request, f"Event {outcome.event.pk} is open.")
                return HttpResponseRedirect(reverse("admin:events_event_change", args=[outcome.event.pk]))
            if outcome is not None:
                form.add_error(None, outcome.reason)
            if (done := self._done(request, form)) is not None:
                return done
        return self._form_page(
            request,
            form,
            now,
            title="Block tokens now",
            submit="Preview",
            icon="visibility",
            explanation="Nothing is saved yet: the affected pairs and what bots will read are shown first.",
        )

    def _manual_preview(self, request: HttpRequest, form: BlockForm, now: datetime) -> HttpResponse:
        """The form again, with the preview and the button that opens the event. An unlisted name is noted."""
        context: dict[str, Any] = {"submit": "Preview", "icon": "visibility"}
        try:
            preview = form.preview()
            by = request.user.get_username()
            run = partial(lifecycle.open_manual_event, now, by=by, **form.orders())
            rehearsed = self._rehearsed(form, run, "Open event")
            if rehearsed:
                context |= {**rehearsed, "preview": preview, "icon": "add_alert", "danger": True}
        except LifecycleError as error:
            form.add_error(None, str(error))
        return self._form_page(
            request,
            form,
            now,
            title="Block tokens now",
            notes=[name.note for name in form.names if name.note],
            by=request.user.get_username(),
            explanation="Bots see the event as soon as you open it. It has high priority whatever is watched.",
            **context,
        )

    def _rehearsed(self, form: EventForm, run: Callable[[], Outcome], submit: str) -> dict[str, Any]:
        """What the act would do, for the page, with the button that does it; nothing where the act is refused."""
        try:
            rehearsal = lifecycle.rehearse(run, cards_of)
        except LifecycleError as error:
            form.add_error(None, str(error))
            return {}
        form.show_confirmation()
        return {"rehearsal": rehearsal, "submit": submit}

    @staticmethod
    def _require(request: HttpRequest, permission: str) -> None:
        if not request.user.has_perm(permission):
            raise PermissionDenied

    @staticmethod
    def _done(request: HttpRequest, form: EventForm) -> HttpResponse | None:
        """Where to go if this very confirmation was sent before: what was sent twice is done once."""
        event_id = done_before(form.once) if form.is_bound else None
        if event_id is None:
            return None
        messages.info(request, f"This was sent twice, and done once: event {event_id}.")
        return HttpResponseRedirect(reverse("admin:events_event_change", args=[event_id]))

    @staticmethod
    def _try(
        form: EventForm, run: Callable[[], Outcome], request: HttpRequest, name: str, typed: str
    ) -> Outcome | None:
        """Act and write the audit, both or neither. A refusal is an error of the form.

        None also where the same confirmation came twice at a time, and the other one was done.
        """
        try:
            with transaction.atomic():
                outcome = run()
                if outcome.event is not None:
                    write_audit(request, name, outcome.event.pk, typed, form.once)
                return outcome
        except LifecycleError as error:
            form.add_error(None, str(error))
            return None
        except IntegrityError:
            if done_before(form.once) is None:
                raise
            return None

    def _form_page(self, request: HttpRequest, form: EventForm, now: datetime, **context: Any) -> HttpResponse:
        everything = {
            **self.admin_site.each_context(request),
            "opts": Event._meta,
            "form": form,
            "now": now,
            **context,
        }
        return TemplateResponse(request, "admin/events/event/act.html", everything)
