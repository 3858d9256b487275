"""Rows of DeFiLlama's lists that could not be parsed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UnreadableRow:
    """A row for the quarantine; the other rows of its list are used.

    key: names the row in the quarantine. error: the field, its value and what was expected.
    """

    key: str
    title: str
    error: str
    excerpt: str
