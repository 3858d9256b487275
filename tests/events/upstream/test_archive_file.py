"""Archives as files: what is written comes back, and what cannot be read is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.upstream.archive_file import (
    ArchiveFileError,
    RecordedPayload,
    from_line,
    parse_iso,
    read_archives,
    to_line,
    write_archive,
)

START = datetime(2026, 10, 1, 12, 0, 0, 123456, tzinfo=UTC)


def payload(seconds: float = 0, source: str = "binance.quotes", body: bytes = b"[]") -> RecordedPayload:
    return RecordedPayload(source, START + timedelta(seconds=seconds), "https://example.test/x?a=1", 200, body)


@given(st.binary(max_size=200))
def test_any_body_comes_back_as_it_was_received(body: bytes) -> None:
    assert from_line(to_line(payload(body=body))) == payload(body=body)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_written_archive_is_read_again(tmp_path: Path, name: str) -> None:
    payloads = [payload(number) for number in range(3)]
    assert write_archive(tmp_path / name, payloads) == 3
    assert list(read_archives([tmp_path / name])) == payloads
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_files_are_merged_by_time_and_cut_to_a_span(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", [payload(0), payload(2), payload(4)])
    write_archive(tmp_path / "b", [payload(1, "okx.quotes"), payload(3, "okx.quotes")])
    files = [tmp_path / "b", tmp_path / "a"]
    seconds = [(item.received_at - START).total_seconds() for item in read_archives(files)]
    assert seconds == [0, 1, 2, 3, 4]
    span = read_archives(files, START + timedelta(seconds=1), START + timedelta(seconds=3))
    assert [item.source for item in span] == ["okx.quotes", "binance.quotes", "okx.quotes"]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "line 2: it is not JSON"),
        ("[]", "expected an object"),
        ('{"source": 1, "received_at": "2026-10-01T13:00:00Z", "url": "", "body": ""}', "source is 1"),
        ('{"source": "a", "received_at": "noon", "url": "", "body": ""}', "received_at is 'noon'"),
        ('{"source": "a", "received_at": "2026-10-01T13:00:00Z", "url": "", "body": {}}', "body is {}"),
        ('{"source": "a", "received_at": "2026-10-01T11:00:00Z", "url": "", "body": ""}', "before the line above"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_file(tmp_path: Path, line: str, named: str) -> None:
    file = tmp_path / "broken.jsonl"
    file.write_text(f"{to_line(payload())}\n{line}\n")
    with pytest.raises(ArchiveFileError, match=r"broken\.jsonl, line 2") as caught:
        list(read_archives([file]))
    assert named in str(caught.value)


def test_a_file_that_is_not_there_or_is_cut_short_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveFileError, match=r"absent\.jsonl cannot be read"):
        list(read_archives([tmp_path / "absent.jsonl"]))
    whole = tmp_path / "whole.gz"
    write_archive(whole, [payload(number, body=bytes(range(256))) for number in range(50)])
    cut = tmp_path / "cut.gz"
    cut.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(ArchiveFileError, match=r"cut\.gz cannot be read"):
        list(read_archives([cut]))


def test_a_time_without_an_offset_is_utc() -> None:
    assert parse_iso("2026-10-01T14:00:00+02:00") == parse_iso("2026-10-01T12:00:00") == START.replace(microsecond=0)
