"""The audit of all that writes through the API, and retries that write only once.

An act and its entry are one transaction: there is none without the other. A refused act has its entry too.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpRequest

from alerts.audit import Actor, address_in
from api.models import ApiAct, Scope
from api.problems import Problem
from api.rest.access import actor_of, caller_of
from api.rest.inputs import unusable
from crypto_ews.logs import masked
from events import clock
from events.database.delete import delete_in_batches

logger = logging.getLogger(__name__)

Run = Callable[[Actor, datetime], tuple[str, Mapping[str, Any]]]
"""(who, now) → what became of it, and the ids of what was written; raises Problem."""

# Sooner than the caller is told that there is no answer: what was refused with 503 was not done.
_BOUND = "SET LOCAL statement_timeout = '10s'"
KEY = "Idempotency-Key"
_LONGEST_KEY = 200


def perform(request: HttpRequest, what: Mapping[str, Any], run: Run) -> tuple[dict[str, Any], bool]:
    """Act, and write the entry. Returns the ids of what was written, and whether an earlier request wrote it.

    A request with the header Idempotency-Key acts once for a token and path: its retry gets what the first one wrote.
    Raises Problem as `run` does, and 422 for a key that was used with another body. `note_refusal` writes the entry of
    an act that was refused.
    """
    entry = _entry(request, what)
    request.ews_act = entry  # type: ignore[attr-defined]
    if (first := _first(entry)) is not None:
        return _done(request, first.made), True
    try:
        with _bounded():
            result, made = run(actor_of(request), entry.at)
            entry.status, entry.result, entry.made = 200, result, dict(made)
            entry.save()
    except (Problem, IntegrityError) as error:
        # The same key came twice at a time; the other request was first, and this one was refused or is rolled back.
        if (first := _first(entry)) is not None:
            return _done(request, first.made), True
        if isinstance(error, Problem):
            raise
        raise Problem(409, "somebody changed the same at the same moment; nothing was done, try again") from None
    return _done(request, made), False


def note_refusal(request: HttpRequest, problem: Problem) -> None:
    """Write the entry of an act that was refused or failed, after it was rolled back. Not of who may not act at all.

    What was not even understood has an entry without its body: that of positions names what the desk holds.
    """
    caller = caller_of(request)
    if request.method == "GET" or caller is None or not caller.may(Scope.ACT) or problem.status in (401, 403):
        return
    entry = getattr(request, "ews_act", None) or _entry(request, {}, keyed=False)
    fields = [str(error["field"]) for error in problem.members.get("errors", ())]
    unread = not entry.what.strip("{}") and fields
    entry.pk, entry.idempotency_key, entry.made = None, None, {}
    entry.status, entry.result = problem.status, f"unusable: {', '.join(fields)}" if unread else problem.detail
    try:
        with _bounded():
            entry.save(force_insert=True)
    except DatabaseError as error:
        logger.warning("the audit of the API misses %s: %s", entry, error)


def was_done(request: HttpRequest) -> bool:
    """Whether the act of this request is committed, whatever became of its answer."""
    return bool(getattr(request, "ews_done", False))


def _done(request: HttpRequest, made: Mapping[str, Any]) -> dict[str, Any]:
    request.ews_done = True  # type: ignore[attr-defined]
    return dict(made)


@contextmanager
def _bounded() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_BOUND)
        yield


def prune(before: datetime) -> int:
    """Delete older entries; the number deleted."""
    return delete_in_batches(ApiAct.objects.filter(at__lt=before).order_by("at"))


def _entry(request: HttpRequest, what: Mapping[str, Any], keyed: bool = True) -> ApiAct:
    caller = caller_of(request)
    assert caller is not None, "the operation has no scope"
    key = request.headers.get(KEY) if keyed else None
    if key is not None and not (0 < len(key) <= _LONGEST_KEY and key.isprintable()):
        raise unusable([(KEY, key, f"1 to {_LONGEST_KEY} printable characters")])
    written = json.dumps(what, sort_keys=True, default=str, ensure_ascii=False)
    return ApiAct(
        at=clock.now(),
        by=caller.name[:64],
        token_id=caller.token_id,
        address=address_in(request),
        method=str(request.method),
        path=request.path[:200],
        what=masked(written)[:4000],
        idempotency_key=key,
        body_sha256=hashlib.sha256(written.encode()).hexdigest(),
    )


def _first(entry: ApiAct) -> ApiAct | None:
    """The entry that has used up the key. Raises Problem (422) where that was for another body."""
    if not entry.idempotency_key:
        return None
    with _bounded():
        first = ApiAct.objects.filter(
            token_id=entry.token_id, path=entry.path, idempotency_key=entry.idempotency_key
        ).first()
    if first is not None and first.body_sha256 != entry.body_sha256:
        raise unusable([(KEY, entry.idempotency_key, f"a new key: this one was used at {first.at:%Y-%m-%d %H:%M} UTC")])
    return first
