# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The pairs, contracts and tokens that the body of a notice names, and which of them are at risk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.names import Names, bracketed, is_ticker, names_in, pair_name, pairs_in
from exchanges.announcements.text.normalise import markets_named, masked
from markets.networks import is_standard
from markets.symbols import SymbolSplitter

_STOPPING = re.compile(
    r"\b(?:de-?list\w*|remov\w+|ceas\w+|halt\w*|suspen\w+|terminat\w+|discontinu\w+|stop\w*|disabl\w+|settl\w+|close[ds]?|closing|closure|affected|retir\w+|off-?board\w*|paus\w+|no longer|"
    r"not (?:be )?(?:allowed|able|supported)|new (?:positions?|orders?|non-reduce)|end(?:s|ed)?\b)",
    re.I,
)
_OPENING = re.compile(
    r"\bopen(?:s|ed|ing)? (?:up )?(?:spot |new )?trading\b|\btrading (?:will|has|is)? ?(?:be )?open\w*|\bwill (?:also )?(?:list|launch|add|relist|resume|open)\b|\bnew (?:spot )?trading pairs?\b|"
    r"\bremains? (?:listed|available|open|unaffected|tradable)|\bstill (?:be )?(?:trad\w+|available)|\bother trading pairs?\b|\bwill continue\b|\b(?:can|may|could) (?:still )?continue\b|\bnot (?:be )?(?:affected|impacted)\b|\bunaffected\b|"
    r"\btick size|\bminimum (?:price|order)|\bfor example\b|\be\.g\.|\blaunch and open\b|\bstay listed\b|\bkeep(?:s)? trading\b|\badd(?:s|ed)? (?:the )?[\w/]+ (?:on|to)\b|\bin exchange for\b|\binto USDT\b",
    re.I,
)
_CONTRACT = re.compile(
    r"(?<![\w/.-])(?P<symbol>[A-Z0-9]{1,24}(?:USDT|USDC|FDUSD|BUSD|USD1|USD|PERP)(?:_(?:PERP|\d{6})|M)?)(?![\w/]|-[A-Z])"
)
_SWAP_SYMBOL = re.compile(r"(?<![\w-])[A-Z0-9]{1,15}-(?:USDT|USDC|USD(?:_UM)?)-(?:SWAP|\d{6})\b")
_DERIVATIVE = re.compile(
    r"\b(?:perpetuals?|futures?|contracts?|settle\w*|positions?|coin-m|usd[tc]?-m|symbols?|swaps?|derivatives?)\b", re.I
)
_MARKET_AFTER = re.compile(
    r"\b(?P<margin>(?:cross|isolated)?\s?margin)\b|\b(?P<coinm>coin-m\w*)|\b(?P<usdm>usd[tc]?-m\w*|perpetual|futures?|contracts?)\b|\b(?P<spot>spot)\b",
    re.I,
)
_TOKEN_LIST = re.compile(
    r"\b(?:tokens?|cryptos?|coins?|assets?|cryptocurrenc\w+|projects?|digital assets?|products?)\b", re.I
)


@dataclass(frozen=True)
class NamedInstrument:
    """An instrument that a clause of the body puts at risk. clause: its number."""

    ticker: str
    token: str
    base: str
    quote: str
    market: str | None
    clause: int


def split_at_opening(text: str) -> str:
    """The part of a sentence that ends something; "" when the sentence only opens or continues something."""
    opening = _OPENING.search(text)
    subordinate = (
        re.search(r"\b(?:once|after|when)\b[^,]{0,80},", text[: opening.end() + 60], re.I) if opening else None
    )
    if subordinate and opening and subordinate.start() < opening.start() < subordinate.end():
        # "Once trading opens, the old pairs will be removed."
        text = text[: subordinate.start()] + text[subordinate.end() :]
        opening = _OPENING.search(text)
    if opening is None:
        return text
    before, after = text[: opening.start()], text[opening.end() :]
    if _STOPPING.search(before):
        return before
    # "… will open trading for A/B, and the old pairs will be removed": the part after the "and" ends something.
    later = _STOPPING.search(after)
    turn = re.search(r"\b(?:and|then|but)\b", after[: later.start()]) if later else None
    return after[turn.end() :] if turn else ""


def instruments(
    clauses: Sequence[Clause],
    splitter: SymbolSplitter,
    exchange: str,
    market: str | None,
    lenient: bool,
    title_tokens: Sequence[str] = (),
) -> Iterator[NamedInstrument]:
    """The instruments that the body puts at risk, in order; an instrument may occur several times.

    market: of the notice, where its sentences name none.
    lenient: also read lists without an introducing sentence (in a notice that is only about a removal).
    title_tokens: tokens that the title names; their symbols are also found without a slash.
    """
    for number, clause in enumerate(clauses):
        text = at_risk_text(clause, lenient)
        if not text or clause.side:
            continue
        if _SIDE_ONLY.search(masked(text)) and "settlement" not in text:
            continue
        derivative = (
            market in ("usdm", "coinm", "multiple")
            or _DERIVATIVE.search(f"{clause.section} {clause.context}") is not None
        )
        for base, quote, start, stop in pairs_in(text, splitter, title_tokens):
            near = market_near(text, start, stop, clause) or market or "spot"
            split = splitter.split(f"{base}/{quote}", exchange, near)
            token = split.token if split and near in ("usdm", "coinm") else base
            written = text[start:stop]
            dashed = near in ("usdm", "coinm") and "/" not in written
            yield NamedInstrument(written if dashed else pair_name(base, quote), token, base, quote, near, number)
        for found in _SWAP_SYMBOL.finditer(text):
            split = splitter.split(found[0], exchange)
            if split:
                yield NamedInstrument(found[0], split.token, split.base, split.quote, split.market, number)
        yield from _unslashed(text, clause, number, splitter, exchange, title_tokens)
        if derivative:
            yield from _contracts(text, clause, number, splitter, exchange, market)
        elif lenient:
            for found in _CONTRACT.finditer(text):
                split = splitter.split(found["symbol"], exchange, "spot")
                if split and not splitter.is_quote(found["symbol"]):
                    yield NamedInstrument(
                        pair_name(split.base, split.quote),
                        split.base,
                        split.base,
                        split.quote,
                        market or "spot",
                        number,
                    )


_SIDE_ONLY = re.compile(
    r"^(?:(?!\b(?:spot|margin|futures|perpetual|pairs?)\b)[^.]){0,60}§side§[^.]{0,60}\b(?:will|to)\b", re.I
)


def _unslashed(
    text: str, clause: Clause, number: int, splitter: SymbolSplitter, exchange: str, title_tokens: Sequence[str]
) -> Iterator[NamedInstrument]:
    """Symbols without a slash: "LENDBTC" in a notice about LEND, where it is a margin or spot pair."""
    for token in title_tokens[:40]:
        for found in re.finditer(rf"(?<![\w/]){re.escape(token)}(?P<quote>[A-Z][A-Z0-9]{{2,5}})(?![\w/])", text):
            near = market_near(text, found.start(), found.end(), clause)
            if splitter.is_quote(found["quote"]) and near in ("margin", "spot"):
                yield NamedInstrument(pair_name(token, found["quote"]), token, token, found["quote"], near, number)


def _contracts(
    text: str, clause: Clause, number: int, splitter: SymbolSplitter, exchange: str, market: str | None
) -> Iterator[NamedInstrument]:
    for found in _CONTRACT.finditer(text):
        symbol = found["symbol"]
        if splitter.is_quote(symbol):
            continue
        near = market_near(text, found.start(), found.end(), clause) or market
        if near == "multiple" or near is None or near == "spot":
            near = "usdm"
        dollar = symbol.split("_")[0].endswith("USD")
        if dollar and "_" in symbol:
            near = "coinm"
        if (
            dollar
            and near != "coinm"
            and not (clause.section or clause.context or "").lower().count("coin-m")
            and market != "coinm"
        ):
            # Only OKX has linear contracts in dollars; elsewhere such a symbol is a coin's name or a typing error.
            known = splitter.split(symbol, exchange, "usdm")
            linear = exchange == "okx" and market == "usdm"
            if not (known and (linear or "x-perp" in clause.context.lower())):
                continue
        if dollar and near == "usdm" and "coin-m" in clause.context.lower():
            near = "coinm"
        split = splitter.split(symbol, exchange, near)
        if split is None:
            continue
        if near == "margin":
            yield NamedInstrument(pair_name(split.base, split.quote), split.base, split.base, split.quote, near, number)
        else:
            yield NamedInstrument(symbol, split.token, split.base, split.quote, near, number)


def at_risk_text(clause: Clause, lenient: bool) -> str:
    """The part of a clause that puts at risk what it names; "" where there is none."""
    if clause.item:
        if _OPENING.search(clause.text) or (clause.lead and not split_at_opening(clause.lead)):
            return ""
        if clause.lead and _STOPPING.search(clause.lead):
            return clause.text
        return clause.text if lenient or _STOPPING.search(clause.text) else ""
    text = split_at_opening(clause.text)
    return text if text and _STOPPING.search(text) else ""


def market_near(text: str, start: int, stop: int, clause: Clause) -> str | None:
    """The market of an instrument by the nearest words: after it, before it, in the lead, in the heading; else None."""
    behind = _MARKET_AFTER.search(text[stop : stop + 160])
    if behind and not re.search(r"[.;]|\bas well as\b", text[stop : stop + behind.start()]):
        return behind.lastgroup
    before = list(_MARKET_AFTER.finditer(text[max(0, start - 160) : start]))
    if before:
        return before[-1].lastgroup
    for words in (clause.lead, clause.section):
        named = markets_named(words)
        if len(named) == 1:
            return named[0]
    return None


def listed_tokens(clauses: Sequence[Clause], splitter: SymbolSplitter, exchange: str, wallet: bool) -> tuple[str, ...]:
    """Tokens that the body lists as concerned ("for the following token(s):", "Affected tokens: A, B").

    wallet: the lists are of deposits and withdrawals, where "via" introduces a network.
    """
    found = Names()
    for clause in clauses:
        if clause.side:
            continue
        if clause.item and clause.lead:
            governed = split_at_opening(clause.lead)
            if not governed or not _STOPPING.search(governed) or not _TOKEN_LIST.search(governed):
                continue
            text = clause.text
            if re.search(r"\b(?:will|shall|users?|please|note)\b", text, re.I):
                continue
            text = re.split(r"\s(?:via|on|over|through)\s", text, maxsplit=1)[0] if wallet else text
            brackets = [ticker for ticker, _, _ in bracketed(text)]
            if brackets:
                for ticker in brackets:
                    found.add(ticker)
            elif "/" not in text and not re.search(r"\d{4}", text):
                found.extend(names_in(text, splitter, exchange))
        else:
            inline = _INLINE_LIST.search(clause.text)
            if inline and _STOPPING.search(clause.text) and not _OPENING.search(clause.text[: inline.end()]):
                found.extend(names_in(inline["list"], splitter, exchange))
    return tuple(token for token in found.tokens if not is_standard(token))


_INLINE_LIST = re.compile(
    r"\b(?:(?:tokens?|assets?|cryptos?|coins?|cryptocurrencies)(?: being (?:delisted|removed|suspended))?\s?(?:include|includes|are|is|:|affected:)\s?:?|following (?:tokens?|assets?|cryptos?|coins?|cryptocurrencies)\b[^.]{0,80}?:(?=\s)|(?:futures|perpetuals|contracts|swaps|perps) (?:for|of|on) )\s*"
    r"(?P<list>[A-Z0-9$][A-Z0-9a-z$]{0,15}(?:\s\([A-Za-z0-9 ]{1,30}\))?(?:(?:,\s?(?:and )?|\s(?:and|&)\s)[A-Z0-9$][A-Z0-9a-z$]{0,15}(?:\s\([A-Za-z0-9 ]{1,30}\))?){0,60})(?=[.,;\s]|$)"
)


def concerned_in_sentences(clauses: Sequence[Clause]) -> tuple[str, ...]:
    """Bracketed tickers in sentences that suspend or upgrade something: the tokens of a notice whose title names none."""
    found: list[str] = []
    for clause in clauses:
        text = split_at_opening(clause.text)
        if (
            clause.side
            or not text
            or not re.search(
                r"\b(?:suspen\w+|halt\w*|upgrade|hard fork|maintenance|delist\w*|remov\w+|ceas\w+|migrat\w+|swap|warning|tag)\b",
                text,
                re.I,
            )
        ):
            continue
        before_network = re.split(r"\s(?:via|through|over)\s", text, maxsplit=1)[0]
        for ticker, _, _ in bracketed(before_network):
            if ticker not in found and is_ticker(ticker):
                found.append(ticker)
    return tuple(found)


def tagged_tokens(clauses: Iterable[Clause]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(tokens that get a warning tag, tokens that lose one), by the lists of a body."""
    added: list[str] = []
    untagged: list[str] = []
    for clause in clauses:
        governed = clause.lead if clause.item and clause.lead else clause.text
        if not re.search(r"\btags?\b|\bwarning\b|\bcaution", governed, re.I):
            continue
        text = clause.text
        if clause.item and clause.lead:
            target = untagged if re.search(r"\bremov\w+|\blift\w*", governed, re.I) else added
        elif re.search(r"\bremov\w+|\blift\w*", text, re.I):
            target = untagged
        elif re.search(r"\b(?:add\w*|extend\w*|includ\w+|appl\w+)\b", text, re.I):
            target = added
        else:
            continue
        for ticker, _, _ in bracketed(text):
            if ticker not in target:
                target.append(ticker)
    return tuple(added), tuple(untagged)


def named_networks(clauses: Sequence[Clause], title: str) -> tuple[str, ...]:
    """Networks whose deposits or withdrawals the notice concerns, as written, without the word "network"."""
    found: list[str] = []
    for text in [title, *(clause.text for clause in clauses[:60])]:
        if not re.search(r"\b(?:deposit|withdraw|maintenance|upgrade|hard[ -]?fork|network)", text, re.I):
            continue
        for match in _NETWORK.finditer(text):
            for name in re.split(r",|\band\b|&", match["names"]):
                plain = re.sub(r"\([^)]*\)|\b(?:the|token\(s\) on|tokens? on)\b", " ", name).strip(" .,")
                plain = " ".join(plain.split())
                if (
                    2 <= len(plain) <= 40
                    and plain[:1].isupper()
                    and plain not in found
                    and plain.lower() not in ("selected", "aforementioned", "deposits", "withdrawals")
                ):
                    found.append(plain)
    return tuple(found[:20])


_NETWORK = re.compile(
    r"\b(?:via|on|for|over|support)\s(?:the\s)?(?P<names>[A-Z][\w.-]{1,20}(?:\s(?:[A-Z][\w.-]{0,20}|\([\w-]{1,12}\))){0,3}(?:(?:,\s(?:and\s)?|\sand\s)[A-Z][\w.-]{1,20}(?:\s(?:[A-Z][\w.-]{0,20}|\([\w-]{1,12}\))){0,3}){0,6})\s?(?:[Nn]etworks?|[Mm]ainnet|[Cc]hain)\b"
)
