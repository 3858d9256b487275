"""The words of a message that every receiver shares: times, headlines, labels; and making foreign text harmless."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.summary import EventSummary

_SOURCES = {"okx": "OKX", "defillama": "DeFiLlama", "coinmarketcap": "CoinMarketCap"}
_REASONS = {
    "opened": "New",
    "worse": "Worse",
    "turned": "Turned",
    "updated": "Updated",
    "reminder": "Reminder",
    "closed": "Closed",
    "repeat": "Still open",
    "escalated": "Not acknowledged",
}
_ACTIONS = {
    "watch": "Watch",
    "avoid_new": "Open nothing new",
    "reduce_only": "Reduce only",
    "exit": "Exit",
    "halt": "Halt",
}


def label(name: str) -> str:
    """`trading_suspension` → "Trading suspension"."""
    words = name.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]


def source_label(source: str) -> str:
    return _SOURCES.get(source, label(source))


def action_label(action: str) -> str:
    return _ACTIONS.get(action, label(action))


def action_text(summary: EventSummary) -> str:
    """What to do, and that it concerns single pairs only where it does."""
    return action_label(summary.action or "") + (" (the pairs named)" if summary.pairs_only else "")


def headline(summary: EventSummary) -> str:
    """Why the message is sent: "New", "Updated", or "New, then updated" where an earlier card never went out."""
    reasons = list(dict.fromkeys(summary.reasons))
    words = [_REASONS.get(reason, label(reason)) for reason in reasons]
    text = words[0] + "".join(f", then {word.lower()}" for word in words[1:]) if words else "Event"
    if summary.flaps:
        text += f" (flapping: {summary.flaps} times in a day; only worse or lasting is told from here on)"
    return f"{text} (false alarm)" if summary.false_alarm else text


def utc_text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def distance(at: datetime, now: datetime) -> str:
    """ "in 2 d 3 h", "5 min ago", "now": at most two units."""
    seconds = (at - now) / timedelta(seconds=1)
    minutes = int(abs(seconds) // 60)
    if minutes == 0:
        return "now"
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    units = [(days, "d"), (hours, "h"), (minutes, "min")]
    first = next(index for index, (count, _) in enumerate(units) if count)
    text = " ".join(f"{count} {unit}" for count, unit in units[first : first + 2] if count)
    return f"in {text}" if seconds > 0 else f"{text} ago"


def moment(at: datetime, now: datetime) -> str:
    return f"{utc_text(at)} ({distance(at, now)})"


def clean(text: str, limit: int) -> str:
    """One line without control, direction-changing or unpaired characters, at most `limit` characters long."""
    if text.isascii() and text.isprintable():
        # Nearly all of what is told: a card cleans forty pieces, and a storm has thousands of cards.
        kept = text[: limit * 8]
    else:
        kept = _without_controls(text[: limit * 8])
    line = re.sub(r" +", " ", kept).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _without_controls(text: str) -> str:
    return "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


def some(items: Sequence[str], limit: int) -> tuple[list[str], int]:
    """The first `limit` items, and how many more there are."""
    return list(items[:limit]), max(len(items) - limit, 0)
