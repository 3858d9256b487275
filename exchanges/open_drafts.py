"""An exchange's open events as detection is given them, and what their lists said kept when articles are read again."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from events.drafts import EventDraft
from events.kinds import Status
from events.lifecycle.as_draft import draft_of
from events.models import Event, plain_events
from exchanges.confirmations import with_list_word
from markets.versions import version_of_rows


def open_drafts(exchange: str) -> list[EventDraft]:
    """The open events of an exchange, newest first, their effects in an order that does not depend on the database."""
    version = version_of_rows(
        ("events_event AS item WHERE source = %s AND status = %s", (exchange, Status.OPEN)),
        (
            "events_effect AS item JOIN events_event AS event ON event.id = event_id WHERE source = %s AND status = %s",
            (exchange, Status.OPEN),
        ),
    )
    held = _held.get(exchange)
    if held is None or held[0] != version:
        held = _held[exchange] = (version, _read(exchange))
    return list(held[1])


# By exchange, what was read last and the version of the rows before: every round asks, and hardly any finds a change.
_held: dict[str, tuple[Hashable, list[EventDraft]]] = {}


def _read(exchange: str) -> list[EventDraft]:
    events = (
        Event.objects.filter(source=exchange, status=Status.OPEN)
        .order_by("-published_at", "-id")
        .prefetch_related("effects")
    )
    drafts = map(draft_of, events)
    return [
        replace(
            draft, effects=tuple(sorted(draft.effects, key=lambda effect: (effect.venue, effect.token, effect.tickers)))
        )
        for draft in drafts
    ]


def with_list_facts(draft: EventDraft) -> EventDraft:
    """A draft made anew from articles, with what the exchange's lists have shown of its instruments since."""
    facts = plain_events().filter(natural_key=draft.natural_key, status=Status.OPEN).values_list("facts", flat=True)
    known = facts.first() or {}
    shown = {name: known[name] for name in ("instruments", "tags") if name in known}
    return with_list_word(replace(draft, facts={**draft.facts, **shown})) if shown else draft
