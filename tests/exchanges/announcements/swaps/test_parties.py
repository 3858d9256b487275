"""Swaps, merges and changes of ticker: the target never leaves, and every token that leaves is found."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from exchanges.announcements.frames.swaps.parties import parties
from exchanges.announcements.reader import read_parts
from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.clauses import Clause, clauses
from exchanges.announcements.text.normalise import normalise
from exchanges.announcements.types import Review, ReviewReason
from markets.symbols import SymbolSplitter
from tests.exchanges.announcements.swaps.notices import SWAPS, Swap
from tests.exchanges.announcements.swaps.wordings import OTHER_LANGUAGES, OTHER_WORDS

RELEASED = datetime(2026, 5, 20, 6, tzinfo=UTC)
SPLITTER = SymbolSplitter()


@pytest.mark.parametrize("swap", (*SWAPS, *OTHER_WORDS, *OTHER_LANGUAGES), ids=lambda swap: swap.title)
def test_who_leaves_is_who_the_notice_says_is_swapped_or_ceases(swap: Swap) -> None:
    found = parties(normalise(swap.title), clauses(blocks(swap.body)), SPLITTER, "binance")
    assert set(found.leaving) == set(swap.old.split())
    assert set(found.targets) >= set(swap.new.split())
    if swap.renamed:
        assert found.renamed == tuple(tuple(pair.split(">")) for pair in swap.renamed.split())


@pytest.mark.parametrize("swap", (*SWAPS, *OTHER_WORDS), ids=lambda swap: swap.title)
def test_the_notice_is_a_migration_of_those_that_leave_alone(swap: Swap) -> None:
    notice = read_parts("binance", swap.title, swap.body or None, RELEASED, SPLITTER)
    assert (notice.event, notice.category) == (True, "token_migration")
    assert set(notice.tokens) == set(swap.old.split())
    assert {impact.token for impact in notice.impacts} == set(swap.old.split())
    come = set(swap.new.split())
    assert not [ticker for ticker in notice.tickers if ticker.split("/")[0] in come]


def test_of_three_that_merge_none_leaves_until_the_notice_says_which() -> None:
    title = "Binance Will Support the Token Merge of Fetch.ai (FET), SingularityNET (AGIX) and Ocean Protocol (OCEAN)"
    notice = read_parts("binance", title, "<p>Details will follow.</p>", RELEASED, SPLITTER)
    assert (notice.event, notice.category, notice.tokens, notice.impacts) == (True, "token_migration", (), ())
    assert notice.review == Review(ReviewReason.PARTIES, tokens=("FET", "AGIX", "OCEAN"))


HOSTILE = {
    "names and commas": "FOOX, BARX and ",
    "changes": "FOOX swap for BARX ",
    "becoming": "FOOX becomes BARX ",
    "distribution": "distribute BARX to FOOX ",
    "brackets": "Coin (FOOX) (",
    "ratios": "1 FOOX = 2 BARX = ",
    "letters": "FOOX to BARX to a a a a ",
}


@pytest.mark.long
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_text_without_end_costs_no_more_than_the_longest_notice(piece: str) -> None:
    """A text of twice the length takes about twice as long, and one that is longer than any notice is not read on."""

    def seconds(length: int, clauses_read: int) -> float:
        text = tuple(Clause((piece * length)[:length]) for _ in range(clauses_read))
        begun = time.process_time()
        parties("Swap of Foo (FOOX) to Bar (BARX)", text, SPLITTER)
        return time.process_time() - begun

    seconds(1_000, 1)
    # A floor: a few milliseconds say nothing.
    assert seconds(2_000, 10) < 4 * max(seconds(1_000, 10), 0.01)
    assert seconds(3_000, 300) < 1.5
