"""HTML for values in the admin: badges, times with their distance, chips, pretty JSON. Everything is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from crypto_ews.ui import text
from crypto_ews.ui.text import words

NOTHING = mark_safe('<span class="ews-muted">–</span>')

# Value → tone. The public vocabularies share no word but `high`, which is a warning in both.
_TONES = {
    "grey": "low closed watch waiting superseded digested silenced old ignored listed",
    "blue": "avoid_new pending sending follow_up updated",
    "green": "ok sent trading",
    "amber": "reduce_only deposits_suspended withdrawals_suspended wallet_suspended high retry shrink open",
    "orange": "delisting drift quarantined suspend",
    "red": "exit failing stale trading_suspended dead",
    "solid": "halt critical delisted",
}
_TONE_OF = {value: tone for tone, values in _TONES.items() for value in values.split()}


def badge(value: object, tone: str | None = None) -> SafeString:
    """A coloured label; the tone follows from the value unless it is given. Empty values show a dash."""
    if value is None or value == "":
        return NOTHING
    return format_html(
        '<span class="ews-badge ews-{}">{}</span>', tone or _TONE_OF.get(str(value), "grey"), words(value)
    )


def chips(values: Iterable[object], limit: int = 6) -> SafeString:
    """Short labels side by side; what exceeds the limit is counted, and named in the tooltip."""
    items = [str(value) for value in values]
    if not items:
        return NOTHING
    shown = format_html_join("", '<span class="ews-chip">{}</span>', ((item,) for item in items[:limit]))
    if len(items) > limit:
        more = format_html(
            '<span class="ews-chip ews-muted" title="{}">+ {} more</span>',
            ", ".join(items[limit : limit + 200]),
            len(items) - limit,
        )
        shown = shown + more
    return format_html('<span class="ews-chips">{}</span>', shown)


def distance(at: datetime, now: datetime) -> str:
    """As `text.distance`, to the second: pages are read when they are made."""
    return text.distance(at, now, timedelta(seconds=1))


def moment(at: datetime | None, now: datetime) -> SafeString:
    """A time in UTC with its distance from now."""
    if at is None:
        return NOTHING
    at = at.astimezone(UTC)
    soon = " ews-soon" if 0 <= (at - now).total_seconds() < 86_400 else ""
    return format_html(
        '<time class="ews-moment" datetime="{}" title="{} UTC"><span>{}</span> '
        '<span class="ews-distance{}">{}</span></time>',
        at.isoformat(),
        at.strftime("%Y-%m-%d %H:%M:%S"),
        at.strftime("%Y-%m-%d %H:%M"),
        soon,
        distance(at, now),
    )


def pretty_json(value: object) -> str:
    """Indented JSON, not escaped yet."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True, default=str)


def json_block(value: object) -> SafeString:
    if not value:
        return NOTHING
    return format_html('<pre class="ews-pre">{}</pre>', pretty_json(value))


def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
