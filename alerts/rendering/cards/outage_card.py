"""The card of an operations event: what we cannot see now, and since when. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from alerts.rendering.cards.card import HEADING_LIMIT, Tone
from alerts.rendering.cards.heading import SEPARATOR, joined
from alerts.rendering.phrases import clean
from alerts.rendering.places import time_text
from alerts.rendering.summary import EventSummary
from crypto_ews.ui.text import span
from events.enums import Category

# As `events.sources.content.sentence` writes it.
_UNSEEN = re.compile(r"(?P<what>.+?): what came since (?P<at>\d{2} \w{3} \d{4} \d{2}:\d{2}) UTC is not seen", re.DOTALL)
# Whoever does not see these may hold what cannot be sold any more.
_GRAVE = re.compile(r"(?i)delist|hack|halt|maintenance|peg|redemption|suspen|instrument|announcement")


def is_outage(summary: EventSummary) -> bool:
    return summary.category == Category.OPERATIONS


def outage_heading(summary: EventSummary, now: datetime) -> str:
    """ "BLIND · delistings on Binance · since 1 Dec 00:40 UTC, 35 min"."""
    title = clean(summary.title, HEADING_LIMIT)
    if summary.over:
        return clean(joined("OVER", title), HEADING_LIMIT)
    found = unseen(summary)
    if found is None:
        return clean(joined("MONITORING", title), HEADING_LIMIT)
    what, since = found
    ending = f"since {time_text(since, now)}, {span((now - since).total_seconds())}"
    room = HEADING_LIMIT - len(joined("BLIND", ending)) - len(SEPARATOR)
    return joined("BLIND", clean(what, room), ending)


def unseen(summary: EventSummary) -> tuple[str, datetime] | None:
    """What is not seen, and since when."""
    text = next((value for name, value in summary.facts if name == "not seen"), "")
    found = _UNSEEN.fullmatch(text)
    if found is None:
        return None
    what = found["what"]
    at = datetime.strptime(found["at"], "%d %b %Y %H:%M").replace(tzinfo=UTC)
    return (what if what[1:2].isupper() else what[:1].lower() + what[1:]), at


def outage_tone(summary: EventSummary) -> Tone:
    """By what is blind: urgent where it is what stops trading or takes money, else a warning."""
    if summary.over:
        return Tone.GOOD
    found = unseen(summary)
    return Tone.URGENT if found and _GRAVE.search(found[0]) else Tone.WARNING
