# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Names of tokens, pairs and contracts in titles and lists, by shape and position, never by a list of known names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from exchanges.announcements.text.normalise import SIDE_MARK, TERMS_MARK
from markets.networks import is_standard
from markets.symbols import DERIVATIVE_MARKETS, Split, SymbolSplitter

EXCHANGES = frozenset(
    "BINANCE OKX OKEX KUCOIN BYBIT BITGET BINGX GATE GATEIO HTX HUOBI MEXC WEEX LBANK BLOFIN BITUNIX COINEX BTCC UPBIT BITHUMB KRAKEN COINBASE "
    "BITFINEX BITSTAMP BITMART POLONIEX PHEMEX CRYPTO XT GEMINI COINW TOOBIT BITRUE ASCENDEX PROBIT HASHKEY WOOX".split()
)
# Words in capitals that are no tokens in titles.
NO_TICKERS = EXCHANGES | frozenset(
    "AIRDROP QUIZ USA IDEAL HIP EIP BIP LABEL ALERT ISOLATED CEST CET EDT PDT AEST USD USD-M COIN-M UM CM UTC GMT KST API APIS NFT NFTS VIP P2P OTC KYC AML EEA EU UK US UAE MENA SEA LATAM TGE IEO DEX CEX DEFI APR APY AMA FAQ II III "
    "PM AM ST KRW FIX LTV PNL ADL CML CSV ID IDS QR UI UX TWAP DCA CMC ETF ETFS ETP MICA CFD EVM ERC BEP TRC SPL NO OK IOS URL PDF DYOR MMP".split()
)
# Where a contract is called by its coin.
COIN_VENUES = frozenset({"hyperliquid", "binance"})
_TICKER = r"(?:[a-z]{0,3}[A-Z0-9$]{2,20}[a-z]?(?:\.[A-Z0-9]{1,6})?|[A-Z])"
TICKER = re.compile(rf"(?<![\w/.-]){_TICKER}(?![\w/]|[.-]\w)")
_CJK = re.compile(r"[\u3400-\u9fff]{2,12}")
# Brackets of Chinese and Japanese notices hold times, weekdays and remarks more often than a coin's name.
_CJK_REMARK = re.compile(
    r"[时時]|小[时時]|[日月周週年]|[公通][告知]|更新|以下|[现現]|合[约約]|[网網]|代[币幣]|交易|上午|下午|含|等|[旧舊]|已|原|第|元|[仅僅]|不|[暂暫]|[测測]|[预預]|[标標]|[简簡]|取引|[銘通]柄|対象|未定|予定|税"
)
PAIR = re.compile(
    r"(?<![\w/])(?P<base>[A-Za-z0-9$]{1,20}|[\u3400-\u9fff]{1,12})\s?/{1,2}\s?(?P<quote>[A-Z][A-Z0-9]{0,5})(?![\w/])"
)
DASHED = re.compile(
    r"(?<![\w-])(?P<base>[A-Z0-9]{1,15})[-_](?P<quote>USDT|USDC|USD(?:_UM(?=-SWAP))?|EUR|GBP|TRY|JPY|KRW|BRL|AUD|INR|BTC|ETH|USDS)(?P<rest>(?:[-_](?:SWAP|PERP|\d{6}))?)(?![\w])"
)
# BTCUSD_PERP, BTCUSDT_240628
CONTRACT = re.compile(r"(?<![\w/-])[A-Z0-9]{2,20}USD[TC]?_(?:PERP|\d{6})(?!\w)")
BRACKET = re.compile(r"\(\s?(?P<inside>[^()]{1,40}?)\s?\)")
_MARKET_PHRASES = re.compile(
    r"\bUS[DT]{1,2}C?-?(?:M\b|Margined\b)|\bCOIN-?(?:M\b|Margined\b)|\bX-Perps?\b|\b(?:USD[TC]?|coin)[ -]margined\b|\bUM\b|\bCM\b|"
    r"\b(?:USD[TC]?|BTC|ETH|coin)-settled\b|\bTradFi\b|\bUSD[TC]?(?=\s(?:perpetual|options?|futures|inverse|delivery)\b)",
    re.I,
)
# Words after names in a list that are no names.
_NOUNS = re.compile(
    r"\b(?:perpetuals?|contracts?|futures?|options?|spot|cross|isolated|margin|trading|trades?|pairs?|tokens?|coins?|cryptos?|cryptocurrenc\w+|assets?|leveraged|deposits?|"
    r"withdrawals?|deposit|withdrawal|networks?|mainnet|wallets?|services?|products?|support|swaps?|markets?|projects?|the|all|several|multiple|selected|certain|some|following|"
    r"existing|new|old|old version|standard|quarterly|delivery|holders?|users?|on|for|of|from|its|with|by|related|various|other|others|more|stocks?|equit\w+|index|linked|bi-quarterly|"
    r"copy|grid|bots?|postponed|delayed|cancelled|update[ds]?|notice|announcement|important|regarding|about)\b",
    re.I,
)
_SEPARATOR = re.compile(r"\s*(?:,|;|&|\+|\||·|\band\b|\bplus\b|\bas well as\b)\s*", re.I)
# MORE and OTHER in capitals are tickers.
MORE = re.compile(
    r"(?:\b(?:[Aa]nd|AND)|&|,)\s*(?:(?:\d+|two|three|four|five|six|seven|eight|nine|ten)\s+)?(?:[Mm]ore|[Oo]thers?|[Ff]riends|[Tt]he rest|[Oo]ther (?:[Aa]ssets|[Tt]okens|[Cc]oins|[Pp]airs|[Cc]ryptos|[Cc]ontracts)|etc)\b|\b[Aa]mong [Oo]thers\b|\betc\."
)
_QUANTIFIED = re.compile(
    r"^(?:of )?(?:all|several|multiple|selected|various|certain|some|\d{1,3})\b(?!.*\bpairs?\b)", re.I
)


# The ordinary words of titles that are written in capitals throughout; all other words are then names.
_TITLE_WORDS = re.compile(
    r"(?<![-_/])\b(?:will|to|be|is|are|has|have|the|a|an|of|on|in|at|for(?!,)|from|into|and|or|with|by|via|as|its|new|all|more|others?|selected|multiple|several|"
    r"notice|announcement|important|update[ds]?|updates|regarding|about|removal|remove[sd]?|delist(?:s|ed|ing)?|cease[sd]?|suspen\w+|terminat\w+|"
    r"support(?:s|ed)?|trading|trade|pairs?|spot|margin|cross|isolated|futures|perpetual|contracts?|options?|coin-m|usd-m|margined|leverage|tiers?|"
    r"tokens?|coins?|assets?|networks?|upgrades?|hard(?=[ -]fork)|forks?|mainnet|swap|migration|rebranding|redenomination|plan|ticker|change|wallet|"
    r"maintenance|deposits?|withdrawals?|monitoring|seed|tags?|include|extend|add|adds|apply|postponed?|completed?|delisting|chain|smart|services?|"
    r"loans?|earn|(?<=binance )alpha|stocks?|discontinue|open|launch|list|protocol|integration|system|temporary|other|buy|back|permanently|holders?|leveraged|redemption|subscription|products?|"
    r"related|opening|positions?|conversions?|convert|their|associated|projects?|certain|following|reminder|due|low|liquidity|batch|zone|risk|warning|caution|"
    r"investment|special|treatment|designat\w+|temporar\w+|resum\w+|completes?|incident|technical|issues?|closure|ending?|ends|end|halt\w*|paus\w+|merger?|"
    r"renam\w+|symbols?|contract-?swap|main|net|blockchain|testnet|users?|customers?|clients?|regarding|period|extension|balances?|usage|airdrops?|campaigns?|programs?|programmes?|rewards?|special|platforms?|compensation|distribution|relaunch|listing|lists|unavailable|stop(?:s|ped)?|taken?|down|off|no|longer|this|week|today|next|now|new(?= )|transfers?|settle\w*|conduct|automatic\w*|"
    r"deadline|perform|derivatives|weekly|monthly|quarterly|expiry|tokenized|place|assessment|exchange|disabled?|please|take|note|under|until|after|before|during)\b(?!/)",
    re.I,
)


def without_shouting(text: str) -> str:
    """A title in capitals with its ordinary words in lower case, so that only names are in capitals."""
    shouting = text.replace(SIDE_MARK, "").replace(TERMS_MARK, "").isupper()
    return _TITLE_WORDS.sub(lambda word: word[0].lower(), text) if shouting and len(text.split()) > 4 else text


@dataclass
class Names:
    """The names of a text, in order and without repetition. splits: the parts of a ticker, by ticker."""

    tokens: list[str] = field(default_factory=list)
    tickers: list[str] = field(default_factory=list)
    splits: dict[str, Split] = field(default_factory=dict)

    def add(self, token: str | None, ticker: str | None = None, split: Split | None = None) -> None:
        if token and token not in self.tokens:
            self.tokens.append(token)
        if ticker and ticker not in self.tickers:
            self.tickers.append(ticker)
        if ticker and split:
            self.splits[ticker] = split

    def extend(self, other: Names) -> None:
        for token in other.tokens:
            self.add(token)
        for ticker in other.tickers:
            self.add(None, ticker, other.splits.get(ticker))


# V1, V2: of a contract, and no coin.
_VERSION = re.compile(r"[Vv]\d(?:\.\d)?|\w+\.(?:COM|IO|ORG|NET)")


@lru_cache(maxsize=50_000)
def is_ticker(word: str) -> bool:
    """Whether a word has the shape of a ticker and is no known abbreviation."""
    bare = word.strip("$")
    if (
        not bare
        or len(bare) > 20
        or bare.upper() in NO_TICKERS
        or is_standard(bare)
        or bare.isdigit()
        or _VERSION.fullmatch(bare)
    ):
        return False
    if _CJK.fullmatch(bare):
        return _CJK_REMARK.search(bare) is None
    return TICKER.fullmatch(word) is not None and any(letter.isupper() for letter in bare)


_ZONES = frozenset("JST ACT CST MSK WIB ICT SGT HKT KST IST EST PST CET BST".split())
_TIME_BEFORE = re.compile(r"(?:\d|[ap]\.?m\.?)\s*$", re.I)


def bracketed(text: str) -> Iterator[tuple[str, str, int]]:
    """(ticker, name, position) of every "Name (TICKER)" and "TICKER (Name)" in a text."""
    for found in BRACKET.finditer(text):
        inside = found["inside"].strip()
        if inside in _ZONES and _TIME_BEFORE.search(text, max(0, found.start() - 6), found.start()):
            # "18:00 on May 21, 2026 (JST)"
            continue
        before = text[: found.start()].rstrip()
        name = _name_before(before)
        last = name.split()[-1] if name else ""
        if is_ticker(inside) and last == name and is_ticker(last) and last.isupper() and len(last) + 2 <= len(inside):
            # "OM (MANTRA)": of two words in capitals the shorter is the ticker.
            yield last, inside, found.start()
        elif is_ticker(inside) and not (len(inside) == 1 and inside.isdigit()):
            if inside.upper() not in ("OLD", "NEW", "BETA"):
                yield inside.upper(), name, found.start()
        elif (
            last
            and is_ticker(last)
            and re.fullmatch(r"[A-Z0-9]*[a-z][\w .'&-]{0,38}|[A-Z][a-z][\w .'&-]*", inside)
            and not _MARKET_PHRASES.search(inside)
            and not _NOUNS.search(inside)
        ):
            yield last.upper(), inside, found.start()


def _name_before(text: str) -> str:
    pieces = re.split(
        r"[,;:&|()]|\band\b|\b(?:delist\w*|remov\w*|support\w*|for|of|the|include|via|on|to)\b", text[-80:], flags=re.I
    )
    return pieces[-1].strip() if pieces else ""


def pairs_in(text: str, splitter: SymbolSplitter, quotes: Sequence[str] = ()) -> Iterator[tuple[str, str, int, int]]:
    """(base, quote, start, stop) of every pair written with a slash or, as on OKX, with a dash.

    quotes: names that may be a quote besides the known ones, because the notice is about them.
    """
    for found in PAIR.finditer(text) if "/" in text else ():
        base, quote = found["base"].upper(), found["quote"]
        if (
            (splitter.is_quote(quote) or quote in quotes)
            and not base.isdigit()
            and (found["base"] == base or not found["base"].islower())
        ):
            yield base, quote, found.start(), found.end()
    for found in DASHED.finditer(text) if "-" in text or "_" in text else ():
        if not found["rest"]:
            yield found["base"], found["quote"], found.start(), found.end()


def without_market_phrases(text: str) -> str:
    return _MARKET_PHRASES.sub(" ", text)


def names_in(text: str, splitter: SymbolSplitter, exchange: str = "", market: str | None = None) -> Names:
    """The tokens and tickers of a list-like text.

    market: symbols without a slash are contracts in usdm and coinm, and coins or pairs otherwise.
    """
    found = Names()
    # "12 tokens (AAA, BBB)": the bracket contains a list.
    text = re.sub(r"\(([^()]*,[^()]*)\)", r", \1 ,", without_market_phrases(text))
    for base, quote, start, stop in pairs_in(text, splitter):
        written = text[start:stop]
        split = splitter.split(f"{base}/{quote}", exchange, market)
        dashed = market in DERIVATIVE_MARKETS and "/" not in written
        found.add(split.token if split else base, written if dashed else pair_name(base, quote), split)
    for symbol in DASHED.finditer(text):
        split = splitter.split(symbol[0], exchange) if symbol["rest"] else None
        if split:
            found.add(split.token, symbol[0], split)
    for symbol in CONTRACT.finditer(text):
        split = splitter.split(symbol[0], exchange)
        if split:
            found.add(split.token, symbol[0], split)
    text = CONTRACT.sub(" , ", DASHED.sub(" , ", PAIR.sub(" , ", text)))
    items = [item for item in _SEPARATOR.split(text) if item.strip()]
    listing = len(items) >= 3
    for item in items:
        _add_item(found, item.strip(), splitter, exchange, market, listing)
    return found


def pair_name(base: str, quote: str) -> str:
    return f"{base}/{quote}"


def _add_item(
    found: Names, item: str, splitter: SymbolSplitter, exchange: str, market: str | None, listing: bool
) -> None:
    brackets = [(ticker, name) for ticker, name, _ in bracketed(item)]
    if brackets:
        for ticker, _ in brackets:
            add_symbol(found, ticker, splitter, exchange, market, bracket=True)
        return
    plain = BRACKET.sub(" ", item)
    if _QUANTIFIED.search(plain):
        return
    left = " ".join(without_nouns(plain).split())
    if listing and re.fullmatch(r"[A-Z0-9]{2,8} [A-Z][a-z]{2,12}", left) and left == plain.strip():
        found.add(left.upper())
        return
    for word in re.findall(r"[^\s,;:\"']+", left):
        word = word.strip(".()[]")
        if SIDE_MARK in word or not is_ticker(word):
            continue
        if word in ("A", "I") and left != word:
            continue
        add_symbol(found, word, splitter, exchange, market)


def without_nouns(text: str) -> str:
    """A list item without words such as "token" and "pairs". FOR, MORE and PERP in capitals are tickers."""
    shouting = text.upper() == text and len(text.split()) > 3
    return _NOUNS.sub(
        lambda found: found[0] if found[0].isupper() and len(found[0]) > 1 and not shouting else " ", text
    )


def is_quantified(text: str) -> bool:
    """Whether a text gives a quantity (all, several, 12) instead of names."""
    return _QUANTIFIED.search(text.strip()) is not None


def add_symbol(
    found: Names, word: str, splitter: SymbolSplitter, exchange: str, market: str | None, bracket: bool = False
) -> None:
    """Add a word that is a ticker: a coin, or by the market a contract or a pair without a slash."""
    name = word.upper().strip("$")
    counted = re.match(r"u10{2,6}(?=[A-Z]{3})", word)
    if counted and (split := splitter.split(word[counted.end() :], exchange, "usdm")):
        # Phemex counts in hundreds.
        found.add(split.token, name, split)
        return
    if bracket or (splitter.is_known_base(name) and market not in DERIVATIVE_MARKETS):
        found.add(splitter.token(name) if market in DERIVATIVE_MARKETS else name)
        return
    if market in DERIVATIVE_MARKETS:
        split = splitter.split(name, exchange, market)
        # Expiry perpetuals are written like contracts of either kind.
        split = split or splitter.split(name, exchange, "usdm")
        if split is None and word[:1] == "k" and word[1:].isupper():
            # Thousands of a coin.
            found.add(name[1:], name)
        elif split is None:
            found.add(splitter.token(name), name if exchange in COIN_VENUES else None)
        else:
            found.add(split.token, name, split)
        return
    split = splitter.split(name, exchange, "spot")
    if split is not None and len(split.base) >= 2:
        found.add(split.token, pair_name(split.base, split.quote), split)
    elif name.endswith("PERP") and len(name) > 6 and (contract := splitter.split(name, exchange, "usdm")):
        found.add(contract.token, name, contract)
    else:
        found.add(name)
