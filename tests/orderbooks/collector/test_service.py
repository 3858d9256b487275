"""The streams as processes: in the daemon on request, alone, and in each other's place."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest

from tests.streams.engine_support import DEPTH_PATH, serve_depth
from tests.support.daemon_process import ROOT, DaemonProcess, clean_environment, eventually, manage
from tests.support.loopback import loopback_environment
from tests.support.ports import free_port
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import UpstreamServer
from tests.upstreams.streams.dialects import BinanceSpot
from tests.upstreams.streams.server import StreamVenue, new_market


@pytest.fixture(scope="module")
def venue() -> Iterator[StreamVenue]:
    with StreamVenue(BinanceSpot(), [new_market("AAAUSDT")]) as running:
        yield running


@pytest.fixture(scope="module")
def environment(venue: StreamVenue) -> Iterator[dict[str, str]]:
    with ThrowawayCluster() as url, UpstreamServer() as server:
        serve_depth(server, venue.markets)
        environment = loopback_environment(
            server,
            DATABASE_URL=url,
            SPOT_CURRENCIES="AAA",
            ORDERBOOK_VENUES="BINANCE",
            BINANCE_STREAM_URL=f"{venue.url}{BinanceSpot.path}",
            BINANCE_DEPTH_URL=server.url(DEPTH_PATH),
        )
        manage("migrate", "--verbosity", "0", environment=environment)
        now = datetime.now(UTC)
        rows(
            environment,
            "INSERT INTO markets_instrument (venue, symbol, base, quote, token, multiplier, contract_type, status,"
            " live, since, first_seen_at, last_seen_at)"
            " VALUES ('BINANCE', 'AAAUSDT', 'AAA', 'USDT', 'AAA', 1, '', 'TRADING', true, %s, %s, %s)",
            now, now, now,
        )  # fmt: skip
        yield environment


def rows(environment: dict[str, str], statement: str, *values: object) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(environment["DATABASE_URL"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def collectors(environment: dict[str, str]) -> list[str]:
    """Who has reported the venue as in sync."""
    return [row[0] for row in rows(environment, "SELECT collector FROM orderbooks_streamstatus WHERE in_sync = 1")]


@pytest.mark.long
def test_the_daemon_collects_on_request_and_another_process_takes_over_when_it_dies(
    environment: dict[str, str], venue: StreamVenue
) -> None:
    port = free_port()
    arguments = ("--streams", "--only", "defillama.hacks", "--serve", f"127.0.0.1:{port}")
    with DaemonProcess(environment, *arguments) as daemon:

        def collecting() -> bool:
            venue.change("AAAUSDT", bids=[("99.9", "1.50")])
            return any(name.endswith(f" {daemon.process.pid}") for name in collectors(environment))

        eventually(collecting, 20, "the daemon collects")

        def seen_in_health() -> bool:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=3) as answer:
                health = json.load(answer)
            streams = health["sources"].get("streams.binance"), health.get("streams_binance_in_sync")
            return streams == ("ok", 1)

        eventually(seen_in_health, 5, "/healthz says so, as seen within the last second")
        opened = venue.opened
        alone = subprocess.Popen(
            [sys.executable, "manage.py", "runstreams", "--venues", "binance"],
            cwd=ROOT,
            env=clean_environment(environment),
        )
        try:
            daemon.kill()

            def taken_over() -> bool:
                venue.change("AAAUSDT", bids=[("99.9", "1.60")])
                return any(name.endswith(f" {alone.pid}") for name in collectors(environment))

            eventually(taken_over, 20, "the other process collects")
            assert venue.opened == opened + 1
            alone.send_signal(signal.SIGTERM)
            assert alone.wait(10) == 0
        finally:
            if alone.poll() is None:
                alone.kill()
    assert rows(environment, "SELECT source FROM events_sourcehealth WHERE source LIKE 'streams.%%'") == []
    assert rows(environment, "SELECT venue FROM orderbooks_streamstatus") == []


@pytest.mark.long
def test_bad_requests_are_one_line_and_exit_code_2(environment: dict[str, str]) -> None:
    for arguments, changes, named in (
        (["--venues", "KRAKEN"], {}, "ORDERBOOK_VENUES has BINANCE"),
        ([], {"ORDERBOOK_VENUES": "NASDAQ"}, "ORDERBOOK_VENUES was 'NASDAQ'"),
        ([], {"DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:1/none"}, "cannot be reached"),
    ):
        done = manage(
            "runstreams", *arguments, environment={**environment, **changes}, check=False, capture_output=True
        )
        assert done.returncode == 2, arguments
        assert named in done.stdout + done.stderr and "Traceback" not in done.stderr
