"""A message as JSON for programs: the body of the generic webhook. A contract: keys are added, never renamed."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from alerts.rendering.message import Digest, DigestLine, Message, Notice, event_url, page_url, runbook_url
from alerts.rendering.plain_text import plain_lines, subject
from alerts.rendering.summary import EventSummary, Stored
from events.positions.phrases import plain_number

VERSION = 1
MOST_POSITIONS = 100
"""Of one event: all that is on an exchange may be thousands."""
# For a receiver that refused the full payload.
_MINIMAL = (
    "event_id",
    "reasons",
    "source",
    "category",
    "status",
    "title",
    "url",
    "action",
    "trading_status",
    "over",
    "was",
    "now",
)

# Of a line of a digest.
_MINIMAL_LINE = ("event_id", "reasons", "category", "status", "action", "ended", "heading", "deadline", "deadline_is",
                 "urgent", "link")  # fmt: skip


def render_payload(message: Message) -> dict[str, Any]:
    """`event` has the fields of `EventSummary`; `text` is the plain-text rendering."""
    content = message.content
    payload: dict[str, Any] = {
        "version": VERSION,
        "id": message.key,
        "type": "notice" if isinstance(content, Notice) else "event",
        "channel": message.channel,
        "sent_at": message.now,
        "drill": message.drill,
        "subject": subject(message),
        "text": "\n".join(plain_lines(message)),
    }
    if message.minimal:
        payload.pop("text")
    if isinstance(content, Digest):
        events = [_of_line(line, message.public_base_url) for line in content.lines]
        if message.minimal:
            events = [{name: line[name] for name in _MINIMAL_LINE} for line in events]
        links = {act.act: act.url for act in message.acts}
        return {**payload, "type": content.kind, "title": content.title, "events": events, "links": links}
    if isinstance(content, Notice):
        return {**payload, "notice": _notice(content, message.public_base_url)}
    event = _fields(content, MOST_POSITIONS)
    if message.minimal:
        event = {name: event[name] for name in _MINIMAL}
    base_url = message.public_base_url
    links = {"event": event_url(base_url, content.event_id), "runbook": runbook_url(base_url, content.category)}
    links |= {act.act: act.url for act in message.acts}
    return {**payload, "event": event, "in_hand": message.acknowledged_by, "links": links}


def _of_line(line: DigestLine, public_base_url: str) -> dict[str, Any]:
    fields = _fields(line, 3)
    fields["links"] = {act["act"]: act["url"] for act in fields.pop("acts")}
    return {**fields, "link": event_url(public_base_url, line.event_id)}


def _fields(content: DigestLine | EventSummary, most: int) -> dict[str, Any]:
    """Its fields by name; of the positions that it touches the largest, and the number of the others in `more`."""
    held = content.positions
    short = held if held is None else replace(held, rows=held.rows[:most])
    content = replace(content, positions=short)
    if isinstance(content, EventSummary):
        # It may have many kilobytes, which `asdict` would copy only to be dropped.
        content = replace(content, stored=Stored())
    fields = asdict(content)
    fields.pop("stored", None)
    if held is not None:
        fields["positions"]["more"] = max(len(held.rows) - most, 0)
    return fields


def _notice(notice: Notice, public_base_url: str) -> dict[str, Any]:
    link = page_url(public_base_url, notice.page) if notice.page else ""
    return {"title": notice.title, "text": notice.text, "good": notice.good, "lines": notice.lines, "link": link}


def encode_payload(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=_json_value).encode(
        # Some titles contain a lone surrogate, which UTF-8 cannot encode.
        errors="replace"
    )


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        # As a text: readers' floats would round it.
        return plain_number(value)
    raise TypeError(f"{type(value).__name__} was in a payload; expected JSON values, times and decimals")
