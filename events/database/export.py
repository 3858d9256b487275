"""Writes the rows of queries to Parquet or Feather files, a query at a time in bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, models

if TYPE_CHECKING:
    import pyarrow

FORMATS = {".parquet": "parquet", ".feather": "feather", ".arrow": "feather"}
_ABSENT = (
    "Parquet and Feather need pyarrow, which is not installed; run: python -m pip install -r requirements-export.txt"
)
# Text in memory at most; more goes to a temporary file.
_SPOOLED_BYTES = 64 * 2**20

Columns = Mapping[str, "models.Field[Any, Any]"]
"""The columns of the file in order, and the field that each is of."""


class ExportError(Exception):
    """`str()` is one line: what is missing or wrong."""


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


def columns_of(model: type[models.Model]) -> Columns:
    """All of a model's columns but its key."""
    return {field.attname: field for field in model._meta.concrete_fields if field.attname != "id"}


def selected(columns: Columns, expressions: Mapping[str, str] | None = None) -> str:
    """The list of a SELECT, as `export_rows` reads it. expressions: of columns that are not the table's own."""
    # Times as milliseconds: exact in CSV, whatever the session's time zone is.
    return ", ".join(
        f"(extract(epoch FROM {(expressions or {}).get(name, name)}) * 1000)::bigint AS {name}"
        if isinstance(field, models.DateTimeField)
        else f"{(expressions or {}).get(name, name)} AS {name}"
        for name, field in columns.items()
    )


def bound(select: str, parameters: Sequence[Any]) -> str:
    """A query with its parameters written out: COPY takes none."""
    with connection.cursor() as cursor:
        return str(cursor.cursor.mogrify(select, parameters).decode())


def export_rows(columns: Columns, queries: Iterable[str], file: Path) -> int:
    """Write the rows of the queries, in their order; how many. Raises ExportError.

    The file appears under its name only when it is complete.
    """
    if file.suffix not in FORMATS:
        raise ExportError(f"the file is {file.name}, expected a name that ends in {', '.join(FORMATS)}")
    arrow = load_pyarrow()
    schema = _schema(arrow, columns)
    part = file.with_name(file.name + ".part")
    count = 0
    try:
        with _writer(arrow, part, FORMATS[file.suffix], schema) as writer:
            for query in queries:
                table = _rows_of(arrow, query, schema)
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


def _schema(arrow: Any, columns: Columns) -> pyarrow.Schema:
    types = {
        "text": arrow.string(),
        "timestamp with time zone": arrow.timestamp("ms", tz="UTC"),
        "boolean": arrow.bool_(),
        "double precision": arrow.float64(),
        "real": arrow.float32(),
        "bigint": arrow.int64(),
        "integer": arrow.int32(),
        "smallint": arrow.int16(),
        # Of no fixed scale, in which no number of Arrow is exact: as written.
        "numeric": arrow.string(),
    }
    return arrow.schema([(name, types[str(field.db_type(connection))]) for name, field in columns.items()])


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
