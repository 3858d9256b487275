"""The supervisor of the embedded PostgreSQL: a process that starts the server, waits for its last user, and stops it.

Run as `python -m crypto_ews.postgres.supervisor DATA_DIR [--throwaway]` by `cluster_use`, which describes the
locks and passes `keeper.lock` down. A `kill -9` of the supervisor makes the kernel stop the server at once (in an
orderly way), and the next connection of a user starts another. What it prints goes to `keeper.log`, the server's log to
`server.log`.
"""

from __future__ import annotations

import argparse
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
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import IO

from crypto_ews.postgres.account import NoAccountError, adopt_orphans, find_account, in_child
from crypto_ews.postgres.cluster import MAJOR_VERSION, binaries, check_version, create_cluster, environment
from crypto_ews.postgres.cluster_use import HOST, POLL_SECONDS, ClusterFiles, EmbeddedPostgresError, tail, take_lock
from crypto_ews.postgres.private_files import replace_private

LOG_BYTES = 5_000_000
LEFTOVER_WAIT_SECONDS = 10.0
# Fast shutdown, immediate shutdown (recovers from the log at the next start), the end.
STOP_LADDER = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))

# Given at every start, because the rest relies on them.
FIXED_SETTINGS = {
    "listen_addresses": HOST,
    # Paths of Unix sockets end at 107 bytes, those of data folders do not.
    "unix_socket_directories": "",
    "logging_collector": "off",
    "log_destination": "stderr",
    "lc_messages": "C",
}
THROWAWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Supervisor:
    """One server from its start to its stop."""

    def __init__(self, files: ClusterFiles, *, throwaway: bool) -> None:
        self.files = files
        self.throwaway = throwaway
        self.binaries = binaries()
        self.cluster = files.home / MAJOR_VERSION
        self.server_lock = self._take_server_lock()
        self.stopping = False
        self.ended = threading.Event()

    def run(self) -> None:
        """Start the server, and return once it is down and none of its processes is left."""
        adopt_orphans()
        check_version(self.files)
        if not self.cluster.exists():
            create_cluster(self.files, server_lock=self.server_lock, throwaway=self.throwaway)
        elif not self.files.password.exists():
            raise EmbeddedPostgresError(
                f"The password of the cluster in {self.cluster} is gone: restore {self.files.password}, or move the "
                "cluster away to begin with an empty one."
            )
        self._remove_stale_pid_file()
        self.server = self._start()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._stop_when_unused, daemon=True).start()
        self.server.wait()
        self.files.ready.unlink(missing_ok=True)
        self.ended.set()
        if not self.stopping:
            print(f"PostgreSQL ended by itself, exit code {self.server.returncode}.", file=sys.stderr)
        _end_orphans()
        self.log.join(timeout=1)
        if self.throwaway:
            shutil.rmtree(self.files.data_dir, ignore_errors=True)

    def _take_server_lock(self) -> int:
        """Wait for what is left of an earlier server whose supervisor was killed; help it to end."""
        for number in (None, signal.SIGQUIT, signal.SIGKILL):
            pid = self._postmaster()
            if number is not None and pid is not None:
                os.kill(pid, number)
            lock = take_lock(self.files.server_lock, fcntl.LOCK_EX, time.monotonic() + LEFTOVER_WAIT_SECONDS)
            if lock is not None:
                return lock
        raise EmbeddedPostgresError(
            f"Processes of an earlier PostgreSQL go on using {self.cluster} and do not end: end them by hand."
        )

    def _remove_stale_pid_file(self) -> None:
        """After a crash of the machine the number in postmaster.pid may be another process's: PostgreSQL would refuse.

        `server.lock` proves that no server of ours lives; one that somebody started by hand is left alone.
        """
        pid = self._postmaster()
        if pid is not None:
            raise EmbeddedPostgresError(f"A PostgreSQL that was not started here (pid {pid}) uses {self.cluster}.")
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _postmaster(self) -> int | None:
        """The process that postmaster.pid names, if it works in the cluster's folder, as a server does."""
        file = self.cluster / "postmaster.pid"
        lines = file.read_text().splitlines() if file.exists() else []
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        try:
            return pid if Path(f"/proc/{pid}/cwd").readlink() == self.cluster else None
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            # Gone, or somebody else's, who could not open our cluster.
            return None

    def _start(self) -> subprocess.Popen[bytes]:
        owner = self.cluster.stat()
        if os.geteuid() not in (0, owner.st_uid):
            raise EmbeddedPostgresError(f"{self.cluster} belongs to uid {owner.st_uid}, not to uid {os.geteuid()}.")
        program = self.binaries / "postgres"
        account = find_account(program, self.cluster, owner.st_uid, owner.st_gid)
        recorded = self.files.port.read_text().strip() if self.files.port.exists() else ""
        for preferred in (int(recorded) if recorded.isdigit() else 0, 0, 0):
            port = _free_port(preferred)
            settings = {**FIXED_SETTINGS, **(THROWAWAY_SETTINGS if self.throwaway else {}), "port": str(port)}
            server = subprocess.Popen(
                [program, "-D", self.cluster, *(f"--{name}={value}" for name, value in settings.items())],
                cwd=self.files.home,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(self.server_lock,),
                preexec_fn=in_child(account, signal.SIGINT),
            )
            assert server.stdout is not None
            self.log = threading.Thread(target=_write_log, args=(server.stdout, self.files.server_log), daemon=True)
            self.log.start()
            if self._becomes_ready(server):
                replace_private(self.files.port, str(port))
                replace_private(
                    self.files.ready, json.dumps({"port": port, "keeper": os.getpid(), "server": server.pid})
                )
                return server
            self.log.join()
            reason = tail(self.files.server_log)
            # Somebody else may have taken the port in the meantime.
            if "could not bind" not in reason:
                break
        raise EmbeddedPostgresError(f"PostgreSQL in {self.cluster} did not start.\n{reason}")

    def _becomes_ready(self, server: subprocess.Popen[bytes]) -> bool:
        file = self.cluster / "postmaster.pid"
        while server.poll() is None:
            lines = file.read_text().splitlines() if file.exists() else []
            if len(lines) >= 8 and lines[0] == str(server.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _stop_when_unused(self) -> None:
        # Kept until this process ends: a newcomer waits until the server is down.
        users = os.open(self.files.users_lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(users, fcntl.LOCK_EX)
        self._stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        threading.Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        self.stopping = True
        self.files.ready.unlink(missing_ok=True)
        for number, patience in STOP_LADDER:
            self.server.send_signal(number)
            if self.ended.wait(patience):
                return


def _free_port(preferred: int) -> int:
    """`preferred`, so that a connection string outlives a restart, if it is free; else one that the system chooses."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EmbeddedPostgresError(f"No port of {HOST} is free for PostgreSQL.")


def _write_log(stream: IO[bytes], file: Path) -> None:
    """Append the server's output to its log until its last process ends; at most two files of LOG_BYTES are kept."""
    with stream:
        for line in stream:
            try:
                if file.exists() and file.stat().st_size > LOG_BYTES:
                    file.replace(file.with_name(f"{file.name}.1"))
                with file.open("ab") as log:
                    log.write(line)
            except OSError as error:
                # A full disk costs lines of the log. A reader that stops would block the server.
                print(f"A line of the server's log is lost: {error}", file=sys.stderr)


def _end_orphans(patience: float = 2.0) -> None:
    """Wait for the processes that a killed server has left behind (this process has adopted them); then kill them."""
    deadline = time.monotonic() + patience
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            if time.monotonic() > deadline:
                for children in Path("/proc/self/task").glob("*/children"):
                    for child in children.read_text().split():
                        os.kill(int(child), signal.SIGKILL)
            time.sleep(POLL_SECONDS)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument(
        "--throwaway", action="store_true", help="no safety against crashes; delete everything at the end"
    )
    options = parser.parse_args(arguments)
    os.umask(0o077)
    try:
        Supervisor(ClusterFiles(options.data_dir), throwaway=options.throwaway).run()
    except (EmbeddedPostgresError, NoAccountError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"PostgreSQL in {options.data_dir} cannot be started: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
