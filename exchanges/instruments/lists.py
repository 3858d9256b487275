"""What the readers of all exchanges' instrument lists share: a list, its rows one by one, and their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from events.upstream.errors import SchemaDrift
from exchanges.instrument_status import Meaning, UnknownStatus
from exchanges.wire import BadRow
from markets.knowledge import InstrumentRow

# 2009: no contract ended before. Dated ones are listed a year or two ahead.
_FIRST_EXCHANGE_S = datetime(2009, 1, 1, tzinfo=UTC).timestamp()
_LONGEST_CONTRACT = timedelta(days=20 * 365)


@dataclass(frozen=True)
class InstrumentList:
    """One of an exchange's lists.

    name: what the exchange calls it, unique among its lists; source: its archive name; venues: those that its rows are
    of; url: the whole URL.
    """

    name: str
    source: str
    venues: tuple[str, ...]
    url: str


ReadRows = tuple[Sequence[InstrumentRow], Sequence[BadRow]]


def read_rows(
    items: Iterable[tuple[object, Any]], read: Callable[[Any], InstrumentRow], source: str, where: str, expected: str
) -> ReadRows:
    """Every row that can be read, and those that cannot.

    items: (symbol as far as it is known, row). Raises SchemaDrift where none of them, or less than nine tenths, can be
    read; rows of a status that nobody knows, and those that are no instrument yet, are no fault of the list.
    """
    rows: list[InstrumentRow] = []
    bad_rows: list[BadRow] = []
    unknown = placeholders = 0
    first_fault = ""
    for symbol, item in items:
        try:
            rows.append(read(item))
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


class Placeholder(ValueError):
    """A row for an instrument that is to come, without the symbol that it will have."""


def symbol_of(item: Any, name: str, status_name: str, statuses: Mapping[str, Meaning]) -> str:
    """The field that says an instrument's symbol. Raises Placeholder where it has none and does not trade yet."""
    status = item.get(status_name) if isinstance(item, dict) else None
    if isinstance(status, str) and statuses.get(status) is Meaning.PENDING and not item.get(name):
        raise Placeholder(f"{name} was {item.get(name)!r:.80} and {status_name} {status}: it has no symbol yet")
    return text(item, name)


def end_of(value: Any, read_at: datetime) -> datetime | None:
    """When a contract ends, from epoch milliseconds; None where it has no end.

    Exchanges write "no end" as a time that no contract has: none, nothing, 0, one before there were exchanges, or one
    in the next century (4133404800000, 4133376000000, 32503680000000 …). A contract that is listed ends within years.
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
    """Rows with the field that says their symbol."""
    return [(item.get(field) if isinstance(item, dict) else None, item) for item in items]


def text(item: Any, name: str) -> str:
    """A field that identifies something; raises ValueError where it is no short text."""
    value = item[name] if isinstance(item, dict) and name in item else None
    if not isinstance(value, str) or not value or len(value) > 64 or "\0" in value:
        raise ValueError(f"{name} was {value!r:.80}, expected a text")
    return value
