# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""From frames to the parts of a notice: names at risk, instruments by clause, and dates with their roles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from exchanges.announcements.extraction import wallets
from exchanges.announcements.extraction.body import NamedInstrument
from exchanges.announcements.extraction.date_roles import Role, role
from exchanges.announcements.extraction.timeline import TITLE_ROLES, Entry, is_foot, list_after
from exchanges.announcements.frames.decide import holds
from exchanges.announcements.frames.swaps.parties import Parties, parties
from exchanges.announcements.frames.times import BESIDE_THE_MATTER, Dates, corrects, is_replaced, stated_times
from exchanges.announcements.frames.types import TITLE, TRADING_STOPS, Action, Frame, Mood
from exchanges.announcements.text.clauses import Clause
from markets.symbols import SymbolSplitter

# The categories whose further dates the words beside them explain.
DATED = frozenset(TITLE_ROLES) - {"risk_warning"}
_MAIN = frozenset({"trading ends"})
ROLES: Mapping[Action, Role] = {
    Action.END_TRADING: role("trading ends", r"(?!)", ends_trading=True),
    Action.HALT_TRADING: role("trading ends", r"(?!)", ends_trading=True),
    Action.STOP_WALLET: role("deposits and withdrawals suspended", r"(?!)"),
    Action.STOP_DEPOSITS: role("deposits suspended", r"(?!)"),
    Action.STOP_WITHDRAWALS: role("withdrawals end", r"(?!)"),
    Action.FORK: role("upgrade", r"(?!)"),
    Action.UPGRADE: role("upgrade", r"(?!)"),
    Action.SWAP: role("upgrade", r"(?!)"),
    Action.RENAME: role("upgrade", r"(?!)"),
    Action.WARN: role("tag set", r"(?!)"),
}
# The actions whose frames name what a category is about, best first.
_ABOUT: Mapping[str, tuple[frozenset[Action], ...]] = {
    "delisting": (TRADING_STOPS,),
    "trading_suspension": (TRADING_STOPS,),
    "wallet_suspension": (frozenset({Action.STOP_WALLET, Action.STOP_DEPOSITS, Action.STOP_WITHDRAWALS}),),
    "hard_fork": (
        frozenset({Action.FORK, Action.UPGRADE}),
        frozenset({Action.STOP_WALLET, Action.STOP_DEPOSITS, Action.STOP_WITHDRAWALS}),
    ),
    "network_upgrade": (
        frozenset({Action.FORK, Action.UPGRADE}),
        frozenset({Action.STOP_WALLET, Action.STOP_DEPOSITS, Action.STOP_WITHDRAWALS}),
    ),
    "token_migration": (
        TRADING_STOPS,
        frozenset({Action.SWAP, Action.RENAME}),
        frozenset({Action.STOP_WALLET, Action.STOP_DEPOSITS, Action.STOP_WITHDRAWALS}),
    ),
    "risk_warning": (frozenset({Action.WARN}),),
}
_PAIRS = frozenset({"delisting", "trading_suspension", "token_migration"})


def tokens_of(frames: Sequence[Frame], category: str) -> tuple[str, ...]:
    """The assets at risk, in the order of the notice; () where no frame names one."""
    if category in _PAIRS or category == "risk_warning":
        continuing = _continuing(frames, "tokens")
    else:
        # Its trading goes on while its wallet or network stops.
        continuing = _continuing([frame for frame in frames if not frame.tickers or frame.action.risky], "tokens")
    tickers = ticker_names(frames, category)
    symbols = {ticker.replace("/", "").replace("-", "") for ticker in tickers}
    for about in _ABOUT[category]:
        rows = [frame for frame in frames if frame.action in about and holds(frame) and _is_about_its_names(frame)]
        titled = [token for frame in rows if frame.clause == TITLE for token in frame.tokens]
        found = [
            token
            for frame in rows
            for token in frame.tokens
            if token not in continuing or (token in titled and token not in _stays(frames))
        ]
        elsewhere = bool(tickers) and all(frame.inherited for frame in rows if frame.tokens)
        headed = titled or [token for frame in frames if frame.clause == TITLE for token in frame.tokens]
        bases = {ticker.partition("/")[0] for ticker in tickers}
        if tickers and headed and not bases & set(headed) and all(t.partition("/")[2] in headed for t in tickers):
            # "The HUSD market": its pairs leave, and no coin but the quote.
            return tuple(dict.fromkeys(headed))
        # A symbol that is spelt with a dash elsewhere is no coin.
        found = [token for token in found if token not in symbols]
        if found and not elsewhere:
            return tuple(dict.fromkeys(found))
    if tickers:
        others = [frame for frame in frames if set(frame.tickers) & set(tickers)]
        of_pairs = dict.fromkeys(token for frame in others for token in frame.tokens)
        # What goes on in another market still leaves this one.
        return tuple(token for token in of_pairs if token not in continuing) or tuple(of_pairs)
    if category in ("network_upgrade", "hard_fork"):
        # Named only where its deposits or its trading are said to go on.
        denied = [
            f for f in frames if f.tokens and (f.action is Action.CONTINUE or (f.action.risky and not f.polarity))
        ]
        if denied and not any(holds(frame) and frame.tokens for frame in frames):
            return tuple(dict.fromkeys(token for frame in denied for token in frame.tokens))
    # A title that only names is about what it names.
    rows = [frame for frame in frames if frame.clause == TITLE and frame.action is Action.OTHER]
    rows = rows or [frame for frame in frames if holds(frame) and frame.tokens]
    return tuple(dict.fromkeys(token for frame in rows for token in frame.tokens if token not in continuing))


def _stays(frames: Sequence[Frame]) -> frozenset[str]:
    """The coins of which the body says that they stay, and nothing else."""
    body = [frame for frame in frames if frame.clause != TITLE]
    return _continuing([frame for frame in body if not frame.tickers or frame.action.risky], "tokens")


def _is_about_its_names(frame: Frame) -> bool:
    """Whether what a frame names is what it is about: words in capitals in a loose sentence may be anything."""
    return (
        frame.clause == TITLE
        or frame.explicit
        or len(frame.tokens) > 1
        or bool(frame.tickers)
        or not frame.words
        or not frame.vague
    )


def ticker_names(frames: Sequence[Frame], category: str) -> tuple[str, ...]:
    """The pairs and contracts that leave or halt, in the order of the notice."""
    continuing = _continuing(frames, "tickers")
    if category == "risk_warning":
        # "Tags for six, removal of two"
        ends = [f for f in frames if f.action is Action.END_TRADING and holds(f) and f.explicit and f.clause != TITLE]
        return tuple(dict.fromkeys(ticker for frame in ends for ticker in frame.tickers if ticker not in continuing))
    if category not in _PAIRS:
        return ()
    rows = [
        frame
        for frame in frames
        if frame.action in TRADING_STOPS
        and holds(frame)
        and not (frame.vague and frame.inherited and _PRODUCTS.search(frame.text))
    ]
    found = dict.fromkeys(ticker for frame in rows for ticker in frame.tickers if ticker not in continuing)
    direct = any(frame.tickers and not frame.inherited for frame in rows)
    if not direct and rows and category != "token_migration":
        # What ends is said in one sentence, and the pairs stand in another.
        others = [frame for frame in frames if frame.action is Action.OTHER]
        listed = dict.fromkeys(ticker for frame in others for ticker in frame.tickers if ticker not in continuing)
        found = listed or found
    if not found and rows:
        at_risk = {token for frame in rows for token in frame.tokens}
        at_risk = at_risk or {token for frame in frames if frame.clause == TITLE for token in frame.tokens}
        stated = [frame for frame in frames if frame.tickers and set(frame.tokens) <= at_risk and _names_pairs(frame)]
        found = dict.fromkeys(ticker for frame in stated for ticker in frame.tickers)
    if not found and category != "trading_suspension":
        changed = [f for f in frames if f.action in _CHANGES and holds(f) and not _ADDS.search(f.text)]
        found = dict.fromkeys(ticker for frame in changed for ticker in frame.tickers if ticker not in continuing)
    # "SOL_USDC" beside "SOL_USDC-31JUL26" is the name of all its series.
    return tuple(ticker for ticker in found if not any(other.startswith(f"{ticker}-") for other in found))


# What ends for "the pairs above" is a product, and not their trading.
_PRODUCTS = re.compile(r"\b(?:bots?|grid|copy trad\w*|earn|loans?|staking|convert)\b", re.I)
_ADDS = re.compile(r"\b(?:adds?|adding|added|lists?|listing|launch\w*|opens?|opening|new)\b", re.I)
_CHANGES = frozenset({Action.SWAP, Action.RENAME, Action.UPGRADE})
# What is said of the pairs of a coin that ends: they trade until then, and their orders go.
_BEFORE_THE_END = re.compile(
    r"\b(?:up to|until|till|before) (?:then|that|this)\b|\b(?:open|pending|outstanding|resting|existing|working|unfilled) orders\b",
    re.I,
)


def _names_pairs(frame: Frame) -> bool:
    ends = frame.action in TRADING_STOPS and frame.polarity
    return (ends and frame.mood is Mood.POSSIBLE) or _BEFORE_THE_END.search(frame.text) is not None


def continuing_tokens(frames: Sequence[Frame]) -> frozenset[str]:
    """Coins that the title only names to say that they open or go on."""
    return _continuing([frame for frame in frames if frame.clause == TITLE], "tokens")


_STOPS: Mapping[Action, frozenset[str]] = {
    Action.STOP_WALLET: wallets.BOTH,
    Action.STOP_DEPOSITS: frozenset({wallets.DEPOSITS}),
    Action.STOP_WITHDRAWALS: frozenset({wallets.WITHDRAWALS}),
}


def stopped_in_wallet(frames: Sequence[Frame]) -> frozenset[str] | None:
    """Which of deposits and withdrawals stop, none where that is denied; None where no frame speaks of them."""
    stops = [frame for frame in frames if frame.action in _STOPS]
    if not stops:
        return None
    return frozenset[str]().union(*(_STOPS[frame.action] for frame in stops if holds(frame)))


def continuing_tickers(frames: Sequence[Frame]) -> frozenset[str]:
    """Instruments that the notice only names to say that they open or go on."""
    return _continuing(frames, "tickers")


def _continuing(frames: Sequence[Frame], what: str) -> frozenset[str]:
    """The names that go on. What the body says outranks what the title only names."""
    held = [frame for frame in frames if holds(frame)]
    body = {name for frame in held if frame.clause != TITLE for name in getattr(frame, what)}
    titled = {name for frame in held if frame.clause == TITLE for name in getattr(frame, what)}
    stated: set[str] = set()
    goes_on: set[str] = set()
    for frame in frames:
        if frame.action in (Action.OPEN, Action.CONTINUE) or (
            frame.action.risky and not frame.polarity and frame.explicit
        ):
            names = set(_spellings(frame, what))
            goes_on |= names
            if frame.clause != TITLE and frame.action is Action.CONTINUE and (what == "tickers" or not frame.tickers):
                stated |= names
    # Not all of what a title is about can go on.
    outranked = titled & stated - body if titled - stated else set()
    return frozenset(goes_on - ((body | titled) - outranked))


def _spellings(frame: Frame, what: str) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(frame, what)
    joined = (name.replace("/", "") for name in names if "/" in name)
    return (*names, *(name for name in joined if name in frame.text))


def instruments_of(
    frames: Sequence[Frame], category: str, splitter: SymbolSplitter, exchange: str, market: str | None
) -> tuple[NamedInstrument, ...]:
    """The instruments at risk by the clause that names them."""
    named = set(ticker_names(frames, category))
    found: dict[tuple[str, int], NamedInstrument] = {}
    for frame in frames:
        ends = frame.action in TRADING_STOPS and holds(frame)
        if frame.clause == TITLE or not (ends or frame.action is Action.OTHER):
            continue
        for ticker in frame.tickers:
            if ticker not in named:
                continue
            near = frame.market or market or ("spot" if "/" in ticker else "usdm")
            split = splitter.split(ticker, exchange, near)
            base, _, quote = ticker.partition("/")
            found.setdefault(
                (ticker, frame.clause),
                NamedInstrument(
                    ticker,
                    split.token if split and near in ("usdm", "coinm") else base,
                    split.base if split else base,
                    split.quote if split else quote,
                    near,
                    frame.clause,
                ),
            )
    return tuple(found.values())


def superseded(frames: Sequence[Frame], parts: Sequence[Clause], dates: Dates) -> frozenset[datetime]:
    """The dates that the notice replaces by others."""
    moves = any(frame.mood is Mood.POSTPONED for frame in frames)
    old: set[datetime] = {moment.at for frame in frames for moment in frame.superseded}
    current: set[datetime] = set()
    for number, clause in enumerate(parts):
        found = dates(number)
        for place, moment in enumerate(found):
            (old if is_replaced(clause.text, found, place, moves) else current).add(moment.at)
        if number and found and corrects(clause.text, found[0]):
            wrong = {moment.at for moment in dates(number - 1)} - {moment.at for moment in found}
            old |= wrong
            current -= wrong
    stated = {moment.at for frame in frames for moment in frame.superseded}
    valid = {frame.start.at for frame in frames if frame.start is not None and frame.mood is Mood.POSTPONED}
    return frozenset((old - current) | (stated - valid & current))


def entries_of(
    frames: Sequence[Frame],
    parts: Sequence[Clause],
    category: str,
    dates: Dates,
    reference: datetime | None = None,
) -> tuple[Entry, ...]:
    """The dates at which something at risk happens; the title's only where the body has none."""
    replaced = superseded(frames, parts, dates)
    rows = [frame for frame in frames if frame.start is not None and holds(frame)]
    if category == "token_migration" and any(frame.action not in (Action.SWAP, Action.RENAME) for frame in rows):
        # When balances are exchanged is no date at which something stops.
        rows = [frame for frame in rows if frame.action not in (Action.SWAP, Action.RENAME)]
    if category in ("delisting", "trading_suspension"):
        # Other news of the same notice: the upgrade of another coin's network.
        about = set(tokens_of(frames, category))
        rows = [f for f in rows if f.action in TRADING_STOPS or not f.tokens or not about or about & set(f.tokens)]
    rows = [frame for frame in rows if frame.tickers or not BESIDE_THE_MATTER.search(frame.text)]
    rows += _beside_pairs(frames, category)
    body = [frame for frame in rows if frame.clause != TITLE]
    times = [
        (frame.clause, frame.start, ROLES[frame.action])
        for frame in body
        if frame.start is not None and not is_foot(parts[frame.clause].text, frame.start)
    ]
    stated = stated_times(frames, body, parts, category, dates, reference) if category in DATED else []
    times += [(item.clause, item.moment, ROLES[item.action]) for item in stated if item.action is not None]
    main = _MAIN if category in _PAIRS else frozenset(role.name for _, _, role in times)
    titled = [(TITLE, frame.start, ROLES[frame.action]) for frame in rows if frame.clause == TITLE and frame.start]
    if not any(role.name in main for _, _, role in times):
        # The title's date counts where the body does not say when the main thing happens.
        unknown = [(TITLE, item.moment, TITLE_ROLES[category]) for item in stated if item.action is None]
        # Else every date of the body may be meant that no words explain.
        times += titled or unknown
    if not times and category in TITLE_ROLES:
        times = [(TITLE, moment, TITLE_ROLES[category]) for moment in dates(TITLE)]
    timed = {moment.at.date() for _, moment, _ in times if moment.has_time}
    result = []
    for number, moment, what in times:
        if moment.at in replaced or (not moment.has_time and moment.at.date() in timed):
            continue
        governed = () if number == TITLE else (number, *list_after(tuple(parts), number))
        result.append(Entry(moment.at, what, governed, moment.has_time))
    return tuple(dict.fromkeys(result))


def _beside_pairs(frames: Sequence[Frame], category: str) -> list[Frame]:
    """Frames of times that stand beside the pairs, where what happens then is stated in another sentence."""
    tickers = set(ticker_names(frames, category))
    listed = [frame for frame in frames if frame.action is Action.OTHER and set(frame.tickers) & tickers]
    return [replace(frame, action=Action.END_TRADING) for frame in listed if frame.start is not None]


def parties_of(
    title: str,
    parts: tuple[Clause, ...],
    splitter: SymbolSplitter,
    exchange: str,
    category: str,
    frames: tuple[Frame, ...],
) -> Parties | None:
    """Who leaves and who comes in a migration; also in what frames take for a delisting, where one coin becomes another.

    frames: those that decided; () where a title's formula did.
    """
    if category == "token_migration":
        return parties(title, parts, splitter, exchange)
    if category in ("network_upgrade", "hard_fork"):
        who = parties(title, parts, splitter, exchange)
        return who if who.stated else None
    if category != "delisting" or not frames:
        return None
    who = parties(title, parts, splitter, exchange)
    # The new coin of a swap is named beside the old one, and must never leave.
    changes = any(frame.action in (Action.SWAP, Action.RENAME) and holds(frame) for frame in frames)
    named_too = changes and bool(set(who.targets) & set(tokens_of(frames, category)))
    return who if who.swapped or named_too else None


def of_parties(
    who: Parties,
    named: tuple[NamedInstrument, ...],
    tokens: tuple[str, ...],
    tickers: tuple[str, ...],
) -> tuple[tuple[NamedInstrument, ...], tuple[str, ...], tuple[str, ...]]:
    """The names at risk in a migration: who leaves, never what is swapped to."""
    targets = set(who.targets) - set(who.leaving)
    left = tuple(item for item in named if item.token not in targets)
    gone = {item.ticker for item in named} - {item.ticker for item in left}
    leaving = who.leaving or tuple(token for token in tokens if token not in targets)
    stay = (ticker for ticker in tickers if ticker not in gone and ticker.partition("/")[0] not in targets)
    return left, leaving, tuple(stay)


def is_of(ticker: str, tokens: tuple[str, ...]) -> bool:
    base, slash, _ = ticker.partition("/")
    return base in tokens or (not slash and any(token in base for token in tokens))
