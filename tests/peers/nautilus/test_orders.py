"""Every way to open, close or change an order in nautilus, while an instrument may be opened and afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from api.botcheck.adapters.nautilus import WORDS
from api.botcheck.faults import FAULTS
from tests.api.support import all_is_fresh, manual_event
from tests.peers.nautilus.conftest import HERE, PATHS, Node
from tests.support.doc_blocks import PAGES, block, table
from tests.support.peers import Peer

BTC, PERP, ETH = "BTCUSDT.BINANCE", "BTCUSDT-PERP.BINANCE", "ETHUSDT.BINANCE"


def until(node: Node, instrument: str, expected: bool, seconds: float = 15.0) -> None:
    ends = time.monotonic() + seconds
    while node.may(instrument) is not expected:
        assert time.monotonic() < ends, node.do("state")
        all_is_fresh()
        time.sleep(0.05)


def test_every_way_to_open_is_refused_and_every_way_to_close_passes(
    api_url: str, token_of: Callable[..., str], market: None, node_of: Callable[..., Node]
) -> None:
    # The RiskEngine checks nothing here: the guard does not need it.
    node = node_of(api_url, token_of(), "bypass")
    until(node, BTC, True)
    bought = node.do("algorithm", instrument=BTC)
    assert (round(bought["held"], 4), bought["refused"]) == (0.4, 0)
    node.do("close", strategy="plain", instrument=BTC)
    resting = node.order("plain", BTC, price="40000")["order"]
    held_back = node.order("plain", BTC, price="45000", emulated=True)
    assert held_back["status"] == "EMULATED"
    for strategy in ("plain", "guarded"):
        assert node.order(strategy, BTC, quantity="2")["status"] == "FILLED"
        assert node.order(strategy, PERP, listed=True)["status"] == "FILLED"
    assert node.order("plain", ETH, quantity="2")["status"] == "FILLED"
    begun = time.monotonic()
    manual_event("BTC")
    until(node, BTC, False)
    print(f"commit → no more orders: {time.monotonic() - begun:.3f} s")
    until(node, PERP, False)
    openings: list[dict[str, Any]] = [
        {"instrument": BTC}, {"instrument": BTC, "price": "40000"}, {"instrument": BTC, "reduce_only": True},
        {"instrument": BTC, "side": "SELL", "quantity": "40"}, {"instrument": PERP, "listed": True},
        {"instrument": PERP, "side": "SELL", "quantity": "40", "reduce_only": True},
        {"instrument": PERP, "reduce_only": True},
    ]  # fmt: skip
    for strategy in ("plain", "guarded"):
        for order in openings:
            assert node.order(strategy, **order)["status"] == "DENIED", (strategy, order)
    before = node.do("state")["refused"]
    bought = node.do("algorithm", instrument=BTC)
    assert bought["held"] == 4.0 and bought["refused"] > before, "the pieces of an algorithm pass the guard too"
    # A change that makes it larger, or brings its price to the market, is one; a smaller one and an end are none.
    changed = node.do("modify", strategy="plain", order=resting, quantity="1")
    assert changed["events"][-1][0] == "OrderModifyRejected" and "token risk" in changed["events"][-1][1]
    assert node.do("modify", strategy="plain", order=resting, price="50000")["events"][-1][0] == "OrderModifyRejected"
    assert node.do("modify", strategy="plain", order=resting, quantity="0.2")["events"][-1][0] == "OrderUpdated"
    assert node.do("cancel", strategy="plain", order=resting)["status"] == "CANCELED"
    # The emulator releases without asking the RiskEngine again; what it releases is judged all the same.
    node.do("price", instrument=BTC, price=44000)
    assert node.do("fate_of", order=held_back["order"])["status"] == "DENIED"
    # Two orders that each close everything would open a position on the other side.
    for strategy in ("plain", "guarded"):
        assert node.do("flip", strategy=strategy, instrument=BTC, quantity="4", listed=True) == ["DENIED", "DENIED"]
    both = node.do("flip", strategy="plain", instrument=BTC, quantity="2.1", listed=False)
    assert both == ["DENIED", "DENIED"]
    both = node.do("flip", strategy="plain", instrument=BTC, quantity="1", listed=False)
    assert both == ["FILLED", "FILLED"]
    # Closings, by strategies with and without the mixin.
    assert node.order("plain", BTC, side="SELL", quantity="0.1")["status"] == "FILLED"
    assert node.order("plain", PERP, side="SELL", quantity="0.1", reduce_only=True)["status"] == "FILLED"
    node.do("close", strategy="guarded", instrument=BTC)
    node.do("close", strategy="plain", instrument=BTC)
    assert BTC not in node.do("close", strategy="plain", instrument=PERP)
    assert node.order("plain", BTC, side="SELL", quantity="1.0")["status"] == "DENIED", "nothing is left to close"
    # Where the quote currency is at risk, a sale buys it. A purchase is the way out from a cash account alone: this one
    # may borrow.
    manual_event("USDT", action="exit")
    until(node, ETH, False)
    for strategy in ("plain", "guarded"):
        assert node.order(strategy, ETH, side="SELL", quantity="1")["status"] == "DENIED"
        assert node.order(strategy, ETH, quantity="0.1")["status"] == "DENIED"
    assert node.order("plain", BTC, quantity="0.1")["status"] == "DENIED", "both sides are at risk"
    assert node.order("plain", BTC, side="SELL", quantity="0.1")["status"] == "DENIED"


def test_an_error_of_ours_opens_nothing_and_stops_no_closing(
    api_url: str, token_of: Callable[..., str], market: None, node_of: Callable[..., Node]
) -> None:
    token = token_of()
    broken, stopped, without = (
        node_of(api_url, token, *words, ready=False) for words in ((), ("unguarded",), ("no_actor",))
    )
    for node in (broken, stopped, without):
        node.ready()
    for node in (broken, stopped):
        until(node, BTC, True)
        assert node.order("guarded", BTC)["status"] == "FILLED"
    broken.do("break_actor")
    stopped.do("stop_actor")
    for node in (broken, stopped, without):
        assert node.order("guarded", BTC)["status"] == "DENIED"
    for node in (broken, without):
        assert node.order("plain", BTC)["status"] == "DENIED"
    for node in (broken, stopped):
        assert node.order("guarded", BTC, side="SELL")["status"] == "FILLED"
    assert stopped.do("resume_actor") == {"tasks": 1}
    until(stopped, BTC, True)
    stopped.do("stop_actor")
    # Why the guard is none of nautilus' own: REDUCING lets what opens from flat through. HALTED stops closings.
    assert stopped.order("plain", BTC)["status"] == "FILLED", "no mixin and no guard"
    stopped.do("close", strategy="plain", instrument=BTC)
    stopped.do("trading_state", state="REDUCING")
    assert stopped.order("plain", BTC)["status"] == "FILLED"
    stopped.do("trading_state", state="HALTED")
    assert stopped.order("plain", BTC, side="SELL", reduce_only=True)["status"] == "DENIED"


def test_the_blocks_of_the_page_run_as_printed(
    api_url: str, token_of: Callable[..., str], market: None, node_of: Callable[..., Node]
) -> None:
    assert set(WORDS) == set(FAULTS)
    assert table(WORDS) in (PAGES / "nautilus.md").read_text(encoding="utf-8")
    manual_event("ETH")
    blocks = {
        "node": block("nautilus-node.py", url=api_url, token=token_of()), "strategy": block("nautilus-strategy.py"),
    }  # fmt: skip
    node = node_of("", "", EWS_BLOCKS=json.dumps(blocks))
    until(node, BTC, True)
    assert node.do("enter", instrument=BTC)["status"] == "FILLED"
    assert node.do("enter", instrument=ETH)["status"] is None
    assert node.order("plain", ETH)["status"] == "DENIED"
    resting = node.order("guarded", BTC, price="40000")["order"]
    manual_event("BTC")
    until(node, BTC, False)
    time.sleep(0.5)
    assert node.do("fate_of", order=resting)["status"] == "CANCELED"


def test_a_backtest_asks_nobody_and_opens_what_its_table_allows() -> None:
    environment = {"PYTHONPATH": PATHS}
    with Peer("nautilus", HERE / "backtest.py", block("nautilus-backtest.py"), environment=environment) as run:
        found = run.hear(90)
    assert found == [
        [BTC, 10, "BUY", "FILLED"], [ETH, 10, "BUY", "DENIED"],
        [BTC, 70, "BUY", "DENIED"], [ETH, 70, "BUY", "DENIED"],
        [BTC, 90, "SELL", "FILLED"], [ETH, 90, "BUY", "DENIED"],
    ]  # fmt: skip
