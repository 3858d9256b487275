"""The report of a replay (contract 5), from the rows that it left and from `Replayed`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from events import registry
from events.enums import Action
from events.models import Event, of_tokens
from events.replay.engine import Replayed
from events.upstream.archive_file import iso


def report_of(replayed: Replayed) -> dict[str, Any]:
    """Plain JSON values, the same for the same payloads. Times are ISO 8601, UTC."""
    events = Event.objects.order_by("id").prefetch_related("effects", "alerts")
    return {
        "payloads": replayed.payloads,
        "failures": [
            {
                "source": failure.payload.source,
                "received_at": iso(failure.payload.received_at),
                "error": failure.error,
            }
            for failure in replayed.failures
        ],
        "events": [_event(event) for event in events],
        "view": [
            {"at": iso(change.at), "added": list(change.added), "removed": list(change.removed)}
            for change in replayed.view
        ],
    }


def _event(event: Event) -> dict[str, Any]:
    effects = list(event.effects.all())
    return {
        "kind": registry.kind_of(type(event)),
        "source": event.source,
        "category": event.category,
        "priority": event.priority,
        "tokens": sorted({effect.token for effect in of_tokens(effects)}),
        "tickers": sorted({ticker for effect in effects for ticker in effect.tickers}),
        "action": Action.most_severe(effect.action for effect in effects) or None,
        "opened_at": iso(event.opened_at),
        "closed_at": _iso_or_none(event.closed_at),
        "close_reason": event.close_reason,
        "facts": event.facts,
        "alerts": [
            {"at": iso(alert.queued_at), "reason": alert.reason, "channel": alert.channel}
            for alert in sorted(event.alerts.all(), key=lambda alert: (alert.queued_at, alert.pk))
            # A deferred or suppressed alert would not have been sent.
            if not alert.muted_by
        ],
    }


def _iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
