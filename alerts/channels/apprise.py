"""Everything else, through Apprise, which knows more than a hundred services; an optional extra."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from alerts.channels.base import Answer, Transport, Unusable
from alerts.channels.deadline import within
from alerts.receiver import Receiver
from alerts.rendering.message import Message
from alerts.rendering.plain_text import plain_lines, subject
from alerts.rendering.summary import EventSummary
from alerts.rendering.wording import clean

if TYPE_CHECKING:
    from crypto_ews.conf import Config

# It writes the addresses that it asks, with their tokens.
logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").propagate = False

NOT_INSTALLED = "Apprise is not installed; run: pip install -r requirements-extra.txt, and restart"


def _let_go() -> None:
    """Apprise cannot be stopped: its own timeouts end a request that is late."""


class AppriseTransport:
    """Sends title and text to one Apprise URL. Whether it was taken is all that Apprise tells."""

    name = "Apprise"
    throttled = True

    def __init__(self, target: Any, deadline_seconds: float) -> None:
        self._target = target
        self._deadline = deadline_seconds

    def deliver(self, message: Message) -> Answer:
        started = time.monotonic()
        content = message.content
        title = subject(message) if isinstance(content, EventSummary) else clean(content.title, 200)
        body = "\n".join(plain_lines(message))
        error, explanation = None, ""
        try:
            # Said to be plain, so that services that format text show foreign text as it is.
            taken = within(self._deadline, lambda: bool(self._target.notify(body, title, body_format="text")), _let_go)
        except TimeoutError as late:
            taken, error, explanation = False, "timeout", str(late)
        else:
            if not taken:
                error, explanation = "apprise", "the service did not take it; Apprise does not say why"
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
        return Unusable(AppriseTransport.name, "Apprise does not know such a URL")
    return AppriseTransport(target, config.request_deadline_seconds)
