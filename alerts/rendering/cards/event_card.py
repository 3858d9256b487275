"""The card of one event: its heading, why, facts and lists, by the kind of the card. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from alerts.rendering.cards.card import Card, CardLink, Fact, Kind, Tone
from alerts.rendering.cards.facts import changes_in_words, facts_in_words, why_sentence
from alerts.rendering.cards.heading import action_of, deadline, event_heading, joined, reminded_of
from alerts.rendering.cards.outage_card import is_outage, outage_heading, outage_tone
from alerts.rendering.cards.sections import event_sections, line_by_line
from alerts.rendering.message import Message, event_url, runbook_url
from alerts.rendering.past import NO_ACTION, NOT_TRADED
from alerts.rendering.phrases import (
    WEB_PAGE,
    clean,
    dates_as_written,
    headline,
    manual_text,
    since_text,
    source_label,
)
from alerts.rendering.places import positions_text, time_and_distance
from alerts.rendering.summary import EventSummary
from crypto_ews.ui.text import label, span
from events.enums import MEASURED, Category

_KINDS = {
    "opened": Kind.NEW,
    "worse": Kind.WORSE,
    "turned": Kind.TURNED,
    "updated": Kind.UPDATED,
    "reminder": Kind.REMINDER,
    "repeat": Kind.STILL_OPEN,
    "escalated": Kind.ESCALATED,
}
# What can be done at the moment: name, text, and words of a sentence that has said it already.
_STATES = {
    "deposits_suspended": ("Wallet", "deposits are suspended", "deposits"),
    "withdrawals_suspended": ("Wallet", "withdrawals are suspended", "withdrawals"),
    "wallet_suspended": ("Wallet", "deposits and withdrawals are suspended", "deposits and withdrawals"),
    "trading_suspended": ("Trading", "suspended", "halted|stopped|suspended"),
    "delisted": ("Trading", "ended", "ended|has removed"),
}
# Whoever reads these may not know yet since when it is so.
_DATED = frozenset({Kind.NEW, Kind.WORSE, Kind.TURNED, Kind.ESCALATED, Kind.STILL_OPEN})
_TITLED_BY_US = MEASURED | {Category.DEPEG, Category.OPERATIONS}
_URGENT = frozenset({"exit", "halt"})
TEXT = 600
"""Characters of one text of a card; renderings cut further where a service has less room."""


def event_card(summary: EventSummary, message: Message) -> Card:
    now, kind = message.now, kind_of(message, summary)
    heading = heading_of(summary, now)
    why = _why(summary, message, kind, heading)
    said = f"{heading} {why}"
    facts = _distinct((*_first_facts(summary, message, kind, said), *_measured(summary, now, kind, said),
                       *_last_facts(summary, message, kind, said)))  # fmt: skip
    return Card(
        kind=kind,
        tone=tone_of(summary),
        heading=heading,
        why=why,
        quoted=_quoted(summary, (said, *(fact.text for fact in facts))),
        label=_label(summary),
        facts=facts,
        sections=tuple(event_sections(summary, now, kind, heading, why)),
        links=tuple(_links(summary, message)),
        event_id=summary.event_id,
    )


def _quoted(summary: EventSummary, said: Sequence[str]) -> str:
    """The title as its source wrote it. One that we made of what was measured says nothing more than the card, and one
    that is above is not said again."""
    ours = summary.category in _TITLED_BY_US and summary.stored.facts
    title = "" if ours else clean(summary.title, 300)
    return "" if any(title in text for text in said) else title


def _label(summary: EventSummary) -> str:
    names = dict.fromkeys((label(summary.category), source_label(summary.source)))
    return joined(*names, f"event #{summary.event_id}")


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


def tone_of(summary: EventSummary) -> Tone:
    if is_outage(summary):
        return outage_tone(summary)
    if summary.over:
        return Tone.GOOD
    action = action_of(summary)
    if summary.risk_level == "critical" or action in _URGENT:
        return Tone.URGENT
    return Tone.WARNING if action else Tone.NEUTRAL


def why_of(summary: EventSummary, message: Message) -> str:
    """What the card of an event says below its heading."""
    return _why(summary, message, kind_of(message, summary), heading_of(summary, message.now))


def heading_of(summary: EventSummary, now: datetime) -> str:
    return outage_heading(summary, now) if is_outage(summary) else event_heading(summary, now)


def _why(summary: EventSummary, message: Message, kind: Kind, heading: str) -> str:
    """Why the card comes, and what happens: "Worse: Binance removes ETH/USDC from spot."."""
    reason = dates_as_written(_reason(summary, message, kind), message.now)
    if kind == Kind.CORRECTION and summary.over:
        # What was reported did not happen.
        return reason
    said = clean(why_sentence(summary, message.now), 300)
    if summary.category == Category.OPERATIONS and (summary.over or said.rstrip(".") in heading):
        # The heading names what was wrong.
        said = ""
    if not reason or not said:
        return said or _sentence(reason)
    return f"{reason}{'' if reason.endswith(('.', '…')) else ':'} {said}"


def _reason(summary: EventSummary, message: Message, kind: Kind) -> str:
    """Why the card comes; "" for a new event. A whole sentence has its full stop."""
    held = message.acknowledged_by
    if kind == Kind.CORRECTION and summary.over:
        late = f" This card was {since_text(summary.deferred)[2:]}." if summary.deferred else ""
        return f"{_sentence(summary.close_reason or 'False alarm')}{late}"
    if kind == Kind.RESOLVED:
        return _closed(summary) if summary.status == "closed" else f"Low priority now{_late(summary)}"
    if kind == Kind.CORRECTION:
        return _sentence(f"Corrected by {message.correction}")
    if kind == Kind.ESCALATED or (kind == Kind.OUTAGE and summary.reasons[-1:] == ("escalated",)):
        return _unanswered(message)
    if set(summary.reasons) == {"repeat"} and not (held or summary.deferred):
        return "Still open and not acknowledged"
    reason = headline(summary)
    if kind == Kind.REMINDER and (date := reminded_of(summary, message.now)):
        reason = _sentence(f"{reason}: {date}")
    if message.correction:
        return _sentence(f"{reason}, as corrected by {clean(message.correction, 200)}")
    return "" if reason == "New" else reason


def _closed(summary: EventSummary) -> str:
    """ "Closed: trading has resumed."; of an alert that was sent late, since when it waited."""
    late = _late(summary)
    reason = clean(summary.close_reason, 200)
    if reason.lower().startswith("closed"):
        return _sentence(f"{reason}{late}")
    return _sentence(f"Closed{late}: {reason}" if reason else f"Closed{late}")


def _late(summary: EventSummary) -> str:
    return since_text(summary.deferred) if summary.deferred else ""


def _sentence(text: str) -> str:
    text = clean(text, 250).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _unanswered(message: Message) -> str:
    """ "Nobody in cex acknowledged for 35 min."."""
    asked = message.unanswered
    if asked is None:
        return "Nobody has acknowledged it."
    return f"Nobody in {clean(asked.channel, 40)} acknowledged for {span((message.now - asked.since).total_seconds())}."


def _first_facts(summary: EventSummary, message: Message, kind: Kind, said: str) -> Iterator[Fact]:
    """What a reader needs before what was measured."""
    now = message.now
    if summary.positions and summary.positions.text:
        yield Fact("Positions", clean(positions_text(summary.positions), TEXT), strong=True)
    if message.acknowledged_by:
        yield Fact("Acknowledged", clean(dates_as_written(message.acknowledged_by, now), 300))
    if summary.over:
        yield from _past_facts(summary, kind)
    else:
        changed = changes_in_words(summary, now)
        yield from changed
        yield from _state_facts(summary, now, " ".join((said, *(fact.text for fact in changed))))


def _measured(summary: EventSummary, now: datetime, kind: Kind, said: str) -> Iterator[Fact]:
    """What the event's source measured, unless the text above has it."""
    if summary.over or (kind == Kind.UPDATED and changes_in_words(summary, now)):
        # Only what changed; and what was measured while it lasted is not so any more.
        return
    for fact in facts_in_words(summary, now):
        if not re.search(rf"(?<!\w){re.escape(fact.text)}(?!\w)", said):
            yield fact


def _last_facts(summary: EventSummary, message: Message, kind: Kind, said: str) -> Iterator[Fact]:
    now = message.now
    author = manual_text(summary)
    named = summary.manual and all(
        clean(text, 300)[:50] in said for text in (summary.manual.author, summary.manual.note)
    )
    if author and not named:
        yield Fact("Opened by", clean(author, 400))
    if summary.flaps and not summary.over:
        text = f"opened {summary.flaps} times in 24 h; further alerts only if it worsens or lasts"
        yield Fact("Flapping", text)
    if kind in _DATED:
        published = summary.published_at
        yield Fact("Published" if published else "Seen", time_and_distance(published or summary.seen_at, now))


def _past_facts(summary: EventSummary, kind: Kind) -> Iterator[Fact]:
    was, now = summary.was, summary.now
    if was is not None and was.text:
        yield Fact("Was wrong" if kind == Kind.CORRECTION else "Was", clean(was.text, TEXT), strong=True)
    # "No restriction" is in the heading, and so is what no single coin or pair of it trades any more.
    gone = now is not None and NOT_TRADED in now.text and len(summary.at_risk) > 1
    if now is not None and (now.action != NO_ACTION or gone):
        yield Fact("Now", clean(now.text, TEXT), strong=True)
    if summary.category == Category.OPERATIONS:
        yield from (Fact(label(name), clean(value, 300)) for name, value in summary.facts)
    if was is not None and was.lasted_seconds is not None:
        yield Fact("Lasted", span(was.lasted_seconds))


def _state_facts(summary: EventSummary, now: datetime, said: str) -> Iterator[Fact]:
    # Where the lines differ the list below says it of each.
    alike = not line_by_line(summary)
    if alike and (state := _STATES.get(summary.trading_status or "")):
        name, text, in_words = state
        if not re.search(in_words, said):
            yield Fact(name, text)
    if alike and summary.trading_ends_at:
        named = deadline(summary, now)
        if named is None or named.at != summary.trading_ends_at:
            verb = "Trading ends" if summary.trading_ends_at > now else "Trading ended"
            yield Fact(verb, time_and_distance(summary.trading_ends_at, now), strong=True)
    if summary.risk_level == "critical" and summary.action not in _URGENT:
        yield Fact("Risk", "critical")


def _distinct(facts: Iterable[Fact]) -> tuple[Fact, ...]:
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
