"""Phrases that every rendering shares: headlines, reasons, actions, deferrals; and `clean`, which makes foreign text
safe to print."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from alerts.rendering.places import exchange_text, time_text
from alerts.rendering.subjects import action_label, listed, subject
from alerts.rendering.summary import Deferral, EventSummary
from crypto_ews.ui.text import label, utc_text

WEB_PAGE = re.compile(r"https?://[!-~]{1,1500}")
"""What a link under a card may open."""

_SOURCES = {
    "defillama": "DeFiLlama",
    "coinmarketcap": "CoinMarketCap",
    "orderbooks": "Live order books",
    "trades": "Live trades",
}
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
_STORED_TIME = re.compile(r"\b(20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d) UTC\b")


def source_label(source: str) -> str:
    """`okx` → "OKX", `kucoin` → "KuCoin"; of a source that is no exchange its own name."""
    return _SOURCES.get(source) or (label(source) if re.search(r"[._]", source) else exchange_text(source))


def action_text(summary: EventSummary) -> str:
    """What to do: "Exit". For single pairs the pairs are named, never their coin: "ETH/USDC: exit"."""
    action = action_label(summary.action or "")
    leading = [line for line in summary.at_risk if line.action == summary.action]
    if not leading or not all(line.single_pairs for line in leading):
        return action
    named = listed([subject(line) for line in leading]) if len(leading) > 1 else subject(leading[0])
    return f"{named}: {action.lower()}"


def other_names(summary: EventSummary) -> list[str]:
    """The other tokens of the event, without those at risk and without coins of single pairs, which still trade."""
    at_risk = {line.token for line in summary.at_risk}
    others = [line.token for line in summary.other_tokens if not line.single_pairs]
    return list(dict.fromkeys(token for token in others if token not in at_risk))


def headline(summary: EventSummary) -> str:
    """Why the card of an open event is sent: "New", "Updated", or "New, then updated" where an earlier card was never
    sent.

    A deferred alert is not new: "Opened, silenced since 2026-10-02 08:00 UTC". One that its channel could not deliver
    earlier is new to its readers; the headline says since when it was delayed.
    """
    late = summary.deferred if summary.deferred and summary.deferred.delayed else None
    text = reasons_text(summary.reasons, None if late else summary.deferred)
    return text + since_text(late) if late else text


def since_text(deferred: Deferral) -> str:
    if deferred.again:
        return f", {deferred.by}, at {utc_text(deferred.since)}"
    return f", {deferred.by} since {utc_text(deferred.since)}"


def reasons_text(reasons: Sequence[str], deferred: Deferral | None) -> str:
    """The reasons of an alert, oldest first, and since when it was deferred: "New, then worse"."""
    words = []
    for reason in dict.fromkeys(reasons):
        words.append(
            "Opened"
            if reason == "opened" and deferred and not deferred.delayed
            else _REASONS.get(reason, label(reason))
        )
    text = words[0] + "".join(f", then {word.lower()}" for word in words[1:]) if words else "Event"
    return text + since_text(deferred) if deferred else text


def dates_as_written(text: str, now: datetime) -> str:
    """Stored words with their times as cards write them: "ann, since 2 Oct 07:10 UTC"."""
    return _STORED_TIME.sub(lambda found: time_text(datetime.fromisoformat(f"{found[1]}+00:00"), now), text)


def manual_text(summary: EventSummary) -> str:
    """Who opened the event by hand, and the note; "" for an event that a source reported."""
    if summary.manual is None:
        return ""
    note = f": {summary.manual.note}" if summary.manual.note else ""
    return f"{summary.manual.author or 'unknown'}{note}"


def clean(text: str, limit: int) -> str:
    """One line without control, direction-changing or unpaired characters, at most `limit` characters long."""
    line = text[: limit * 8]
    # Most text is plain ASCII, and skips the slow path: a card cleans forty texts, a storm has thousands of cards.
    if not (line.isascii() and line.isprintable()):
        line = _without_controls(line)
    line = re.sub(r" +", " ", line).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _without_controls(text: str) -> str:
    return "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


def some(items: Sequence[str], limit: int) -> tuple[list[str], int]:
    """The first `limit` items, and the number of the others."""
    return list(items[:limit]), max(len(items) - limit, 0)
