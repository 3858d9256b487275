"""The user's whole way: his configuration, our block, `freqtrade trade --dry-run`, and a pair that gets at risk."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command

from tests.api.support import all_is_fresh, manual_event
from tests.peers.freqtrade.bot import Freqtrade, user_config
from tests.peers.freqtrade.desk import PAIRS, beating, blocks, desk_market
from tests.peers.freqtrade.played_binance import PlayedBinance
from tests.support.doc_blocks import block

SPEED = 5
"""Of the clock of freqtrade's caches: the block's 15 s pass in 3."""
LOOP, REFRESH = 1.0, 15.0 / SPEED


def token() -> str:
    """What the documented command prints."""
    program, script, *words = shlex.split(block("freqtrade-token.sh"))
    assert (program, script) == (".venv/bin/python", "manage.py")
    printed = io.StringIO()
    call_command(*words, stdout=printed)
    return re.findall(r"ews_\S+", printed.getvalue())[0]


def test_a_pair_at_risk_leaves_the_memory_of_a_bot_within_its_own_loop_and_a_second(
    api_url: str, exchange: PlayedBinance, tmp_path: Path
) -> None:
    desk_market()
    manual_event("XYZ", action="exit")
    all_is_fresh()
    user = user_config(exchange, tmp_path, strategy="Watching")
    text = blocks(api_url, token())["allow"]
    with Freqtrade(tmp_path, user, text, speed=SPEED, command=block("freqtrade-start.sh")) as bot:
        bot.wait(beating(lambda: bot.whitelist() == ["BTC/USDT", "ETH/USDT", "SOL/USDT"]), 40)
        bot.wait_running()
        all_is_fresh()
        manual_event("ETH", action="avoid_new")
        seconds = bot.wait(beating(lambda: bot.whitelist() == ["BTC/USDT", "SOL/USDT"]), 30)
        assert seconds <= LOOP + REFRESH + 1
        print(f"commit to freqtrade's memory by poll: {seconds:.2f} s")
    assert "FENCE" not in bot.log()
    assert exchange.unknown == []


def test_a_push_reaches_a_bot_with_its_next_loop(
    api_url: str, token_of: Callable[..., str], exchange: PlayedBinance, tmp_path: Path
) -> None:
    desk_market()
    user = user_config(exchange, tmp_path, strategy="Watching")
    ours = blocks(api_url, token_of("pairs"))
    with Freqtrade(tmp_path, user, ours["push"]) as bot:
        bot.wait(beating(lambda: bot.whitelist() == sorted(PAIRS)), 40)
        bot.wait_running()
        fetched = bot.log().count("Pairlist Fetched")
        manual_event("ETH", action="avoid_new")
        seconds = bot.wait(beating(lambda: "ETH/USDT" not in bot.whitelist()), 30)
        if bot.log().count("Pairlist Fetched") == fetched:
            # Nothing but the push can have brought it.
            assert seconds <= LOOP + 1
        print(f"commit to freqtrade's list by push: {seconds:.2f} s")
