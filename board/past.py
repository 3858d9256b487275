"""The board as it was at any second: the view from its own history, events, alerts and sources from the ledger."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection

from events.ledger.history import view_at

# The last row of each event until then, of events that were open then; found by the index (event_id, n).
_EVENTS = """
WITH known AS (
    SELECT id FROM events_event
     WHERE opened_at <= %(at)s AND (closed_at IS NULL OR closed_at > %(at)s - interval '1 second')
        OR jsonb_array_length(earlier_lives) > 0 AND opened_at > %(at)s
    UNION
    -- Deleted since: its rows in the ledger are all that is left of it.
    SELECT event_id FROM ledger WHERE at > %(at)s AND kind = 'event.deleted' AND event_id IS NOT NULL
)
SELECT last.event_id, last.at, last.kind, last.body::text,
       EXISTS (SELECT FROM ledger a WHERE a.event_id = known.id AND a.at <= %(at)s AND a.kind = 'event.acknowledged'
                  AND NOT EXISTS (SELECT FROM ledger b WHERE b.event_id = known.id AND b.n > a.n AND b.at <= %(at)s
                                     AND (b.kind = 'event.unacknowledged' OR b.kind = 'event.reopened'
                                          OR b.kind = 'event.closed'))) AS held
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
# The first change after a moment says what was before it: of the last days that is a short piece of the ledger.
_SOURCES = """
SELECT health.source, coalesce(next.before, health.state), next.at
  FROM events_sourcehealth AS health
  LEFT JOIN (
    SELECT DISTINCT ON (body ->> 'source') body ->> 'source' AS source, body ->> 'from' AS before, at
      FROM ledger
     WHERE at > %(at)s AND kind LIKE 'source.%%'
     ORDER BY body ->> 'source', n
  ) AS next USING (source)
 WHERE health.watched_since <= %(at)s OR next.before IS NOT NULL
 ORDER BY health.source
"""


def board_at(moment: datetime) -> dict[str, Any]:
    """tokens: the rows of token_risk_view then, with the actions and times that were read live; events: the open ones
    of high priority with their effects then; alerts: of the hour before; sources: the state of each."""
    return {
        "at": moment,
        "tokens": view_at(moment),
        "events": events_at(moment),
        "alerts": alerts_at(moment),
        "sources": sources_at(moment),
    }


def events_at(moment: datetime) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"at": moment})
        found = cursor.fetchall()
    rows = []
    for event_id, at, _kind, text, held in found:
        body = json.loads(text)
        event = body.get("event", {})
        if event.get("status") != "open" or event.get("priority") != "high":
            continue
        rows.append({"id": event_id, "changed_at": at, "held": held, **event, "effects": body.get("effects", [])})
    return sorted(rows, key=lambda row: row["id"])


def alerts_at(moment: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_ALERTS, {"at": moment})
        queued, delivered, failed, suppressed = cursor.fetchone()
    return {"queued": queued, "delivered": delivered, "failed": failed, "suppressed": suppressed}


def sources_at(moment: datetime) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES, {"at": moment})
        return [{"source": source, "state": state, "until": until} for source, state, until in cursor.fetchall()]


_MARKS = """
SELECT at, token, "row" ->> 'action', lag("row" ->> 'action') OVER (PARTITION BY token ORDER BY n), snapshot
  FROM view_changed WHERE at >= %s AND at < %s ORDER BY n
"""


def changes_between(begin: datetime, end: datetime, most: int) -> list[dict[str, Any]]:
    """When the action of a coin changed, for marks beside the slider: the newest, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, [begin, end])
        found = [
            {"at": at, "token": token, "action": action, "before": before}
            for at, token, action, before, snapshot in cursor.fetchall()
            if action != before and not (snapshot and before is None)
        ]
    return found[-most:]
