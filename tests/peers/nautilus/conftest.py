"""A node of nautilus in a process of its own, against the running system."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from events import clock
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import WatchEffective
from tests.api.support import all_is_fresh, quiet_market
from tests.support.peers import ROOT, Peer

HERE = Path(__file__).parent
PATHS = f"{ROOT / 'clients/python/src'}:{ROOT / 'examples/nautilus'}"


class Node(Peer):
    """Ends at the end of what it is told: a node that is asked to stop takes seconds for it."""

    def __exit__(self, *raised: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            super().__exit__(*raised)

    def ready(self) -> None:
        """Wait until the strategies run."""
        assert self.hear(90) == {"ready": True}

    def do(self, name: str, **values: Any) -> Any:
        answer = self.ask({"do": name, **values}, 30)
        assert "error" not in answer, answer
        return answer

    def order(self, strategy: str, instrument: str, **values: Any) -> Any:
        return self.do("order", strategy=strategy, instrument=instrument, **values)

    def may(self, instrument: str) -> bool:
        return bool(self.do("state")["may"][instrument][0])


@pytest.fixture
def node_of(transactional_db: None) -> Iterator[Callable[..., Node]]:
    """Starts a node that asks an address; `ready` waits until its strategies run."""
    with ExitStack() as stack:

        def start(url: str, token: str, *words: str, ready: bool = True, **environment: str) -> Node:
            variables = {"PYTHONPATH": PATHS, **environment}
            node = Node("nautilus", HERE / "node.py", url, token, *words, environment=variables)
            stack.enter_context(node)
            if ready:
                node.ready()
            return node

        yield start


@pytest.fixture
def market(transactional_db: None) -> None:
    """BTC, ETH and ADA against USDT on Binance, and BTC's perpetual; everything is fresh."""
    quiet_market()
    pairs = [
        InstrumentRow("BINANCE", f"{base}USDT", base, "USDT", base, "TRADING", True, contract_type="", settle="")
        for base in ("BTC", "ETH", "ADA")
    ]
    store_instruments("BINANCE", pairs, clock.database_now())
    WatchEffective.objects.create(watch_list="spot", currency="ADA")
    all_is_fresh()
