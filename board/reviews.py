"""Notices that nobody could judge and that wait for a person; until then `can_trade` answers `watch` for their names.

They are no events. A board without them would say that nothing is open while a notice of a delisting lies unread.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.rendering.message import review_page
from alerts.rendering.phrases import clean, source_label
from events.models import Review

MOST_LISTED = 12
_NAMES = 6


def waiting() -> dict[str, Any]:
    """count, urgent: of undecided reviews. oldest: when the first of them was opened, None without one. listed: the
    urgent ones first, then the oldest."""
    undecided = Review.objects.filter(decided_at=None)
    rows = list(undecided.order_by("-first", "opened_at", "id").defer("text", "label")[:MOST_LISTED])
    if not rows:
        return {"count": 0, "urgent": 0, "oldest": None, "listed": []}
    oldest: datetime = undecided.order_by("opened_at").values_list("opened_at", flat=True)[0]
    return {
        "count": undecided.count(),
        "urgent": undecided.filter(first=True).count(),
        "oldest": oldest,
        "listed": [_row(review) for review in rows],
    }


def _row(review: Review) -> dict[str, Any]:
    names = [*review.tokens, *(ticker.partition(":")[2] for ticker in review.tickers)]
    return {
        "id": review.pk,
        "title": clean(review.title, 160),
        "from": source_label(review.source),
        "names": list(dict.fromkeys(names))[:_NAMES],
        "more": max(0, len(set(names)) - _NAMES),
        "urgent": review.first,
        "why": review.get_reason_display(),
        "opened_at": review.opened_at,
        "page": review_page(review.pk),
    }
