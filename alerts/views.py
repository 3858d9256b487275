"""The page behind a card's one-click link: says what would be done, and does it when that is confirmed.

GET never changes anything: Teams, Outlook and virus scanners open every link that they see.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from django import forms
from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from alerts import audit
from alerts.rendering.links import Link, LinkRefused, read_link
from alerts.rendering.phrases import clean, label
from alerts.suppression import acknowledgements, silences
from alerts.suppression.acknowledgements import TakenAlready
from events import clock
from events.enums import Status
from events.models import Event, of_tokens, plain_events

_NAME_COOKIE = "ews_name"
_NAME_COOKIE_SECONDS = 180 * 86_400
_HOURS = [(1, "1 hour"), (4, "4 hours"), (24, "1 day"), (72, "3 days"), (168, "1 week")]
_REFUSALS = {
    "altered": (404, "This link is not one of ours, or it was cut off. Open it from the card again."),
    "expired": (410, "This link has expired. A newer card, or the event's page, lets you act on it."),
}


class ActForm(forms.Form):
    """Who acts, and what they have to say."""

    name = forms.CharField(
        max_length=80, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name", "enterkeyhint": "done"})
    )
    note = forms.CharField(
        max_length=500, label="Note", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    # What the page showed: nobody is to confirm what they have not seen.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_name(self) -> str:
        if not (name := clean(self.cleaned_data["name"], 80)):
            raise forms.ValidationError("A name that can be read.")
        return name

    def clean_note(self) -> str:
        return clean(self.cleaned_data["note"], 500)


class SilenceForm(ActForm):
    hours = forms.TypedChoiceField(coerce=int, choices=_HOURS, initial=4, label="For")


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
    event = plain_events().filter(pk=link.event_id).first()
    if event is None:
        return _page(request, None, 404, refused="The event of this link is no longer kept.")
    if entry := audit.used_by(link):
        said = f"This link was used by {entry.by} on {entry.at:%Y-%m-%d %H:%M} UTC. Each link works once."
        return _page(request, event, 410, refused=said)
    if event.status == Status.CLOSED:
        return _page(request, event, 410, refused=f"The event is closed: {event.close_reason or 'it is over'}.")
    if link.act == "acknowledge" and (first := acknowledgements.standing(event.pk)):
        return _page(request, event, 409, refused=_taken(first))
    form = _form(request, link, event)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["seen"] in (None, event.revision):
            return _act(request, link, event, form.cleaned_data, now)
        form = _form(request, link, event, again=True)
        changed = "The event has changed since this page was opened. Look at it once more, then confirm."
        return _page(request, event, 409, form=form, link=link, changed=changed, **_asked(link, event))
    return _page(request, event, 200 if request.method != "POST" else 400, form=form, link=link, **_asked(link, event))


def _form(request: HttpRequest, link: Link, event: Event, again: bool = False) -> ActForm:
    """again: with what was typed, about the event as it stands now."""
    kind = SilenceForm if link.act == "silence" else ActForm
    typed = {**request.POST.dict(), "seen": str(event.revision)} if again else request.POST
    form = kind(
        typed if request.method == "POST" else None,
        initial={"name": unquote(request.COOKIES.get(_NAME_COOKIE, "")), "seen": event.revision},
        label_suffix="",
    )
    if request.user.is_authenticated:
        # Who is logged in acts under their own name.
        del form.fields["name"]
    return form


def _asked(link: Link, event: Event) -> dict[str, Any]:
    """What the page asks for, in words."""
    if link.act == "acknowledge":
        return {
            "question": "Take this event in hand?",
            "meaning": "Everybody sees that you have it. Repeats and escalation stop; news of it is still told, and if "
            "it gets worse it is open to be taken in hand again.",
            "button": "Acknowledge",
        }
    tokens = silences.tokens_to_silence(event.effects.all())
    whose = f" of {', '.join(tokens)}" if tokens else f" of {event.source}"
    return {
        "question": f"Silence {label(event.category).lower()} alerts{whose}?",
        "meaning": "They are kept and not sent, in all channels. What gets worse is told all the same.",
        "button": "Silence",
    }


def _act(request: HttpRequest, link: Link, event: Event, typed: dict[str, Any], now: datetime) -> HttpResponse:
    actor = audit.actor_of(request, typed.get("name", ""), link)
    try:
        if link.act == "acknowledge":
            acknowledgements.acknowledge(event.pk, actor, typed["note"], now)
            done = f"{actor.by} has event {event.pk} in hand."
        else:
            until = now + timedelta(hours=typed["hours"])
            reason = typed["note"] or f"from the card of event {event.pk}"
            made = silences.silence_event(event, event.effects.all(), until, reason, actor, now)
            done = "Silenced: " + "; ".join(f"{silence} UTC" for silence in made)
    except TakenAlready as taken:
        return _page(request, event, 409, refused=_taken(taken.standing))
    except IntegrityError:
        if audit.used_by(link) is None:
            raise
        return _page(request, event, 410, refused="This link was used a moment ago. Each link works once.")
    response = _page(request, event, 200, done=done)
    if name := typed.get("name"):
        response.set_cookie(
            _NAME_COOKIE,
            quote(name),
            max_age=_NAME_COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _taken(standing: Any) -> str:
    note = f": {standing.note}" if standing.note else ""
    return f"{standing.by} has it in hand since {standing.at:%Y-%m-%d %H:%M} UTC{note}"


def _page(request: HttpRequest, event: Event | None, status: int, **context: Any) -> HttpResponse:
    nonce = secrets.token_urlsafe(12)
    effects = list(event.effects.all()) if event is not None else []
    shown = {
        "nonce": nonce,
        "event": event,
        "category": label(event.category) if event else "",
        "tokens": sorted({effect.token for effect in of_tokens(effects)})[:30],
        "who": request.user.get_username() if request.user.is_authenticated else "",
        **context,
    }
    response = render(request, "alerts/act.html", shown, status=status)
    # Not "no-referrer": browsers then send "Origin: null" with the form, which the CSRF check must refuse.
    response["Referrer-Policy"] = "same-origin"
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    response["X-Robots-Tag"] = "noindex"
    return response
