"""A bot of freqtrade's, from its command line, whose strategy is the page's: what it opens, adds to, and leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.botcheck.proxy import FaultProxy
from tests.api.support import all_is_fresh, manual_event
from tests.peers.freqtrade.bot import Freqtrade, user_config
from tests.peers.freqtrade.desk import beating, desk_market
from tests.peers.freqtrade.played_binance import PlayedBinance
from tests.support.doc_blocks import block

SAFE = ["BTC/USDT", "ETH/USDT", "SOL/USDT"]


@pytest.fixture
def proxy(api_url: str) -> Iterator[FaultProxy]:
    desk_market()
    manual_event("XYZ", action="avoid_new", title="XYZ forks")
    all_is_fresh()
    with FaultProxy(api_url) as one:
        yield one


@pytest.fixture
def config(exchange: PlayedBinance, proxy: FaultProxy, token_of: Callable[..., str], tmp_path: Path) -> dict[str, Any]:
    """The page's strategy with market orders; it wants every pair, and may add to what it has.

    The strategy's token is none. The page's piece of configuration has the right one, and wins where it is used.
    """
    (tmp_path / "my_strategy.py").write_text(block("freqtrade-guard-strategy.py", url=proxy.url))
    (tmp_path / "ews.json").write_text(block("freqtrade-guard-config.json", url=proxy.url, token=token_of()))
    return user_config(
        exchange, tmp_path, strategy="MyStrategy", strategy_path=str(tmp_path), force_entry_enable=True,
        position_adjustment_enable=True, minimal_roi={}, stoploss=-0.99, exit_profit_only=True,
        order_types={"entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": False},
    )  # fmt: skip


def refused(bot: Freqtrade, pair: str) -> bool:
    try:
        bot.post("forceenter", {"pair": pair, "side": "long"})
    except httpx.HTTPStatusError:
        return True
    return False


def test_a_bot_opens_adds_and_leaves_as_it_may(config: dict[str, Any], proxy: FaultProxy, tmp_path: Path) -> None:
    with Freqtrade(tmp_path, config, (tmp_path / "ews.json").read_text()) as bot:
        bot.wait(beating(lambda: bot.open_pairs() == SAFE), 60)
        bot.wait(beating(lambda: [lock["pair"] for lock in bot.get("locks")["locks"]] == ["XYZ/USDT"]), 10)
        assert bot.get("locks")["locks"][0]["reason"] == "EWS guard: XYZ/USDT avoid_new; XYZ forks"
        all_is_fresh()
        assert refused(bot, "XYZ/USDT"), "forceenter asks confirm_trade_entry"
        assert not refused(bot, "SOL/USDT"), "an addition"
        manual_event("SOL", action="avoid_new")
        all_is_fresh()
        assert refused(bot, "SOL/USDT"), "an addition by hand, of which freqtrade asks no hook"
        proxy.fault = "dead"
        assert refused(bot, "ETH/USDT") and refused(bot, "XYZ/USDT")
        proxy.fault = None
        manual_event("ETH", action="exit", title="ETH leaves")
        bot.wait(beating(lambda: bot.open_pairs() == ["BTC/USDT", "SOL/USDT"]), 30)
        closed = [one for one in bot.get("trades")["trades"] if one["pair"] == "ETH/USDT"]
        assert [one["exit_reason"].startswith("ews exit event") for one in closed] == [True]
        # A reload makes a new strategy, which asks with connections of its own; the old one's are closed.
        bot.post("reload_config")
        bot.wait(beating(lambda: bot.log().count("TokenRiskGuard watches BINANCE") == 2))
        bot.wait(beating(lambda: bot.get("show_config")["state"] == "running"))
        all_is_fresh()
        assert refused(bot, "XYZ/USDT") and refused(bot, "SOL/USDT")
        proxy.fault = "401"
        bot.post("reload_config")
        assert bot.wait_end() == 2, "a reload is a start"
        assert "TokenRiskGuard does not start: the server refused it, credentials" in bot.log()
    assert "FENCE" not in bot.log()
