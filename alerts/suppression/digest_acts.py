"""Acts on all events of a digest at once: one transaction, an audit entry for each event, one line in each channel.

What was closed, lowered, deleted, acknowledged or changed meanwhile is left out, and the caller says so. An event that
changed has a card of its own, and nobody acts on what they have not seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from alerts import audit, notices
from alerts.audit import Act, Actor
from alerts.models import Acknowledgement, Silence
from alerts.rendering.summary import is_over
from alerts.suppression import acknowledgements, silences, transitions
from crypto_ews.ui.text import utc_text
from events.enums import Status
from events.models import Event, plain_events

MOST_SILENCES = 500
"""That one act makes: every alert is compared with each of them while they last."""


class TooManySilences(Exception):
    """`count` silences would be made; `MOST_SILENCES` are the most."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(f"{count} silences would be made; expected at most {MOST_SILENCES}")


@dataclass(frozen=True)
class Listed:
    """An event of a digest. event: None once it is deleted. skipped: why nothing is done about it; "" if it can be."""

    event_id: int
    event: Event | None
    skipped: str
    changed: bool = False


def listed(
    event_ids: Collection[int], acknowledging: bool, seen: Mapping[int, int] | None = None, locked: bool = False
) -> list[Listed]:
    """The events of a digest as they are now. acknowledging: one that is acknowledged is left out. seen: the revisions
    that were shown. locked: until the transaction ends."""
    rows = plain_events().filter(pk__in=event_ids).order_by("pk")
    if locked:
        # Wait for transactions that write the events: their updates, and repeats queued meanwhile, come first.
        rows = rows.select_for_update(no_key=True, of=("self",))
    events = {event.pk: event for event in rows.prefetch_related("effects")}
    taken: dict[int, Acknowledgement] = {}
    if acknowledging:
        standing = acknowledgements.of_this_life().filter(event__in=event_ids, ended_at=None)
        taken = {acknowledgement.event_id: acknowledgement for acknowledgement in standing}
    return [_listed(event_id, events.get(event_id), taken.get(event_id), seen) for event_id in sorted(event_ids)]


def _listed(
    event_id: int, event: Event | None, taken: Acknowledgement | None, seen: Mapping[int, int] | None
) -> Listed:
    if event is None:
        return Listed(event_id, None, "deleted")
    if event.status == Status.CLOSED:
        return Listed(event_id, event, f"closed: {event.close_reason or 'no reason given'}")
    if is_over(event):
        return Listed(event_id, event, "of low priority now")
    if taken is not None:
        return Listed(event_id, event, f"acknowledged by {taken.by} on {utc_text(taken.at)}")
    changed = seen is not None and seen.get(event_id) != event.revision
    return Listed(event_id, event, "changed since this page was opened" if changed else "", changed)


def acknowledge_all(
    event_ids: Collection[int], seen: Mapping[int, int] | None, actor: Actor, note: str, now: datetime
) -> list[Listed]:
    """Acknowledge what can be; all events, with why some were left out. Raises IntegrityError if the actor's link was
    used before; it is not used up where nothing could be done."""
    with transaction.atomic():
        found = listed(event_ids, True, seen, locked=True)
        events = [row.event for row in found if row.event is not None and not row.skipped]
        if events:
            Acknowledgement.objects.bulk_create(
                Acknowledgement(event_id=event.pk, life=event.life, by=actor.by[:150], at=now, note=note)
                for event in events
            )
            audit.record_each(Act.ACKNOWLEDGED, actor, now, {event.pk: note for event in events})
            transitions.cancel_renotifications([event.pk for event in events], now)
            notices.all_acknowledged(events, actor.by, note, now)
    return found


def silence_all(
    event_ids: Collection[int],
    seen: Mapping[int, int] | None,
    until: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
) -> list[Listed]:
    """Silence alerts similar to those of each event, as `silences.silence_event` does; else as `acknowledge_all`.

    Raises TooManySilences."""
    with transaction.atomic():
        found = listed(event_ids, False, seen, locked=True)
        events = [row.event for row in found if row.event is not None and not row.skipped]
        made = silences_of_all(events, until, reason, actor.by)
        if made:
            stored = Silence.objects.bulk_create(
                {id(one): one for several in made.values() for one in several}.values()
            )
            silences.silence_waiting(stored, now)
            what = {event_id: f"{'; '.join(map(str, several))}: {reason}" for event_id, several in made.items()}
            audit.record_each(Act.SILENCED, actor, now, what)
            for group in _alike(made, events):
                notices.silenced(group.silences, actor.by, now, notices.channels_of_each(group.events))
    return found


def silences_of_all(events: Sequence[Event], until: datetime, reason: str, by: str) -> dict[int, list[Silence]]:
    """The unsaved silences of each event; events with a token and category in common have a silence in common."""
    made: dict[tuple[str, str, str], Silence] = {}
    of_event: dict[int, list[Silence]] = {}
    for event in events:
        for silence in silences.silences_of(event, event.effects.all(), until, reason, by):
            one = made.setdefault((silence.token, silence.category, silence.source), silence)
            of_event.setdefault(event.pk, []).append(one)
    if len(made) > MOST_SILENCES:
        raise TooManySilences(len(made))
    return of_event


@dataclass(frozen=True)
class _Group:
    """Silences that one line names: of one category and source."""

    silences: list[Silence]
    events: list[Event]


def _alike(made: Mapping[int, Sequence[Silence]], events: Iterable[Event]) -> list[_Group]:
    groups: dict[tuple[str, str], _Group] = {}
    for event in events:
        for silence in made[event.pk]:
            group = groups.setdefault((silence.category, silence.source), _Group([], []))
            if silence not in group.silences:
                group.silences.append(silence)
            if event not in group.events:
                group.events.append(event)
    return list(groups.values())
