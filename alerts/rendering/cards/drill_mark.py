"""The mark of a drill: every card and every line of a digest begins with it. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from alerts.rendering.cards.card import HEADING_LIMIT, Card
from alerts.rendering.phrases import clean

MARK = "DRILL"
_SEPARATOR = " · "
# How far away a deadline is: said by its time already, so it goes first where a heading has no room for the mark.
_DISTANCE = re.compile(r", in [^·]*$")
_WHAT = 1
_SHORTEST_WHAT = 8


def marked_as_drill(card: Card, crisis: str) -> Card:
    """The card with the mark in its heading and its lines, and a label that says what it means. crisis: its name."""
    lines = tuple(
        replace(line, heading=marked(line.heading), shortest=f"{MARK}{_SEPARATOR}{line.shortest}")
        for line in card.lines
    )
    label = _SEPARATOR.join(filter(None, (f"drill “{crisis}”, nothing of this has happened", card.label)))
    return replace(card, heading=marked(card.heading), lines=lines, label=label)


def marked(heading: str) -> str:
    """A heading behind the mark, within the limit: the distance of its deadline goes first, then names."""
    if heading.startswith(MARK):
        return heading
    text = f"{MARK}{_SEPARATOR}{heading}"
    if len(text) > HEADING_LIMIT:
        text = _DISTANCE.sub("", text)
    parts = text.removeprefix(f"{MARK}{_SEPARATOR}").split(_SEPARATOR)
    excess = len(text) - HEADING_LIMIT
    if excess > 0 and len(parts) > _WHAT and len(parts[_WHAT]) - excess >= _SHORTEST_WHAT:
        parts[_WHAT] = clean(parts[_WHAT], len(parts[_WHAT]) - excess)
        text = _SEPARATOR.join((MARK, *parts))
    return clean(text, HEADING_LIMIT)
