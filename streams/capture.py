"""Recorded streams, line by line: `<epoch seconds>: {…}`, `<epoch nanoseconds> {…}`, or the bare message.

cryptofeed's recordings are read as well: received messages, connects (`<url> <-> <seconds>`) and REST answers
(`<url> -> <seconds>: {…}`), whose URL has the symbol. Sent messages (`<url> <- …`) and the configuration are skipped.
Files may be plain, .gz, or .zip (its members in order of their names).
"""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

_RECEIVED = re.compile(rb"(\d{1,20}(?:\.\d+)?)(?::[ \t]*|[ \t]+)(?=[\[{\"a-z])")
_RECORDED = re.compile(rb"(\w+://\S+) (<->|<-|->) (\d+(?:\.\d+)?)(?::\s*(.*))?$", re.DOTALL)
# Upper bounds of times in seconds, milliseconds and microseconds; above them they are nanoseconds.
_SECONDS_BELOW, _MILLISECONDS_BELOW, _MICROSECONDS_BELOW = 10**11, 10**14, 10**17


class LineKind(Enum):
    FRAME = "frame"
    CONNECT = "connect"
    REST = "rest"


class Line(NamedTuple):
    """number: in its file, from 1. received_ns: 0 where the file has none. symbol: of a REST answer, from its URL."""

    number: int
    kind: LineKind
    received_ns: int
    content: bytes
    symbol: str | None = None


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a recording. Raises OSError, also for a broken archive."""
    for number, raw in enumerate(_raw_lines(path), 1):
        line = as_line(number, raw.strip())
        if line is not None:
            yield line


def as_line(number: int, raw: bytes) -> Line | None:
    """None for a sent message, a recorder's configuration, and an empty line."""
    if not raw:
        return None
    received = _RECEIVED.match(raw)
    if received is not None:
        return Line(number, LineKind.FRAME, _nanoseconds(received[1]), raw[received.end() :])
    recorded = _RECORDED.match(raw)
    if recorded is not None:
        url, arrow, at, content = recorded.groups()
        if arrow == b"<->":
            return Line(number, LineKind.CONNECT, _nanoseconds(at), b"")
        if arrow == b"->":
            symbol = _symbol_in(url.decode(errors="replace"))
            return Line(number, LineKind.REST, _nanoseconds(at), content or b"", symbol)
        return None
    if raw.startswith(b"configuration:"):
        return None
    return Line(number, LineKind.FRAME, 0, raw)


def _raw_lines(path: Path) -> Iterator[bytes]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in sorted(archive.namelist()):
                    if not name.endswith("/"):
                        with archive.open(name) as file:
                            yield from file
            return
        with path.open("rb") as start:
            zipped = start.read(2) == b"\x1f\x8b"
        with gzip.open(path) if zipped else path.open("rb") as file:
            yield from file
    except (EOFError, zipfile.BadZipFile, gzip.zlib.error) as fault:  # type: ignore[attr-defined]
        raise OSError(f"a broken archive ({fault})") from None


def _nanoseconds(text: bytes) -> int:
    integer, _, fraction = text.partition(b".")
    number = int(integer)
    if number < _SECONDS_BELOW:
        return number * 1_000_000_000 + int(fraction[:9].ljust(9, b"0") or b"0")
    if number < _MILLISECONDS_BELOW:
        return number * 1_000_000
    return number * 1_000 if number < _MICROSECONDS_BELOW else number


def _symbol_in(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    symbols = parse_qs(parts.query).get("symbol")
    return symbols[0].upper() if symbols and parts.path.endswith("depth") else None
