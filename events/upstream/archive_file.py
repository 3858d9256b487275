"""Payload archives as files: JSON lines, optionally gzipped, in time order (contract 5).

A line is `{"source": …, "received_at": ISO-8601 UTC, "url": …, "status": 200, "body": "…"}`. A body that is not UTF-8
keeps its other bytes as lone surrogates (PEP 383), which JSON can carry, so that reading restores what was received.
"""

from __future__ import annotations

import gzip
import heapq
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from events.upstream.json import json_loads


class ArchiveFileError(Exception):
    """A file cannot be read or written; `str()` names the file, the line and what was expected."""


@dataclass(frozen=True)
class RecordedPayload:
    """One recorded answer."""

    source: str
    received_at: datetime
    url: str
    status: int
    body: bytes


def iso(moment: datetime) -> str:
    """A time as archives and reports have it: ISO 8601 in UTC, with "Z"."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """An ISO-8601 time as aware UTC; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def to_line(payload: RecordedPayload) -> str:
    """A payload as a line, without the line break."""
    record = {
        "source": payload.source,
        "received_at": iso(payload.received_at),
        "url": payload.url,
        "status": payload.status,
        "body": payload.body.decode("utf-8", "surrogateescape"),
    }
    return json.dumps(record)


def from_line(line: str) -> RecordedPayload:
    """A line as a payload. Raises ValueError that names the field, its value and what was expected."""
    try:
        record = json_loads(line)
    except ValueError as error:
        raise ValueError(f"it is not JSON ({error})") from None
    if not isinstance(record, dict):
        raise ValueError(f"it is {type(record).__name__}, expected an object")
    status = record.get("status", 200)
    if isinstance(status, bool) or not isinstance(status, int):
        raise ValueError(f"status is {status!r:.60}, expected a number such as 200")
    text = _text(record, "received_at")
    try:
        received_at = parse_iso(text)
    except ValueError:
        raise ValueError(f"received_at is {text!r:.60}, expected a time in ISO 8601") from None
    body = _text(record, "body")
    try:
        content = body.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        content = body.encode("utf-8", "replace")
    return RecordedPayload(_text(record, "source"), received_at, _text(record, "url"), status, content)


def _text(record: dict[str, Any], field: str) -> str:
    value = record.get(field)
    if not isinstance(value, str):
        raise ValueError(f"{field} is {value!r:.60}, expected a text")
    return value


def read_archives(
    files: Sequence[Path], start: datetime | None = None, end: datetime | None = None
) -> Iterator[RecordedPayload]:
    """The payloads of all files merged by time, those with start ≤ received_at ≤ end.

    Files are read while the payloads are consumed. Raises ArchiveFileError.
    """
    for payload in heapq.merge(*map(_read_archive, files), key=lambda payload: payload.received_at):
        if end is not None and payload.received_at > end:
            return
        if start is None or payload.received_at >= start:
            yield payload


def _read_archive(file: Path) -> Iterator[RecordedPayload]:
    previous: datetime | None = None
    number = 0
    try:
        with _open(file, "rt") as lines:
            for line in lines:
                number += 1
                if not line.strip():
                    continue
                payload = from_line(line)
                if previous is not None and payload.received_at < previous:
                    raise ValueError(f"received_at is {iso(payload.received_at)}, before the line above it")
                previous = payload.received_at
                yield payload
    except (OSError, EOFError) as error:
        raise ArchiveFileError(f"{file} cannot be read: {error}") from error
    except ValueError as error:
        raise ArchiveFileError(f"{file}, line {number}: {error}") from None


def write_archive(file: Path, payloads: Iterable[RecordedPayload]) -> int:
    """Write payloads, which must come in time order; returns how many. The file appears when it is complete.

    Raises ArchiveFileError.
    """
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    count = 0
    try:
        try:
            with closing(_open(partial, "wt", packed=file.suffix == ".gz")) as out:
                for payload in payloads:
                    out.write(to_line(payload) + "\n")
                    count += 1
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveFileError(f"{file} cannot be written: {error}") from error
    return count


def _open(file: Path, mode: str, packed: bool | None = None) -> IO[str]:
    if packed if packed is not None else file.suffix == ".gz":
        return cast("IO[str]", gzip.open(file, mode, encoding="utf-8"))
    return cast("IO[str]", file.open(mode, encoding="utf-8"))
