# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Clauses: the sentences and list items of a notice, each with the line that introduced its list and its section."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from exchanges.announcements.text.article import REFERENCE, article_of, is_frame
from exchanges.announcements.text.dates.months import has_month
from exchanges.announcements.text.normalise import CJK, SIDE_MARK, masked, normalise, remembered_alone
from exchanges.announcements.text.writer import Block

MAX_SENTENCE = 3_000
MAX_CLAUSES = 600

_ABBREVIATION = re.compile(
    r"(?:\b(?:i\.e|e\.g|approx|vs|no|etc|inc|ltd|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|a\.m|p\.m|u\.s|st|v\d*|г|godz|ca|bzw|usw|น)|\b[A-Z])\.$",
    re.I,
)
# "2026. 5. 14. 12:00"
_DOTTED_DAY = re.compile(r"(?<!\d)20\d\d\.\s\d{1,2}\.\s\d{1,2}(?:\.(?=\s\d))?(?!\d)")
_SENTENCE_END = re.compile(
    rf"(?<=[.!?;])\"?\s+(?=[A-Z\"'(\[\d#§{CJK}\u0400-\u042f\u00c0-\u00de\u0110\u011e\u0130\u015e\u1ea0-\u1ef9])"
)
# The number of an item: "4. FOO/USDT opens".
_NUMBER = re.compile(r"\(?\d{1,2}[.)]")
_OPENS_LIST = re.compile(
    r"(?::|\b(?:as follows|as below|listed below|schedule below)\b[.:]?)\s*$|\bfollowing\b[^.]{0,200}[.:]?\s*$", re.I
)
_INLINE_FOOTER = re.compile(
    r"\s(?=(?:Risk Disclaimer|Risk Warning:|Risk Reminder|Disclaimer:|Find us on|Official Channels|(?:BingX|KuCoin|CoinEx|BloFin|Bitget|Bybit|Bitunix|OKX|Gate|WEEX|LBank) "
    r"(?:Operations? |Spot |Futures )?(?:Team|Official Channels))\b)"
)
# One of them is in every text with such a footer.
_FOOTER_WORDS = ("Risk ", "Disclaimer:", "Find us on", "Official Channels", "Team")
_DATED = re.compile(
    r"\d{1,2}:\d\d|(?<!\d)20\d\d(?!\d)|\d\s?[年月日월일]|\d{1,2}[./-]\d{1,2}[./-]\d|\d{4} (?:UTC|GMT|hours)"
)
_LOWER_WORD = re.compile(r"(?<![\w/])[a-z]{2,}(?![\w/])")
_SECTION_WORDS = re.compile(r"^(?:[\w&/'() .-]{2,60})$")


class Clause(NamedTuple):
    """One sentence or list item, normalised.

    lead: the line that introduced its list, or "".
    section: the heading above it, or "". side: that heading names a product that trades nothing.
    item: a piece of a list or table, not a sentence.
    cells: of a row of a table, (heading of the column or "", text) for each cell.
    """

    text: str
    lead: str = ""
    section: str = ""
    side: bool = False
    item: bool = False
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def context(self) -> str:
        """The lead and the clause."""
        return f"{self.lead} {self.text}" if self.lead else self.text


@remembered_alone
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a normalised text. Abbreviations and decimal points end no sentence."""
    result: list[str] = []
    start = 0
    dotted = [found.span() for found in _DOTTED_DAY.finditer(text)] if "20" in text and ". " in text else []
    for border in _SENTENCE_END.finditer(text):
        if any(begin <= border.start() <= stop for begin, stop in dotted):
            continue
        piece = text[start : border.start()]
        if _NUMBER.fullmatch(piece.strip()):
            continue
        if _ABBREVIATION.search(piece[-12:]) and not text[start : border.start()].endswith(")."):
            continue
        if piece[-2:-1].isdigit() and has_month(text[border.end() : border.end() + 12].split(" ")[0]):
            # "am 15. Oktober"
            continue
        result.append(piece.strip())
        start = border.end()
    result.append(text[start:].strip())
    return tuple(piece for piece in result if piece)


# "Dear community, …" says nothing, but who is greeted may be a coin's holders.
_SALUTATION = re.compile(
    r"(?:dear|hello|hi|hey|fellow|greetings)\b(?:\s[A-Za-z][a-z']{0,19}){0,4}[,!:]\s+(?=\S{1,30}\s)", re.I
)


def clauses(blocks: Sequence[Block]) -> tuple[Clause, ...]:
    """The clauses of a body in order, without footers, disclaimers and links to further reading."""
    result: list[Clause] = []
    lead = section = ""
    side = reference = False
    for block in article_of([block.with_text(normalise(block.text)) for block in blocks]):
        text = block.text
        if (greeting := _SALUTATION.match(text)) and not re.search(r"[A-Z]{2}", greeting[0]):
            text = text[greeting.end() :]
        if is_frame(text):
            lead = ""
            continue
        if REFERENCE.match(text) and len(text) < 160:
            reference, lead = True, ""
            continue
        if _is_heading(block, text):
            reference = False
            section, lead = text, ""
            side = SIDE_MARK in masked(text) and not re.search(
                r"\bmargin\b|\bspot\b(?! \w+ trading bots)|\bfutures\b", masked(text), re.I
            )
            continue
        if reference and (block.link or text[-1:] not in ".:;!?" or not re.search(r"\d{4}[-/]\d|\bwill\b", text)):
            continue
        reference = False
        footer = _INLINE_FOOTER.search(text) if any(words in text for words in _FOOTER_WORDS) else None
        if footer:
            text = text[: footer.start()]
        cells, headings = _cells(block)
        if headings:
            text = _row_text(cells)
        # The headings of its columns introduce a row like the line above a list.
        above = f"{lead} {headings}".strip()[-1500:] if headings else lead
        pieces = [part for sentence in sentences(text) for part in _chunks(sentence)]
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            full = _is_sentence(piece)
            item = not full or block.kind == "row"
            result.append(Clause(piece, above if item else "", section, side, item, cells))
            if last and _opens_list(piece):
                # A line such as "Cross margin pairs:" is added to the lead above it.
                lead = text[-1500:] if full or not lead else f"{lead} {piece}"[-1500:]
            elif full:
                lead = ""
        if footer or len(result) >= MAX_CLAUSES:
            break
    return tuple(result[:MAX_CLAUSES])


def _opens_list(text: str) -> bool:
    low = text.lower()
    ends = text.rstrip()[-1:] == ":" or "following" in low or "below" in low or "as follows" in low
    return ends and _OPENS_LIST.search(text) is not None


def _cells(block: Block) -> tuple[tuple[tuple[str, str], ...], str]:
    """The cells of a row with their headings, and the headings as one line."""
    if not block.cells and not block.headings:
        return (), ""
    headings = [normalise(heading) for heading in block.headings]
    names = [*headings, *[""] * len(block.cells)]
    cells = tuple((name, normalise(cell)) for name, cell in zip(names, block.cells, strict=False))
    return cells, " | ".join(name for name in headings if name)


def _row_text(cells: Sequence[tuple[str, str]]) -> str:
    """A row as one text, in which every date follows the heading of its column: "Delisting time: 14 May 2026"."""
    return " | ".join(f"{name}: {cell}" if name and _DATED.search(cell) else cell for name, cell in cells)


def _chunks(sentence: str) -> list[str]:
    """A sentence in pieces of bounded length, so that patterns stay fast. No real sentence is longer than one piece."""
    pieces = []
    while len(sentence) > MAX_SENTENCE:
        border = sentence.rfind(" ", MAX_SENTENCE // 2, MAX_SENTENCE)
        border = border if border > 0 else MAX_SENTENCE
        pieces.append(sentence[:border])
        sentence = sentence[border:].lstrip()
    return [*pieces, sentence]


@lru_cache(maxsize=4_096)
def _is_sentence(text: str) -> bool:
    # Few words are quick to count, and of a long text the first are enough.
    return len(text) >= 17 and next(islice(_LOWER_WORD.finditer(text), 5, None), None) is not None


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
