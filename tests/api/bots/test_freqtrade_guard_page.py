"""docs/bots/freqtrade-guard.md has the tables that botcheck prints; tests/peers/freqtrade proves them."""

from __future__ import annotations

import pytest

from api.botcheck.adapters import base, freqtrade_guard, freqtrade_locks
from api.botcheck.faults import FAULTS, MEANING
from tests.support.doc_blocks import PAGES


@pytest.mark.parametrize("words", [freqtrade_guard.WORDS, freqtrade_locks.WORDS])
def test_the_page_has_the_words_of_botcheck(words: base.Words) -> None:
    assert tuple(words) == FAULTS
    assert base.table(words, MEANING) in (PAGES / "freqtrade-guard.md").read_text(encoding="utf-8")
