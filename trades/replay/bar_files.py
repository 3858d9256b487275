"""Bars from files: CSV with a header, plain or .gz, of one or many instruments.

Columns: symbol, open_time (milliseconds, seconds, or ISO 8601), open, high, low, close, quote_volume (or volume, in
the base coin, which is taken at the close), and where there are any, trades and taker_buy_quote_volume. A file without
the column `symbol` is of the instrument that its name begins with; `timestamp` is read as open_time.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from trades.volume.bars import DAY_MS, MINUTE_MS, Bars

INTERVALS = {"1m": MINUTE_MS, "5m": 5 * MINUTE_MS, "1h": 60 * MINUTE_MS}
# Ten digits are seconds: as milliseconds they would be of 1970.
_SECONDS = range(10**9, 10**11)
_MICROSECONDS_FROM = 10**14
_PRICES = ("open", "high", "low", "close")
_MOST_CELLS = 400_000_000


class UnreadableBars(ValueError):
    """A file that holds no bars; `str()` is one line that names the file, the line, the value and what was expected."""


class _Row(NamedTuple):
    open: float
    high: float
    low: float
    close: float
    volume: float
    bought: float


def read_bars(paths: Sequence[Path], interval_ms: int | None = None) -> Bars:
    """All bars of these files on one grid. interval_ms: None to find it out. Raises UnreadableBars, OSError."""
    found: dict[str, dict[int, _Row]] = {}
    for path in paths:
        for number, symbol, open_ms, row in _rows(path):
            known = found.setdefault(symbol, {})
            before = known.setdefault(open_ms, row)
            if before is not row and not _same(before, row):
                raise UnreadableBars(f"{path} line {number}: {symbol} has another bar at {iso(open_ms)}, expected one")
    if not found:
        raise UnreadableBars(f"{', '.join(str(path) for path in paths)}: no bars, expected at least one")
    return _on_grid(found, interval_ms)


def iso(ms: int) -> str:
    """A time in milliseconds as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(text: str) -> int:
    """A point in time: milliseconds, seconds or microseconds since 1970, or ISO 8601 (without a zone: UTC). Raises
    ValueError."""
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    if not math.isfinite(number) or number < 0:
        raise ValueError(text)
    if _SECONDS.start <= number < _SECONDS.stop:
        return round(number * 1000)
    return round(number / 1000) if number >= _MICROSECONDS_FROM else round(number)


def _rows(path: Path) -> Iterator[tuple[int, str, int, _Row]]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    with (
        path.open("rb") as raw,
        io.TextIOWrapper(gzip.GzipFile(fileobj=raw) if zipped else raw, "utf-8-sig", newline="") as text,
    ):
        try:
            table = csv.reader(text)
            header = [name.strip() for name in next(table, [])]
            places = _places(path, header)
            for number, cells in enumerate(table, 2):
                if cells:
                    yield number, *_row(path, number, cells, places)
        except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, csv.Error) as fault:
            raise UnreadableBars(f"{path}: not a readable CSV file ({fault})") from None


def _places(path: Path, header: Sequence[str]) -> Mapping[str, int]:
    places = {name: index for index, name in enumerate(header)}
    if "open_time" not in places and "timestamp" in places:
        places["open_time"] = places["timestamp"]
    missing = [name for name in ("open_time", *_PRICES) if name not in places]
    if "quote_volume" not in places and "volume" not in places:
        missing.append("quote_volume or volume")
    if missing:
        raise UnreadableBars(
            f"{path} line 1: the header was {','.join(header)[:200]!r}, expected also {', '.join(missing)}"
        )
    return places


def _row(path: Path, number: int, cells: Sequence[str], places: Mapping[str, int]) -> tuple[str, int, _Row]:
    def cell(name: str) -> str:
        index = places[name]
        if index >= len(cells):
            raise UnreadableBars(f"{path} line {number}: {len(cells)} columns, expected {name} in column {index + 1}")
        return cells[index].strip()

    def value(name: str, least: float) -> float:
        text = cell(name)
        try:
            read = float(text)
        except ValueError:
            read = math.nan
        if not (math.isfinite(read) and read >= least):
            raise UnreadableBars(f"{path} line {number}: {name} was {text!r}, expected a number from {least:g}")
        return read

    try:
        open_ms = milliseconds(cell("open_time"))
    except (ValueError, OverflowError):
        raise UnreadableBars(
            f"{path} line {number}: open_time was {cell('open_time')!r}, expected milliseconds or ISO 8601"
        ) from None
    symbol = cell("symbol") if "symbol" in places else path.name.replace("-", "_").partition("_")[0].partition(".")[0]
    if not symbol:
        raise UnreadableBars(f"{path} line {number}: symbol was empty, expected an instrument's name")
    first, high, low, close = (value(name, 0.0) for name in _PRICES)
    if "quote_volume" in places:
        volume = value("quote_volume", 0.0)
    else:
        volume = value("volume", 0.0) * close
    bought = math.nan
    if "taker_buy_quote_volume" in places and cell("taker_buy_quote_volume"):
        bought = value("taker_buy_quote_volume", 0.0)
    return symbol, open_ms, _Row(first, high, low, close, volume, bought)


def _same(one: _Row, other: _Row) -> bool:
    return all(a == b or (a != a and b != b) for a, b in zip(one, other, strict=True))


def _on_grid(found: Mapping[str, Mapping[int, _Row]], interval_ms: int | None) -> Bars:
    symbols = sorted(found)
    times = {symbol: np.array(sorted(found[symbol]), dtype=np.int64) for symbol in symbols}
    step = interval_ms or _step(list(times.values()))
    start = min(int(opens[0]) for opens in times.values())
    stop = max(int(opens[-1]) for opens in times.values())
    if start % step:
        raise UnreadableBars(f"a bar opens at {iso(start)}, expected whole {_name(step)} intervals")
    columns = (stop - start) // step + 1
    if columns * len(symbols) > _MOST_CELLS:
        raise UnreadableBars(
            f"bars from {iso(start)} to {iso(stop)} are {columns:,} a symbol of {len(symbols):,}, "
            f"expected at most {_MOST_CELLS:,} together"
        )
    table = np.full((6, len(symbols), columns), np.nan)
    for index, symbol in enumerate(symbols):
        places, rests = np.divmod(times[symbol] - start, step)
        if rests.any():
            misplaced = int(times[symbol][int(np.argmax(rests > 0))])
            raise UnreadableBars(f"{symbol} has a bar at {iso(misplaced)}, expected whole {_name(step)} intervals")
        table[:, index, places] = np.array([found[symbol][int(at)] for at in times[symbol]]).T
    return Bars(symbols, start, step, *table)


def _step(series: Sequence[np.ndarray]) -> int:
    """The smallest distance between two bars of an instrument, where that is an interval that is read."""
    smallest = min((int(np.diff(opens).min()) for opens in series if len(opens) > 1), default=MINUTE_MS)
    if smallest not in INTERVALS.values():
        raise UnreadableBars(
            f"bars are {smallest / MINUTE_MS:g} minutes apart, expected {', '.join(INTERVALS)}; --interval says which"
        )
    return smallest


def _name(step: int) -> str:
    return next((name for name, ms in INTERVALS.items() if ms == step), f"{step / DAY_MS:g} d")
