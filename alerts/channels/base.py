"""The interface that every kind of receiver implements, and the removal of secrets from answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from alerts.receiver import Receiver
from alerts.rendering.message import Message

if TYPE_CHECKING:
    from crypto_ews.conf import Config

PER_MINUTE = 30
"""Messages that a receiver takes unless its transport says otherwise."""
EXCERPT = 1000
"""Characters that are stored of an answer."""
_SHORTEST_SECRET = 6

ChannelVerdict = Literal["", "accepted", "refused", "unusable", "partial"]
"""The transport's result where an HTTP status is not enough: the receiver accepted the message, refused this one,
cannot be used as configured, or will take it, or what is left of it, later. Empty: decide by the HTTP status."""


@dataclass(frozen=True)
class Answer:
    """The result of one attempt.

    status: HTTP status; None after an error, or if the receiver is no HTTP server.
    error: why there was no full answer: "timeout", "connect", "reset", "tls", "dns", "protocol", …; "configuration" if
        no request was possible. None if there was an answer.
    verdict: the transport's own result; it overrides the rules for Teams.
    body, explanation: without secrets, which the transport has removed.
    """

    status: int | None = None
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    duration_seconds: float = 0.0
    explanation: str = ""
    verdict: ChannelVerdict = ""


class Transport(Protocol):
    """Delivers messages to one receiver. Created and used by one thread.

    name: of the kind, for people. throttled: the receiver takes a limited number of messages per minute: thirty, or
    what its attribute `per_minute` says, where it has one.
    """

    name: str
    throttled: bool

    def deliver(self, message: Message) -> Answer:
        """One attempt. Every fault of the receiver or of the network becomes an `Answer`, without secrets."""
        ...

    def close(self) -> None: ...


TransportFactory = Callable[[Receiver, "Config"], Transport]


class Unusable:
    """The transport of a receiver that cannot be used: its answers suspend the channel and say why."""

    throttled = False

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self._why = why

    def deliver(self, message: Message) -> Answer:
        return Answer(error="configuration", explanation=self._why)

    def close(self) -> None:
        """Nothing is open."""


def without_secrets(text: str, *secrets: str) -> str:
    """`text` with every secret replaced by an ellipsis: receivers may repeat the request that they refuse.

    Of a secret that is a URL its parts are removed too: path segments, query values, user and password. So is the
    beginning of one at the end of the text: long answers are cut off, and a signature without its last character is as
    good as the whole.
    """
    parts = {part for secret in secrets for part in _parts(secret)}
    forms = {form for part in parts for form in (part, unquote(part), quote(part, safe=""))}
    forms = {form for form in forms if len(form) >= _SHORTEST_SECRET}
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(re.escape(form), "…", text, flags=re.IGNORECASE)
    ending = text.lower()
    cut = max((_begun(form.lower(), ending) for form in forms), default=0)
    return f"{text[:-cut]}…" if cut else text


def _begun(form: str, ending: str) -> int:
    """How many characters at the end of a text are the beginning of a form."""
    lengths = range(min(len(form), len(ending)), _SHORTEST_SECRET - 1, -1)
    return next((length for length in lengths if ending.endswith(form[:length])), 0)


def _parts(secret: str) -> set[str]:
    if "://" not in secret:
        return {secret}
    url = urlsplit(secret)
    path = [segment for segment in url.path.split("/") if len(segment) >= _SHORTEST_SECRET]
    query = [value for _, value in parse_qsl(url.query, keep_blank_values=True)]
    raw_query = [pair.partition("=")[2] for pair in url.query.split("&")]
    return {secret, url.path, url.query, *path, *query, *raw_query, url.username or "", url.password or ""}
