"""The labelled captures: the thresholds of issue 3, and nothing that was right before issue 16 is wrong now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.announcements.labelled import Row, captured_articles, captured_titles, rows
from benchmarks.announcements.score import REVIEW, Score, score
from tests.exchanges.samples import CAPTURES

PROJECT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"the captured announcements are not at {CAPTURES}")

# What was wrong before issue 16: the beginning of the SHA-256 of the title, and the field.
KNOWN = {
    ("136a0b908775", "market"),
    ("1c6e3c37f07e", "market"),
    ("3b47feecb531", "trading_status"),
    ("93bc7e6bb6e2", "trading_status"),
    ("be4ca4c580f5", "phase"),
    ("cc106145d646", "tickers"),
    # The title alone does not say which of two that merge stays: since issue 16 neither is at risk, and a person looks.
    ("0ade6e95cbc3", "tokens"),
}


def titles() -> list[Row]:
    return captured_titles()


def articles() -> list[Row]:
    return captured_articles()


def wrong_now(scored: Score) -> list[str]:
    """What was right and is not; a review of a harmless notice is counted elsewhere."""
    return [
        f"{one.row.title!r}: {text}"
        for one in scored.outcomes
        for field, text in one.problems.items()
        if (hashlib.sha256(one.row.title.encode()).hexdigest()[:12], field) not in KNOWN
        and not (one.verdict == REVIEW and not one.row.event)
    ]


@pytest.mark.parametrize(("labelled", "nth"), [(titles, 7), (articles, 7)])
def test_what_was_right_in_a_sample_of_the_captures_is_right(labelled: Callable[[], list[Row]], nth: int) -> None:
    assert wrong_now(score("sample", labelled()[::nth])) == []


@pytest.mark.long
@pytest.mark.parametrize("apart", [False, True])
def test_what_was_right_in_the_captures_is_right(apart: bool) -> None:
    found = wrong_now(score("titles", captured_titles(apart=apart)))
    found += wrong_now(score("articles", captured_articles(apart=apart)))
    assert found == []


@pytest.mark.long
def test_titles_are_classified() -> None:
    scored = score("titles", titles())
    assert scored.rows == 657
    assert scored.precision.value >= 0.97 and scored.recall_alone.value >= 0.97, scored.misses
    for name in ("category", "phase", "market"):
        assert scored.share(name).value >= 0.95, scored.misses
    for name in ("tokens", "tickers"):
        assert scored.names(name).f1 >= 0.95, scored.misses


@pytest.mark.long
def test_articles_are_classified() -> None:
    scored = score("articles", articles())
    assert scored.rows == 61
    assert scored.precision.value >= 0.97 and scored.recall_alone.value >= 0.97, scored.misses
    for name in ("category", "market", "trading_status"):
        assert scored.share(name).value >= 0.95, scored.misses
    for name in ("tokens", "tickers"):
        assert scored.names(name).f1 >= 0.95, scored.misses
    assert scored.names("important_dates").share >= 0.95, scored.misses


def test_no_title_of_the_labelled_files_is_in_the_code() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("exchanges", "markets")
        for path in (PROJECT / folder).rglob("*.py")
    )
    for row in rows(CAPTURES / "labelled_titles.jsonl"):
        assert row["title"] not in code, row["title"]
