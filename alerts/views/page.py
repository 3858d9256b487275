"""What the pages behind one-click links share: the form, who acts, and a page that nothing loads or keeps."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote, unquote

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from alerts.models import AuditEntry
from alerts.rendering.phrases import clean
from crypto_ews.ui.text import utc_text

_NAME_COOKIE = "ews_name"
_NAME_COOKIE_SECONDS = 180 * 86_400
SILENCE_HOURS = ((1, "1 hour"), (4, "4 hours"), (24, "1 day"), (72, "3 days"), (168, "1 week"))
"""Choices for the duration of a silence."""


class ActForm(forms.Form):
    """Who acts, and a note."""

    name = forms.CharField(
        max_length=80, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name", "enterkeyhint": "done"})
    )
    note = forms.CharField(
        max_length=500, label="Note", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_name(self) -> str:
        if not (name := clean(self.cleaned_data["name"], 80)):
            raise forms.ValidationError("Enter a name with printable characters.")
        return name

    def clean_note(self) -> str:
        return clean(self.cleaned_data["note"], 500)


class HoursForm(ActForm):
    """How long a silence lasts, too."""

    hours = forms.TypedChoiceField(coerce=int, choices=SILENCE_HOURS, initial=4, label="For")


def known_name(request: HttpRequest) -> str:
    """The name under which somebody acted before from here."""
    return unquote(request.COOKIES.get(_NAME_COOKIE, ""))


def remember_name(response: HttpResponse, name: str) -> None:
    response.set_cookie(
        _NAME_COOKIE,
        quote(name),
        max_age=_NAME_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def used_text(entry: AuditEntry) -> str:
    return f"This link was used by {entry.by} on {utc_text(entry.at)}. Each link works once."


USED_JUST_NOW = "This link was used a moment ago. Each link works once."


def link_page(request: HttpRequest, template: str, status: int, context: dict[str, Any]) -> HttpResponse:
    nonce = secrets.token_urlsafe(12)
    who = request.user.get_username() if request.user.is_authenticated else ""
    response = render(request, template, {"nonce": nonce, "who": who, **context}, status=status)
    # "no-referrer" would make browsers send "Origin: null" with the form, which the CSRF check refuses.
    response["Referrer-Policy"] = "same-origin"
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    response["X-Robots-Tag"] = "noindex"
    return response
