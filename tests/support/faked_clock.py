"""A clock that a test may set: libfaketime under the daemon and under PostgreSQL, the monotonic clock left real.

libfaketime answers `clock_nanosleep` by the monotonic clock with EINVAL, which only `time.sleep` uses: Python processes
get one that waits by `select`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from crypto_ews.postgres.account import find_account, in_child
from crypto_ews.postgres.cluster import MAJOR_VERSION, binaries, environment
from crypto_ews.postgres.cluster_use import ClusterFiles, connection_url, ensure_running, release
from crypto_ews.postgres.supervisor import FIXED_SETTINGS
from tests.support.postgres_cluster import cluster_folder

_SLEEP = """
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


def library() -> Path | None:
    """libfaketime's, or None where it is not installed (`apt-get install faketime`)."""
    found = [
        file
        for folder in ("/usr/lib", "/usr/local/lib", "/usr/lib64")
        for file in Path(folder).glob("**/libfaketimeMT.so.1")
    ]
    return found[0] if found else None


class FakedClock:
    """The clock of a machine. `set` takes effect within a second in every process that runs with `environment`."""

    def __init__(self, preload: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ews-clock-"))
        self._folder.chmod(0o755)
        self._file = self._folder / "offset"
        self._site = self._folder / "python"
        self._site.mkdir()
        (self._site / "sitecustomize.py").write_text(_SLEEP)
        self._preload = preload
        self.ahead = 0.0
        self.set(0)

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self._preload),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1",
            "PYTHONPATH": str(self._site),
        }

    def set(self, seconds: float) -> None:
        """So many seconds ahead of the true time."""
        self.ahead = seconds
        new = self._folder / "new"
        new.write_text(f"{seconds:+.0f}\n")
        new.chmod(0o644)
        new.rename(self._file)

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class FakedPostgres:
    """The embedded PostgreSQL, made by its keeper and then started as the keeper does, under a faked clock."""

    def __init__(self, clock: FakedClock) -> None:
        self._folder = cluster_folder()
        self.url = connection_url(ensure_running(self._folder))
        assert release(self._folder), "PostgreSQL did not stop"
        files = ClusterFiles(self._folder)
        cluster = files.home / MAJOR_VERSION
        owner = cluster.stat()
        account = find_account(binaries() / "postgres", cluster, owner.st_uid, owner.st_gid)
        settings: Mapping[str, str] = {**FIXED_SETTINGS, "port": files.port.read_text().strip()}
        with (self._folder / "faked.log").open("w") as log:
            self._server = subprocess.Popen(
                [binaries() / "postgres", "-D", cluster, *(f"--{name}={value}" for name, value in settings.items())],
                cwd=files.home,
                env={**environment(), **clock.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=in_child(account, signal.SIGINT),
            )
        self._wait_until_ready(cluster / "postmaster.pid")

    def _wait_until_ready(self, file: Path) -> None:
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            lines = file.read_text().splitlines() if file.exists() else []
            if len(lines) >= 8 and lines[7].strip() == "ready":
                return
            time.sleep(0.1)
        raise AssertionError((self._folder / "faked.log").read_text()[-2000:])

    def __enter__(self) -> str:
        return self.url

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(15)
        except subprocess.TimeoutExpired:
            os.kill(self._server.pid, signal.SIGQUIT)
            self._server.wait(15)
        shutil.rmtree(self._folder, ignore_errors=True)
