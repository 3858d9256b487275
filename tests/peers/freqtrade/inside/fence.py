"""Keeps a program of others on this machine: who connects elsewhere gets an error, and a line in the log.

Imported first by each script that runs freqtrade. It runs in freqtrade's environment.
"""

from __future__ import annotations

import socket
import sys
from typing import Any

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo
_HERE = ("127.", "::1", "localhost")


def _refuse(where: str) -> None:
    print(f"FENCE: a connection to {where} was refused", file=sys.stderr, flush=True)
    raise ConnectionRefusedError(f"the fence lets nobody reach {where}")


def _is_here(address: Any) -> bool:
    return not isinstance(address, tuple) or str(address[0]).startswith(_HERE)


def connect(self: socket.socket, address: Any) -> None:
    if not _is_here(address):
        _refuse(str(address))
    _connect(self, address)


def connect_ex(self: socket.socket, address: Any) -> int:
    if not _is_here(address):
        _refuse(str(address))
    return _connect_ex(self, address)


def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
    if host is not None and not str(host).startswith((*_HERE, "0.0.0.0")):
        _refuse(str(host))
    return _getaddrinfo(host, *rest, **named)


socket.socket.connect = connect  # type: ignore[assignment,method-assign]
socket.socket.connect_ex = connect_ex  # type: ignore[assignment,method-assign]
socket.getaddrinfo = getaddrinfo
