"""A book of positions as a desk posts it, JSON or CSV, read to typed rows. Pure.

One row that cannot be read refuses the whole book: a book of which a part is missing would be read as "nothing there".
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

# As much as the HTTP API reads of a body (`api.rest.door`).
MAX_BYTES = 262_144
MAX_ROWS = 2_000
DEFAULT_ACCOUNT = "desk"
MOST_CHARACTERS = 64
"""Of an account, a venue, an asset and a symbol."""

_PLACES = Decimal(1).scaleb(-18)
_EXACT = Context(prec=60)
_BELOW = Decimal(10) ** 20
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_A_NUMBER = "a decimal number with a point, such as -1200000.5, below 10^20"
_A_TIME = "a time with its zone in ISO 8601, such as 2026-11-30T12:00:00Z"
# 1.500 in a country that writes its decimals with a comma is one thousand five hundred.
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_WITH_A_POINT = re.compile(r"[+-]?[0-9]*\.[0-9]+(?:[eE].*)?")
_FIELDS = ("venue", "asset", "symbol", "quantity", "value_usd")
_ALIASES = {"exchange": "venue", "instrument": "symbol"}
_OF_THE_BOOK = ("account", "as_of")
_KEYS = ("account", "as_of", "empty", "positions")


class BookRefused(ValueError):
    """A book that is not stored, and why: the row (from 1; None: the book itself), field, value and what is expected.

    line: of a CSV file.
    """

    def __init__(
        self, field: str, value: object, expected: str, row: int | None = None, line: int | None = None
    ) -> None:
        self.field, self.expected, self.row, self.line = field, expected, row, line
        self.value = shown(_Found(value))
        where = "" if row is None else f"row {row}" + (f" (line {line})" if line else "") + ", "
        super().__init__(f"{where}{field} was {shown(value)}; expected {expected}")


@dataclass(frozen=True)
class BookRow:
    """One position as its desk writes it. quantity: signed, of the asset, or of contracts; value_usd: None: not given.

    symbol: of a pair or contract, empty for a balance. venue: empty for what lies on no exchange.
    """

    venue: str
    asset: str
    symbol: str
    quantity: Decimal
    value_usd: Decimal | None = None


@dataclass(frozen=True)
class Book:
    """All positions of one account. as_of: UTC, when they were so, by the desk's clock."""

    account: str
    as_of: datetime
    rows: tuple[BookRow, ...]


def parse_book(
    body: bytes, content_type: str, account: str | None = None, as_of: str | None = None, empty: bool = False
) -> Book:
    """The book in a request or a file.

    content_type: application/json (`{"account", "as_of", "empty", "positions": [rows]}` or the list of rows alone) or
    text/csv (a header; `,` `;` or tab between the cells; a byte order mark is skipped). account, as_of, empty: given
    beside the body; what stands in both places must agree. A book without rows must be called empty. Raises
    BookRefused.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ("application/json", "text/csv"):
        raise BookRefused("content type", content_type, "application/json or text/csv")
    if len(body) > MAX_BYTES:
        raise BookRefused("size", _Found(f"{len(body)} bytes"), f"at most {MAX_BYTES} bytes")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BookRefused(
            "encoding", _Found(f"byte {error.object[error.start]:#04x} at {error.start}"), "UTF-8"
        ) from None
    given = {"account": account, "as_of": as_of}
    records: Iterable[tuple[int, int | None, Mapping[str, Any]]]
    if kind == "text/csv":
        records = list(_csv_records(text))
        _check_points(text, records)
    else:
        items, beside = _json_items(text)
        empty = empty or beside.pop("empty", False)
        for name, value in beside.items():
            given[name] = _agreed(name, given[name], value)
        records = ((number, None, _record(item, number)) for number, item in enumerate(items, 1))
    rows: list[BookRow] = []
    for number, line, record in records:
        if number > MAX_ROWS:
            raise BookRefused("rows", _Found(f"more than {MAX_ROWS}"), f"at most {MAX_ROWS} positions an account")
        for name in _OF_THE_BOOK:
            if record.get(name) not in (None, ""):
                given[name] = _agreed(name, given[name], record[name], number, line)
        rows.append(_row(record, number, line))
    if bool(rows) == empty:
        what = f"{len(rows)} with the book called empty" if empty else "none"
        raise BookRefused("positions", _Found(what), 'rows; or no rows and "empty": true (empty=true beside a CSV)')
    return Book(_account(given["account"]), moment_of(given["as_of"]), tuple(rows))


def moment_of(value: object) -> datetime:
    """The `as_of` of a book. Raises BookRefused."""
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    raise BookRefused("as_of", _MISSING if value in (None, "") else value, _A_TIME)


class _Found(str):
    """Words of ours about a value, or a number as it is written: shown without quotes."""

    def __repr__(self) -> str:
        return str(self)


_MISSING = _Found("missing")


def shown(value: object) -> str:
    """A value for a message: short, one line, printable."""
    text = repr(value)
    text = "".join(character if character.isprintable() else "?" for character in text[:200])
    return text if len(text) <= 80 else text[:79] + "…"


def _account(value: object) -> str:
    return DEFAULT_ACCOUNT if value in (None, "") else _name("account", value, None, None) or DEFAULT_ACCOUNT


def _agreed(name: str, first: object, second: object, row: int | None = None, line: int | None = None) -> Any:
    if first not in (None, "") and second not in (None, "") and first != second:
        raise BookRefused(name, second, f"{shown(first)}, as given before: a book has one {name}", row, line)
    return second if first in (None, "") else first


# ------------------------------------------------------------------------------------------------------------- formats


def _json_items(text: str) -> tuple[Sequence[Any], dict[str, Any]]:
    """The rows, and what stands beside them."""
    try:
        # Numbers stay as they are written: a float would change a quantity.
        document = json.loads(
            text,
            object_pairs_hook=_once,
            parse_float=_Written,
            parse_int=_Written,
            parse_constant=_Written,
        )
    except (json.JSONDecodeError, RecursionError) as error:
        at = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise BookRefused("body", _Found(f"no JSON{at}"), "a JSON object with positions, or a list of them") from None
    beside: dict[str, Any] = {}
    if isinstance(document, dict):
        for key in document:
            if key not in _KEYS:
                raise BookRefused("key", key, f"one of {', '.join(_KEYS)}")
        beside = {name: document[name] for name in _OF_THE_BOOK if name in document}
        empty = document.get("empty", False)
        if not isinstance(empty, bool):
            raise BookRefused("empty", empty, "true or false")
        beside["empty"] = empty
        document = document.get("positions", [] if empty else None)
    if not isinstance(document, list):
        raise BookRefused("positions", _MISSING if document is None else document, "a list of positions")
    return document, beside


class _Written(_Found):
    """A JSON number as it is written."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BookRefused("key", key, "each key once in an object")
        found[key] = value
    return found


def _record(item: object, row: int) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise BookRefused("position", item, "an object", row)
    return _named(item, row, None)


def _named(record: Mapping[str, Any], row: int | None, line: int | None) -> dict[str, Any]:
    """The record by our names of the fields."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        name = key.strip().lower()
        name = _ALIASES.get(name, name)
        if name not in (*_FIELDS, *_OF_THE_BOOK):
            raise BookRefused("field", key, f"one of {', '.join((*_FIELDS, *_OF_THE_BOOK))}", row, line)
        if name in found:
            raise BookRefused("field", key, f"{name} once", row, line)
        found[name] = value
    return found


def _delimiter(text: str) -> str:
    header_line = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=header_line.count)


def _csv_records(text: str) -> Iterator[tuple[int, int | None, Mapping[str, Any]]]:
    # Quotes that are never closed would swallow the rows after them.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    header: list[str] | None = None
    number = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = cells
                _header(header)
                continue
            number += 1
            if len(cells) != len(header):
                raise BookRefused(
                    "cells",
                    _Found(f"{len(cells)} of them"),
                    f"{len(header)}, as the header has",
                    number,
                    reader.line_num,
                )
            yield number, reader.line_num, _named(dict(zip(header, cells, strict=True)), number, reader.line_num)
    except csv.Error as error:
        raise BookRefused("row", _Found(error), "a row of CSV", number + 1, reader.line_num) from None
    if header is None:
        raise BookRefused("body", _Found("empty"), f"a header with {', '.join(_FIELDS)}")


def _check_points(text: str, records: Sequence[tuple[int, int | None, Mapping[str, Any]]]) -> None:
    """Raises BookRefused where points may part thousands: Excel parts cells by `;` where decimals have a comma."""
    if _delimiter(text) == ",":
        return
    doubtful = None
    for row, line, record in records:
        for name in ("quantity", "value_usd"):
            value = str(record.get(name) or "").strip()
            if _EITHER.fullmatch(value):
                doubtful = doubtful or (name, value, row, line)
            elif _WITH_A_POINT.fullmatch(value):
                return
    if doubtful is not None:
        name, value, row, line = doubtful
        plain = value.replace(".", "")
        expected = f"{plain}, or {value}0: without commas between the cells the point may be of decimals or thousands"
        raise BookRefused(name, value, expected, row, line)


def _header(cells: list[str]) -> None:
    if len(set(cells)) < len(cells):
        twice = next(cell for cell in cells if cells.count(cell) > 1)
        raise BookRefused("header", twice, "each column once")
    names = _named(dict.fromkeys(cells), None, None)
    if "quantity" not in names or not {"asset", "symbol"} & names.keys():
        raise BookRefused("header", ",".join(cells), "the columns quantity, and asset or symbol")


# ---------------------------------------------------------------------------------------------------------------- rows


def _row(record: Mapping[str, Any], row: int, line: int | None) -> BookRow:
    venue, asset, symbol = (_name(field, record.get(field), row, line) for field in ("venue", "asset", "symbol"))
    if not asset and not symbol:
        raise BookRefused("asset", _MISSING, "an asset, or the symbol of a contract", row, line)
    if symbol and not venue and ":" not in symbol:
        raise BookRefused("venue", _MISSING, f"the exchange of {symbol}: a contract is always on one", row, line)
    quantity = _number("quantity", record.get("quantity"), row, line)
    if quantity is None:
        raise BookRefused("quantity", _MISSING, _A_NUMBER, row, line)
    return BookRow(venue, asset, symbol, quantity, _number("value_usd", record.get("value_usd"), row, line))


def _name(field: str, value: object, row: int | None, line: int | None) -> str:
    if value is None:
        return ""
    expected = f"a text of at most {MOST_CHARACTERS} characters without control characters"
    if not isinstance(value, str) or isinstance(value, _Written):
        raise BookRefused(field, value, expected, row, line)
    text = value.strip()
    # A sign that changes the direction of writing, or that PostgreSQL does not store.
    if len(text) > MOST_CHARACTERS or any(unicodedata.category(character).startswith("C") for character in text):
        raise BookRefused(field, value, expected, row, line)
    return text


def _number(field: str, value: object, row: int, line: int | None) -> Decimal | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > 100 or not _DECIMAL.fullmatch(text):
        raise BookRefused(field, value, _A_NUMBER, row, line)
    number = Decimal(text)
    if abs(number) >= _BELOW:
        raise BookRefused(field, value, _A_NUMBER, row, line)
    # What lies below the smallest unit of any coin is an error of somebody's floats.
    return number.quantize(_PLACES, context=_EXACT)
