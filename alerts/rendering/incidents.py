"""A message for services that page people: what happens to which incident, one per event.

An event opens its incident and its end resolves it; cards in between are the same incident. Of an event that somebody
has acknowledged nothing pages: a trigger would open a second incident where the first was resolved by hand. When the
acknowledgement ends, the incident is reopened, since an acknowledged one stays quiet whatever is triggered. A digest is
a step for each of its events. A message that is not about an event is an incident of its own, of the lowest severity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alerts.rendering.cards.build import card_of
from alerts.rendering.cards.card import Card, Line, Tone
from alerts.rendering.cards.event_card import tone_of
from alerts.rendering.chat_text import Button, buttons, fitting_lines
from alerts.rendering.message import Digest, DigestLine, Message, event_url
from alerts.rendering.phrases import clean
from alerts.rendering.summary import EventSummary
from events.enums import Category

Severity = Literal["critical", "error", "warning", "info"]
Does = Literal["trigger", "acknowledge", "reopen", "resolve"]
"""reopen: the incident is nobody's again; a trigger follows it."""

_TEXT = 4000
_KEY = "ews-event-"
_LOW = Category.OPERATIONS
"""The only events of low priority that have cards: they page nobody."""
_URGENT_ACTIONS = {"halt": "critical", "exit": "critical", "reduce_only": "error"}


@dataclass(frozen=True)
class Step:
    """One request to the service. key: of the incident."""

    does: Does
    key: str
    title: str
    text: str
    severity: Severity
    source: str
    kind: str
    links: tuple[Button, ...] = ()


def incident_key(event_id: int) -> str:
    return f"{_KEY}{event_id}"


def event_of_key(key: object) -> int | None:
    """The event of an incident; None for one that is not ours."""
    number = str(key).removeprefix(_KEY)
    known = str(key).startswith(_KEY) and number.isascii() and number.isdigit() and len(number) < 16
    return int(number) if known else None


def paging_steps(message: Message) -> list[Step]:
    content, card = message.content, card_of(message)
    if isinstance(content, Digest):
        return [
            step
            for line, shown in zip(content.lines, _lines(card, content), strict=True)
            for step in _of_line(line, shown, message, content.kind == "market")
        ]
    text = "\n".join(fitting_lines(message, card, _TEXT, lambda line: len(line) + 1))
    if not isinstance(content, EventSummary):
        if content.of_acts:
            taken = [Step("acknowledge", incident_key(event_id), card.heading, text, "info", "crypto-ews", "act")
                     for event_id in content.acknowledged]  # fmt: skip
            return [*taken, *(step for released in message.released for step in paging_steps(released))]
        key = f"ews-{content.about or message.key}" if content.event_id is None else incident_key(content.event_id)
        # A notice about an event that is not its end stands for a card that could not be rendered: it may be anything.
        severity: Severity = "info" if content.event_id is None else "error"
        opened = Step("trigger", key, card.heading, text, severity, "crypto-ews",
                      "notice", tuple(buttons(message, card)))  # fmt: skip
        # Good news is over as soon as it is told: nobody is left to resolve it.
        if content.event_id in message.reopened:
            return []
        if content.ended or (content.good and content.about):
            return [_resolved(opened)]
        return [opened, _resolved(opened)] if content.good else [opened]
    opened = Step("trigger", incident_key(content.event_id), card.heading, text, _severity(content),
                  content.source, content.category, tuple(buttons(message, card)))  # fmt: skip
    if content.category == _LOW:
        # Of what was corrected to it an incident may be open.
        corrected = "category" in content.stored.changes or content.event_id in message.paged
        return [_resolved(opened)] if corrected else []
    return [_resolved(opened)] if content.over else _of_open(opened, content.event_id, message)


def _of_open(opened: Step, event_id: int, message: Message) -> list[Step]:
    if event_id in message.acknowledged:
        return [Step("acknowledge", *_named(opened))]
    return [Step("reopen", *_named(opened)), opened] if event_id in message.anew else [opened]


def _lines(card: Card, digest: Digest) -> list[Line]:
    """The lines of the digest's card, in the order of the digest itself."""
    by_event: dict[int, list[Line]] = {}
    for line in card.lines:
        by_event.setdefault(line.event_id, []).append(line)
    return [by_event[line.event_id].pop(0) for line in digest.lines]


def _of_line(line: DigestLine, shown: Line, message: Message, of_market: bool) -> list[Step]:
    low, over = line.category == _LOW, line.ended or line.status == "closed"
    # What moves the market is for screens, and so is what is of low priority: nobody is woken by a list of it. The
    # incident that a card of its own opened, or that it had before it was corrected, ends with it all the same.
    quiet = low or of_market
    if line.event_id in message.reopened or (quiet and not (line.event_id in message.paged and (low or over))):
        return []
    page = Button(f"Event #{line.event_id}", event_url(message.public_base_url, line.event_id))
    milder: Severity = _URGENT_ACTIONS.get(line.action or "", "warning")  # type: ignore[assignment]
    # As on the card of the event alone.
    severity: Severity = "critical" if line.urgent else milder
    text = clean(" — ".join(filter(None, (f"#{line.event_id} {shown.heading}", shown.why, shown.positions))), _TEXT)
    opened = Step("trigger", incident_key(line.event_id), shown.heading, text, severity, "digest", line.category,
                  (page,))  # fmt: skip
    return [_resolved(opened)] if over or low else _of_open(opened, line.event_id, message)


def _named(step: Step) -> tuple[str, str, str, Severity, str, str]:
    return step.key, step.title, step.text, step.severity, step.source, step.kind


def _resolved(step: Step) -> Step:
    return Step("resolve", *_named(step))


def _severity(summary: EventSummary) -> Severity:
    if tone_of(summary) == Tone.URGENT:
        return "critical"
    found: Severity = _URGENT_ACTIONS.get(summary.action or "", "warning")  # type: ignore[assignment]
    return found
