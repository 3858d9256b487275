"""Twelve nodes of nautilus, each behind a fault of its own: at start, and while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.db import connections

from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from tests.api.support import all_is_fresh, manual_event
from tests.peers.nautilus.conftest import Node

BTC, PERP, ETH, ADA = "BTCUSDT.BINANCE", "BTCUSDT-PERP.BINANCE", "ETHUSDT.BINANCE", "ADAUSDT.BINANCE"


@pytest.fixture
def beating(market: None) -> Iterator[None]:
    """A daemon that beats for as long as the test takes."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(1.0):
            all_is_fresh()
        connections.close_all()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(5)


def may(nodes: dict[str, Node]) -> dict[str, dict[str, bool]]:
    """Instrument → whether it may be opened, of each node, asked at once."""
    for node in nodes.values():
        node.tell({"do": "state"})
    return {fault: {name: said[0] for name, said in node.hear()["may"].items()} for fault, node in nodes.items()}


def orders(nodes: dict[str, Node], **order: object) -> dict[str, str]:
    """The fate of the same order, sent by each node at once."""
    for node in nodes.values():
        node.tell({"do": "order", **order})
    return {fault: node.hear()["status"] for fault, node in nodes.items()}


def watch(nodes: dict[str, Node], seconds: float, never: tuple[str, ...]) -> dict[str, dict[str, bool]]:
    """What holds after so many seconds, in none of which any of these instruments may be opened."""
    ends = time.monotonic() + seconds
    while True:
        found = may(nodes)
        wrong = {(fault, name) for fault, said in found.items() for name in never if said.get(name)}
        assert not wrong, f"{sorted(wrong)} may be opened"
        if time.monotonic() > ends:
            return found
        time.sleep(0.1)


def test_no_fault_lets_a_node_open_what_is_at_risk(
    api_url: str, token_of: Callable[..., str], node_of: Callable[..., Node], beating: None
) -> None:
    manual_event("ETH")
    token = token_of()
    with ExitStack() as stack:
        proxies = {fault: stack.enter_context(FaultProxy(api_url)) for fault in FAULTS}
        for fault, proxy in proxies.items():
            proxy.fault = fault
        nodes = {fault: node_of(proxy.url, token, ready=False) for fault, proxy in proxies.items()}
        for node in nodes.values():
            node.ready()
        at_start = watch(nodes, 1.5, (ETH,))
        print("at start", [fault for fault, said in at_start.items() if said.get(ADA)])
        # Past the mixin: the guard before the execution engine stands alone.
        assert set(orders(nodes, strategy="plain", instrument=ETH).values()) == {"DENIED"}
        for proxy in proxies.values():
            proxy.fault = None
        ends = time.monotonic() + 20
        while not all(said[BTC] and said[ADA] for said in may(nodes).values()):
            assert time.monotonic() < ends, may(nodes)
            time.sleep(0.1)
        assert set(orders(nodes, strategy="guarded", instrument=BTC).values()) == {"FILLED"}
        for fault, proxy in proxies.items():
            proxy.fault = fault
        time.sleep(0.2)
        manual_event("BTC")
        running = watch(nodes, 4.0, (ETH,))
        print("running", [fault for fault, said in running.items() if said[ADA]])
        assert not any(said[BTC] or said[PERP] for said in running.values())
        for strategy in ("plain", "guarded"):
            assert set(orders(nodes, strategy=strategy, instrument=BTC).values()) == {"DENIED"}
        # Closing passes, whatever we have.
        assert set(orders(nodes, strategy="guarded", instrument=BTC, side="SELL", quantity="0.5").values()) == {
            "FILLED"
        }
        for proxy in proxies.values():
            proxy.fault = None
        after = watch(nodes, 1.0, (ETH, BTC, PERP))
        print("after", [fault for fault, said in after.items() if said[ADA]])
