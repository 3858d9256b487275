"""What a person gets to see of a notice that cannot be explained: why, and what it names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from exchanges.announcements.classification.patterns import CEASE, DELIST, HALT, REMOVE
from exchanges.announcements.opinion import THRESHOLD, opinion
from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.names import (
    CONTRACT,
    DASHED,
    PAIR,
    TICKER,
    bracketed,
    is_ticker,
    pair_name,
    pairs_in,
    without_market_phrases,
    without_shouting,
)
from exchanges.announcements.text.normalise import SIDE_MARK, masked
from exchanges.announcements.types import ParsedNotice, Review, ReviewReason
from markets.symbols import SymbolSplitter

# More than a person reads, and than any notice of a risk names in its sentences.
MAX_NAMES = 60
MAX_CLAUSES = 120
_ENDED_PHASES = frozenset({"completed", "resumed", "cancelled"})

# Words of ending in the languages that are read: of delisting, removal, end and halt.
_ENDING = re.compile(
    rf"""{DELIST} | {REMOVE} | {CEASE} | {HALT}
    | \b(?:goodbye|farewell|last[ ](?:trading[ ])?day|winding|wind[ ]up|withdrawn[ ]from|pull(?:s|ed|ing)?[ ](?:from|the)|leav(?:e|es|ing)[ ]the|no[ ]longer)\b
    | \b(?:end|ends|ending|expir\w+|conclud\w+)\b(?=[ ](?:at|on|of|for|in|after|from)\b)
    | 下架|下线|下線|下市|退市|摘牌|移除|移出|终止|終止|停止|暂停|暫停|中止|关闭|關閉|取消交易|不再支持|不再提供
    | 상장[ ]?폐지|거래[ ]?지원[ ]?종료|종료|중단|중지|폐지|정지
    | 廃止|終了|停止|休止|除外
    | listeden[ ](?:çıkar|kald|sil)\w+|kaldır\w+|kapat\w+|kapan\w+|durdur\w+|sonland\w+|sona[ ]er\w+|askıya
    | делист\w*|исключ\w+|удал(?:ен|ят|ит|яе)\w*|прекращ\w+|прекрат\w+|приостан\w+|останов\w+|закры\w+|снима\w+[ ]с[ ]торг\w+|заверш\w+
    | hủy[ ]niêm[ ]yết|huỷ[ ]niêm[ ]yết|gỡ|ngừng|tạm[ ]dừng|kết[ ]thúc|đóng|chấm[ ]dứt|loại[ ](?:bỏ|khỏi)
    """,
    re.I | re.X,
)  # fmt: skip
# Conditions end things too: "may be suspended", "reserves the right to cancel".
_CONDITION = re.compile(
    r"\b(?:may|might|could|if|unless|in case|in the event|reserves?|rights?|discretion|eligib\w+|disqualif\w+)\b", re.I
)
# An amount of a coin names no coin at risk.
_AMOUNT = re.compile(r"(?:[$€£]\s?)?\d[\d,.]*\s?(?:[KkMm]\s)?\s?(?-i:[A-Z][A-Z0-9]{1,9})\b(?!/)")
_SYMBOL_END = re.compile(r"(?:USDT|USDC|FDUSD|BUSD|USD)$")


def second_opinion(
    notice: ParsedNotice, title: str, parts: Sequence[Clause], splitter: SymbolSplitter, exchange: str = ""
) -> Review | None:
    """The review of a notice that the rules take for harmless and the second opinion does not; None where both agree.

    title, parts: of the notice, normalised.
    """
    if not is_open_to_doubt(notice) or opinion(title, text_of(parts)) < THRESHOLD:
        return None
    return review_of(ReviewReason.SECOND_OPINION, title, parts, splitter, exchange)


def is_open_to_doubt(notice: ParsedNotice) -> bool:
    """Whether a notice is no event, not explained by a rule about the end of one, and no review yet."""
    return not notice.event and notice.category is None and notice.phase not in _ENDED_PHASES and notice.review is None


def text_of(parts: Iterable[Clause]) -> str:
    """The sentences that the second opinion reads: those of side products are none of a risk."""
    return "\n".join(part.text for part in parts if not part.side)


def review_of(
    reason: ReviewReason, title: str, parts: Sequence[Clause], splitter: SymbolSplitter, exchange: str = ""
) -> Review:
    """The review of a notice: what it names, and whether it has a word of ending.

    A name of the title counts, and of a body the names in its first clauses. A quote asset counts only where it is
    itself the subject: in brackets after its name. Names in capitals, amounts apart, are coins by their shape.

    title, parts: of the notice, normalised.
    """
    names = _Names(splitter, exchange)
    names.read(without_shouting(title), loose=True)
    for part in parts[:MAX_CLAUSES]:
        if not part.side:
            names.read(part.text, loose=part.item or _ends(part))
    return Review(
        reason, has_ending(title, parts), tuple(names.tokens)[:MAX_NAMES], tuple(names.tickers)[:MAX_NAMES]
    )


def has_ending(title: str, parts: Sequence[Clause]) -> bool:
    """Whether the title has a word of ending, or a clause that is no condition and about no side product."""
    return _ENDING.search(masked(title)) is not None or any(
        _ends(part) for part in parts[:MAX_CLAUSES] if not part.side
    )


def _ends(part: Clause) -> bool:
    text = masked(part.context)
    return SIDE_MARK not in text and _ENDING.search(text) is not None and _CONDITION.search(text) is None


class _Names:
    """The coins and instruments that texts name, in order."""

    def __init__(self, splitter: SymbolSplitter, exchange: str) -> None:
        self._splitter, self._exchange = splitter, exchange
        self.tokens: dict[str, None] = {}
        self.tickers: dict[str, None] = {}

    def read(self, text: str, loose: bool) -> None:
        """loose: words in capitals are names too."""
        for base, quote, _, _ in pairs_in(text, self._splitter):
            split = self._splitter.split(f"{base}/{quote}", self._exchange)
            self.tickers.setdefault(pair_name(base, quote))
            self.tokens.setdefault(split.token if split else base)
        for symbol in self._contracts(text):
            split = self._splitter.split(symbol, self._exchange, None if "_" in symbol or "-" in symbol else "usdm")
            if split is not None and split.base:
                self.tickers.setdefault(symbol)
                self.tokens.setdefault(split.token)
        for ticker, _, _ in bracketed(text):
            if not self._is_contract(ticker):
                self.tokens.setdefault(self._splitter.token(ticker))
        if loose:
            plain = _AMOUNT.sub(" ", without_market_phrases(PAIR.sub(" ", DASHED.sub(" ", CONTRACT.sub(" ", text)))))
            for found in TICKER.finditer(plain):
                word = found[0].strip("$").upper()
                if len(word) > 1 and is_ticker(found[0]) and not self._is_contract(word):
                    if not self._splitter.is_quote(word):
                        self.tokens.setdefault(self._splitter.token(word))

    def _contracts(self, text: str) -> Iterator[str]:
        for found in CONTRACT.finditer(text):
            yield found[0]
        for found in DASHED.finditer(text):
            if found["rest"]:
                yield found[0]
        for found in TICKER.finditer(text):
            if self._is_contract(found[0]):
                yield found[0]

    def _is_contract(self, word: str) -> bool:
        end = _SYMBOL_END.search(word)
        return end is not None and end.start() > 0 and not self._splitter.is_quote(word)
