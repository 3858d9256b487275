"""The states of effects in words, as changes store them: "exit delisting", "action exit, venue BINANCE"."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from datetime import datetime

from alerts.rendering.cards.facts.phrase import stored_moment
from alerts.rendering.cards.facts.places import enumerated, ticker_words
from alerts.rendering.phrases import clean
from alerts.rendering.places import time_text, venue_text
from alerts.rendering.subjects import action_label
from crypto_ews.ui.text import words
from events.enums import Action, Category, RiskLevel, Stage, TradingStatus

STATUSES: Mapping[str, str] = {
    TradingStatus.TRADING: "trading goes on",
    TradingStatus.DEPOSITS_SUSPENDED: "deposits suspended",
    TradingStatus.WITHDRAWALS_SUSPENDED: "withdrawals suspended",
    TradingStatus.WALLET_SUSPENDED: "deposits and withdrawals suspended",
    TradingStatus.DELISTING: "to be delisted",
    TradingStatus.TRADING_SUSPENDED: "trading suspended",
    TradingStatus.DELISTED: "delisted",
}
_STAGES: Mapping[str, str] = {
    Stage.MINOR: "minor",
    Stage.ANNOUNCED: "announced",
    Stage.NEAR: "near",
    Stage.IN_FORCE: "in force",
    Stage.CONFIRMED: "confirmed",
    Stage.SEVERE: "severe",
}
# Of a depeg: what the detector means by its stages.
_STAGES_OF_DEPEG: Mapping[str, str] = {
    Stage.ANNOUNCED: "not confirmed",
    Stage.CONFIRMED: "confirmed by a second reading",
    Stage.SEVERE: "severe, over five times the threshold",
}
_SCOPES = {"asset": "the coin itself", "venue": "all its pairs there", "pairs": "single pairs"}
_STATE = re.compile(rf"^({'|'.join(Action.values)}) ({'|'.join(TradingStatus.values)})$")
FIELDS = (
    "action", "risk_level", "trading_status", "then", "stage", "scope", "venue", "tickers", "trading_ends_at",
    "in_force_at",
)  # fmt: skip
_FIELD = re.compile(rf"(?:^|, )({'|'.join(FIELDS)}) ")


def fields_of(text: str) -> dict[str, str]:
    """ "exit delisting" or "action exit, venue BINANCE" → field → value; {} for another text."""
    if state := _STATE.match(text):
        return {"action": state[1], "trading_status": state[2]}
    found = list(_FIELD.finditer(text))
    if not found or found[0].start() != 0:
        return {}
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {match[1]: text[match.end() : end] for match, end in zip(found, ends, strict=True)}


def field_words(name: str, value: str, category: str, now: datetime) -> str:
    """A field of an effect with its value: "exit", "trading until 1 Dec 01:00 UTC", "on Binance spot"."""
    if value in ("", "None", "[]"):
        return _ABSENT.get(name, "")
    if name == "stage":
        stages = {**_STAGES, **(_STAGES_OF_DEPEG if category == Category.DEPEG else {})}
        return stages.get(value, words(value))
    if name in ("trading_ends_at", "in_force_at"):
        at = stored_moment(value)
        when = time_text(at, now) if at else clean(value, 40)
        return f"trading ends {when}" if name == "trading_ends_at" else f"in force from {when}"
    return _WORDS[name](value)


_ABSENT = {
    "venue": "on every exchange",
    "trading_ends_at": "no end of trading",
    "in_force_at": "no beginning",
}


def _tickers(value: str) -> str:
    try:
        found = ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return clean(value, 100)
    return enumerated([ticker_words(str(ticker), venue=False) for ticker in found])


_WORDS: Mapping[str, Callable[[str], str]] = {
    "action": lambda value: action_label(value).lower(),
    "risk_level": lambda value: f"{words(value)} risk" if value in RiskLevel.values else words(value),
    "trading_status": lambda value: STATUSES.get(value, words(value)),
    "then": lambda value: f"then {STATUSES.get(value, words(value))}",
    "scope": lambda value: _SCOPES.get(value, words(value)),
    "venue": lambda value: f"on {venue_text(value)}",
    "tickers": _tickers,
}


def _stage_alone(before: Mapping[str, str], after: Mapping[str, str], category: str, now: datetime) -> str:
    """ "not confirmed → severe" where nothing but the stage differs, which is no order; else ""."""
    differ = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if differ != {"stage"} or not before.get("stage") or not after.get("stage"):
        return ""
    return " → ".join(field_words("stage", side["stage"], category, now) for side in (before, after))


def was_and_now(before: Mapping[str, str], after: Mapping[str, str], category: str, now: datetime) -> str:
    """What differs, "was: reduce only · now: exit": a former state is marked, so that nobody takes it for an order."""
    if stage := _stage_alone(before, after, category, now):
        return stage
    was, is_now = [], []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name, ""), after.get(name, "")
        if old == new:
            continue
        old_words, new_words = (field_words(name, value, category, now) for value in (old, new))
        if old_words == new_words:
            continue
        was += [old_words] if old_words else []
        is_now += [new_words] if new_words else []
    sides = (("was", was), ("now", is_now))
    return " · ".join(f"{side}: {', '.join(parts)}" for side, parts in sides if parts)
