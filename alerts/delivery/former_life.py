"""The end of an event that is told when the event is open again already."""

from __future__ import annotations

from datetime import datetime

from alerts.models import Alert
from crypto_ews.ui.text import span, utc_text
from events.enums import AlertReason, Status
from events.models import Event


def end_of_former_life(alert: Alert, event: Event) -> str:
    """What an alert of an end says whose event has opened again since, "" for every other alert.

    Its return is told by an alert of its own, or kept from being told (a silence, flapping), so that nothing of what
    the event demands now may stand on this card; and what it demanded then is overwritten.
    """
    if alert.reason != AlertReason.CLOSED or event.status != Status.OPEN or alert.life >= event.life:
        return ""
    former = next((life for life in event.earlier_lives if life["life"] == alert.life), None)
    if former is None or not former["closed_at"]:
        return "it is open again"
    opened_at, closed_at = (datetime.fromisoformat(former[name]) for name in ("opened_at", "closed_at"))
    # An episode that resumes keeps its beginning.
    again = f"open again since {utc_text(event.opened_at)}" if event.opened_at >= closed_at else "it is open again"
    lasted = span((closed_at - opened_at).total_seconds())
    verdict = " (false alarm)" if former["false_alarm"] else ""
    return f"{former['close_reason'] or 'closed'}{verdict}, at {utc_text(closed_at)}, lasted {lasted}; {again}"
