"""Values of upstream answers as msgspec Structs: the path of a value that does not fit becomes a SchemaDrift."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from events.upstream.errors import SchemaDrift

Value = TypeVar("Value")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def as_struct(source: str, path: str, value: Any, type: type[Value]) -> Value:
    """A decoded JSON value as this type: numbers may be written as strings, unknown fields are ignored.

    path: where the value lies in the answer, as in `data.rows[3]`. Raises SchemaDrift with the path of what does not
    fit, what was expected there, and the value that was found.
    """
    try:
        return msgspec.convert(value, type, strict=False)
    except msgspec.ValidationError as error:
        expected, _, at = str(error).partition(" - at `$")
        below = at.removesuffix("`")
        expected = expected.removeprefix("Expected ").partition(", got ")[0]
        raise SchemaDrift(source, f"{path}{below}".removeprefix("."), expected, _found(value, below)) from None
    except UnicodeError:
        raise SchemaDrift(source, path, "text that can be encoded", value) from None


def _found(value: Any, path: str) -> Any:
    """The value at a path of msgspec's, or the innermost one that encloses it."""
    for name, index in _STEP.findall(path):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            break
    return value
