"""What a venue lists now, with the answer about each instrument, in memory.

Answers that something has touched since they were asked for are not written over by older ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from events.enums import Action
from markets.instrument_names import CCXT, spelled
from markets.knowledge import InstrumentRow

LISTED = """
SELECT symbol, base, quote, token, quote_token, settle, settle_token, contract_type, status, ends_at, aliases,
       pegged IS NOT FALSE AS pegged
  FROM markets_instrument WHERE venue = $1 AND live ORDER BY symbol COLLATE "C"
"""

# As `markets.versions.version_of` counts.
_VERSION = "SELECT concat(count(*), ' ', sum(xmin::text::bigint)) FROM"
LIST_VERSIONS = f"""
SELECT place.list_venue,
       ({_VERSION} markets_instrument WHERE venue = place.list_venue), ({_VERSION} watch_effective),
       ({_VERSION} trade_setting), ({_VERSION} venue_source WHERE venue = place.list_venue)
  FROM venue_spelling AS place WHERE place.venue = $1 AND place.spelling = $1
"""
SOURCES = "SELECT source, bool_and(role = 'pegs') AS pegs FROM venue_source WHERE venue = $1 GROUP BY source"


class Verdict(NamedTuple):
    """What `can_trade` says of one instrument; the strictest of its rows."""

    may_open: bool
    may_close: bool
    action: str
    status: str


UNPUBLISHED = (-1, "")
"""Revision and status of which no listener knows."""
UNASKED = Verdict(False, True, "none", "unknown")
FORBIDDING = frozenset(Action.values) - {Action.WATCH}


@dataclass(frozen=True)
class Listed:
    """A live instrument. assets: of base, quote and settlement, "" where it has none. names: convention → its name in
    the case that programs use; a convention that has none is left out."""

    symbol: str
    assets: tuple[str, str, str]
    tickers: frozenset[str]
    pegged: bool
    ends_at: datetime | None
    names: Mapping[str, str]


@dataclass(frozen=True)
class VenuePairs:
    """The live pairs of a venue, as of a heartbeat. Where `status` is not `fresh`, none is allowed.

    allowed, denied: in the spelling of ccxt, sorted; a name that several instruments have is allowed where all of them
    may be opened. Both are empty while the status is `unknown`. listed: symbol → instrument.
    """

    venue: str
    status: str
    as_of: datetime | None
    seq: int | None
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    listed: Mapping[str, Listed] = field(default_factory=dict, repr=False, compare=False)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict, repr=False, compare=False)

    def pairs(self) -> Iterator[tuple[Listed, Verdict]]:
        """Every live instrument, by symbol; while the status is `unknown`, nobody knows what holds for it."""
        known = {} if self.status == "unknown" else self.verdicts
        return ((one, known.get(symbol, UNASKED)) for symbol, one in self.listed.items())


def listed_at(venue: str, list_venue: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Listed]:
    """Symbol → instrument, of rows of `LISTED`. venue: whose orders they are; margin trades the spot list."""
    found = {}
    for row in rows:
        instrument = InstrumentRow(
            list_venue, row["symbol"], row["base"], row["quote"], row["token"], row["status"], True,
            contract_type=row["contract_type"], ends_at=row["ends_at"], settle=row["settle"],
        )  # fmt: skip
        day = f"{row['ends_at']:%y%m%d}" if row["ends_at"] else ""
        names: dict[str, str] = {}
        for convention, name in spelled(instrument, day, row["aliases"]):
            names.setdefault(convention, name)
        assets = (row["token"], row["quote_token"], row["settle_token"])
        tickers = {f"{place}:{row['symbol']}" for place in (venue, list_venue)}
        found[row["symbol"]] = Listed(row["symbol"], assets, frozenset(tickers), row["pegged"], row["ends_at"], names)
    return found


class VenueState:
    """The instruments of a venue and their verdicts. Changed by one event loop.

    revision: counted up at each change.
    """

    def __init__(self, venue: str) -> None:
        self.venue = venue
        self.list_venue = venue
        self.listed: Mapping[str, Listed] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.revision = 0
        self._by_mark: dict[str, list[str]] = {}
        self._by_name: list[tuple[str, tuple[str, ...]]] = []
        self._ends: list[tuple[datetime, str]] = []
        self._touched: dict[str, int] = {}
        self._denied: dict[str, int] = {}

    def lists(self, listed: Mapping[str, Listed], order: int) -> None:
        """The venue lists these now. What is new among them has not been asked about: answers to what was asked before
        `order` are about another instrument of that name."""
        if listed == self.listed:
            return
        self.revision += 1
        known = {symbol for symbol, one in listed.items() if self.listed.get(symbol) == one}
        self.verdicts = {symbol: self.verdicts[symbol] if symbol in known else UNASKED for symbol in listed}
        self._touched = {symbol: self._touched.get(symbol, 0) if symbol in known else order for symbol in listed}
        self._denied = {symbol: denied for symbol, denied in self._denied.items() if symbol in known}
        self.listed = listed
        self._ends = sorted((one.ends_at, symbol) for symbol, one in listed.items() if one.ends_at is not None)
        self._by_mark = {}
        names: dict[str, list[str]] = {}
        for symbol, one in listed.items():
            for mark in {*one.assets, *one.tickers} - {""}:
                self._by_mark.setdefault(mark, []).append(symbol)
            if CCXT in one.names:
                names.setdefault(one.names[CCXT], []).append(symbol)
        self._by_name = [(name, tuple(symbols)) for name, symbols in sorted(names.items())]

    def marked(self, marks: Iterable[str]) -> set[str]:
        """The symbols of instruments that have one of these assets or tickers; `*` is all."""
        found: set[str] = set()
        for mark in marks:
            if mark == "*":
                return set(self.listed)
            found.update(self._by_mark.get(mark, ()))
        return found

    def touch(self, symbols: Iterable[str], order: int) -> None:
        """Answers to what was asked before `order` do not count for these."""
        self._touched.update(dict.fromkeys(symbols, order))

    def forbid(self, symbols: Iterable[str], action: str = "", status: str = "") -> None:
        """Take them away before anybody is asked."""
        for symbol in symbols:
            known = self.verdicts.get(symbol, UNASKED)
            if known.may_open:
                may_close = known.may_close and action != "halt"
                self.verdicts[symbol] = Verdict(False, may_close, action or known.action, status or known.status)
                self.revision += 1

    def answered(self, symbols: Sequence[str], verdicts: Sequence[Verdict], order: int, arrived: int) -> None:
        """What `can_trade` said, asked at `order`, when `arrived` was the latest.

        Of two questions at a time nobody knows which saw the later state: what one denies, the other does not allow.
        """
        for symbol, verdict in zip(symbols, verdicts, strict=True):
            known = self.verdicts.get(symbol)
            if known is None or self._touched.get(symbol, 0) > order or self._denied.get(symbol, 0) > order:
                continue
            if not verdict.may_open:
                self._denied[symbol] = arrived
            if known != verdict:
                self.verdicts[symbol] = verdict
                self.revision += 1

    def ended(self, now: datetime) -> list[str]:
        """What may be opened, though its end has passed."""
        over = itertools.takewhile(lambda end: end[0] <= now, self._ends)
        return [symbol for _, symbol in over if self.verdicts[symbol].may_open]

    def status(self) -> str:
        """The best that one of the answers has: a silent source of stablecoins alone makes no venue stale."""
        said = {verdict.status for verdict in self.verdicts.values()}
        return next((status for status in ("fresh", "stale") if status in said), "unknown")

    def by_name(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of ccxt that are allowed, and those that are denied, sorted."""
        allowed: list[str] = []
        denied: list[str] = []
        for name, symbols in self._by_name:
            may = all(self.verdicts[symbol].may_open for symbol in symbols)
            (allowed if may else denied).append(name)
        return tuple(allowed), tuple(denied)


OnChange = Callable[[VenuePairs], None]
"""Called in the loop with what holds now, whenever a status or verdict is another than before."""


@dataclass
class Followed:
    """A venue that somebody asks for. Times are of the monotonic clock, in seconds.

    full_at: when the last computation of all its pairs that ended had begun. sources: its sources, and whether each
    counts for stablecoins alone. published: revision and status that listeners know. failed: the fault of ours that was
    logged last, and goes on.
    """

    state: VenueState
    asked_at: float
    listeners: list[OnChange] = field(default_factory=list)
    full_at: float | None = None
    full_due: bool = True
    lists: tuple[Any, ...] = ()
    lists_at: float = float("-inf")
    sources: dict[str, bool] = field(default_factory=dict)
    built: tuple[int, VenuePairs] | None = None
    published: tuple[int, str] = UNPUBLISHED
    failed: str = ""

    def forget(self) -> None:
        """Nobody knows what holds until all pairs were asked about again."""
        self.full_at, self.full_due, self.lists = None, True, ()
