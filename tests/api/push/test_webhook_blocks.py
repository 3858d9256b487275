"""docs/bots/webhook.md, as printed: the channel, the receiver as a process, and what a bot asks it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connections

from api.botcheck.adapters.webhook import WORDS
from api.botcheck.faults import FAULTS
from api.push import risk_webhooks
from tests.alerts.factories import make_config
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.doc_blocks import PAGES, block, table
from tests.support.ports import free_port

ROOT = Path(__file__).parents[3]


def test_the_page_has_the_table_that_botcheck_prints() -> None:
    assert set(WORDS) == set(FAULTS)
    assert table(WORDS) in (PAGES / "webhook.md").read_text(encoding="utf-8")


@pytest.mark.long
def test_what_the_page_shows_runs_as_printed(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    port = free_port()

    def here(text: str) -> str:
        """A block, with a port that is free here."""
        return text.replace("127.0.0.1:9000", f"127.0.0.1:{port}").replace("--port 9000", f"--port {port}")

    quiet_market()
    manual_event("ETH")
    all_is_fresh()
    config = make_config(ALERT_CHANNELS=here(block("webhook-channel.env")).partition("=")[2].strip())
    bot: dict[str, object] = {}
    exec(compile(here(block("webhook-ask.py")), "webhook-ask.py", "exec"), bot)
    may_open = bot["may_open"]
    assert callable(may_open) and may_open("BTC", "BINANCE") is False, "nobody listens"
    stop = threading.Event()
    service = threading.Thread(target=risk_webhooks.run, args=(config, stop), daemon=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = here(block("webhook-receiver.sh"))
    receiver = subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=ROOT, env={**os.environ, "PATH": path}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert receiver.stdout is not None and "listening on" in receiver.stdout.readline()
        assert may_open("BTC", "BINANCE") is False, "no snapshot came yet"
        service.start()
        ends = time.monotonic() + 8
        while not may_open("BTC", "BINANCE"):
            assert time.monotonic() < ends
            time.sleep(0.02)
        assert may_open("ETH", "BINANCE") is False and may_open("", "BINANCE") is False
        manual_event("BTC")
        while may_open("BTC", "BINANCE"):
            assert time.monotonic() < ends + 2
            time.sleep(0.02)
        # A request that is cut, and one that never ends, stop nobody else.
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
        with (
            socket.create_connection(("127.0.0.1", port)) as cut,
            socket.create_connection(("127.0.0.1", port)) as slow,
        ):
            cut.sendall(head + b"half")
            cut.shutdown(socket.SHUT_WR)
            slow.sendall(head)
            assert cut.recv(100).startswith(b"HTTP/1.1 400")
            assert may_open("XYZ", "BINANCE") is True
    finally:
        receiver.terminate()
        receiver.wait(10)
        stop.set()
        if service.ident is not None:
            service.join(15)
