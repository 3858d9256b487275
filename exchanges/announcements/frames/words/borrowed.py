# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""English words of the trade that other languages leave as they are: every table but the English one holds them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.text.normalise import SIDE_MARK, TERMS_MARK

# Between letters of one script only: "Spot은" and "spot'ta" hold the word, "spotted" does not.
_BORROWED = {
    Concept.DELIST: r"delist(?:s|ed|ings?)?",
    Concept.SWAP: r"(?:token|coin|mainnet|contract)[ -]?swap | token[ ]migration",
    Concept.RENAME: r"rebrand(?:ing)?",
    Concept.REDENOMINATE: r"redenomination",
    Concept.UPGRADE: r"(?:network|mainnet|protocol)[ ]upgrade",
    Concept.FORK: r"(?:hard|soft)[ -]?fork",
    Concept.WARN: r"monitoring[ ]tags? | st[ ]tag",
    Concept.PROMOTE: r"airdrops? | quiz | launchpool | launchpad | megadrop | hodler",
    Concept.EXPLAIN: r"faq | ama | academy",
    Concept.SPOT: r"spot",
    Concept.MARGIN: r"(?:(?:cross|isolated)[ ])?margin(?![ ]?(?:mode|ratio|tier))",
    Concept.USDM: r"usd[tc]?-?m(?:argined)? | usd[tc]-margined | perp(?:etual)?s? | futures",
    Concept.COINM: r"coin-?m(?:argined)?",
    Concept.OPTIONS: r"options",
    Concept.CONTRACT: r"perp(?:etual)?s? | futures",
    Concept.TOKEN: r"tokens? | coins?",
    Concept.NETWORK: r"mainnet | blockchain",
    Concept.SIDE: r"earn | staking | loans? | convert | launchpool | p2p | c2c | nfts? | api | app | web3 | kyc | copy[ ]trading | (?:trading|grid|dca)[ ]bots? | vip[ ]loan | otc",
    Concept.TERMS: r"tick[ ]size | vip | funding[ ]rate",
}
# What `normalise.masked` writes for side products and terms.
_MARKS = {Concept.SIDE: SIDE_MARK, Concept.TERMS: TERMS_MARK}


def with_borrowed(words: Mapping[Concept, str]) -> dict[Concept, str]:
    """The table of a language and the borrowed words, as verbose patterns for a text in small letters."""
    found: dict[Concept, str] = {}
    for concept in Concept:
        parts = [_at_word_borders(_small(words[concept]))] if concept in words else []
        if concept in _BORROWED:
            parts.append(rf"(?<![a-z])(?:{_BORROWED[concept]})(?![a-z])")
        if concept in _MARKS:
            parts.append(_MARKS[concept])
        if parts:
            found[concept] = " | ".join(parts)
    return found


def _small(pattern: str) -> str:
    """The pattern in small letters; escapes stay as they are."""
    return re.sub(r"\\.|[A-Z]", lambda found: found[0] if found[0][0] == "\\" else found[0].lower(), pattern)


def _at_word_borders(pattern: str) -> str:
    """The alternatives that begin at a word's border under one test for it: most places of a text are none."""
    alternatives = [part.strip() for part in _top_level(pattern)]
    bordered = [part.removeprefix(r"\b") for part in alternatives if part.startswith(r"\b")]
    rest = [part for part in alternatives if not part.startswith(r"\b")]
    return " | ".join([*([rf"\b(?:{' | '.join(bordered)})"] if bordered else []), *rest])


def _top_level(pattern: str) -> list[str]:
    """The alternatives of a pattern that are separated by a bar between blanks outside brackets."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(pattern):
        if letter in "()" and pattern[place - 1] != "\\":
            depth += 1 if letter == "(" else -1
        elif letter == "|" and not depth:
            parts.append(pattern[start:place])
            start = place + 1
    return [*parts, pattern[start:]]
