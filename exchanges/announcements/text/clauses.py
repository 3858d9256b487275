# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Clauses: the sentences and list items of a notice, each with the line that introduced its list and its section."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from exchanges.announcements.text.blocks import Block
from exchanges.announcements.text.normalise import SIDE_MARK, masked, normalise

MAX_SENTENCE = 3_000
MAX_CLAUSES = 600

_ABBREVIATION = re.compile(
    r"(?:\b(?:i\.e|e\.g|approx|vs|no|etc|inc|ltd|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|a\.m|p\.m|u\.s|st|v\d*|г)|\b[A-Z])\.$",
    re.I,
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\"?\s+(?=[A-Z\"'(\[\d#§])")
# "2026. 5. 14. 12:00"
_DOTTED_DAY = re.compile(r"(?<!\d)20\d\d\.\s\d{1,2}\.\s\d{1,2}(?:\.(?=\s\d))?(?!\d)")
_OPENS_LIST = re.compile(
    r"(?::|\b(?:as follows|as below|listed below|schedule below)\b[.:]?)\s*$|\bfollowing\b[^.]{0,200}[.:]?\s*$", re.I
)
_FOOTER = re.compile(
    r"^(?:risk (?:disclaimer|warning|reminder)\b|disclaimers?\b|(?:\w+ )?(?:official )?(?:channels|communit\w+)\b|find us on\b|trade on the go|follow us"
    r"|thank(?:s| you) for|(?:the )?(?:binance|okx|okex|kucoin|bybit|bitget|bingx|gate(?:\.io)?|coinex|blofin|bitunix|upbit|weex|lbank|kraken|coinbase)"
    r"(?: \w+){0,2} team\b|usd[ct] is an e-money|about (?:binance|okx|delisting|us)\b)",
    re.I,
)
_INLINE_FOOTER = re.compile(
    r"\s(?=(?:Risk Disclaimer|Risk Warning:|Risk Reminder|Disclaimer:|Find us on|Official Channels|(?:BingX|KuCoin|CoinEx|BloFin|Bitget|Bybit|Bitunix|OKX|Gate|WEEX|LBank) "
    r"(?:Operations? |Spot |Futures )?(?:Team|Official Channels))\b)"
)
_REFERENCE = re.compile(
    r"^(?:for more information|more information|guides|related (?:materials|articles|links)|references?|further reading|read more|see also|for further information|"
    r"for the following tokens?, please)",
    re.I,
)
_SECTION_WORDS = re.compile(r"^(?:[\w&/'() .-]{2,60})$")


@dataclass(frozen=True)
class Clause:
    """One sentence or list item, normalised.

    lead: the line that introduced its list, or "".
    section: the heading above it, or "". side: that heading names a product that trades nothing.
    item: a piece of a list or table, not a sentence.
    """

    text: str
    lead: str = ""
    section: str = ""
    side: bool = False
    item: bool = False

    @property
    def context(self) -> str:
        """The lead and the clause."""
        return f"{self.lead} {self.text}" if self.lead else self.text


def sentences(text: str) -> list[str]:
    """The sentences of a normalised text. Abbreviations and decimal points end no sentence."""
    result: list[str] = []
    start = 0
    dotted = [found.span() for found in _DOTTED_DAY.finditer(text)]
    for border in _SENTENCE_END.finditer(text):
        if any(begin <= border.start() <= stop for begin, stop in dotted):
            continue
        piece = text[start : border.start()]
        if _ABBREVIATION.search(piece[-12:]) and not text[start : border.start()].endswith(")."):
            continue
        result.append(piece.strip())
        start = border.end()
    result.append(text[start:].strip())
    return [piece for piece in result if piece]


def clauses(blocks: Sequence[Block]) -> tuple[Clause, ...]:
    """The clauses of a body in order, without footers, disclaimers and links to further reading."""
    result: list[Clause] = []
    lead = section = ""
    side = reference = False
    for block in blocks:
        text = normalise(block.text)
        if _FOOTER.match(text):
            if result and re.match(r"risk|disclaimer|find us|trade on the go|usd[ct] is", text, re.I):
                break
            lead = ""
            continue
        if _REFERENCE.match(text) and len(text) < 160:
            reference, lead = True, ""
            continue
        if _is_heading(block, text):
            reference = False
            section, lead = text, ""
            side = SIDE_MARK in masked(text) and not re.search(
                r"\bmargin\b|\bspot\b(?! \w+ trading bots)|\bfutures\b", masked(text), re.I
            )
            continue
        if reference and not re.search(r"\d{4}[-/]\d|\bwill\b", text):
            continue
        reference = False
        footer = _INLINE_FOOTER.search(text)
        if footer:
            text = text[: footer.start()]
        pieces = [part for sentence in sentences(text) for part in _chunks(sentence)]
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            full = _is_sentence(piece)
            item = not full or block.kind == "row"
            result.append(Clause(piece, lead if item else "", section, side, item))
            if last and _OPENS_LIST.search(piece):
                # A line such as "Cross margin pairs:" is added to the lead above it.
                lead = text[-1500:] if full or not lead else f"{lead} {piece}"[-1500:]
            elif full:
                lead = ""
        if footer or len(result) >= MAX_CLAUSES:
            break
    return tuple(result[:MAX_CLAUSES])


def _chunks(sentence: str) -> list[str]:
    """A sentence in pieces of bounded length, so that patterns stay fast. No real sentence is longer than one piece."""
    pieces = []
    while len(sentence) > MAX_SENTENCE:
        border = sentence.rfind(" ", MAX_SENTENCE // 2, MAX_SENTENCE)
        border = border if border > 0 else MAX_SENTENCE
        pieces.append(sentence[:border])
        sentence = sentence[border:].lstrip()
    return [*pieces, sentence]


def _is_sentence(text: str) -> bool:
    words = re.findall(r"(?<![\w/])[a-z]{2,}(?![\w/])", text)
    return len(words) >= 6


def _is_heading(block: Block, text: str) -> bool:
    if len(text) > 60 or not _SECTION_WORDS.match(text) or re.search(r"\d{4}|/|\([A-Z0-9]{1,12}\)", text):
        return False
    if text[-1:] in ".:;,":
        return False
    if block.kind == "heading":
        return True
    words = text.split()
    known = masked(text).count(SIDE_MARK) > 0 or re.search(
        r"^(?:general|trading|spot|margin|futures|options|accounts?|cross margin|isolated margin|portfolio margin|deposits?|withdrawals?|token swap|mainnet swap|"
        r"rebranding|contract swap|wallet|notes?|details|delisting)\b",
        text,
        re.I,
    )
    return bool(known) and len(words) <= 8 and text[:1].isupper() and not re.search(r"\b(?:will|is|are|be)\b", text)
