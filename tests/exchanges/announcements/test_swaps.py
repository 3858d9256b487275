"""Swaps, merges and changes of ticker: the target never leaves, and every token that leaves is found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exchanges.announcements.frames.parties import parties
from exchanges.announcements.reader import read_parts
from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.clauses import clauses
from exchanges.announcements.text.normalise import normalise
from markets.symbols import SymbolSplitter
from tests.exchanges.announcements.swap_notices import SWAPS, Swap

RELEASED = datetime(2026, 5, 20, 6, tzinfo=UTC)
SPLITTER = SymbolSplitter()


@pytest.mark.parametrize("swap", SWAPS, ids=lambda swap: swap.title)
def test_who_leaves_is_who_the_notice_says_is_swapped_or_ceases(swap: Swap) -> None:
    found = parties(normalise(swap.title), clauses(blocks(swap.body)), SPLITTER, "binance")
    assert set(found.leaving) == set(swap.old.split())
    assert set(found.targets) >= set(swap.new.split())
    if swap.renamed:
        assert found.renamed == tuple(tuple(pair.split(">")) for pair in swap.renamed.split())


@pytest.mark.parametrize("swap", SWAPS, ids=lambda swap: swap.title)
def test_the_notice_is_a_migration_of_those_that_leave_alone(swap: Swap) -> None:
    notice = read_parts("binance", swap.title, swap.body, RELEASED, SPLITTER)
    assert (notice.event, notice.category) == (True, "token_migration")
    assert set(notice.tokens) == set(swap.old.split())
    assert {impact.token for impact in notice.impacts} == set(swap.old.split())
    come = set(swap.new.split())
    assert not [ticker for ticker in notice.tickers if ticker.split("/")[0] in come]
