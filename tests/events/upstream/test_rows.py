"""Rows as Structs: what is ignored, and the clause that says what was wrong."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest

from events.upstream.rows import row_of


class Inner(msgspec.Struct):
    price: float


class Sample(msgspec.Struct):
    symbol: Annotated[str, msgspec.Meta(min_length=1, max_length=8)]
    tags: list[str] | None = None
    ends: int | str | None = msgspec.field(name="endsAt", default=None)
    state: Literal["on", "off"] = "on"
    inner: list[Inner] = []

    def __post_init__(self) -> None:
        if self.symbol == "BAD":
            raise ValueError("symbol was BAD")


def test_fields_that_a_struct_does_not_have_are_ignored() -> None:
    row = row_of({"symbol": "ABC", "endsAt": "1", "other": [{}], "tags": None}, Sample)
    assert (row.symbol, row.ends, row.tags) == ("ABC", "1", None)


def test_a_key_with_a_lone_surrogate_is_ignored_as_any_other_unknown_key() -> None:
    """Half of a character pair: JSON may escape it, and msgspec cannot compare it with the names of fields."""
    assert row_of({"symbol": "ABC", "\ud83d": {"x": 1}, "tags": ["\ud83d"]}, Sample).tags == ["\ud83d"]
    with pytest.raises(ValueError, match="symbol was 5, expected a text"):
        row_of({"symbol": 5, "\ud83d": 1}, Sample)


@pytest.mark.parametrize(
    ("item", "clause"),
    [
        ({}, "symbol was absent"),
        ({"symbol": 5}, "symbol was 5, expected a text"),
        ({"symbol": ""}, "symbol was '', expected a text of length >= 1"),
        ({"symbol": "A" * 200}, f"symbol was '{'A' * 79}, expected a text of length <= 8"),
        ({"symbol": "A", "endsAt": []}, "endsAt was [], expected a whole number or a text or null"),
        ({"symbol": "A", "tags": ["x", 5]}, "tags[1] was 5, expected a text"),
        ({"symbol": "A", "inner": [{"price": 1}, {"price": "1"}]}, "inner[1].price was '1', expected a number"),
        ({"symbol": "A", "inner": [{}]}, "inner[0].price was absent"),
        ({"symbol": "A", "state": "maybe"}, "Invalid enum value 'maybe' - at `$.state`"),
        ({"symbol": "BAD"}, "symbol was BAD"),
        ([], "a row was [], expected an object"),
        (None, "a row was None, expected an object"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_says_which_field_was_what(item: Any, clause: str) -> None:
    with pytest.raises(ValueError) as error:
        row_of(item, Sample)
    assert str(error.value) == clause
