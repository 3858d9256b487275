"""E-mail through an SMTP server, with Django's backend: the card as HTML and as text."""

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

from alerts.channels.base import EXCERPT, Answer, Transport, Unusable, without_secrets
from alerts.channels.deadline import within
from alerts.channels.http import links_in
from alerts.receiver import Receiver
from alerts.rendering.card_html import card_page
from alerts.rendering.message import Digest, Message
from alerts.rendering.phrases import clean
from alerts.rendering.plain_text import plain_lines, subject
from alerts.rendering.teams_card import render_message
from crypto_ews.conf.channels import MailServer, mail_addresses

if TYPE_CHECKING:
    from crypto_ews.conf import Config

_SUBJECT_LENGTH = 180
_TOO_LARGE = 552


class _Delivery:
    """The progress of one attempt, as seen inside the SMTP conversation."""

    def __init__(self) -> None:
        self.handle: socket.socket | None = None
        self.accepted = False
        self.refused: dict[str, tuple[int, bytes]] = {}

    def give_up(self) -> None:
        if self.handle is not None:
            with suppress(OSError):  # The socket may be closed already.
                self.handle.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        if self.handle is not None:
            self.handle.close()


class _Interruptible(smtplib.SMTP):
    """An SMTP connection that its delivery can interrupt, and that records whether the message was accepted."""

    delivery: _Delivery

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        # A second handle, valid before, during and after TLS wraps the first.
        self.delivery.handle = socket.socket(fileno=os.dup(opened.fileno()))
        return opened

    def sendmail(self, *arguments: Any, **options: Any) -> dict[str, tuple[int, bytes]]:
        self.delivery.refused = super().sendmail(*arguments, **options)
        self.delivery.accepted = True
        return self.delivery.refused


class _InterruptibleTls(smtplib.SMTP_SSL, _Interruptible):
    """This order of bases copies the handle before the handshake begins."""


class _Backend(EmailBackend):
    def __init__(self, delivery: _Delivery, **options: Any) -> None:
        super().__init__(**options)
        self._delivery = delivery

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        base = _InterruptibleTls if self.use_ssl else _Interruptible
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
            # Who refuses a mail for a link in it names the link.
            explanation=self._without_secrets(answer.explanation, *links_in(message))[:EXCERPT],
            duration_seconds=time.monotonic() - started,
        )

    def close(self) -> None:
        """Nothing is open: each mail has its own connection, as servers end idle ones within minutes."""

    def _mail(self, message: Message, backend: _Backend) -> EmailMultiAlternatives:
        content = message.content
        domain = self._sender.rpartition("@")[2]
        headers = {
            "Message-ID": f"<ews-{message.key or time.time_ns()}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        }
        if not isinstance(content, Digest) and content.event_id is not None:
            # Mail programs group mails that refer to the same message as one conversation.
            headers["References"] = headers["In-Reply-To"] = f"<ews-event-{content.event_id}@{domain}>"
        mail = EmailMultiAlternatives(
            clean(subject(message), _SUBJECT_LENGTH),
            "\n".join(plain_lines(message)),
            self._sender,
            list(self._receivers),
            connection=backend,
            headers=headers,
        )
        mail.attach_alternative(card_page(render_message(message)), "text/html")
        return mail

    def _without_secrets(self, text: str, *links: str) -> str:
        user, password = self._server.user, self._server.password
        encoded = [b64encode(part.encode()).decode() for part in (password, f"\0{user}\0{password}") if password]
        return without_secrets(text, password, *encoded, *links)


def _backend(server: MailServer, delivery: _Delivery, deadline_seconds: float) -> _Backend:
    return _Backend(
        delivery,
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.encryption == "starttls",
        use_ssl=server.encryption == "tls",
        # The total deadline comes first; this one ends a thread that was abandoned.
        timeout=deadline_seconds + 1,
    )


def _answer(error: Exception | None, delivery: _Delivery) -> Answer:
    """The answer of an attempt. RFC 5321: 4xx replies are transient, 5xx permanent."""
    if delivery.accepted:
        # An error after that concerns QUIT only.
        return Answer(verdict="accepted", explanation=_refusals(delivery.refused, "of the addresses refused"))
    match error:
        case TimeoutError():
            return Answer(error="timeout", explanation=str(error))
        case smtplib.SMTPRecipientsRefused():
            permanent = all(code >= 500 for code, _ in error.recipients.values())
            explanation = _refusals(error.recipients, "addresses (all) refused")
            return Answer(verdict="unusable", explanation=explanation) if permanent else _retry("smtp", explanation)
        case smtplib.SMTPNotSupportedError():
            return Answer(verdict="unusable", explanation=str(error))
        case smtplib.SMTPResponseException():
            code = error.smtp_code
            explanation = f"SMTP {code}: {_text(error.smtp_error)}"
            if code < 500:
                return _retry("smtp", explanation)
            # The message may be too large or be classed as spam; an error before DATA concerns the configuration.
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


def _refusals(refused: dict[str, tuple[int, bytes]], what: str) -> str:
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
