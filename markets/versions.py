"""Whether tables changed since the last read: every cycle asks for reference data that hardly ever changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model

Value = TypeVar("Value")


class VersionedCache(Generic[Value]):
    """Per key the last value and its version. Values are shared between callers: do not change them."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, tuple[object, Value]] = {}

    def of(self, key: Hashable, version: object, compute: Callable[[], Value]) -> Value:
        """The cached value of this version, else the result of `compute`; if that raises, nothing is cached."""
        entry = self._entries.get(key)
        if entry is None or entry[0] != version:
            entry = self._entries[key] = (version, compute())
        return entry[1]


def version_of(*models: type[Model]) -> Hashable:
    """A value that changes when a row of these tables is added, changed or deleted, as this transaction sees them.

    It counts rows and adds up `xmin`, the id of the transaction that wrote each (PostgreSQL, "System Columns"): some
    two milliseconds for five thousand rows, where reading them costs a hundred.
    """
    counts = " UNION ALL ".join(
        f"SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM {connection.ops.quote_name(model._meta.db_table)}"
        for model in models
    )
    return _answer(counts)


def version_of_rows(*selections: tuple[str, Sequence[Any]]) -> Hashable:
    """As `version_of` for selected rows: it changes when one of them changes, or when other rows are selected.

    selections: the SQL after FROM, with the table in question AS item, and its parameters. A row is identified by its
    place (`ctid`) and `xmin`, so that two changes in one transaction differ as well.
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
