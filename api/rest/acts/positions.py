"""Positions of the desk: `POST`, `GET` and `DELETE /positions`.

A token that may only read is a bot's: it is shown which books are stored and how old they are, never what is in them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from ninja import Field, Query, Schema

from alerts.audit import Actor
from api.problems import Problem
from api.rest.access import ACT, READ, router
from api.rest.acts.audit import perform
from api.rest.envelope import Envelope, enveloped, snapshot
from api.rest.inputs import Moment, Name
from crypto_ews.conf import get_config
from events import clock
from events.models import Position, PositionBook
from events.positions.book import DEFAULT_ACCOUNT, MAX_BYTES, MAX_ROWS, BookRefused, parse_book
from events.positions.phrases import plain_number
from events.positions.store import delete_book, replace_book

_UNRESOLVED = 100
_AS_OF = "2026-11-30T12:00:00Z"
_ROW = {
    "type": "object",
    "additionalProperties": False,
    "required": ["quantity"],
    "properties": {
        "venue": {"type": "string", "maxLength": 64, "description": "OKX, binance, BINANCE_USDM; empty: no exchange."},
        "asset": {"type": "string", "maxLength": 64, "description": "The coin; it or a symbol must be given."},
        "symbol": {"type": "string", "maxLength": 64, "description": "Of a pair or contract; empty for a balance."},
        "quantity": {"anyOf": [{"type": "number"}, {"type": "string"}], "description": "Signed; short is below zero."},
        "value_usd": {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]},
    },
}
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "account": {"type": "string", "maxLength": 64, "default": DEFAULT_ACCOUNT},
                    "as_of": {"type": "string", "format": "date-time", "description": "When the positions were so."},
                    "empty": {"type": "boolean", "description": "Must be true where there are no positions."},
                    "positions": {"type": "array", "maxItems": MAX_ROWS, "items": _ROW},
                },
            },
            "example": {
                "account": DEFAULT_ACCOUNT,
                "as_of": _AS_OF,
                "positions": [{"venue": "OKX", "asset": "USDC", "quantity": "1200000", "value_usd": "1200000"}],
            },
        },
        "text/csv": {
            "schema": {"type": "string", "maxLength": MAX_BYTES},
            "example": "venue,asset,symbol,quantity,value_usd\nOKX,USDC,,1200000,1200000\n",
        },
    },
}


class BookFacts(Schema):
    """Which book of an account is stored."""

    account: str
    as_of: datetime = Field(description="When the positions were so, by the clock of whoever posted them.")
    received_at: datetime
    by: str
    age_seconds: int = Field(description="Since `as_of`.")
    old: bool = Field(description="Older than POSITIONS_MAX_AGE: cards show it with its age.")
    count: int
    unresolved_count: int


class UnresolvedName(Schema):
    """A name that nobody knows. The position is stored; events touch it by its written name only."""

    row: int
    field: str
    value: str


class StoredBook(BookFacts):
    replaced: int = Field(description="Positions that the account's former book had.")
    unresolved: list[UnresolvedName] = Field(description="The first hundred.")


class PositionBody(Schema):
    row: int
    venue: str
    asset: str = Field(description="As written.")
    token: str = Field(description="What that meant at `as_of`; of a contract its base.")
    symbol: str
    quantity: str
    value_usd: str | None
    unresolved: list[str]


class BookInFull(BookFacts):
    positions: list[PositionBody]


class BookList(Envelope):
    items: list[BookFacts]


class OneStored(Envelope):
    book: StoredBook


class OneBook(Envelope):
    book: BookInFull


class Forgotten(Envelope):
    account: str
    count: int = Field(description="Positions that the book had.")


class Beside(Schema):
    """What may stand beside the body, for a CSV above all."""

    account: Name | None = Field(None, description=f"Whose book it is; default: {DEFAULT_ACCOUNT}.")
    as_of: Moment | None = None
    empty: bool = Field(False, description="The book has no rows, and that is right.")


@router.post("/positions", auth=ACT, response=OneStored, tags=["positions"], openapi_extra={"requestBody": _BODY})
def post_positions(request: HttpRequest, beside: Query[Beside]) -> dict[str, Any]:
    """Replace an account's whole book, or change nothing: one row that cannot be read refuses all of it."""
    try:
        at = None if beside.as_of is None else beside.as_of.isoformat()
        book = parse_book(request.body, request.content_type or "", beside.account, at, beside.empty)
    except BookRefused as refused:
        raise _problem(refused) from None
    # What is audited names no position.
    what = {
        "account": book.account,
        "as_of": book.as_of,
        "positions": len(book.rows),
        "sha256": hashlib.sha256(request.body).hexdigest(),
    }

    def run(actor: Actor, now: datetime) -> tuple[str, dict[str, Any]]:
        try:
            stored = replace_book(book, actor.by, now)
        except BookRefused as refused:
            raise _problem(refused) from None
        result = f"stored {stored.count} positions of {stored.account}, instead of {stored.replaced}"
        return result, {"replaced": stored.replaced}

    made, _ = perform(request, what, run)
    with snapshot():
        envelope = enveloped(request)
        (facts,) = _facts(Q(account=book.account)) or [_gone(book.account)]
        return {**envelope, "book": {**facts, **made, "unresolved": _unresolved(book.account)}}


@router.get("/positions", auth=READ, response=BookList, tags=["positions"])
def list_books(request: HttpRequest) -> dict[str, Any]:
    """Which books are stored, and how old they are; without their positions."""
    return enveloped(request, items=_facts(Q()))


@router.get("/positions/{account}", auth=ACT, response=OneBook, tags=["positions"])
def one_book(request: HttpRequest, account: Name) -> dict[str, Any]:
    """The positions of an account. They are the desk's own matter: a token that may only read is not shown them."""
    envelope = enveloped(request)
    (facts,) = _facts(Q(account=account)) or [_gone(account)]
    rows = Position.objects.filter(book__account=account).order_by("row")
    return {**envelope, "book": {**facts, "positions": [_row(row) for row in rows]}}


@router.delete("/positions/{account}", auth=ACT, response=Forgotten, tags=["positions"])
def forget_book(request: HttpRequest, account: Name) -> dict[str, Any]:
    """Forget an account's book with its `as_of`, so that any later post is taken."""

    def run(_actor: Actor, _now: datetime) -> tuple[str, dict[str, Any]]:
        count = delete_book(account)
        if count is None:
            raise Problem(404, f"account {account!r} has no book")
        return f"forgot the book of {account}, {count} positions", {"account": account, "count": count}

    made, _ = perform(request, {}, run)
    with snapshot():
        return enveloped(request, **made)


def _facts(of: Q) -> list[dict[str, Any]]:
    now, fresh_for = clock.now(), get_config().positions_max_age
    books = PositionBook.objects.filter(of).annotate(
        count=Count("positions"), unresolved_count=Count("positions", filter=~Q(positions__unresolved=[]))
    )
    names = ("account", "as_of", "received_at", "by", "count", "unresolved_count")
    return [
        {
            **{name: getattr(book, name) for name in names},
            "age_seconds": max(int((now - book.as_of).total_seconds()), 0),
            "old": now - book.as_of > fresh_for,
        }
        for book in books
    ]


def _gone(account: str) -> dict[str, Any]:
    raise Problem(404, f"account {account!r} has no book")


def _unresolved(account: str) -> list[dict[str, Any]]:
    rows = Position.objects.filter(book__account=account).exclude(unresolved=[]).order_by("row")[:_UNRESOLVED]
    names = ({"row": row.row, "field": field, "value": getattr(row, field)} for row in rows for field in row.unresolved)
    return list(islice(names, _UNRESOLVED))


def _row(row: Position) -> dict[str, Any]:
    return {
        "row": row.row,
        "venue": row.venue,
        "asset": row.asset,
        "token": row.token,
        "symbol": row.symbol,
        "quantity": plain_number(row.quantity),
        "value_usd": None if row.value_usd is None else plain_number(row.value_usd),
        "unresolved": row.unresolved,
    }


def _problem(refused: BookRefused) -> Problem:
    """Nothing was stored, and why: the row, the field, its value, what is expected."""
    error: dict[str, Any] = {"field": refused.field, "value": refused.value, "expected": refused.expected}
    if refused.row is not None:
        error |= {"row": refused.row}
    if refused.line is not None:
        error |= {"line": refused.line}
    return Problem(422, f"nothing was stored: {refused}", {**error, "errors": [error]})
