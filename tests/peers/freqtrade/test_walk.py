"""The user's whole way: his configuration, our block, `freqtrade trade --dry-run`, and a pair that gets at risk."""

from __future__ import annotations

import io
import re
import shlex
from contextlib import ExitStack
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


def test_a_pair_at_risk_leaves_a_bot_within_its_own_loop_and_a_second_by_poll_and_by_push(
    api_url: str, tmp_path: Path
) -> None:
    more = ("DOGE", "ADA", "LTC")
    desk_market(*more)
    manual_event("XYZ", action="exit")
    all_is_fresh()
    pairs = (*PAIRS, *(f"{coin}/USDT" for coin in more))
    ours = blocks(api_url, token())
    with ExitStack() as stack:
        exchange = stack.enter_context(PlayedBinance(pairs))
        user = user_config(exchange, tmp_path, strategy="Watching")
        command = block("freqtrade-start.sh")
        bot = stack.enter_context(Freqtrade(tmp_path, user, ours["allow"], speed=SPEED, command=command))
        bot.wait(beating(lambda: bot.whitelist() == sorted({*pairs} - {"XYZ/USDT"})))
        bot.wait_running()
        for coin in ("ETH", "SOL", "BTC"):
            all_is_fresh()
            manual_event(coin, action="avoid_new")
            seconds = bot.wait(beating(lambda coin=coin: f"{coin}/USDT" not in bot.whitelist()))  # type: ignore[misc]
            print(f"commit to freqtrade's memory by poll: {seconds:.2f} s")
            if seconds <= LOOP + REFRESH + 1:
                break  # another one only where the machine was busy
        assert seconds <= LOOP + REFRESH + 1
        # The same bot with the other block: what was changed by hand is there after a reload.
        (tmp_path / re.findall(r"--config (\S+)", command)[1]).write_text(
            ours["push"].replace('"refresh_period": 15', '"refresh_period": 1500')  # nothing but the push can bring it
        )
        bot.post("reload_config")
        bot.wait(beating(lambda: bot.get("show_config")["state"] == "running" and "DOGE/USDT" in bot.whitelist()))
        for coin in ("DOGE", "ADA", "LTC"):
            manual_event(coin, action="avoid_new")
            seconds = bot.wait(beating(lambda coin=coin: f"{coin}/USDT" not in bot.whitelist()))  # type: ignore[misc]
            print(f"commit to freqtrade's list by push: {seconds:.2f} s")
            if seconds <= LOOP + 1:
                break
        assert seconds <= LOOP + 1
        assert "FENCE" not in bot.log()
        assert exchange.unknown == []
