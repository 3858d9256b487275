"""What a browser may load and run for our pages (Content-Security-Policy), and what a page of an error may show."""

from __future__ import annotations

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from crypto_ews.logs import masked

STRICT = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
# The admin's theme evaluates the expressions of its Alpine attributes, and has scripts and styles in its pages.
ADMIN = {
    **STRICT,
    "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
}


class BrowserPolicy(CSPMiddleware):
    """django-csp's middleware with the strict policy of the settings, and the admin's own below its address."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(reverse("admin:index")):
            parts.config = ADMIN
        return parts


class NoSecretsFilter(SafeExceptionReporterFilter):
    """Django's filter shows everything when DEBUG is on, and in no case looks into the variables of its own code."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        typed = _typed_secrets(request)
        return {
            name: self.cleansed_substitute if typed and _shows(value, typed) else value
            for name, value in super().get_traceback_frame_variables(request, tb_frame)
        }.items()


class MaskedReporter(ExceptionReporter):
    """Django's page of an error without the API's tokens, wherever in a request or a variable one stands."""

    def get_traceback_html(self) -> SafeString:
        return mark_safe(masked(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return mark_safe(masked(super().get_traceback_text()))


def _typed_secrets(request: HttpRequest | None) -> list[str]:
    """The values of the fields that the view has marked with `sensitive_post_parameters`."""
    names = getattr(request, "sensitive_post_parameters", ())
    if request is None or not names:
        return []
    names_to_hide = request.POST.keys() if names == "__ALL__" else names
    return [value for name in names_to_hide for value in request.POST.getlist(name) if value]


def _shows(value: object, secrets: list[str]) -> bool:
    try:
        text = repr(value)
    except (AttributeError, LookupError, TypeError, ValueError):
        # What cannot be shown is shown as that by Django.
        return True
    return any(secret in text for secret in secrets)
