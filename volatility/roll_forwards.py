"""Which of an event's roll-forwards are worth a commit.

A broken window stays broken for hours. Every poll of that time would refresh the view and wake every bot for a price
that hardly moved, so what is immaterial waits; when the last window has closed, what waited last is recorded, and the
event is valid to the minute.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from events.drafts import EventDraft
from volatility.detect import Announced

_LONGER = timedelta(minutes=5)
_PRICE_OFF = 0.01  # in log price


class DeferredDrafts:
    """The last immaterial draft of each token whose event is open. Lost with the process, at the cost of minutes."""

    def __init__(self) -> None:
        self._drafts: dict[str, EventDraft] = {}

    @property
    def tokens(self) -> Collection[str]:
        return self._drafts.keys()

    def sift(self, at: datetime, drafts: Iterable[EventDraft], announced: Mapping[str, Announced]) -> list[EventDraft]:
        """Of a reading's drafts those to be recorded, and what waited of tokens that have come to rest.

        announced: the open events of these tokens and of `tokens`.
        """
        waited, self._drafts = self._drafts, {}
        due = []
        for draft in drafts:
            token = draft.effects[0].token
            waited.pop(token, None)
            if is_material(draft, announced.get(token)):
                due.append(draft)
            else:
                self._drafts[token] = draft
        return due + [
            draft for token, draft in waited.items() if token in announced and not announced[token].is_over(at)
        ]


def is_material(draft: EventDraft, known: Announced | None) -> bool:
    """Whether it opens, closes or alerts, prolongs the event by five minutes, or says a price that is a percent off."""
    alerts = draft.alert or draft.extra or draft.state != "open"
    if alerts or known is None or known.valid_until is None or draft.valid_until is None:
        return True
    price_off = abs(math.log(float(draft.facts["price"]) / known.shown_price))
    return draft.valid_until - known.valid_until >= _LONGER or price_off >= _PRICE_OFF
