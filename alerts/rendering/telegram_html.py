"""A message as Telegram's `sendMessage` takes it: HTML of at most 4,096 characters, and buttons under it."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from html import escape
from typing import Any

from alerts.rendering.cards.build import card_of
from alerts.rendering.chat_text import Button, buttons, fitting_lines, utf16
from alerts.rendering.message import Message
from alerts.rendering.summary import EventSummary

LIMIT = 4096
"""Telegram counts UTF-16 units after it has parsed the text; counted before that, a text is never shorter."""
_IN_A_ROW = 2
_ACKNOWLEDGE = "ack:"
_PRESS = re.compile(rf"{_ACKNOWLEDGE}([0-9]{{1,15}}):([0-9]{{1,11}})(?::([0-9]{{1,9}}))?")


def render_telegram(message: Message, chat: str, topic: str = "", answers: bool = False) -> dict[str, Any]:
    """answers: Telegram reports presses of buttons to us, so that one press acknowledges; else buttons open pages."""
    card = card_of(message)
    title = f"<b>{escape(card.heading, quote=False)}</b>"
    lines = fitting_lines(message, card, LIMIT - utf16(title) - 1, lambda line: utf16(escape(line, quote=False)) + 1)
    payload: dict[str, Any] = {
        "chat_id": chat,
        "text": "\n".join([title, *(escape(line, quote=False) for line in lines)]),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if topic:
        payload["message_thread_id"] = int(topic)
    keys = [_key(message, button, answers) for button in buttons(message, card)]
    if message.minimal and answers:
        # A press needs no address, so that it cannot be what was refused.
        acts = [Button(act.title, act.url, act.act) for act in message.acts if act.act == "acknowledge"]
        keys = [_key(message, button, answers) for button in acts]
    if keys:
        rows = [keys[at : at + _IN_A_ROW] for at in range(0, len(keys), _IN_A_ROW)]
        payload["reply_markup"] = {"inline_keyboard": rows}
    return payload


def _key(message: Message, button: Button, answers: bool) -> dict[str, str]:
    if answers and button.act == "acknowledge" and isinstance(message.content, EventSummary):
        # Whoever presses an old card has not seen what became of the event since.
        seen = f"{math.ceil(message.now.timestamp())}" + (f":{message.revision}" if message.revision else "")
        return {"text": button.title, "callback_data": f"{_ACKNOWLEDGE}{message.content.event_id}:{seen}"}
    return {"text": button.title, "url": button.url}


def event_of_press(data: str) -> tuple[int, datetime, int] | None:
    """The event that a pressed button acknowledges, when its card was made, and its revision there (0 on cards of
    earlier releases); None for a button that is not ours."""
    found = _PRESS.fullmatch(data)
    return (int(found[1]), datetime.fromtimestamp(int(found[2]), UTC), int(found[3] or 0)) if found else None
