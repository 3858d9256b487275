"""Rows of events and alerts as bodies, in a fixed number of queries whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from alerts.models import Alert
from alerts.suppression import acknowledgements
from crypto_ews.conf import get_config
from events.enums import EVERYTHING
from events.models import Effect, Event, plain_events

_EFFECT = (
    "token", "scope", "venue", "tickers", "action", "risk_level", "trading_status", "trading_ends_at", "in_force_at",
)  # fmt: skip
_PLAIN = (
    "source", "category", "priority", "status", "title", "url", "network_tokens", "life", "revision", "published_at",
    "seen_at", "opened_at", "updated_at", "closed_at", "close_reason", "close_kind", "false_alarm", "valid_until",
    "next_important_at", "important_dates",
)  # fmt: skip
_ALERT = (
    "life", "revision", "reason", "channel", "state", "severity", "queued_at", "due_at", "done_at", "done_reason",
    "decisions",
)  # fmt: skip
_ATTEMPT = ("started_at", "duration_ms", "http_status", "decision", "reason")


def light_events() -> QuerySet[Event]:
    """Events without the columns that lists leave out: facts alone may have many kilobytes."""
    return plain_events().only("pk", *_PLAIN)


def event_bodies(rows: Sequence[Event]) -> list[dict[str, Any]]:
    """Bodies of events, in two queries."""
    keys = [row.pk for row in rows]
    effects: dict[int, list[dict[str, Any]]] = {key: [] for key in keys}
    for effect in Effect.objects.filter(event_id__in=keys).order_by("token", "trading_ends_at", "id").values(
        "event_id", *_EFFECT
    ):  # fmt: skip
        effects[effect.pop("event_id")].append(effect)
    taken = {
        one.event_id: {"by": one.by, "at": one.at, "note": one.note}
        for one in acknowledgements.of_this_life().filter(event_id__in=keys, ended_at=None)
    }
    return [event_body(row, effects[row.pk], taken.get(row.pk)) for row in rows]


def event_body(row: Event, effects: list[dict[str, Any]], taken: dict[str, Any] | None) -> dict[str, Any]:
    tokens = dict.fromkeys(effect["token"] for effect in effects if effect["token"] != EVERYTHING)
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in _PLAIN},
        "tokens": list(tokens),
        "effects": effects,
        "acknowledged": taken,
        "page": absolute("admin:events_event_change", row.pk),
    }


def full_event_body(row: Event) -> dict[str, Any]:
    """The body of one event with its alerts, in four queries."""
    sha256 = row.payload_id
    alerts = Alert.objects.filter(event_id=row.pk).order_by("-pk")[:50]
    return {
        **event_bodies([row])[0],
        **{name: getattr(row, name) for name in ("natural_key", "recorded_at", "facts", "pinned", "earlier_lives")},
        "payload_sha256": sha256,
        "payload": absolute("admin:events_payload", sha256) if sha256 else None,
        "alerts": alert_bodies(alerts),
    }


def alert_bodies(rows: Iterable[Alert] | QuerySet[Alert]) -> list[dict[str, Any]]:
    """Bodies of alerts with their attempts. rows: a query, or rows whose `tries` are prefetched."""
    if isinstance(rows, QuerySet):
        rows = rows.prefetch_related("tries")
    return [
        {
            "id": row.pk,
            "event": row.event_id,
            **{name: getattr(row, name) for name in _ALERT},
            "suppressed_by": row.muted_by,
            "inhibitor": row.inhibitor_id,
            "silence": row.silence_id,
            "digest": row.digest_id,
            "attempts": [{name: getattr(one, name) for name in _ATTEMPT} for one in row.tries.all()],
        }
        for row in rows
    ]


@lru_cache(maxsize=4096)
def absolute(view: str, key: int | str) -> str:
    """The address of a page of ours, as cards link to it."""
    return get_config().public_base_url.rstrip("/") + reverse(view, args=[key])
