"""Apprise: more than a hundred other services. An optional extra."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING, Any

from alerts.channels.base import Answer, Transport, Unusable
from alerts.channels.deadline import within
from alerts.receiver import Receiver
from alerts.rendering.message import Message
from alerts.rendering.plain_text import plain_lines

if TYPE_CHECKING:
    from crypto_ews.conf import Config

# It logs the addresses of its requests, with their tokens.
logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").propagate = False

NOT_INSTALLED = "Apprise is not installed; run: pip install -r requirements-extra.txt, and restart"


_CALLS = re.compile(r"@(?=\w)|<(?=[@!#])|(?<=\])(?=\()")
_NOTHING_WIDE = "\u200b"


def without_mentions(text: str) -> str:
    """Text that calls nobody and hides no address, whatever service shows it: foreign titles come from anywhere.

    Services differ in what calls people (@everyone, <!channel>, <@123>) and in what makes a link ([text](address));
    a character without width within it is the same to a reader and nothing to any of them.
    """
    return _CALLS.sub(lambda found: found[0] + _NOTHING_WIDE, text)


def _give_up() -> None:
    """Apprise cannot be interrupted: its own timeouts end a late request."""


class AppriseTransport:
    """Sends title and text to one Apprise URL. Apprise reports only whether the service accepted the message."""

    name = "Apprise"
    throttled = True

    def __init__(self, target: Any, deadline_seconds: float) -> None:
        self._target = target
        self._deadline = deadline_seconds

    def deliver(self, message: Message) -> Answer:
        started = time.monotonic()
        title, *lines = (without_mentions(line) for line in plain_lines(message))
        body = "\n".join(lines)
        error, explanation = None, ""
        try:
            # Declared as plain text, so that services with formatting show foreign text unformatted.
            taken = within(self._deadline, lambda: bool(self._target.notify(body, title, body_format="text")), _give_up)
        except TimeoutError as late:
            taken, error, explanation = False, "timeout", str(late)
        else:
            if not taken:
                error, explanation = "apprise", "the service did not accept the message; Apprise gives no reason"
        return Answer(
            error=error,
            verdict="accepted" if taken else "",
            explanation=explanation,
            duration_seconds=time.monotonic() - started,
        )

    def close(self) -> None:
        """Apprise keeps no connection."""


def open_transport(receiver: Receiver, config: Config) -> Transport:
    try:
        from apprise import Apprise, AppriseAsset
    except ImportError:
        return Unusable(AppriseTransport.name, NOT_INSTALLED)
    target = Apprise(asset=AppriseAsset(app_id="Crypto early warning", async_mode=False))
    if not target.add(receiver.target):
        return Unusable(AppriseTransport.name, "Apprise does not support this URL")
    return AppriseTransport(target, config.request_deadline_seconds)
