"""The story of one event: its revisions with what each changed, acts, and alerts with decisions and attempts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from alerts.models import Alert, AuditEntry
from crypto_ews.ui.text import label, words
from events.models import Event
from events.upstream.archive_file import parse_iso

MOST = 500
# The newest: of an event that changed a thousand times its end is asked for, not its first week.
_ROWS = """
SELECT n, at, kind, body::text, every FROM (
    SELECT n, at, kind, body, count(*) OVER () AS every FROM ledger
     WHERE event_id = %s AND (kind LIKE 'event.%%' AND kind NOT LIKE 'event.%%acknowledged' OR kind = 'snapshot')
     ORDER BY n DESC LIMIT %s
) AS last ORDER BY n
"""
_WORDS = {
    "snapshot": "The ledger begins; it was like this",
    "event.opened": "Opened",
    "event.updated": "Changed",
    "event.closed": "Closed",
    "event.reopened": "Opened again",
    "event.deleted": "Deleted",
}
# What a person would not call a change.
_SILENT = frozenset({"updated_at", "seen_at", "revision", "life", "id", "natural_key", "facts"})
_EFFECT = ("action", "trading_status", "risk_level", "trading_ends_at", "in_force_at", "tickers")


@dataclass(frozen=True)
class Step:
    """One thing that happened. changes: what, before, after."""

    at: datetime
    what: str
    by: str = ""
    text: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    lines: tuple[str, ...] = ()
    tone: str = field(default="")


def timeline(event: Event, with_addresses: bool) -> list[Step]:
    """Oldest first. with_addresses: where acts came from, for those who may see the audit."""
    steps = [*_revisions(event.pk), *_alerts(event.pk), *_acts(event.pk, with_addresses)]
    # Of one second: what happened, who was told, what they did. The clocks of daemon and database differ by less.
    return sorted(steps, key=lambda step: step.at.replace(microsecond=0))


def _revisions(event_id: int) -> Iterator[Step]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [event_id, MOST])
        found = cursor.fetchall()
    before: dict[str, str] = {}
    for number, (_n, at, kind, text, every) in enumerate(found):
        now = flat(json.loads(text))
        if number == 0 and every > len(found):
            yield Step(at, f"{every - len(found):,} earlier changes are not listed", tone="event")
        changes = tuple(differences(before, now)) if number else ()
        before = now
        yield Step(at, _WORDS.get(kind, kind), text=now.get("close reason", "") if kind == "event.closed" else "",
                   changes=changes, tone="event")  # fmt: skip


def flat(body: Mapping[str, Any]) -> dict[str, str]:
    """The state that a row of the ledger has, as lines: a name and a text each."""
    event = body.get("event", {})
    lines = {words(name): _text(value) for name, value in event.items() if name not in _SILENT}
    for effect in body.get("effects", ()):
        place = " · ".join(filter(None, (effect.get("token"), effect.get("venue") or "everywhere")))
        number = sum(name.startswith(f"{place}: ") and name.endswith("action") for name in lines)
        tag = f"{place} ({number + 1})" if number else place
        lines |= {f"{tag}: {words(name)}": _text(effect.get(name)) for name in _EFFECT if effect.get(name)}
    return lines


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys((*before, *now)):
        if before.get(name, "") != now.get(name, ""):
            yield name, before.get(name, "") or "–", now.get(name, "") or "–"


def _text(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _time_or_text(value)
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return " ".join(filter(None, (_text(value.get("at")), _text(value.get("what") or value.get("label")))))
    return str(value)


def _time_or_text(value: str) -> str:
    if len(value) > 18 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return f"{parse_iso(value):%Y-%m-%d %H:%M:%S} UTC"
        except ValueError:
            return value
    return words(value) if value.islower() and " " not in value else value


def _acts(event_id: int, with_addresses: bool) -> Iterator[Step]:
    for entry in AuditEntry.objects.filter(event_id=event_id).order_by("-at")[:MOST]:
        where = f" from {entry.address}" if entry.address and with_addresses else ""
        yield Step(entry.at, entry.get_act_display().capitalize(), by=f"{entry.by}{where}", text=entry.what, tone="act")


def _decision(one: Mapping[str, str]) -> str:
    why = f": {one['reason']}" if one.get("reason") else ""
    return f"{words(one.get('stage', ''))}, {words(one.get('decision', ''))}{why}"


def _alerts(event_id: int) -> Iterator[Step]:
    for alert in Alert.objects.filter(event_id=event_id).prefetch_related("tries").order_by("-queued_at")[:MOST]:
        state = words(alert.state) + (f": {alert.done_reason}" if alert.done_reason else "")
        decisions = [_decision(one) for one in alert.decisions]
        tries = [
            f"{one.started_at:%H:%M:%S} UTC, {one.duration_ms} ms: {words(one.decision)}"
            + (f" (HTTP {one.http_status})" if one.http_status else "")
            + (f", {one.reason}" if one.reason else "")
            for one in alert.tries.all()
        ]
        what = f"Alert “{label(alert.reason)}” to {alert.channel}"
        yield Step(alert.queued_at, what, text=state, lines=(*decisions, *tries), tone="alert")
