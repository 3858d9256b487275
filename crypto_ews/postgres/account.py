"""Under which account PostgreSQL runs: the caller's own, or, as it refuses root, one without rights.

An account without rights cannot reach a data folder or a virtual environment below a closed folder such as /root.
Folders above are not ours to open up, so in that case the server keeps the one capability of root that lets it pass:
the weakest that works is found by trying. Linux only; elsewhere root is refused by PostgreSQL itself.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Of a range that is assigned neither to people, services, containers nor dynamic users.
SERVER_ID = 60932

_PR_SET_PDEATHSIG, _PR_SET_SECUREBITS, _PR_SET_CHILD_SUBREAPER, _PR_CAP_AMBIENT = 1, 28, 36, 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 4
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


class NoAccountError(Exception):
    """Root's server cannot run under any account; `str()` says what it could not reach."""


@dataclass(frozen=True)
class Account:
    """A user and group; `capability` is the one of root's that it keeps (a number from capabilities(7)), if any."""

    uid: int
    gid: int
    capability: int | None = None


def find_account(program: Path, folder: Path, uid: int, gid: int) -> Account | None:
    """The account (uid, gid) with the least that it needs to run `program` in `folder`.

    None means the caller's own account: only root has a choice. Raises NoAccountError.
    """
    if os.geteuid() != 0:
        return None
    for capability in (None, _CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
        account = Account(uid, gid, capability)
        become = in_child(account, signal.SIGKILL)

        def enter(become: Callable[[], None] = become) -> None:
            become()
            os.chdir(folder)
            # PostgreSQL asks the same of its own program before anything else.
            if not os.access(program, os.R_OK | os.X_OK):
                raise PermissionError(program)

        try:
            subprocess.run([program, "--version"], preexec_fn=enter, check=True, capture_output=True)
            return account
        except (subprocess.SubprocessError, OSError):
            continue
    raise NoAccountError(
        f"Root cannot run PostgreSQL, and no account without its rights (uid {uid}) can reach {folder} and {program}: "
        "run as another user, move EWS_DATA_DIR and the virtual environment where others may pass, or set DATABASE_URL."
    )


def account_for_setup() -> tuple[int, int]:
    """(uid, gid) for `initdb`, which wants an account with a name."""
    for entry in sorted(pwd.getpwall(), key=lambda entry: entry.pw_name != "nobody"):
        if entry.pw_uid != 0:
            return entry.pw_uid, entry.pw_gid
    raise NoAccountError("Root cannot run PostgreSQL, and this system knows no other account")


def in_child(account: Account | None, signal_at_death: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn`: become `account`, and be sent `signal_at_death` when the parent dies, even by `kill -9`."""
    parent = os.getpid()

    def become() -> None:
        if account is not None:
            os.setgroups([])
            os.setresgid(account.gid, account.gid, account.gid)
            if account.capability is not None:
                # Rights outlast the change of account, and access(2) takes them into account.
                _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
            os.setresuid(account.uid, account.uid, account.uid)
            if account.capability is not None:
                _keep_only(account.capability)
        if sys.platform == "linux":
            # After the change of account, which clears it.
            _prctl(_PR_SET_PDEATHSIG, signal_at_death)
            if os.getppid() != parent:
                os._exit(1)

    return become


def adopt_orphans() -> None:
    """Let grandchildren whose parent has died become children of this process."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, argument: int, second: int = 0) -> None:
    arguments = [ctypes.c_ulong(value) for value in (argument, second, 0, 0)]
    _check(_libc().prctl(ctypes.c_int(option), *arguments), "prctl")


def _keep_only(capability: int) -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Effective, permitted and inheritable, of the lower and the upper 32 capabilities.
    data = (ctypes.c_uint32 * 6)(*[1 << capability] * 3, 0, 0, 0)
    _check(_libc().capset(header, data), "capset")
    # Ambient ones survive the start of a program.
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
