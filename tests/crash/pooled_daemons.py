"""Two daemons behind a real pgbouncer: `python -m tests.crash.pooled_daemons`, part of `make crashtest`.

What must hold: with session pooling one leads, and the other takes over within ten seconds of the first one's death,
never two at once; with transaction and statement pooling each refuses to start, with exit code 2 and one sentence.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg2

from tests.support.daemon_process import DaemonProcess, eventually, manage
from tests.support.loopback import loopback_environment
from tests.support.pgbouncer import PROGRAM, PgBouncer
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import UpstreamServer

_ARGUMENTS = ("--only", "binance.announcements")


class Leaders:
    """Samples, every twentieth of a second, how many leaders' locks the server holds."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self.most = 0
        self.pid: int | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not self._stop.wait(0.05):
                cursor.execute(
                    "SELECT pid FROM pg_locks WHERE relation = to_regclass('ews_lock_leader')"
                    " AND mode = 'ExclusiveLock' AND granted"
                )
                pids = [pid for (pid,) in cursor.fetchall()]
                self.most = max(self.most, len(pids))
                self.pid = pids[0] if pids else None
        connection.close()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()


def beats(url: str) -> str:
    """Which daemon's heart beats: its host and process id."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT daemon FROM events_heartbeat WHERE beat_at > now() - interval '8 seconds'")
        row = cursor.fetchone()
    connection.close()
    return str(row[0]) if row else ""


def session_pooling(url: str, environment: dict[str, str]) -> tuple[float, int]:
    """Seconds until the second daemon led, and the most leaders that were seen at once."""
    with PgBouncer(url, "session", default_pool_size=90, max_client_conn=300) as pooler, ExitStack() as stack:
        leaders = Leaders(url)
        stack.callback(leaders.close)
        pooled = {**environment, "DATABASE_URL": pooler.url}
        daemons = [stack.enter_context(DaemonProcess(pooled, *_ARGUMENTS)) for _ in range(2)]
        eventually(lambda: beats(url), 60, "one leads")
        numbers = {str(daemon.process.pid): daemon for daemon in daemons}
        first = beats(url).split()[-1]
        time.sleep(3)
        died = time.monotonic()
        numbers[first].kill()
        eventually(lambda: beats(url).split()[-1:] not in ([], [first]), 30, "the other takes over")
        return time.monotonic() - died, leaders.most


def refusal(url: str, environment: dict[str, str], mode: str) -> tuple[int, str]:
    """Exit code and last line of a daemon that starts behind such a pooler."""
    with PgBouncer(url, mode) as pooler, tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        with said.open("w") as output:
            daemon = DaemonProcess({**environment, "DATABASE_URL": pooler.url}, *_ARGUMENTS, output=output)
            try:
                code = daemon.process.wait(60)
            except subprocess.TimeoutExpired:
                daemon.kill()
                code = -1
        lines = [line for line in said.read_text().splitlines() if "pooler" in line]
        return code, lines[-1] if lines else said.read_text()


def main() -> int:
    if PROGRAM is None:
        print("pooled daemons: left out, pgbouncer is not installed (apt-get install pgbouncer)")
        return 0
    with ThrowawayCluster() as url, UpstreamServer() as upstreams:
        environment = loopback_environment(upstreams, DATABASE_URL=url)
        manage("migrate", "--verbosity", "0", environment=environment)
        took, most = session_pooling(url, environment)
        holds = took <= 10 and most == 1
        print(f"session pooling: taken over after {took:.1f} s, {most} leader(s) at most: {holds}")
        for mode in ("transaction", "statement"):
            code, line = refusal(url, environment, mode)
            refused = code == 2 and f"in {mode} pooling" in line
            print(f"{mode} pooling: exit code {code}, {line!r}: {refused}")
            holds = holds and refused
    print("holds" if holds else "DOES NOT HOLD")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
