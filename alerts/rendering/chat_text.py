"""A card for chat services: a title, lines within the service's limit, and buttons that open pages.

What does not fit is left out from the end, and the reader is told; a digest names every event, however short its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from alerts.rendering.cards.card import Card, CardLink
from alerts.rendering.message import Digest, Message, event_url
from alerts.rendering.phrases import clean
from alerts.rendering.plain_text import body_lines

_SHORTEST = 4
"""Lines of an event that a receiver refused to take whole."""
_CUT = "… more on the page of the event"

Button = CardLink


def utf16(text: str) -> int:
    """What services count of a text at most: characters beyond U+FFFF as two, as JavaScript and Java do."""
    return len(text.encode("utf-16-le", "replace")) // 2


def cut(text: str, limit: int) -> str:
    """The beginning of a text of which a service counts at most `limit`."""
    while utf16(text) > limit:
        text = text[: -max((utf16(text) - limit) // 2, 1)]
    return text


def buttons(message: Message, card: Card) -> list[Button]:
    """Acts first, then pages, in the order of use. None where the receiver refused the whole message: services refuse
    a button for its address, such as one within the house, and the text names the page then."""
    return [] if message.minimal else list(card.links)


def fitting_lines(message: Message, card: Card, limit: int, size: Callable[[str], int]) -> list[str]:
    """The lines below the title that fit. size: what the service counts of a line, its line break included."""
    for lines in _variants(message, card):
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


def _variants(message: Message, card: Card) -> Iterator[list[str]]:
    """The lines from most to least detail."""
    if isinstance(message.content, Digest):
        if not message.minimal:
            yield body_lines(card)
            yield [clean(f"#{line.event_id} {line.heading}", 100) for line in card.lines]
        yield [clean(f"#{line.event_id} {line.shortest}", 24) for line in card.lines]
        yield [" ".join(f"#{line.event_id}" for line in card.lines)]
        return
    lines = [clean(line, 700) for line in body_lines(card)]
    if message.minimal:
        lines = lines[:_SHORTEST]
        if card.event_id is not None:
            lines.append(event_url(message.public_base_url, card.event_id))
    yield lines
