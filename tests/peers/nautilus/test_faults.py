"""Twelve nodes of nautilus, each behind a fault of its own: at start, and while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from tests.api.support import beating, manual_event
from tests.peers.nautilus.conftest import Node

BTC, PERP, ETH, ADA = "BTCUSDT.BINANCE", "BTCUSDT-PERP.BINANCE", "ETHUSDT.BINANCE", "ADAUSDT.BINANCE"

# More than the actor of node.py believes an answer.
OLD_SECONDS = 3.2


@pytest.fixture
def living(market: None) -> Iterator[None]:
    """A daemon that beats for as long as the test takes."""
    with beating(1.0):
        yield


class Desk:
    """Nodes, each behind a proxy of its own, which do everything at once."""

    def __init__(self, nodes: dict[FaultProxy, Node]) -> None:
        self.nodes = nodes

    def play(self, faults: tuple[str | None, ...]) -> None:
        for proxy, fault in zip(self.nodes, faults, strict=True):
            proxy.fault = fault

    def may(self) -> list[dict[str, bool]]:
        """Instrument → whether it may be opened, of each node."""
        for node in self.nodes.values():
            node.tell({"do": "state"})
        return [{name: said[0] for name, said in node.hear()["may"].items()} for node in self.nodes.values()]

    def orders(self, **order: object) -> set[str]:
        """What became of the same order, sent by each node."""
        for node in self.nodes.values():
            node.tell({"do": "order", **order})
        return {node.hear()["status"] for node in self.nodes.values()}

    def watch(self, seconds: float, *never: str) -> list[dict[str, bool]]:
        """What holds after so many seconds, in none of which any of these instruments may be opened."""
        ends = time.monotonic() + seconds
        while True:
            found = self.may()
            assert not any(said.get(name) for said in found for name in never), (never, found)
            if time.monotonic() > ends:
                return found
            time.sleep(0.1)

    def recover(self, instrument: str, *never: str) -> None:
        """Without a fault, until every node may open an instrument, and never these."""
        self.play((None,) * len(self.nodes))
        ends = time.monotonic() + 30
        while not all(said[instrument] for said in self.watch(0.0, *never)):
            assert time.monotonic() < ends, self.may()


def test_no_fault_lets_a_node_open_what_is_at_risk(
    api_url: str, token_of: Callable[..., str], node_of: Callable[..., Node], living: None
) -> None:
    """ETH is denied before; BTC becomes denied during the first six faults, ADA during the others.

    The quote is watched, which forbids nothing: selling stays the way out, also while nothing is known.
    """
    manual_event("ETH")
    manual_event("USDT", action="watch")
    token = token_of()
    first, second = FAULTS[6:], FAULTS[:6]
    # What the date of an answer says is compared with no other clock; with the wrong clock everything goes on.
    unhurt = [fault == "clock_skew" for fault in first]
    with ExitStack() as stack:
        proxies = [stack.enter_context(FaultProxy(api_url)) for _ in first]
        desk = Desk({proxy: node_of(proxy.url, token, "beating", ready=False) for proxy in proxies})
        desk.play(first)
        for node in desk.nodes.values():
            node.ready()
        assert [said.get(ADA, False) for said in desk.watch(0.8, ETH)] == unhurt
        # Past the mixin: the guard before the execution engine is alone here.
        assert desk.orders(strategy="plain", instrument=ETH) == {"DENIED"}
        # No node but one has had an answer yet: this is their start as well.
        desk.play(second)
        assert not any(said[ADA] for said in desk.watch(OLD_SECONDS, ETH))
        desk.recover(BTC, ETH)
        desk.recover(ADA, ETH)
        for instrument in (BTC, ADA):
            assert desk.orders(strategy="guarded", instrument=instrument, quantity="1") == {"FILLED"}

        for faults, token_name, instruments in ((first, "BTC", (BTC, PERP)), (second, "ADA", (ADA,))):
            desk.play(faults)
            time.sleep(0.2)
            manual_event(token_name)
            found = desk.watch(OLD_SECONDS, ETH)
            if faults is first:
                assert [said[ADA] for said in found] == unhurt
            assert not any(said[name] for said in found for name in instruments)
            for strategy in ("plain", "guarded"):
                assert desk.orders(strategy=strategy, instrument=instruments[0], quantity="1") == {"DENIED"}
            # Closing passes, whatever we have.
            closing = {"strategy": "guarded", "instrument": instruments[0], "side": "SELL", "quantity": "1"}
            assert desk.orders(**closing) == {"FILLED"}
            if faults is first:
                desk.recover(ADA, ETH, *instruments)
        desk.play((None,) * len(first))
        desk.watch(0.5, ETH, BTC, PERP, ADA)
