# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Normalisation of text: one spelling, the names of markets, and marks for products that trade nothing.

Every title and sentence goes through `normalise` before anything else reads it.
"""

from __future__ import annotations

import re

# Spellings that mean the same. USDⓈ is Binance's sign for "USD stablecoins", not the coin USDS.
_SPELLINGS = str.maketrans(
    {
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u3000": " ", "\u200b": None, "\u200c": None, "\u200d": None,
        "\ufeff": None, "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "‑": "-", "‐": "-",
        "（": "(", "）": ")", "：": ":", "，": ",", "、": ",", "／": "/", "＆": "&", "ⓢ": "Ⓢ", "【": "[", "】": "]",
    }
)  # fmt: skip


def normalise(text: str) -> str:
    """One spelling: plain quotes, dashes and brackets, USD for USDⓈ, single blanks."""
    text = text.translate(_SPELLINGS).replace("USDⓈ", "USD").replace("Ⓢ", "S")
    return " ".join(text.split())


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
  | (?:binance|okx|kucoin|bybit|bitget|gate)[ ](?:pay|card|wallet|live|square|p2p|nft|link|connect|oracle) | p2p | nfts? | otc
  | web3 | self-custody | \w*api(?![a-z])s?(?:[ ](?:endpoints?|keys?))? | endpoints? | websockets? | rate[ ]limits?
  | affiliate | referrals? | campaigns? | vouchers? | (?:cloud[ ])?mining | mining[ ]pool | proof[ ]of[ ]reserves
  | app(?:[ ]version)?s?(?![a-z]) | low-value[ ]assets | dust
  | bots?(?:[ ]services?)? | chain-?spot | sandbox(?:[ ]mode)? | test-?net[ ]environment | (?:demo|mock|paper|simulated)[ ]trading | bonus(?:es)? | trial[ ]funds?
  | burn(?:ing)?[ ](?:mechanisms?|programs?) | (?:binance|okx|kucoin|bybit|bitget|gate)[ ](?:pool|cloud|ventures|labs|academy|charity|feed|support[ ]centers?)
"""
# Terms of trade: a change of them does not stop trading.
_TERMS = r"""
    (?:maker|taker|trading|transaction|listing|withdrawal|deposit|network|zero|flat)?[ -]?fees? | vip | rebates? | promotions?
  | margin[ ]tiers? | leverage | position[ ]limits? | tick[ ]sizes? | price[ ]precision | index(?:es)? | funding[ ]rates?
"""
SIDE_MARK, TERMS_MARK = "§side§", "§terms§"
_MASKED = re.compile(rf"(?<![\w/])(?:(?P<side>{_SIDE})|(?:{_TERMS}))(?![\w/])", re.I | re.X)


_ACRONYMS = frozenset("API APIS SAPI WAPI NFT NFTS VIP OTC DCA".split())


def masked(text: str) -> str:
    """The text with marks for side products and terms: "spot grid" must not be read as the spot market."""
    shouting = text.isupper()

    def mark(found: re.Match[str]) -> str:
        # EARN and PAY in capitals are tickers, API and VIP are not.
        if not shouting and found[0].isalpha() and found[0].isupper() and found[0] not in _ACRONYMS:
            return found[0]
        return SIDE_MARK if found["side"] else TERMS_MARK

    return _MASKED.sub(mark, text)


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
