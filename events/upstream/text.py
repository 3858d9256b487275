"""Text of upstreams as PostgreSQL can store it."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text without what PostgreSQL refuses (NUL, and lone surrogates, which become "?"), and stripped."""
    return encodable(text).strip()


def encodable(text: str) -> str:
    """As `storable`, with the blanks around the text: keys are compared character by character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
