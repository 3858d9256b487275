# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The coins, pairs and contracts that a piece of running text names, each with its place. In any language.

`exchanges.announcements.text.names` reads titles and lists. In sentences a word counts by its shape alone where it has
two letters or more, and a single letter only beside other names ("W, 1INCH and G") or a noun ("the G token").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from exchanges.announcements.frames.names.spellings import NO_NAMES, QUOTES, WORDS_TOO, Named, instruments, spelt
from exchanges.announcements.text.names import bracketed, is_ticker, without_shouting
from exchanges.announcements.text.normalise import SIDE_MARK, TERMS_MARK
from markets.networks import is_standard, network_coin
from markets.symbols import DERIVATIVE_MARKETS, SymbolSplitter

_WORD = re.compile(
    r"(?<![\w/.'-])\$?(?P<word>(?:k(?=[A-Z]{3})|(?:w|c|s|st|wst|cb|r|t|m|we|ez|i|bn|j)(?=[A-Z]{3,5}(?![A-Za-z0-9])))?[A-Z0-9][A-Za-z0-9]{0,19}(?:\.[A-Za-z]{1,6})?)(?![\w/]|[+][0-9]|[-'’][A-Za-z])"
)
# What has the shape of a ticker in running text and is none.
_NO_NAME = re.compile(
    r"\d+(?:AM|PM|H|K|M|B|X|D|TH|ST|ND|RD|MIN|S)?|Q[1-4]|V\d+(?:\.\d+)?|[A-Z]\d{1,2}|\d{1,2}:\d\d|(?:UTC|GMT)[+-]?\d*|20\d\d|\d+(?:ST|ND|RD|TH)|"
    r"ID\d*|H[12]|\d+X|SHA\d*|T[+-]\d|N/?A"
)
COMMON_QUOTES = frozenset("USDT USDC FDUSD BUSD TUSD BTC ETH BNB KCS OKB EUR USD TRY KRW JPY TWD".split())
# A coin that names a market of pairs: "the BTC market", "USDT pairs".
_MARKET_NOUN = re.compile(
    r"^\s?(?:[- ]?(?:denominated|quoted|margined|settled)\s)?(?:spot\s|trading\s)*(?:markets?\b|pairs?\b|pairings?\b|마켓|交易區|交易区|市场|市場|マーケット|建て|pazar|işlem çift|рын|пар|thị trường|cặp)",
    re.I,
)
_MARKETS_LISTED = re.compile(r"(?:마켓|\bmarkets?|市场|市場|マーケット)\s?:\s?(?:[A-Z]{3,5},\s)*$", re.I)
_VENUE_NOUN = re.compile(r"^\s?(?:交易所|거래소|取引所|exchange\b|borsası|бирж)", re.I)
# Coins of which other products leave: "all BAR leveraged tokens". And the venue that delists: "FOO WILL DELIST AAA".
_PRODUCT_NOUN = re.compile(r"^\s(?:\w{1,12}\s)?leveraged\stokens?\b", re.I)
# "GMO Trust", and "PROB-пары": pairs in a coin.
_COMPANY = re.compile(r"^\s(?:Trust|Inc|Ltd|Limited|Securities|Bank|Holdings|Corp|Capital|Ventures)\b")
_PAIRS_IN_RUSSIAN = re.compile(r"^-пар[аыу]?\b")
# "Closing bell for FOO against ETH", "settled in BTC"
_ONLY_A_QUOTE = re.compile(
    r"\b(?:against|versus|vs\.?|(?:settled|margined|paid|denominated|quoted|priced) in)\s(?:the\s)?$", re.I
)
# C98: in a list of coins alone; Q4 and T20 are none.
_COIN_WITH_NUMBER = re.compile(r"[A-Z]\d{2}")
_VENUE_VERB = re.compile(r"^\s(?:will|to)\s(?:delist|remove|discontinue|list)\s", re.I)
_LISTED_WITH = re.compile(r"^\s*(?:,|&|/|\+|;|·|\band\b|\bor\b|\bplus\b|와|과|及|和|と|ve\b|и\b|và\b|\|)")
_LISTED_AFTER = re.compile(r"(?:,|&|/|\+|;|·|\band|\bor|\bplus|와|과|及|和|と|\bve|\bи|\bvà|\||:)\s*$")
_NOUN_AFTER = re.compile(
    r"^\s*(?:\(|tokens?\b|coins?\b|deposits?\b|withdrawals?\b|holders?\b|trading\b|network\b|wallets?\b|pairs?\b|spot\b|perpetual|futures|代币|代幣|토큰|トークン)",
    re.I,
)
_NOUN_BEFORE = re.compile(r"(?:\btokens?|\bcoins?|\bticker|\bcalled|\bsymbol|\$|代币|代幣)\s*$", re.I)
_NETWORK_NAME = re.compile(
    r"(?P<name>[a-z]?[A-Z][\w.-]{1,20}(?:\s(?:[A-Z][\w.-]{0,20}|2\.0))?(?:\s[A-Z][\w.-]{0,20})?)(?P<bracket>\s\([^()]{1,30}\))?(?=(?:['’]s)?\s(?:[Nn]etwork|[Mm]ainnet|[Cc]hain|[Bb]lockchain|[Pp]rotocol|[Nn]odes?|[Ww]allets?|[Dd]eposits?|[Ww]ithdrawals?|[Tt]ransfers?|[Hh]ard|[Ff]ork|[Uu]pgrade|[Mm]aintenance|[Tt]okens?|网络|網絡|網路|主网|네트워크|ネットワーク|ağ|сет))"
)
MAX_NAMES = 400


def named_in(
    text: str,
    splitter: SymbolSplitter,
    exchange: str,
    market: str | None,
    dates: Sequence[tuple[int, int]] = (),
    coins: bool = True,
) -> tuple[Named, ...]:
    """The names of a normalised text, in its order. coins: also those of coins alone, not only of instruments.

    market: by which symbols without a slash are split: contracts in usdm and coinm, else spot pairs.
    dates: the places of dates, which name nothing.
    """
    text = without_shouting(text)
    if _LOWER_PAIR.fullmatch(text):
        text = text.upper()
    if "_" in text:
        text = _LOWER_IN_TEXT.sub(lambda found: found[0].upper(), text)
    taken: list[tuple[int, int]] = list(dates)
    found: list[Named] = []

    def free(start: int, stop: int) -> bool:
        return all(stop <= left or right <= start for left, right in taken)

    def add(item: Named) -> None:
        if free(item.start, item.stop):
            taken.append((item.start, item.stop))
            found.append(item)

    for item in (*spelt(text, splitter), *instruments(text, splitter, exchange, market)):
        add(item)
    if not coins:
        return tuple(sorted(found, key=lambda item: item.start))
    for ticker, name, start in bracketed(text):
        stop = text.find(")", start) + 1
        if not ticker.isascii() and ticker != name:
            # A remark in Chinese, and no coin's name.
            continue
        if is_standard(ticker):
            words = name.split()
            coin = next((coin for first in range(len(words)) if (coin := network_coin(" ".join(words[first:])))), None)
            if coin and free(start, stop):
                begin = start - len(words[-1]) - 1
                add(Named(coin, None, begin if free(begin, stop) else start, stop, network=True))
        elif (ticker not in NO_NAMES or _is_short_for(ticker, name)) and free(start, stop):
            begin = _begin_of_name(text, start)
            add(Named(splitter.token(ticker) if market in DERIVATIVE_MARKETS else ticker, None, begin, stop))
    for item in _networks(text):
        add(item)
    for item in _words(text, splitter, market, exchange):
        if len(found) >= MAX_NAMES:
            break
        add(item)
    return tuple(sorted(found, key=lambda item: item.start))


def _is_short_for(ticker: str, name: str) -> bool:
    """Whether a common abbreviation in brackets is the ticker of the name before it: Gitcoin (GTC)."""
    last = name.split()[-1] if name.split() else ""
    return ticker in WORDS_TOO and last[:1].upper() == ticker[0] and last[1:].islower()


# The words in one bracketed name, read back from its bracket: "Bitcoin SV (BSV)".
_NAME_BEFORE = re.compile(r"(?:(?<![\w'’])[A-Z0-9][\w.&'-]{0,20}\s?){1,4}$")
# Words in a title with capitals that are no part of the name that follows them.
_NO_NAME_WORD = re.compile(
    r"will|to|lists?|listing|(?:de|re)lists?|delist\w+|remov\w+|suspen\w+|stops?|halt\w*|ends?|ending|clos\w+|support\w*|retir\w+|drop\w*|paus\w+|add\w*|launch\w*|opens?|opening|resum\w+|"
    r"terminat\w+|discontinu\w+|ceas\w+|withdraw\w*|deposits?|trading|trade|spot|futures|margin|notice|announcement|for|of|on|in|and|new|old|the|upgrade\w*|migrat\w+|swap\w*|renam\w+|rebrand\w*|completes?",
    re.I,
)

# "Sunsetting Foo (FOO)": the first word of what is read as the name says what happens.
_FIRST_VERB = re.compile(r"[A-Z][a-z]{2,}ing|Cuts?|Pulls?|Axes?|Ditch(?:es)?|Sunsets?|Phas(?:es|e)")


def _begin_of_name(text: str, bracket: int) -> int:
    """Where the name before a bracket begins, which is no other coin: three words with capitals at most."""
    found = _NAME_BEFORE.search(text, max(0, bracket - 66), bracket)
    if found is None:
        return bracket
    begin = found.start()
    for word in re.finditer(r"\S+", found[0]):
        verb = _NO_NAME_WORD.fullmatch(word[0]) or (word.start() == 0 and _FIRST_VERB.fullmatch(word[0]))
        if verb and not text[bracket + 1 :].startswith(word[0][:3].upper()):
            begin = found.start() + word.end() + 1
    return min(begin, bracket)


# An item that is a pair and nothing else is one in any case.
_LOWER_PAIR = re.compile(r"\W{0,3}[a-z0-9]{1,12}[/_-][a-z]{3,5}\W?")
_LOWER_IN_TEXT = re.compile(r"(?<![\w/-])[a-z0-9]{1,12}_(?:usdt|usdc|usd|btc|eth)(?!\w)")
_DOMAIN = re.compile(r"\w+\.(?:COM|IO|ORG|NET|CO|AI|XYZ)")


_WAY = re.compile(
    r"\b(?:via|over|on|through|across|of|for|from)\s(?:the\s)?(?P<name>[A-Z][\w.-]{2,20}(?:\s[A-Z][\w.-]{1,20}){0,2})"
)


# "Stacks is about to fork"
_FORKS = re.compile(
    r"\W{0,3}(?P<name>[A-Z][\w.-]{2,20}(?:\s[A-Z][\w.-]{1,20})?)\s(?:is|will|has|forks?|upgrades?|undergoes|activates|enters|performs|conducts)\b(?:[^.]{0,60}\b(?:fork|upgrade|update)|\s(?:epoch|the))?",
)
# A row of a list: "Algorand - from 22:00"
_ROW_OF_NETWORK = re.compile(
    r"\W{0,3}(?P<name>[A-Z][A-Za-z][\w.-]{1,20}(?:\s[A-Z][\w.-]{1,20}){0,2})\s?(?:[-:|]|\sfrom\b)\s?(?=\D{0,12}\d)"
)
# Of what upgrades or forks a name alone tells: "Ronin goes L2". "An Ethereum L2" is none.
_CHANGE = re.compile(
    r"\b(?:hard ?-?fork|forks?|upgrad\w+|mainnet|L2|node|nodes|epoch|runtime|consensus|protocol)\b", re.I
)
_PLAIN_NETWORK = re.compile(
    r"(?<![\w/.'-])(?P<name>[A-Z][a-z]{3,14}(?:\s(?:Cash|Classic|SV|Hub))?)(?![\w/(-]|\s?\(|\s(?:block|height|L2|L1|[Ll]ayer|ecosystem|rollup|tokens?))"
)
_WORDS_OF_ALL_DAYS = frozenset(
    "Base Core Flow Mode Near Hive Beam Story Movement Merlin Blast Scroll Waves Flux Saga Optimism Symbol Secret Harmony Fuse Sonic Band Plasma Mantle Sophon Persistence Casper Concordium Radix Plume Terra".split()
)
_CARRIED = re.compile(r"\b[A-Z][A-Z0-9]{1,9}t?\s(?:\w+\s){0,3}$")


def _is_way(text: str, match: re.Match[str]) -> bool:
    """Whether a ticker is the network on which another coin before it is carried: "USDC over XLM"."""
    way = match[0].split()[0].lower()
    return way in ("via", "over", "on", "through", "across") and _CARRIED.search(text, 0, match.start()) is not None


@lru_cache(maxsize=4_096)
def _networks(text: str) -> tuple[Named, ...]:
    """Networks that are named without a ticker: "the Ethereum network"."""
    return tuple(_each_network(text))


def _each_network(text: str) -> Iterator[Named]:
    for match in _NETWORK_NAME.finditer(text):
        words = match["name"].split()
        for first in range(len(words)):
            coin = network_coin(" ".join(words[first:]))
            if coin:
                yield Named(coin, None, match.start(), match.end(), network=True)
                break
    row = _ROW_OF_NETWORK.match(text)
    if row is not None and (coin := network_coin(row["name"])):
        yield Named(coin, None, row.start("name"), row.end("name"), network=True)
    subject = _FORKS.match(text)
    if subject is not None and (coin := network_coin(subject["name"])):
        yield Named(coin, None, subject.start("name"), subject.end("name"), network=True)
    if _CHANGE.search(text):
        for match in _PLAIN_NETWORK.finditer(text):
            word = match["name"]
            if (coin := network_coin(word)) and word not in _WORDS_OF_ALL_DAYS:
                yield Named(coin, None, match.start("name"), match.end("name"), network=True)
    for match in _WAY.finditer(text):
        words = match["name"].split()
        for last in range(len(words), 0, -1):
            coin = network_coin(" ".join(words[:last]))
            if coin == match["name"][: len(coin or "-")] and last == 1 and not _is_way(text, match):
                # "Deposits of NEAR", "options on BTC and ETH": the coin itself.
                break
            if coin:
                yield Named(
                    coin, None, match.start("name"), match.start("name") + len(" ".join(words[:last])), network=True
                )
                break


def _words(text: str, splitter: SymbolSplitter, market: str | None, exchange: str) -> Iterator[Named]:
    venue = exchange.upper()
    for match in _WORD.finditer(text):
        word = match["word"]
        shouted = word.upper()
        thousands = market in DERIVATIVE_MARKETS and word[0] == "k" and word[1:].isupper()
        wrapped = not thousands and word[0].islower() and shouted not in NO_NAMES
        if (word != shouted and not thousands and not wrapped) or not is_ticker(word):
            continue
        before, after = text[max(0, match.start() - 45) : match.start()], text[match.end() : match.end() + 45]
        if (
            shouted in WORDS_TOO
            and not (text.isupper() and text.isascii())
            and _is_listed(before, after, shouted not in _DETERMINERS)
        ):
            yield Named(shouted, None, match.start(), match.end())
            continue
        if _COIN_WITH_NUMBER.fullmatch(word) and _is_listed(before, after, noun=False):
            yield Named(word, None, match.start(), match.end())
            continue
        if shouted in NO_NAMES or _NO_NAME.fullmatch(shouted) or SIDE_MARK in word or TERMS_MARK in word:
            continue
        dollar = text[match.start()] == "$"
        if len(word) > 5 and word.isalpha() and word == text.strip(" :.-"):
            # A heading in capitals.
            continue
        if len(word) > 10 and word.isalpha() and not dollar:
            # So long are words that are shouted.
            continue
        if (
            shouted in QUOTES
            and not dollar
            and not (
                shouted in _STABLE
                and (_is_carried(text, match, before) or _is_moved(text, before, after) or _is_subject(text, match))
            )
        ):
            continue
        full = _TWO_WORDS.search(before)
        if full is not None and network_coin(f"{full[1]} {word}") not in (None, ""):
            # "Bitcoin SV" is BSV, and no SV.
            continue
        if network_coin(word) not in (None, word) and not dollar:
            # TRON, XRPL: a network by its name.
            coin = network_coin(word)
            if coin:
                yield Named(coin, None, match.start(), match.end(), network=True)
            continue
        if thousands:
            yield Named(
                word[1:] if word[0] == "k" else shouted, shouted, match.start(), match.end(), word[1:], "", "usdm"
            )
            continue
        if (
            shouted == venue
            or _DOMAIN.fullmatch(shouted)
            or (shouted in COMMON_QUOTES and _MARKET_NOUN.match(after))
            or (shouted in COMMON_QUOTES and _MARKETS_LISTED.search(before))
            or _VENUE_NOUN.match(after)
            or _PRODUCT_NOUN.match(after)
            or _COMPANY.match(after)
            or _ONLY_A_QUOTE.search(before)
            or (word == "U" and after.lstrip().startswith("本位"))
            or _PAIRS_IN_RUSSIAN.match(after)
            or (not before and _VENUE_VERB.match(after))
        ):
            continue
        if word in ("A", "I") and not dollar and not (before.endswith(", ") or after.startswith(", ")):
            continue
        if len(word) == 1 and (
            (match.start() == 0 and _NAME_IN_NEXT_CELL.match(after))
            or (_NUMBERED.search(before) and _NUMBER_NEXT.match(after))
        ):
            # "W | Wormhole", "5) G 6) HST"
            yield Named(word, None, match.start(), match.end())
            continue
        if len(word) == 1 and not dollar and (_COUNTS.search(before) or not _is_listed(before, after)):
            continue
        token = splitter.token(shouted) if market in DERIVATIVE_MARKETS else shouted
        yield Named(token, None, match.start(), match.end())


_NAME_IN_NEXT_CELL = re.compile(r" \| [A-Z][a-z]+(?: |$)")
_NUMBERED, _NUMBER_NEXT = re.compile(r"\d\)\s$"), re.compile(r"\s\d{1,2}\)")
# "ALL withdrawals" and "NEW tokens" count coins and name none.
_DETERMINERS = frozenset("ALL NEW NOT ONE MORE FOR END".split())
# "Group A", "Wave B"
_COUNTS = re.compile(
    r"\b(?:group|batch|wave|tier|zone|class|series|part|phase|option|case|annex|table|type|plan|list|step|section|category|schedule|appendix|protocol|round|level|block)\s$",
    re.I,
)
_TWO_WORDS = re.compile(r"\b([A-Z][a-z]{2,14})\s$")
_STABLE = frozenset("USDT USDC FDUSD BUSD TUSD USD1".split())
# What follows or precedes a stablecoin that is itself deposited and withdrawn.
_ON_NETWORK = re.compile(
    r"^(?:\s?\((?P<standard>[A-Z]{2,5}-?\d{0,4}[A-Z]?)\)|\s(?:(?:deposits?|withdrawals?|transfers?|tokens?)\s){0,3}(?:on|over|via|through|across|в сети|по сети)\s(?:the\s)?(?P<name>[A-Z][\w-]{1,14}))"
)
_OF_NETWORK = re.compile(r"(?P<standard>[A-Z]{2,5}-?\d{0,4})[\s之的版-]{1,3}$")


_MOVES = re.compile(
    r"\b(?:deposit|withdraw|send|sent|transfer|receiv|payout|in or out)\w*|充|提|入金|出金|입금|출금|ввод|вывод|nạp|rút|yatırma|çekme",
    re.I,
)
_TRADES = re.compile(
    r"\b(?:pairs?|markets?|trad\w+|quot\w+|convert\w*|swap\w*|settle\w*|paid|pay|rewards?|worth)\b|交易|거래|取引|торг|\d",
    re.I,
)


def _is_moved(text: str, before: str, after: str) -> bool:
    """Whether a stablecoin is one of several coins that are sent: "don't send ETH, USDC or AERO"."""
    return _is_listed(before, after) and _MOVES.search(text) is not None and _TRADES.search(text) is None


_SUBJECTS_BEFORE = re.compile(r"\W{0,3}(?:[A-Z0-9]{2,10}(?:,\s(?:and\s)?|\sand\s|\s&\s)){0,8}")
_SUBJECT_AFTER = re.compile(
    r"(?:(?:,\s(?:and\s)?|\sand\s|\s&\s)[A-Z0-9]{2,10}){0,8}\s(?:is|are|will|leaves?|go(?:es)?)\b(?!\s(?:used|paid|accepted))"
)


def _is_subject(text: str, match: re.Match[str]) -> bool:
    """Whether a stablecoin is what a sentence is about: "TUSD and USDP are delisted"."""
    before = _SUBJECTS_BEFORE.match(text)
    return before is not None and before.end() >= match.start() and _SUBJECT_AFTER.match(text, match.end()) is not None


def _is_carried(text: str, match: re.Match[str], before: str) -> bool:
    """Whether a stablecoin is the thing carried over a network and not the quote of a pair: "USDT on TRC20"."""
    for found in (_ON_NETWORK.match(text[match.end() : match.end() + 80]), _OF_NETWORK.search(before)):
        if found is not None:
            name = found["standard"] or found.groupdict().get("name") or ""
            if is_standard(name) or network_coin(name) is not None:
                return True
    return False


_NEIGHBOUR = re.compile(r"[A-Z0-9]{2,12}\)?\s*(?:\([^()]{1,30}\)\s*)?$")
_FOLLOWER = re.compile(r"\s*\(?[A-Z0-9]{1,12}\b")
_NAME_IN_BRACKETS = re.compile(r"\s?\([^()]{1,30}\)")


def _is_listed(before: str, after: str, noun: bool = True) -> bool:
    """Whether a single letter stands among names, or (noun) before a noun for coins."""
    if noun and _NOUN_AFTER.match(after) and not re.match(r"\s*\(", after):
        return True
    if named := _NAME_IN_BRACKETS.match(after):
        after = after[named.end() :]
    if _NOUN_BEFORE.search(before):
        return True
    joined = _LISTED_WITH.match(after)
    if joined and _FOLLOWER.match(after, joined.end()):
        return True
    before_join = _LISTED_AFTER.search(before)
    return before_join is not None and _NEIGHBOUR.search(before[: before_join.start()]) is not None
