"""The health of sources: back-off, last error, and the operations events about the monitoring itself.

`now` is our time everywhere. Stored times are the database clock's at that moment, since readers compare with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from crypto_ews.backoff import backoff
from events import clock, registry
from events.drafts import EventDraft
from events.enums import Category, Status
from events.lifecycle import record
from events.models import SourceHealth, plain_events
from events.sources.content import sentence

logger = logging.getLogger(__name__)

STALE_AFTER_INTERVALS = 5
# One slow answer does not make a source on a very short interval stale.
STALE_AT_LEAST = timedelta(seconds=60)
_MAX_BACKOFF_INTERVALS = 10
State = SourceHealth.State
PROBLEMS = ("stale", "drift", "content")
_TITLES = {
    "stale": "is silent",
    "drift": "answers in an unknown shape",
    "content": "answers with old content",
}

# Executed twice per round and source. The ORM would take longer to build these than the server to execute them.
_TABLE = SourceHealth._meta.db_table
_ATTEMPTED = f"UPDATE {_TABLE} SET interval_seconds = %s, last_attempt_at = %s WHERE source = %s"
_SUCCEEDED = (
    f"UPDATE {_TABLE} SET state = '{State.OK.value}', last_success_at = %s, last_item_count = %s,"
    " last_duration_ms = %s, clock_skew_seconds = %s, consecutive_failures = 0, next_attempt_at = NULL,"
    " content_overdue = '[]'"
    " WHERE source = %s"
)

P = ParamSpec("P")
R = TypeVar("R")


def _on_one_base(work: Callable[P, R]) -> Callable[P, R]:
    """Convert times and write or compare them under one reading of the database's clock."""

    @wraps(work)
    def with_base(*arguments: P.args, **options: P.kwargs) -> R:
        with clock.BASE:
            return work(*arguments, **options)

    return with_base


@_on_one_base
def is_due(source: str, now: datetime) -> bool:
    """Whether the source may be polled: it does not back off now."""
    now = clock.as_database(now)
    row = SourceHealth.objects.filter(pk=source).values_list("next_attempt_at", "last_attempt_at").first()
    if row is None or row[0] is None or row[0] <= now:
        return True
    # Our clock was set back since: the time that it wrote for the next attempt means nothing.
    return row[1] is not None and row[1] > now


@_on_one_base
def register(source: str, interval_seconds: float, now: datetime) -> None:
    """A daemon begins to poll the source: silence counts from now, not from the end of the last daemon."""
    now = clock.as_database(now)
    SourceHealth.objects.update_or_create(
        pk=source,
        defaults={
            "interval_seconds": interval_seconds,
            "watched_since": now,
            "next_attempt_at": None,
            "consecutive_failures": 0,
        },
    )
    # An answer from the future was written by another clock and proves nothing.
    ahead = now + timedelta(seconds=clock.FUTURE_SECONDS)
    SourceHealth.objects.filter(pk=source, last_success_at__gt=ahead).update(last_success_at=None)


def unregister_unknown(known: Collection[str], prefixes: Collection[str], now: datetime) -> None:
    """Delete the health of sources that are no longer part of the program; it would be stale for ever.

    prefixes: of rows that others than sources write, such as the stream collector.
    """
    for row in SourceHealth.objects.exclude(source__in=known):
        if not row.source.startswith(tuple(prefixes)):
            unregister(row.source, now)


def unregister(source: str, now: datetime) -> None:
    """The source is no longer polled, on purpose: delete its health and close what is open about it."""
    SourceHealth.objects.filter(pk=source).delete()
    close_problems(source, now)


def close_problems(source: str, now: datetime, troubles: Collection[str] = PROBLEMS) -> None:
    """Close the operations events that are open about the source."""
    for problem in troubles:
        _operations_event(source, problem, now, "", closed=True)


@_on_one_base
def attempted(source: str, interval_seconds: float, now: datetime) -> None:
    now = clock.as_database(now)
    values = {"interval_seconds": interval_seconds, "last_attempt_at": now}
    if not _updated(_ATTEMPTED, (interval_seconds, now, source)):
        SourceHealth.objects.get_or_create(pk=source, defaults={**values, "watched_since": now})


def _updated(statement: str, values: Sequence[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount)


def succeeded(source: str, now: datetime, items: int, seconds: float, clock_skew: float | None) -> None:
    """The source answered: end its back-off and close its operations events."""
    values = (items, round(seconds * 1000), clock_skew, source)
    if _write_success(now, f"{_SUCCEEDED} AND state = %s", (*values, State.OK.value)):
        return
    # One transaction: a crash between the two writes would leave the operations event open for ever.
    with transaction.atomic():
        before = SourceHealth.objects.filter(pk=source).values_list("state", flat=True).first()
        _write_success(now, _SUCCEEDED, values)
        if before not in (State.OK, State.WAITING):
            logger.info("%s answers again", source)
            close_problems(source, now)


@_on_one_base
def _write_success(now: datetime, statement: str, values: Sequence[Any]) -> bool:
    return _updated(statement, (clock.as_database(now), *values))


def failed(
    source: str,
    now: datetime,
    error: str,
    seconds: float,
    after: float | None,
    drift: bool,
    payload: str | None,
    back_off: bool = True,
) -> None:
    """The round failed: back off, for at most ten intervals or as long as the upstream demands.

    seconds: the duration of the round. after: seconds that the upstream demands, None for none. drift: the shape of the
    answer was unknown. payload: its key in the archive. back_off: False where most of the round succeeded, so that one
    bad part does not delay the others.
    """
    with clock.BASE, transaction.atomic():
        row = SourceHealth.objects.select_for_update().get(pk=source)
        row.consecutive_failures += 1
        interval = row.interval_seconds
        wait = backoff(row.consecutive_failures, interval, interval * _MAX_BACKOFF_INTERVALS) if back_off else 0.0
        at = clock.as_database(now)
        row.next_attempt_at = at + timedelta(seconds=max(wait, after or 0))
        is_new = row.last_error != error or row.consecutive_failures == 1
        if row.state != State.STALE:
            row.state = State.DRIFT if drift else State.FAILING
        row.last_error, row.last_error_at = error, at
        row.last_duration_ms = round(seconds * 1000)
        if payload:
            row.error_payload_id = payload
        row.save()
        # One line when the error begins or changes, and none for a repeat: a dead network must not fill the log. Logged
        # before the commit: a reader that sees the state finds the line.
        logger.log(logging.WARNING if is_new else logging.DEBUG, "%s: %s", source, error)
    if drift:
        since = clock.of_database(row.last_success_at or row.watched_since)
        _operations_event(source, "drift", now, error, since=since)


def mark_stale(now: datetime) -> list[str]:
    """Mark sources that have been silent for five intervals, with one card each; returns the newly stale ones."""
    stale = []
    for row, since in _silent(now):
        stale.append(row.pk)
        logger.warning("%s has been silent since %s UTC", row.pk, f"{since:%Y-%m-%d %H:%M:%S}")
        with transaction.atomic():
            SourceHealth.objects.filter(pk=row.pk).update(state=State.STALE)
            # Where a card reports schema drift already, one about silence adds nothing.
            if not is_reported(row.pk, "drift"):
                last = f"silent since {since:%Y-%m-%d %H:%M} UTC. {row.last_error}".strip()
                _operations_event(row.pk, "stale", now, last, since=since)
    return stale


@_on_one_base
def _silent(now: datetime) -> list[tuple[SourceHealth, datetime]]:
    """Sources that have been silent for too long and are not marked yet, with the time since when."""
    found, now = [], clock.as_database(now)
    for row in SourceHealth.objects.exclude(state=State.STALE):
        patience = max(timedelta(seconds=row.interval_seconds * STALE_AFTER_INTERVALS), STALE_AT_LEAST)
        since = max(row.last_success_at or row.watched_since, row.watched_since)
        # An answer from the future was written by another clock and proves nothing.
        if not clock.is_fresh(since, now, patience):
            found.append((row, clock.of_database(since)))
    return found


def key_of(source: str, problem: str) -> str:
    return f"operations:{problem}:{source}"


def is_reported(source: str, problem: str) -> bool:
    """Whether an operations event about this problem is open."""
    return plain_events().filter(natural_key=key_of(source, problem), status=Status.OPEN).exists()


def _operations_event(
    source: str, problem: str, now: datetime, error: str, closed: bool = False, since: datetime | None = None
) -> None:
    facts = {} if closed else {"error": error[:2000]}
    unseen = registry.unseen(source)
    if since is not None and unseen:
        facts["not seen"] = sentence(unseen, since)
    record(
        EventDraft(
            source="operations",
            category=Category.OPERATIONS,
            natural_key=key_of(source, problem),
            title=f"Source {source} {_TITLES[problem]}",
            kind="operations",
            # It is about no token: it reaches people, and never the view.
            priority="low",
            effects=(),
            facts=facts,
            extra={"subject": source},
            state="closed" if closed else "open",
            close_reason="the source answers again" if closed else "",
            reopen="always",
        ),
        now,
    )
