# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Who leaves and who stays where tokens are swapped, merged, redenominated or renamed. Pure.

The words around the names decide, in the body before the title: a token leaves that is swapped for another one, or
whose trading ends; the token that it is swapped for never leaves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from exchanges.announcements.extraction.body import split_at_opening
from exchanges.announcements.frames.swaps.columns import columns_of
from exchanges.announcements.frames.swaps.mentions import ANY, TOKEN, Mentions, mentions
from exchanges.announcements.frames.swaps.relations import (
    BACKWARD,
    COUNTED,
    FORWARD,
    LINKED,
    LINKED_BEHIND,
    LIST,
    TOGETHER,
    UNIT_RATIO,
)
from exchanges.announcements.frames.swaps.words import (
    BORDER,
    CHANGES,
    DENIED,
    ENDS,
    JOINT,
    MERGED,
    NAMED,
    NOT_ENDING,
    OPENS,
    OTHER_UNITS,
    RELATES,
    STAYS,
    TRADED,
)
from exchanges.announcements.text.clauses import Clause
from markets.symbols import SymbolSplitter


@dataclass(frozen=True)
class Parties:
    """leaving: tokens that cease or are swapped. targets: tokens that stay or come. renamed: (old, new) tickers of one
    coin. All are empty where the notice does not say who leaves. unclear: several that become one, where it does not
    say which of them that is. swapped: the notice says of one that leaves that it becomes one that comes, and no money;
    stated: its title or a table of old and new tokens does.
    """

    leaving: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    unclear: tuple[str, ...] = ()
    swapped: bool = False
    stated: bool = False


# Coins by which others are priced leave only where the title is about them.
_MONEY = frozenset("USDT USDC FDUSD BUSD TUSD USD USD1 BTC ETH BNB EUR GBP TRY BRL KRW JPY".split())
# What stands behind these is why trading ends.
_OCCASION = re.compile(
    r"\b(?:for(?! (?:the exit|good)\b)|due to|because|ahead of|after|before|amid|following)\b.*", re.I
)
# Coins by whose names chains are called: "FOO moves from Ethereum (ETH) to Solana (SOL)".
_CHAINS = frozenset(
    "ETH BNB SOL MATIC POL TRX AVAX FTM ARB OP NEAR TON ADA ATOM CELO ALGO APT SUI SEI EOS BASE".split()
)
_ON_CHAIN = re.compile(rf"\b(?:on|from|to|via)\s(?:the\s)?({TOKEN})", re.I)
# A title with these may end no trading.
_WALLET = re.compile(
    r"\b(?:deposit|withdraw|wallet|yatırma|çekim|депозит|ввод|вывод|nạp|rút)|充[值币幣]|提[现現币幣]|입출금|입금|출금|入金|出金",
    re.I,
)
_MAX_CLAUSES = 300
# No sentence that says who is swapped for whom is longer, and no notice has more text about it.
_LONGEST, _MOST_TEXT = 1_000, 40_000


@dataclass
class _Counts:
    """Counts by token: how often the notice says that it is swapped, swapped for, ends, opens or stays."""

    old: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    opens: Counter[str] = field(default_factory=Counter)
    stays: Counter[str] = field(default_factory=Counter)
    # Those of whose pairs it says that they end.
    paired: Counter[str] = field(default_factory=Counter)
    pairs: list[tuple[str, str, bool]] = field(default_factory=list)
    ratios: list[tuple[str, str]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    # Tokens of which several make one of another, or one makes several.
    counted: set[str] = field(default_factory=set)


def parties(title: str, clauses: Sequence[Clause], splitter: SymbolSplitter, exchange: str = "") -> Parties:
    """The parties of a notice about a swap, a merge, a redenomination or a change of ticker; title normalised."""
    read = _readable(clauses)
    texts = [clause.text for clause in read]
    known = mentions(title, texts, [text for text in texts if CHANGES.search(text) or RELATES.search(text)], splitter)
    rows = list(dict.fromkeys(columns_of(read, splitter, exchange)))
    for old, new, _ in rows:
        known.add(old)
        known.add(new)
    if not known.names:
        return Parties()
    headline, body = _Counts(), _Counts()
    for old, new, named in rows:
        # Their headings say so of each row; a sentence may count a name twice.
        body.old[old] += 3
        body.new[new] += 3
        body.pairs.append((old, new, named))
    masked = known.masked(title)
    came = _relations(masked, known, headline)
    if not _WALLET.search(title):
        _trading(Clause(title), _OCCASION.sub("", masked), "", known, headline, came, certain=True)
    for clause in read:
        masked = known.masked(clause.text)
        told = _relations(masked, known, body)
        _trading(clause, masked, known.masked(clause.lead) if clause.item else "", known, body, told)
    leaving = [name for name in known.names if _leaves(name, known, headline, body)]
    targets = [name for name in known.names if name not in leaving and _comes(name, headline, body)]
    merged = list(dict.fromkeys([*headline.merged, *body.merged]))
    rest = [name for name in merged if name not in leaving and name not in targets]
    if merged and not targets and set(merged) <= set(leaving):
        # One of them stays: it is not the one whose pairs end.
        rest = [name for name in merged if not body.paired[name]]
        leaving = [name for name in leaving if name not in rest]
    unclear: list[str] = []
    if rest and not leaving:
        unclear = rest if not targets else []
    elif rest and targets:
        # All that merge leave but the token that they become.
        leaving = [name for name in known.names if name in leaving or (name in rest and not body.stays[name])]
    elif len(rest) == 1:
        targets.extend(rest)
    else:
        unclear = rest
    if not leaving:
        # A token that only opens may be the one that is moved to another chain under its name.
        come = tuple(name for name in targets if body.new[name] or headline.new[name])
        return _undecided(known.masked(title), known, headline, come, unclear)
    swaps = {(old, new) for old, new, _ in (*headline.pairs, *body.pairs)}
    swaps = {(old, new) for old, new in swaps if old in leaving and new in targets and new not in _MONEY}
    titled = {(old, new) for old, new, _ in (*headline.pairs, *rows)}
    renamed = _renamed(title, texts, leaving, targets, headline, body)
    return Parties(tuple(leaving), tuple(targets), renamed, tuple(unclear), bool(swaps), bool(swaps & titled))


def _undecided(
    title: str, known: Mentions, headline: _Counts, targets: tuple[str, ...], unclear: Sequence[str]
) -> Parties:
    """What is known where nobody is said to leave. title: masked.

    Of the coins of a title that are more than a list of subjects one may be what another one becomes.
    """
    named = [name for name in dict.fromkeys(known.tokens(title)) if name not in targets and name not in _MONEY]
    opens = [name for name in named if headline.opens[name] and not headline.ends[name]]
    if len(opens) < len(named):
        named, targets = [name for name in named if name not in opens], (*targets, *opens)
    if not MERGED.search(title):
        chains = {known.token(found[1]) for found in _ON_CHAIN.finditer(title)} & set(named) & _CHAINS
        if len(chains) < len(named):
            named, targets = [name for name in named if name not in chains], (*targets, *sorted(chains))
    if unclear:
        unclear = list(dict.fromkeys([*unclear, *named]))
    elif len(named) > 1:
        listed = max((len(set(known.tokens(found[0]))) for found in re.finditer(LIST, title, re.I)), default=0)
        if listed < len(named) or MERGED.search(title):
            unclear = named
    return Parties(targets=targets, unclear=tuple(unclear))


def _readable(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses about what is traded, as far as a real notice is long."""
    read, length = [], 0
    for clause in clauses[:_MAX_CLAUSES]:
        length += len(clause.text)
        if length > _MOST_TEXT:
            break
        if not clause.side:
            read.append(clause)
    return read


def _relations(text: str, known: Mentions, counts: _Counts) -> set[str]:
    """Note who is swapped for whom in a masked sentence; returns the tokens that come."""
    came: set[str] = set()
    text = text[:_LONGEST]
    if len(set(re.findall(TOKEN, text))) < 2:
        return came
    named = NAMED.search(text) is not None
    related = len(counts.pairs) + len(counts.ratios)

    def ratio(found: re.Match[str]) -> str:
        one, other = known.token(found["one"]), known.token(found["other"])
        backward = found["word"].lower() in ("for", "per", "against", "in exchange for")
        if one != other:
            counts.ratios.append((other, one) if backward else (one, other))
        return " "

    def note(found: re.Match[str]) -> str:
        if DENIED.search(re.sub(f"[{ANY}]", "", found[0])):
            return found[0]
        olds, new = known.tokens(found["old"]), known.token(found["new"])
        if {new, *olds} <= _CHAINS and known.titled - _CHAINS:
            return found[0]
        for old in olds:
            if old != new:
                counts.old[old] += 1
                counts.pairs.append((old, new, named))
        if set(olds) != {new}:
            counts.new[new] += 1
            came.add(new)
        return " "

    def together(found: re.Match[str]) -> str:
        # "A merges with B" says of neither that it goes.
        counts.merged.extend(known.tokens(found[0]))
        return found["one"]

    plain = UNIT_RATIO.sub(ratio, text)
    if MERGED.search(text):
        for found in re.finditer(LIST, plain, re.I):
            several = known.tokens(found[0])
            if len(several) > 1:
                counts.merged.extend(several)
        plain = TOGETHER.sub(together, plain)
    for pattern in (*BACKWARD, *FORWARD):
        plain = pattern.sub(note, plain)
    for linked in (LINKED, LINKED_BEHIND):
        start = 0
        while link := linked.search(plain, start):
            near = plain[max(0, link.start() - 80) : link.start()] + link["gap"] + link["after"]
            if not link["gap"].strip() or link["new"] != plain[link.end() - 1]:
                # "the FOO to BAR migration", and where the verb stands last
                near += plain[link.end() : link.end() + 40]
            if CHANGES.search(near) and link["old"] != link["new"]:
                note(link)
                start = link.end()
            else:
                start = link.start() + 1
    if len(counts.pairs) + len(counts.ratios) > related:
        counts.counted.update(
            known.token(found["name"])
            for found in COUNTED.finditer(text)
            if not re.fullmatch(r"1(?:\.0+)?", found["number"].rstrip(".,"))
        )
    return came


def _trading(
    clause: Clause, text: str, lead: str, known: Mentions, counts: _Counts, came: set[str], certain: bool = False
) -> None:
    """Note whose trading ends, opens or goes on by a masked sentence or list item. came: who is swapped for in it.

    certain: it is about trading, whatever its words.
    """
    leads = [found for piece in lead.split(": ") if (found := _verdict(piece))]
    traded = certain or bool(TRADED.search(text) or TRADED.search(lead) or known.pairs_of(text))
    if not traded:
        return
    # What a title says before its colon it only names.
    for message in BORDER.split(text.replace(": ", "; ") if certain else text):
        pieces = JOINT.split(message)
        verdicts = _settled(pieces, [_verdict(piece) for piece in pieces], leads[-1] if leads else None)
        for piece, verdict in zip(pieces, verdicts, strict=True):
            if verdict is None or (certain and CHANGES.search(piece) and _verdict(piece) is None):
                continue
            tally = {"ends": counts.ends, "opens": counts.opens, "stays": counts.stays}[verdict]
            for name in _subjects(piece, known):
                if verdict != "ends" or name not in came:
                    tally[name] += 1
                    counts.paired[name] += verdict == "ends" and name not in known.tokens(piece)


def _settled(pieces: Sequence[str], verdicts: Sequence[str | None], lead: str | None) -> list[str | None]:
    """What each piece of a message says: one without a verb goes on with its neighbour, else with the lead of its list.

    "We remove A and B" goes on with the piece before, "A and B are removed" with the one behind.
    """
    settled: list[str | None] = []
    for number, verdict in enumerate(verdicts):
        before = settled[-1] if settled else None
        if verdict is None:
            behind = next((found for found in verdicts[number:] if found), None)
            verdict = before if before and (behind is None or _names_last(pieces, verdicts, number)) else behind
        settled.append(verdict or lead)
    return settled


def _names_last(pieces: Sequence[str], verdicts: Sequence[str | None], number: int) -> bool:
    """Whether the last piece with a verb before this one names its objects behind the verb, as an open list."""
    for place in range(number - 1, -1, -1):
        if verdicts[place]:
            names = [found.start() for found in re.finditer(f"[{ANY}]", pieces[place])]
            verbs = [found.end() for pattern in (ENDS, OPENS, STAYS) for found in pattern.finditer(pieces[place])]
            return not names or (bool(verbs) and names[-1] > max(verbs))
    return False


def _verdict(text: str) -> str | None:
    if STAYS.search(text) or NOT_ENDING.search(text):
        return "stays"
    if ENDS.search(text):
        return "opens" if not split_at_opening(text) else "ends"
    return "opens" if OPENS.search(text) else None


def _subjects(text: str, known: Mentions) -> list[str]:
    """The tokens of a masked text about trading: those that it names, and the coin that a pair is about."""
    found = known.tokens(text)
    for base, quote in known.pairs_of(text):
        about_quote = quote in known.names and quote not in _MONEY and base not in known.titled
        found.append(quote if about_quote else base)
    return [name for name in dict.fromkeys(found) if name in known.names]


def _leaves(name: str, known: Mentions, headline: _Counts, body: _Counts) -> bool:
    if name in _MONEY and name not in known.titled:
        return False
    if body.stays[name] and not body.ends[name]:
        return False
    if (
        headline.ends[name]
        and not known.is_contract(name)
        and not (headline.new[name] or headline.opens[name] or body.new[name])
    ):
        return True
    old, new = body.old[name], body.new[name]
    if (new or headline.new[name]) and not (old or headline.old[name]):
        return False
    if body.ends[name] and (name in known.firm or old):
        # A token that opens again under its name, or is only swapped for, ends nothing.
        return not (new > old and (body.opens[name] or not headline.old[name]) and body.ends[name] <= body.opens[name])
    if old != new:
        return old > new
    if headline.old[name] or headline.new[name]:
        return headline.old[name] > headline.new[name] and not body.opens[name]
    if old:
        return False
    ratios = [*body.ratios, *headline.ratios]
    return (
        any(one == name for one, _ in ratios) and not any(other == name for _, other in ratios) and not body.opens[name]
    )


def _comes(name: str, headline: _Counts, body: _Counts) -> bool:
    return bool(
        (headline.opens[name] and not headline.ends[name]) or body.new[name] or headline.new[name] or body.opens[name] or body.stays[name]
        or any(other == name for _, other in (*body.ratios, *headline.ratios))
    )  # fmt: skip


def _renamed(
    title: str,
    texts: Sequence[str],
    leaving: Sequence[str],
    targets: Sequence[str],
    headline: _Counts,
    body: _Counts,
) -> tuple[tuple[str, str], ...]:
    """The changes of ticker: one coin gets one new name, and its units stay."""
    found = dict.fromkeys((old, new) for old, new, named in (*headline.pairs, *body.pairs) if named)
    rows = [(old, new) for old, new in found if old in leaving and new in targets]
    olds, comers = Counter(old for old, _ in rows), Counter(new for _, new in rows)
    if OTHER_UNITS.search(title) or headline.merged or body.merged:
        return ()
    return tuple(
        (old, new)
        for old, new in rows
        if olds[old] == comers[new] == 1
        and not {old, new} & (headline.counted | body.counted)
        and not _keeps_its_name(old, new, texts)
    )


def _keeps_its_name(old: str, new: str, texts: Sequence[str]) -> bool:
    """Whether the coin goes on under its ticker, and only what holders have of the old contract is called otherwise."""
    again = re.compile(rf"\bnew {re.escape(old)}\b", re.I)
    return (old in new and "OLD" in new) or any(again.search(text) for text in texts)


def comers(title: str, clauses: Sequence[Clause], splitter: SymbolSplitter, exchange: str) -> tuple[str, ...]:
    """Whom a notice of an end of trading names as what comes in the place of what ends; by its title at least."""
    if not (OPENS.search(title) or CHANGES.search(title)):
        return ()
    who = parties(title, clauses, splitter, exchange)
    return who.targets if who.leaving else ()
