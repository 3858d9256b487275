"""Items that could not be used are put aside with the evidence, and the rest goes on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from events.clock import Jump
from events.models import QuarantinedItem


def quarantine_item(
    source: str, item_key: str, now: datetime, *, title: str, error: str, excerpt: str = "", payload: str | None = None
) -> None:
    """Keep an item that could not be read; repeated, it counts the attempt."""
    item, created = QuarantinedItem.objects.get_or_create(
        source=source,
        item_key=item_key[:400],
        defaults={
            "title": title,
            "error": error,
            "excerpt": excerpt[:2000],
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
    """The item could be used after all."""
    QuarantinedItem.objects.filter(source=source, item_key=item_key[:400], resolved_at=None).update(resolved_at=now)


def after_clock_jump(jump: Jump) -> None:
    """Our time was corrected: how long an item has been aside is counted from there (`events.sources.lost_rows`)."""
    written = (jump.since, jump.before)
    with transaction.atomic():
        for column in ("first_at", "last_at"):
            QuarantinedItem.objects.filter(**{f"{column}__range": written}).update(**{column: F(column) + jump.by})
