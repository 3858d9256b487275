"""The admin's way to show values, for templates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.contrib.admin.utils import quote
from django.template import Context
from django.utils.safestring import SafeString

from crypto_ews.ui import display, text

register = template.Library()
register.filter("words", text.words)
register.filter("bytes", display.size)


@register.filter
def badge(value: Any, tone: str | None = None) -> SafeString:
    return display.badge(value, tone)


@register.filter
def chips(values: Iterable[object] | None, limit: int = 6) -> SafeString:
    return display.chips(values or (), limit)


@register.filter
def json_block(value: Any) -> SafeString:
    return display.json_block(value)


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime | str | None) -> SafeString:
    """A time with its distance from the page's `now`; times inside JSON columns come as text."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at) if at else None
    return display.moment(at, context["now"])


@register.filter
def is_web_link(url: str) -> bool:
    """Whether a link that came from outside may be clicked: `javascript:` and the like may not."""
    return url.startswith(("https://", "http://"))


@register.filter
def admin_key(key: object) -> str:
    """A primary key as the admin's addresses spell it, where `_` and `/` are escaped."""
    return str(quote(str(key)))
