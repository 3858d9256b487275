"""The publisher against a broker that is played on a socket. tests/peers/hummingbot has the real ones."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import Any

import pytest
from django.db import connection

from api import apps as module
from api.bots.mqtt_metrics import health_gauges
from api.bots.mqtt_publisher import Publisher, exchange_of, run
from crypto_ews.conf import parse_config
from crypto_ews.conf.bots import BotMarkets, Broker
from tests.api.push.conftest import eventually
from tests.api.support import all_is_fresh, manual_event, quiet_market

BOT = BotMarkets("bot.1", (("binance", "BTC-USDT"), ("binance_perpetual", "BTC-USDT"), ("binance", "XYZ-USDT")))
TOPIC = "hbot/bot/1/external/event/token_risk"


@dataclass
class Packet:
    """flags: of PUBLISH: QoS and whether it is retained, which are 0."""

    flags: int
    topic: str
    body: dict[str, Any]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.body["data"][f"{connector}:{pair}"] for connector, pair in BOT.markets)


class PlayedBroker:
    """Takes every connection, or refuses it with `refusal`, and keeps what is published."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.refusal = 0
        self.cuts = False
        self.connects: list[bytes] = []
        self.loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self._server = asyncio.run_coroutine_threadsafe(self._start(), self.loop).result(5)

    async def _start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def cut(self) -> None:
        for writer in list(self._writers):
            self.loop.call_soon_threadsafe(writer.close)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self._server.close)
        self.cut()
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError, EOFError):
            while True:
                head = (await reader.readexactly(1))[0]
                length, shift, more = 0, 0, True
                while more:
                    digit = (await reader.readexactly(1))[0]
                    length, shift, more = length | (digit & 127) << shift, shift + 7, digit > 127
                rest = await reader.readexactly(length)
                if head >> 4 == 1:
                    self.connects.append(rest)
                    writer.write(bytes([0x20, 2, 0, self.refusal]))
                elif head >> 4 == 3:
                    topic = 2 + int.from_bytes(rest[:2], "big")
                    if self.cuts:
                        break
                    self.packets.append(Packet(head & 15, rest[2:topic].decode(), json.loads(rest[topic:])))
                elif head >> 4 == 12:
                    writer.write(bytes([0xD0, 0]))
        self._writers.discard(writer)
        writer.close()


@pytest.fixture
def broker() -> Iterator[PlayedBroker]:
    found = PlayedBroker()
    yield found
    found.close()


@pytest.fixture
def said() -> Iterator[Callable[[], list[str]]]:
    """What the API's loggers said so far, whose messages go to no other logger."""
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler = Handler()
    logging.getLogger("api").addHandler(handler)
    yield lambda: lines
    logging.getLogger("api").removeHandler(handler)


@pytest.fixture
def publish(transactional_db: None, broker: PlayedBroker) -> Iterator[Callable[..., StopFlag]]:
    """Starts a publisher to the played broker; it is stopped at the end."""
    stops: list[tuple[StopFlag, threading.Thread]] = []

    def start(repeat_seconds: float = 30.0, user: str = "", password: str = "", bot: BotMarkets = BOT) -> StopFlag:
        stop = StopFlag()
        where = Broker("127.0.0.1", broker.port, False, user, password)

        def work() -> None:
            asyncio.run(Publisher(where, [bot], "hbot", repeat_seconds=repeat_seconds).run(stop))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        stops.append((stop, thread))
        return stop

    yield start
    for stop, thread in stops:
        stop.set()
        thread.join(5)


def last_words(broker: PlayedBroker) -> tuple[str, ...]:
    return broker.packets[-1].words if broker.packets else ()


def test_bots_hear_every_change_at_once_and_unknown_when_it_stops(
    publish: Callable[..., StopFlag], broker: PlayedBroker
) -> None:
    quiet_market()
    stop = publish()
    eventually(lambda: last_words(broker) == ("open", "open", "unwatched"), 3)
    manual_event("BTC", action="exit", venues=["BINANCE_USDM"])
    eventually(lambda: last_words(broker) == ("open", "exit", "unwatched"), 1)
    manual_event("BTC", action="halt")
    eventually(lambda: last_words(broker) == ("halt", "halt", "unwatched"), 1)
    # The connection ends: what holds is said again on the next one.
    count = len(broker.packets)
    broker.cut()
    eventually(lambda: len(broker.packets) > count, 3)
    assert last_words(broker) == ("halt", "halt", "unwatched")
    stop.set()
    eventually(lambda: last_words(broker) == ("unknown",) * 3, 3)
    assert {(packet.flags, packet.topic) for packet in broker.packets} == {(0, TOPIC)}
    sequences = [packet.body["sequence"] for packet in broker.packets]
    assert sequences == sorted(set(sequences))
    assert {type(value) for packet in broker.packets for value in packet.body["data"].values()} == {int, str}


@pytest.mark.long
def test_a_silent_daemon_and_a_database_that_is_away_are_unknown(
    publish: Callable[..., StopFlag], broker: PlayedBroker
) -> None:
    quiet_market()
    publish(repeat_seconds=0.2)
    eventually(lambda: last_words(broker) == ("open", "open", "unwatched"), 3)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_heartbeat SET beat_at = clock_timestamp() - interval '1 minute'")
    eventually(lambda: last_words(broker) == ("unknown",) * 3, 3)
    all_is_fresh()
    eventually(lambda: last_words(broker)[0] == "open", 3)
    count = len(broker.packets)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'crypto_ews mqtt' AND datname = current_database()"
        )
    eventually(lambda: any(packet.words == ("unknown",) * 3 for packet in broker.packets[count:]), 3)
    eventually(lambda: last_words(broker)[0] == "open", 4)


@pytest.mark.long
def test_a_refusal_is_logged_once_and_without_the_password(
    publish: Callable[..., StopFlag], broker: PlayedBroker, said: Callable[[], list[str]]
) -> None:
    quiet_market()
    broker.refusal = 5
    publish(user="ews", password="hunter2")
    eventually(lambda: len(broker.connects) >= 2, 4)
    assert b"hunter2" in broker.connects[0]
    (line,) = said()
    assert "cannot be used" in line and "Not authorized" in line and str(broker.port) in line
    assert "hunter2" not in line
    broker.refusal = 0
    eventually(lambda: last_words(broker) != (), 4)


@pytest.mark.long
def test_the_service_of_the_daemon_shows_that_it_is_connected(transactional_db: None, broker: PlayedBroker) -> None:
    quiet_market()
    bots = {"bot1": ["binance:BTC-USDT"]}
    config = parse_config({"MQTT_URL": f"mqtt://127.0.0.1:{broker.port}", "MQTT_BOTS": json.dumps(bots)})
    assert health_gauges() == {"mqtt_disconnected": 0.0}
    broker.refusal = 3
    stop = StopFlag()
    thread = threading.Thread(target=run, args=(config, stop), daemon=True)
    thread.start()
    eventually(lambda: health_gauges() == {"mqtt_disconnected": 1.0} and broker.connects, 3)
    broker.refusal = 0
    eventually(lambda: len(broker.packets) > 0, 5)
    assert health_gauges() == {"mqtt_disconnected": 0.0}
    stop.set()
    thread.join(5)
    assert health_gauges() == {"mqtt_disconnected": 0.0}


def test_without_aiomqtt_one_message_names_the_package(
    monkeypatch: pytest.MonkeyPatch, said: Callable[[], list[str]]
) -> None:
    monkeypatch.setitem(sys.modules, "aiomqtt", None)
    module._mqtt(parse_config({}), StopFlag())
    assert said() == []
    given = {"MQTT_URL": "mqtt://ews:hunter2@127.0.0.1:1", "MQTT_BOTS": '{"bot1": ["binance:BTC-USDT"]}'}
    module._mqtt(parse_config(given), StopFlag())
    (line,) = said()
    assert "aiomqtt" in line and "requirements-mqtt.txt" in line and "hunter2" not in line


@pytest.mark.long
def test_a_broker_that_cuts_off_whoever_publishes_is_asked_ever_more_seldom_and_named_once(
    publish: Callable[..., StopFlag], broker: PlayedBroker, said: Callable[[], list[str]]
) -> None:
    """As brokers do with a message that is too large, or a topic that is not ours."""
    quiet_market()
    broker.cuts = True
    publish()
    time.sleep(4.0)
    assert 2 <= len(broker.connects) <= 4
    assert len([line for line in said() if "cannot be used" in line]) == 1
    assert len([line for line in said() if "are told" in line]) <= 1


@pytest.mark.long
def test_a_market_that_nobody_knows_is_named_once(
    publish: Callable[..., StopFlag], broker: PlayedBroker, said: Callable[[], list[str]]
) -> None:
    quiet_market()
    unknown = BotMarkets("bot.1", (("binance", "BTC-USDT"), ("binanze", "BTC-USDT"), ("binance", "NOPE-USDT")))
    publish(bot=unknown)
    eventually(lambda: [line for line in said() if "MQTT_BOTS" in line], 3)
    (line,) = [line for line in said() if "MQTT_BOTS" in line]
    assert "binanze:BTC-USDT" in line and "binance:NOPE-USDT" in line and "binance:BTC-USDT" not in line


@pytest.mark.long
def test_a_broker_that_never_answers_holds_up_no_stop(transactional_db: None, tmp_path: Any) -> None:
    """It takes connections, and neither a handshake nor a greeting comes back."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for scheme in ("mqtt", "mqtts"):
            config = parse_config({
                "MQTT_URL": f"{scheme}://127.0.0.1:{silent.getsockname()[1]}",
                "MQTT_BOTS": '{"bot1": ["binance:BTC-USDT"]}',
            })  # fmt: skip
            stop = StopFlag()
            thread = threading.Thread(target=run, args=(config, stop), daemon=True)
            thread.start()
            time.sleep(0.5)
            stop.set()
            begun = time.monotonic()
            thread.join(12)
            print(f"{scheme}: stopped after {time.monotonic() - begun:.1f} s")
            assert time.monotonic() - begun < 5.5


@pytest.mark.parametrize(
    ("connector", "exchange"),
    [("binance", "BINANCE"), ("binance_paper_trade", "BINANCE"), ("OKX", "OKX"), ("okx_perpetual", "okx_perpetual")],
)
def test_a_connector_names_one_market(connector: str, exchange: str) -> None:
    assert exchange_of(connector) == exchange
