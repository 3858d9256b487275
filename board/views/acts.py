"""Acts on what the board shows: acknowledge, give back, silence. The same doors as cards and the admin use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from alerts.audit import actor_of
from alerts.models import Silence
from alerts.suppression import acknowledgements, digest_acts, silences
from board.access import for_staff
from events import clock

MOST_EVENTS = 1_000
NOTE_LENGTH = 2_000
LONGEST_HOURS = 24 * 90
_BODY = 200_000


class _Refused(Exception):
    """The text says what was given and what was expected."""


@for_staff
@require_POST
def acknowledge(request: HttpRequest) -> HttpResponse:
    """Acknowledge events: `{"events": {id: revision}, "note": ""}`. What changed since it was shown is left out."""
    if not request.user.has_perm("alerts.add_acknowledgement"):
        return _answer(403, "you may not acknowledge: the permission “add acknowledgement” is missing")
    try:
        given = _body(request)
        seen, note = _events(given), _note(given, "note")
    except _Refused as refused:
        return _answer(400, str(refused))
    found = digest_acts.acknowledge_all(list(seen), seen, actor_of(request), note, clock.now())
    return JsonResponse(
        {
            "done": [row.event_id for row in found if not row.skipped],
            "left": {str(row.event_id): row.skipped for row in found if row.skipped},
        }
    )


@for_staff
@require_POST
def unacknowledge(request: HttpRequest) -> HttpResponse:
    """End the acknowledgement of events, whoever has it: `{"events": {id: revision}}`."""
    if not request.user.has_perm("alerts.add_acknowledgement"):
        return _answer(403, "you may not do this: the permission “add acknowledgement” is missing")
    try:
        seen = _events(_body(request))
    except _Refused as refused:
        return _answer(400, str(refused))
    actor, now = actor_of(request), clock.now()
    done = [event_id for event_id in seen if acknowledgements.unacknowledge(event_id, actor, now)]
    left = {str(event_id): "was not acknowledged" for event_id in seen if event_id not in done}
    return JsonResponse({"done": done, "left": left})


@for_staff
@require_POST
def silence(request: HttpRequest) -> HttpResponse:
    """Silence alerts like those of events: `{"events": {id: revision}, "hours": 4, "reason": "", "sure": false}`.

    Without `sure` nothing is done: the answer lists what it would hide.
    """
    if not request.user.has_perm("alerts.add_silence"):
        return _answer(403, "you may not silence: the permission “add silence” is missing")
    try:
        given = _body(request)
        seen, hours = _events(given), _hours(given)
        reason = _note(given, "reason")
        if given.get("sure") and not reason.strip():
            raise _Refused("the reason was empty, expected why these alerts may be hidden")
    except _Refused as refused:
        return _answer(400, str(refused))
    now, actor = clock.now(), actor_of(request)
    until = now + timedelta(hours=hours)
    try:
        if not given.get("sure"):
            return JsonResponse({"until": until.isoformat(), **_preview(seen, until, reason, actor.by)})
        found = digest_acts.silence_all(list(seen), seen, until, reason, actor, now)
    except digest_acts.TooManySilences as refused:
        return _answer(400, f"{refused}. Silence fewer events, or a category in the admin.")
    return JsonResponse(
        {
            "until": until.isoformat(),
            "done": [row.event_id for row in found if not row.skipped],
            "left": {str(row.event_id): row.skipped for row in found if row.skipped},
        }
    )


def _preview(seen: Mapping[int, int], until: Any, reason: str, by: str) -> dict[str, Any]:
    """What silences like these would hide now."""
    found = digest_acts.listed(list(seen), acknowledging=False, seen=seen)
    events = [row.event for row in found if row.event is not None and not row.skipped]
    made: Mapping[int, list[Silence]] = digest_acts.silences_of_all(events, until, reason, by)
    each = {id(one): one for several in made.values() for one in several}
    hidden = silences.would_hide(list(each.values()), clock.now())
    return {
        "silences": [str(one) for one in each.values()],
        "hides": [{"id": event.pk, "title": event.title} for event in hidden.events],
        "waiting": hidden.waiting,
        "left": {str(row.event_id): row.skipped for row in found if row.skipped},
    }


def _body(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > _BODY:
        raise _Refused(f"the request had {len(request.body):,} bytes, expected at most {_BODY:,}")
    try:
        given = json.loads(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise _Refused("the request was no JSON object, expected one with `events`")
    return given


def _events(given: Mapping[str, Any]) -> dict[int, int]:
    """Event → the revision that was shown."""
    events = given.get("events")
    if not isinstance(events, dict) or not events:
        raise _Refused("`events` was missing or empty, expected an object of event numbers and revisions")
    if len(events) > MOST_EVENTS:
        raise _Refused(f"`events` had {len(events):,} events, expected at most {MOST_EVENTS:,}")
    found = {}
    for event_id, revision in events.items():
        if not event_id.isdecimal() or len(event_id) > 18 or type(revision) is not int:
            raise _Refused(
                f"`events` had {event_id[:40]!r}: {revision!r:.40}, expected an event number and its revision"
            )
        found[int(event_id)] = revision
    return found


def _note(given: Mapping[str, Any], name: str) -> str:
    text = given.get(name, "")
    if not isinstance(text, str) or len(text) > NOTE_LENGTH or "\x00" in text:
        raise _Refused(f"`{name}` was no text of at most {NOTE_LENGTH:,} characters")
    return text.strip()


def _hours(given: Mapping[str, Any]) -> float:
    hours = given.get("hours")
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= LONGEST_HOURS:
        raise _Refused(f"`hours` was {hours!r:.40}, expected a number above 0, at most {LONGEST_HOURS:,}")
    return float(hours)


def _answer(status: int, text: str) -> JsonResponse:
    return JsonResponse({"error": text}, status=status)
