"""The health of sources: back-off, what failed and how, and the operations events that watch the watcher.

`now` is our time everywhere; what is kept is what the database's clock shows then, as readers judge it by that.
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
# A source on a very short interval is not silent because of one slow answer.
_STALE_AT_LEAST = timedelta(seconds=60)
_MAX_BACKOFF_INTERVALS = 10
State = SourceHealth.State
TROUBLES = ("stale", "drift", "content")
_TITLES = {
    "stale": "is silent",
    "drift": "answers in an unknown shape",
    "content": "answers and says nothing new",
}

# Written twice a round of every source. Having these made by the ORM takes longer than having them executed.
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
    """Times are translated and written, or compared, by one and the same reading of the database's clock."""

    @wraps(work)
    def with_base(*arguments: P.args, **options: P.kwargs) -> R:
        with clock.BASE:
            return work(*arguments, **options)

    return with_base


@_on_one_base
def is_due(source: str, now: datetime) -> bool:
    """Whether the source may be asked, that is, is not backing off."""
    now = clock.as_database(now)
    row = SourceHealth.objects.filter(pk=source).values_list("next_attempt_at", "last_attempt_at").first()
    if row is None or row[0] is None or row[0] <= now:
        return True
    # Our clock was set back since: what it said of the future then means nothing.
    return row[1] is not None and row[1] > now


@_on_one_base
def watch(source: str, interval_seconds: float, now: datetime) -> None:
    """A daemon begins to ask the source: silence counts from here, not from the last daemon's end."""
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
    # An answer from the future was written by another clock, and proves nothing.
    ahead = now + timedelta(seconds=clock.FUTURE_SECONDS)
    SourceHealth.objects.filter(pk=source, last_success_at__gt=ahead).update(last_success_at=None)


def forget_unknown(known: Collection[str], prefixes: Collection[str], now: datetime) -> None:
    """Drop the rows of sources that are no longer part of the program: they would be stale for ever.

    prefixes: of rows that are written by others than sources, such as suspended alert channels.
    """
    for row in SourceHealth.objects.exclude(source__in=known):
        if not row.source.startswith(tuple(prefixes)):
            forget(row.source, now)


def forget(source: str, now: datetime) -> None:
    """Nobody asks this source any more, on purpose: its silence is none, and what was open about it closes."""
    SourceHealth.objects.filter(pk=source).delete()
    close_troubles(source, now)


def close_troubles(source: str, now: datetime, troubles: Collection[str] = TROUBLES) -> None:
    """Close what is open about the source."""
    for trouble in troubles:
        _operations_event(source, trouble, now, "", closed=True)


@_on_one_base
def attempted(source: str, interval_seconds: float, now: datetime) -> None:
    now = clock.as_database(now)
    said = {"interval_seconds": interval_seconds, "last_attempt_at": now}
    if not _updated(_ATTEMPTED, (interval_seconds, now, source)):
        SourceHealth.objects.get_or_create(pk=source, defaults={**said, "watched_since": now})


def _updated(statement: str, values: Sequence[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount)


def succeeded(source: str, now: datetime, items: int, seconds: float, clock_skew: float | None) -> None:
    """The source answered. Ends its back-off and its operations event, if one is open."""
    said = (items, round(seconds * 1000), clock_skew, source)
    if _write_success(now, f"{_SUCCEEDED} AND state = %s", (*said, State.OK.value)):
        return
    # Together: whoever is killed in between must not leave a source that is well with its trouble open for ever.
    with transaction.atomic():
        before = SourceHealth.objects.filter(pk=source).values_list("state", flat=True).first()
        _write_success(now, _SUCCEEDED, said)
        if before not in (State.OK, State.WAITING):
            logger.info("%s answers again", source)
            close_troubles(source, now)


@_on_one_base
def _write_success(now: datetime, statement: str, said: Sequence[Any]) -> bool:
    return _updated(statement, (clock.as_database(now), *said))


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
    """The source did not answer usably: back off, to at most ten intervals or as long as the upstream asked for.

    back_off: off where most of it answered, so that one bad part does not delay the news of the others.
    """
    with clock.BASE, transaction.atomic():
        row = SourceHealth.objects.select_for_update().get(pk=source)
        row.consecutive_failures += 1
        interval = row.interval_seconds
        wait = backoff(row.consecutive_failures, interval, interval * _MAX_BACKOFF_INTERVALS) if back_off else 0.0
        at = clock.as_database(now)
        row.next_attempt_at = at + timedelta(seconds=max(wait, after or 0))
        news = row.last_error != error or row.consecutive_failures == 1
        if row.state != State.STALE:
            row.state = State.DRIFT if drift else State.FAILING
        row.last_error, row.last_error_at = error, at
        row.last_duration_ms = round(seconds * 1000)
        if payload:
            row.error_payload_id = payload
        row.save()
        # One clear line when it begins or changes, none for each repeat: a dead network must not fill the log. Before
        # anybody can see the state, so that whoever sees it finds the line.
        logger.log(logging.WARNING if news else logging.DEBUG, "%s: %s", source, error)
    if drift:
        since = clock.of_database(row.last_success_at or row.watched_since)
        _operations_event(source, "drift", now, error, since=since)


def mark_stale(now: datetime) -> list[str]:
    """Find sources that have been silent for five intervals; each is alerted once. The newly stale ones."""
    stale = []
    for row, since in _silent(now):
        stale.append(row.pk)
        logger.warning("%s has been silent since %s UTC", row.pk, f"{since:%Y-%m-%d %H:%M:%S}")
        with transaction.atomic():
            SourceHealth.objects.filter(pk=row.pk).update(state=State.STALE)
            # Whoever was told that it cannot be understood learns nothing by its silence.
            if not is_told(row.pk, "drift"):
                last = f"silent since {since:%Y-%m-%d %H:%M} UTC. {row.last_error}".strip()
                _operations_event(row.pk, "stale", now, last, since=since)
    return stale


@_on_one_base
def _silent(now: datetime) -> list[tuple[SourceHealth, datetime]]:
    """Those that have been silent for too long and are not marked yet, with the time since when."""
    found, now = [], clock.as_database(now)
    for row in SourceHealth.objects.exclude(state=State.STALE):
        patience = max(timedelta(seconds=row.interval_seconds * STALE_AFTER_INTERVALS), _STALE_AT_LEAST)
        since = max(row.last_success_at or row.watched_since, row.watched_since)
        # An answer from the future was written by another clock, and proves nothing.
        if not clock.is_fresh(since, now, patience):
            found.append((row, clock.of_database(since)))
    return found


def key_of(source: str, trouble: str) -> str:
    return f"operations:{trouble}:{source}"


def is_told(source: str, trouble: str) -> bool:
    """Whether people have been told of this trouble, and not yet of its end."""
    return plain_events().filter(natural_key=key_of(source, trouble), status=Status.OPEN).exists()


def _operations_event(
    source: str, trouble: str, now: datetime, error: str, closed: bool = False, since: datetime | None = None
) -> None:
    facts = {} if closed else {"error": error[:2000]}
    unseen = registry.unseen(source)
    if since is not None and unseen:
        facts["not seen"] = sentence(unseen, since)
    record(
        EventDraft(
            source="operations",
            category=Category.OPERATIONS,
            natural_key=key_of(source, trouble),
            title=f"Source {source} {_TITLES[trouble]}",
            kind="operations",
            # Not about a token: it must reach people, and never the view.
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
