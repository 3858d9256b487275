"""What coins did last time: for each coin on the board its latest event that is over."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.urls import reverse

from crypto_ews.ui.text import label, span
from events.enums import Action

# An event says nothing of its coin's past while it is open, nor once a person has called it a false alarm.
_LAST = """
SELECT DISTINCT ON (f.token)
       f.token, e.id, e.category, e.title, e.opened_at, e.closed_at, e.close_reason, f.action::text
  FROM events_effect f JOIN events_event e ON e.id = f.event_id
 WHERE f.token = ANY (%s) AND e.status = 'closed' AND NOT e.false_alarm AND e.priority = 'high'
 ORDER BY f.token, e.closed_at DESC NULLS LAST, f.action DESC
"""


def last_time(tokens: Collection[str]) -> dict[str, dict[str, Any]]:
    """token → its latest event of high priority that is over, and how long it lasted."""
    if not tokens:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [sorted(tokens)])
        found = cursor.fetchall()
    return {
        token: {
            "id": pk,
            "kind": label(category),
            "title": title,
            "at": opened_at,
            "lasted": span((closed_at - opened_at).total_seconds()) if closed_at else "",
            "ended": close_reason,
            "action": action,
            "rank": Action(action).severity,
            "page": reverse("board:event", args=[pk]),
        }
        for token, pk, category, title, opened_at, closed_at, close_reason, action in found
    }
