"""What the readers of all exchanges' instrument lists share: a list, its rows one by one, and whether it changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from events.upstream.client import Payload
from events.upstream.errors import SchemaDrift
from events.upstream.rows import clause, struct_of
from exchanges.instrument_status import Meaning, UnknownStatus, known
from exchanges.wire import BadRow, Name, milliseconds, refuse_nul
from markets.knowledge import InstrumentRow

# 2009: no contract ended before. Dated ones are listed a year or two ahead.
_FIRST_EXCHANGE_S = datetime(2009, 1, 1, tzinfo=UTC).timestamp()
_LONGEST_CONTRACT = timedelta(days=20 * 365)
# When Binance made the answer: all that differs from one minute to the next, and no parser reads it.
_MADE_AT = re.compile(rb'"serverTime"\s*:\s*(\d+)')


@dataclass(frozen=True)
class InstrumentList:
    """One of an exchange's lists.

    name: what the exchange calls it, unique among its lists; source: its archive name; venues: those that its rows are
    of; url: the full URL.
    """

    name: str
    source: str
    venues: tuple[str, ...]
    url: str


ReadRows = tuple[Sequence[InstrumentRow], Sequence[BadRow]]


def read_rows(
    items: Iterable[tuple[object, Any]], read: Callable[[Any], InstrumentRow], source: str, where: str, expected: str
) -> ReadRows:
    """The rows that can be read, and those that cannot.

    items: (symbol as far as it is known, row). Raises SchemaDrift where no row, or less than nine tenths, can be read.
    Rows of an unknown status and placeholders do not count against the list.
    """
    rows: list[InstrumentRow] = []
    bad_rows: list[BadRow] = []
    unknown = placeholders = 0
    first_fault = ""
    for symbol, item in items:
        try:
            rows.append(without_nul(read(item)))
        except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
            bad_rows.append(BadRow(str(symbol or item)[:200], "", str(error), str(item)[:500]))
            unknown += isinstance(error, UnknownStatus)
            placeholders += isinstance(error, Placeholder)
            if not isinstance(error, Placeholder):
                first_fault = first_fault or str(error)
    faulty = len(bad_rows) - placeholders
    if faulty and (not rows or (faulty - unknown) * 10 > len(rows) + faulty):
        raise SchemaDrift(source, where, expected, first_fault)
    return rows, bad_rows


def without_nul(row: InstrumentRow) -> InstrumentRow:
    """The row, if PostgreSQL can store it. Raises ValueError for a NUL in a name."""
    refuse_nul(f"{row.symbol}{row.base}{row.quote}{row.settle}")
    return row


class Listed(msgspec.Struct, gc=False):
    """A row of an instrument list. Each exchange's Struct inherits it and maps the fields to the names of its list."""

    symbol: Name
    status: Name


Row = TypeVar("Row", bound=Listed)


class Placeholder(ValueError):
    """A row for a future instrument that has no symbol yet."""


def listed_row(item: Any, kind: type[Row], statuses: Mapping[str, Meaning]) -> Row:
    """A row as the exchange's Struct, its status one of `statuses`.

    Raises Placeholder for a pending instrument without a symbol, UnknownStatus for another status even if more is wrong
    with the row, ValueError for any other fault.
    """
    try:
        row = struct_of(item, kind)
    except msgspec.ValidationError as error:
        if isinstance(item, dict):
            _refuse_by_status(item, kind, statuses)
        raise ValueError(clause(error, item)) from None
    if row.status not in statuses:
        refuse_nul(f"{row.symbol}{row.status}")
        known(row.status, statuses)
    return row


def _refuse_by_status(item: dict[str, Any], kind: type[Row], statuses: Mapping[str, Meaning]) -> None:
    """Raises Placeholder or UnknownStatus if one explains the fault, ValueError for an unusable symbol or status."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    symbol, status = item.get(names["symbol"]), item.get(names["status"])
    if isinstance(status, str) and statuses.get(status) is Meaning.PENDING and not symbol:
        shown = f"{names['symbol']} was {symbol!r:.80} and {names['status']} {status}"
        raise Placeholder(f"{shown}: it has no symbol yet")
    text(symbol, names["symbol"])
    known(text(status, names["status"]), statuses)


def end_of(value: Any, read_at: datetime) -> datetime | None:
    """When a contract ends (UTC), from epoch milliseconds; None where it has no end.

    Exchanges write "no end" as null, an empty text, 0, a time before exchanges existed, or one in the next century
    (4133404800000, 4133376000000, 32503680000000 …). A listed contract ends within years.
    Raises ValueError for what is no number.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"the end was {value!r:.80}, expected epoch milliseconds")
    try:
        seconds = float(value) / 1000
    except (ValueError, OverflowError):
        raise ValueError(f"the end was {value!r:.80}, expected epoch milliseconds") from None
    if not seconds > _FIRST_EXCHANGE_S or seconds > (read_at + _LONGEST_CONTRACT).timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)


def named(items: Iterable[Any], field: str) -> list[tuple[object, Any]]:
    """(symbol, row): what identifies a row even if the rest of it cannot be read."""
    return [(item.get(field) if isinstance(item, dict) else None, item) for item in items]


def text(value: Any, field: str) -> str:
    """An identifier, 1 to 64 characters, from a field that a Struct types as Any. Raises ValueError."""
    if not isinstance(value, str) or not 0 < len(value) <= 64 or "\0" in value:
        raise ValueError(f"{field} was {value!r:.80}, expected a text")
    refuse_nul(value)
    return value


def list_version(payload: Payload) -> bytes:
    """A digest without the server time, equal for equal lists. An unchanged list is not parsed again."""
    return hashlib.sha256(_MADE_AT.sub(b"", payload.body, count=1)).digest()


def server_time(payload: Payload) -> datetime | None:
    """When Binance made the answer; None where the answer does not say so."""
    found = _MADE_AT.search(payload.body)
    try:
        return milliseconds(int(found[1])) if found else None
    except ValueError:
        return None
