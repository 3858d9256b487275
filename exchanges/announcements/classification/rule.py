"""A row of the classification table, and its application to a notice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from exchanges.announcements.text.normalise import small

# As many as a notice has sentences.
_small = lru_cache(maxsize=1024)(small)


def _compiled(source: str) -> re.Pattern[str]:
    """The pattern for a text in small letters: patterns without regard to case take several times as long.

    A pattern with regard to case in a part of it is for the text as written.
    """
    if "(?-i:" in source:
        return re.compile(source, re.I | re.X)
    source = source.replace("A-Z", "a-z")
    if capital := re.search(r"[A-Z].{0,20}", re.sub(r"\\[A-Z]|\(\?P<", "", source)):
        raise ValueError(f"{capital[0]!r} in a rule: write small letters, a rule ignores case")
    return re.compile(source, re.X)


@cache
def _loose(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """A pattern that matches the small letters of all that the pattern matches, and more: quicker to look for."""
    return re.compile(pattern.pattern.replace("(?-i:", "(?:").replace("A-Z", "a-z"), re.X)


def _search(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    if not pattern.flags & re.I:
        return pattern.search(_small(text))
    return pattern.search(text) if _loose(pattern).search(_small(text)) else None


@dataclass(frozen=True)
class Rule:
    """One row of the table. Patterns are verbose regular expressions that ignore case.

    rank: rules are tried from the lowest. name: shown by `explain` and the admin.
    event: False for rules by which a notice is no event.
    category: of the event, or of the event that a completed or resumed notice ends.
    title: pattern that the title must match; None: the body decides, where no earlier rule applied.
    stems: what every title has one of that the title pattern matches, in small letters; quick to look for.
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
    stems: tuple[str, ...] = ()
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
            object.__setattr__(self, f"_{name}", _compiled(source) if source else None)

    def may_apply(self, title: str, masked_title: str) -> bool:
        """Whether the title has what the rule asks of it, so that the sentences must be looked at."""
        if self._title is None:
            return True
        text = title if self.raw else masked_title
        if self.stems and not any(map(_small(text).__contains__, self.stems)):
            return False
        return _search(self._title, text) is not None

    def applies(self, title: str, masked_title: str, sentences: Sequence[str]) -> str | None:
        """The text that the rule matched; None where it does not apply."""
        text = title if self.raw else masked_title
        matched_text = ""
        if self._title is not None:
            found = _search(self._title, text)
            if found is None:
                return None
            matched_text = text[found.start() : found.end()]
        if self._unless is not None and _search(self._unless, text):
            return None
        if self._title is not None:
            if self._alone_unless is not None and not sentences and _search(self._alone_unless, text):
                return None
            if self._body is None or not sentences:
                return matched_text
        if self._body is None:
            return matched_text or None
        for sentence in sentences:
            if _search(self._body, sentence) and not (self._body_unless and _search(self._body_unless, sentence)):
                return matched_text or sentence
        return None
