"""Classification of announcements by one table of rules (`exchanges.announcements.classification.rules.RULES`).

A rule looks at the title with side products masked (`exchanges.announcements.text.normalise.masked`), at the plain
title, or at the sentences of the body. The first rule that applies, in the order of the ranks, decides: a removal (low
rank) outranks a promotion (higher rank) in the same title.
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
    """The rule that decided (None where none applied), and the text that it matched."""

    rule: Rule | None
    matched_text: str = ""

    @property
    def name(self) -> str:
        return self.rule.name if self.rule else "no-rule"


def classify(title: str, sentences: Sequence[str] = (), by_title: bool = False) -> Match:
    """The first rule of the table that applies to a title and the (normalised) sentences of its body.

    by_title: only of the rules that look at the title.
    """
    plain = normalise(title[:MAX_TITLE])
    masked_title = masked(plain)
    sentences = sentences[:MAX_SENTENCES]
    masked_sentences: tuple[str, ...] | None = None
    for rule in RULES:
        if by_title and rule.title is None:
            continue
        if not rule.may_apply(plain, masked_title):
            continue
        if masked_sentences is None:
            masked_sentences = tuple(map(masked, sentences))
        matched_text = rule.applies(plain, masked_title, masked_sentences)
        if matched_text is not None:
            return Match(rule, matched_text)
    return Match(None)
