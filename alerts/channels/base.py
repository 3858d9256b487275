"""The interface that every kind of channel implements; one module each in `alerts.channels`, opened here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from alerts.receiver import Receiver
from alerts.rendering.message import Message

if TYPE_CHECKING:
    from crypto_ews.conf import Config


ChannelVerdict = Literal["", "accepted", "refused", "unusable"]
"""What a receiver that is no Teams webhook said by its own means: it took the message, it does not want this one, or
it cannot be used as it is set up. Empty: its HTTP status says it."""


@dataclass(frozen=True)
class Answer:
    """What came of one attempt.

    status: HTTP status, or None where there was none (an error, or a receiver that is no HTTP server).
    error: None, or what happened instead of an answer, or while the rest of it was read: "timeout", "connect", "reset",
        "tls", "dns", "protocol", …; "configuration" where the URL cannot be asked at all.
    verdict: the transport's own reading of the answer, where it knows better than the rules for Teams.
    body and explanation hold no secret: the transport has removed them.
    """

    status: int | None = None
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    duration_seconds: float = 0.0
    explanation: str = ""
    verdict: ChannelVerdict = ""


class Transport(Protocol):
    """Delivers one message. Made and used by one thread.

    name: of the kind, for people. paced: the receiver takes a limited number of messages a minute.
    """

    name: str
    throttled: bool

    def deliver(self, message: Message) -> Answer:
        """One attempt. Every fault of the receiver or of the way to it is an `Answer`, without secrets."""
        ...

    def close(self) -> None: ...


TransportFactory = Callable[[Receiver, "Config"], Transport]


class Unusable:
    """Stands where a receiver cannot be asked at all, so that its channel is suspended and says why."""

    throttled = False

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self._why = why

    def deliver(self, message: Message) -> Answer:
        return Answer(error="configuration", explanation=self._why)

    def close(self) -> None:
        """Nothing is open."""
