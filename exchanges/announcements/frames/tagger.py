"""The concepts of a text, by the table of its language. Time is linear in the text: each word is looked up once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.frames.words import en, ja, ko, ru, tr, vi, zh

_WORD = re.compile(r"§\w+§|[^\W_]+(?:['’.-][^\W_]+)*", re.UNICODE)
_GAP = ".."
MAX_GAP = 12
# A sentence ends a phrase with a gap.
_BORDER = re.compile(r"[.;:!?]\s")


@dataclass(frozen=True)
class Mention:
    """A concept at a place of a text."""

    concept: Concept
    start: int
    stop: int


@dataclass(frozen=True)
class _Phrase:
    concept: Concept
    words: tuple[str, ...]


@lru_cache(maxsize=4_096)
def tag(text: str, language: str) -> tuple[Mention, ...]:
    """The concepts that a normalised text mentions, in its order; () in a language without a table."""
    if language == "en":
        return _tag_words(text)
    return _tag_patterns(text, language)


def _tag_words(text: str) -> tuple[Mention, ...]:
    words = [(found[0].lower(), found.start(), found.end()) for found in _WORD.finditer(text)]
    found: list[tuple[int, int, int, Concept]] = []
    for number, (word, start, _) in enumerate(words):
        for phrase in _beginning_with(word):
            last = _matched(phrase.words, words, number, text)
            if last is not None:
                found.append((start, last, words[last][2], phrase.concept))
    return tuple(_longest((start, stop, concept) for start, _, stop, concept in found))


def _matched(phrase: tuple[str, ...], words: list[tuple[str, int, int]], first: int, text: str) -> int | None:
    """The number of the last word of a phrase that begins at a word; None where it does not match."""
    at = first
    gap = False
    for part in phrase[1:]:
        if part == _GAP:
            gap = True
            continue
        limit = min(len(words), at + 2 + (MAX_GAP if gap else 0))
        for place in range(at + 1, limit):
            if _is_word(part, words[place][0]):
                if _BORDER.search(text, words[at][2], words[place][1] + 1):
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
def _phrases() -> Mapping[str, tuple[_Phrase, ...]]:
    """The phrases by the letters that their first word may begin with."""
    result: dict[str, list[_Phrase]] = {}
    for concept, listed in en.PHRASES.items():
        for phrase in listed.split(";"):
            for words in _variants(phrase):
                for letter in {option[0] for option in words[0].removeprefix("(").split("|")}:
                    result.setdefault(letter, []).append(_Phrase(concept, tuple(words)))
    return {letter: tuple(phrases) for letter, phrases in result.items()}


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


@lru_cache(maxsize=50_000)
def _beginning_with(word: str) -> tuple[_Phrase, ...]:
    return tuple(phrase for phrase in _phrases().get(word[0], ()) if _is_word(phrase.words[0], word))


@lru_cache(maxsize=100_000)
def _is_word(part: str, word: str) -> bool:
    return _compiled(part).fullmatch(word) is not None


@cache
def _compiled(part: str) -> re.Pattern[str]:
    return re.compile(part.replace("(", "(?:").replace("~", r"\w*"))


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
