"""The daemon's two services for bots, while whoever they speak to hangs: a stop in order is a stop within seconds."""

from __future__ import annotations

import json
import socket
import time

import pytest

from tests.support.daemon_process import DaemonProcess, manage
from tests.support.loopback import loopback_environment
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import UpstreamServer


@pytest.mark.long
def test_a_daemon_whose_broker_and_receiver_hang_stops_within_ten_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThrowawayCluster() as url, UpstreamServer() as server:
        port = silent.getsockname()[1]
        channel = {"name": "bot", "kind": "webhook", "url": f"http://127.0.0.1:{port}/", "secret": "s" * 24}
        environment = loopback_environment(
            server, DATABASE_URL=url, MQTT_URL=f"mqtts://ews:hunter2@127.0.0.1:{port}",
            MQTT_BOTS='{"bot1": ["binance:BTC-USDT"]}',
            ALERT_CHANNELS=json.dumps([{**channel, "follows": [], "risk": True}]),
        )  # fmt: skip
        manage("migrate", "--verbosity", "0", environment=environment)
        with DaemonProcess(environment) as daemon:
            time.sleep(6.0)
            begun = time.monotonic()
            assert daemon.terminate() == 0
            seconds = time.monotonic() - begun
        print(f"stopped after {seconds:.1f} s")
        assert seconds < 10
