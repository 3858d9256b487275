"""The real broker amqtt as a process, and a market that bots trade."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events import clock
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import WatchEffective
from tests.api.support import all_is_fresh
from tests.support.peers import python_of
from tests.support.ports import free_port

_START = "import sys; from amqtt.scripts.broker_script import main; sys.exit(main())"
_CONFIG = """
listeners:
  default:
    type: tcp
    bind: 127.0.0.1:{port}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin:
    allow_anonymous: {anonymous}
{more}"""


class Broker:
    """amqtt in a process of its own, at one port for its life."""

    def __init__(self, folder: Path, anonymous: bool = True, more: str = "") -> None:
        self.port = free_port()
        self._config = folder / "broker.yml"
        self._config.write_text(_CONFIG.format(port=self.port, anonymous=str(anonymous).lower(), more=more))
        self._log = folder / "broker.log"
        self._process: subprocess.Popen[Any] | None = None

    def start(self) -> None:
        """Returns when it takes connections."""
        with self._log.open("ab") as log:
            program = [str(python_of("hummingbot")), "-c", _START, "-c", str(self._config)]
            self._process = subprocess.Popen(program, stdout=log, stderr=log)
        ends = time.monotonic() + 15
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self._process.poll() is None and time.monotonic() < ends, self._log.read_text()
                time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    found = Broker(tmp_path)
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="session", autouse=True)
def _hummingbot() -> None:
    program = [str(python_of("hummingbot")), "-c", "import hummingbot"]
    if subprocess.run(program, capture_output=True, check=False).returncode:
        pytest.skip("hummingbot has wheels for Linux and Python 3.12 alone, and the peer's Python is another")


@pytest.fixture
def market(transactional_db: None) -> None:
    """BTC, ETH and SOL against USDT, spot and perpetual, all of them watched."""
    now = clock.database_now()
    for venue, kind in (("BINANCE", ""), ("BINANCE_USDM", "PERPETUAL")):
        rows = [
            InstrumentRow(
                venue, f"{base}USDT", base, "USDT", base, "TRADING", True,
                contract_type=kind, settle="USDT" if kind else "",
            )
            for base in ("BTC", "ETH", "SOL")
        ]  # fmt: skip
        store_instruments(venue, rows, now)
    lists = {"spot": "BTC ETH SOL", "usdm": "BTC ETH SOL", "quote": "USDT"}
    WatchEffective.objects.bulk_create(
        WatchEffective(watch_list=name, currency=one) for name, ones in lists.items() for one in ones.split()
    )
    all_is_fresh()
