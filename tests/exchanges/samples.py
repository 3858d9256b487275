"""Bodies in the shapes that exchanges send, and where the captures lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
