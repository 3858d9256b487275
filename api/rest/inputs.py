"""What callers give: types of parameters and bodies, and words for what does not fit them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest
from ninja import Field, Schema
from ninja.parser import Parser as NinjaParser
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema

from api.problems import Problem
from crypto_ews.logs import masked

LIMIT, MOST = 100, 500
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?( ?[+-]?\d\d:?\d\d|Z|z)?")
_EXPECTED_TIME = "a time with its offset from UTC, such as 2026-11-30T14:35:00Z"


def _iso(value: object) -> object:
    """Numbers are no times here: nobody can see whether they are seconds or milliseconds."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _ISO.fullmatch(value):
        raise ValueError(f"expected {_EXPECTED_TIME}")
    # In a query a plus sign that was not escaped arrives as a space.
    return re.sub(r" (\d\d:?\d\d)$", r"+\1", value)


def _utc(value: datetime) -> datetime:
    # PostgreSQL refuses offsets of 16 hours and more; and near the ends of the calendar nothing can be added.
    if not 1970 <= value.year < 9000:
        raise ValueError("expected a time between the years 1970 and 9000")
    return value.astimezone(UTC)


Text = Annotated[str, StringConstraints(pattern=_PRINTABLE, max_length=400)]
Name = Annotated[str, StringConstraints(pattern=_PRINTABLE, max_length=64, min_length=1)]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_iso),
    AfterValidator(_utc),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-30T14:35:00Z"]}),
]
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Filters(Schema):
    """The parameters of every list."""

    limit: int = Field(LIMIT, ge=1, le=MOST, description="How many items a page has.")
    cursor: Text | None = Field(None, description="`next` of the page before, with the same filters.")

    def chosen(self) -> dict[str, Any]:
        """What makes the list what it is."""
        return self.model_dump(mode="json", exclude={"limit", "cursor"}, exclude_none=True)


class Body(Schema):
    """A body. A field that it does not have is refused: it may be misspelt."""

    model_config = ConfigDict(extra="forbid")


class Parser(NinjaParser):
    """Bodies as JSON. A key that comes twice is refused: nobody knows which of the two was meant."""

    def parse_body(self, request: HttpRequest) -> Any:
        return json.loads(request.body, object_pairs_hook=_each_once)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise unusable([(key, f"{found[key]!r} and {value!r}", "one value")])
        found[key] = value
    return found


def unusable(errors: Iterable[tuple[str, Any, str]]) -> Problem:
    """The refusal of (field, value, expected) in words; value `...`: it was not given."""
    listed = []
    for field, value, expected in errors:
        shown = None if value is ... else _shown(str(value))[:80]
        listed.append({"field": _shown(field), "value": shown, "expected": _shown(expected)})
    first = listed[0]
    was = "was not given" if first["value"] is None else f"was {first['value']!r}"
    return Problem(422, f"{first['field']} {was}, expected {first['expected']}", {**first, "errors": listed})


def _shown(text: str) -> str:
    """A text that can be sent: without tokens, and without the surrogates that JSON can spell."""
    return masked(text.encode("utf-8", "backslashreplace").decode())


def of_pydantic(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """The refusal of what ninja found."""
    return unusable([(_field(error["loc"]), _value(error), _expected(error)) for error in errors])


def checked(form: forms.BaseForm) -> dict[str, Any]:
    """The values of a form of the admin. Raises Problem (422) with the form's own words."""
    if form.is_valid():
        return form.cleaned_data
    found = []
    for name, messages in form.errors.items():
        field = "" if name == NON_FIELD_ERRORS else name
        found += [(field or "the body", form.data.get(name, ...), f"another value: {text}") for text in messages]
    raise unusable(found)


def _field(location: tuple[Any, ...]) -> str:
    # ("query", name) · ("body", parameter, name, index …) · ("path", name)
    names = location[2:] if location[0] == "body" and len(location) > 2 else location[1:]
    return ".".join(str(name) for name in names if not str(name).startswith("function-")) or "the body"


def _value(error: Mapping[str, Any]) -> Any:
    return ... if error["type"] == "missing" else error.get("input", ...)


_WORDS = {
    "missing": "a value",
    "extra_forbidden": "no such field",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "list_type": "a list",
    "string_unicode": "a text of valid characters",
    "string_pattern_mismatch": "a text without control characters",
    "timezone_aware": _EXPECTED_TIME,
    "model_attributes_type": "an object",
    "model_type": "an object",
    "dict_type": "an object",
}
_BOUNDS = {
    "less_than_equal": ("at most {}", "le"),
    "greater_than_equal": ("at least {}", "ge"),
    "string_too_long": ("at most {} characters", "max_length"),
    "string_too_short": ("at least {} character", "min_length"),
    "too_long": ("at most {} items", "max_length"),
    "too_short": ("at least {} item", "min_length"),
    "literal_error": ("one of {}", "expected"),
    "enum": ("one of {}", "expected"),
}


def _expected(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind.startswith(("datetime_", "date_from")):
        return _EXPECTED_TIME
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return words.format(context.get(name))
    message = str(error.get("msg", "another value"))
    return _WORDS.get(kind) or message.removeprefix("Value error, ").removeprefix("expected ")
