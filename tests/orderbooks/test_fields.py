"""The one table of columns: Django's models have the same, and a row comes back from them as it was."""

from __future__ import annotations

from typing import Any

import pytest

from orderbooks.fields import (
    MEMORY_COLUMNS,
    MINUTE_COLUMNS,
    MINUTE_NAMES,
    WHALE_VALUES,
    memory_values,
    milliseconds_of,
    minute_row,
    minute_values,
    moment_of,
    scored_order,
    whale_values,
)
from orderbooks.models import BookMinute, WhaleOrder
from orderbooks.records import Band, MinuteRow
from tests.orderbooks.recording import minutes_support
from tests.orderbooks.recording.minutes_support import NOON

UNKNOWN: dict[str, Any] = dict.fromkeys(
    ("mid", "best_bid", "best_bid_size", "best_ask", "best_ask_size", "micro_price", "last_update_ms")
)
TIMES = {"minute", "last_update_at", "at", "received_at"}


def read_back(model: Any, names: Any, values: list[Any]) -> dict[str, Any]:
    """The columns as Django reads what was written as text."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    pairs = zip(names, values, strict=True)
    return {name: fields[name].to_python(value) if name in TIMES else value for name, value in pairs}


def test_the_models_declare_the_columns_of_the_table() -> None:
    declared = [field.attname for field in BookMinute._meta.concrete_fields if field.attname != "id"]
    assert sorted(declared) == sorted(MINUTE_NAMES) and len(set(MINUTE_NAMES)) == len(MINUTE_COLUMNS)
    whales = [field.attname for field in WhaleOrder._meta.concrete_fields if field.attname != "id"]
    assert whales == [*WHALE_VALUES, "ended_at", "possible_spoof"]


@pytest.mark.parametrize(
    "row",
    [
        minutes_support.minute_row(),
        minutes_support.minute_row(partial=True, bands=(), bid_levels=0, ask_levels=0, **UNKNOWN),
        minutes_support.minute_row(
            bands=tuple(Band(percent, 1 + percent, 2 * percent, 1.0, 1 / percent) for percent in (0.1, 0.5, 1, 2, 4))
        ),
    ],
    ids=["known", "unknown", "bands that differ"],
)
def test_a_minute_row_comes_back_from_its_columns(row: MinuteRow) -> None:
    columns = read_back(BookMinute, MINUTE_NAMES, minute_values(row))
    assert minute_row(columns) == row
    for band in row.bands:
        name = f"{band.percent:g}".replace(".", "_")
        assert (columns[f"bias_{name}"], columns[f"bid_depth_{name}"]) == (band.bias, band.bid)
    assert columns["spread"] == (None if row.best_ask is None else 1.0)


def test_memory_has_the_values_of_the_table_and_counts_of_nothing_are_zero() -> None:
    row = minutes_support.minute_row(partial=True, bands=(), bid_levels=0, ask_levels=0, **UNKNOWN)
    kept = dict(zip([column.name for column in MEMORY_COLUMNS], memory_values(row), strict=True))
    stored = dict(zip(MINUTE_NAMES, minute_values(row), strict=True))
    assert (kept.pop("bid_levels"), kept.pop("ask_levels")) == (0, 0)
    assert kept == {name: stored[name] for name in kept}


@pytest.mark.parametrize("received_ns", [0, (NOON + 12) * 1_000_000])
def test_an_order_comes_back_from_its_columns(received_ns: int) -> None:
    order = minutes_support.order(NOON, 101.5)._replace(received_ns=received_ns)
    assert scored_order(read_back(WhaleOrder, WHALE_VALUES, whale_values(order))) == order


def test_times_are_milliseconds_both_ways() -> None:
    assert milliseconds_of(moment_of(NOON + 7)) == NOON + 7
    with pytest.raises(OverflowError):
        moment_of(10**18)
