"""A message as a Discord webhook takes it: one embed of at most 6,000 characters, links in its text."""

from __future__ import annotations

import re
from typing import Any

from alerts.rendering.cards.build import card_of
from alerts.rendering.cards.card import Card, Tone
from alerts.rendering.chat_text import buttons, cut, fitting_lines, utf16
from alerts.rendering.message import Message

TITLE, DESCRIPTION = 256, 4096
"""Characters that an embed may have; of all its texts together 6,000."""
_LINK = 1000
"""Characters of an address; a longer one would take the place of the text."""
_ENDS_LINK = str.maketrans({"(": "%28", ")": "%29", "<": "%3C", ">": "%3E"})
"""In an address that is foreign: what follows would be a text of its own, a link that says "Acknowledge" for one."""
_MARKS = re.compile(r"([\\`*_~|<>\[\]()#@:-])")
_COLORS = {Tone.URGENT: 0xB10E1C, Tone.WARNING: 0xE0A100, Tone.NEUTRAL: 0xE0A100, Tone.GOOD: 0x0E700E}


def escape_markdown(text: str) -> str:
    """Foreign text without formats, mentions and links."""
    return _MARKS.sub(r"\\\1", text)


def render_discord(message: Message) -> dict[str, Any]:
    card = card_of(message)
    links = _links(message, card)
    lines = fitting_lines(message, card, DESCRIPTION - len(links) - 1, lambda line: utf16(escape_markdown(line)) + 1)
    embed = {
        # Escaped, a heading is at most twice as long.
        "title": cut(escape_markdown(card.heading), TITLE),
        "description": "\n".join([*map(escape_markdown, lines), links]).strip() or "–",
        "color": _COLORS[card.tone],
        "timestamp": message.now.isoformat(),
    }
    # No text of an event may call a role or everybody.
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _links(message: Message, card: Card) -> str:
    """A webhook of Discord has no buttons: links in a row."""
    shown = [link for link in buttons(message, card) if len(link.url) < _LINK]
    return " · ".join(f"[{link.title}]({link.url.translate(_ENDS_LINK)})" for link in shown)
