"""The card of a message that is not about an event: tests, drills, acts, channels, reviews. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.rendering.cards.card import HEADING_LIMIT, Card, CardLink, Kind, Section, Tone
from alerts.rendering.message import Message, Notice, event_url, page_url, runbook_url
from alerts.rendering.phrases import clean

_TITLE = 300


def notice_card(notice: Notice, message: Message) -> Card:
    heading, rest = headed(clean(notice.title, _TITLE), notice.of_acts)
    text = clean(notice.text, 1000)
    canary = heading.startswith("DRILL")
    return Card(
        kind=Kind.CANARY if canary else Kind.NOTICE,
        tone=Tone.GOOD if notice.good else Tone.WARNING,
        heading=heading or "Notice",
        why=" ".join(filter(None, (rest, f"{text[:1].upper()}{text[1:]}"))),
        sections=(Section("", tuple(clean(line, 300) for line in notice.lines)),) if notice.lines else (),
        links=tuple(_links(notice, message)),
        event_id=notice.event_id,
    )


def headed(title: str, of_acts: bool) -> tuple[str, str]:
    """A title as a heading and the rest of it as a sentence: no word is lost, and none is said twice. of_acts: it is
    a line of ours, whose semicolon parts what was done from what follows."""
    first, semicolon, rest = title.partition("; ")
    if of_acts and semicolon and len(first) <= HEADING_LIMIT:
        return first, f"{rest[:1].upper()}{rest[1:]}."
    if len(title) <= HEADING_LIMIT:
        return title, ""
    at = title.rfind(" ", 0, HEADING_LIMIT - 1)
    at = at if at > HEADING_LIMIT // 2 else HEADING_LIMIT - 1
    return f"{title[:at].rstrip()}…", f"…{title[at:].lstrip()}"


def _links(notice: Notice, message: Message) -> Iterator[CardLink]:
    base = message.public_base_url
    for act in message.acts:
        yield CardLink(act.title, act.url, act.act)
    if notice.event_id is not None:
        yield CardLink(f"Event #{notice.event_id}", event_url(base, notice.event_id))
    if notice.page:
        yield CardLink("Decide", page_url(base, notice.page))
    if notice.runbook:
        yield CardLink("Runbook", runbook_url(base, notice.runbook))
