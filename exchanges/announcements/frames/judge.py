"""The verdict on a notice: by the table of title rules for house formulas, by its frames, or that a person has to look.

The table decides titles in the formulas of the exchanges. Where it has no rule for a title, or only a harmless one, the
frames of title and body decide. A harmless kind of document is overruled only by a frame about a named coin or pair.
What neither explains is no "no": it is a review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exchanges.announcements.classification.classify import Match
from exchanges.announcements.classification.rule import Rule
from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.frames.decide import Decision, decide, holds
from exchanges.announcements.frames.types import TITLE, Action, Frame, Mood
from exchanges.announcements.types import Review, ReviewReason

FRAMES = "frames:"
# Rules that only say of which kind a document is.
KINDS_OF_DOCUMENT = frozenset({"promotion", "product-terms", "listing", "wallet-app"})


@dataclass(frozen=True)
class Verdict:
    """The rule that decides (of the table, or made from frames), or why a person has to look."""

    rule: Rule | None
    review: ReviewReason | None = None


def judge(title: str, match: Match, frames: Sequence[Frame], kinds: frozenset[Concept]) -> Verdict:
    """The verdict on a notice. kinds: the concepts that the title mentions."""
    rule = match.rule if match.rule is not None and match.rule.title is not None else None
    decision = decide(frames)
    kind = _kind_of_document(rule, kinds, frames)
    if rule is not None and kind is None:
        return Verdict(rule)
    if kind is not None:
        if decision is not None and (decision.named if not decision.by_title else _overrules(frames)):
            return Verdict(kind, ReviewReason.BODY)
        return Verdict(kind)
    if decision is not None:
        return Verdict(_made(decision))
    if any(frame.clause == TITLE and not frame.action.risky for frame in frames):
        return Verdict(_harmless("title"))
    return Verdict(None, ReviewReason.UNEXPLAINED)


def _overrules(frames: Sequence[Frame]) -> bool:
    """Whether the body says, of something named and with a date, what the title seems to say."""
    return any(holds(frame) and frame.explicit and frame.clause != TITLE and frame.start is not None for frame in frames)


def _kind_of_document(rule: Rule | None, kinds: frozenset[Concept], frames: Sequence[Frame]) -> Rule | None:
    """The harmless kind of document that a title says it is; None for a notice."""
    if rule is not None and rule.name in KINDS_OF_DOCUMENT:
        return rule
    if kinds & {Concept.PROMOTE, Concept.EXPLAIN}:
        titled = [frame for frame in frames if frame.clause == TITLE]
        if rule is not None and rule.event and any(holds(frame) and frame.tokens for frame in titled) and Concept.EXPLAIN not in kinds:
            return None
        if rule is not None and not rule.event:
            return rule
        return _harmless("kind")
    return None


def _made(decision: Decision) -> Rule:
    where = "title" if decision.by_title else "body"
    return Rule(80, f"{FRAMES}{where}", decision.event, decision.category, "The frames of the notice decide.", phase=decision.phase)


def _harmless(why: str) -> Rule:
    return Rule(81, f"{FRAMES}harmless {why}", False, None, "The title says something that puts nothing at risk.")


def review_of(reason: ReviewReason, frames: Sequence[Frame]) -> Review:
    tokens = dict.fromkeys(token for frame in frames for token in frame.tokens)
    tickers = dict.fromkeys(ticker for frame in frames for ticker in frame.tickers)
    ending = any(frame.action in (Action.END_TRADING, Action.HALT_TRADING) for frame in frames)
    return Review(reason, ending, tuple(tokens), tuple(tickers))


__all__ = ["FRAMES", "Mood", "judge", "holds", "review_of"]
