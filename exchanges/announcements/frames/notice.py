# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""From frames to the parts of a notice: names at risk, instruments by clause, and dates with their roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from exchanges.announcements.extraction import wallets
from exchanges.announcements.extraction.body import NamedInstrument
from exchanges.announcements.extraction.date_roles import Role, role
from exchanges.announcements.extraction.timeline import Entry, is_foot, list_after
from exchanges.announcements.frames.decide import CATEGORY_OF, holds
from exchanges.announcements.frames.parties import Parties, parties
from exchanges.announcements.frames.types import TITLE, Action, Frame, Mood
from exchanges.announcements.text.clauses import Clause
from markets.symbols import SymbolSplitter

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
    "delisting": (frozenset({Action.END_TRADING, Action.HALT_TRADING}),),
    "trading_suspension": (frozenset({Action.HALT_TRADING, Action.END_TRADING}),),
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
        frozenset({Action.END_TRADING, Action.HALT_TRADING}),
        frozenset({Action.SWAP, Action.RENAME}),
        frozenset({Action.STOP_WALLET, Action.STOP_DEPOSITS, Action.STOP_WITHDRAWALS}),
    ),
    "risk_warning": (frozenset({Action.WARN}),),
}
_PAIRS = frozenset({"delisting", "trading_suspension", "token_migration"})


def tokens_of(frames: Sequence[Frame], category: str) -> tuple[str, ...]:
    """The assets at risk, in the order of the notice; () where no frame names one."""
    continuing = _continuing(frames, "tokens")
    for about in _ABOUT[category]:
        rows = [frame for frame in frames if frame.action in about and holds(frame) and _is_about_its_names(frame)]
        titled = [token for frame in rows if frame.clause == TITLE for token in frame.tokens]
        found = [token for frame in rows for token in frame.tokens if token not in continuing or token in titled]
        if found:
            return tuple(dict.fromkeys(found))
    tickers = ticker_names(frames, category)
    if tickers:
        others = [frame for frame in frames if set(frame.tickers) & set(tickers)]
        return tuple(dict.fromkeys(token for frame in others for token in frame.tokens if token not in continuing))
    # A title that only names is about what it names.
    rows = [frame for frame in frames if frame.clause == TITLE and frame.action is Action.OTHER]
    rows = rows or [frame for frame in frames if holds(frame) and frame.tokens]
    return tuple(dict.fromkeys(token for frame in rows for token in frame.tokens if token not in continuing))


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
    if category not in _PAIRS:
        return ()
    continuing = _continuing(frames, "tickers")
    rows = [frame for frame in frames if frame.action in (Action.END_TRADING, Action.HALT_TRADING) and holds(frame)]
    found = dict.fromkeys(ticker for frame in rows for ticker in frame.tickers if ticker not in continuing)
    own = any(frame.tickers and not frame.inherited for frame in rows)
    if not own and rows and category != "token_migration":
        # What ends is said in one sentence, and the pairs stand in another.
        others = [frame for frame in frames if frame.action is Action.OTHER]
        listed = dict.fromkeys(ticker for frame in others for ticker in frame.tickers if ticker not in continuing)
        found = listed or found
    return tuple(found)


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
    risky = {name for frame in frames if holds(frame) for name in getattr(frame, what)}
    goes_on = {
        name
        for frame in frames
        if frame.action in (Action.OPEN, Action.CONTINUE)
        or (frame.action.risky and not frame.polarity and frame.explicit)
        for name in getattr(frame, what)
    }
    return frozenset(goes_on - risky)


def instruments_of(
    frames: Sequence[Frame], category: str, splitter: SymbolSplitter, exchange: str, market: str | None
) -> tuple[NamedInstrument, ...]:
    """The instruments at risk by the clause that names them."""
    named = set(ticker_names(frames, category))
    found: dict[tuple[str, int], NamedInstrument] = {}
    for frame in frames:
        ends = frame.action in (Action.END_TRADING, Action.HALT_TRADING) and holds(frame)
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


def superseded(frames: Sequence[Frame]) -> frozenset[datetime]:
    """The dates that the notice replaces by others."""
    valid = {frame.start.at for frame in frames if frame.start is not None and frame.mood is Mood.POSTPONED}
    return frozenset(moment.at for frame in frames for moment in frame.superseded if moment.at not in valid)


def entries_of(frames: Sequence[Frame], parts: Sequence[Clause], category: str) -> tuple[Entry, ...]:
    """The dates at which something at risk happens; the title's only where the body has none."""
    replaced = superseded(frames)
    rows = [frame for frame in frames if frame.start is not None and holds(frame)]
    if category == "token_migration" and any(frame.action not in (Action.SWAP, Action.RENAME) for frame in rows):
        # When balances are exchanged is no date at which something stops.
        rows = [frame for frame in rows if frame.action not in (Action.SWAP, Action.RENAME)]
    tickers = set(ticker_names(frames, category))
    ends = (Action.END_TRADING, Action.HALT_TRADING)
    if tickers and not any(frame.action in ends for frame in rows):
        # The times stand beside the pairs, and what happens then in another sentence.
        listed = [frame for frame in frames if frame.action is Action.OTHER and set(frame.tickers) & tickers]
        rows += [replace(frame, action=Action.END_TRADING) for frame in listed if frame.start is not None]
    body = [frame for frame in rows if frame.clause != TITLE]
    main = ends if category in _PAIRS else tuple(frame.action for frame in body)
    # The title's date counts where the body does not say when the main thing happens.
    chosen = body if any(frame.action in main for frame in body) else [*body, *(f for f in rows if f.clause == TITLE)]
    timed = {frame.start.at.date() for frame in chosen if frame.start is not None and frame.start.has_time}
    result = []
    for frame in chosen:
        moment = frame.start
        if moment is None or moment.at in replaced or (not moment.has_time and moment.at.date() in timed):
            continue
        if frame.clause != TITLE and is_foot(parts[frame.clause].text, moment):
            continue
        governed = () if frame.clause == TITLE else (frame.clause, *list_after(tuple(parts), frame.clause))
        result.append(Entry(moment.at, ROLES[frame.action], governed))
    return tuple(result)


__all__ = ["CATEGORY_OF", "continuing_tickers", "entries_of", "instruments_of", "ticker_names", "tokens_of"]


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
    return left, leaving, tuple(ticker for ticker in tickers if ticker not in gone)
