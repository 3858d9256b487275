"""A real pgbouncer in front of a PostgreSQL, for tests of what a pooler does to us."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

PROGRAM = shutil.which("pgbouncer") or next(
    (path for path in ("/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer") if os.access(path, os.X_OK)), None
)
_PATIENCE_SECONDS = 10.0


class PgBouncer:
    """One pgbouncer with its defaults but for what is given; `url` leads through it to the database of `to`."""

    def __init__(self, to: str, pool_mode: str, **settings: object) -> None:
        assert PROGRAM is not None, "pgbouncer is not installed"
        self._folder = Path(tempfile.mkdtemp(prefix="ews-pgbouncer-"))
        parts = urlsplit(to)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        (self._folder / "users.txt").write_text(f'"{user}" "{password}"\n')
        lines = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": self._folder / "users.txt",
            "pool_mode": pool_mode,
            "logfile": self._folder / "log",
            "pidfile": self._folder / "pid",
            **settings,
        }
        text = f"[databases]\n* = host={parts.hostname} port={parts.port}\n[pgbouncer]\n"
        text += "".join(f"{name} = {value}\n" for name, value in lines.items())
        (self._folder / "pgbouncer.ini").write_text(text)
        self.url = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{self.port}").geturl()
        command = [PROGRAM, "-q", str(self._folder / "pgbouncer.ini")]
        if os.geteuid() == 0:
            # It refuses to run as root.
            shutil.chown(self._folder, "nobody")
            for file in self._folder.iterdir():
                shutil.chown(file, "nobody")
            command[1:1] = ["-u", "nobody"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    log = self._folder / "log"
                    raise AssertionError(
                        f"pgbouncer does not answer: {log.read_text() if log.exists() else ''}"
                    ) from None
                time.sleep(0.02)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            # It waits for its clients.
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> PgBouncer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
