"""Fields of a JSON object, read strictly: each has the type that was expected, or the body is malformed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from ews_client.faults import EwsError


class Reader:
    """Reads fields of one JSON object. Raises EwsError `malformed`: the thing, what was there, what was expected."""

    def __init__(self, thing: str, body: Any) -> None:
        if not isinstance(body, dict):
            raise EwsError("malformed", f"{thing} was {shown(body)}, expected an object")
        self.body: dict[str, Any] = body
        self._thing = thing

    def _field(self, name: str, expected: str, fits: Callable[[Any], bool]) -> Any:
        if name not in self.body:
            raise EwsError("malformed", f"{self._thing} has no {name}, expected {expected}")
        value = self.body[name]
        if not fits(value):
            raise EwsError("malformed", f"{name} of {self._thing} was {shown(value)}, expected {expected}")
        return value

    def text(self, name: str) -> str:
        value: str = self._field(name, "a string", lambda value: isinstance(value, str))
        return value

    def word(self, name: str, known: Sequence[str]) -> str:
        """A word of an order; one that is unknown counts as the last, the strictest."""
        value = self.text(name)
        return value if value in known else known[-1]

    def optional_word(self, name: str, known: Sequence[str]) -> str | None:
        return None if self._field(name, "a string or null", _text_or_null) is None else self.word(name, known)

    def optional_text(self, name: str) -> str | None:
        value: str | None = self._field(name, "a string or null", _text_or_null)
        return value

    def flag(self, name: str) -> bool:
        value: bool = self._field(name, "true or false", lambda value: isinstance(value, bool))
        return value

    def number(self, name: str) -> int:
        value: int = self._field(name, "an integer", _is_integer)
        return value

    def optional_number(self, name: str) -> int | None:
        value: int | None = self._field(name, "an integer or null", lambda value: value is None or _is_integer(value))
        return value

    def objects(self, name: str) -> tuple[dict[str, Any], ...]:
        return tuple(self._field(name, "a list of objects", _list_of(lambda value: isinstance(value, dict))))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(self._field(name, "a list of strings", _list_of(lambda value: isinstance(value, str))))

    def numbers(self, name: str) -> tuple[int, ...]:
        return tuple(self._field(name, "a list of integers", _list_of(_is_integer)))

    def words(self, name: str, known: Sequence[str]) -> dict[str, str]:
        """Words of an order by name; one that is unknown counts as the last, the strictest."""
        value = self._field(name, "an object of actions", _is_text_object)
        return {place: word if word in known else known[-1] for place, word in value.items()}

    def time(self, name: str) -> datetime | None:
        value = self._field(name, "a time or null", _text_or_null)
        if value is None:
            return None
        try:
            return parse_time(value)
        except ValueError:
            raise EwsError(
                "malformed", f"{name} of {self._thing} was {shown(value)}, expected an ISO time with its zone"
            ) from None


def _text_or_null(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text_object(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(action, str) for action in value.values())


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def shown(value: Any) -> str:
    """A value in a message: enough to recognise it, and no more."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)", re.ASCII)


def parse_time(text: str) -> datetime:
    """An ISO time with its zone, in UTC. Raises ValueError. Python 3.10's fromisoformat reads neither Z nor +0000."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"a time was {shown(text)}, expected an ISO time with its zone")
    day, clock, fraction, zone = found.groups()
    zone = "+00:00" if zone == "Z" else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    clock = clock if len(clock) > 5 else f"{clock}:00"
    read = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{zone}")
    try:
        return read.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError(f"a time was {shown(text)}, expected one between the years 1 and 9999") from None
