"""Below HTTP: listeners that misbehave on TCP or TLS level, and a self-signed certificate made on the spot."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.upstreams.wire import Wire

# The head of a TLS record with a ServerHello of 16,000 bytes: a client goes on reading until they have come.
_ENDLESS_SERVER_HELLO = b"\x16\x03\x03\x3e\x80\x02\x00\x3e\x7c\x03\x03"


class RawListener:
    """A TCP port on 127.0.0.1 that plays `talk(wire)` to everyone who connects."""

    def __init__(self, talk: Callable[[Wire], None]) -> None:
        self._talk = talk
        self._stopping = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def url(self, scheme: str = "http", path: str = "/") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with suppress(OSError):  # Wakes accept(); where it has failed already there is nothing to wake.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(2)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # The client leaves: that is what these listeners are for.
            self._talk(Wire(connection, self._stopping))


def silent_port() -> RawListener:
    """Accepts connections and says nothing, whatever the protocol."""
    return RawListener(lambda wire: _until_over(wire))


def dripping_handshake(interval: float = 0.05) -> RawListener:
    """Answers a TLS hello with a handshake message that comes byte by byte."""

    def talk(wire: Wire) -> None:
        wire.connection.recv(65_536)
        wire.send(_ENDLESS_SERVER_HELLO)
        while wire.pause(interval):
            wire.send(b"\x00")

    return RawListener(talk)


def garbage_port(data: bytes = b"this is not TLS\r\n") -> RawListener:
    """Says the same bytes to everybody, and closes."""

    def talk(wire: Wire) -> None:
        wire.connection.recv(65_536)
        wire.send(data)

    return RawListener(talk)


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def openssl_missing() -> bool:
    return shutil.which("openssl") is None


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context for 127.0.0.1, and the certificate's file, which a client may be told to trust."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(
        [*command.split(), "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
        timeout=30,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def _until_over(wire: Wire) -> None:
    # The client's own bytes would look like its end to `pause`.
    wire.connection.settimeout(0.05)
    while True:
        with suppress(TimeoutError):
            if not wire.connection.recv(65_536):
                return
        if not wire.pause(0):
            return
