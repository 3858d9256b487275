"""The interface that every kind of channel implements; one module each in `alerts.channels`, opened here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from alerts.delivery.retry import Answer
from alerts.receivers import CONSOLE, Receiver
from alerts.rendering.message import Message

if TYPE_CHECKING:
    from crypto_ews.conf import Config


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


TransportFactory = Callable[[Receiver, "Config"], Transport]


def transport_for(receiver: Receiver, config: Config) -> Transport:
    """The transport of a channel. One whose address cannot be read any more refuses every message."""
    from alerts.channels import OPENERS

    if receiver.kind != CONSOLE and not receiver.target:
        return Unusable(receiver.kind, "its address was sealed with another SECRET_KEY; enter it again in the admin")
    return OPENERS[receiver.kind](receiver, config)


class Unusable:
    """Stands where a receiver cannot be asked at all, so that its channel is suspended and says why."""

    paced = False

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self._why = why

    def deliver(self, message: Message) -> Answer:
        return Answer(error="configuration", explanation=self._why)

    def close(self) -> None:
        """Nothing is open."""
