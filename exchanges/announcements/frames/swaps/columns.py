# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The old and the new token of each row of a table that has a column for either. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.names import PAIR, bracketed, is_ticker
from markets.symbols import SymbolSplitter

# The heading says nothing else: a column of the old prices, or of when the new pairs open, is none.
_WHAT = r"(?:\s?(?:tokens?|coins?|cryptos?|assets?|currenc(?:y|ies)|tickers?|symbols?|names?|codes?|contracts?|pairs?|projects?|trading|spot|code|name|\(old\)|\(new\)|代[币幣码碼号號]|[币幣][种種]?|名[称稱]|交易[对對]|符[号號]|资产|資產|토큰|코인|티커|심볼|종목|명칭?|이름|トークン|銘柄|通貨|ティッカー|シンボル|名称?|token\w*|coin\w*|varlık\w*|sembol\w*|isim|ad[ıi]?|токен\w*|монет\w*|тикер\w*|назван\w*|символ\w*|mã|tên|đồng)\.?){0,3}\s?"
_OLD = re.compile(
    rf"\W*(?:(?:the\s)?(?:old|previous|former|original|current|existing|before|from|legacy|leaving|outgoing|swapped|source){_WHAT}|{_WHAT}\s?(?:before|from|(?:to be |being )?(?:swapped|replaced|converted|migrated|exchanged|renamed)(?: from| out)?|\(old\))(?: the (?:swap|change|migration|conversion))?|(?:[旧舊原]|[变變更]更前|[兑兌置][换換]前|当前|當前|기존|이전|구|変更前|旧|eski|önceki|mevcut|стар\w+|прежн\w+|текущ\w+|исходн\w+|cũ){_WHAT}|{_WHAT}\s(?:cũ|hiện tại))\W*",
    re.I,
)
_NEW = re.compile(
    rf"\W*(?:(?:the\s)?(?:new|after|to|target|replacement|incoming|successor|resulting|swapped (?:to|into|for)|becomes|received?|(?:converted|renamed|migrated|exchanged|replaced) (?:to|into|for|by|with|as)){_WHAT}|{_WHAT}\s?(?:after|to|received|\(new\))(?: the (?:swap|change|migration|conversion))?|(?:新|[变變更]更[后後]|[兑兌置][换換][后後為为成]|신규?|새(?:로운)?|변경 ?후|変更後|新|yeni|нов\w+|mới){_WHAT}|{_WHAT}\smới)\W*",
    re.I,
)
_MOST = 400


def columns_of(clauses: Sequence[Clause], splitter: SymbolSplitter, exchange: str) -> Iterator[tuple[str, str, bool]]:
    """(old, new, whether a heading speaks of the ticker or the symbol) for each row with both columns."""
    for clause in clauses[:_MOST]:
        if not clause.cells:
            continue
        old_cells = [cell for cell in clause.cells if cell[0] and _OLD.fullmatch(cell[0])]
        new_cells = [cell for cell in clause.cells if cell[0] and _NEW.fullmatch(cell[0])]
        if len(old_cells) != 1 or len(new_cells) != 1:
            continue
        old, new = (_token(cells[0][1], splitter, exchange) for cells in (old_cells, new_cells))
        if old and new and old != new:
            yield (
                old,
                new,
                re.search(r"ticker|symbol|name|代[码碼]|티커|심볼|тикер|sembol", old_cells[0][0], re.I) is not None,
            )


def _token(text: str, splitter: SymbolSplitter, exchange: str) -> str:
    """The token that a cell names and is about; "" where that is not plain."""
    text = text.strip()
    pairs = {found["base"].upper() for found in PAIR.finditer(text)}
    if pairs:
        return pairs.pop() if len(pairs) == 1 else ""
    tickers = list(dict.fromkeys(ticker for ticker, _, _ in bracketed(text)))
    if tickers:
        return tickers[0] if len(tickers) == 1 else ""
    word = text.strip("$").upper()
    if not re.fullmatch(r"[A-Z0-9]{1,24}", word) or word.isdigit():
        return ""
    split = splitter.split(word, exchange, "usdm")
    if split and split.quote and len(word) > 5:
        return split.base
    return word if is_ticker(word) or len(word) == 1 else ""
