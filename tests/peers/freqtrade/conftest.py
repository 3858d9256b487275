"""Fixtures of the tests with the real freqtrade."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.freqtrade.bot import PairLists
from tests.peers.freqtrade.desk import PAIRS
from tests.peers.freqtrade.played_binance import PlayedBinance


@pytest.fixture
def exchange() -> Iterator[PlayedBinance]:
    """Binance on loopback with PAIRS."""
    with PlayedBinance(PAIRS) as played:
        yield played


@pytest.fixture(scope="session")
def lists() -> Iterator[PairLists]:
    """One process of freqtrade's list manager, for all tests: each begins with a `start`."""
    with PairLists() as found:
        yield found
