# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The tokens that a notice of a swap mentions, each as one character: a pattern can then say what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from exchanges.announcements.text.names import EXCHANGES, PAIR, bracketed, is_ticker, without_shouting
from markets.networks import is_standard, network_coin
from markets.symbols import SymbolSplitter

# Characters for private use: no notice has them after `masked`.
_TOKEN, _PAIR, _LIMIT = 0xE000, 0xE800, 0x7F0
TOKEN, PAIRED = "[\ue000-\ue7ff]", "[\ue800-\uefff]"
ANY = "\ue000-\uefff"
# As many as a real notice has; each slows every sentence down.
_MOST_PROJECTS = 60
_ANY_WORD = re.compile(r"(?<![\w/.-])\$?(?P<name>[A-Za-z0-9]{1,24}(?:_PERP)?)(?![\w/]|[.-]\w)")
_CONTRACT = re.compile(r"(?P<base>[A-Z0-9]{1,15}?)(?P<quote>USDT|USDC|FDUSD|BUSD|TUSD|USD1|USD|BTC|ETH|BNB)(?:_PERP)?$")
# "Foo (FOO)" and "FOO (Foo)"
_TWICE = re.compile(f"({TOKEN})(?:\\s?\\(?\\1\\)?)+")
# Chinese, Japanese and Korean put no blank beside a ticker.
_EDGE = re.compile(
    r"(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])(?=[A-Za-z0-9$])|(?<=[A-Za-z0-9)])(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])"
)
_PRIVATE = re.compile(f"[{ANY}]")
_WORD = re.compile(r"(?<![\w/.-])\$?(?:[a-z]{0,3}[A-Z0-9]{2,20}[a-z]?)(?![A-Za-z0-9_/]|[.-][A-Za-z0-9])")
# "V2", "Q4", "3M" and codes of rules.
_NO_NAME = re.compile(r"(?:[VQ]\d+|\d+[A-Z]?|UTC\d*|GMT\d*|\d+X)$")
# "1 FOO = 4 BAR", "1:4 FOO": a single letter beside a number is a name as well.
_COUNTED = re.compile(r"(?<![\w.,])\d[\d,.]{0,15}\s(?P<name>[A-Z][A-Z0-9]{0,11})(?![\w/])")
# "under the ticker G", "the old ticker: LIT"
_CALLED = re.compile(
    r"\b(?:ticker|symbol|code)s?(?:\s(?:of|is|to|as|from|name))?\s?:?\s?[\"']?(?P<name>[A-Z][A-Z0-9]{0,11})\b"
)
# A single letter as the words around it show it to be a name, by its place before or behind them.
_SINGLE = (
    re.compile(
        r"(?<![\w/.'’-])(?P<name>[A-Z])(?=\s?(?:代[币幣]|토큰|トークン|токен|으?로(?![\uac00-\ud7af])|へ|として|'(?:y?[ea]|n[ea])\b)|\s(?:olarak|adıyla|tokeni|token'\w*)(?!\w))"
    ),
    re.compile(
        r"(?:[为為成至到原]|\b(?:sang|thành|на|в|to|into|as|formerly)\s|→|->|=>)\s?(?P<name>[A-Z])(?![\w/.'’-]|(?<=[AI])\s[A-Za-z])"
    ),
)
# "the FOO/BAR swap"
_CHANGED = re.compile(r"(?<![\w/.-])(?P<old>[A-Z][A-Z0-9]{1,11})\s?/\s?(?P<new>[A-Z][A-Z0-9]{0,11})(?![\w/.-])")
_INTO = re.compile(r"\s?(?:\binto\b|\bto\b|->|=>|→)", re.I)
_PROJECT = re.compile(r"[A-Z][A-Za-z0-9-]{2,20}(?:\.[A-Za-z]{2,8})?(?:\s[A-Z][A-Za-z0-9-]{1,20}){0,2}")
# A project's name in a script that puts blanks between words, or that has one for names alone.
_NATIVE = r"[\uac00-\ud7af]{1,12}|[\u30a0-\u30ff]{2,16}|[\u0410-\u042f\u0401][\u0430-\u044f\u0451]{2,16}"
# Words of a message before a project's name.
_NO_PROJECT = re.compile(
    r"(?:formerly|previously|originally|old|new|the|its|their|now|will|is|are|as|from|into|with|by|takes?|over|holders?|token|tokens|coin|called|named|between|both|of|for|and|to|users?|"
    r"(?:replac|becom|succeed|absorb|merg|swap|rebrand|re-brand|renam|chang|supersed|conver|migrat|upgrad|support|redenominat|updat|delist|remov|exchang|combin)\w*)$",
    re.I,
)
# Capitals of notices that are no coins.
_ABBREVIATIONS = frozenset(
    "IOCO CML ADL FAQ FAQS UTC GMT KST HKT CET EST PST JST API BSC AI ID OLD NEW TBA TBD POW POS DAO USA".split()
)


@dataclass
class Mentions:
    """The names of a notice. projects: a project's name (lower case) → its ticker, "" where several coins have it.

    titled: those of its title. firm: those that are coins for certain: of the title, of a pair, or where the title names
    none, in brackets.
    """

    splitter: SymbolSplitter
    names: list[str] = field(default_factory=list)
    titled: frozenset[str] = frozenset()
    firm: set[str] = field(default_factory=set)
    projects: dict[str, str] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    # Pairs of the title that are no pairs: the old and the new name.
    changed: set[tuple[str, str]] = field(default_factory=set)
    # And those that list what merges: "AAA/BBB into CCC".
    listed: set[tuple[str, str]] = field(default_factory=set)
    _place: dict[str, int] = field(default_factory=dict)
    _patterns: tuple[re.Pattern[str], re.Pattern[str]] | None = None

    def add(self, spelling: str) -> None:
        name = spelling.strip("$").upper()
        if name and name not in self._place and len(self.names) < _LIMIT:
            self._place[name] = len(self.names)
            self.names.append(name)
        if name in self._place:
            self._place.setdefault(spelling.strip("$"), self._place[name])

    def masked(self, text: str) -> str:
        """The text with one character for each token, and one for each pair with a token or a known quote."""
        text = PAIR.sub(self._pair, _EDGE.sub(" ", _PRIVATE.sub(" ", text)))
        brackets, projects = self._compiled()
        text = _ANY_WORD.sub(self._named, brackets.sub(self._named, text))
        return _TWICE.sub(r"\1", projects.sub(self._project, text) if self.projects else text)

    def token(self, character: str) -> str:
        return self.names[ord(character) - _TOKEN]

    def tokens(self, text: str) -> list[str]:
        """The tokens of a masked text, pairs apart."""
        return [self.token(one) for one in re.findall(TOKEN, text)]

    def pairs_of(self, text: str) -> list[tuple[str, str]]:
        """(base, quote) of the pairs of a masked text."""
        return [self.pairs[ord(one) - _PAIR] for one in re.findall(PAIRED, text)]

    def is_contract(self, name: str) -> bool:
        """Whether a name may be that of an instrument."""
        found = _CONTRACT.match(name)
        return found is not None and len(found["base"]) > 2

    def _pair(self, found: re.Match[str]) -> str:
        base, quote = found["base"].upper(), found["quote"]
        if (base, quote) in self.changed:
            between = "and" if (base, quote) in self.listed else "/"
            return f"{chr(_TOKEN + self._place[base])} {between} {chr(_TOKEN + self._place[quote])}"
        if not (self.splitter.is_quote(quote) or quote in self._place) or base.isdigit():
            return found[0]
        return self._paired(base, quote) or found[0]

    def _paired(self, base: str, quote: str) -> str:
        if len(self.pairs) >= _LIMIT:
            return ""
        self.pairs.append((base, quote))
        return chr(_PAIR + len(self.pairs) - 1)

    def _named(self, found: re.Match[str]) -> str:
        place = self._place.get(found["name"])
        if place is not None:
            return chr(_TOKEN + place)
        contract = _CONTRACT.match(found["name"])
        if contract and contract["base"] in self._place:
            return self._paired(contract["base"], contract["quote"]) or found[0]
        return found[0]

    def _project(self, found: re.Match[str]) -> str:
        # A name that is another coin's ticker in capitals was read before.
        place = self._place.get(self.projects.get(found[0].lower(), ""))
        return found[0] if place is None else chr(_TOKEN + place)

    def _compiled(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        if self._patterns is None:
            longest = sorted(self.projects, key=len, reverse=True)
            names = "|".join(map(re.escape, longest)) or r"(?!)"
            self._patterns = (
                re.compile(rf"(?<![\w/])(?:(?:{names}|{_NATIVE})\s?)?\(\s?\$?(?P<name>[A-Za-z0-9]{{1,20}})\s?\)", re.I),
                re.compile(rf"(?<![\w/])(?:{names})(?![\w/])", re.I),
            )
        return self._patterns


def mentions(title: str, texts: Sequence[str], spoken: Iterable[str], splitter: SymbolSplitter) -> Mentions:
    """The names of a notice. texts: its sentences; spoken: those that speak of a swap, where capitals alone are names."""
    found = Mentions(splitter)
    title, texts, spoken = (
        _EDGE.sub(" ", without_shouting(title)),
        [_EDGE.sub(" ", text) for text in texts],
        [_EDGE.sub(" ", text) for text in spoken],
    )
    _add_bracketed(found, title)
    for text in (title, *spoken):
        _add_words(found, text)
        if text is title:
            for pair in PAIR.finditer(title):
                if not splitter.is_quote(pair["base"].upper()) and splitter.is_quote(pair["quote"]):
                    found.add(pair["base"])
            for pair in _CHANGED.finditer(title):
                if not any(map(splitter.is_quote, pair.groups())) and all(map(_is_name, pair.groups())):
                    found.add(pair["old"])
                    found.add(pair["new"])
                    found.changed.add((pair["old"], pair["new"]))
                    if _INTO.match(title, pair.end()):
                        found.listed.add((pair["old"], pair["new"]))
            found.titled = frozenset(found.names)
            found.firm.update(found.names)
    for text in texts:
        _add_bracketed(found, text)
        for pair in PAIR.finditer(text):
            base = pair["base"].upper()
            if splitter.is_quote(pair["quote"]) and not splitter.is_quote(base) and not base.isdigit():
                found.add(base)
                found.firm.add(base)
    return found


def _add_bracketed(found: Mentions, text: str) -> None:
    for ticker, name, _ in bracketed(text):
        if "/" in ticker or not _is_name(ticker):
            continue
        found.add(ticker)
        if ticker.lower() == name.lower():
            found.add(name)
        if not found.titled and ticker in text:
            found.firm.add(ticker)
        words = name.split()
        while words and (_NO_PROJECT.match(words[0].strip(",.:;'\"")) or not words[0].isascii()):
            words.pop(0)
        project = _PROJECT.fullmatch(" ".join(words))
        if not project or project[0].upper() in EXCHANGES:
            continue
        if len(found.projects) >= _MOST_PROJECTS:
            continue
        known = found.projects.setdefault(project[0].lower(), ticker)
        if known != ticker:
            # Both coins have the project's name: it means neither.
            found.projects[project[0].lower()] = ""


def _add_words(found: Mentions, text: str) -> None:
    for word in _WORD.finditer(text):
        if _is_name(word[0]) and any(letter.isupper() for letter in word[0]):
            found.add(word[0])
    for pattern in (_COUNTED, _CALLED, *_SINGLE):
        for word in pattern.finditer(text):
            if _is_name(word["name"]):
                found.add(word["name"])


def _is_name(word: str) -> bool:
    bare = word.strip("$").upper()
    return (
        is_ticker(word)
        and not is_standard(bare)
        and not _NO_NAME.match(bare)
        and bare not in _ABBREVIATIONS
        and network_coin(bare) in (None, bare)
    )
