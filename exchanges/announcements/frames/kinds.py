# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The harmless kind of document that a title says it is: an explanation, a promotion, terms, a listing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from exchanges.announcements.classification.rule import Rule
from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.frames.decide import holds
from exchanges.announcements.frames.manner import FALSE
from exchanges.announcements.frames.types import TITLE, Action, Frame

FRAMES = "frames:"
# Titles that explain or ask.
_ASKS = re.compile(
    r"(?:[^:]{2,40}: (?:how|why|what|when)\b)|(?:what|why|how|who|when|where|which)\b|(?:как|почему|зачем|nasıl|neden|vì sao|tại sao|如何|为什么|為什麼|왜)(?!\w)",
    re.I,
)

# Whatever coin it names, nothing happens to it: it is asked about, or won.
_QUIZ = re.compile(
    r"\bquiz(?:zes)?\b|\btrivia\b|퀴즈(?!톡)|知[识識](?:问答|問答|竞赛|競賽)|有[奖獎][问問]答|クイズ|викторин|đố vui",
    re.I,
)

# Of these kinds a body makes no event of its own, at most a review.
REVIEWED_AT_MOST = frozenset({"promotion", "product-terms"})
# Rules that only say of which kind a document is.
KINDS_OF_DOCUMENT = frozenset({"promotion", "product-terms", "listing", "wallet-app"})

# "List of instruments going offline": a list, and nothing that is listed.
_A_LIST = re.compile(r"\blists? of\b", re.I)


def kind_of_document(title: str, rule: Rule | None, kinds: frozenset[Concept], frames: Sequence[Frame]) -> Rule | None:
    """The harmless kind of document that a title says it is; None for a notice."""
    titled = [frame for frame in frames if frame.clause == TITLE and frame.action is not Action.OTHER]
    if (
        rule is not None
        and rule.name in KINDS_OF_DOCUMENT
        and any(
            holds(frame)
            and frame.explicit
            and frame.tokens
            and not frame.vague
            and frame.action is not Action.HALT_TRADING
            for frame in titled
        )
    ):
        return None
    if rule is None and titled and all(frame.action is Action.SIDE for frame in titled):
        return harmless("kind")
    if rule is not None and rule.name == "listing" and _A_LIST.search(title) and any(map(holds, titled)):
        return None
    if rule is not None and rule.name in KINDS_OF_DOCUMENT:
        return None if rule.name == "wallet-app" and Concept.MAINTENANCE in kinds else rule
    if rule is not None and not rule.event:
        return None
    answer = title.rpartition("?")[2]
    named = any(holds(f) and f.explicit and f.tokens and not f.vague and f.tokens[0] in answer for f in titled)
    if answer.strip() and named:
        # "Questions? No: FOO is being delisted."
        return None
    if (
        kinds & {Concept.EXPLAIN, Concept.FALSE}
        or _QUIZ.search(title)
        or "?" in title
        or _ASKS.match(title)
        or any(frame.words == FALSE for frame in frames)
    ):
        return harmless("kind")
    if Concept.PROMOTE in kinds and not any(
        frame.clause == TITLE and holds(frame) and frame.tokens for frame in frames
    ):
        return harmless("kind")
    return None


def harmless(why: str) -> Rule:
    return Rule(81, f"{FRAMES}harmless {why}", False, None, "The title says something that puts nothing at risk.")
