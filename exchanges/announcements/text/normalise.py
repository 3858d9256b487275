# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Normalisation of text: one spelling, the names of markets, and marks for products that trade nothing.

Every title and sentence goes through `normalise` before anything else reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

# Signs that mean the same. USDⓈ is Binance's sign for "USD stablecoins", not the coin USDS.
_SIGNS = {
    "’": "'", "‘": "'", "ʼ": "'", "′": "'", "`": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "「": '"', "」": '"', "『": '"', "』": '"', "《": '"', "》": '"',
    "–": "-", "—": "-", "―": "-", "‒": "-", "−": "-", "‑": "-", "‐": "-", "〜": "~", "⁄": "/", "∕": "/", "╱": "/",
    "【": "[", "】": "]", "〔": "[", "〕": "]", "、": ", ", "，": ", ", "；": "; ", "。": ". ", "｡": ". ", "！": "! ", "？": "? ",
    "·": " · ", "・": " · ", "•": " · ", "ⓢ": "Ⓢ",
}  # fmt: skip
# Characters that nobody sees: soft hyphens, zero widths, marks of direction, variants of glyphs, tags.
_UNSEEN = [
    0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0, 0xFFFC,
    *range(0x180B, 0x180E), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10),
    *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0),
]  # fmt: skip
_UNSEEN_TABLE: dict[int, None] = dict.fromkeys(_UNSEEN)
_SIGN = re.compile(f"[{re.escape(''.join(_SIGNS))}]")
# Most texts that are not plain have none of them, and to look for one is quicker than to translate every letter.
_UNSEEN_SIGN = re.compile(f"[{''.join(chr(code) for code in _UNSEEN if code < 0x10000)}]|[\U000e0000-\U000e01f0]")
# Other forms of letters and digits: of half and full width, small, and the bold and italic ones of mathematics.
_FORMS = re.compile(r"[\uff01-\uffee\ufe50-\ufe6b\U0001d400-\U0001d7ff]+")
# Scripts that are written without blanks around foreign words and numbers: Han, kana, Hangul.
CJK = r"\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003134f"
_CJK = re.compile(f"[{CJK}]")
_LATIN = re.compile(r"[A-Za-z]")
_BORDER = re.compile(rf"(?<=[{CJK}])(?=[A-Za-z0-9$(\[])|(?<=[A-Za-z0-9%)\]])(?=[{CJK}])")
# A contract of a token with a name in Han: "币安人生USDT". In a text in Han the quote may be a word of its own.
_HAN_SYMBOL = re.compile(r"(?<![\w/])[\u3400-\u9fff]{1,12}(?:USD[TC1]?|FDUSD|BUSD)(?:_[A-Z0-9]+)?(?![A-Za-z0-9])")


_Rest = ParamSpec("_Rest")
_Answer = TypeVar("_Answer")
# So that what is kept stays small whatever is written.
_MAX_CACHED = 600


def remembered(read: Callable[Concatenate[str, _Rest], _Answer]) -> Callable[Concatenate[str, _Rest], _Answer]:
    """A pure function of a text that keeps its last answers: an exchange repeats most of its sentences in every notice."""
    known = lru_cache(maxsize=4_096)(read)

    @wraps(read)
    def answer(text: str, *rest: _Rest.args, **named: _Rest.kwargs) -> _Answer:
        return (known if len(text) <= _MAX_CACHED else read)(text, *rest, **named)  # type: ignore[arg-type]

    return answer


def remembered_alone(read: Callable[[str], _Answer]) -> Callable[[str], _Answer]:
    """`remembered` of a function of the text alone: quicker to call, as each block of a body is asked about ten times."""
    known = lru_cache(maxsize=4_096)(read)

    @wraps(read)
    def answer(text: str) -> _Answer:
        return known(text) if len(text) <= _MAX_CACHED else read(text)

    return answer


def small(text: str) -> str:
    """The text in small letters, each in its place; ı and i are one, as for patterns without regard to case."""
    return text.lower() if text.isascii() else text.replace("İ", "i").replace("ı", "i").replace("ſ", "s").lower()


def visible(text: str) -> str:
    """The text without characters that nobody sees, and with letters that are written in one character each."""
    if text.isascii():
        return text
    if _UNSEEN_SIGN.search(text):
        text = text.translate(_UNSEEN_TABLE)
    return unicodedata.normalize("NFC", text)


_TETHER = re.compile(r"USDt(?![A-Za-z0-9])")


def normalise(text: str) -> str:
    """One spelling: plain letters, digits, quotes, dashes and brackets, USD for USDⓈ, single blanks, and blanks around
    foreign words in Chinese, Japanese and Korean."""
    if not text.isascii():
        text = _SIGN.sub(lambda found: _SIGNS[found[0]], visible(text))
        text = _FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
        text = text.replace("USDⓈ", "USD").replace("Ⓢ", "S")
        if _CJK.search(text):
            text = _with_borders(text)
    text = " ".join(text.split())
    if "USDt" in text:
        # Tether's own spelling.
        text = _TETHER.sub("USDT", text)
    # A venue of two words, each of which is a ticker too.
    return text.replace("WOO X", "WOOX") if "WOO X" in text else text


def _with_borders(text: str) -> str:
    """The text with a blank wherever it changes between a script without blanks and Latin letters or digits."""
    if len(_LATIN.findall(text)) <= 2 * len(_CJK.findall(text)):
        return _BORDER.sub(" ", text)
    pieces, at = [], 0
    for symbol in _HAN_SYMBOL.finditer(text):
        pieces += [_BORDER.sub(" ", text[at : symbol.start()]), symbol[0]]
        at = symbol.end()
    return "".join([*pieces, _BORDER.sub(" ", text[at:])])


# Side products hold or lend tokens, or trade pairs for a user, and are no market. Compounds come first: "spot grid" is
# a bot, not the spot market.
_SIDE = r"""
    (?:spot|futures|margin)[ ](?:and[ ]futures[ ])?(?:grid|dca|copy[ ]trad\w+|bots?|(?:trading[ ])?bots?|rebalancing)(?:[ ]trading)?
  | (?:trading|grid|dca|rebalancing|arbitrage)[ ]bots?(?:[ ]services?)? | copy[ ]trading | grid[ ]trading | signal[ ]trading
  | (?:simple|on-?chain|soft|locked|flexible|defi|fixed|structured|dual)[ ](?:earn|staking|savings?|investments?|products?)
  | earn | savings? | staking | launch(?:pool|pad) | mega ?drop | dual[ ]investments? | dual[ ]currency | auto-?invest
  | recurring[ ](?:buy|plans?) | liquid(?:ity)?[ ](?:swap|farming|mining) | yield[ ]\w+ | snowball | shark[ ]fin | buffett | range[ ]bound
  | (?:crypto|vip|flexible(?:[ ]rate)?|fixed(?:[ ]rate)?|isolated|institutional|p2p|margin)[ ]loans? | loans? | loanable(?:[ ]assets?)?
  | borrowable(?:[ ]assets?)? | lending | (?:(?:cross|isolated|portfolio)[ ])?margin[ ]collaterals?(?:[ ]assets?)? | collaterals? | collateral[ ](?:assets?|list|ratios?)
  | convert(?![ ](?:remaining|all|the|any|users?|them|it|its|into|balances?|holdings|existing|\w+[ ](?:to|into))\b) | buy[ ](?:&|and)[ ]sell(?:[ ]crypto)? | buy[ ]crypto | one-?click[ ]buy | (?:credit|debit)[ ]cards? | gift[ ]cards?
  | (?:binance|okx|kucoin|bybit|bitget|gate)[ ](?:pay|card|wallet(?![ ]maintenance)|live|square|p2p|nft|link|connect|oracle) | p2p | nfts? | otc
  | web3 | self-custody | \w*api(?![a-z])s?(?:[ ](?:endpoints?|keys?))? | endpoints? | websockets? | rate[ ]limits?
  | affiliate | referrals? | campaigns? | vouchers? | (?:cloud[ ])?mining | mining[ ]pool | proof[ ]of[ ]reserves
  | app(?:[ ]version)?s?(?![a-z]) | low-value[ ]assets | dust
  | bots?(?:[ ]services?)? | chain-?spot | sandbox(?:[ ]mode)? | test-?net[ ]environment | (?:demo|mock|paper|simulated)[ ]trading | bonus(?:es)? | trial[ ]funds?
  | burn(?:ing)?[ ](?:mechanisms?|programs?) | (?:binance|okx|kucoin|bybit|bitget|gate)[ ](?:pool|cloud|ventures|labs|academy|charity|feed|support[ ]centers?)
"""
# Terms of trade: a change of them does not stop trading.
_TERMS = r"""
    (?:maker|taker|trading|transaction|listing|withdrawal|deposit|network|zero|flat)?[ -]?fees? | free[ ](?:\w+[ ])?(?:withdrawals?|transfers?|deposits?) | vip | rebates? | promotions?
  | margin[ ]tiers? | (?<!lose[ ])(?<!loses[ ])(?<!losing[ ])leverage | position[ ]limits? | tick[ ]sizes? | (?:price[ ]|minimum[ ]price[ ])?increments? | minimum[ ]price[ ]movements? | price[ ]precision | index(?:es)? | funding[ ]rates?
"""
SIDE_MARK, TERMS_MARK = "§side§", "§terms§"
# For small letters: patterns without regard to case take several times as long. Most texts have no word with "api".
_API = r"| \w*api(?![a-z])s?(?:[ ](?:endpoints?|keys?))? "
_MASKED, _MASKED_WITHOUT_API = (
    re.compile(rf"(?<![\w/])(?:(?P<side>{side})|(?:{_TERMS}))(?![\w/])", re.X)
    for side in (_SIDE, _SIDE.replace(_API, ""))
)


_ACRONYMS = frozenset("API APIS SAPI WAPI NFT NFTS VIP OTC DCA".split())


@lru_cache(maxsize=4_096)
def masked(text: str) -> str:
    """The text with marks for side products and terms: "spot grid" must not be read as the spot market."""
    shouting = text.isupper()

    read = small(text)
    pieces, at = [], 0
    for found in (_MASKED if "api" in read else _MASKED_WITHOUT_API).finditer(read):
        words = text[found.start() : found.end()]
        # EARN and PAY in capitals are tickers, API and VIP are not.
        if shouting or not words.isalpha() or not words.isupper() or words in _ACRONYMS:
            pieces += [text[at : found.start()], SIDE_MARK if found["side"] else TERMS_MARK]
            at = found.end()
    return "".join([*pieces, text[at:]]) if pieces else text


_COINM = re.compile(
    r"\bcoin-?m(?:argined)?\b|\binverse (?:perpetual|futures|contract)|\bcoin-settled\b|\bcoin margined\b", re.I
)
_USDM = re.compile(
    r"\busd[tc]?-?m(?:argined)?\b|\busd[tc]? margined\b|\bum\b(?= perpetual)|\bperp(?:etual)?s?\b|\bfutures?\b|\bx-perp\b"
    r"|\bswap contracts?\b|\bperpetual swaps?\b|\bdelivery contracts?\b|\bcontracts? (?:trading|products?)\b",
    re.I,
)
_MARGIN = re.compile(
    r"\b(?:cross|isolated|spot)[ -]?margin\b|\bmargin\b(?! (?:tiers?|ratios?|requirements?|levels?))", re.I
)
_OPTIONS = re.compile(r"\boptions?\b(?! (?:below|to|for|of|1|2|a\b|b\b|will occur))", re.I)
_SPOT = re.compile(r"\bspot\b|\bleveraged tokens?\b", re.I)


def markets_named(text: str) -> tuple[str, ...]:
    """The markets that a normalised text names (usdm, coinm, margin, options, spot), side products left out."""
    # PERP, SPOT and OPTION in capitals are tickers.
    plain = re.sub(r"\b(?:PERP|SPOT|OPTION|MARGIN)\b", " ", masked(text)) if text.upper() != text else masked(text)
    found = []
    if _COINM.search(plain):
        found.append("coinm")
        plain = _COINM.sub(" ", plain)
        plain = (
            re.sub(r"\b(?:perpetual|futures)\b( contracts?)?", " ", plain, flags=re.I)
            if "USD-M" not in plain
            else plain
        )
    if re.search(r"\busd[tc]?-?m(?:argined)?\b", plain, re.I):
        found.append("usdm")
        plain = re.sub(r"\busd[tc]?-?m(?:argined)?\b", " ", plain, flags=re.I)
        plain = re.sub(r"\b(?:perpetual|futures)\b", " ", plain, flags=re.I)
    elif _USDM.search(plain):
        found.append("usdm")
    if _MARGIN.search(plain):
        found.append("margin")
        plain = re.sub(r"\bspot[ -]margin\b", " ", plain, flags=re.I)
    if _OPTIONS.search(plain):
        found.append("options")
    if _SPOT.search(plain):
        found.append("spot")
    return tuple(found)
