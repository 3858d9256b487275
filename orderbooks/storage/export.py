"""Exports minute rows and whale orders as Parquet or Feather files, a day at a time in bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from orderbooks.models import BookMinute, WhaleOrder
from orderbooks.storage.partitions import DAY, partition_days

if TYPE_CHECKING:
    import pyarrow

MODELS: dict[str, tuple[type[models.Model], str]] = {
    "minutes": (BookMinute, "minute"),
    "whales": (WhaleOrder, "at"),
}
FORMATS = {".parquet": "parquet", ".feather": "feather", ".arrow": "feather"}
_ABSENT = (
    "Parquet and Feather need pyarrow, which is not installed; run: python -m pip install -r requirements-export.txt"
)
# Text in memory at most; more goes to a temporary file.
_SPOOLED_BYTES = 64 * 2**20


class ExportError(Exception):
    """`str()` is one line: what is missing or wrong."""


@dataclass(frozen=True)
class Selection:
    """Rows of `what` from `start` (included) to `end` (not included); no venues or symbols: all of them."""

    what: str
    start: datetime
    end: datetime
    venues: Sequence[str] = ()
    symbols: Sequence[str] = ()
    complete_only: bool = False


def load_pyarrow() -> Any:
    """Raises ExportError where it is not installed."""
    try:
        import pyarrow
        import pyarrow.csv
        import pyarrow.feather
        import pyarrow.parquet
    except ImportError:
        raise ExportError(_ABSENT) from None
    return pyarrow


def export(selection: Selection, file: Path) -> int:
    """Write the rows, by pair and time within each day; how many. Raises ExportError.

    The file appears under its name only when it is complete.
    """
    if file.suffix not in FORMATS:
        raise ExportError(f"the file is {file.name}, expected a name that ends in {', '.join(FORMATS)}")
    arrow = load_pyarrow()
    schema = _schema(arrow, selection.what)
    part = file.with_name(file.name + ".part")
    count = 0
    try:
        with _writer(arrow, part, FORMATS[file.suffix], schema) as writer:
            for table in _days(arrow, selection, schema):
                writer.write_table(table)
                count += table.num_rows
        part.replace(file)
    except OSError as error:
        raise ExportError(f"{file} cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
    return count


def _writer(arrow: Any, file: Path, format: str, schema: pyarrow.Schema) -> Any:
    if format == "parquet":
        return arrow.parquet.ParquetWriter(file, schema, compression="zstd")
    options = arrow.ipc.IpcWriteOptions(compression="zstd")
    return arrow.ipc.new_file(arrow.OSFile(str(file), "wb"), schema, options=options)


def _columns(what: str) -> list[models.Field[Any, Any]]:
    return [field for field in MODELS[what][0]._meta.concrete_fields if field.attname != "id"]


def _schema(arrow: Any, what: str) -> pyarrow.Schema:
    types = {
        "text": arrow.string(),
        "timestamp with time zone": arrow.timestamp("ms", tz="UTC"),
        "boolean": arrow.bool_(),
        "double precision": arrow.float64(),
        "real": arrow.float32(),
        "integer": arrow.int32(),
        "smallint": arrow.int16(),
    }
    return arrow.schema([(field.attname, types[str(field.db_type(connection))]) for field in _columns(what)])


def _days(arrow: Any, selection: Selection, schema: pyarrow.Schema) -> Iterator[pyarrow.Table]:
    table, column = MODELS[selection.what][0]._meta.db_table, MODELS[selection.what][1]
    for day in sorted(partition_days(table)):
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        start, end = max(midnight, selection.start), min(midnight + DAY, selection.end)
        if start < end:
            yield _rows_of(arrow, _query(selection, table, column, start, end), schema)


def _query(selection: Selection, table: str, column: str, start: datetime, end: datetime) -> str:
    # Times as milliseconds: exact in CSV, whatever the session's time zone is.
    values = [
        f"(extract(epoch FROM {field.attname}) * 1000)::bigint AS {field.attname}"
        if isinstance(field, models.DateTimeField)
        else field.attname
        for field in _columns(selection.what)
    ]
    conditions, parameters = [f"{column} >= %s", f"{column} < %s"], [start, end]
    for name, chosen in (("venue", selection.venues), ("symbol", selection.symbols)):
        if chosen:
            conditions.append(f"{name} = ANY(%s)")
            parameters.append(list(chosen))  # type: ignore[arg-type]
    if selection.complete_only:
        conditions.append("NOT partial")
    select = (
        f'SELECT {", ".join(values)} FROM "{table}" WHERE {" AND ".join(conditions)} ORDER BY venue, symbol, {column}'
    )
    with connection.cursor() as cursor:
        return str(cursor.cursor.mogrify(select, parameters).decode())


def _rows_of(arrow: Any, query: str, schema: pyarrow.Schema) -> pyarrow.Table:
    as_read = arrow.schema(
        [(field.name, arrow.int64() if arrow.types.is_timestamp(field.type) else field.type) for field in schema]
    )
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED_BYTES) as text:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER false)", text)
        if not text.tell():
            return schema.empty_table()
        text.seek(0)
        table = arrow.csv.read_csv(
            text,
            arrow.csv.ReadOptions(column_names=as_read.names),
            convert_options=arrow.csv.ConvertOptions(
                column_types=as_read,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=False,
            ),
        )
    return table.cast(schema)
