"""The stored books: replaced as a whole, deleted, and read for exposure."""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Upper

from events.enums import EVERYTHING
from events.models import Effect, Position, PositionBook
from events.positions.book import Book, BookRefused, BookRow
from events.positions.exposure import Exposure, Positions, StoredPosition
from events.positions.names import ListedInstrument, NamedRow, NamesKnown, name_row, places_to_look, split_ticker
from markets.identity_store import known_identity
from markets.instrument_names import bare, is_contract
from markets.models import InstrumentName, VenueSpelling

AHEAD = timedelta(minutes=1)
"""A book may be this much ahead of our clock; a later one would refuse every right book until then."""
MAX_ACCOUNTS = 100
MAX_POSITIONS = 20_000
"""Of all accounts: each channel has them in memory, by what an event may name."""
_SHOWN = 100


@dataclass(frozen=True)
class Unresolved:
    """What nobody knows of one row: it is stored, and an event can touch it by its written name only."""

    row: int
    field: str
    value: str


@dataclass(frozen=True)
class Replaced:
    """What became of a post. unresolved: at most the first hundred of `unresolved_count`."""

    account: str
    as_of: datetime
    received_at: datetime
    count: int
    replaced: int
    unresolved_count: int
    unresolved: tuple[Unresolved, ...]


def replace_book(book: Book, by: str, now: datetime) -> Replaced:
    """Store a book in place of the account's former one, all of it or nothing.

    now: ours, received_at. Raises BookRefused for a book that is older than the stored one, or ahead of us.
    """
    if book.as_of > now + AHEAD:
        raise BookRefused("as_of", book.as_of.isoformat(), f"a time that is not ahead of ours, {now.isoformat()}")
    rows = _named(book)
    with transaction.atomic():
        # The row is locked, whether it was there or not: posts of one account, and its deletion, wait for each other.
        PositionBook.objects.bulk_create(
            [PositionBook(account=book.account, as_of=book.as_of, received_at=now, by=by[:150])],
            update_conflicts=True,
            unique_fields=["account"],
            update_fields=["account"],
        )
        stored = PositionBook.objects.get(account=book.account)
        if book.as_of < stored.as_of:
            raise BookRefused(
                "as_of",
                book.as_of.isoformat(),
                f"{stored.as_of.isoformat()} or later: a newer book of {book.account} is stored",
            )
        _check_size(book)
        replaced = Position.objects.filter(book=stored).count()
        Position.objects.filter(book=stored).delete()
        Position.objects.bulk_create(
            [_stored(stored, number, row) for number, row in enumerate(rows, 1)], batch_size=1000
        )
        stored.as_of, stored.received_at, stored.by, stored.version = book.as_of, now, by[:150], uuid.uuid4()
        stored.save(update_fields=["as_of", "received_at", "by", "version"])
    unresolved = [
        Unresolved(number, field, getattr(written, field))
        for number, (row, written) in enumerate(zip(rows, book.rows, strict=True), 1)
        for field in row.unresolved
    ]
    return Replaced(book.account, book.as_of, now, len(rows), replaced, len(unresolved), tuple(unresolved[:_SHOWN]))


def _check_size(book: Book) -> None:
    """Raises BookRefused where all books together would be too many."""
    if (accounts := PositionBook.objects.count()) > MAX_ACCOUNTS:
        raise BookRefused(
            "account", book.account, f"one of the {accounts - 1} that have a book, or one of them deleted"
        )
    others = Position.objects.exclude(book__account=book.account).count()
    if others + len(book.rows) > MAX_POSITIONS:
        raise BookRefused(
            "positions", len(book.rows), f"at most {max(MAX_POSITIONS - others, 0)}: other accounts have {others}"
        )


def delete_book(account: str) -> int | None:
    """Forget an account with its `as_of`; the number of its positions, None where there is no such account."""
    with transaction.atomic():
        book = PositionBook.objects.select_for_update().filter(account=account).first()
        if book is None:
            return None
        count = Position.objects.filter(book=book).count()
        book.delete()
        return count


def stored_positions(now: datetime) -> Positions | None:
    """All positions under the names of now; None where no book is stored: nobody knows then what the desk holds.

    Read again only when a book was posted or deleted, or when names have changed.
    """
    versions = tuple(PositionBook.objects.order_by("pk").values_list("pk", "version"))
    if not versions:
        return None
    database = connection.settings_dict
    key = (database["HOST"], database["PORT"], database["NAME"])
    identity = known_identity()
    cached = _last.get(key)
    if cached is None or cached[0] != (versions, identity) or not identity.same_names(cached[1].at, now):
        cached = _last[key] = ((versions, identity), Positions(_read(), identity, now))
    return cached[1]


def exposures_of_open(positions: Positions) -> dict[int, tuple[Exposure, ...]]:
    """Event id → what it touches, for the open events that touch anything."""
    named = Q(upper_token__in=sorted({*positions.tokens, EVERYTHING}))
    if positions.tickers:
        named |= Q(tickers__overlap=sorted(positions.tickers))
    effects: dict[int, list[Effect]] = {}
    categories: dict[int, str] = {}
    rows = (
        Effect.objects.alias(upper_token=Upper("token"))
        .filter(named, open=True)
        .order_by("event_id")
        .annotate(category=F("event__category"))
    )
    for effect in rows.only("event_id", "token", "scope", "venue", "tickers"):
        effects.setdefault(effect.event_id, []).append(effect)
        categories[effect.event_id] = effect.category
    found = {event_id: positions.touched(of_event, categories[event_id]) for event_id, of_event in effects.items()}
    return {event_id: exposures for event_id, exposures in found.items() if exposures}


# Database → the version that was read, and the positions.
_last: dict[Hashable, tuple[Hashable, Positions]] = {}


def _read() -> list[StoredPosition]:
    rows = Position.objects.order_by("book__account", "row").values_list(
        "book__account", "book__as_of", "venue", "asset", "token", "quantity", "value_usd", "symbol", "tickers",
        "money", "contract", "listed",
    )  # fmt: skip
    return [
        StoredPosition(*row[:8], tickers=tuple(row[8]), money=tuple(row[9]), contract=row[10], listed=row[11])
        for row in rows
    ]


def _stored(book: PositionBook, number: int, row: NamedRow) -> Position:
    values = {**vars(row), "tickers": list(row.tickers), "money": list(row.money), "unresolved": list(row.unresolved)}
    return Position(book=book, row=number, **values)


def _named(book: Book) -> list[NamedRow]:
    spellings: dict[str, set[str]] = {}
    list_venues: dict[str, str] = {}
    for spelling, venue, list_venue in VenueSpelling.objects.values_list("spelling", "venue", "list_venue"):
        spellings.setdefault(spelling, set()).add(venue)
        list_venues[venue] = list_venue
    requested = _requested(book.rows, spellings)
    known = NamesKnown(spellings, known_identity(), _instruments(requested, list_venues))
    return [name_row(row, known, book.as_of) for row in book.rows]


def _requested(rows: Sequence[BookRow], spellings: dict[str, set[str]]) -> set[tuple[str, str]]:
    """(venue, symbol in upper case) of every place where a symbol may be listed."""
    found = set()
    for row in rows:
        venue, symbol = split_ticker(row, spellings)
        if symbol:
            found |= {(place, symbol.upper()) for place in places_to_look(venue, spellings)}
    return found


def _instruments(
    requested: Iterable[tuple[str, str]], list_venues: dict[str, str]
) -> dict[tuple[str, str], tuple[ListedInstrument, ...]]:
    requested = list(requested)
    if not requested:
        return {}
    by_name: dict[tuple[str, str], dict[int, ListedInstrument]] = {}
    by_bare: dict[tuple[str, str], dict[int, ListedInstrument]] = {}
    rows = InstrumentName.objects.filter(
        Q(name__in={symbol for _, symbol in requested}) | Q(bare__in={bare(symbol) for _, symbol in requested}),
        venue__in={list_venues[venue] for venue, _ in requested},
    ).select_related("instrument")
    for row in rows:
        one = row.instrument
        listed = ListedInstrument(
            one.venue, one.symbol, one.token, (one.quote_token, one.settle_token), is_contract(one)
        )
        by_name.setdefault((row.venue, row.name), {})[one.pk] = listed
        by_bare.setdefault((row.venue, row.bare), {})[one.pk] = replace(listed, exact=False)
    return {
        (venue, symbol): tuple(
            {
                **by_bare.get((list_venues[venue], bare(symbol)), {}),
                **by_name.get((list_venues[venue], symbol), {}),
            }.values()
        )
        for venue, symbol in requested
    }
