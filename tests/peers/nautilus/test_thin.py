from __future__ import annotations

import time

from tests.api.support import manual_event
from tests.peers.nautilus.conftest import Node


def until(node: Node, instrument: str, expected: bool, seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while node.may(instrument) is not expected:
        assert time.monotonic() < ends, node.do("state")
        time.sleep(0.05)


def test_a_node_opens_what_may_be_opened_and_nothing_else(api_url, token_of, market, node_of) -> None:
    manual_event("ETH")
    node = node_of(api_url, token_of())
    until(node, "BTCUSDT.BINANCE", True)
    print(node.do("state"))
    for who in ("plain", "guarded"):
        print(node.order(who, "BTCUSDT.BINANCE"))
        print(node.order(who, "ETHUSDT.BINANCE"))
        print(node.order(who, "BTCUSDT-PERP.BINANCE", listed=True))
    begun = time.monotonic()
    manual_event("BTC")
    until(node, "BTCUSDT.BINANCE", False)
    print("denied after", time.monotonic() - begun)
    for who in ("plain", "guarded"):
        print(node.order(who, "BTCUSDT.BINANCE"))
        print(node.order(who, "BTCUSDT.BINANCE", side="SELL", quantity="0.1"))
        print(node.order(who, "BTCUSDT-PERP.BINANCE", listed=True))
    print(node.do("close", strategy="guarded", instrument="BTCUSDT.BINANCE"))
    print(node.do("state"))
