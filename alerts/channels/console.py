"""The console: a readable card on stdout, for a base channel without a webhook."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from alerts.channels.base import Answer
from alerts.receiver import Receiver
from alerts.rendering.message import Message
from alerts.rendering.plain_text import render_text

if TYPE_CHECKING:
    from crypto_ews.conf import Config

# Cards of several channels share one stdout and must not run into each other.
_stdout_lock = threading.Lock()


class ConsoleTransport:
    """Prints cards, in colour if stdout is a terminal."""

    name = "console"
    throttled = False

    def __init__(self, channel: str) -> None:
        self._channel = channel

    def deliver(self, message: Message) -> Answer:
        started = time.monotonic()
        try:
            text = render_text(message, self._channel, color=sys.stdout.isatty())
            encoding = sys.stdout.encoding or "utf-8"
            text = text.encode(encoding, "replace").decode(encoding)
            with _stdout_lock:
                sys.stdout.write(text)
                sys.stdout.flush()
        except (OSError, ValueError) as error:
            # A closed stdout raises ValueError.
            return Answer(error="console", explanation=f"stdout cannot be written: {error}")
        return Answer(duration_seconds=time.monotonic() - started, explanation="printed on the console")

    def close(self) -> None:
        """Stdout stays open: other channels print to it too."""


def open_transport(receiver: Receiver, config: Config) -> ConsoleTransport:
    return ConsoleTransport(receiver.channel)
