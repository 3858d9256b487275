"""A real bot with trades, while we are away: what it stops, what it goes on with, and what no list can keep it from."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from api.botcheck.proxy import FaultProxy
from tests.api.support import all_is_fresh, manual_event
from tests.peers.freqtrade.bot import Freqtrade, user_config
from tests.peers.freqtrade.desk import beating, blocks, desk_market
from tests.peers.freqtrade.played_binance import PlayedBinance

FAST = 10


@pytest.fixture
def proxy(api_url: str) -> Iterator[FaultProxy]:
    """In front of the running system, where XYZ is at risk and the others are not."""
    desk_market()
    manual_event("XYZ", action="exit")
    all_is_fresh()
    with FaultProxy(api_url) as proxy:
        yield proxy


def test_a_bot_that_is_started_while_we_are_down_stops_and_the_documented_way_closes_its_trades(
    proxy: FaultProxy, token_of: Callable[..., str], exchange: PlayedBinance, tmp_path: Path
) -> None:
    token = token_of("pairs")
    user, ours = user_config(exchange, tmp_path), blocks(proxy.url, token)
    with Freqtrade(tmp_path, user, ours["allow"]) as bot:
        bot.wait(beating(lambda: bot.open_pairs() == ["BTC/USDT", "ETH/USDT", "SOL/USDT"]))
        proxy.refuse()
        bot.post("reload_config")
        assert bot.wait_end() == 2, "a reload is a start"
        assert "Was not able to fetch pairlist from" in bot.log()
    user |= {"strategy": "Adding", "stoploss": -0.1}
    with Freqtrade(tmp_path, user, ours["allow"], ours["exits-only"]) as bot:
        bot.wait_running()
        assert bot.get("show_config")["state"] == "paused"
        time.sleep(1.5)
        bot.post("start")
        bot.wait(lambda: bot.get("show_config")["state"] == "running")
        time.sleep(1.5)
        trades = bot.get("status")
        assert sorted(trade["pair"] for trade in trades) == ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
        assert [len(trade["orders"]) for trade in trades] == [1, 1, 1], "the strategy adds to ETH where it may"
        exchange.price *= 0.8
        bot.wait(lambda: bot.open_pairs() == [] and bot.whitelist() == [])
        time.sleep(1.5)
        assert bot.open_pairs() == []
    assert "FENCE" not in bot.log() and token not in bot.log()


def test_an_outage_stops_entries_and_no_exits_and_ends_when_we_answer_and_systemd_hears_of_a_bot_that_stands_still(
    proxy: FaultProxy, token_of: Callable[..., str], exchange: PlayedBinance, tmp_path: Path
) -> None:
    user = user_config(exchange, tmp_path, strategy="Adding", max_open_trades=2, force_entry_enable=True)
    ours, address = blocks(proxy.url, token_of("pairs")), str(tmp_path / "notify")
    with ExitStack() as stack:
        systemd = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        systemd.bind(address)
        said: list[bytes] = []
        threading.Thread(target=take, args=(systemd, said), daemon=True).start()
        bot = stack.enter_context(
            Freqtrade(
                tmp_path, user, ours["allow"], ours["watchdog"], speed=FAST, environment={"NOTIFY_SOCKET": address}
            )
        )
        bot.wait(lambda: b"READY=1" in said and said[-1].startswith(b"WATCHDOG=1"))
        bot.wait(beating(lambda: bot.open_pairs() == ["BTC/USDT", "ETH/USDT"]))
        proxy.fault = "401"
        bot.wait(beating(lambda: bot.whitelist() == ["BTC/USDT", "ETH/USDT"]))
        trade = next(one for one in bot.get("status") if one["pair"] == "BTC/USDT")
        bot.post("forceexit", {"tradeid": str(trade["trade_id"])})
        bot.wait(beating(lambda: bot.whitelist() == ["ETH/USDT"]))
        for _ in range(3):
            time.sleep(1)
            all_is_fresh()
            assert bot.open_pairs() == ["ETH/USDT"], "a slot is free, and nothing is opened"
        # What no list of pairs keeps a bot from: TokenRiskGuard does.
        bot.post("forceexit", {"tradeid": str(bot.post("forceenter", {"pair": "XYZ/USDT"})["trade_id"])})
        manual_event("ETH", action="exit")
        orders = len(bot.get("status")[0]["orders"])
        bot.wait(beating(lambda: len(bot.get("status")[0]["orders"]) > orders + 2))
        proxy.fault = None
        bot.wait(beating(lambda: len(bot.open_pairs()) == 2))
        assert "ETH/USDT" in bot.whitelist(), "a pair with an open trade stays, whatever we say"
        bot.post("forceexit", {"tradeid": str(trade["trade_id"] + 1)})
        bot.wait(beating(lambda: "ETH/USDT" not in bot.whitelist()))
        # A bot that stands still tells systemd nothing more.
        asked = len(proxy.asked)
        proxy.fault = "slow_drip"
        bot.wait(beating(lambda: len(proxy.asked) > asked))
        time.sleep(0.5)
        said.clear()
        time.sleep(4)
        # read_timeout is 3 s: it is of each byte, and one comes each second.
        assert said == []
        proxy.fault = None
        bot.wait(lambda: bool(said) and said[-1].startswith(b"WATCHDOG=1"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"END", address)


def take(systemd: socket.socket, said: list[bytes]) -> None:
    """Keeps what comes: nobody's queue may be full, since the bot would wait for room."""
    while found := systemd.recv(1000):
        said.append(found)
        if found == b"END":
            return


def test_the_blocks_are_json_with_our_names_alone() -> None:
    for name, text in blocks("http://127.0.0.1:1", "ews_x").items():
        assert isinstance(json.loads(text), dict), name
