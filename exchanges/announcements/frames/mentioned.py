# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""What a text mentions, in which language ever: its concepts, its names, and the messages that they make."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from exchanges.announcements.frames.concepts import Concept as C
from exchanges.announcements.frames.language import common_words
from exchanges.announcements.frames.messages import Message, messages_of, moved
from exchanges.announcements.frames.names.subjects import COMMON_QUOTES, Named, named_in
from exchanges.announcements.frames.sense import MARKETS
from exchanges.announcements.frames.tagger import Mention, may_mention, tag
from exchanges.announcements.frames.types import Action
from exchanges.announcements.frames.weak_verbs import contracts_called_swaps, weak_verbs
from exchanges.announcements.text.dates import Moment
from exchanges.announcements.text.normalise import masked, remembered
from markets.symbols import SymbolSplitter

# Without one of these a clause overrules no harmless kind of document.
_AT_RISK = frozenset(
    {C.DELIST, C.REMOVE, C.END, C.HALT, C.SWAP, C.RENAME, C.MERGE, C.REDENOMINATE, C.UPGRADE, C.FORK, C.WARN, C.FALSE}
)

_CAPITALS = re.compile(r"\b[A-Z0-9]{2,12}\b")

# What is traded is contracts, and no smart ones.
_CONTRACTS = re.compile(
    r"\bcontracts\b|\bcontract (?:delisting|retirement|removal|settlement|closure|expiry|trading|notice|symbols?)|\b(?:quarterlies|perps)\b",
    re.I,
)
_NO_CONTRACTS = re.compile(
    r"\b(?:smart|token|old|new|switched|migrat\w*|swap\w*|upgrad\w*|deployed|audit\w*|wrong|address\w*)\b", re.I
)

_LIST_FOLLOWS = re.compile(r"\s*(?:,|&|/|\(|\band\b)")


def _is_name(mention: Mention, text: str, names: Sequence[Named]) -> bool:
    """Whether a word of the table is the name of a coin here: NOT, OPEN, TRADE."""
    word = text[mention.start : mention.stop]
    if word[:1].isupper() and any(
        name.start <= mention.start and mention.stop < name.stop and text[name.stop - 1] == ")" for name in names
    ):
        # "Open Custody (OPEN)"
        return True
    if word[:1].isupper() and any(
        text[name.stop : name.stop + 2].strip() == "("
        and name.stop < mention.start
        and ")" not in text[name.stop : mention.start]
        for name in names
    ):
        # "D (Dar Open Network)"
        return True
    if word == "NOT" and not text.isupper() and _LIST_FOLLOWS.match(text, mention.stop):
        return True
    return word.isupper() and any(name.start <= mention.start and mention.stop <= name.stop for name in names)


@remembered
def is_at_risk(text: str, language: str) -> bool:
    return may_mention(masked(text), language, _AT_RISK) and bool(mentioned(text, language)[1] & _AT_RISK)


@lru_cache(maxsize=4_096)
def mentioned(text: str, language: str) -> tuple[tuple[Mention, ...], frozenset[C], str | None, bool]:
    """The concepts of a text with and without their places, the one market of them, and whether it may name several."""
    plain = masked(text)
    mentions = tag(plain, language) if plain == text else moved(tag(plain, language), plain, text)
    mentions = tuple(mention for mention in mentions if not is_month(mention, text) and not _is_remark(mention, text))
    if language == "en" and (swaps := contracts_called_swaps(text)):
        mentions = tuple(
            mention._replace(concept=C.CONTRACT)
            if mention.concept is C.SWAP and any(a <= mention.start < b for a, b in swaps)
            else mention
            for mention in mentions
        )
    if language == "en" and (weak := tuple(weak_verbs(text))):
        removed = {mention.start for mention in weak if mention.concept is C.REMOVE}
        remaining = (m for m in mentions if not (m.concept in (C.CANCEL, C.WITHDRAWAL) and m.start in removed))
        mentions = tuple(sorted((*remaining, *weak), key=lambda mention: mention.start))
    concepts = frozenset(mention.concept for mention in mentions)
    market = market_of(concepts)
    if market is None and C.CONTRACT in concepts and not concepts & _MARKETS and _is_of_contracts(text):
        market = "usdm"
    return mentions, concepts, market, len(_CAPITALS.findall(text)) > 1


def messages_read(
    splitter: SymbolSplitter,
    text: str,
    language: str,
    exchange: str,
    market: str | None,
    moments: tuple[Moment, ...],
    dated: tuple[Mention, ...] = (),
) -> tuple[tuple[Named, ...], list[Message]]:
    """The names of a text and its messages. dated: mentions that only the dates show."""
    spans = [*((moment.start, moment.stop) for moment in moments), *common_words(text, language)]
    names = named_in(text, splitter, exchange, market, spans)
    mentions = tuple(mention for mention in mentioned(text, language)[0] if not _is_name(mention, text, names))
    if dated:
        mentions = tuple(sorted((*mentions, *dated), key=lambda mention: mention.start))
    return names, messages_of(text, mentions, names, moments)


@lru_cache(maxsize=1)
def read_of(splitter: SymbolSplitter) -> Callable[..., tuple[tuple[Named, ...], list[Message]]]:
    """`messages_read` that keeps its last answers, of one splitter at a time."""
    return lru_cache(maxsize=4_096)(partial(messages_read, splitter))


def _is_remark(mention: Mention, text: str) -> bool:
    """Whether "(unchanged)" stands behind a date: the date goes on, and nothing that is traded."""
    return (
        mention.concept is C.CONTINUE
        and text[mention.start - 1 : mention.start] == "("
        and text[mention.stop : mention.stop + 1] == ")"
    )


def is_month(mention: Mention, text: str) -> bool:
    return mention.concept is C.MAY and text[mention.start : mention.stop] == "May"


_MARKETS = frozenset(MARKETS)


def _is_of_contracts(text: str) -> bool:
    return _CONTRACTS.search(text) is not None and _NO_CONTRACTS.search(text) is None


def market_of(concepts: set[C] | frozenset[C]) -> str | None:
    """The one market that concepts name; None for none or several."""
    named = [market for concept, market in MARKETS.items() if concept in concepts]
    if "coinm" in named and "usdm" in named:
        named.remove("usdm")
    return named[0] if len(named) == 1 else None


def tokens_named(names: Sequence[Named], action: Action = Action.OTHER) -> tuple[str, ...]:
    """The coins of a message; a network's own only where the message names no other, or is about the network."""
    if action in (Action.UPGRADE, Action.FORK) and (networks := [name.token for name in names if name.network]):
        return tuple(dict.fromkeys(networks))
    quotes = {name.quote for name in names if name.ticker} - {name.base for name in names if name.ticker}
    bases = {name.base for name in names if name.ticker}
    coins = [
        name.token
        for name in names
        if not name.network
        and (name.ticker or name.token not in quotes)
        # "GYEN/USD and BTC/GYEN close": what leaves is GYEN.
        and not (name.quote in bases and name.base in COMMON_QUOTES and name.base not in _bases_alone(names, bases))
    ]
    return tuple(dict.fromkeys(coins or [name.token for name in names]))


def _bases_alone(names: Sequence[Named], bases: set[str]) -> set[str]:
    """The bases of pairs whose quote is not itself a base of another pair."""
    return {name.base for name in names if name.ticker and name.quote not in bases}
