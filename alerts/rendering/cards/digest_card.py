"""The card of a digest: one line for each event. Pure."""

from __future__ import annotations

from alerts.rendering.cards.card import HEADING_LIMIT, Card, Kind, Line, Tone
from alerts.rendering.cards.heading import action_word, joined, names_text
from alerts.rendering.message import Digest, DigestLine, Message
from alerts.rendering.phrases import clean


def digest_card(digest: Digest, message: Message) -> Card:
    return Card(
        kind=Kind.MARKET if digest.kind == "market" else Kind.DIGEST,
        tone=Tone.WARNING,
        heading=clean(digest.title, HEADING_LIMIT),
        lines=tuple(_line(line) for line in digest.lines),
    )


def _line(line: DigestLine) -> Line:
    names = names_text([clean(name, 20) for name in line.named], 3)
    first = "OVER" if line.ended or line.status == "closed" else action_word(line.action)
    heading = clean(joined(first, names), HEADING_LIMIT)
    why = clean(": ".join(filter(None, (line.title, line.ended))), 300)
    return Line(line.event_id, heading, names, why, line.positions.brief if line.positions else "")
