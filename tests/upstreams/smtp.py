"""A mail server on loopback: keeps the mail that arrives, answers by script, and can hang where it is told to."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

HANG = "hang"
DROP = "drop"


@dataclass
class MailServer:
    """`answers` maps a command (CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, BODY, QUIT) to the line it is answered with,
    or to HANG or DROP; what is not in it is answered as a server that is content would."""

    answers: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False

    def __enter__(self) -> Self:
        self._over = threading.Event()
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                owner._converse(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _converse(self, wire: Any) -> None:
        """One session, until QUIT or the end of the connection."""
        usual: Mapping[str, str] = {
            "CONNECT": "220 loopback",
            "EHLO": "250-loopback\r\n250-AUTH PLAIN\r\n250-STARTTLS\r\n250 SIZE 1000000",
            "STARTTLS": "220 go on" if self.tls else "454 not available",
            "AUTH": "235 ok",
            "MAIL": "250 ok",
            "RCPT": "250 ok",
            "DATA": "354 go on",
            "BODY": "250 kept",
            "QUIT": "221 bye",
        }
        recipients: list[str] = []
        command = "CONNECT"
        if self.tls is not None and self.tls_at_once and not self._encrypt(wire):
            return
        while True:
            answer = self.answers.get(command, usual.get(command, "500 what?"))
            if answer == HANG:
                self._over.wait(20)
                return
            if answer == DROP:
                return
            try:
                wire.wfile.write(f"{answer}\r\n".encode())
                if command == "QUIT":
                    return
                if command == "DATA" and answer.startswith("354"):
                    self._keep(wire.rfile, recipients)
                    command = "BODY"
                    continue
                if command == "STARTTLS" and self.tls is not None and not self._encrypt(wire):
                    return
                line = wire.rfile.readline().decode().strip()
            except (TimeoutError, ConnectionError):
                return
            if not line:
                return
            command = line.split()[0].upper()
            if command == "RCPT":
                recipients.append(line.partition("<")[2].partition(">")[0])
            elif command == "AUTH":
                self.logins.append(line)

    def _encrypt(self, wire: Any) -> bool:
        """Whether the handshake succeeded; the client may not like our certificate."""
        assert self.tls is not None
        try:
            encrypted = self.tls.wrap_socket(wire.request, server_side=True)
        except OSError:
            return False
        wire.rfile, wire.wfile = encrypted.makefile("rb"), encrypted.makefile("wb", buffering=0)
        return True

    def _keep(self, stream: Any, recipients: list[str]) -> None:
        lines = []
        while (line := stream.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        self.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.recipients.append(recipients)
