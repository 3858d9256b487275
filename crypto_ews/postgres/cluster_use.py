"""The embedded PostgreSQL: started with its first user, stopped with its last one.

Every process that uses the cluster holds a shared lock on `users.lock`, which the kernel releases however the process
ends, `kill -9` included. The first user starts a supervisor (`crypto_ews.postgres.supervisor`) in a session of its own,
out of reach of Ctrl-C. The supervisor starts PostgreSQL, then waits for the exclusive lock on `users.lock`: once it has
it, nobody is left, and it stops the server. It holds that lock until the server is down, so that a newcomer waits and
then starts it afresh.

Everything lies in `<data_dir>/postgresql/`, and no folder above is touched:

- `users.lock`: shared by the users; exclusive for the supervisor that stops the server.
- `start.lock`: exclusive for the user who finds out whether the server runs, and starts it if it does not.
- `keeper.lock`: exclusive as long as a supervisor lives. The starter takes it and passes it on, so there is never a
  second one.
- `server.lock`: exclusive as long as a supervisor or any process of PostgreSQL lives, because all of them inherit it.
- `ready.json`: exists while the server takes connections, and contains its port.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

HOST = "127.0.0.1"
OWNER = "ews"
DATABASE = "crypto_ews"
# A first start takes about a second, a crash recovery on a slow disk much longer.
START_TIMEOUT_SECONDS = 120.0
# The server stops in well under a second, and goes on stopping when nobody waits for it any more.
EXIT_WAIT_SECONDS = 5.0
POLL_SECONDS = 0.01
# What a supervisor needs of its starter's environment. Secrets are not handed to a process that outlives the user.
_SUPERVISOR_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR")


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used. The first line says why; the end of a log may follow."""


@dataclass(frozen=True)
class ConnectionInfo:
    """Where the server listens, and how its owner logs in."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    dbname: str


@dataclass(frozen=True)
class ClusterStatus:
    """`running`: a process of the server lives. `in_use`: some process, perhaps this one, uses the cluster."""

    running: bool
    in_use: bool


class ClusterFiles:
    """The paths of one cluster."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.home = self.data_dir / "postgresql"
        self.users_lock = self.home / "users.lock"
        self.start_lock = self.home / "start.lock"
        self.supervisor_lock = self.home / "keeper.lock"
        self.server_lock = self.home / "server.lock"
        self.ready = self.home / "ready.json"
        self.port = self.home / "port"
        self.password = self.home / "password"
        self.bot_password = self.home / "bot_password"
        self.server_log = self.home / "server.log"
        self.supervisor_log = self.home / "keeper.log"


# Of this process: its descriptor of each cluster's users.lock, and the supervisors it started.
_mutex = threading.RLock()
_users_locks: dict[Path, int] = {}
_supervisors: dict[Path, subprocess.Popen[bytes]] = {}


def ensure_running(data_dir: Path, *, throwaway: bool = False) -> ConnectionInfo:
    """Make this process a user of the cluster below `data_dir`, starting (at first: creating) it if need be.

    Safe to call from any thread, as often as liked, and again after a fork or a crash of the server; it then costs a
    few system calls. A `throwaway` cluster trades safety against crashes for speed, and its whole `data_dir` is
    deleted when it stops. Raises EmbeddedPostgresError.
    """
    files = ClusterFiles(data_dir)
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    with _mutex:
        try:
            _make_home(files)
            with _locked(files.start_lock, deadline):
                taken = _take_users_lock(files, deadline)
                try:
                    return _wait_until_ready(files, deadline, throwaway)
                except BaseException:
                    # One that was there before belongs to connections that live: without it the server would be
                    # stopped under them, because of one that failed for want of a file descriptor.
                    if taken:
                        os.close(_users_locks.pop(files.home))
                    raise
        except OSError as error:
            raise EmbeddedPostgresError(f"The folder {files.home} cannot be used: {error}.") from error


def release(data_dir: Path, wait: float = EXIT_WAIT_SECONDS) -> bool:
    """Give up this process's use of the cluster; if it was the last user, wait up to `wait` seconds for the stop.

    Returns whether the server is down: False too, at once, if others go on using it.
    """
    files = ClusterFiles(data_dir)
    deadline = time.monotonic() + wait
    with _mutex:
        users_lock = _users_locks.pop(files.home, None)
        if users_lock is not None:
            os.close(users_lock)
    seen_others = 0
    while is_locked(files.server_lock) or is_locked(files.supervisor_lock):
        # Another process that asks the same question looks like a user for an instant, but not three times.
        seen_others = seen_others + 1 if _in_shared_use(files) else 0
        if seen_others == 3 or time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    supervisor = _supervisors.pop(files.home, None)
    if supervisor is not None:
        supervisor.wait()
    return True


def status(data_dir: Path) -> ClusterStatus:
    """Whether the cluster below `data_dir` runs and is used; starts nothing. Raises EmbeddedPostgresError."""
    files = ClusterFiles(data_dir)
    try:
        return ClusterStatus(running=is_locked(files.server_lock), in_use=_in_shared_use(files))
    except OSError as error:
        raise EmbeddedPostgresError(f"The folder {files.home} cannot be used: {error}.") from error


def connection_url(info: ConnectionInfo) -> str:
    """`info` in the form of DATABASE_URL, with the password."""
    login = f"{quote(info.user, safe='')}:{quote(info.password, safe='')}"
    return f"postgresql://{login}@{info.host}:{info.port}/{quote(info.dbname, safe='')}"


def take_lock(file: Path, operation: int, deadline: float) -> int | None:
    """A new descriptor with the flock `operation` on `file`, or None if it is not free by `deadline` (monotonic).

    The lock lives until the last copy of the descriptor is closed. It is never unlocked otherwise: that would release
    the copies of other processes as well.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
                return descriptor
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    return None
                time.sleep(POLL_SECONDS)
    except BaseException:
        os.close(descriptor)
        raise


def is_locked(file: Path, operation: int = fcntl.LOCK_SH) -> bool:
    """Whether another descriptor has a lock on `file` that excludes `operation`."""
    try:
        descriptor = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def tail(file: Path, lines: int = 12) -> str:
    """The last lines of a log file, or nothing if there is none."""
    if not file.exists():
        return ""
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])


def _make_home(files: ClusterFiles) -> None:
    files.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        files.home.mkdir()
    except FileExistsError:
        return
    # Root's server runs under another account, which has to pass through; every file in here is private.
    files.home.chmod(0o711 if os.geteuid() == 0 else 0o700)


@contextmanager
def _locked(file: Path, deadline: float) -> Iterator[None]:
    descriptor = take_lock(file, fcntl.LOCK_EX, deadline)
    if descriptor is None:
        raise EmbeddedPostgresError(f"Another process has been starting PostgreSQL for too long: it holds {file}.")
    try:
        yield
    finally:
        os.close(descriptor)


def _take_users_lock(files: ClusterFiles, deadline: float) -> bool:
    """Make this process a user of the cluster; whether it was none before."""
    users_lock = _users_locks.get(files.home)
    # A lock on a file whose data folder was deleted protects nothing.
    if users_lock is not None and os.fstat(users_lock).st_nlink == 0:
        os.close(_users_locks.pop(files.home))
        users_lock = None
    if users_lock is None:
        users_lock = take_lock(files.users_lock, fcntl.LOCK_SH, deadline)
        if users_lock is None:
            raise EmbeddedPostgresError(f"PostgreSQL in {files.home} is being stopped, and does not end.")
        _users_locks[files.home] = users_lock
        return True
    return False


def _wait_until_ready(files: ClusterFiles, deadline: float, throwaway: bool) -> ConnectionInfo:
    started = False
    while time.monotonic() < deadline:
        supervisor_lock = take_lock(files.supervisor_lock, fcntl.LOCK_EX, deadline=0)
        if supervisor_lock is not None:
            try:
                if started:
                    raise EmbeddedPostgresError(tail(files.supervisor_log, 40) or "PostgreSQL's supervisor was killed.")
                files.ready.unlink(missing_ok=True)
                _start_supervisor(files, supervisor_lock, throwaway)
                started = True
            finally:
                os.close(supervisor_lock)
        # The lock may have been refused because another process looked at it, without any supervisor.
        elif files.ready.exists() and is_locked(files.supervisor_lock):
            port = json.loads(files.ready.read_text())["port"]
            return ConnectionInfo(HOST, port, OWNER, files.password.read_text().strip(), DATABASE)
        time.sleep(POLL_SECONDS)
    raise EmbeddedPostgresError(
        f"PostgreSQL in {files.home} was not ready within {START_TIMEOUT_SECONDS:.0f} s.\n{tail(files.server_log)}"
    )


def _start_supervisor(files: ClusterFiles, supervisor_lock: int, throwaway: bool) -> None:
    previous = _supervisors.pop(files.home, None)
    if previous is not None:
        previous.wait()
    command = [sys.executable, "-m", "crypto_ews.postgres.supervisor", str(files.data_dir)]
    with files.supervisor_log.open("wb") as log:
        files.supervisor_log.chmod(0o600)
        _supervisors[files.home] = subprocess.Popen(
            [*command, "--throwaway"] if throwaway else command,
            cwd=Path(__file__).resolve().parents[2],
            env={name: os.environ[name] for name in _SUPERVISOR_ENVIRONMENT if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(supervisor_lock,),
            start_new_session=True,
        )


def _in_shared_use(files: ClusterFiles) -> bool:
    return is_locked(files.users_lock, fcntl.LOCK_EX) and not is_locked(files.users_lock, fcntl.LOCK_SH)


def _forget_after_fork() -> None:
    """A forked child is no user until it connects: it must not keep the server alive through inherited descriptors."""
    global _mutex
    _mutex = threading.RLock()
    for users_lock in _users_locks.values():
        os.close(users_lock)
    _users_locks.clear()


@atexit.register
def _release_at_exit() -> None:
    for home in list(_users_locks):
        release(home.parent)


os.register_at_fork(after_in_child=_forget_after_fork)
