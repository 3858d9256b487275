"""The health of sources: back-off, what failed and how, and the operations events that watch the watcher."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from events.drafts import EventDraft
from events.kinds import Category
from events.lifecycle import record
from events.models import SourceHealth

logger = logging.getLogger(__name__)

STALE_AFTER_INTERVALS = 5
# A source on a very short interval is not silent because of one slow answer.
_STALE_AT_LEAST = timedelta(seconds=60)
_MAX_BACKOFF_INTERVALS = 10
State = SourceHealth.State


def is_due(source: str, now: datetime) -> bool:
    """Whether the source may be asked, that is, is not backing off."""
    row = SourceHealth.objects.filter(pk=source).values_list("next_attempt_at", "last_attempt_at").first()
    if row is None or row[0] is None or row[0] <= now:
        return True
    # Our clock was set back since: what it said of the future then means nothing.
    return row[1] is not None and row[1] > now


def watch(source: str, interval_seconds: float, now: datetime) -> None:
    """A daemon begins to ask the source: silence counts from here, not from the last daemon's end."""
    SourceHealth.objects.update_or_create(
        pk=source,
        defaults={
            "interval_seconds": interval_seconds,
            "watched_since": now,
            "next_attempt_at": None,
            "consecutive_failures": 0,
        },
    )


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
    for trouble in ("stale", "drift"):
        _operations_event(source, trouble, now, "", closed=True)


def attempted(source: str, interval_seconds: float, now: datetime) -> None:
    said = {"interval_seconds": interval_seconds, "last_attempt_at": now}
    if not SourceHealth.objects.filter(pk=source).update(**said):
        SourceHealth.objects.get_or_create(pk=source, defaults={**said, "watched_since": now})


def succeeded(source: str, now: datetime, items: int, seconds: float, clock_skew: float | None) -> None:
    """The source answered. Ends its back-off and its operations event, if one is open."""
    said = {
        "state": State.OK,
        "last_success_at": now,
        "last_item_count": items,
        "last_duration_ms": round(seconds * 1000),
        "clock_skew_seconds": clock_skew,
        "consecutive_failures": 0,
        "next_attempt_at": None,
    }
    if SourceHealth.objects.filter(pk=source, state=State.OK).update(**said):
        return
    before = SourceHealth.objects.filter(pk=source).values_list("state", flat=True).first()
    SourceHealth.objects.filter(pk=source).update(**said)
    if before not in (State.OK, State.WAITING):
        logger.info("%s answers again", source)
        for trouble in ("stale", "drift"):
            _operations_event(source, trouble, now, "", closed=True)


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
    with transaction.atomic():
        row = SourceHealth.objects.select_for_update().get(pk=source)
        row.consecutive_failures += 1
        steps = min(2 ** min(row.consecutive_failures - 1, 10), _MAX_BACKOFF_INTERVALS) if back_off else 0
        backoff = row.interval_seconds * steps
        row.next_attempt_at = now + timedelta(seconds=max(backoff, after or 0))
        news = row.last_error != error or row.consecutive_failures == 1
        if row.state != State.STALE:
            row.state = State.DRIFT if drift else State.FAILING
        row.last_error, row.last_error_at = error, now
        row.last_duration_ms = round(seconds * 1000)
        if payload:
            row.error_payload_id = payload
        row.save()
    # One clear line when it begins or changes, none for each repeat: a dead network must not fill the log.
    logger.log(logging.WARNING if news else logging.DEBUG, "%s: %s", source, error)
    if drift:
        _operations_event(source, "drift", now, error)


def mark_stale(now: datetime) -> list[str]:
    """Find sources that have been silent for five intervals; each is alerted once. The newly stale ones."""
    stale = []
    for row in SourceHealth.objects.exclude(state=State.STALE):
        patience = max(timedelta(seconds=row.interval_seconds * STALE_AFTER_INTERVALS), _STALE_AT_LEAST)
        since = max(row.last_success_at or row.watched_since, row.watched_since)
        if now - since <= patience:
            continue
        SourceHealth.objects.filter(pk=row.pk).update(state=State.STALE)
        stale.append(row.pk)
        logger.warning("%s has been silent since %s UTC", row.pk, f"{since:%Y-%m-%d %H:%M:%S}")
        last = f"silent since {since:%Y-%m-%d %H:%M} UTC. {row.last_error}".strip()
        _operations_event(row.pk, "stale", now, last)
    return stale


def _operations_event(source: str, trouble: str, now: datetime, error: str, closed: bool = False) -> None:
    what = {"stale": "is silent", "drift": "answers in an unknown shape"}[trouble]
    record(
        EventDraft(
            source="operations",
            category=Category.OPERATIONS,
            natural_key=f"operations:{trouble}:{source}",
            title=f"Source {source} {what}",
            kind="operations",
            # Not about a token: it must reach people, and never the view.
            priority="low",
            effects=(),
            facts={} if closed else {"error": error[:2000]},
            extra={"subject": source},
            state="closed" if closed else "open",
            close_reason="the source answers again" if closed else "",
            reopen="always",
        ),
        now,
    )
