"""Classification of announcements by one table of rules (`exchanges.announcements.classification.rules.RULES`).

A rule looks at the title with side products masked (`exchanges.announcements.text.normalise.masked`), at the plain
title, or at the sentences of the body. The first rule that applies, by rank, decides; so a removal (low rank) outranks
whatever would suppress it (higher rank).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exchanges.announcements.classification.rule import Rule
from exchanges.announcements.classification.rules import RULES
from exchanges.announcements.text.normalise import masked, normalise

MAX_TITLE = 600
MAX_SENTENCES = 400


@dataclass(frozen=True)
class Match:
    """The rule that decided, and the words it saw. rule is None when none applied."""

    rule: Rule | None
    matched_text: str = ""

    @property
    def name(self) -> str:
        return self.rule.name if self.rule else "no-rule"


def classify(title: str, sentences: Sequence[str] = ()) -> Match:
    """The first rule of the table that applies to a title and the (normalised) sentences of its body."""
    said = normalise(title[:MAX_TITLE])
    hidden = masked(said)
    shown = tuple(masked(sentence) for sentence in sentences[:MAX_SENTENCES])
    for rule in RULES:
        matched_text = rule.applies(said, hidden, shown)
        if matched_text is not None:
            return Match(rule, matched_text)
    return Match(None)
