"""Bodies in the shapes that exchanges send, and where the captures lie."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from exchanges.announcements.detect import DetectionContext, announcement_draft
from exchanges.announcements.types import Article, ParsedNotice
from markets.knowledge import MarketKnowledge
from markets.watch import WatchLists

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "captures" / "announcements"


def text(words: str) -> dict[str, Any]:
    return {"node": "text", "text": words}


def node(tag: str, *children: Any) -> dict[str, Any]:
    """An element of Binance's node tree; strings become text nodes."""
    return {
        "node": "element",
        "tag": tag,
        "child": [text(child) if isinstance(child, str) else child for child in children],
    }


def tree(*children: Any) -> dict[str, Any]:
    return {"node": "root", "child": list(children)}


def priority_of(
    notice: ParsedNotice, watched: frozenset[str], quotes: frozenset[str], exchange: str = "binance"
) -> str:
    """The priority of the event that a reading is, where no instruments are known."""
    at = datetime(2026, 1, 10, tzinfo=UTC)
    around = DetectionContext(MarketKnowledge(), WatchLists(watched, watched, quotes), {}, at, timedelta(days=7))
    draft = announcement_draft(Article(exchange, "1", "A notice", None, at), notice, around)
    assert draft is not None
    return draft.priority
