"""The words of a message that every receiver shares: times, headlines, labels; and making foreign text harmless."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from alerts.rendering.subjects import TokenLine, listed, place, subject
from alerts.rendering.summary import Change, Deferral, EventSummary

NOTHING = "none"
"""What `summary` writes of a value that is not there."""

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
_OF_WHAT_IS_OPEN = frozenset({"repeat", "escalated", "reminder"})
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
    """What to do; where it holds for single pairs only these are named, never their coin: "ETH/USDC: exit"."""
    action = action_label(summary.action or "")
    leading = [line for line in summary.at_risk if line.action == summary.action]
    if not leading or not all(line.single_pairs for line in leading):
        return action
    named = listed([subject(line) for line in leading]) if len(leading) > 1 else subject(leading[0])
    return f"{named}: {action.lower()}"


def line_text(line: TokenLine) -> str:
    """ "LUNA on BINANCE: exit"; of single pairs "ETH/USDC: exit"."""
    action = action_label(line.action).lower()
    return f"{subject(line)}: {action}" if line.single_pairs else f"{line.token} {place(line)}: {action}"


def other_names(summary: EventSummary) -> list[str]:
    """Tokens that are named beside those at risk, which never stand among them."""
    at_risk = {line.token for line in summary.at_risk}
    return list(dict.fromkeys(line.token for line in summary.other_tokens if line.token not in at_risk))


def change_text(change: Change, limit: int, escape: Callable[[str, int], str]) -> str:
    """What a field said and says; of a state that it was so is said first, as it is no order any more."""
    before, after = escape(change.before, limit), escape(change.after, limit)
    if not change.state:
        return f"{before} → {after}"
    parts = [f"was: {before}" if change.before != NOTHING else "", f"now: {after}" if change.after != NOTHING else ""]
    return " · ".join(filter(None, parts)) or "–"


def title_text(summary: EventSummary) -> str:
    """The title as its source wrote it; of what is over it is said that it is."""
    return f"Over: {summary.title}" if summary.over else summary.title


def headline(summary: EventSummary) -> str:
    """Why the message is sent: "New", "Updated", or "New, then updated" where an earlier card never went out.

    What was deferred is not new: "Opened, silenced since 2026-10-02 08:00 UTC". What its channel could not take before
    is new to its readers, and says since when it waited.
    """
    late = summary.deferred if summary.deferred and summary.deferred.delayed else None
    reasons: Sequence[str] = summary.reasons
    if summary.status == "closed":
        # That it is still open was to be said, and is not so any more.
        reasons = [*(reason for reason in reasons if reason not in _OF_WHAT_IS_OPEN), "closed"]
    text = reasons_text(reasons, None if late else summary.deferred)
    if summary.over and summary.status != "closed":
        text += ", of low priority now"
    if summary.flaps:
        text += f" (flapping: {summary.flaps} times in a day; only worse or lasting is told from here on)"
    if late:
        text += since_text(late)
    return f"{text} (false alarm)" if summary.false_alarm else text


def deferral_fact(deferred: Deferral, now: datetime, escape: Callable[[str, int], str]) -> tuple[str, str]:
    """Name and value of the line that says since when a message was deferred, or when it was sent before."""
    if deferred.again:
        return "Sent before", moment(deferred.since, now)
    name = "Delayed" if deferred.delayed else "Deferred"
    return name, f"{escape(deferred.by, 80)} since {moment(deferred.since, now)}"


def since_text(deferred: Deferral) -> str:
    if deferred.again:
        return f", {deferred.by}, at {utc_text(deferred.since)}"
    return f", {deferred.by} since {utc_text(deferred.since)}"


def reasons_text(reasons: Sequence[str], deferred: Deferral | None) -> str:
    """The reasons of an alert in words, oldest first, and since when it was deferred."""
    words = []
    for reason in dict.fromkeys(reasons):
        words.append(
            "Opened"
            if reason == "opened" and deferred and not deferred.delayed
            else _REASONS.get(reason, label(reason))
        )
    text = words[0] + "".join(f", then {word.lower()}" for word in words[1:]) if words else "Event"
    return text + since_text(deferred) if deferred else text


def manual_text(summary: EventSummary) -> str:
    """Who blocked something by hand, and why; "" for an event that a source told."""
    if summary.manual is None:
        return ""
    note = f": {summary.manual.note}" if summary.manual.note else ""
    return f"{summary.manual.author or 'unknown'}{note}"


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
