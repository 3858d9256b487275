"""A phrase puts some keys of an event's stored facts into words; a kind has phrases for all keys that its events store.

A phrase reads the keys that it declares and no other, so that the tests can compare these with what is stored. Facts
come from any release or from an admin: a key may be absent or of another type, and then its phrase is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alerts.rendering.cards.card import Fact
from alerts.rendering.phrases import clean
from alerts.rendering.summary import EventSummary

MOST_FACTS = 6


@dataclass(frozen=True)
class Values:
    """The declared keys of the stored facts, each read with the type that its phrase expects."""

    stored: Mapping[str, Any]
    summary: EventSummary
    now: datetime

    def number(self, key: str) -> float | None:
        value = self.stored.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return None
        return float(value)

    def text(self, key: str, limit: int = 160) -> str:
        value = self.stored.get(key)
        return clean(value, limit) if isinstance(value, str) else ""

    def flag(self, key: str) -> bool | None:
        value = self.stored.get(key)
        return value if isinstance(value, bool) else None

    def moment(self, key: str) -> datetime | None:
        return stored_moment(self.stored.get(key))

    def names(self, key: str) -> list[str]:
        value = self.stored.get(key)
        found = value if isinstance(value, (list, tuple)) else ()
        return [text for item in found if isinstance(item, str) and (text := clean(item, 60))]

    def table(self, key: str) -> Mapping[str, Any]:
        value = self.stored.get(key)
        return value if isinstance(value, Mapping) else {}


def stored_moment(value: object) -> datetime | None:
    """A time as facts store it; None for anything else."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


@dataclass(frozen=True)
class Phrase:
    """text: "" to leave it out. past: true of an event that is over as well; else it describes the present.

    A key that ends with "*" stands for all keys that begin so.
    """

    name: str
    keys: tuple[str, ...]
    text: Callable[[Values], str]
    past: bool = False


@dataclass(frozen=True, eq=False)
class Kind:
    """The phrases of the events of one kind, most important first.

    why: the sentence. unshown: keys that cards leave out → the reason. unnamed: a phrase whose key varies: Values →
    facts with names of their own, for the keys of `unnamed_keys`.
    """

    why: Phrase
    facts: tuple[Phrase, ...] = ()
    unshown: Mapping[str, str] = field(default_factory=dict)
    unnamed_keys: tuple[str, ...] = ()
    unnamed: Callable[[Values], Sequence[Fact]] | None = None

    @property
    def keys(self) -> frozenset[str]:
        """Every key that has a phrase."""
        return frozenset(self.why.keys).union(self.unnamed_keys, *(phrase.keys for phrase in self.facts))

    def knows(self, key: str) -> bool:
        return key in self.unshown or any(_matches(key, known) for known in self.keys)

    def sentence(self, stored: Mapping[str, Any], summary: EventSummary, now: datetime) -> str:
        return self.why.text(_values(self.why.keys, stored, summary, now))

    def in_words(self, stored: Mapping[str, Any], summary: EventSummary, now: datetime) -> tuple[Fact, ...]:
        found: list[Fact] = []
        for phrase in self.facts:
            if summary.over and not phrase.past:
                continue
            if text := phrase.text(_values(phrase.keys, stored, summary, now)):
                found.append(Fact(phrase.name, text))
        if self.unnamed is not None and not summary.over:
            found += self.unnamed(_values(self.unnamed_keys, stored, summary, now))
        return tuple(found[:MOST_FACTS])


def _values(keys: Sequence[str], stored: Mapping[str, Any], summary: EventSummary, now: datetime) -> Values:
    found = {key: stored[key] for key in keys if key in stored}
    if any(key.endswith("*") for key in keys):
        found |= {key: value for key, value in stored.items() if any(_matches(key, known) for known in keys)}
    return Values(found, summary, now)


def _matches(key: str, known: str) -> bool:
    return key.startswith(known[:-1]) if known.endswith("*") else key == known
