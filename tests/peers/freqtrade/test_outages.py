"""A real bot with trades, while we are away: what it stops, what it goes on with, and what no list can keep it from."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
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
        bot.wait_running()
        bot.wait(beating(lambda: bot.open_pairs() == ["BTC/USDT", "ETH/USDT", "SOL/USDT"]))
        proxy.refuse()
        bot.post("reload_config")
        assert bot.wait_end() == 2, "a reload is a start"
    with Freqtrade(tmp_path, user, ours["allow"]) as bot:
        assert bot.wait_end() == 2
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


def test_an_outage_stops_entries_and_no_exits_and_ends_when_we_answer(
    proxy: FaultProxy, token_of: Callable[..., str], exchange: PlayedBinance, tmp_path: Path
) -> None:
    user = user_config(exchange, tmp_path, strategy="Adding", max_open_trades=2, force_entry_enable=True)
    with Freqtrade(tmp_path, user, blocks(proxy.url, token_of("pairs"))["allow"], speed=FAST) as bot:
        bot.wait_running()
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


def test_a_bot_that_stands_still_tells_systemd_nothing_more(
    proxy: FaultProxy, token_of: Callable[..., str], exchange: PlayedBinance, tmp_path: Path
) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(30)
        ours = blocks(proxy.url, token_of("pairs"))
        with Freqtrade(
            tmp_path, user_config(exchange, tmp_path, strategy="Watching"), ours["allow"], ours["watchdog"],
            speed=FAST, environment={"NOTIFY_SOCKET": address},
        ) as bot:  # fmt: skip
            while systemd.recv(1000) != b"READY=1":
                pass
            assert systemd.recv(1000).startswith(b"WATCHDOG=1")
            bot.wait_running()
            proxy.fault = "slow_drip"
            bot.wait(beating(lambda: proxy.asked.count("GET /bots/freqtrade/allow?venue=BINANCE") > 1))
            time.sleep(0.5)
            systemd.setblocking(False)
            drain(systemd)
            time.sleep(4.5)
            # read_timeout is 3 s: it is of each byte, and one comes each second.
            assert drain(systemd) == []
            proxy.fault = None
            systemd.settimeout(5)
            assert systemd.recv(1000).startswith(b"WATCHDOG=1")


def drain(systemd: socket.socket) -> list[bytes]:
    found = []
    try:
        while True:
            found.append(systemd.recv(1000))
    except BlockingIOError:
        return found


def test_the_blocks_are_json_with_our_names_alone() -> None:
    for name, text in blocks("http://127.0.0.1:1", "ews_x").items():
        assert isinstance(json.loads(text), dict), name
