"""Items in the quarantine: whatever an upstream sends, the item is stored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from events.models import QuarantinedItem
from events.sources.quarantine import quarantine_item, resolve

NOW = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_an_item_with_what_postgresql_refuses_is_stored_counted_and_resolved() -> None:
    """NUL, and half of an emoji. Blanks stay: they may tell two keys apart."""
    for _ in range(2):
        quarantine_item("a.list", " A\0\ud83d", NOW, title="\ud83d", error="\0was \ud83d", excerpt="{\0}")
    item = QuarantinedItem.objects.get()
    assert (item.item_key, item.title, item.error, item.excerpt, item.attempts) == (" A?", "?", "was ?", "{}", 2)
    resolve("a.list", " A\0\ud83d", NOW)
    assert not QuarantinedItem.objects.filter(resolved_at=None).exists()
