"""E-mail through an SMTP server, by Django's backend: the card as HTML and as text."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from alerts.channels.base import Answer, Transport, Unusable
from alerts.channels.deadline import within
from alerts.channels.http import EXCERPT
from alerts.channels.redaction import without_secrets
from alerts.receiver import Receiver
from alerts.rendering.card_html import card_page
from alerts.rendering.message import Digest, Message
from alerts.rendering.plain_text import plain_lines, subject
from alerts.rendering.summary import EventSummary
from alerts.rendering.teams_card import render_message
from alerts.rendering.wording import clean, title_text
from crypto_ews.conf.channels import MailServer, mail_addresses

if TYPE_CHECKING:
    from crypto_ews.conf import Config

_SUBJECT_LENGTH = 180
_TOO_LARGE = 552


class _Delivery:
    """What one attempt has come to, seen from inside the SMTP conversation."""

    def __init__(self) -> None:
        self.handle: socket.socket | None = None
        self.accepted = False
        self.refused: dict[str, tuple[int, bytes]] = {}

    def give_up(self) -> None:
        if self.handle is not None:
            with suppress(OSError):  # It may have been closed already.
                self.handle.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        if self.handle is not None:
            self.handle.close()


class _Watched(smtplib.SMTP):
    """An SMTP connection that its delivery can break off, and that says what became of the message."""

    delivery: _Delivery

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        # A second handle, valid before, during and after TLS wraps the first.
        self.delivery.handle = socket.socket(fileno=os.dup(made.fileno()))
        return made

    def sendmail(self, *arguments: Any, **options: Any) -> dict[str, tuple[int, bytes]]:
        self.delivery.refused = super().sendmail(*arguments, **options)
        self.delivery.accepted = True
        return self.delivery.refused


class _WatchedTls(smtplib.SMTP_SSL, _Watched):
    """In this order the handle is taken before the handshake begins."""


class _Backend(EmailBackend):
    def __init__(self, delivery: _Delivery, **options: Any) -> None:
        super().__init__(**options)
        self._delivery = delivery

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        base = _WatchedTls if self.use_ssl else _Watched
        return type("Connection", (base,), {"delivery": self._delivery})


class MailTransport:
    """Sends one mail per message, to all addresses of the channel."""

    name = "e-mail"
    throttled = True

    def __init__(self, server: MailServer, sender: str, receivers: tuple[str, ...], deadline_seconds: float) -> None:
        self._server, self._sender, self._receivers = server, sender, receivers
        self._deadline = deadline_seconds

    def deliver(self, message: Message) -> Answer:
        started = time.monotonic()
        delivery = _Delivery()
        mail = self._mail(message, _backend(self._server, delivery, self._deadline))
        error: Exception | None = None
        try:
            within(self._deadline, mail.send, delivery.give_up)
        except (smtplib.SMTPException, OSError) as raised:
            error = raised
        finally:
            delivery.release()
        answer = _answer(error, delivery)
        return Answer(
            error=answer.error,
            verdict=answer.verdict,
            explanation=self._without_secrets(answer.explanation)[:EXCERPT],
            duration_seconds=time.monotonic() - started,
        )

    def close(self) -> None:
        """Every mail has a connection of its own: servers end idle ones within minutes."""

    def _mail(self, message: Message, backend: _Backend) -> EmailMultiAlternatives:
        content = message.content
        is_event = isinstance(content, EventSummary)
        title = clean(title_text(content) if isinstance(content, EventSummary) else content.title, _SUBJECT_LENGTH)
        domain = self._sender.rpartition("@")[2]
        headers = {
            "Message-ID": f"<ews-{message.key or time.time_ns()}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        }
        if not isinstance(content, Digest) and content.event_id is not None:
            # Mail programs show what refers to the same message as one conversation.
            headers["References"] = headers["In-Reply-To"] = f"<ews-event-{content.event_id}@{domain}>"
        mail = EmailMultiAlternatives(
            clean(f"{title} · {subject(message)}", _SUBJECT_LENGTH * 2) if is_event else title,
            "\n".join(plain_lines(message)),
            self._sender,
            list(self._receivers),
            connection=backend,
            headers=headers,
        )
        mail.attach_alternative(card_page(render_message(message)), "text/html")
        return mail

    def _without_secrets(self, text: str) -> str:
        user, password = self._server.user, self._server.password
        encoded = [b64encode(part.encode()).decode() for part in (password, f"\0{user}\0{password}") if password]
        return without_secrets(text, password, *encoded)


def _backend(server: MailServer, delivery: _Delivery, deadline_seconds: float) -> _Backend:
    return _Backend(
        delivery,
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.encryption == "starttls",
        use_ssl=server.encryption == "tls",
        # The total deadline ends it first; this frees a thread that was left behind.
        timeout=deadline_seconds + 1,
    )


def _answer(error: Exception | None, delivery: _Delivery) -> Answer:
    """What an attempt means, by RFC 5321: 4xx comes and goes, 5xx stays."""
    if delivery.accepted:
        # Whatever failed afterwards was the farewell.
        return Answer(verdict="accepted", explanation=_said_refused(delivery.refused, "of the receivers refused"))
    match error:
        case TimeoutError():
            return Answer(error="timeout", explanation=str(error))
        case smtplib.SMTPRecipientsRefused():
            lasting = all(code >= 500 for code, _ in error.recipients.values())
            explanation = _said_refused(error.recipients, "every receiver refused")
            return Answer(verdict="unusable", explanation=explanation) if lasting else _retry("smtp", explanation)
        case smtplib.SMTPNotSupportedError():
            return Answer(verdict="unusable", explanation=str(error))
        case smtplib.SMTPResponseException():
            code = error.smtp_code
            explanation = f"SMTP {code}: {_text(error.smtp_error)}"
            if code < 500:
                return _retry("smtp", explanation)
            # A message may be too large or be taken for spam; everything before it concerns the set-up.
            of_message = isinstance(error, smtplib.SMTPDataError) or code == _TOO_LARGE
            return Answer(verdict="refused" if of_message else "unusable", explanation=explanation)
        case smtplib.SMTPServerDisconnected():
            return _retry("reset", "the server ended the connection")
        case ssl.SSLError():
            return _retry("tls", f"TLS failed: {error.reason or type(error).__name__}")
        case socket.gaierror():
            return _retry("dns", "the server's name cannot be resolved")
        case OSError():
            return _retry("connect", error.strerror or type(error).__name__)
        case _:
            return _retry("protocol", f"{type(error).__name__}")


def _retry(error: str, explanation: str) -> Answer:
    return Answer(error=error, explanation=explanation)


def _said_refused(refused: dict[str, tuple[int, bytes]], what: str) -> str:
    if not refused:
        return ""
    code, text = next(iter(refused.values()))
    return f"{len(refused)} {what}, the first with SMTP {code}: {_text(text)}"


def _text(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")


def open_transport(receiver: Receiver, config: Config) -> Transport:
    if config.mail_server is None or not config.mail_from:
        return Unusable(MailTransport.name, "EMAIL_URL and EMAIL_FROM are not set")
    addresses = mail_addresses(receiver.target)
    return MailTransport(config.mail_server, config.mail_from, addresses, config.request_deadline_seconds)
