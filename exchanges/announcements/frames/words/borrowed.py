# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""English words of the trade that other languages leave as they are: every table but the English one holds them."""

from __future__ import annotations

from collections.abc import Mapping

from exchanges.announcements.frames.concepts import Concept

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


def with_borrowed(words: Mapping[Concept, str]) -> dict[Concept, str]:
    """The table of a language and the borrowed words."""
    return {
        concept: " | ".join(
            part
            for part in (
                words.get(concept),
                rf"(?<![a-z])(?:{_BORROWED[concept]})(?![a-z])" if concept in _BORROWED else None,
            )
            if part
        )
        for concept in Concept
        if concept in words or concept in _BORROWED
    }
