"""What Django's page of an error may show: nothing that was typed as a secret, not even while developing."""

from __future__ import annotations

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


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


def _typed_secrets(request: HttpRequest | None) -> list[str]:
    """The values of the fields that the view has marked with `sensitive_post_parameters`."""
    names = getattr(request, "sensitive_post_parameters", ())
    if request is None or not names:
        return []
    wanted = request.POST.keys() if names == "__ALL__" else names
    return [value for name in wanted for value in request.POST.getlist(name) if value]


def _shows(value: object, secrets: list[str]) -> bool:
    try:
        text = repr(value)
    except (AttributeError, LookupError, TypeError, ValueError):
        # What cannot be shown is shown as that by Django.
        return True
    return any(secret in text for secret in secrets)
