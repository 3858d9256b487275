"""Reviews as a round of a source opens them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from events.drafts import ReviewDraft
from events.models import Review
from events.reviews import open_reviews
from exchanges.models import SeenArticle

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
ARTICLE = "5f1a"
KEY = f"binance.announcement:{ARTICLE}"
TEXT = "FOO verabschiedet sich am 2026-12-04 08:00 (UTC). Betroffen ist FOO/USDT."


def notice(**changes: Any) -> ReviewDraft:
    """A notice in a language that is not read, about one coin and one pair."""
    fields: dict[str, Any] = {
        "source": "binance",
        "natural_key": KEY,
        "title": "Abschied von FOO",
        "text": TEXT,
        "url": "https://example.com/foo",
        "reason": "language",
        "released_at": NOW - timedelta(minutes=20),
        "ending": True,
        "first": True,
        "tokens": ("FOO",),
        "tickers": ("BINANCE:FOOUSDT",),
        "venues": ("BINANCE",),
    }
    return ReviewDraft(**{**fields, **changes})


def opened(now: datetime = NOW - timedelta(minutes=15), **changes: Any) -> Review:
    """The review of that notice, and its article in the state that a round leaves it in."""
    draft = notice(**changes)
    (review,) = open_reviews([draft], now)
    SeenArticle.objects.get_or_create(
        exchange=draft.source,
        article_id=draft.natural_key.rpartition(":")[2],
        defaults={"title": draft.title, "state": "review", "first_seen_at": now, "read_at": now},
    )
    return review
