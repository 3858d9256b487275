"""When a venue's streams count as healthy, and which number tells what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderbooks.engine.numbers import StreamNumbers
from orderbooks.status import Report, trouble, unreadable

WELL = Report("OKX", 2, 100, 100, StreamNumbers(frames=1000), gaps=0, resyncs=0, checksum_failures=0)


@pytest.mark.parametrize(
    ("report", "before", "fault"),
    [
        (WELL, None, ""),
        (WELL, WELL, ""),
        (replace(WELL, in_sync=90), replace(WELL, in_sync=90), ""),
        (replace(WELL, faults=["silent for 60 s"]), WELL, "silent for 60 s"),
        (replace(WELL, symbols=0, in_sync=0), None, "no live instrument of a watched pair is known"),
        (replace(WELL, in_sync=0), None, ""),
        (replace(WELL, in_sync=40), replace(WELL, in_sync=30), ""),
        (replace(WELL, in_sync=40), replace(WELL, in_sync=40), "60 of 100 books are out of sync"),
    ],
    ids=["first", "well", "a few out of sync", "a fault", "nothing watched", "begins", "coming up", "stuck"],
)
def test_trouble_is_what_does_not_mend_itself(report: Report, before: Report | None, fault: str) -> None:
    assert trouble(report, before) == fault


def test_a_venue_whose_messages_cannot_be_read_is_in_drift_though_its_books_stand() -> None:
    later = replace(WELL, numbers=StreamNumbers(frames=1100, malformed=60))
    assert unreadable(WELL, None) == unreadable(WELL, WELL) == ""
    assert unreadable(later, WELL).startswith("60 of 100 frames")
    assert unreadable(replace(later, numbers=StreamNumbers(frames=1200, malformed=65)), later) == ""
