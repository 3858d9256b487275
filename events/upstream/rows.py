"""Rows of upstream lists as msgspec Structs: what was wrong with a row is one clause that names field and value."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

Row = TypeVar("Row", bound=msgspec.Struct)

# "Expected `str`, got `int` - at `$.tags[1]`"; "Object missing required field `symbol`".
_FAULT = re.compile(r"Expected (?P<expected>.*?)(?:, got `.*`)?(?: - at `\$(?P<path>[^`]*)`)?")
_MISSING = re.compile(r"Object missing required field `(?P<field>.*?)`(?: - at `\$(?P<path>[^`]*)`)?")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def row_of(item: Any, kind: type[Row]) -> Row:
    """An item of a decoded list as its Struct; fields that the Struct does not have are ignored.

    Raises ValueError, such as "tags[1] was 5, expected str".
    """
    try:
        return msgspec.convert(item, kind)
    except msgspec.ValidationError as error:
        raise ValueError(_clause(str(error), item)) from None


def _clause(fault: str, item: Any) -> str:
    """msgspec's message as "<path> was <value>, expected <what>", values cut at 80 characters."""
    missing = _MISSING.fullmatch(fault)
    if missing:
        return f"{(missing['path'] or '').lstrip('.')}.{missing['field']} was absent".lstrip(".")
    found = _FAULT.fullmatch(fault)
    if not found:
        return fault
    path = found["path"] or ""
    shown = path.lstrip(".") or "a row"
    return f"{shown} was {_value_at(item, path)!r:.80}, expected {found['expected'].replace('`', '')}"


def _value_at(item: Any, path: str) -> Any:
    for name, index in _STEP.findall(path):
        item = item[name] if name else item[int(index)]
    return item
