"""Coins that are renamed while their events are open: from the day on, an event of FTM applies to S.

Bots ask for a coin by its present name, and its instruments have the present asset, while a notice, a manual event or a
hack used the name of its time. Closed events keep their names, and so do migrations: the target of a swap or of a new
ticker never leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from events.drafts import EventDraft
from events.enums import EVERYTHING, MEASURED, AlertReason, Category, OutcomeKind, Scope, Status
from events.models import Effect, Event, plain_events
from events.outcomes import Outcome
from markets.identity import Identity
from markets.identity_store import live_tickers

# What such an event is about is the name itself: the old one ceases, the new one stays.
_OF_A_NAME = Category.TOKEN_MIGRATION


def with_present_names(draft: EventDraft, identity: Identity, now: datetime) -> EventDraft:
    """The draft with its effects on the names that their coins have at `now`."""
    if draft.category == _OF_A_NAME:
        return draft
    names = {effect.token: identity.renamed(effect.token.strip(), now) for effect in draft.effects}
    if all(name == token.strip().upper() for token, name in names.items()):
        return draft
    return replace(draft, effects=tuple(replace(effect, token=names[effect.token]) for effect in draft.effects))


def is_former_name(token: str, category: str, identity: Identity, now: datetime) -> bool:
    """Whether an event is about a name that its coin does not have any more: the coin's instruments are not meant."""
    return category == _OF_A_NAME and identity.renamed(token, now) != token.strip().upper()


def follow_renames(now: datetime, identity: Identity) -> list[Outcome]:
    """Give the effects of open events the present names of their coins; an outcome for each changed event.

    Events that another writer has locked are taken by the next run.
    """
    concerned_by_it = Effect.objects.filter(open=True).exclude(event__category=_OF_A_NAME)
    open_tokens = concerned_by_it.exclude(token=EVERYTHING).order_by()
    tokens = open_tokens.values_list("token", flat=True).distinct()
    renamed = {token: name for token in tokens if (name := identity.renamed(token, now)) != token}
    if not renamed:
        return []
    with transaction.atomic():
        concerned = concerned_by_it.filter(token__in=renamed).order_by().values("event_id")
        events = plain_events().select_for_update(no_key=True, skip_locked=True)
        return [
            _rename(event, renamed, identity, now)
            for event in events.filter(status=Status.OPEN, pk__in=concerned).order_by("id")
        ]


def _rename(event: Event, renamed: Mapping[str, str], identity: Identity, now: datetime) -> Outcome:
    changes: dict[str, tuple[object, object]] = {}
    for effect in event.effects.filter(token__in=renamed):
        old, effect.token = effect.token, renamed[effect.token]
        changes[f"{old} is called"] = (old, effect.token)
        if effect.scope == Scope.ASSET:
            effect.tickers = sorted({*effect.tickers, *live_tickers(effect.token, identity, now)})
        effect.save(update_fields=["token", "tickers"])
    if pins := event.pinned.get("effects"):
        event.pinned = {**event.pinned, "effects": {_renamed(key, renamed): pin for key, pin in pins.items()}}
    event.revision += 1
    event.updated_at = now
    event.save(update_fields=["revision", "updated_at", "pinned"])
    alert = None if event.category in MEASURED else AlertReason.UPDATED.value
    return Outcome(OutcomeKind.UPDATED, "a coin was renamed", event, alert, changes)


def _renamed(key: str, renamed: Mapping[str, str]) -> str:
    """The key of a correction, which begins with its token, under the present name."""
    token, space, rest = key.partition(" ")
    return f"{renamed.get(token, token)}{space}{rest}"
