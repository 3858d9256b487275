"""The thresholds of issue 3 on the labelled captures, as `python -m benchmarks.announcements` prints them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.announcements import Score, is_apart, rows, score_articles, score_titles
from markets.symbols import SymbolSplitter
from tests.exchanges.samples import CAPTURES

PROJECT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"the captured announcements are not at {CAPTURES}")


@pytest.fixture(scope="module")
def titles() -> Score:
    return score_titles(
        "titles", [row for row in rows(CAPTURES / "labelled_titles.jsonl") if not is_apart(row)], SymbolSplitter()
    )


@pytest.fixture(scope="module")
def articles() -> Score:
    return score_articles(
        "articles", [row for row in rows(CAPTURES / "labelled_articles.jsonl") if not is_apart(row)], SymbolSplitter()
    )


def test_titles_are_classified(titles: Score) -> None:
    assert titles.rows == 657
    assert titles.precision >= 0.97, titles.misses
    assert titles.recall >= 0.97, titles.misses
    assert titles.share("category") >= 0.95, titles.misses
    assert titles.share("phase") >= 0.95, titles.misses
    assert titles.share("market") >= 0.95, titles.misses


def test_names_are_found_in_titles(titles: Score) -> None:
    assert titles.tokens.f1 >= 0.95, titles.misses
    assert titles.tickers.f1 >= 0.95, titles.misses


def test_articles_are_classified(articles: Score) -> None:
    assert articles.rows == 61
    assert articles.precision >= 0.97, articles.misses
    assert articles.recall >= 0.97, articles.misses
    assert articles.share("category") >= 0.95, articles.misses
    assert articles.share("market") >= 0.95, articles.misses


def test_names_and_dates_are_found_in_articles(articles: Score) -> None:
    assert articles.tokens.f1 >= 0.95, articles.misses
    assert articles.tickers.f1 >= 0.95, articles.misses
    assert articles.date_share >= 0.95, articles.misses


def test_no_title_of_the_labelled_files_is_in_the_code() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("exchanges", "markets")
        for path in (PROJECT / folder).rglob("*.py")
    )
    for row in rows(CAPTURES / "labelled_titles.jsonl"):
        assert row["title"] not in code, row["title"]
