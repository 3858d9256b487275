"""Reads stored minutes and bars as `Bars`: binary COPY into arrays, as many days at a time as memory allows."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
from django.db import connection

from trades.storage.tables import FIVE_MINUTES_MS, HOUR_MS, moment_of
from trades.volume.bars import DAY_MS, MINUTE_MS, Bars, Floats

# Interval → table, its column of time, and for how many days rows are fetched at a time.
_TABLES = {
    MINUTE_MS: ("trades_minutebar", "minute", 1),
    FIVE_MINUTES_MS: ("trades_fiveminutebar", "open_at", 7),
    HOUR_MS: ("trades_hourbar", "open_at", 84),
}
_COLUMNS = {"open": "open", "high": "high", "low": "low", "close": "close", "volume": "volume", "bought": "buy_volume"}
ALL = tuple(_COLUMNS)
# https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": signature, flags, length of the extension.
_HEADER_BYTES = 19


def read_bars(
    symbols: Mapping[int, str], interval_ms: int, start_ms: int, end_ms: int, columns: Sequence[str] = ALL
) -> Bars:
    """The bars that open from `start_ms` on and before `end_ms`, both whole intervals.

    symbols: instrument's number → its name; the rows of the result, in this order. columns: of `Bars`; the others are
    NaN. Raises DatabaseError, and ValueError for an interval that is not stored.
    """
    if interval_ms not in _TABLES:
        raise ValueError(f"interval was {interval_ms} ms, expected one of {', '.join(map(str, _TABLES))}")
    shape = (len(symbols), max(0, (end_ms - start_ms) // interval_ms))
    table = {name: np.full(shape, np.nan) for name in columns}
    ids = np.fromiter(symbols, np.int64, len(symbols))
    order = np.argsort(ids)
    step = _TABLES[interval_ms][2] * DAY_MS
    for begin in range(start_ms, end_ms, step) if len(symbols) else ():
        rows = _fetch(symbols, interval_ms, begin, min(begin + step, end_ms), columns)
        places = order[np.searchsorted(ids[order], rows["instrument"])]
        at = (rows["at"] * 1000 - start_ms) // interval_ms
        for name, values in table.items():
            values[places, at] = rows[name]
    unread = np.broadcast_to(np.array(np.nan), shape)
    parts: list[Floats] = [table.get(name, unread) for name in ALL]
    return Bars(list(symbols.values()), start_ms, interval_ms, *parts)


def _fetch(ids: Mapping[int, str], interval_ms: int, start_ms: int, end_ms: int, columns: Sequence[str]) -> np.ndarray:
    table, time, _ = _TABLES[interval_ms]
    values = ", ".join(f"coalesce({_COLUMNS[name]}::float8, 'NaN')" for name in columns)
    chosen = ",".join(str(int(number)) for number in ids)
    # COPY takes no parameters; these are numbers and times of ours.
    query = (
        f"COPY (SELECT instrument_id, extract(epoch from {time})::int8, {values} FROM {table}"
        f" WHERE {time} >= '{moment_of(start_ms).isoformat()}' AND {time} < '{moment_of(end_ms).isoformat()}'"
        f" AND instrument_id = ANY ('{{{chosen}}}'::int[])) TO STDOUT (FORMAT binary)"
    )
    answer = io.BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.copy_expert(query, answer)
    form = [("fields", ">i2"), ("_0", ">i4"), ("instrument", ">i4"), ("_1", ">i4"), ("at", ">i8")]
    for index, name in enumerate(columns):
        form += [(f"_{index + 2}", ">i4"), (name, ">f8")]
    dtype = np.dtype(form)
    body = answer.getbuffer()[_HEADER_BYTES:]
    # The trailer is -1 as a count of fields.
    return np.frombuffer(body, dtype, count=(len(body) - 2) // dtype.itemsize)


def five_minutes(minutes: Bars) -> Bars:
    """Minutes as bars of five; NaN where one of the five is missing. They begin at a multiple of five minutes."""
    shape = (len(minutes.symbols), minutes.columns // 5, 5)
    used = shape[1] * 5

    def grouped(values: Floats) -> Floats:
        return np.asarray(values[:, :used]).reshape(shape)

    return Bars(
        minutes.symbols,
        minutes.start_ms,
        5 * minutes.interval_ms,
        grouped(minutes.open)[..., 0],
        grouped(minutes.high).max(axis=2),
        grouped(minutes.low).min(axis=2),
        grouped(minutes.close)[..., -1],
        grouped(minutes.volume).sum(axis=2),
        grouped(minutes.bought).sum(axis=2),
    )
