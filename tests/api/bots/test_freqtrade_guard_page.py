"""docs/bots/freqtrade-guard.md has the tables that botcheck prints; tests/peers/freqtrade proves them."""

from __future__ import annotations

import pytest

from api.botcheck.adapters import freqtrade_guard, freqtrade_locks
from api.botcheck.adapters.base import Words
from api.botcheck.faults import FAULTS
from tests.support.doc_blocks import PAGES, table


@pytest.mark.parametrize("words", [freqtrade_guard.WORDS, freqtrade_locks.WORDS])
def test_the_page_has_the_words_of_botcheck(words: Words) -> None:
    assert tuple(words) == FAULTS
    assert table(words) in (PAGES / "freqtrade-guard.md").read_text(encoding="utf-8")
