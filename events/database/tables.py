"""A table that is written by COPY: its columns in order, and the rule for a row that is there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

Record = TypeVar("Record")
DAY_MS = 86_400_000
_EPOCH_DAY = date(1970, 1, 1)


@dataclass(frozen=True)
class Table(Generic[Record]):
    """on_conflict: the rule for a row that is there already. values: of a record, in the order of `columns`.

    by_day: it has a partition for each day; off where it is one table. best_first: the order in which rows of one key
    within a batch are preferred; `line` is their place in it.
    """

    name: str
    columns: Sequence[str]
    on_conflict: str
    time_ms: Callable[[Record], int]
    values: Callable[[Record], Sequence[Any]]
    by_day: bool = True
    best_first: str = "line DESC"

    def day(self, record: Record) -> date:
        """The record's day in UTC. Raises OverflowError for a time that no calendar has."""
        return _day(self.time_ms(record) // DAY_MS)


@lru_cache(maxsize=256)
def _day(number: int) -> date:
    return _EPOCH_DAY + timedelta(days=number)
