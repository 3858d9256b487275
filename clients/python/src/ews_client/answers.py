"""Typed answers of the API, and how a body becomes one: strictly, with every doubt on the side of "no". Pure.

A field that is unknown to this client is ignored (a newer server); a field that is missing or of another type makes the
answer malformed; an action that is unknown counts as `halt`, the strictest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ews_client.faults import EwsError
from ews_client.fields import Reader, shown

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


def row_of(body: Any) -> Row:
    """A row of `can_trade`. Whatever contradicts itself is read as the stricter: see `_guarded`."""
    read = Reader("a row of can_trade", body)
    return _guarded(
        Row(
            exchange=read.text("exchange"),
            venue=read.text("venue"),
            symbol=read.text("symbol"),
            base=read.text("base"),
            quote=read.text("quote"),
            settle=read.text("settle"),
            may_open=read.flag("may_open"),
            may_close=read.flag("may_close"),
            action=read.word("action", ACTIONS),
            base_action=read.word("base_action", ACTIONS),
            quote_action=read.word("quote_action", ACTIONS),
            instrument_action=read.word("instrument_action", ACTIONS),
            trading_status=read.text("trading_status"),
            trading_ends_at=read.time("trading_ends_at"),
            reasons=read.objects("reasons"),
            event_ids=read.numbers("event_ids"),
            status=read.word("status", STATUSES),
            stale_sources=read.texts("stale_sources"),
            covered=read.text("covered"),
            as_of=read.time("as_of"),
            age_ms=read.optional_number("age_ms"),
            seq=read.optional_number("seq"),
        )
    )


def _guarded(row: Row) -> Row:
    """The row with `may_open` and `may_close` no braver than what stands beside them."""
    action = strictest([row.action, row.base_action, row.quote_action, row.instrument_action])
    opens = (
        row.may_open
        and ACTIONS.index(action) <= ACTIONS.index("watch")
        and row.status == "fresh"
        and not row.stale_sources
        and row.covered in ("watched", "listed")
        and row.age_ms is not None
        and FUTURE_MS <= row.age_ms <= FRESH_MS
        and row.as_of is not None
        and row.seq is not None
    )
    return dataclasses.replace(row, action=action, may_open=opens, may_close=row.may_close and action != "halt")


def answer_of(exchange: str, symbol: str, body: Any, around: Mapping[str, Any] | None = None) -> Answer:
    """The answer to one question, from the body of `GET /can-trade` or from one of the `answers` of `POST /can-trade`.

    `around` is the body that the answer lies in: it has `as_of` and `seq` for all. Raises EwsError `malformed`, also
    where the body answers another question.
    """
    read = Reader("an answer of can-trade", body)
    outer = Reader("the body of can-trade", around if around is not None else body)
    if (read.text("exchange"), read.text("symbol")) != (exchange, symbol):
        raise EwsError("malformed", f"an answer was about {shown(read.body['symbol'])}, expected {shown(symbol)}")
    rows = tuple(row_of(row) for row in read.objects("rows"))
    head: dict[str, Any] = {
        "may_open": read.flag("may_open"),
        "may_close": read.flag("may_close"),
        "action": read.word("action", ACTIONS),
        "status": read.word("status", STATUSES),
        "covered": read.text("covered"),
        "as_of": outer.time("as_of"),
        "seq": outer.optional_number("seq"),
        "age_ms": read.optional_number("age_ms"),
    }
    if outer.word("status", STATUSES) == "unknown":
        head["status"] = "unknown"
    if "stale_sources" in read.body:
        head["stale_sources"] = read.texts("stale_sources")
    first = rows[0] if rows else dataclasses.replace(NOBODY, exchange=exchange, symbol=symbol)
    strict = _guarded(dataclasses.replace(first, **{**head, "action": strictest([head["action"], first.action])}))
    return Answer(
        **{
            **_fields(strict),
            "may_open": strict.may_open and bool(rows) and all(row.may_open for row in rows),
            "may_close": strict.may_close and all(row.may_close for row in rows),
            "action": strictest([strict.action, *(row.action for row in rows)]),
        },
        asked_exchange=exchange,
        asked_symbol=symbol,
        source="server",
        rows=rows,
    )


def _fields(row: Row) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in dataclasses.fields(Row)}


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


def no_answer(exchange: str, symbol: str, fault: str, problem: str) -> Answer:
    """The answer of `fail="closed"`: nothing is known, so nothing is opened, and what is open may be closed."""
    known = dataclasses.replace(NOBODY, exchange=str(exchange), symbol=str(symbol))
    return Answer(
        **_fields(known),
        asked_exchange=str(exchange),
        asked_symbol=str(symbol),
        source="failed",
        fault=fault,
        problem=problem,
    )


# --------------------------------------------------------------------------------------------------------------- risks


def token_risk_of(body: Any) -> TokenRisk:
    read = Reader("a row of the risk view", body)
    return TokenRisk(
        token=read.text("token"),
        risk_level=read.text("risk_level"),
        action=read.word("action", ACTIONS),
        asset_action=read.optional_word("asset_action", ACTIONS),
        venue_actions=read.words("venue_actions", ACTIONS),
        trading_status=read.text("trading_status"),
        trading_ends_at=read.time("trading_ends_at"),
        next_important_at=read.time("next_important_at"),
        venues=read.texts("venues"),
        categories=read.texts("categories"),
        sources=read.texts("sources"),
        tickers=read.texts("tickers"),
        event_ids=read.numbers("event_ids"),
        first_seen_at=read.time("first_seen_at"),
        updated_at=read.time("updated_at"),
        valid_until=read.time("valid_until"),
        reasons=read.objects("reasons"),
    )


def freshness_of(read: Reader, age_ms: int | None) -> dict[str, Any]:
    """`as_of`, `seq`, `status`, `stale_sources`, and the header's age. What is too old is unknown, whatever it says."""
    as_of, seq, status = read.time("as_of"), read.optional_number("seq"), read.word("status", STATUSES)
    if as_of is None or seq is None or age_ms is None or not FUTURE_MS <= age_ms <= FRESH_MS:
        status = "unknown"
    stale = read.texts("stale_sources")
    if status == "fresh" and stale:
        status = "stale"
    return {"as_of": as_of, "seq": seq, "status": status, "stale_sources": stale, "age_ms": age_ms}


def risks_of(body: Any, age_ms: int | None) -> Risks:
    read = Reader("the body of risk", body)
    tokens = tuple(token_risk_of(row) for row in read.objects("tokens"))
    return Risks(**freshness_of(read, age_ms), refreshed_at=read.time("refreshed_at"), tokens=tokens)


def asset_risk_of(body: Any, age_ms: int | None) -> AssetRisk:
    read = Reader("the body of risk of an asset", body)
    if "risk" not in read.body:
        raise EwsError("malformed", "the body of risk of an asset has no risk, expected a row or null")
    row = None if read.body["risk"] is None else token_risk_of(read.body["risk"])
    return AssetRisk(
        **freshness_of(read, age_ms),
        asset=read.text("asset"),
        token=read.text("token"),
        covered=read.text("covered"),
        risk=row,
    )


def page_of(body: Any, age_ms: int | None) -> Page:
    read = Reader("a page", body)
    # A list that is never cut into pages has no cursor.
    cursor = read.optional_text("next") if "next" in read.body else None
    return Page(**freshness_of(read, age_ms), items=read.objects("items"), next=cursor)


def stored_book_of(body: Any) -> StoredBook:
    read = Reader("the book", Reader("the answer to positions", body).body.get("book"))
    return StoredBook(
        account=read.text("account"),
        as_of=read.time("as_of"),
        count=read.number("count"),
        replaced=read.number("replaced"),
        unresolved_count=read.number("unresolved_count"),
        unresolved=read.objects("unresolved"),
        raw=read.body,
    )


def event_of(body: Any) -> Event:
    read = Reader("an event", body)
    return Event(
        id=read.number("id"),
        category=read.text("category"),
        priority=read.text("priority"),
        status=read.text("status"),
        title=read.text("title"),
        source=read.text("source"),
        url=read.text("url"),
        opened_at=read.time("opened_at"),
        raw=read.body,
    )
