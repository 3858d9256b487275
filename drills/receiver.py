"""Where the cards of a drill go: the console, or one receiver of the production; and what became of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.channels import transport_for
from alerts.channels.base import Answer, Transport
from alerts.delivery.retry import Kind, decide
from alerts.receiver import CONSOLE, Receiver
from alerts.rendering.cards.build import card_of
from alerts.rendering.message import Digest, Message
from crypto_ews.conf.channels import BASE_CHANNELS, ExtraChannel

if TYPE_CHECKING:
    from crypto_ews.conf import Config

CHANNEL = "drill"
"""The channel of a drill that has a receiver."""

_ANSWERED_BY_HOOK = frozenset({"telegram", "pagerduty", "opsgenie"})
"""Their secret only checks what comes back, and that goes to the production's hook, which knows no drill. Without it
their cards have links, which lead to the pages of the drill."""


class ReceiverError(Exception):
    """The receiver cannot be used; `str()` says why and names those that can."""


@dataclass(frozen=True)
class SentCard:
    """A card that its receiver accepted. at: in the time of the crisis; real: monotonic seconds."""

    at: datetime
    real: float
    heading: str
    event_ids: frozenset[int]
    acts: Mapping[str, str]
    """One-click links by act."""


def chosen(name: str, receivers: Mapping[str, Receiver]) -> Receiver:
    """The receiver of that name. Raises ReceiverError."""
    usable = sorted(channel for channel, receiver in receivers.items() if receiver.kind != CONSOLE and receiver.target)
    if name in usable:
        return receivers[name]
    known = ", ".join(usable) or "none; without --receiver the cards are printed here"
    if name in receivers and receivers[name].kind != CONSOLE:
        raise ReceiverError(f"the address of {name} was encrypted with another SECRET_KEY; enter it again in the admin")
    raise ReceiverError(f"there is no receiver {name!r}, expected one of: {known}")


def routed(config: Config, receiver: Receiver | None) -> Config:
    """`config` with that receiver alone, or none but the consoles of the base channels."""
    extra: tuple[ExtraChannel, ...] = ()
    if receiver is not None:
        secret = "" if receiver.kind in _ANSWERED_BY_HOOK else receiver.secret
        extra = (ExtraChannel(CHANNEL, receiver.kind, BASE_CHANNELS, receiver.target, secret),)
    return replace(
        config,
        cex_webhook_url=None,
        defi_webhook_url=None,
        stablecoin_webhook_url=None,
        token_volatility_webhook_url=None,
        token_liquidity_webhook_url=None,
        further_channels=extra,
    )


class Mailbox:
    """What was accepted, in order. `transports` is the dispatcher's factory."""

    def __init__(self, crisis: str, now: Callable[[], datetime], receiver: Receiver | None) -> None:
        self._crisis, self._now, self._receiver = crisis, now, receiver
        self._lock = threading.Lock()
        self._cards: list[SentCard] = []
        self.failed: list[str] = []

    @property
    def cards(self) -> list[SentCard]:
        with self._lock:
            return list(self._cards)

    def transports(self, receiver: Receiver, config: Config) -> Transport:
        inner = transport_for(receiver, config)
        if self._receiver is not None and receiver.channel != CHANNEL:
            return _Quiet(self._receiver.channel)
        return _Marked(inner, self)

    def deliver(self, inner: Transport, message: Message) -> Answer:
        marked = replace(message, drill=self._crisis)
        answer = inner.deliver(marked)
        verdict = decide(answer, attempts=0, since=message.now, now=message.now, shrunk=False, jitter=0.0)
        card = card_of(marked)
        with self._lock:
            if verdict.kind == Kind.SENT:
                acts = {act.act: act.url for act in message.acts}
                self._cards.append(SentCard(self._now(), time.monotonic(), card.heading, _events(message), acts))
            else:
                self.failed.append(f"{card.heading}: {answer.explanation or answer.error or answer.status}")
        return answer


def _events(message: Message) -> frozenset[int]:
    content = message.content
    if isinstance(content, Digest):
        return frozenset(line.event_id for line in content.lines)
    return frozenset() if content.event_id is None else frozenset([content.event_id])


class _Marked:
    """Marks every message as one of the drill."""

    def __init__(self, inner: Transport, mailbox: Mailbox) -> None:
        self._inner, self._mailbox = inner, mailbox
        self.name, self.throttled = inner.name, inner.throttled
        if hasattr(inner, "per_minute"):
            self.per_minute: int = inner.per_minute

    def deliver(self, message: Message) -> Answer:
        return self._mailbox.deliver(self._inner, message)

    def close(self) -> None:
        self._inner.close()


class _Quiet:
    """A base channel of a drill whose cards go to one receiver."""

    name = "nowhere"
    throttled = False

    def __init__(self, receiver: str) -> None:
        self._receiver = receiver

    def deliver(self, message: Message) -> Answer:
        return Answer(verdict="accepted", explanation=f"the cards of this drill go to {self._receiver}")

    def close(self) -> None:
        """Nothing is open."""
