"""A row of the classification table, and its application to a notice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rule:
    """One row of the table. Patterns are verbose regular expressions that ignore case.

    rank: rules are tried from the lowest. name: shown by `explain` and the admin.
    event: False for rules by which a notice is no event.
    category: of the event, or of the event that a completed or resumed notice ends.
    title: pattern that the title must match; None: the body decides, where no earlier rule applied.
    raw: match the title as written instead of with side products masked.
    body: pattern that one sentence of the body must match. With a title pattern it only counts where there is a body.
    unless: the title must not match it. body_unless: the deciding sentence must not match it.
    alone_unless: a title without a body must not match it.
    phase, market: used where the text gives none.
    explanation: one sentence for an admin.
    """

    rank: int
    name: str
    event: bool
    category: str | None
    explanation: str
    title: str | None = None
    body: str | None = None
    unless: str | None = None
    body_unless: str | None = None
    alone_unless: str | None = None
    raw: bool = False
    phase: str | None = None
    market: str | None = None
    _title: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)
    _body: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)
    _unless: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)
    _body_unless: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)
    _alone_unless: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        for name in ("title", "body", "unless", "body_unless", "alone_unless"):
            source = getattr(self, name)
            compiled = re.compile(source, re.I | re.X) if source else None
            object.__setattr__(self, f"_{name}", compiled)

    def applies(self, title: str, masked_title: str, sentences: Sequence[str]) -> str | None:
        """The text that the rule matched; None where it does not apply."""
        text = title if self.raw else masked_title
        matched_text = ""
        if self._title is not None:
            found = self._title.search(text)
            if found is None:
                return None
            matched_text = found.group(0)
        if self._unless is not None and self._unless.search(text):
            return None
        if self._title is not None:
            if self._alone_unless is not None and not sentences and self._alone_unless.search(text):
                return None
            if self._body is None or not sentences:
                return matched_text
        if self._body is None:
            return matched_text or None
        for sentence in sentences:
            if self._body.search(sentence) and not (self._body_unless and self._body_unless.search(sentence)):
                return matched_text or sentence
        return None
