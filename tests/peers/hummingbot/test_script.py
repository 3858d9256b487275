"""A real hummingbot's gateway and script, told by the publisher over a real broker."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from events import clock, lifecycle
from tests.api.support import all_is_fresh, manual_event
from tests.peers.hummingbot.conftest import Broker
from tests.peers.hummingbot.publishers import Publishers
from tests.support.peers import Peer

BOT = Path(__file__).with_name("bot.py")


def bot(instance: str, port: int) -> Peer:
    return Peer("hummingbot", BOT, instance, str(port))


def test_a_script_opens_what_may_be_opened_and_cancels_on_exit(market: None, broker: Broker) -> None:
    with Publishers() as publishers, bot("bot1", broker.port) as peer:
        publishers.add(broker.port, "bot1")
        assert peer.hear() == {"ready": True}
        assert peer.ask({"do": "wait", "pair": "BTC-USDT", "open": True})["open"]
        for pair in ("BTC-USDT", "ETH-USDT"):
            assert "order" in peer.ask({"do": "buy", "pair": pair})
            assert "order" in peer.ask({"do": "sell", "pair": pair})
        manual_event("ETH", action="exit")
        assert peer.ask({"do": "wait", "pair": "ETH-USDT", "open": False, "seconds": 2}) | {"at": 0} == {
            "at": 0, "open": False, "why": "binance:ETH-USDT is at exit",
        }  # fmt: skip
        assert "is at exit" in peer.ask({"do": "buy", "pair": "ETH-USDT"})["veto"]
        # Selling is the way out.
        assert "order" in peer.ask({"do": "sell", "pair": "ETH-USDT"})
        time.sleep(0.5)
        orders = sorted(peer.ask({"do": "orders"}))
        # The bid on ETH was cancelled, the offers and everything of BTC stand.
        assert orders == [["BTC-USDT", False], ["BTC-USDT", True], ["ETH-USDT", False], ["ETH-USDT", False]]
        all_is_fresh()
        manual_event("BTC", action="halt")
        assert not peer.ask({"do": "wait", "pair": "BTC-USDT", "open": False, "seconds": 2})["open"]
        assert "halted" in peer.ask({"do": "sell", "pair": "BTC-USDT"})["veto"]


def test_a_commit_is_at_the_script_in_milliseconds(market: None, broker: Broker) -> None:
    milliseconds = []
    with Publishers() as publishers, bot("bot1", broker.port) as peer:
        publishers.add(broker.port, "bot1")
        assert peer.hear() == {"ready": True}
        assert peer.ask({"do": "wait", "pair": "ETH-USDT", "open": True})["open"]
        for _ in range(20):
            all_is_fresh()
            event = manual_event("ETH", action="exit")
            committed = time.time()
            answer = peer.ask({"do": "wait", "pair": "ETH-USDT", "open": False, "seconds": 2})
            milliseconds.append((answer["at"] - committed) * 1000)
            lifecycle.close_event(event.pk, clock.database_now(), by="test", reason="over")
            assert peer.ask({"do": "wait", "pair": "ETH-USDT", "open": True, "seconds": 2})["open"]
    print(f"commit → script: median {statistics.median(milliseconds):.1f} ms, worst {max(milliseconds):.1f} ms")
    assert statistics.median(milliseconds) < 50
