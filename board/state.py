"""The whole board at a moment, as a page or a new stream gets it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from alerts.reminders import Schedule, plan, read_open_events
from board.coins import last_time
from board.reviews import waiting
from board.rows import MOST_ROWS, Row, open_rows, tokens_of
from board.trust import sources
from crypto_ews.conf import get_config
from events.enums import AlertReason


def encoded(value: Any) -> bytes:
    """JSON as every part of the board sends it: times as ISO texts in UTC."""
    return msgspec.json.encode(value)


def extras(rows: Mapping[int, Row], now: datetime) -> dict[str, Any]:
    """What belongs to several rows: when the unanswered ones are escalated, and what their coins did last time."""
    return {"escalations": escalations(now), "past": last_time(tokens_of(rows))}


def escalations(now: datetime) -> dict[str, datetime]:
    """Event → when another channel hears that nobody has answered. Empty where no such channel is configured."""
    schedule = Schedule.of(get_config())
    if not schedule.escalate_to:
        return {}
    return {
        str(event.event_id): due.at
        for event in read_open_events(now)
        for due in plan(event, schedule, now)
        if due.reason == AlertReason.ESCALATED
    }


def full(now: datetime) -> dict[str, Any]:
    """Everything that is on the board, read once."""
    rows = open_rows(now)
    return {
        "at": now,
        "rows": list(rows.values()),
        "cut": len(rows) >= MOST_ROWS,
        "sources": sources(),
        "reviews": waiting(),
        **extras(rows, now),
    }
