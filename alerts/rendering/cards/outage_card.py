"""The heading of an operations event: what we cannot see now, and since when. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from alerts.rendering.blindness import is_grave_to_miss, unseen_of
from alerts.rendering.cards.card import HEADING_LIMIT, Tone
from alerts.rendering.cards.facts.internal_kinds import source_name
from alerts.rendering.cards.heading import SEPARATOR, joined
from alerts.rendering.phrases import clean
from alerts.rendering.places import time_text
from alerts.rendering.summary import EventSummary
from crypto_ews.ui.text import span
from events.enums import Category

_PAST = {"is": "was", "answers": "answered", "cannot": "could not", "differ": "differed"}
_SOURCE = re.compile(r"Source (\S+) (.+)")
_PRESENT = re.compile(rf"\b(?:{'|'.join(_PAST)})\b")


def is_outage(summary: EventSummary) -> bool:
    return summary.category == Category.OPERATIONS


def outage_heading(summary: EventSummary, now: datetime) -> str:
    """ "BLIND · delistings on Binance · since 1 Dec 00:40 UTC, 35 min"."""
    title = clean(_of_source(summary.title).replace("_", " "), HEADING_LIMIT) or "the monitoring itself"
    if summary.over and (missed := unseen(summary)):
        ending = "seen again"
        return joined(
            "OVER", clean(missed[0].partition(" (")[0], HEADING_LIMIT - len(joined("OVER", "", ending)) - 3), ending
        )
    if summary.over:
        return clean(joined("OVER", _PRESENT.sub(lambda found: _PAST[found[0]], title, count=1)), HEADING_LIMIT)
    found = unseen(summary)
    if found is None:
        return clean(joined("MONITORING", title), HEADING_LIMIT)
    what, since = found
    first = "BLIND" if is_grave_to_miss(what) else "PARTLY BLIND"
    ending = f"since {time_text(since, now)}, {span((now - since).total_seconds())}"
    left = HEADING_LIMIT - len(joined(first, ending)) - len(SEPARATOR)
    return joined(first, clean(what.partition(" (")[0], left), ending)


def unseen(summary: EventSummary) -> tuple[str, datetime] | None:
    """What is not seen, and since when."""
    return unseen_of(str(summary.stored.facts.get("not seen") or ""))


def _of_source(title: str) -> str:
    """ "Source okx.status is silent" → "OKX status is silent"."""
    found = _SOURCE.match(title)
    return f"{source_name(found[1])} {found[2]}" if found else title


def outage_tone(summary: EventSummary) -> Tone:
    """By what is blind: urgent where it is what stops trading or takes money, else a warning."""
    if summary.over:
        return Tone.GOOD
    found = unseen(summary)
    return Tone.URGENT if found and is_grave_to_miss(found[0]) else Tone.WARNING
