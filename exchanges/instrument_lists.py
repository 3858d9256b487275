"""What the readers of all exchanges' instrument lists share: a list, its rows one by one, and their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from events.errors import SchemaDrift
from exchanges.base import BadRow
from exchanges.instrument_states import UnknownStatus
from markets.knowledge import InstrumentRow


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
    read; rows of a status that nobody knows are no fault of the list.
    """
    rows: list[InstrumentRow] = []
    bad_rows: list[BadRow] = []
    unknown = 0
    for symbol, item in items:
        try:
            rows.append(read(item))
        except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
            bad_rows.append(BadRow(str(symbol or item)[:200], "", str(error), str(item)[:500]))
            unknown += isinstance(error, UnknownStatus)
    if bad_rows and (not rows or (len(bad_rows) - unknown) * 10 > len(rows) + len(bad_rows)):
        raise SchemaDrift(source, where, expected, bad_rows[0].error)
    return rows, bad_rows


def named(items: Iterable[Any], field: str) -> list[tuple[object, Any]]:
    """Rows with the field that says their symbol."""
    return [(item.get(field) if isinstance(item, dict) else None, item) for item in items]


def text(item: Any, name: str) -> str:
    """A field that identifies something; raises ValueError where it is no short text."""
    value = item[name] if isinstance(item, dict) and name in item else None
    if not isinstance(value, str) or not value or len(value) > 64 or "\0" in value:
        raise ValueError(f"{name} was {value!r:.80}, expected a text")
    return value
