"""A card as lines of plain text: for the console, mail, the webhook's `text` and services without formatting."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.rendering.cards.build import card_of
from alerts.rendering.cards.card import Card, Section, Tone
from alerts.rendering.message import Message
from alerts.rendering.phrases import clean, some

_BOLD, _DIM, _RESET = "\033[1m", "\033[2m", "\033[0m"
_PAINT = {Tone.URGENT: "\033[31m", Tone.WARNING: "\033[33m", Tone.NEUTRAL: "\033[33m", Tone.GOOD: "\033[32m"}
_NAME_WIDTH = 16
_LIST_LIMIT = 30
_LONG_LIMIT = 25
_JOINED_UNDER = 32
"""Items of a list that are shorter share a line."""

Line = tuple[str, str]
"""Style and text."""


def render_text(message: Message, channel: str, color: bool) -> str:
    """The message as lines with a rule on the left, and an empty line at the end."""
    card = card_of(message)
    lines = [(_BOLD, f"[{channel}] {card.heading}"), *_body(card, linked=True), *_links(card)]

    def line(style: str, text: str) -> str:
        return f"{_PAINT[card.tone]}┃{_RESET} {style}{text}{_RESET if style else ''}" if color else f"┃ {text}"

    return "\n".join(line(style, text) for style, text in lines) + "\n\n"


def plain_lines(message: Message) -> list[str]:
    """The message as lines without decoration, its heading first, its links last."""
    card = card_of(message)
    return [card.heading, *(text for _, text in (*_body(card, linked=True), *_links(card)))]


def body_lines(card: Card) -> list[str]:
    """What stands below the heading, without links."""
    return [text for _, text in _body(card)]


def subject(message: Message) -> str:
    """The message in one line."""
    return card_of(message).heading


def _body(card: Card, linked: bool = False) -> Iterator[Line]:
    if card.why:
        yield "", card.why
    for fact in card.facts:
        yield _BOLD if fact.strong else "", named(fact.name, fact.text)
    for section in card.sections:
        style = _DIM if section.subtle else ""
        yield from ((style, text) for text in section_lines(section, _LIST_LIMIT))
    for line in card.lines:
        parts = [f"#{line.event_id} {line.heading}", line.why, line.positions]
        yield "", " — ".join(filter(None, parts))
        if linked:
            yield from ((_DIM, f"  {named(link.title, link.url)}") for link in line.links)
    if small := small_print(card):
        yield _DIM, small


def small_print(card: Card) -> str:
    """ "“Exchange will remove LUNA” (Delisting · Binance · event #7)"."""
    if not card.quoted:
        return card.label
    return f"“{card.quoted}” ({card.label})" if card.label else f"“{card.quoted}”"


def named(name: str, text: str) -> str:
    return f"{clean(name, 40).removesuffix(':') + ':':<{_NAME_WIDTH - 1}} {text}"


def is_short(section: Section) -> bool:
    """Whether the items of a list share a line."""
    items = section.items[:_LIST_LIMIT]
    return sum(map(len, items)) < _JOINED_UNDER * len(items) and not any(": " in item for item in items)


def counted(section: Section) -> str:
    """The title of a list with the number of its items, of more than one."""
    return f"{section.title} ({section.count})" if section.title and section.count > 1 else section.title


def section_lines(section: Section, limit: int) -> Iterator[str]:
    """A list with its title and the number of its items, at most `limit` of them."""
    items, more = some(section.items, limit if is_short(section) else min(limit, _LONG_LIMIT))
    rest = f"+ {more + section.more} more" if more + section.more else ""
    title = counted(section)
    if is_short(section):
        yield (f"{title}: " if title else "") + ", ".join(items) + (f" {rest}" if rest else "")
        return
    if title:
        yield f"{title}:"
    yield from (f"  {item}" for item in items)
    if rest:
        yield f"  {rest}"


def _links(card: Card) -> Iterator[Line]:
    for link in card.links:
        yield _DIM, named(link.title, clean(link.url, 1600))
