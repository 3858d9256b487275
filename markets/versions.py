"""Whether tables changed since they were read last: every round asks for reference data that hardly ever changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model

Value = TypeVar("Value")


class VersionedCache(Generic[Value]):
    """What was made last of each thing, and of which version of it. It is handed out again, and must not be changed."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, tuple[object, Value]] = {}

    def of(self, key: Hashable, version: object, compute: Callable[[], Value]) -> Value:
        """The last one while the version is the same, else what `make` makes; where it raises, nothing is kept."""
        entry = self._entries.get(key)
        if entry is None or entry[0] != version:
            entry = self._entries[key] = (version, compute())
        return entry[1]


def version_of(*models: type[Model]) -> Hashable:
    """A value that differs when a row of these tables was added, changed or deleted, as this transaction sees them.

    It counts rows and adds up `xmin`, the id of the transaction that wrote each (PostgreSQL, "System Columns"): some
    two milliseconds for five thousand rows, where reading them costs a hundred.
    """
    counts = " UNION ALL ".join(
        f"SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM {connection.ops.quote_name(model._meta.db_table)}"
        for model in models
    )
    return _answer(counts)


def version_of_rows(*selections: tuple[str, Sequence[Any]]) -> Hashable:
    """The same for some rows: a value that differs when one of them was changed, or another set is selected.

    selections: what follows FROM, with the table in question AS item, and its parameters. Each row is told by its
    place and `xmin`, so that two changes in one transaction differ too.
    """
    versions = ", ".join(
        f"(SELECT string_agg(concat(item.ctid, ' ', item.xmin), ',' ORDER BY item.ctid) FROM {selection})"
        for selection, _ in selections
    )
    return _answer(f"SELECT {versions}", [value for _, values in selections for value in values])


def _answer(statement: str, values: Sequence[Any] = ()) -> Hashable:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = tuple(cursor.fetchall())
    settings = connection.settings_dict
    return (settings["HOST"], settings["PORT"], settings["NAME"], rows)
