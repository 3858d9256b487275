"""Typed answers of the API, and what one says where nobody answered. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

ACTIONS: Final = ("none", "watch", "avoid_new", "reduce_only", "exit", "halt")
"""What a bot should do, the mildest first. With `none` and `watch` it may open, with all but `halt` it may close."""

STATUSES: Final = ("fresh", "stale", "unknown")

FRESH_MS: Final = 12_000
"""How old a heartbeat may be, in milliseconds. The daemon writes one each two seconds."""

FUTURE_MS: Final = -5_000
"""How far it may lie in the future, by the database's clock: what lies further was written by a wrong clock."""

WHOLE_EXCHANGE: Final = frozenset({"depeg", "wallet_suspension", "exchange_halt"})
"""Categories of events that hold on all markets of their exchange, wherever they were announced."""


@dataclass(frozen=True)
class Row:
    """One row of `can_trade`: section 12 of the design, docs/contracts/can_trade.md."""

    exchange: str
    venue: str
    symbol: str
    base: str
    quote: str
    settle: str
    may_open: bool
    may_close: bool
    action: str
    base_action: str
    quote_action: str
    instrument_action: str
    trading_status: str
    trading_ends_at: datetime | None
    reasons: tuple[Mapping[str, Any], ...]
    event_ids: tuple[int, ...]
    status: str
    stale_sources: tuple[str, ...]
    covered: str
    as_of: datetime | None
    age_ms: int | None
    seq: int | None


@dataclass(frozen=True)
class Answer(Row):
    """The answer to one question: the strictest row, and where it came from.

    `source`: `server`; `cache`: an earlier answer of the server; `failed`: nobody answered, and the `fail` mode
    decided. `fault` and `problem` say why there was no answer, or why one was not taken as it was. `rows` are all
    instruments that the name fits, the strictest first. As a truth value it is `may_open`.
    """

    asked_exchange: str = ""
    asked_symbol: str = ""
    source: str = "failed"
    fault: str | None = None
    problem: str | None = None
    rows: tuple[Row, ...] = ()

    def __bool__(self) -> bool:
        # An exception would be a yes in a hook that catches everything, and so would an object that is always true.
        return self.may_open


@dataclass(frozen=True)
class TokenRisk:
    """One row of `token_risk_view`. `action` is the worst anywhere and not for orders: ask `can_trade` for those."""

    token: str
    risk_level: str
    action: str
    asset_action: str | None
    venue_actions: Mapping[str, str]
    trading_status: str
    trading_ends_at: datetime | None
    next_important_at: datetime | None
    venues: tuple[str, ...]
    categories: tuple[str, ...]
    sources: tuple[str, ...]
    tickers: tuple[str, ...]
    event_ids: tuple[int, ...]
    first_seen_at: datetime | None
    updated_at: datetime | None
    valid_until: datetime | None
    reasons: tuple[Mapping[str, Any], ...]

    def action_at(self, venue: str) -> str:
        """What applies on a venue (`BINANCE`: spot), or on any market of an exchange (`binance`): the strictest.

        A row with a category of `WHOLE_EXCHANGE` counts for all markets of its exchange, as `can_trade` has it.
        """
        asked = venue.upper()
        exchange = asked.partition("_")[0]
        # An exchange is written small, its spot venue in capitals: so the server reads `venue=` as well.
        any_market = venue != asked and asked == exchange
        # Margin trades the spot list.
        whole = asked.endswith("_MARGIN") or not WHOLE_EXCHANGE.isdisjoint(self.categories)
        found = [self.asset_action or "none"]
        for place, action in self.venue_actions.items():
            if place == asked or (place.partition("_")[0] == exchange and (whole or any_market)):
                found.append(action)
        return strictest(found)


@dataclass(frozen=True)
class Freshness:
    """How far an answer may be believed. Empty lists mean "no risk" only while it is `fresh`."""

    as_of: datetime | None
    seq: int | None
    status: str
    stale_sources: tuple[str, ...]
    age_ms: int | None

    @property
    def fresh(self) -> bool:
        return self.status == "fresh"


@dataclass(frozen=True)
class Risks(Freshness):
    """`GET /risk`: the rows of `token_risk_view` that were asked for."""

    refreshed_at: datetime | None
    tokens: tuple[TokenRisk, ...]


@dataclass(frozen=True)
class AssetRisk(Freshness):
    """`GET /risk/{asset}`. No row means "no risk" only if the answer is `fresh` and `covered` is not `unknown`."""

    asset: str
    token: str
    covered: str
    risk: TokenRisk | None


@dataclass(frozen=True)
class Event:
    """An event of a list. `raw` is the whole object, with fields that this client does not know."""

    id: int
    category: str
    priority: str
    status: str
    title: str
    source: str
    url: str
    opened_at: datetime | None
    raw: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Page(Freshness):
    """One page of a list; `next` is the cursor of the page after it, None at the end."""

    items: tuple[Mapping[str, Any], ...]
    next: str | None


@dataclass(frozen=True)
class StoredBook:
    """The book of an account as it was stored. `unresolved`: names that nobody knows; they are kept as written."""

    account: str
    as_of: datetime | None
    count: int
    replaced: int
    unresolved_count: int
    unresolved: tuple[Mapping[str, Any], ...]
    raw: Mapping[str, Any] = field(repr=False, compare=False)


def rank(action: str) -> int:
    """Where a word stands in `ACTIONS`. One that is not known counts as the strictest."""
    return ACTIONS.index(action) if action in ACTIONS else len(ACTIONS) - 1


def strictest(actions: Sequence[str]) -> str:
    """The strictest of several actions; `none` where there are none."""
    return max(actions, key=ACTIONS.index, default="none")


NOBODY: Final = Row(
    exchange="",
    venue="",
    symbol="",
    base="",
    quote="",
    settle="",
    may_open=False,
    may_close=True,
    action="none",
    base_action="none",
    quote_action="none",
    instrument_action="none",
    trading_status="",
    trading_ends_at=None,
    reasons=(),
    event_ids=(),
    status="unknown",
    stale_sources=(),
    covered="unknown",
    as_of=None,
    age_ms=None,
    seq=None,
)
"""What is said where nobody answered: no opening, closing as ever."""


def answer_from(row: Row, **more: Any) -> Answer:
    """An answer with the fields of a row; `more` are its others, and what differs from the row."""
    return Answer(**{one.name: getattr(row, one.name) for one in dataclasses.fields(Row)} | more)


def no_answer(exchange: str, symbol: str, fault: str, problem: str) -> Answer:
    """The answer of `fail="closed"`: nothing is known, so nothing is opened, and what is open may be closed."""
    return answer_from(
        NOBODY,
        exchange=str(exchange),
        symbol=str(symbol),
        asked_exchange=str(exchange),
        asked_symbol=str(symbol),
        source="failed",
        fault=fault,
        problem=problem,
    )
