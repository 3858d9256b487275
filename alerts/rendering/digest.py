"""Digests: the body of a card, from most to least detail, and lines of plain text.

Whatever is left out to stay within the card's size, every event is named with its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from alerts.rendering.message import Digest, DigestLine, event_url
from alerts.rendering.phrases import clean, reasons_text
from alerts.rendering.subjects import action_label
from crypto_ews.ui.text import label

Element = dict[str, Any]
Escape = Callable[[str, int], str]


@dataclass(frozen=True)
class _Detail:
    """Characters of a title and of a token's name, tokens per event, whether the event's id is a link, and characters
    about positions of the desk."""

    title: int
    token: int
    tokens: int
    links: bool
    positions: int


_DETAILS = (
    _Detail(title=120, token=20, tokens=5, links=True, positions=300),
    _Detail(title=80, token=20, tokens=3, links=True, positions=160),
    _Detail(title=60, token=16, tokens=2, links=False, positions=120),
    _Detail(title=30, token=12, tokens=1, links=False, positions=80),
    _Detail(title=0, token=8, tokens=1, links=False, positions=0),
    # Two hundred events fit, whatever the names of their tokens.
    _Detail(title=0, token=0, tokens=0, links=False, positions=0),
)


def digest_bodies(digest: Digest, base_url: str, escape: Escape, minimal: bool) -> Iterator[list[Element]]:
    """Bodies of one card, the most detailed first; the last one is within the size budget of a card.

    escape: makes foreign text safe and bounds its length. minimal: only the last two.
    """
    for detail in _DETAILS[-2:] if minimal else _DETAILS:
        yield _body(digest, base_url, escape, detail)


def _body(digest: Digest, base_url: str, escape: Escape, detail: _Detail) -> list[Element]:
    title: Element = {"type": "TextBlock", "text": escape(digest.title, 200), "weight": "Bolder", "size": "Medium"}
    body: list[Element] = [
        {"type": "Container", "style": "warning", "bleed": True, "items": [{**title, "wrap": True}]},
    ]
    for category, lines in _by_category(digest):
        rows = [f"- {_card_line(line, base_url, escape, detail)}" for line in lines]
        heading = {"type": "TextBlock", "text": f"**{label(category)} ({len(lines)})**", "wrap": True}
        block = {"type": "TextBlock", "text": "\n".join(rows), "wrap": True, "spacing": "Small"}
        body += [{"type": "Container", "separator": True, "spacing": "Medium", "items": [heading, block]}]
    return body


def _card_line(line: DigestLine, base_url: str, escape: Escape, detail: _Detail) -> str:
    number = f"#{line.event_id}"
    where = f"[{number}]({event_url(base_url, line.event_id)})" if detail.links else number
    named = [escape(name, detail.token) for name in line.named[: detail.tokens]]
    more = len(line.named) - len(named)
    tokens = (", ".join(named) + (f" + {more}" if more > 0 else "")).strip()
    if not detail.title:
        return " ".join(filter(None, (where, tokens)))
    parts = [f"**{tokens}**" if tokens else "", escape(line.title, detail.title), escape(_what(line), 240)]
    if line.positions:
        parts.append(escape(line.positions.text if detail.positions > 200 else line.positions.brief, detail.positions))
    return f"{where} " + " · ".join(filter(None, parts))


def digest_lines(digest: Digest) -> list[str]:
    """The digest as lines of plain text, the title first."""
    lines = [clean(digest.title, 200)]
    for category, rows in _by_category(digest):
        lines.append(f"{label(category)} ({len(rows)})")
        for row in rows:
            tokens = ", ".join(clean(name, 20) for name in row.named[:5])
            parts = [tokens, clean(row.title, 160), clean(_what(row), 400)]
            if row.positions:
                parts.append(clean(row.positions.text, 400))
            lines.append(f"  #{row.event_id} " + " · ".join(filter(None, parts)))
    return lines


def _what(line: DigestLine) -> str:
    """Why the event is listed, unless it is new, and what to do; for one that is over what it was and what is now."""
    reason = line.reasons[-1:]
    why = "" if reason == ("opened",) and not line.deferred else reasons_text(reason, line.deferred)
    if line.ended or line.status == "closed":
        ended = "" if reason == ("closed",) else ("Closed" if line.status == "closed" else "Low priority now")
        return ": ".join(filter(None, (", then ".join(filter(None, (why, ended))), line.ended)))
    return ": ".join(filter(None, (why, line.order or (action_label(line.action) if line.action else ""))))


def _by_category(digest: Digest) -> list[tuple[str, list[DigestLine]]]:
    found: dict[str, list[DigestLine]] = {}
    for line in digest.lines:
        found.setdefault(line.category, []).append(line)
    return list(found.items())
