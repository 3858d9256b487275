"""Rows of upstream lists as msgspec Structs: what was wrong with a row is one clause that names field and value."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

Row = TypeVar("Row", bound=msgspec.Struct)

# "Expected `str`, got `int` - at `$.tags[1]`"; "Object missing required field `symbol`".
_FAULT = re.compile(r"Expected `(?P<type>[^`]*)`(?P<bounds>.*?)(?:, got `[^`]*`)?(?: - at `\$(?P<path>[^`]*)`)?")
_MISSING = re.compile(r"Object missing required field `(?P<field>.*?)`(?: - at `\$(?P<path>[^`]*)`)?")
_TYPES = {
    "str": "a text", "object": "an object", "array": "a list", "int": "a whole number", "float": "a number",
    "bool": "true or false", "null": "null",
}  # fmt: skip
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def row_of(item: Any, kind: type[Row]) -> Row:
    """An item of a decoded list as its Struct; fields that the Struct does not have are ignored.

    Raises ValueError, such as "tags[1] was 5, expected a text".
    """
    try:
        return struct_of(item, kind)
    except msgspec.ValidationError as error:
        raise ValueError(clause(error, item)) from None


def struct_of(item: Any, kind: type[Row], strict: bool = True) -> Row:
    """`msgspec.convert`, which an unknown key that UTF-8 cannot encode does not disturb. Raises ValidationError."""
    try:
        return msgspec.convert(item, kind, strict=strict)
    except UnicodeEncodeError:
        if not isinstance(item, dict):
            raise
        # A lone surrogate, as half of an emoji: no Struct has a field of such a name.
        readable = {key: value for key, value in item.items() if not _LONE_SURROGATE.search(key)}
        return msgspec.convert(readable, kind, strict=strict)


def clause(error: msgspec.ValidationError, item: Any) -> str:
    """What was wrong with an item as "<path> was <value>, expected <what>", the value cut at 80 characters."""
    fault = str(error)
    missing = _MISSING.fullmatch(fault)
    if missing:
        return f"{(missing['path'] or '').lstrip('.')}.{missing['field']} was absent".lstrip(".")
    found = _FAULT.fullmatch(fault)
    if not found:
        # A Struct's own check.
        return fault.removesuffix(" - at `$`")
    path = found["path"] or ""
    shown = path.lstrip(".") or "a row"
    expected = " or ".join(_TYPES.get(name, name) for name in found["type"].split(" | ")) + found["bounds"]
    return f"{shown} was {_value_at(item, path)!r:.80}, expected {expected}"


def _value_at(item: Any, path: str) -> Any:
    for name, index in _STEP.findall(path):
        item = item[name] if name else item[int(index)]
    return item
