"""What the stored facts of an event say, in words with unit and scale."""

from __future__ import annotations

from datetime import datetime

from alerts.rendering.cards.card import Fact
from alerts.rendering.phrases import change_text, clean, source_label
from alerts.rendering.summary import EventSummary
from crypto_ews.ui.text import label

MOST = 6


def facts_in_words(summary: EventSummary, now: datetime) -> tuple[Fact, ...]:
    return tuple(Fact(label(name), value) for name, value in summary.facts[:MOST])


def changes_in_words(summary: EventSummary, now: datetime) -> tuple[Fact, ...]:
    return tuple(Fact(label(change.field), change_text(change, 300, clean)) for change in summary.changes)


def why_sentence(summary: EventSummary, now: datetime) -> str:
    verb = "reported" if summary.over else "reports"
    return f"{source_label(summary.source)} {verb}: {label(summary.category).lower()}."
