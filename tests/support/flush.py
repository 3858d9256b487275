"""How the database is emptied after a test that commits: as Django's `flush` does, without saying everything anew.

`flush` empties all tables and then emits `post_migrate`, whose receivers write permissions, assets and protocols again
row by row: 0.2 s of work after each of four hundred tests. Here that is done once per process. What the tables hold
then is kept, and afterwards only the tables that differ are emptied and filled with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

# Foreign keys from one table to another: who is emptied takes those along that point to it.
_POINTERS = """
SELECT confrelid::regclass::text, conrelid::regclass::text FROM pg_constraint
 WHERE contype = 'f' AND conparentid = 0
"""


@dataclass(frozen=True)
class Flushed:
    """A database as `flush` leaves it."""

    rows: dict[str, bytes]  # by table; tables without rows are not named
    pointing: dict[str, set[str]]  # tables with foreign keys to this one
    given_out: dict[str, int]  # the highest number of each sequence

    @staticmethod
    def of_now() -> Flushed:
        tables = _tables()
        with connection.cursor() as cursor:
            cursor.execute(_POINTERS)
            pointing: dict[str, set[str]] = {}
            for target, source in cursor.fetchall():
                pointing.setdefault(target.strip('"'), set()).add(source.strip('"'))
            cursor.execute("SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public'")
            given_out = dict(cursor.fetchall())
            rows = {table: _copied(cursor, table) for table in _with_rows(cursor, tables)}
            return Flushed(rows, pointing, given_out)

    def bring_back(self) -> None:
        tables = _tables()
        with transaction.atomic(), connection.cursor() as cursor:
            # As TRUNCATE does: what a process that ended is still committing is waited for.
            cursor.execute(f"LOCK TABLE {_list(tables)} IN ACCESS EXCLUSIVE MODE")
            # Rows come back with their numbers: a sequence that was begun anew must not give these out again.
            cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
            for name, value in cursor.fetchall():
                if (value or 0) < self.given_out.get(name, 0):
                    cursor.execute("SELECT setval(%s::regclass, %s)", [f'"{name}"', self.given_out[name]])
                elif value:
                    self.given_out[name] = value
            held = _with_rows(cursor, tables)
            differ = {table for table in held if table not in self.rows}
            differ |= {name for name, rows in self.rows.items() if name not in held or _copied(cursor, name) != rows}
            emptied = self._with_pointers(differ) & set(tables)
            if not emptied:
                return
            cursor.execute(f"TRUNCATE {_list(sorted(emptied))}")
            for table in emptied & set(self.rows):
                cursor.copy_expert(f'COPY "{table}" FROM STDIN', BytesIO(self.rows[table]))

    def _with_pointers(self, tables: set[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(tables)
        while waiting:
            table = waiting.pop()
            if table not in found:
                found.add(table)
                waiting.extend(self.pointing.get(table, ()))
        return found


def _tables() -> list[str]:
    """Those that `flush` empties."""
    return sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))


def _list(tables: list[str]) -> str:
    return ", ".join(f'"{table}"' for table in tables)


def _with_rows(cursor: Any, tables: list[str]) -> set[str]:
    cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables))
    return {name for (name,) in cursor.fetchall()}


def _copied(cursor: Any, table: str) -> bytes:
    rows = BytesIO()
    cursor.copy_expert(f'COPY "{table}" TO STDOUT', rows)
    return rows.getvalue()


@pytest.fixture(autouse=True, scope="session")
def a_flush_that_knows_its_end() -> Iterator[None]:
    """After the first flush of a database its end is known, and the following ones go there straight."""
    flush: Callable[[TransactionTestCase], None] = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    known: dict[str, Flushed] = {}

    def teardown(case: TransactionTestCase) -> None:
        name = str(connection.settings_dict["NAME"])
        if name in known:
            known[name].bring_back()
            ContentType.objects.clear_cache()
        else:
            flush(case)
            known[name] = Flushed.of_now()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield
