"""The card of one event: its heading, why, facts and lists, by the kind of the card. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from alerts.rendering.cards.card import Card, CardLink, Fact, Kind, Tone
from alerts.rendering.cards.facts import changes_in_words, facts_in_words, why_sentence
from alerts.rendering.cards.heading import deadline, event_heading
from alerts.rendering.cards.outage_card import is_outage, outage_heading, outage_tone
from alerts.rendering.cards.sections import event_sections
from alerts.rendering.message import Message, event_url, runbook_url
from alerts.rendering.past import NO_ACTION
from alerts.rendering.phrases import WEB_PAGE, clean, deferral_fact, headline, manual_text, source_label
from alerts.rendering.places import time_and_distance
from alerts.rendering.summary import EventSummary
from crypto_ews.ui.text import label, span
from events.enums import Category

_KINDS = {
    "opened": Kind.NEW,
    "worse": Kind.WORSE,
    "turned": Kind.TURNED,
    "updated": Kind.UPDATED,
    "reminder": Kind.REMINDER,
    "repeat": Kind.STILL_OPEN,
    "escalated": Kind.ESCALATED,
}
# What can be done at the moment; the heading and the reason say the rest.
_STATES = {
    "deposits_suspended": "deposits are suspended",
    "withdrawals_suspended": "withdrawals are suspended",
    "wallet_suspended": "deposits and withdrawals are suspended",
    "trading_suspended": "suspended",
    "delisted": "ended",
}
# Whoever reads these may not know yet since when it is so.
_DATED = frozenset({Kind.NEW, Kind.WORSE, Kind.TURNED, Kind.ESCALATED, Kind.STILL_OPEN})
_ONLY_CHANGES = frozenset({Kind.UPDATED})
_URGENT = frozenset({"exit", "halt"})
TEXT = 600
"""Characters of one text of a card; renderings cut further where a service has less room."""


def event_card(summary: EventSummary, message: Message) -> Card:
    now, kind = message.now, kind_of(message, summary)
    outage = is_outage(summary)
    heading = outage_heading(summary, now) if outage else event_heading(summary, now)
    title = clean(summary.title, 300)
    return Card(
        kind=kind,
        tone=outage_tone(summary) if outage else _tone(summary),
        heading=heading,
        why=_why(summary, message, kind),
        # A title that is in the heading is not said again.
        quoted="" if not title or title in heading else title,
        label=f"{label(summary.category)} · {source_label(summary.source)} · event #{summary.event_id}",
        facts=_distinct(_facts(summary, message, kind), heading),
        sections=tuple(event_sections(summary, now, kind)),
        links=tuple(_links(summary, message)),
        event_id=summary.event_id,
    )


def kind_of(message: Message, summary: EventSummary) -> Kind:
    if summary.over:
        return Kind.CORRECTION if summary.false_alarm else Kind.RESOLVED
    if message.correction and set(summary.reasons) <= {"updated"}:
        return Kind.CORRECTION
    if summary.category == Category.OPERATIONS:
        return Kind.OUTAGE
    # Whoever has seen no earlier card needs all of it.
    reason = "opened" if "opened" in summary.reasons else summary.reasons[-1] if summary.reasons else "opened"
    return _KINDS.get(reason, Kind.UPDATED)


def _tone(summary: EventSummary) -> Tone:
    if summary.over:
        return Tone.GOOD
    if summary.risk_level == "critical" or summary.action in _URGENT:
        return Tone.URGENT
    return Tone.WARNING if summary.action else Tone.NEUTRAL


def _why(summary: EventSummary, message: Message, kind: Kind) -> str:
    """Why the card comes, and what happens: "Worse: Binance removes ETH/USDC from spot."."""
    said = clean(why_sentence(summary, message.now), 300)
    reason = headline(summary)
    if kind == Kind.CORRECTION and not summary.over:
        reason = f"Corrected by {clean(message.correction, 200)}"
        return f"{reason.rstrip('.')}. {said}".rstrip()
    if kind == Kind.ESCALATED:
        return f"{_unanswered(message)} {said}".rstrip()
    if kind == Kind.STILL_OPEN and not message.acknowledged_by and not summary.deferred:
        reason = "Still open and not acknowledged"
    return said if reason == "New" else f"{reason}: {said}" if said else f"{reason}."


def _unanswered(message: Message) -> str:
    """ "Nobody in cex acknowledged for 35 min."."""
    asked = message.unanswered
    if asked is None:
        return "Nobody has acknowledged it."
    return f"Nobody in {clean(asked.channel, 40)} acknowledged for {span((message.now - asked.since).total_seconds())}."


def _facts(summary: EventSummary, message: Message, kind: Kind) -> Iterator[Fact]:
    now = message.now
    if summary.positions and summary.positions.text:
        yield Fact("Positions", clean(summary.positions.text, TEXT), strong=True)
    if message.acknowledged_by:
        yield Fact("Acknowledged", clean(message.acknowledged_by, 300))
    if summary.over:
        yield from _past_facts(summary)
    if not summary.over:
        yield from changes_in_words(summary, now)
        yield from _state_facts(summary, now)
    if kind not in _ONLY_CHANGES:
        yield from facts_in_words(summary, now)
    if author := manual_text(summary):
        yield Fact("Opened by", clean(author, 400))
    if summary.flaps:
        text = f"opened {summary.flaps} times in 24 h; further alerts only if it worsens or lasts"
        yield Fact("Flapping", text)
    if summary.deferred:
        yield Fact(*deferral_fact(summary.deferred, now, clean))
    if kind in _DATED:
        published = summary.published_at
        yield Fact("Published" if published else "Seen", time_and_distance(published or summary.seen_at, now))


def _past_facts(summary: EventSummary) -> Iterator[Fact]:
    was, now = summary.was, summary.now
    if was is not None and was.text:
        yield Fact("Was", clean(was.text, TEXT), strong=True)
    # "No restriction" is in the heading.
    if (now is not None and now.action != NO_ACTION) or (now is not None and now.text and "no longer traded" in now.text and len(summary.at_risk) > 1):
        yield Fact("Now", clean(now.text, TEXT), strong=True)
    if was is not None and was.lasted_seconds is not None:
        yield Fact("Lasted", span(was.lasted_seconds))
    if summary.status == "closed" and summary.close_reason:
        yield Fact("Closed", clean(summary.close_reason, 200))


def _state_facts(summary: EventSummary, now: datetime) -> Iterator[Fact]:
    if state := _STATES.get(summary.trading_status or ""):
        yield Fact("Trading" if "trading" in (summary.trading_status or "") or state == "ended" else "Wallet", state)
    if summary.trading_ends_at:
        named = deadline(summary, now)
        if named is None or named.at != summary.trading_ends_at:
            verb = "Trading ends" if summary.trading_ends_at > now else "Trading ended"
            yield Fact(verb, time_and_distance(summary.trading_ends_at, now), strong=True)
    if summary.risk_level == "critical":
        yield Fact("Risk", "critical")


def _distinct(facts: Iterable[Fact], heading: str) -> tuple[Fact, ...]:
    """Without what says nothing, what is said already under another name, and a second fact of one name."""
    found: dict[str, Fact] = {}
    texts = set()
    for fact in facts:
        text = fact.text.strip()
        if not text or text.lower() in texts or fact.name.lower() in found:
            continue
        texts.add(text.lower())
        found[fact.name.lower()] = fact
    return tuple(found.values())


def _links(summary: EventSummary, message: Message) -> Iterator[CardLink]:
    for act in message.acts:
        yield CardLink(act.title, act.url, act.act)
    if WEB_PAGE.fullmatch(summary.url):
        yield CardLink("Source", summary.url)
    yield CardLink(f"Event #{summary.event_id}", event_url(message.public_base_url, summary.event_id))
    yield CardLink("Runbook", runbook_url(message.public_base_url, summary.category))
