"""How a body becomes an answer: strictly, with every doubt on the side of "no". Pure.

A field that is unknown to this client is ignored (a newer server); a field that is missing or of another type makes the
answer malformed; an action that is unknown counts as `halt`, the strictest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ews_client.answers import (
    ACTIONS,
    FRESH_MS,
    FUTURE_MS,
    NOBODY,
    STATUSES,
    Answer,
    AssetRisk,
    Event,
    Page,
    Risks,
    Row,
    StoredBook,
    TokenRisk,
    answer_from,
    strictest,
)
from ews_client.faults import EwsError
from ews_client.fields import Reader, shown


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
    return answer_from(
        strict,
        may_open=strict.may_open and bool(rows) and all(row.may_open for row in rows),
        may_close=strict.may_close and all(row.may_close for row in rows),
        action=strictest([strict.action, *(row.action for row in rows)]),
        asked_exchange=exchange,
        asked_symbol=symbol,
        source="server",
        rows=rows,
    )


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
