"""The board as it was at any second: the view from its own history, events, alerts and sources from the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from alerts.rendering.cards.heading import action_word
from events.ledger.history import view_at

# The last row of each event until then, of events that were open then; found by the index (event_id, n).
_EVENTS = """
WITH known AS (
    -- By the daemon's clock, which may be minutes from the database's: what was open by the ledger's is told below.
    SELECT id FROM events_event
     WHERE opened_at <= %(at)s + interval '10 minutes'
       AND (closed_at IS NULL OR closed_at > %(at)s - interval '10 minutes')
        OR jsonb_array_length(earlier_lives) > 0 AND opened_at > %(at)s
    UNION
    -- Deleted since: its rows in the ledger are all that is left of it.
    SELECT unnest(%(deleted)s::bigint[])
)
SELECT last.event_id, last.at, last.kind, last.body::text,
       EXISTS (SELECT FROM ledger a WHERE a.event_id = known.id AND a.at <= %(at)s AND a.kind = 'event.acknowledged'
                  AND NOT EXISTS (SELECT FROM ledger b WHERE b.event_id = known.id AND b.n > a.n AND b.at <= %(at)s
                                     AND (b.kind = 'event.unacknowledged' OR b.kind = 'event.reopened'
                                          OR b.kind = 'event.closed'))) AS held,
       (SELECT taken."by" FROM alerts_acknowledgement taken
         WHERE taken.event_id = known.id AND taken.at <= %(at)s + interval '10 minutes'
           AND (taken.ended_at IS NULL OR taken.ended_at > %(at)s - interval '10 minutes')
         ORDER BY abs(extract(epoch FROM %(at)s - taken.at)) LIMIT 1) AS holder
  FROM known
  CROSS JOIN LATERAL (
    SELECT event_id, at, kind, body FROM ledger
     WHERE event_id = known.id AND at <= %(at)s
       AND kind IN ('event.opened', 'event.updated', 'event.closed', 'event.reopened', 'event.deleted', 'snapshot')
     ORDER BY n DESC LIMIT 1
  ) AS last
"""
_ALERTS = """
SELECT count(*) FILTER (WHERE kind = 'alert.queued'), count(*) FILTER (WHERE kind = 'alert.delivered'),
       count(*) FILTER (WHERE kind = 'alert.failed'), count(*) FILTER (WHERE kind = 'alert.suppressed')
  FROM ledger WHERE at > %(at)s - interval '1 hour' AND at <= %(at)s AND kind LIKE 'alert.%%'
"""
# What happened since tells what was before it: events that are gone, and the first change of each source. Read once: of
# the last days that is a short piece of the ledger.
_SINCE = """
SELECT DISTINCT ON (event_id, body ->> 'source') event_id, body ->> 'source', body ->> 'from', at
  FROM ledger
 WHERE at > %(at)s AND (kind = 'event.deleted' OR kind LIKE 'source.%%')
 ORDER BY event_id, body ->> 'source', n
"""
_SOURCES = """
SELECT health.source, health.state, health.watched_since <= %(at)s,
       (SELECT max(received_at) FROM events_payloadpoll AS poll
         WHERE poll.source = health.source AND poll.received_at <= %(at)s)
  FROM events_sourcehealth AS health ORDER BY health.source
"""


@dataclass(frozen=True)
class Since:
    """deleted: events that are gone. changed: source → its state before its first change, and when that came."""

    deleted: tuple[int, ...]
    changed: Mapping[str, tuple[str | None, datetime]]


def since(moment: datetime) -> Since:
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, {"at": moment})
        found = cursor.fetchall()
    return Since(
        tuple(event_id for event_id, *_ in found if event_id is not None),
        {source: (before, at) for event_id, source, before, at in found if event_id is None},
    )


def board_at(moment: datetime) -> dict[str, Any]:
    """tokens: the rows of token_risk_view then, with the actions and times that were read live; events: the open ones
    of high priority with their effects then; alerts: of the hour before; sources: the state of each; reviews: how many
    notices waited for a person; read_at: when the last answer of any source had come by then, None where it is not
    kept."""
    after = since(moment)
    return {
        "at": moment,
        "tokens": view_at(moment),
        "events": events_at(moment, after),
        "alerts": alerts_at(moment),
        "sources": sources_at(moment, after),
        "reviews": reviews_at(moment),
        "read_at": read_at(moment),
    }


def events_at(moment: datetime, after: Since) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"at": moment, "deleted": list(after.deleted)})
        found = cursor.fetchall()
    rows = []
    for event_id, at, _kind, text, held, holder in found:
        body = json.loads(text)
        event = body.get("event", {})
        if event.get("status") != "open" or event.get("priority") != "high":
            continue
        rows.append(
            {
                "id": event_id,
                "changed_at": at,
                "held": held,
                "held_by": holder if held else None,
                **event,
                "effects": body.get("effects", []),
            }
        )
    return sorted(rows, key=lambda row: row["id"])


def alerts_at(moment: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_ALERTS, {"at": moment})
        queued, delivered, failed, suppressed = cursor.fetchone()
    return {"queued": queued, "delivered": delivered, "failed": failed, "suppressed": suppressed}


def sources_at(moment: datetime, after: Since) -> list[dict[str, Any]]:
    """Those that were watched then, with their state; also those that are watched no more."""
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES, {"at": moment})
        found = {source: (state, watched, read) for source, state, watched, read in cursor.fetchall()}
    rows = []
    for source in sorted({*found, *after.changed}):
        state, watched, read = found.get(source, (None, False, None))
        before, until = after.changed.get(source, (None, None))
        then = before or (state if watched else None)
        if then is not None:
            rows.append({"source": source, "state": then, "until": until, "read_at": read})
    return rows


_REVIEWS = """
SELECT count(*) FROM events_review WHERE opened_at <= %(at)s AND (decided_at IS NULL OR decided_at > %(at)s)
"""


def reviews_at(moment: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_REVIEWS, {"at": moment})
        return int(cursor.fetchone()[0])


def read_at(moment: datetime) -> datetime | None:
    """When the last answer of any source had come by then. A daemon that is dead marks no source as silent, and no
    events are opened: without this an outage of ours would look like a calm hour. None: nothing of it is kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(received_at) FROM events_payloadpoll WHERE received_at <= %s", [moment])
        found: datetime | None = cursor.fetchone()[0]
    return found


_MARKS = """
SELECT at, token, "row" ->> 'action', lag("row" ->> 'action') OVER (PARTITION BY token ORDER BY n), snapshot
  FROM view_changed WHERE at >= %s AND at < %s ORDER BY n
"""


def _word(action: str | None) -> str:
    return action_word(action) if action else ""


def changes_between(begin: datetime, end: datetime, most: int) -> list[dict[str, Any]]:
    """When the action of a coin changed, for marks beside the slider: the newest, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, [begin, end])
        found = [
            {"at": at, "token": token, "action": _word(action), "before": _word(before)}
            for at, token, action, before, snapshot in cursor.fetchall()
            if action != before and not (snapshot and before is None)
        ]
    return found[-most:]
