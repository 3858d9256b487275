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
from exchanges.announcements.frames.decide import Decision, decide, holds
from exchanges.announcements.frames.types import TITLE, Frame, Mood
from exchanges.announcements.types import ReviewReason

FRAMES = "frames:"
# Rules that only say of which kind a document is.
KINDS_OF_DOCUMENT = frozenset({"promotion", "product-terms", "listing", "wallet-app"})


@dataclass(frozen=True)
class Verdict:
    """The rule that decides (of the table, or made from frames), or why a person has to look."""

    rule: Rule | None
    review: ReviewReason | None = None


def judge(title: str, match: Match, frames: Sequence[Frame]) -> Verdict:
    rule = match.rule
    decision = decide(frames)
    if rule is not None and rule.title is not None and rule.name not in KINDS_OF_DOCUMENT:
        return Verdict(rule)
    if decision is None:
        if rule is not None and rule.title is not None:
            return Verdict(rule)
        if any(frame.clause == TITLE and not frame.action.risky for frame in frames):
            return Verdict(_harmless(frames))
        return Verdict(None, ReviewReason.UNEXPLAINED)
    if rule is not None and rule.title is not None and not decision.by_title:
        if not decision.named:
            return Verdict(rule)
        return Verdict(rule, ReviewReason.BODY)
    return Verdict(_made(decision))


def _made(decision: Decision) -> Rule:
    where = "title" if decision.by_title else "body"
    return Rule(80, f"{FRAMES}{where}", decision.event, decision.category, "The frames of the notice decide.", phase=decision.phase)


def _harmless(frames: Sequence[Frame]) -> Rule:
    return Rule(81, f"{FRAMES}harmless", False, None, "The title says something that puts nothing at risk.")


__all__ = ["FRAMES", "Mood", "judge", "holds"]
