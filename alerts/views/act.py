"""The page of a card's one-click link: shows the action, and does it when it is confirmed.

GET changes nothing: Teams, Outlook and virus scanners open every link that they find.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from alerts import audit
from alerts.models import Acknowledgement
from alerts.rendering.links import DigestLink, Link, LinkRefused, read_link
from alerts.rendering.phrases import source_label
from alerts.rendering.summary import is_over
from alerts.suppression import acknowledgements, silences
from alerts.suppression.acknowledgements import AlreadyAcknowledged
from alerts.views.act_on_all import act_on_all, lines_of
from alerts.views.page import USED_JUST_NOW, ActForm, HoursForm, known_name, link_page, remember_name, used_text
from crypto_ews.ui.text import label, utc_text
from events import clock
from events.enums import Status
from events.models import Event, of_tokens, plain_events

_REFUSALS = {
    "altered": (404, "This link is not valid; it may have been cut off. Open it from the card again."),
    "expired": (410, "This link has expired. Use a newer card or the event's page."),
}


class OneForm(ActForm):
    # The revision that the page showed: nobody confirms an event that they have not seen.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class SilenceForm(OneForm, HoursForm):
    """Both."""


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def act_page(request: HttpRequest, token: str) -> HttpResponse:
    now = clock.now()
    try:
        link = read_link(token, now)
    except LinkRefused as refused:
        status, text = _REFUSALS[refused.reason]
        return _page(request, None, status, refused=text)
    if isinstance(link, DigestLink):
        return act_on_all(request, link, now)
    if request.method == "POST":
        # What is being written is waited for: nobody confirms what they have not seen.
        with transaction.atomic():
            return _act_on_one(request, link, now, plain_events().select_for_update(no_key=True, of=("self",)))
    return _act_on_one(request, link, now, plain_events())


def _act_on_one(request: HttpRequest, link: Link, now: datetime, events: QuerySet[Event]) -> HttpResponse:
    event = events.filter(pk=link.event_id).first()
    if event is None:
        return _page(request, None, 404, refused="The event of this link has been deleted.")
    if entry := audit.used_by(link):
        return _page(request, event, 410, refused=used_text(entry))
    if event.status == Status.CLOSED:
        return _page(request, event, 410, refused=f"The event is closed: {event.close_reason or 'no reason given'}.")
    if is_over(event):
        # As on the page for all of a digest: nothing is demanded any more.
        return _page(request, event, 410, refused="The event is of low priority now, and demands nothing any more.")
    if link.act == "acknowledge" and (first := acknowledgements.current(event.pk)):
        return _page(request, event, 409, refused=_taken(first))
    form = _form(request, link, event)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["seen"] in (None, event.revision):
            return _act(request, link, event, form.cleaned_data, now)
        form = _form(request, link, event, again=True)
        changed = "The event has changed since this page was opened. Check it again, then confirm."
        return _page(request, event, 409, form=form, link=link, changed=changed, **_asked(link, event))
    return _page(request, event, 200 if request.method != "POST" else 400, form=form, link=link, **_asked(link, event))


def _form(request: HttpRequest, link: Link, event: Event, again: bool = False) -> OneForm:
    """again: keep what was typed, with the event's present revision."""
    kind = SilenceForm if link.act == "silence" else OneForm
    typed = {**request.POST.dict(), "seen": str(event.revision)} if again else request.POST
    form = kind(
        typed if request.method == "POST" else None,
        initial={"name": known_name(request), "seen": event.revision},
        label_suffix="",
    )
    if request.user.is_authenticated:
        # A user who is logged in acts under the account's name.
        del form.fields["name"]
    return form


def _asked(link: Link, event: Event) -> dict[str, Any]:
    """The question of the page, what happens then, and the button."""
    if link.act == "acknowledge":
        return {
            "question": "Acknowledge this event?",
            "meaning": "You are shown as the responder. Repeats and escalation stop; updates still arrive. If it gets "
            "worse, the acknowledgement is cleared.",
            "button": "Acknowledge",
        }
    tokens = silences.tokens_to_silence(event.effects.all())
    whose = f" of {', '.join(tokens)}" if tokens else f" of {source_label(event.source)}"
    now = clock.now()
    hidden = silences.would_hide(silences.silences_of(event, event.effects.all(), now, "", ""), now)
    counts = [f"{many} {what}{'' if many == 1 else 's'}"
              for many, what in ((hidden.open, "open event"), (hidden.waiting, "waiting alert"))]  # fmt: skip
    return {
        "question": f"Silence {label(event.category).lower()} alerts{whose}?",
        "meaning": "Matching alerts are recorded but not sent, on any channel. Alerts that get worse are still sent. "
        f"It hides now: the updates of {counts[0]}, and {counts[1]}.",
        "button": "Silence",
    }


def _act(request: HttpRequest, link: Link, event: Event, typed: dict[str, Any], now: datetime) -> HttpResponse:
    actor = audit.actor_of(request, typed.get("name", ""), link)
    try:
        if link.act == "acknowledge":
            acknowledgements.acknowledge(event.pk, actor, typed["note"], now)
            done = f"{actor.by} has acknowledged event {event.pk}."
        else:
            until = now + timedelta(hours=typed["hours"])
            reason = typed["note"] or f"from the card of event {event.pk}"
            made = silences.silence_event(event, event.effects.all(), until, reason, actor, now)
            done = "Silenced: " + "; ".join(map(str, made))
    except AlreadyAcknowledged as taken:
        return _page(request, event, 409, refused=_taken(taken.current))
    except IntegrityError:
        if audit.used_by(link) is None:
            raise
        return _page(request, event, 410, refused=USED_JUST_NOW)
    response = _page(request, event, 200, done=done)
    if name := typed.get("name"):
        remember_name(response, name)
    return response


def _taken(current: Acknowledgement) -> str:
    note = f": {current.note}" if current.note else ""
    return f"{current.by} acknowledged this event on {utc_text(current.at)}{note}"


def _page(request: HttpRequest, event: Event | None, status: int, **context: Any) -> HttpResponse:
    effects = list(event.effects.all()) if event is not None else []
    shown = {
        "event": event,
        "category": label(event.category) if event else "",
        "source": source_label(event.source) if event else "",
        # What is acknowledged or silenced, in the words of the card as it would be now.
        "heading": lines_of([event], clock.now())[event.pk].heading if event else "",
        "tokens": sorted({effect.token for effect in of_tokens(effects)})[:30],
        **context,
    }
    return link_page(request, "alerts/act.html", status, shown)
