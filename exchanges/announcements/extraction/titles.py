# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The tokens and tickers of a title, and which are at risk: a title can contain two messages of opposite meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from exchanges.announcements.classification.patterns import CEASE, DELIST, HALT, REMOVE, SWAP
from exchanges.announcements.text.dates import without_dates
from exchanges.announcements.text.names import (
    MORE,
    Names,
    bracketed,
    is_quantified,
    names_in,
    pair_name,
    pairs_in,
    without_market_phrases,
    without_shouting,
)
from exchanges.announcements.text.normalise import markets_named, normalise
from markets.networks import is_standard, network_coin
from markets.symbols import SymbolSplitter

_PREFIX = re.compile(
    r"^(?:\[[^\]]{1,40}\]\s*|ST:\s*|(?:important|update[d]?|notice|announcement|reminder|new)\s*[:|]\s*)+", re.I
)
# Where a second message begins: another verb after a comma, "and" or "&".
_MESSAGE = re.compile(
    r"(?:,\s*(?:and\s+)?|;\s*|\s+and\s+|\s*&\s*)(?=(?-i:(?![A-Z]{3,}\b))(?:will |to |has |and )?(?:remov(?:e|es|al)|delist\w*|add(?:s|ed)?|extend\w*|updat(?:e|es)\b|support(?:s)?|open(?:s)?|launch\w*|list(?:s)?\b|"
    r"ceas\w+|discontinu\w+|suspend\w*|buy ?back|conversion|convert\w*|resum\w+|adjust\w*|relist\w*|complete\w*|introduc\w+|enabl\w+|halt\w*|redenominat\w+ of|withdrawal suspension)\b)",
    re.I,
)
_ENDING = re.compile(
    rf"(?:{DELIST}|{REMOVE}|{CEASE}|{HALT}|\bend of\b|\bsuspension of\b|\btermination of\b)", re.I | re.X
)
_DELIST = re.compile(DELIST, re.I | re.X)
_SWAP = re.compile(SWAP, re.I | re.X)
_OPENING = re.compile(r"^(?:will |to |has )?(?:adds?|lists?|launch\w*|opens?|introduc\w+|enabl\w+)\b", re.I)
# The words after a list of names, which name nothing.
_TAIL = re.compile(
    r"\s(?:from|via|due to|because|for (?:the )?(?:futures|spot|perpetual|coin-m|usd\w?-m|margin|options|standard|trading)|in (?:the )?(?:perpetual|futures|spot|eea|\w+ market|certain|selected)|"
    r"as (?:a |loan|collateral)|under|following|after|until|with|on (?:the )?(?:\w+ ){0,3}(?:network|chain|platform|exchange|market|selected|ethereum|bep|binance|okx|kucoin|bybit|spot|futures|margin)|"
    r"through|over the|within|at the|to (?:the )?(?:be|facilitate|comply))\b.*$",
    re.I,
)
_LEAD_IN = re.compile(r"^.*?\b(?:supports?|supporting|supported)\s+(?:for\s+)?(?:the\s+)?", re.I)
_VIA = re.compile(r"\s(?:via|through|over|on)\s(?:the\s)?.*$", re.I)
_MAINTENANCE = re.compile(
    r"^(?P<before>.*?)\b(?:wallet (?:system )?maintenance|network maintenance|maintenance)\b\s*(?:notice)?\s*(?:for|of|on)?\s*(?:the\s)?",
    re.I,
)
_VENUE = re.compile(
    r"^(?:binance|okx|okex|kucoin|bybit|bitget|bingx|gate(?:\.io)?|coinex|blofin|bitunix|upbit|bithumb|weex|lbank|mexc|htx|huobi|kraken|coinbase|bitfinex|btcc)\b(?:'s)?"
    r"(?: (?:futures|spot|margin|alpha|options|exchange|derivatives|pro))*(?: and (?:binance |okx )?(?:futures|loans?|margin|spot))*:?\s*",
    re.I,
)
_TAGGING = re.compile(
    r"\b(?:extend\w*|add(?:s|ed|ing)?|includ\w+|appl(?:y|ies|ied)|assign\w*|plac\w+|designat\w+|warning|caution\w*|volatility|watch-?list|under review|impos\w+|tag)\b",
    re.I,
)
_UNTAGGING = re.compile(r"\b(?:remov\w+|lift\w*|cancel\w*)\b", re.I)


@dataclass
class Subjects:
    """Tokens and tickers at risk, and tokens that lose a tag. partial: the title mentions more than it names."""

    names: Names = field(default_factory=Names)
    untagged: list[str] = field(default_factory=list)
    partial: bool = False

    @property
    def needs_body(self) -> bool:
        return self.partial or not (self.names.tokens or self.names.tickers)

    def of_migration(self, leaving: Sequence[str], targets: Sequence[str], unclear: Sequence[str]) -> Subjects:
        """The subjects where the whole notice says who leaves; else the title's, without the tokens that come.

        unclear: tokens of which one is the target, and nothing says which.
        """
        if leaving or unclear:
            return Subjects(Names(list(leaving)), self.untagged)
        stays = [token for token in self.names.tokens if token not in targets]
        return replace(self, names=Names(stays)) if targets and stays else self


def subjects(title: str, category: str, splitter: SymbolSplitter, exchange: str = "") -> Subjects:
    """The names in the title of a notice of this category."""
    text = _PREFIX.sub("", without_shouting(normalise(title)[:600]))
    text = " ".join(without_dates(text).split()).strip(" -,&(")
    result = Subjects(partial=MORE.search(text) is not None)
    market = symbol_market(text)
    if category == "risk_warning":
        _risk_subjects(result, text, splitter, exchange)
    elif category == "token_migration":
        result.names.extend(_migration_names(text, splitter, exchange))
    elif category in ("hard_fork", "network_upgrade"):
        result.names.extend(_network_names(text, splitter, exchange))
    elif category == "wallet_suspension":
        result.names.extend(_wallet_names(text, splitter, exchange))
    else:
        names = _removed_names(text, splitter, exchange, market)
        result.names.extend(names if names.tokens or names.tickers else _pairs(text, splitter))
        _drop_what_is_no_coin(result.names, exchange)
    return result


def _drop_what_is_no_coin(names: Names, exchange: str) -> None:
    """The house itself ("the BTSE options desk") and currencies ("EUR and GBP markets") leave nothing."""
    venue = exchange.upper().replace(".", "")
    pairs = {split.token for split in names.splits.values()}
    names.tokens[:] = [
        token
        for token in names.tokens
        if token in pairs or not (token.replace(".", "") == venue or token in _CURRENCIES or token in _ALARMS)
    ]


_CURRENCIES = frozenset("EUR GBP USD TRY BRL JPY KRW".split())
_ALARMS = frozenset("PSA FYI NB TBA RE".split())


def symbol_market(text: str) -> str | None:
    """The market by which symbols without a slash are split: usdm or coinm in a text about contracts, else None."""
    named = markets_named(text)
    if re.search(r"\bx-perps?\b", text, re.I):
        # Expiry perpetuals are spelled like coin-margined contracts: BNBUSD is BNB in dollars.
        return "coinm"
    if "coinm" in named:
        return "coinm" if "usdm" not in named else "usdm"
    return "usdm" if "usdm" in named else None


def _removed_names(text: str, splitter: SymbolSplitter, exchange: str, market: str | None) -> Names:
    parts = _MESSAGE.split(text)
    ending = [number for number, part in enumerate(parts) if _ENDING.search(part)]
    # Where one message delists and another closes something else, the one that delists decides.
    ending.sort(key=lambda number: _DELIST.search(parts[number]) is None)
    for number in ending or [0]:
        part = parts[number]
        found = _ENDING.search(part)
        after = part[found.end() :] if found else part
        names = _listed(after, splitter, exchange, market)
        if names.tokens or names.tickers:
            return names
        if found:
            names = _listed(_VENUE.sub("", part[: found.start()]), splitter, exchange, market)
            if names.tokens or names.tickers:
                return names
    if any(is_quantified(part[found.end() :]) for part in parts if (found := _ENDING.search(part))):
        return Names()
    for number in ending:
        # "Delist and update the tiers of …": the list follows the second verb.
        for part in parts[number + 1 : number + 2] + parts[max(0, number - 1) : number]:
            if not _OPENING.search(part):
                names = _listed(re.sub(r"^.*\b(?:of|for|on|back)\b", "", part), splitter, exchange, market)
                if names.tokens or names.tickers:
                    return names
    return Names()


def _pairs(text: str, splitter: SymbolSplitter) -> Names:
    """The pairs with a slash anywhere in the title: "disable trade with USDC on USDT/USD"."""
    names = Names()
    for base, quote, _, _ in pairs_in(text, splitter):
        names.add(base, pair_name(base, quote), splitter.split(f"{base}/{quote}"))
    return names


def _listed(text: str, splitter: SymbolSplitter, exchange: str, market: str | None) -> Names:
    text = _TAIL.sub("", f" {text}")
    names = names_in(text, splitter, exchange, market)
    # "USDC trading pairs": such a list names a quote, which is not removed.
    for token in list(names.tokens):
        quoted = re.search(
            rf"(?<![\w/,]){re.escape(token)}\s+(?:spot |margin |cross |isolated )?(?:trading )?(?:pairs?|markets?)\b",
            text,
            re.I,
        )
        if quoted and is_common_quote(token) and len(names.tokens) == 1 and not names.tickers:
            names.tokens.remove(token)
    return names


def is_common_quote(token: str) -> bool:
    """Whether an asset is one by which pairs are grouped: a notice about "BTC pairs" removes pairs, not bitcoin."""
    return token in COMMON_QUOTES


COMMON_QUOTES = frozenset(
    "USDT USDC FDUSD BUSD TUSD USD USD1 USDP DAI BTC ETH BNB EUR GBP TRY BRL AUD JPY KRW RUB UAH NGN ZAR PLN RON ARS MXN COP IDR AED KCS INR THB VND TWD HKD SGD PHP IRT".split()
)


def _migration_names(text: str, splitter: SymbolSplitter, exchange: str) -> Names:
    text = re.sub(r"\badds?\b.{0,120}?\btrading pairs?\b", " ", text, flags=re.I)
    word = _SWAP.search(text)
    if word is None:
        return names_in(_VENUE.sub("", text), splitter, exchange)
    # "FOO to BAR upgrade", "swap FOO to BAR": the matched words contain the old name.
    inside = re.match(r"(?P<old>.*?)\s(?:to|for|into)\b", word.group(0), re.I)
    before = inside["old"] if inside and re.search(r"[A-Z0-9]{2}", inside["old"]) else text[: word.start()]
    before = _VENUE.sub("", _LEAD_IN.sub("", before))
    before = re.sub(r"^(?:will|to|notice|announcement|on|of|regarding|the|about|\s)+\b", "", before, flags=re.I)
    before = re.split(r"\s(?:to|into|as)\s|→|->|=>", before)[0]
    names = names_in(before, splitter, exchange)
    if not names.tokens:
        after = re.sub(
            r"^\s*(?:plan|process|event|program)?\s*(?:of|from|for|the|token|:|-|\s)*\b",
            "",
            text[word.end() :],
            flags=re.I,
        )
        pieces = re.split(r"\s(?:to|into|as|with)\s|→|->|=>", after)
        if pieces and not re.match(r"^\s*(?:to|into)\b", text[word.end() :], re.I):
            names = names_in(pieces[0], splitter, exchange)
        if re.search(r"merge", word.group(0), re.I) and len(names.tokens) > 1:
            # Of two tokens that merge, the first one ends.
            names.tokens = names.tokens[:1]
    names.tickers.clear()
    return names


def _network_names(text: str, splitter: SymbolSplitter, exchange: str) -> Names:
    body = _VENUE.sub("", _LEAD_IN.sub("", text))
    names = Names()
    for ticker, _, _ in bracketed(body):
        names.add(ticker)
    if names.tokens:
        return names
    for found in re.finditer(r"(?P<name>[\w .]{2,40}?)\s\((?P<standard>[^()]{2,12})\)", body):
        if is_standard(found["standard"]):
            names.add(network_coin(found["name"]) or network_coin(found["standard"]))
    if names.tokens:
        return names
    subject = re.split(
        r"\b(?:network|mainnet|hard[ -]?forks?|upgrad\w+|chain upgrade|protocol upgrade|to)\b", body, flags=re.I
    )[0]
    if not subject.strip():
        subject = re.sub(r"^.*?\b(?:of|for|to|on)\b\s*(?:the\s)?", "", body, flags=re.I)
    for piece in re.split(r",|&|\band\b", subject):
        _add_network(names, piece, splitter, exchange)
    if not names.tokens and len(words := subject.split()) == 2:
        # "the Ethereum Foo upgrade"
        names.add(network_coin(words[0]) or None)
    if not names.tokens:
        # "the Foo upgrade on Ethereum"
        where = re.search(r"\b(?:on|of|for)\s(?:the\s)?(?P<name>[\w .]{2,40})$", body, re.I)
        coin = network_coin(where["name"]) if where else None
        names.add(coin or None)
    return names


def _add_network(names: Names, piece: str, splitter: SymbolSplitter, exchange: str) -> None:
    name = re.sub(r"^\s*(?:the|a)\s|\s+(?:networks?|mainnet)\s*$", "", piece.strip(), flags=re.I)
    coin = network_coin(name)
    if coin is None and ":" in name:
        coin = network_coin(name.split(":")[0])
    if coin is not None:
        names.add(coin or None)
        return
    names.extend(names_in(name, splitter, exchange))


def _wallet_names(text: str, splitter: SymbolSplitter, exchange: str) -> Names:
    text = re.split(r"(?:\s&|,|\sand)\s(?=conver\w+)", text, flags=re.I)[0]
    maintenance = _MAINTENANCE.match(text)
    body = text[maintenance.end() :] if maintenance else ""
    if not re.search(r"\w", body):
        body = _VENUE.sub("", text)
    body = re.sub(
        r"^.*?\b(?:announcement|notice|updates?)\s+(?:on|of|regarding|about)\s+(?:the\s+)?", "", body, flags=re.I
    )
    before_network = _VIA.sub("", f" {body}")
    names = Names()
    for ticker, _, _ in bracketed(before_network):
        names.add(ticker)
    if not names.tokens:
        for found in re.finditer(r"(?P<name>[\w .]{2,40}?)\s\((?P<standard>[^()]{2,12})\)", before_network):
            if is_standard(found["standard"]):
                names.add(network_coin(found["name"]) or network_coin(found["standard"]))
    if not names.tokens:
        for piece in re.split(
            r",|&|\band\b",
            re.sub(
                r"\b(?:deposits?|withdrawals?|services?|suspen\w+|temporar\w+|notice|(?<!wallet )maintenance|wallets?|scheduled|network(?= wallet)|of|for|on|the)\b",
                " , ",
                before_network,
                flags=re.I,
            ),
        ):
            _add_network(names, without_market_phrases(piece), splitter, exchange)
    if not names.tokens:
        via = re.search(r"^(?:.*\b(?:via|on|over|through)|.*?\bof)\s(?:the\s)?(?P<name>[\w .&,()-]{2,80})$", body, re.I)
        for piece in re.split(r",|&|\band\b", re.sub(r"\b(?:due to|for)\b.*$", "", via["name"]) if via else ""):
            bare = re.sub(r"\([^)]*\)", " ", piece).strip()
            coin = network_coin(bare)
            if coin:
                names.add(coin)
    if not names.tokens and maintenance:
        before = re.sub(r"^.*\b(?:on|of|for|regarding)\b", "", _VENUE.sub("", maintenance["before"]), flags=re.I)
        _add_network(names, before, splitter, exchange)
    names.tickers.clear()
    return names


def _risk_subjects(result: Subjects, text: str, splitter: SymbolSplitter, exchange: str) -> None:
    others = Names()
    for part in _MESSAGE.split(text):
        listed = re.sub(
            r"^.*\b(?:to include|include|including|tags? (?:to|for|on|from)|for|to|of|on|as)\b", "", part, flags=re.I
        )
        names = names_in(listed, splitter, exchange)
        if not names.tokens:
            names = names_in(_VENUE.sub("", part), splitter, exchange)
        if _UNTAGGING.search(part) and not re.search(r"\b(?:add|extend|include|apply)\b", part, re.I):
            result.untagged.extend(token for token in names.tokens if token not in result.untagged)
        elif _TAGGING.search(part):
            result.names.extend(names)
        else:
            others.extend(names)
    if not result.names.tokens and not result.untagged:
        result.names.extend(others)
