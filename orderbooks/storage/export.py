"""Which minute rows and whale orders are exported, a day at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import models

from events.database.export import bound, columns_of, export_rows, selected
from events.database.partitions import DAY, partition_days
from orderbooks.models import BookMinute, WhaleOrder

MODELS: dict[str, tuple[type[models.Model], str]] = {
    "minutes": (BookMinute, "minute"),
    "whales": (WhaleOrder, "at"),
}


@dataclass(frozen=True)
class Selection:
    """Rows of `what` from `start` (included) to `end` (not included); no venues or symbols: all of them."""

    what: str
    start: datetime
    end: datetime
    venues: Sequence[str] = ()
    symbols: Sequence[str] = ()
    complete_only: bool = False


def export(selection: Selection, file: Path) -> int:
    """Write the rows, by pair and time within each day; how many. Raises ExportError."""
    return export_rows(columns_of(MODELS[selection.what][0]), _days(selection), file)


def _days(selection: Selection) -> Iterator[str]:
    table, column = MODELS[selection.what][0]._meta.db_table, MODELS[selection.what][1]
    for day in sorted(partition_days(table)):
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        start, end = max(midnight, selection.start), min(midnight + DAY, selection.end)
        if start < end:
            yield _query(selection, table, column, start, end)


def _query(selection: Selection, table: str, column: str, start: datetime, end: datetime) -> str:
    conditions, parameters = [f"{column} >= %s", f"{column} < %s"], [start, end]
    for name, chosen in (("venue", selection.venues), ("symbol", selection.symbols)):
        if chosen:
            conditions.append(f"{name} = ANY(%s)")
            parameters.append(list(chosen))  # type: ignore[arg-type]
    if selection.complete_only:
        conditions.append("NOT partial")
    return bound(
        f'SELECT {selected(columns_of(MODELS[selection.what][0]))} FROM "{table}"'
        f" WHERE {' AND '.join(conditions)} ORDER BY venue, symbol, {column}",
        parameters,
    )
