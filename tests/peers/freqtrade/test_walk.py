"""The user's whole way: his configuration, our block behind it, `freqtrade trade --dry-run`, a pair that gets at risk."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.support import all_is_fresh, manual_event
from tests.peers.freqtrade.bot import Freqtrade, user_config
from tests.peers.freqtrade.desk import PAIRS, block, desk_market
from tests.peers.freqtrade.played_binance import PlayedBinance

LOOP, REFRESH = 1.0, 15.0


def beating(is_true: Callable[[], bool]) -> Callable[[], bool]:
    """The same, while our daemon and its sources go on living."""
    last = 0.0

    def ask() -> bool:
        nonlocal last
        if time.monotonic() - last > 1:
            all_is_fresh()
            last = time.monotonic()
        return is_true()

    return ask


@pytest.fixture
def exchange():
    with PlayedBinance(PAIRS) as played:
        yield played


def test_a_pair_at_risk_leaves_the_memory_of_a_bot_within_its_own_loop_and_a_second(
    api_url: str, token_of: Callable[..., str], exchange: PlayedBinance, tmp_path: Path
) -> None:
    desk_market()
    manual_event("XYZ", action="exit")
    all_is_fresh()
    text = block("freqtrade-allow.json", api_url, token_of("pairs"))
    with Freqtrade(tmp_path, user_config(exchange, tmp_path, strategy="Watching"), text) as bot:
        bot.wait_running()
        assert bot.whitelist() == ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
        all_is_fresh()
        manual_event("ETH", action="avoid_new")
        seconds = bot.wait(beating(lambda: bot.whitelist() == ["BTC/USDT", "SOL/USDT"]), 30)
        assert seconds <= LOOP + REFRESH + 1
        print(f"commit to freqtrade's memory by poll: {seconds:.2f} s")
    assert "FENCE" not in bot.log()
    assert exchange.unknown == []
