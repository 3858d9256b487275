"""What a hostile review found: no target leaves by a title, a table or a merge, and who is not told is for review."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exchanges.announcements.frames.swaps.parties import parties
from exchanges.announcements.reader import read_parts
from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.clauses import clauses
from exchanges.announcements.types import ParsedNotice, ReviewReason
from markets.symbols import SymbolSplitter
from tests.exchanges.announcements.swaps.notices import Swap
from tests.exchanges.announcements.swaps.reviewed import TOLD, UNTOLD

RELEASED = datetime(2026, 5, 20, 6, tzinfo=UTC)
SPLITTER = SymbolSplitter()


def answer(title: str, body: str = "") -> ParsedNotice:
    return read_parts("binance", title, body or None, RELEASED, SPLITTER)


def at_risk(notice: ParsedNotice) -> set[str]:
    """Every coin that the notice would put at risk, by itself or by an instrument."""
    if not notice.event:
        return set()
    named = {*notice.tickers, *(ticker for impact in notice.impacts for ticker in impact.tickers)}
    tokens = {impact.token for impact in notice.impacts if impact.at_risk and impact.token}
    return tokens | set(notice.tokens) | {SPLITTER.split(t, "binance").base for t in named}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "swap",
    [pytest.param(swap, marks=[pytest.mark.long] if number % 3 else []) for number, swap in enumerate(TOLD)],
    ids=lambda swap: swap.title,
)
def test_who_leaves_is_at_risk_and_nobody_else(swap: Swap) -> None:
    notice = answer(swap.title, swap.body)
    assert set(swap.old.split()) <= set(notice.tokens)
    assert not at_risk(notice) & set(swap.new.split())


@pytest.mark.parametrize("swap", UNTOLD, ids=lambda swap: swap.title)
def test_who_is_not_told_is_for_review_and_none_at_risk(swap: Swap) -> None:
    notice = answer(swap.title, swap.body)
    assert notice.review is not None or set(swap.old.split()) == set(notice.tokens) != set()
    assert not at_risk(notice) & set(swap.new.split())


def test_of_two_that_merge_none_is_at_risk_until_the_notice_says_which() -> None:
    for title in ("Merger of Tribe (TRIBE) and Rari (RGT)", "Merger of Tribe (TRIBE) With Rari (RGT)"):
        notice = answer(title)
        assert (notice.event, notice.category, notice.tokens, notice.impacts) == (True, "token_migration", (), ())
        assert notice.review is not None and notice.review.reason == ReviewReason.PARTIES
        assert set(notice.review.tokens) == {"TRIBE", "RGT"}


@pytest.mark.parametrize("first, second", [("AGIX", "FET"), ("FET", "AGIX")])
@pytest.mark.parametrize("word", ["and", "With"])
def test_the_order_of_those_that_merge_says_nothing(first: str, second: str, word: str) -> None:
    body = "<p>Spot pairs to be removed at 2026-07-01 03:00 (UTC): AGIX/USDT, AGIX/BTC.</p>"
    notice = answer(f"Merger of One.ai ({first}) {word} Another ({second})", body)
    assert (notice.tokens, at_risk(notice)) == (("AGIX",), {"AGIX"})


@pytest.mark.parametrize(
    "old, new",
    [
        ("Old Token", "New Token"),
        ("Before", "After"),
        ("旧代币", "新代币"),
        ("기존 토큰", "신규 토큰"),
        ("Eski Token", "Yeni Token"),
        ("Старый токен", "Новый токен"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_column_of_old_and_one_of_new_tokens_say_who_leaves(old: str, new: str, turned: bool) -> None:
    cells = [(old, "FTM"), (new, "S")][:: -1 if turned else 1]
    rows = "".join(f"<tr>{''.join(f'<td>{cell[row]}</td>' for cell in cells)}</tr>" for row in (0, 1))
    found = parties("Token Swap Notice", clauses(blocks(f"<table>{rows}</table>")), SPLITTER, "binance")
    assert (found.leaving, found.targets, found.stated) == (("FTM",), ("S",), True)
