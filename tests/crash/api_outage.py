"""The API while its daemon, its process and its database die: `python -m tests.crash.api_outage [--faults NAME…]`.

The daemon, `runapi` and an embedded PostgreSQL are real processes. Faults: the daemon killed; the API killed; the
database killed (and back on another port); its processes stopped; no connection left for us; a heartbeat from the
future and from the past. What must hold at each moment, for every door: an answer is 200 with the last known rows, or a
refusal that is no list; within fifteen seconds of the fault it is `unknown`; nothing is opened that was not allowed
before; and it recovers by itself.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from crypto_ews.postgres.cluster_use import ClusterFiles, connection_url, ensure_running, release
from tests.support.daemon_process import ROOT, DaemonProcess, clean_environment, eventually, manage
from tests.support.loopback import loopback_environment
from tests.support.postgres_cluster import cluster_folder
from tests.upstreams import UpstreamServer
from tests.upstreams.binance_instruments import coinm_symbol, instrument_site, spot_symbol, usdm_symbol

WITHIN = 15.0
RECOVERS = 40.0
AT_RISK = "DOGE"
_END_OURS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'crypto_ews%'"
_OPEN = """
from django.utils import timezone
from events.lifecycle import open_manual_event
open_manual_event(timezone.now(), by="test", tokens=["DOGE"], title="block DOGE", action="halt")
"""


@dataclass(frozen=True)
class Seen:
    """One answer. http: 0 where there was none. tokens: of /risk. may_open: of a can-trade."""

    at: float
    door: str
    http: int
    status: str
    tokens: tuple[str, ...] = ()
    may_open: bool = False
    kind: str = ""
    seconds: float = 0.0


@dataclass
class World:
    """The processes, and what a bot reads of them ten times a second."""

    data: Path
    environment: dict[str, str]
    port: int
    token: str = ""
    api: subprocess.Popen[bytes] | None = None
    daemon: DaemonProcess | None = None
    seen: list[Seen] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def url(self) -> str:
        return connection_url(ensure_running(self.data))

    def start_api(self) -> None:
        self.api = subprocess.Popen(
            [sys.executable, "manage.py", "runapi", "--serve", f"127.0.0.1:{self.port}"],
            cwd=ROOT, env=clean_environment(self.environment), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=None if os.environ.get("SHOW") else subprocess.DEVNULL,
        )  # fmt: skip

    def start_daemon(self) -> None:
        self.daemon = DaemonProcess(self.environment, "--only", "binance.instruments")

    def ask(self, path: str, body: bytes | None = None) -> Seen:
        door = path.partition("?")[0].removeprefix("/api/v1/")
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers)
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                code, text, kind = answer.status, answer.read(), answer.headers["content-type"]
        except urllib.error.HTTPError as error:
            code, text, kind = error.code, error.read(), error.headers["content-type"]
        except (OSError, TimeoutError):
            return Seen(time.monotonic(), door, 0, "none")
        found = json.loads(text)
        opens = bool(found.get("may_open")) or any(one["may_open"] for one in found.get("answers", ()))
        listed = tuple(row["token"] for row in found.get("tokens", ()))
        if found.get("risk"):
            listed = (found["risk"]["token"],)
        now = time.monotonic()
        return Seen(now, door, code, str(found.get("data_status") or found["status"]), listed, opens, kind, now - began)

    def poll(self, *doors: Any) -> None:
        while not self.stop.is_set():
            for door in doors:
                self.seen.append(self.ask(*door))
            self.stop.wait(0.1)

    def last(self, door: str) -> Seen:
        return next((one for one in reversed(self.seen) if one.door == door), Seen(0, door, 0, "none"))


DOORS: tuple[tuple[Any, ...], ...] = (
    ("/api/v1/risk",),
    (f"/api/v1/risk/{AT_RISK}",),
    (f"/api/v1/can-trade?exchange=binance&symbol={AT_RISK}/USDT",),
    ("/api/v1/can-trade?exchange=binance&symbol=NOSUCH/USDT",),
)
MANY = ("/api/v1/can-trade", json.dumps({"pairs": [{"exchange": "binance", "symbol": f"{AT_RISK}/USDT"}]}).encode())


@contextlib.contextmanager
def world() -> Iterator[World]:
    data = cluster_folder()
    with UpstreamServer() as server, socket.socket() as probe:
        instrument_site(
            server,
            spot=[spot_symbol(f"{coin}/USDT") for coin in ("BTC", AT_RISK)],
            usdm=[usdm_symbol("BTC/USDT")],
            coinm=[coinm_symbol("BTC")],
        )
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = loopback_environment(
            server, EWS_DATA_DIR=str(data), DATABASE_URL="", SPOT_CURRENCIES=f"BTC {AT_RISK}",
            UPDATE_REFRESH_INCREMENT_MINS="0.05", LOG_LEVEL="INFO" if os.environ.get("SHOW") else "ERROR",
        )  # fmt: skip
        found = World(data, environment, port)
        threads: list[threading.Thread] = []
        try:
            found.url()
            manage("migrate", "--verbosity", "0", environment=environment)
            made = manage("apitoken", "crash", "--scope", "read", environment=environment, stdout=subprocess.PIPE)
            found.token = made.stdout.strip()
            found.start_daemon()
            eventually(lambda: _count(found, "markets_instrument") > 0, 60, "the list is read")
            manage("shell", "-c", _OPEN, environment=environment, stdout=subprocess.DEVNULL)
            found.start_api()
            eventually(lambda: found.ask("/api/v1/risk").status in ("fresh", "stale"), 60, "the API knows")
            threads = [threading.Thread(target=found.poll, args=(door,)) for door in (*DOORS, MANY)]
            for thread in threads:
                thread.start()
            yield found
        finally:
            found.stop.set()
            for thread in threads:
                thread.join(25)
            if found.daemon is not None:
                found.daemon.kill()
            if found.api is not None:
                found.api.kill()
                found.api.wait()
            release(data)
            shutil.rmtree(data, ignore_errors=True)


def _count(found: World, table: str) -> int:
    with contextlib.closing(psycopg2.connect(found.url())) as line, line.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        [(number,)] = cursor.fetchall()
        return int(number)


def execute(found: World, statement: str) -> None:
    with contextlib.closing(psycopg2.connect(found.url())) as line, line.cursor() as cursor:
        line.autocommit = True
        cursor.execute(statement)


# ------------------------------------------------------------------------------------------------------------- faults


@contextlib.contextmanager
def daemon_killed(found: World) -> Iterator[None]:
    assert found.daemon is not None
    found.daemon.kill()
    yield
    found.start_daemon()


@contextlib.contextmanager
def api_killed(found: World) -> Iterator[None]:
    assert found.api is not None
    found.api.kill()
    found.api.wait()
    yield
    found.start_api()


@contextlib.contextmanager
def database_killed(found: World) -> Iterator[None]:
    """Killed, and its port taken by a stranger, so that it comes back on another one."""
    files = ClusterFiles(found.data)
    old = int(json.loads(files.ready.read_text())["port"])
    # Whoever uses the embedded database would start it again at once.
    with hold(files):
        for process in reversed(server_processes(files)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        stranger = socket.socket()
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        eventually(lambda: _bound(stranger, old), 10, "the port is free")
        stranger.listen()
        yield
    eventually(lambda: bool(found.url()), 60, "the database is back")
    assert int(json.loads(files.ready.read_text())["port"]) != old
    stranger.close()


def _bound(line: socket.socket, port: int) -> bool:
    with contextlib.suppress(OSError):
        line.bind(("127.0.0.1", port))
        return True
    return False


@contextlib.contextmanager
def hold(files: ClusterFiles) -> Iterator[None]:
    """Nobody can start the server meanwhile."""
    descriptor = os.open(files.start_lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def database_hangs(found: World) -> Iterator[None]:
    processes = server_processes(ClusterFiles(found.data))
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


@contextlib.contextmanager
def connections_exhausted(found: World) -> Iterator[None]:
    """Every connection is taken by others, and those that the API has are ended."""
    url = found.url()
    lines = []
    boss = psycopg2.connect(url)
    boss.autocommit = True
    ended = time.monotonic() + 25
    stop = threading.Event()

    def fill() -> None:
        while not stop.is_set() and time.monotonic() < ended:
            try:
                lines.append(psycopg2.connect(url, application_name="strangers"))
            except psycopg2.OperationalError:
                with boss.cursor() as cursor:
                    cursor.execute(_END_OURS)
                time.sleep(0.05)

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for line in lines:
            line.close()
        boss.close()


def heartbeat_from_the_future(found: World) -> contextlib.AbstractContextManager[None]:
    return heartbeat_at(found, "clock_timestamp() + interval '1 hour'")


def heartbeat_from_the_past(found: World) -> contextlib.AbstractContextManager[None]:
    return heartbeat_at(found, "clock_timestamp() - interval '1 hour'")


@contextlib.contextmanager
def heartbeat_at(found: World, moment: str) -> Iterator[None]:
    """As after a step of the database's clock; the daemon is stopped, or it would mend it."""
    assert found.daemon is not None
    process = found.daemon.process.pid
    try:
        while True:
            os.kill(process, signal.SIGSTOP)
            with contextlib.suppress(psycopg2.errors.LockNotAvailable):
                execute(found, f"SET lock_timeout = 300; UPDATE events_heartbeat SET beat_at = {moment}")
                break
            # It was stopped in the middle of a beat.
            os.kill(process, signal.SIGCONT)
            time.sleep(0.2)
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def server_processes(files: ClusterFiles) -> list[int]:
    """The postmaster, whose id `ready.json` has, and its children."""
    server = int(json.loads(files.ready.read_text())["server"])
    found = [server]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == server:
                    found.append(int(entry.name))
    return found


FAULTS: dict[str, Callable[[World], contextlib.AbstractContextManager[None]]] = {
    one.__name__: one
    for one in (
        daemon_killed, database_killed, database_hangs, connections_exhausted, heartbeat_from_the_future,
        heartbeat_from_the_past, api_killed,
    )
}  # fmt: skip


def run(names: list[str]) -> list[str]:
    """What does not hold, in words."""
    wrong: list[str] = []
    with world() as found:
        for name in names:
            print(f"{name}: ", end="", flush=True)
            began = time.monotonic()
            gone = "none" if name == "api_killed" else "unknown"
            with FAULTS[name](found):
                at = time.monotonic()
                while time.monotonic() < at + WITHIN + 3 and not _all(found, at, gone):
                    time.sleep(0.1)
                took = time.monotonic() - at
                if not _all(found, at, gone):
                    wrong.append(f"{name}: not {gone} within {WITHIN:g} s: {[found.last(door) for door in _names()]}")
                time.sleep(3)
                late = [one for one in found.seen if one.at > at + WITHIN and one.status in ("fresh", "stale")]
                if late:
                    wrong.append(f"{name}: trusted again during the fault: {late[0]}")
            recovered = time.monotonic()
            while time.monotonic() < recovered + RECOVERS and not _known_again(found, recovered):
                time.sleep(0.1)
            back = time.monotonic() - recovered
            if not _known_again(found, recovered):
                wrong.append(f"{name}: not known again after {RECOVERS:g} s: {[found.last(door) for door in _names()]}")
            wrong += [f"{name}: {what}" for what in _broken_promises(found, began)]
            slowest = max((one.seconds for one in found.seen if one.at > began and one.http), default=0.0)
            print(f"{gone} after {took:.1f} s, known again after {back:.1f} s, slowest answer {slowest:.2f} s")
    return wrong


def _names() -> list[str]:
    return sorted({door[0].partition("?")[0].removeprefix("/api/v1/") for door in DOORS})


def _all(found: World, since: float, status: str) -> bool:
    return all(found.last(door).at > since and found.last(door).status == status for door in _names())


def _known_again(found: World, since: float) -> bool:
    return all(
        found.last(door).at > since and found.last(door).status in ("fresh", "stale")
        for door in ("risk", f"risk/{AT_RISK}")
    ) and any(one.at > since and one.door == "can-trade" and one.status != "unknown" for one in found.seen)


def _broken_promises(found: World, since: float) -> Iterator[str]:
    for one in found.seen:
        if one.at < since or one.http == 0:
            continue
        if one.http == 200 and one.door.startswith("risk") and AT_RISK not in one.tokens:
            yield f"a list without what is at risk: {one}"
        if one.may_open:
            yield f"braver than before: {one}"
        if one.http != 200 and not (
            one.http == 503 and one.kind == "application/problem+json" and one.status == "unknown"
        ):
            yield f"an error that reads as an answer: {one}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", nargs="+", default=list(FAULTS), choices=list(FAULTS))
    wrong = run(parser.parse_args().faults)
    print("\n".join(wrong) if wrong else "holds")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
