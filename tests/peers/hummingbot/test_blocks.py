"""The blocks of docs/bots/hummingbot.md: our variables in the real daemon, its files in a real hummingbot."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.bots.mqtt_message import message_of, state_of, topic_of
from crypto_ews.conf import parse_config
from tests.api.support import all_is_fresh
from tests.peers.hummingbot.conftest import Broker
from tests.peers.hummingbot.publishers import Publishers
from tests.support.daemon_process import DaemonProcess, manage
from tests.support.doc_blocks import block
from tests.support.loopback import loopback_environment
from tests.support.peers import Peer
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import UpstreamServer

BOT = Path(__file__).with_name("bot.py")
WORDS = {"open", "avoid_new", "reduce_only", "exit", "halt", "stale", "unknown", "unwatched"}


def variables(port: int) -> dict[str, str]:
    """The block for `.env`, with the broker's port."""
    text = block("hummingbot.env").replace("127.0.0.1:1883", f"127.0.0.1:{port}")
    return dict(line.split("=", 1) for line in text.splitlines())


@pytest.fixture
def environment(broker: Broker) -> Iterator[dict[str, str]]:
    with ThrowawayCluster() as url, UpstreamServer() as server:
        found = loopback_environment(server, DATABASE_URL=url, **variables(broker.port))
        manage("migrate", "--verbosity", "0", environment=found)
        yield found


def told(peer: Peer, seconds: float, wanted: Any) -> dict[str, Any]:
    """The first message that `wanted` takes."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for _at, _sequence, data in peer.ask({"do": "heard"}):
            if wanted(data):
                return dict(data)
        time.sleep(0.1)
    raise AssertionError(f"no such message within {seconds:g} s")


def test_the_daemon_tells_the_bots_and_says_when_it_goes(environment: dict[str, str], broker: Broker) -> None:
    with Peer("hummingbot", BOT, "bot1", str(broker.port)) as peer:
        assert peer.hear() == {"ready": True}
        with DaemonProcess(environment) as daemon:
            data = told(peer, 90, lambda data: data["source"])
            markets = {"binance:BTC-USDT", "binance_perpetual:ETH-USDT"}
            assert {name for name in data if ":" in name} == markets
            assert {data[name] for name in markets} <= WORDS - {"open"}
            assert daemon.terminate() == 0
        farewell = told(peer, 5, lambda data: data["status"] == "unknown")
        assert {farewell[name] for name in markets} == {"unknown"}


def test_a_script_of_the_block_places_its_order_by_the_file_of_the_block(
    market: None, broker: Broker, tmp_path: Path
) -> None:
    file = tmp_path / "conf_client.yml"
    file.write_text(block("hummingbot-conf_client.yml").replace("mqtt_port: 1883", f"mqtt_port: {broker.port}"))
    script = tmp_path / "my_script.py"
    script.write_text(block("hummingbot-script.py"))
    bots = parse_config(variables(broker.port)).mqtt_bots
    with Publishers() as publishers, Peer("hummingbot", BOT, str(file), str(script)) as peer:
        assert peer.hear() == {"ready": True}
        assert peer.ask({"do": "orders"}) == []
        publishers.add(broker.port, "bot1", markets=bots[0].markets)
        all_is_fresh()
        assert peer.ask({"do": "wait", "open": True})["open"]
        ends = time.monotonic() + 5
        while not (orders := peer.ask({"do": "orders"})) and time.monotonic() < ends:
            time.sleep(0.05)
        assert orders == [["BTC-USDT", True]]


def test_the_message_of_the_block_is_one_of_ours() -> None:
    shown = json.loads(block("hummingbot-message.json"))
    bot = parse_config(variables(1883)).mqtt_bots[0]
    ours = json.loads(message_of(bot, state_of(bot.markets, [], "", 0.0), shown["sequence"], 90))
    assert shown.keys() == ours.keys() and shown["data"].keys() == ours["data"].keys()
    assert {name: type(value) for name, value in shown["data"].items()} == {
        name: type(value) for name, value in ours["data"].items()
    }
    assert {word for name, word in shown["data"].items() if ":" in name} <= WORDS
    assert topic_of("hbot", bot.instance) == "hbot/bot1/external/event/token_risk"
