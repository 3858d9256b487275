"""A card as people read it, before any service's markup: every rendering shows these parts and adds none of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

HEADING_LIMIT = 90
"""Characters of a heading, on every card."""


class Kind(StrEnum):
    """What a card is for; each kind has a template."""

    NEW = "new"
    WORSE = "worse"
    TURNED = "turned"
    UPDATED = "updated"
    REMINDER = "reminder"
    STILL_OPEN = "still_open"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CORRECTION = "correction"
    CANARY = "drill"
    OUTAGE = "outage"
    NOTICE = "notice"
    DIGEST = "digest"
    MARKET = "market"


class Tone(StrEnum):
    """How urgent a card looks. Colour is never the only sign: the heading says it too."""

    URGENT = "urgent"
    WARNING = "warning"
    NEUTRAL = "neutral"
    GOOD = "good"


@dataclass(frozen=True)
class Fact:
    """One fact in words, with unit and scale: ("Score", "5 of 6"). No name occurs twice on a card."""

    name: str
    text: str
    strong: bool = False


@dataclass(frozen=True)
class Section:
    """A list below the facts, most important first. The renderings show as many as fit and count the others.

    more: how many there are besides the items.
    """

    title: str
    items: tuple[str, ...]
    subtle: bool = False
    more: int = 0

    @property
    def count(self) -> int:
        return len(self.items) + self.more


@dataclass(frozen=True)
class CardLink:
    """A link under a card. act: what it does, after a page that asks; "" for a page to read. The URL of an act is a
    secret."""

    title: str
    url: str = field(repr=False)
    act: str = ""


@dataclass(frozen=True)
class Line:
    """One event of a digest: "EXIT · LUNA · Binance spot · by 1 Dec 01:00 UTC, in 19 h", then why, in one sentence.

    shortest: what must remain of it however long the digest is; the number of the event is always shown.
    links: for this event alone, left out first where space is short; none in a long digest.
    """

    event_id: int
    heading: str
    shortest: str
    why: str = ""
    positions: str = ""
    links: tuple[CardLink, ...] = ()


@dataclass(frozen=True)
class Card:
    """heading: action · what · where · until when, at most `HEADING_LIMIT` characters. why: one sentence. quoted: the
    source's own title, which is foreign text. label: what kind of event and who reports it, in small print.

    All texts are plain, one line each, and not escaped: a rendering escapes them for its service. links are in the
    order of use: acknowledge, silence, source, event, runbook.
    """

    kind: Kind
    tone: Tone
    heading: str
    why: str = ""
    quoted: str = ""
    label: str = ""
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    lines: tuple[Line, ...] = ()
    links: tuple[CardLink, ...] = ()
    event_id: int | None = None
