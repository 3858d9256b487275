"""An event in words: what happened in one sentence, its stored facts, and what changed.

Every key that is stored in `Event.facts` has a phrase here or is named as unshown with the reason; every field of
`changes` has words. A test walks them all.
"""

from __future__ import annotations

from datetime import datetime

from alerts.rendering.cards.card import Fact
from alerts.rendering.cards.facts.changes import changes_in_words
from alerts.rendering.cards.facts.kinds import kind_of
from alerts.rendering.phrases import clean
from alerts.rendering.summary import EventSummary

__all__ = ["changes_in_words", "facts_in_words", "why_sentence"]


def facts_in_words(summary: EventSummary, now: datetime) -> tuple[Fact, ...]:
    """The stored facts in words, most important first, six at most. None of them is in `why_sentence`."""
    facts = summary.stored.facts
    return kind_of(summary.category, summary.source, facts).in_words(facts, summary, now)


def why_sentence(summary: EventSummary, now: datetime) -> str:
    """What happens, in one sentence of the present tense; of the past once the event is over."""
    if summary.false_alarm:
        return _false_alarm(summary)
    facts = summary.stored.facts
    return kind_of(summary.category, summary.source, facts).sentence(facts, summary, now)


def _false_alarm(summary: EventSummary) -> str:
    """ "False alarm, says maria: wrong coin."; the reason as `close_event` stores it."""
    begins = "false alarm by "
    if not summary.close_reason.startswith(begins):
        return "This was a false alarm."
    by, _, reason = summary.close_reason.removeprefix(begins).partition(": ")
    by, reason = clean(by, 60), clean(reason, 160).rstrip(".")
    return f"False alarm, says {by}: {reason}." if reason else f"False alarm, says {by}."
