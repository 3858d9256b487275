"""Which card answers a chapter: of an event of its category, token and source, accepted after it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from drills.crises.crisis import Chapter
from drills.receiver import SentCard
from events.models import Event

LATEST_CARD = timedelta(minutes=90)
"""A later card is of something else. A snapshot of DeFiLlama is half an hour old at most, and a second one confirms."""


@dataclass(frozen=True)
class Happened:
    """A chapter, and when it came about."""

    chapter: Chapter
    at: datetime


def answer_to(one: Happened, cards: Sequence[SentCard]) -> tuple[SentCard | None, frozenset[int]]:
    """The first card that the chapter is due, and the events that are meant by it."""
    if not one.chapter.category:
        return None, frozenset()
    ids = _due_events(one.chapter)
    until = one.at + LATEST_CARD
    return next((card for card in cards if one.at <= card.at <= until and card.event_ids & ids), None), ids


def _due_events(chapter: Chapter) -> frozenset[int]:
    found = Event.objects.non_polymorphic().filter(category=chapter.category, effects__token=chapter.token)
    if chapter.source:
        found = found.filter(source=chapter.source)
    return frozenset(found.values_list("pk", flat=True))
