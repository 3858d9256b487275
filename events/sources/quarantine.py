"""Quarantine: an unusable item is stored with its error and payload, and the rest of the round goes on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from events.clock import Jump
from events.models import QuarantinedItem
from events.upstream.text import encodable


def quarantine_item(
    source: str, item_key: str, now: datetime, *, title: str, error: str, excerpt: str = "", payload: str | None = None
) -> None:
    """Store an unusable item, or count one more attempt at it. payload: its key in the archive."""
    error = encodable(error)
    item, created = QuarantinedItem.objects.get_or_create(
        source=source,
        item_key=encodable(item_key)[:400],
        defaults={
            "title": encodable(title),
            "error": error,
            "excerpt": encodable(excerpt)[:2000],
            "payload_id": payload,
            "first_at": now,
            "last_at": now,
        },
    )
    if not created:
        QuarantinedItem.objects.filter(pk=item.pk).update(
            error=error, last_at=now, attempts=F("attempts") + 1, payload_id=payload, resolved_at=None
        )


def resolve(source: str, item_key: str, now: datetime) -> None:
    """The item was usable after all, or is gone."""
    QuarantinedItem.objects.filter(source=source, item_key=encodable(item_key)[:400], resolved_at=None).update(
        resolved_at=now
    )


def after_clock_jump(jump: Jump) -> None:
    """Our time was corrected: move what the wrong clock wrote; `events.sources.lost_rows` counts from these times."""
    written = (jump.since, jump.before)
    with transaction.atomic():
        for column in ("first_at", "last_at"):
            QuarantinedItem.objects.filter(**{f"{column}__range": written}).update(**{column: F(column) + jump.by})
