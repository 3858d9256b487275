"""What nobody sees while a source cannot be read, and how grave that is. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from events.enums import Category

if TYPE_CHECKING:
    from events.models import Event

# As `events.sources.content.sentence` writes it.
_SENTENCE = re.compile(
    r"(?P<what>.+?): what came since (?P<at>\d{2} \w{3} \d{4} \d{2}:\d{2}) UTC is not seen", re.DOTALL
)
# Whoever does not see these may hold what cannot be sold any more. The words are those of the sources' content rules.
_GRAVE = re.compile(
    r"\b(?:announcements of|delistings|hacks of|pairs and contracts of .* that stop|maintenance of"
    r"|stablecoins that leave)",
    re.IGNORECASE,
)


def unseen_of(sentence: str) -> tuple[str, datetime] | None:
    """What is not seen, and since when: of "Delistings on Binance: what came since … is not seen"."""
    found = _SENTENCE.fullmatch(sentence)
    if found is None:
        return None
    what = found["what"]
    at = datetime.strptime(found["at"], "%d %b %Y %H:%M").replace(tzinfo=UTC)
    return what if what[1:2].isupper() else what[:1].lower() + what[1:], at


def is_grave_to_miss(what: str) -> bool:
    # Several parts of a source may be blind at once, the gravest of them last.
    return _GRAVE.search(what) is not None


def is_grave(event: Event) -> bool:
    """Whether an operations event is about a source without which nobody sees what stops trading or takes money."""
    facts: Mapping[str, Any] = event.facts or {}
    return event.category == Category.OPERATIONS and is_grave_to_miss(str(facts.get("not seen", "")))
