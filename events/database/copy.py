"""Writes rows by COPY, in one transaction; the table's `on_conflict` decides on rows that are there already."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction

from events.database.tables import Record, Table

# `str(None)`; no venue or symbol has this name.
_NULL = "None"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_records(table: Table[Record], records: Sequence[Record]) -> None:
    """Write records, all or none. Raises DatabaseError."""
    text = _copy_text(table, records)
    try:
        with transaction.atomic():
            _copy(table.name, table.columns, text)
    except IntegrityError:
        # Some are there already: after a restart, or because an answer was lost. Rare, and twice the cost.
        _copy_and_merge(table, text)


def _copy_text(table: Table[Record], records: Iterable[Record]) -> str:
    lines = ["\t".join(map(_text, table.values(record))) for record in records]
    return "\n".join(lines) + "\n" if lines else ""


def _text(value: Any) -> str:
    return value.translate(_ESCAPES) if type(value) is str else str(value)


def _copy(table: str, columns: Sequence[str], text: str) -> None:
    statement = f"COPY \"{table}\" ({', '.join(columns)}) FROM STDIN WITH (FORMAT text, NULL '{_NULL}')"
    # Psycopg's method within Django's wrapper, so that its errors are Django's.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.copy_expert(statement, io.StringIO(text))


def _copy_and_merge(table: Table[Record], text: str) -> None:
    columns = ", ".join(table.columns)
    key = table.on_conflict[1 : table.on_conflict.index(")")]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                f'CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {columns} FROM "{table.name}" WITH NO DATA'
            )
            cursor.execute("ALTER TABLE incoming ADD COLUMN line serial")
        _copy("incoming", table.columns, text)
        with connection.cursor() as cursor:
            # ON CONFLICT takes a key once a statement. Of a row that is twice in a batch mostly the later is right.
            cursor.execute(
                f'INSERT INTO "{table.name}" ({columns}) SELECT DISTINCT ON ({key}) {columns} FROM incoming'
                f" ORDER BY {key}, {table.best_first} ON CONFLICT {table.on_conflict}"
            )
            cursor.execute("DROP TABLE incoming")
