"""A message for chat services: a title, lines within the service's limit, and buttons that open pages.

What does not fit is left out from the end, and the reader is told; a digest names every event, however short its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from alerts.rendering.message import Digest, Message, Notice, event_url, page_url, runbook_url
from alerts.rendering.phrases import clean, title_text
from alerts.rendering.plain_text import plain_lines, subject
from alerts.rendering.summary import EventSummary

_SHORTEST = 4
"""Lines of an event that a receiver refused to take whole."""
_CUT = "… more on the page of the event"
_IN_BUTTONS = ("Source", "Event", "Runbook", "Decide")


@dataclass(frozen=True)
class Button:
    """A link under a message. act: what it does; "" for a page to read. The URL of an act is a secret."""

    title: str
    url: str
    act: str = ""


def chat_title(message: Message) -> str:
    """One line: why the message is sent and about what; foreign text in it is not escaped."""
    content = message.content
    if isinstance(content, EventSummary):
        return clean(title_text(content), 200)
    return clean(content.title, 200)


def buttons(message: Message) -> list[Button]:
    """Acts first, then pages, in the order of use. None where the receiver refused the whole message: services refuse
    a button for its address, such as one within the house, and the text names the page then."""
    if message.minimal:
        return []
    content, base = message.content, message.public_base_url
    made = [Button(act.title, act.url, act.act) for act in message.acts]
    if isinstance(content, EventSummary):
        if content.url.startswith(("https://", "http://")):
            made.append(Button("Source", content.url))
        made.append(Button(f"Event #{content.event_id}", event_url(base, content.event_id)))
        made.append(Button("Runbook", runbook_url(base, content.category)))
    elif isinstance(content, Notice):
        if content.event_id is not None:
            made.append(Button(f"Event #{content.event_id}", event_url(base, content.event_id)))
        if content.page:
            made.append(Button("Decide", page_url(base, content.page)))
        if content.runbook:
            made.append(Button("Runbook", runbook_url(base, content.runbook)))
    return made


def fitting_lines(message: Message, limit: int, size: Callable[[str], int]) -> list[str]:
    """The lines below the title that fit. size: what the service counts of a line, its line break included."""
    for lines in _variants(message):
        if sum(map(size, lines)) <= limit:
            return lines
    fitting: list[str] = []
    left = limit - size(_CUT)
    for line in lines:
        left -= size(line)
        if left < 0:
            return [*fitting, _CUT]
        fitting.append(line)
    return fitting


def _variants(message: Message) -> Iterator[list[str]]:
    """The lines from most to least detail."""
    content = message.content
    _, *lines = plain_lines(replace(message, acts=()))
    if isinstance(content, Digest):
        if not message.minimal:
            yield lines
            yield [clean(line, 90) for line in lines]
        yield [clean(f"#{row.event_id} {', '.join(row.named[:1])}", 24) for row in content.lines]
        yield [" ".join(f"#{row.event_id}" for row in content.lines)]
        return
    lines = [clean(line, 700) for line in lines if line.partition(" ")[0] not in _IN_BUTTONS]
    if isinstance(content, EventSummary):
        lines = [clean(subject(message), 200), *lines]
    if message.minimal:
        lines = lines[:_SHORTEST]
        if content.event_id is not None:
            lines.append(event_url(message.public_base_url, content.event_id))
    yield lines
