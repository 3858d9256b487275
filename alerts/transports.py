"""The interface that every kind of channel implements; one module each, chosen in `transport_for`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from alerts.console import ConsoleTransport
from alerts.decision import Answer
from alerts.message import Message
from alerts.teams import TeamsTransport


class Transport(Protocol):
    """Delivers one message. Made and used by one thread.

    name: of the kind, for people. paced: the receiver takes a limited number of messages a minute.
    """

    name: str
    paced: bool

    def deliver(self, message: Message) -> Answer:
        """One attempt. Every fault of the receiver or of the way to it is an `Answer`, without secrets."""
        ...

    def close(self) -> None: ...


def transport_for(channel: str, webhook_url: str | None, deadline_seconds: float) -> Transport:
    """The transport of a channel: Teams where there is a webhook, else the console."""
    if webhook_url is None:
        return ConsoleTransport(channel)
    return TeamsTransport(webhook_url, deadline_seconds)


TransportFactory = Callable[[str, str | None, float], Transport]
