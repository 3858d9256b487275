"""How values look in the admin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crypto_ews.ui.display import badge, chips, distance, json_block, moment, size


@pytest.mark.parametrize(
    "seconds, expected",
    [
        (0, "now"),
        (42, "in 42 s"),
        (-42, "42 s ago"),
        (60 * 59, "in 59 min"),
        (3 * 3600, "in 3 h"),
        (3 * 3600 + 20 * 60, "in 3 h 20 min"),
        (-7 * 3600 - 59 * 60, "7 h 59 min ago"),
        (27 * 3600, "in 1 d 3 h"),
        (-30 * 86400, "30 d ago"),
    ],
)
def test_distances_read_as_people_say_them(now: datetime, seconds: int, expected: str) -> None:
    assert distance(now + timedelta(seconds=seconds), now) == expected


def test_moments_are_in_utc_whatever_zone_they_came_in(now: datetime) -> None:
    elsewhere = datetime.fromisoformat("2026-10-01T23:00:00+09:00")
    assert "2026-10-01 14:00" in moment(elsewhere, now)
    assert elsewhere.astimezone(UTC).isoformat() in moment(elsewhere, now)


def test_what_comes_within_a_day_stands_out(now: datetime) -> None:
    assert "ews-soon" in moment(now + timedelta(hours=23), now)
    assert "ews-soon" not in moment(now + timedelta(hours=25), now)
    assert "ews-soon" not in moment(now - timedelta(hours=1), now)


def test_everything_is_escaped(now: datetime) -> None:
    evil = "<script>"
    for shown in (badge(evil), chips([evil] * 9), json_block({evil: evil})):
        assert evil not in shown and "&lt;script&gt;" in shown


def test_long_lists_are_counted_beyond_the_limit() -> None:
    shown = chips(["A", "B", "C", "D"], limit=2)
    assert "+ 2 more" in shown and 'title="C, D"' in shown


def test_nothing_shows_a_dash(now: datetime) -> None:
    for shown in (badge(""), badge(None), chips([]), moment(None, now), json_block({})):
        assert "–" in shown


@pytest.mark.parametrize("count, expected", [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (20_000_000, "20.0 MB")])
def test_sizes(count: int, expected: str) -> None:
    assert size(count) == expected
