"""From a digest row to what it says now: a line for each of the alerts that it lists, as their events stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from alerts.message import Digest, DigestLine
from alerts.models import Alert
from events.kinds import Action
from events.models import Effect, Event, of_tokens


def load_digest(digest: Alert) -> Digest:
    """The digest with its members in the order in which they would have been told, from four queries."""
    members = list(Alert.objects.filter(digest=digest.pk).order_by("-urgency", "queued_at", "id"))
    ids = [member.event_id for member in members]
    events = {event.pk: event for event in cast("Sequence[Event]", Event.objects.non_polymorphic().filter(pk__in=ids))}
    effects: dict[int, list[Effect]] = {}
    for effect in Effect.objects.filter(event__in=ids):
        effects.setdefault(effect.event_id, []).append(effect)
    lines = [
        _line(member, event, effects.get(event.pk, []))
        for member in members
        if (event := events.get(member.event_id or 0)) is not None
    ]
    kind = digest.detail.get("digest", {}).get("kind", "digest")
    return Digest(kind, _title(kind, lines), tuple(lines))


def _title(kind: str, lines: Sequence[DigestLine]) -> str:
    if kind == "market":
        return f"{len({token for line in lines for token in line.tokens})} tokens are moving"
    return f"{len(lines)} events at once"


def _line(member: Alert, event: Event, effects: Sequence[Effect]) -> DigestLine:
    actions = [Action(effect.action) for effect in effects]
    strictest = max(actions, key=lambda action: action.severity).value if actions else None
    return DigestLine(
        event_id=event.pk,
        reasons=(*member.detail.get("said", ()), member.reason),
        category=event.category,
        title=event.title,
        tokens=tuple(sorted({effect.token for effect in of_tokens(effects)})),
        action=strictest,
        status=event.status,
    )
