"""Microsoft Teams cards: Adaptive Card 1.4 in the envelope of the Workflows webhook.

Teams takes at most 28,672 bytes, counted after an expansion of its own. It accepts a larger card and reports the error
later, so only our own budget keeps cards small enough.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.rendering.cards.build import card_of
from alerts.rendering.cards.card import HEADING_LIMIT, Card, Fact, Line, Section, Tone
from alerts.rendering.message import Digest, Message, Notice, event_url
from alerts.rendering.phrases import clean, some
from alerts.rendering.plain_text import counted, is_short, small_print
from alerts.rendering.summary import EventSummary

MAX_BYTES = 20_000
TARGET_BYTES = 14_000

Element = dict[str, Any]


@dataclass(frozen=True)
class Detail:
    """How much of a card is shown: items of each list, and of each subtle one; characters of a text and of an item;
    sections; facts. lines: whether a digest's lines say why, and are links."""

    items: int
    subtle: int
    text: int
    item: int
    sections: int
    facts: int
    why: int = 1000


_DETAILS = (
    Detail(items=60, subtle=15, text=600, item=300, sections=12, facts=16),
    Detail(items=30, subtle=8, text=300, item=200, sections=8, facts=12),
    Detail(items=12, subtle=3, text=160, item=120, sections=5, facts=8, why=600),
    Detail(items=5, subtle=0, text=100, item=60, sections=3, facts=6, why=300),
)
_MINIMAL = Detail(items=0, subtle=0, text=160, item=60, sections=0, facts=4, why=300)
_IN_A_LINE = 5
"""Short items that stand beside their title instead of below it."""
_STYLES = {Tone.URGENT: "attention", Tone.WARNING: "warning", Tone.NEUTRAL: "emphasis", Tone.GOOD: "good"}


def render_message(message: Message) -> Element:
    """The message as the webhook takes it: at most `MAX_BYTES` of JSON, normally under `TARGET_BYTES`."""
    card = card_of(message)
    actions = [{"type": "Action.OpenUrl", "title": link.title, "url": link.url} for link in card.links]
    if card.lines:
        bodies = digest_bodies(card, message.public_base_url, message.minimal)
        return next(filter(lambda made: card_size(made) <= MAX_BYTES, (_envelope(body, actions) for body in bodies)))
    page = event_url(message.public_base_url, card.event_id) if card.event_id is not None else ""
    if not message.minimal:
        for detail in _DETAILS:
            made = _envelope(_body(card, page, detail), actions)
            if card_size(made) <= TARGET_BYTES:
                return made
    return _envelope(_body(card, page, _MINIMAL), actions)


def render_card(
    content: EventSummary | Notice | Digest, now: datetime, public_base_url: str, minimal: bool = False
) -> Element:
    """The card of content without an alert: no acknowledgement, no one-click links."""
    return render_message(Message(content, now, public_base_url, minimal))


def encode_card(card: Element) -> bytes:
    return json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode()


def card_size(card: Element) -> int:
    """Bytes of the card with everything outside ASCII escaped: the largest encoding that a receiver may choose."""
    return len(json.dumps(card, ensure_ascii=True, separators=(",", ":")))


# Teams computes a date from text between double braces.
_MARKDOWN = re.compile(r"([\\`*\[\]~<>]|\{(?=\{)|(?<=\{)\{|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z]))")
_MARKDOWN_START = re.compile(r"^(\s*)(#{1,6}\s|[-+]\s|\d+(?=[.)]\s))")


def escape(text: str, limit: int) -> str:
    """Foreign text made safe for Teams' Markdown: one line, at most `limit` characters, without formats and links.

    An underscore within a word, as in BTCUSD_PERP, does not format and is not escaped.
    """
    escaped = _MARKDOWN.sub(r"\\\1", clean(text, limit))
    if start := _MARKDOWN_START.match(escaped):
        mark = start[2]
        escaped = f"{mark}\\{escaped[start.end() :]}" if mark[0].isdigit() else f"\\{escaped}"
    return escaped


def _envelope(body: list[Element], actions: list[Element]) -> Element:
    content: Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "full"},
        "body": body,
    }
    if actions:
        content["actions"] = actions
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}


# Escaping may leave nothing of a text, and Teams refuses an element without text.
_NOTHING = "–"


def _text(text: str, **style: Any) -> Element:
    return {"type": "TextBlock", "text": text or _NOTHING, "wrap": True, **style}


def _header(card: Card, why: int) -> Element:
    items = [_text(escape(card.heading, HEADING_LIMIT), weight="Bolder", size="Large")]
    if card.why:
        items.append(_text(escape(card.why, why), spacing="Small"))
    return {"type": "Container", "style": _STYLES[card.tone], "bleed": True, "items": items}


def _body(card: Card, page: str, detail: Detail) -> list[Element]:
    small = escape(small_print(card), min(detail.text, 400))
    return [
        _header(card, detail.why),
        *_facts(card.facts[: detail.facts], detail),
        *(element for section in card.sections[: detail.sections] for element in _section(section, page, detail)),
        *([_text(small, isSubtle=True, size="Small", spacing="Medium")] if small else []),
    ]


def _facts(facts: tuple[Fact, ...], detail: Detail) -> Iterator[Element]:
    if facts:
        rows = []
        for fact in facts:
            text = escape(fact.text, detail.text) or _NOTHING
            rows.append({"title": escape(fact.name, 40) or _NOTHING, "value": f"**{text}**" if fact.strong else text})
        yield {"type": "FactSet", "facts": rows}


def _section(section: Section, page: str, detail: Detail) -> Iterator[Element]:
    limit = detail.subtle if section.subtle else detail.items
    if not section.items or not limit:
        return
    shown_items, more = some(section.items, limit)
    items, more = [escape(item, detail.item) for item in shown_items], more + section.more
    if is_short(section) and not more and len(items) <= _IN_A_LINE and section.title:
        text = f"**{escape(counted(section), 80)}:** {', '.join(items)}"
        yield _text(text, spacing="Small", isSubtle=section.subtle)
        return
    heading = [_text(f"**{escape(counted(section), 80)}**", spacing="None")] if section.title else []
    text = ", ".join(items) if is_short(section) else "\n".join(f"- {item}" for item in items)
    shown = [_text(text, spacing="Small", isSubtle=section.subtle)]
    if more:
        shown.append(_text(f"[+ {more} more]({page})" if page else f"+ {more} more", spacing="Small"))
    yield {"type": "Container", "separator": True, "spacing": "Medium", "items": [*heading, *shown]}


@dataclass(frozen=True)
class _LineDetail:
    """How much of a digest's line is shown: characters of its reason and of its positions, whether its number is a
    link, its acts, and whether its heading is shown whole."""

    why: int = 0
    positions: int = 0
    linked: bool = False
    acts: bool = False
    full: bool = True


_LINE_DETAILS = (
    _LineDetail(why=200, positions=300, linked=True, acts=True),
    _LineDetail(why=200, positions=200, linked=True),
    _LineDetail(why=100, positions=120, linked=True),
    _LineDetail(positions=80, linked=True),
    _LineDetail(),
    _LineDetail(full=False),
)


def digest_bodies(card: Card, base_url: str, minimal: bool) -> Iterator[list[Element]]:
    """Bodies of one card, the most detailed first; every event is named with its number in all of them."""
    for detail in _LINE_DETAILS[-2:] if minimal else _LINE_DETAILS:
        yield [_header(card, 600), _text("\n".join(_line(line, base_url, detail) for line in card.lines))]
    # Two hundred events fit, whatever the names of their tokens.
    yield [_header(card, 300), _text(" ".join(f"#{line.event_id}" for line in card.lines))]


def _line(line: Line, base_url: str, detail: _LineDetail) -> str:
    number = f"#{line.event_id}"
    shown = f"[{number}]({event_url(base_url, line.event_id)})" if detail.linked else number
    if not detail.full:
        return f"- {shown} {escape(line.shortest, 24)}".rstrip()
    heading = escape(line.heading, HEADING_LIMIT)
    parts = [f"**{heading}**" if detail.why else heading]
    parts += [escape(line.why, detail.why)] if detail.why and line.why else []
    parts += [f"**{escape(line.positions, detail.positions)}**"] if detail.positions and line.positions else []
    acts = [f"[{link.title}]({link.url})" for link in line.links] if detail.acts else []
    return f"- {shown} " + " — ".join([*parts, *filter(None, [" · ".join(acts)])])
