"""A Microsoft Teams channel webhook: keeps the cards that arrive, answers by script, notes what Teams would refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.upstreams.card_schema import can_check, schema_faults
from tests.upstreams.server import At, UpstreamServer
from tests.upstreams.steps import Answer, Reply, as_step
from tests.upstreams.wire import Request

# The size that Teams counts, after expansion; it accepts what is larger and drops it afterwards, in silence.
CARD_LIMIT_BYTES = 28_672
_CARD_TYPE = "application/vnd.microsoft.card.adaptive"
_SECRET = "t0p-s3cret-s1gnature"


def failure_text(status: int = 429) -> Reply:
    """A 200 whose body says that the card was not delivered."""
    return Reply(
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error "
        f"{status} with ContextId tcid=0,server=LOOPBACK"
    )


@dataclass(frozen=True)
class Card:
    """One POST as it arrived. `received` is `time.monotonic()`; `faults` say what Teams would not have shown."""

    request: Request
    message: Any
    faults: tuple[str, ...] = ()

    @property
    def received(self) -> float:
        return self.request.received

    @property
    def size(self) -> int:
        return len(self.request.body)

    @property
    def content(self) -> dict[str, Any]:
        """The Adaptive Card within the message."""
        content: dict[str, Any] = self.message["attachments"][0]["content"]
        return content

    @property
    def text(self) -> str:
        """All that a person reads on the card, one piece a line."""
        return "\n".join(_texts(self.message))


@dataclass
class TeamsSink:
    """Mounts a webhook on the server; without a script every card is accepted with 202.

    `url` carries a signature as Workflows URLs do; `secret` is the part that must never show in logs or errors.
    """

    server: UpstreamServer
    path: str = "/workflows/cex/triggers/manual/paths/invoke"
    secret: str = _SECRET
    _cards: list[Card] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._route = self.server.route(self.path, lambda request: self._receive(request, Reply(status=202)))

    @property
    def url(self) -> str:
        return self.server.url(f"{self.path}?api-version=2016-06-01&sig={self.secret}")

    @property
    def cards(self) -> list[Card]:
        """Every card that arrived, whatever the answer was."""
        return list(self._cards)

    @property
    def faults(self) -> list[str]:
        """What Teams would have refused, over all cards."""
        return [fault for card in self._cards for fault in card.faults]

    def answers(self, *script: Answer | At) -> None:
        """What the next cards are answered with, the last one for ever: steps, statuses, bodies, functions, `At`."""
        self._route.replace(*(self._recording(answer) for answer in script))

    def wait_for(self, count: int, deadline: float = 5.0) -> list[Card]:
        """The cards as soon as there are `count`; AssertionError after `deadline` seconds."""
        self.server.wait_for(count, self.path, deadline)
        return [_card(request) for request in self.server.requests_to(self.path)]

    def _recording(self, answer: Answer | At) -> Answer | At:
        if isinstance(answer, At):
            inner = answer.answer
            return At(answer.seconds, lambda request: self._receive(request, inner))
        return lambda request: self._receive(request, answer)

    def _receive(self, request: Request, answer: Answer) -> Answer:
        self._cards.append(_card(request))
        return as_step(answer, request)


def events_on(message: Any) -> set[int]:
    """The ids of the events that a card tells of: the one that it links, or all that a digest lists."""
    content = message["attachments"][0]["content"]
    linked = re.findall(r"^Event #(\d+)$", "\n".join(action["title"] for action in content.get("actions", ())), re.M)
    listed = re.findall(r"(?m)^(?:- )?\[?#(\d+)|(?<=\d) #(\d+)(?= #|$)", "\n".join(_texts(content["body"][1:])))
    return set(map(int, linked)) or {int(first or later) for first, later in listed}


def _card(request: Request) -> Card:
    faults = []
    message: Any = None
    if request.method != "POST":
        faults.append(f"method {request.method}; expected POST")
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip() != "application/json":
        faults.append(f"content type {content_type!r}; expected application/json")
    if len(request.body) > CARD_LIMIT_BYTES:
        faults.append(f"{len(request.body)} bytes; at most {CARD_LIMIT_BYTES} are shown")
    try:
        message = json.loads(request.body)
        attachment = message["attachments"][0]
        kinds = (message["type"], attachment["contentType"], attachment["content"]["type"])
        if kinds != ("message", _CARD_TYPE, "AdaptiveCard"):
            faults.append(f"types {kinds}; expected a message with an Adaptive Card")
        elif can_check():
            faults += schema_faults(message)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        faults.append(f"no Teams message: {type(error).__name__} {error}")
    return Card(request, message, tuple(faults))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name in ("text", "title", "value") and isinstance(item, str):
                yield item
            else:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
