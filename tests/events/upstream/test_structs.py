"""Structs of upstream rows: what is lenient, and which drift names what."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

from events.upstream.errors import SchemaDrift
from events.upstream.structs import as_struct


class Level(msgspec.Struct):
    price: Annotated[float, msgspec.Meta(gt=0)]


class Row(msgspec.Struct, rename="camel"):
    base_coin: str
    levels: list[Level] = []


def test_numbers_may_be_strings_and_fields_of_later_are_ignored() -> None:
    row = as_struct("x.list", "rows[0]", {"baseCoin": "BTC", "levels": [{"price": "1.5", "new": 1}], "other": []}, Row)
    assert row == Row("BTC", [Level(1.5)])


@pytest.mark.parametrize(
    ("value", "field", "expected", "got"),
    [
        ({"baseCoin": "BTC", "levels": [{"price": 2}, {"price": "-1"}]}, "rows[7].levels[1].price", "> 0", "-1"),
        ({"baseCoin": 5}, "rows[7].baseCoin", "`str`", "5"),
        ({}, "rows[7]", "required field `baseCoin`", "{}"),
        ([1], "rows[7]", "`object`", "[1]"),
        ({"baseCoin": "BTC", "levels": [{"price": "\ud800"}]}, "rows[7]", "can be encoded", ""),
    ],
)
def test_what_does_not_fit_is_drift_at_its_path(value: Any, field: str, expected: str, got: str) -> None:
    with pytest.raises(SchemaDrift) as caught:
        as_struct("x.list", "rows[7]", value, Row)
    assert caught.value.field == field and caught.value.source == "x.list"
    assert expected in caught.value.expected and got in caught.value.got_excerpt


def test_the_path_of_the_whole_answer_needs_no_prefix() -> None:
    with pytest.raises(SchemaDrift, match=r"baseCoin: expected `str`, got 5"):
        as_struct("x.list", "", {"baseCoin": 5}, Row)
