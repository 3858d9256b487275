"""Events in words for these tests: an event with facts, and what a trading desk reads of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from alerts.rendering.cards.facts import changes_in_words, facts_in_words, why_sentence
from alerts.rendering.summary import EventSummary, summarize
from events.models import Effect
from markets.watch import WatchLists
from tests.alerts.factories import NOW, unsaved_effect, unsaved_event

WATCH = WatchLists(frozenset({"LUNA", "ETH", "BTC"}), frozenset({"LUNA"}), frozenset({"USDT", "USDC"}))
ENDED = {
    "status": "closed",
    "opened_at": NOW - timedelta(hours=3),
    "closed_at": NOW,
    "close_reason": "it is over",
}


def iso(hours: float) -> str:
    """A stored time, so many hours from now."""
    return (NOW + timedelta(hours=hours)).isoformat()


def coin(token: str = "LUNA", **fields: Any) -> Effect:
    """An effect on a coin everywhere."""
    return unsaved_effect(
        token, **{"scope": "asset", "venue": "", "action": "watch", "trading_status": "trading", **fields}
    )


def pair(token: str = "ETH", ticker: str = "BINANCE:ETHUSDC", **fields: Any) -> Effect:
    """An effect on a single pair."""
    return unsaved_effect(token, **{"scope": "pairs", "tickers": [ticker], **fields})


def summary_of(
    effects: Sequence[Effect],
    facts: Any,
    *,
    reasons: Sequence[str] = ("opened",),
    changes: Any = None,
    manual: Any = None,
    **fields: Any,
) -> EventSummary:
    return summarize(unsaved_event(facts=facts, **fields), effects, WATCH, reasons, changes or {}, manual=manual)


def why(*arguments: Any, now: Any = NOW, **options: Any) -> str:
    return why_sentence(summary_of(*arguments, **options), now)


def facts(*arguments: Any, now: Any = NOW, **options: Any) -> dict[str, str]:
    found = facts_in_words(summary_of(*arguments, **options), now)
    assert len({fact.name for fact in found}) == len(found) <= 6
    return {fact.name: fact.text for fact in found}


def changes(stored: Any, effects: Any = (), now: Any = NOW, **options: Any) -> dict[str, str]:
    found = changes_in_words(summary_of(effects, {}, **{"reasons": ("updated",), **options}, changes=stored), now)
    assert len({fact.name for fact in found}) == len(found) <= 8
    return {fact.name: fact.text for fact in found}
