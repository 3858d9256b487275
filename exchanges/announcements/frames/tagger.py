"""The concepts of a text, by the table of its language. Time is linear in the text: each word is looked up once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import NamedTuple

from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.frames.words import en, ja, ko, ru, tr, vi, zh

_WORDS = re.compile(r"§\w+§|[^\W_]+(?:['’.-][^\W_]+)*", re.UNICODE)
_WORD = re.compile(f"({_WORDS.pattern})", re.UNICODE)
_GAP = ".."
MAX_GAP = 12
# A sentence ends a phrase with a gap.
# Words of a phrase without a gap stand side by side.
_CLOSE_BORDER = re.compile(r"[.;:!?,]\s")
_BORDER = re.compile(r"[.;:!?]\s")


class Mention(NamedTuple):
    """A concept at a place of a text."""

    concept: Concept
    start: int
    stop: int


@dataclass(frozen=True)
class _Part:
    """A word of a phrase in all its spellings. beginnings: of words that may match the pattern, with any ending."""

    spellings: frozenset[str]
    beginnings: tuple[str, ...]
    pattern: re.Pattern[str] | None

    def matches(self, word: str) -> bool:
        if word in self.spellings:
            return True
        return self.pattern is not None and word.startswith(self.beginnings) and bool(self.pattern.fullmatch(word))


@dataclass(frozen=True)
class _Phrase:
    """A phrase by its words; None for a gap."""

    concept: Concept
    words: tuple[_Part | None, ...]


@lru_cache(maxsize=4_096)
def tag(text: str, language: str) -> tuple[Mention, ...]:
    """The concepts that a normalised text mentions, in its order; () in a language without a table."""
    if language == "en":
        return _tag_words(text)
    return _tag_patterns(text, language)


def _tag_words(text: str) -> tuple[Mention, ...]:
    # Blanks and words in turn; their places are the sums of their lengths.
    pieces = _WORD.split(text)
    words = [word.lower() for word in pieces[1::2]]
    begun = [number for number, phrases in enumerate(map(_beginning_with, words)) if phrases]
    if not begun:
        return ()
    borders = list(accumulate(map(len, pieces)))
    starts, stops = borders[0::2], borders[1::2]
    words.append("")
    found: list[tuple[int, int, Concept]] = []
    for number in begun:
        for phrase in _possible(words[number], words[number + 1]):
            last = _matched(phrase.words, words, starts, stops, number, text) if len(phrase.words) > 1 else number
            if last is not None:
                found.append((starts[number], stops[last], phrase.concept))
    return tuple(_longest(found)) if found else ()


def may_mention(text: str, language: str, concepts: frozenset[Concept]) -> bool:
    """Whether a text may mention one of the concepts: False where it does not, and quicker to ask than `tag`."""
    if language != "en":
        return True
    words = [word.lower() for word in _WORDS.findall(text)]
    others = map(concepts.isdisjoint, map(_begun, words))
    return any(
        any(phrase.concept in concepts for phrase in _possible(word, following))
        for word, following, other in zip(words, [*words[1:], ""], others, strict=False)
        if not other
    )


@lru_cache(maxsize=50_000)
def _begun(word: str) -> frozenset[Concept]:
    """The concepts of the phrases that may begin with a word."""
    return frozenset(phrase.concept for phrase in _beginning_with(word))


def _matched(
    phrase: tuple[_Part | None, ...], words: list[str], starts: list[int], stops: list[int], first: int, text: str
) -> int | None:
    """The number of the last word of a phrase that begins at a word; None where it does not match."""
    at = first
    gap = False
    for part in phrase[1:]:
        if part is None:
            gap = True
            continue
        limit = min(len(stops), at + 2 + (MAX_GAP if gap else 0))
        for place in range(at + 1, limit):
            if part.matches(words[place]):
                border = _BORDER if gap else _CLOSE_BORDER
                if border.search(text, stops[at], starts[place] + 1):
                    return None
                at = place
                break
        else:
            return None
        gap = False
    return at


def _longest(found: Iterable[tuple[int, int, Concept]]) -> Iterable[Mention]:
    """Without the phrases that lie inside a longer one."""
    covered = (0, 0)
    for start, stop, concept in sorted(set(found), key=lambda row: (row[0], -row[1])):
        if (start, stop) == covered or stop > covered[1]:
            yield Mention(concept, start, stop)
            covered = (start, stop) if stop > covered[1] else covered


@cache
def _phrases() -> tuple[Mapping[str, tuple[_Phrase, ...]], Mapping[str, tuple[_Phrase, ...]]]:
    """The phrases by the spellings of their first word, and by the letter of a first word with any ending."""
    spelled: dict[str, list[_Phrase]] = {}
    begun: dict[str, list[_Phrase]] = {}
    for concept, listed in en.PHRASES.items():
        for source in listed.split(";"):
            for words in _variants(source):
                first = _part(words[0])
                phrase = _Phrase(concept, (first, *(None if word == _GAP else _part(word) for word in words[1:])))
                for spelling in first.spellings:
                    spelled.setdefault(spelling, []).append(phrase)
                for letter in {beginning[0] for beginning in first.beginnings}:
                    begun.setdefault(letter, []).append(phrase)
    return _frozen(spelled), _frozen(begun)


def _frozen(phrases: Mapping[str, list[_Phrase]]) -> Mapping[str, tuple[_Phrase, ...]]:
    return {key: tuple(listed) for key, listed in phrases.items()}


@cache
def _part(source: str) -> _Part:
    every = _spellings(source)
    return _Part(
        frozenset(one for one in every if "~" not in one),
        # Up to the ending, or to a class of letters: "v[0-9]~".
        tuple(re.split(r"[~\[]", one)[0] for one in every if "~" in one),
        re.compile(source.replace("(", "(?:").replace("~", r"[\w.-]*")) if "~" in source else None,
    )


# A letter or a bracket of alternatives, and whether it may be left out.
_ATOM = re.compile(r"(?:\((?P<each>[^()]*)\)|(?P<letter>[^()|?]))(?P<optional>\??)")


def _spellings(source: str) -> list[str]:
    """All spellings of a word of a phrase, with "~" where any ending may follow."""
    if "(" not in source and "?" not in source:
        return [source]
    result = [""]
    at = 0
    for atom in _ATOM.finditer(source):
        if atom.start() != at:
            raise ValueError(f"word {source!r} of a phrase has brackets in brackets")
        at = atom.end()
        if atom["letter"] is None:
            each = [one for alternative in atom["each"].split("|") for one in _spellings(alternative)]
        else:
            each = [atom["letter"]]
        result = [before + one for before in result for one in (*each, *([""] if atom["optional"] else ()))]
    return result


# "(the market|our list)": alternatives of several words.
_SEVERAL_WORDS = re.compile(r"\((?P<each>[^()]*\s[^()]*)\)(?P<optional>\??)")
# "(now)?": a word that may be left out.
_OPTIONAL_WORD = re.compile(r"(?<!\S)(?P<word>\([^()\s]*\))\?(?!\S)")


def _variants(phrase: str) -> Iterator[list[str]]:
    """A phrase by its words, once for each way of saying it."""
    if found := _SEVERAL_WORDS.search(phrase):
        each = [*found["each"].split("|"), *([""] if found["optional"] else [])]
    elif found := _OPTIONAL_WORD.search(phrase):
        each = [found["word"], ""]
    else:
        if words := phrase.split():
            yield words
        return
    for one in each:
        yield from _variants(f"{phrase[: found.start()]}{one}{phrase[found.end() :]}")


@lru_cache(maxsize=100_000)
def _possible(word: str, following: str) -> tuple[_Phrase, ...]:
    """The phrases that may begin with a word, by the word that follows it."""
    return tuple(
        phrase
        for phrase in _beginning_with(word)
        if len(phrase.words) == 1 or (second := phrase.words[1]) is None or second.matches(following)
    )


@lru_cache(maxsize=50_000)
def _beginning_with(word: str) -> tuple[_Phrase, ...]:
    spelled, begun = _phrases()
    others = [
        phrase
        for phrase in begun.get(word[0], ())
        if (first := phrase.words[0]) and word not in first.spellings and first.matches(word)
    ]
    return (*spelled.get(word, ()), *others)


@cache
def _table(language: str) -> tuple[tuple[Concept, re.Pattern[str]], ...]:
    """The patterns of a language whose table is made of regular expressions; () without a table."""
    if language not in TABLES:
        return ()
    return tuple((concept, re.compile(pattern, re.X)) for concept, pattern in TABLES[language].items())


TABLES: Mapping[str, Mapping[Concept, str]] = {
    "zh": zh.WORDS, "ko": ko.WORDS, "ja": ja.WORDS, "tr": tr.WORDS, "ru": ru.WORDS, "vi": vi.WORDS,
}  # fmt: skip
_HOLDS_NOT = frozenset({Concept.END, Concept.CONTINUE})


def _tag_patterns(text: str, language: str) -> tuple[Mention, ...]:
    """Every concept at every place: a match of one concept hides no other, but for a "not" inside it."""
    # Small letters throughout: patterns without regard to case take several times as long. İ would become two letters.
    small = text.replace("İ", "i").lower()
    found = [
        Mention(concept, match.start(), match.end())
        for concept, pattern in _table(language)
        for match in pattern.finditer(small)
    ]
    # "No longer" and "is not affected" hold a "not" that denies nothing.
    bearer = [(one.start, one.stop) for one in found if one.concept in _HOLDS_NOT]
    found = [
        one
        for one in found
        if one.concept is not Concept.NOT or not any(a <= one.start and one.stop <= b for a, b in bearer)
    ]
    return tuple(sorted(found, key=lambda mention: mention.start))
