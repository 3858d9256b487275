"""A message in Slack's Block Kit: at most 50 blocks, 3,000 characters a text, buttons that open pages."""

from __future__ import annotations

from typing import Any

from alerts.rendering.cards.build import card_of
from alerts.rendering.chat_text import Button, buttons, cut, fitting_lines, utf16
from alerts.rendering.message import Message

BLOCKS, TEXT, HEADER, URL = 50, 3000, 150, 3000
_SECTIONS = 4
"""Texts of one message: more would fill the screen."""


def render_slack(message: Message, channel: str = "") -> dict[str, Any]:
    card = card_of(message)
    title = card.heading
    lines = fitting_lines(message, card, TEXT * (_SECTIONS - 1), lambda line: utf16(_entities(line)) + 1)
    # Plain text: Slack's own markup cannot be escaped, and a foreign text must not format, link or call anybody.
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(cut(title, HEADER) or "–")}]
    blocks += [{"type": "section", "text": _plain(text)} for text in _texts(lines)]
    keys = [_key(button, number) for number, button in enumerate(buttons(message, card)) if len(button.url) <= URL]
    if keys:
        blocks.append({"type": "actions", "elements": keys})
    payload: dict[str, Any] = {
        "text": _entities(title),
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return {"channel": channel, **payload} if channel else payload


def _texts(lines: list[str]) -> list[str]:
    texts: list[str] = []
    for piece in (part for line in lines for part in _cut(line)):
        if texts and utf16(texts[-1]) + utf16(piece) + 1 <= TEXT:
            texts[-1] += f"\n{piece}"
        else:
            texts.append(piece)
    return [text for text in texts if text.strip()]


def _cut(line: str) -> list[str]:
    """Pieces that fit into one text, between words."""
    pieces = []
    while utf16(line) > TEXT:
        fits = len(cut(line, TEXT))
        at = line.rfind(" ", 0, fits)
        at = at if at > 0 else fits
        pieces.append(line[:at])
        line = line[at:].lstrip()
    return [*pieces, line]


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _key(button: Button, number: int) -> dict[str, Any]:
    key = {"type": "button", "text": _plain(button.title[:75]), "url": button.url, "action_id": f"open_{number}"}
    return {**key, "style": "primary"} if button.act == "acknowledge" else key
