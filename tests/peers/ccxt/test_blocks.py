"""The blocks of docs/bots/ccxt.md, run by the real ccxt character by character, and what else the page says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.botcheck.adapters.ccxt import WORDS
from tests.api.support import all_is_fresh, manual_event
from tests.peers.ccxt.desk import Bot
from tests.support.doc_blocks import PAGES, block, table


def test_the_blocks_place_an_order_or_say_why_not(bot: Bot, ews: dict[str, Any], token_of: Callable[..., str]) -> None:
    url, token = ews["url"], token_of(name="docs")
    texts = {
        "POST /api/v3/order": [
            block("ccxt_sync.py", url=url, token=token),
            block("ccxt_async.py", url=url, token=token),
        ],
        "ws order.place": [block("ccxt_pro.py", url=url, token=token)],
    }
    for denied in (False, True):
        if denied:
            manual_event("BTC", action="reduce_only")
        all_is_fresh()
        for arrives, blocks in texts.items():
            for text in blocks:
                found = bot.ask("run", text=text)
                assert found["came"] == ([] if denied else [arrives]), found
                said = "not placed BTCUSDT reduce_only not sent: BTCUSDT on BINANCE may not be opened"
                assert found["printed"].startswith(said if denied else "placed 1"), found


def test_the_page_prints_the_behaviour_table() -> None:
    assert table(WORDS) in (PAGES / "ccxt.md").read_text(encoding="utf-8")
