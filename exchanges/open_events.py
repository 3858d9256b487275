"""An exchange's open events as drafts for detection, and the list facts that survive a rebuild from articles."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from events.drafts import EventDraft
from events.enums import Status
from events.lifecycle.restore import draft_of
from events.models import Event
from exchanges.corroboration import apply_instrument_facts
from markets.versions import VersionedCache, version_of_rows


def open_drafts(exchange: str) -> list[EventDraft]:
    """The open events of an exchange, newest first; their effects are sorted, whatever order the database returns."""
    return list(_open.of(exchange, _version(exchange, _EVENTS, _EFFECTS), lambda: _read_open(exchange)))


def open_announcement_drafts(exchange: str) -> list[EventDraft]:
    """The open events of an exchange that came from announcements, newest first."""
    return list(
        _announced.of(exchange, _version(exchange, _EVENTS, _EFFECTS, _ARTICLES), lambda: _read_announced(exchange))
    )


# The tables that the drafts are built from. Every cycle asks for them, and hardly any finds a change.
_EVENTS = "events_event AS item WHERE item.source = %s AND item.status = %s"
_EFFECTS = (
    "events_effect AS item JOIN events_event AS event ON event.id = item.event_id"
    " WHERE event.source = %s AND event.status = %s"
)
_ARTICLES = _EFFECTS.replace("events_effect", "exchanges_seenarticle")
_open: VersionedCache[list[EventDraft]] = VersionedCache()
_announced: VersionedCache[list[EventDraft]] = VersionedCache()


def _version(exchange: str, *selections: str) -> Hashable:
    return version_of_rows(*((selection, (exchange, Status.OPEN)) for selection in selections))


def _read_announced(exchange: str) -> list[EventDraft]:
    events = Event.objects.filter(source=exchange, status=Status.OPEN, articles__isnull=False).distinct()
    return [draft_of(event) for event in events.order_by("-published_at", "-id").prefetch_related("effects")]


def _read_open(exchange: str) -> list[EventDraft]:
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


def with_list_facts(draft: EventDraft, recorded: EventDraft) -> EventDraft:
    """A draft rebuilt from articles, with the facts that the exchange's lists have added to its event since."""
    shown = {name: recorded.facts[name] for name in ("instruments", "tags", "relisted") if name in recorded.facts}
    return apply_instrument_facts(replace(draft, facts={**draft.facts, **shown})) if shown else draft
