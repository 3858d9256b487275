"""The daemon as a process: start, leadership, takeover, stop."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.management.commands.runschedulers import parse_address
from tests.support.daemon_process import DaemonProcess, eventually, manage
from tests.support.loopback import loopback_environment
from tests.support.ports import free_port
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import UpstreamServer


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """A database of its own, and upstreams that answer nothing."""
    with ThrowawayCluster() as url, UpstreamServer() as server:
        environment = loopback_environment(server, DATABASE_URL=url, UPDATE_REFRESH_INCREMENT_MINS="0.05")
        manage("migrate", "--verbosity", "0", environment=environment)
        yield environment


def health(port: int) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=3) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return {"status": error.code}
    except OSError:
        return {}


def page_status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.long
def test_one_of_two_daemons_works_the_other_waits_and_takes_over_within_ten_seconds(
    environment: dict[str, str],
) -> None:
    first_port, second_port = free_port(), free_port()
    with DaemonProcess(environment, "--serve", f"127.0.0.1:{first_port}") as first:
        eventually(lambda: health(first_port).get("healthy"), 20, "the first daemon leads")
        with DaemonProcess(environment, "--serve", f"127.0.0.1:{second_port}") as second:
            eventually(lambda: health(second_port).get("role") == "standby", 20, "the second stands by")
            assert page_status(second_port, "/admin/login/") == 503
            once = manage("runschedulers", "--once", environment=environment, check=False, capture_output=True)
            assert once.returncode == 3 and "another daemon leads" in once.stdout
            first.kill()
            eventually(lambda: health(second_port).get("role") == "leader", 10, "the second takes over")
            assert second.terminate() == 0


@pytest.mark.long
def test_failing_upstreams_give_one_line_each_and_sigterm_ends_with_0(
    environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    port = free_port()
    with log.open("w") as output, DaemonProcess(environment, "--serve", f"127.0.0.1:{port}", output=output) as daemon:

        def both_failed() -> bool:
            sources = health(port).get("sources", {})
            failing = sources.get("binance.announcements") == sources.get("binance.instruments") == "failing"
            # They may be failing since a daemon of another test, on the same database: this one has to have asked too.
            text = log.read_text()
            return failing and all(f"{name}: " in text for name in ("binance.announcements", "binance.instruments"))

        eventually(both_failed, 20, "both sources are shown as failing")
        assert daemon.terminate() == 0
    lines = log.read_text().splitlines()
    assert sum("WARNING" in line and "binance.announcements" in line for line in lines) == 1
    assert sum("WARNING" in line and "binance.instruments" in line for line in lines) == 1
    assert not any("Traceback" in line for line in lines)


@pytest.mark.long
def test_bad_requests_are_one_line_and_exit_code_2(environment: dict[str, str]) -> None:
    for arguments, named in (
        (["--only", "nonsense"], "nonsense"),
        (["--once", "--only", "nonsense"], "nonsense"),
        (["--serve", "8000"], "HOST:PORT"),
    ):
        done = manage("runschedulers", *arguments, environment=environment, check=False, capture_output=True)
        assert done.returncode == 2, arguments
        assert named in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_a_taken_port_is_one_line_and_exit_code_2(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = manage("runschedulers", "--serve", address, environment=environment, check=False, capture_output=True)
    assert done.returncode == 2
    assert address in done.stderr and "Traceback" not in done.stderr


@pytest.mark.long
def test_a_database_without_the_schema_is_told_to_be_migrated_and_never_taken_for_a_healthy_stand_by() -> None:
    """As where `.data` was removed under a running daemon: it finds an empty database, and nobody leads."""
    port = free_port()
    with ThrowawayCluster() as url:
        environment = {"DATABASE_URL": url}
        with DaemonProcess(environment, "--serve", f"127.0.0.1:{port}") as daemon:
            eventually(lambda: health(port).get("status") == 503, 20, "the daemon says that it cannot lead")
            assert daemon.process.poll() is None
            done = manage("runschedulers", "--once", environment=environment, check=False, capture_output=True)
            assert done.returncode == 2
            assert "migrate" in done.stdout and "Traceback" not in done.stderr
            manage("migrate", "--verbosity", "0", environment=environment)
            eventually(lambda: health(port).get("role") == "leader", 20, "it leads once the schema is there")


def test_the_address_of_the_pages_is_taken_with_and_without_its_port() -> None:
    assert parse_address("127.0.0.1:8056", 8000) == ("127.0.0.1", 8056)
    assert parse_address("127.0.0.1", 8000) == ("127.0.0.1", 8000)
    assert parse_address("[::1]", 8000) == parse_address("[::1]:8000", 9) == ("::1", 8000)
    for wrong in ("8000", ":8000", "host:port", "host:70000"):
        with pytest.raises(ValueError, match=r"--serve was .*expected HOST:PORT"):
            parse_address(wrong, 8000)
