"""TokenRiskGuard in strategies that the real freqtrade loads, and whose hooks it calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.daemon_process import eventually
from tests.support.peers import Peer

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs/bots/freqtrade-guard.md"
GOOD, BAD = "BTC/USDT", "ETH/BTC"


def block(name: str) -> str:
    """A block of the page, character for character."""
    found = re.search(rf"<!-- block: {re.escape(name)} -->\n```\w+\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found, name
    return found[1]


class Bench:
    """A strategy in a process of freqtrade's."""

    def __init__(self, folder: Path, source: str, name: str = "MyStrategy", **config: Any) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "my_strategy.py").write_text(source, encoding="utf-8")
        config.setdefault("runmode", "dry_run")
        pairs = config.pop("pairs", [GOOD, BAD])
        given = {"folder": str(folder), "strategy": name, "config": config, "pairs": pairs}
        self._peer = Peer("freqtrade", HERE / "guarded_strategy.py", json.dumps(given))
        self.loaded = self._peer.hear(60)
        self.seconds = 0.0

    def do(self, what: str, **more: Any) -> Any:
        """The result; an error of freqtrade's is an AssertionError here."""
        answer = self.tried(what, **more)
        assert "error" not in answer, answer
        return answer["result"]

    def tried(self, what: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._peer.ask({"what": what, **more})
        self.seconds = answer["seconds"]
        return answer

    def hook(self, name: str, pair: str, **named: Any) -> Any:
        return self.do("hook", name=name, pair=pair, **named)

    def close(self) -> None:
        self._peer.__exit__()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def begin(source: str, **more: Any) -> Bench:
        made.append(Bench(tmp_path / f"strategies{len(made)}", source, **more))
        return made[-1]

    yield begin
    for one in made:
        one.close()


@pytest.fixture
def proxy(api_url: str, token_of: Callable[..., str]) -> Iterator[FaultProxy]:
    """In front of a system in which ETH is left, and BTC may be traded."""
    quiet_market()
    manual_event("ETH", action="exit", title="Ether leaves")
    all_is_fresh()
    with FaultProxy(api_url) as one:
        yield one


@pytest.fixture
def source(proxy: FaultProxy, token_of: Callable[..., str]) -> str:
    """The page's strategy, with an address and a token in place of those that it has."""
    text = block("my_strategy.py")
    assert text.count("http://127.0.0.1:8000") == text.count("ews_YOUR_TOKEN") == 1
    return text.replace("http://127.0.0.1:8000", proxy.url).replace("ews_YOUR_TOKEN", token_of())


def test_the_block_of_the_page_denies_leaves_and_locks(bench: Callable[..., Bench], source: str) -> None:
    bot = bench(source, position_adjustment_enable=True)
    assert bot.loaded["result"] == "MyStrategy", bot.loaded
    bot.do("start")
    eventually(lambda: bot.hook("confirm_trade_entry", GOOD), 10, "the names are read")
    assert bot.hook("confirm_trade_entry", BAD) is False
    assert bot.hook("confirm_trade_entry", BAD, side="short") is False
    locks = bot.do("loop")
    assert [lock[0] for lock in locks] == [BAD], locks
    assert locks[0][1].startswith("EWS guard: ETH/BTC exit") and "Ether leaves" in locks[0][1]
    assert bot.hook("custom_exit", BAD).startswith("ews exit event ")
    assert bot.hook("custom_exit", GOOD) is None
    assert bot.hook("check_entry_timeout", BAD) is True and bot.hook("check_entry_timeout", GOOD) is False
    assert bot.hook("adjust_order_price", BAD) is None and bot.hook("adjust_order_price", GOOD) == 50.0
    assert bot.hook("adjust_order_price", BAD, is_entry=False) == 50.0
    assert bot.do("stake", pair=BAD, trade_amount=50.0) == 0 and bot.do("stake", pair=GOOD, trade_amount=50.0) == 50.0
    assert bot.do("stake", pair=BAD, trade_amount=0.0) == 0
    kinds = [kind for kind, _ in bot.hook("should_exit", BAD)]
    assert kinds == ["custom_exit"] and bot.hook("should_exit", GOOD) == []
