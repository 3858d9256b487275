"""Stores the age of a source's content in its health, and raises the card of a source whose content is old.

The health's state is `stale` while the content is older than its bound; bots treat that like silence. The age of the
answer itself (`last_success_at`) is stored beside it.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from events import clock
from events.drafts import EventDraft
from events.enums import Category, Status
from events.lifecycle import record
from events.models import SourceHealth, plain_events
from events.sources import health
from events.sources.content import ContentAge, ContentRule, PartState, parts_as_json, parts_from_json, sentence

logger = logging.getLogger(__name__)

State = SourceHealth.State


def known_parts(source: str) -> dict[str, PartState]:
    """What is stored of the source's content, by part."""
    stored = SourceHealth.objects.filter(pk=source).values_list("content", flat=True).first()
    return parts_from_json(stored or {})


def keep(source: str, age: ContentAge) -> None:
    """Store how old the content is, whether the round succeeded or not."""
    with clock.BASE:
        SourceHealth.objects.filter(pk=source).update(**_columns(age))


def _columns(age: ContentAge) -> dict[str, Any]:
    """Call it under `BASE`: readers compare the age with the database's clock. The times of the parts are ours."""
    return {
        "content": parts_as_json(age.parts),
        "content_at": None if age.at is None else clock.as_database(age.at),
        "content_bound_seconds": age.bound.total_seconds() if age.bound else None,
    }


def succeeded(
    source: str,
    rule: ContentRule,
    age: ContentAge,
    now: datetime,
    items: int,
    seconds: float,
    clock_skew: float | None,
) -> None:
    """The source answered: ok where its content is within its bound, else stale, with one card."""
    if not age.problem:
        keep(source, age)
        health.succeeded(source, now, items, seconds, clock_skew)
        return
    # One transaction: a crash between the two would leave a stale source without a card, or a card of one that is ok.
    with transaction.atomic():
        newly = _write_stale(source, age, now, items, seconds, clock_skew)
        # The answer was readable: close what is open about silence and schema, also where the content was old before.
        other = [problem for problem in health.PROBLEMS if problem != "content" and health.is_reported(source, problem)]
        health.close_problems(source, now, other)
        if newly:
            logger.warning("%s answers with old content: %s", source, age.problem)
            if not _is_reported_by_another(rule):
                record(_draft(source, age), now)


def _write_stale(
    source: str, age: ContentAge, now: datetime, items: int, seconds: float, clock_skew: float | None
) -> bool:
    """Update the health; whether parts are old that were not before."""
    # Readers compare these times with the database's clock, so they are written by it. First the base, then the row: a
    # writer that moves the base waits for the row.
    with clock.BASE:
        row = SourceHealth.objects.select_for_update().get(pk=source)
        at = clock.as_database(now)
        newly = bool(set(age.overdue) - set(row.content_overdue)) or not row.content_overdue
        row.state, row.last_success_at, row.last_item_count = State.STALE, at, items
        row.last_duration_ms, row.clock_skew_seconds = round(seconds * 1000), clock_skew
        row.consecutive_failures, row.next_attempt_at = 0, None
        for column, value in _columns(age).items():
            setattr(row, column, value)
        row.content_overdue = list(age.overdue)
        row.last_error = age.problem
        if newly:
            row.last_error_at = at
        row.save()
    return newly


def _is_reported_by_another(rule: ContentRule) -> bool:
    """Whether a source that this one reads through has an open card already."""
    keys = [health.key_of(source, problem) for source in rule.reported_by for problem in health.PROBLEMS]
    return plain_events().filter(natural_key__in=keys, status=Status.OPEN).exists()


def _draft(source: str, age: ContentAge) -> EventDraft:
    assert age.since is not None, "content beyond its bound has an age"
    return EventDraft(
        source="operations",
        category=Category.OPERATIONS,
        natural_key=health.key_of(source, "content"),
        title=f"Source {source} answers with old content",
        kind="operations",
        # It is about no token: it reaches people, and never the view.
        priority="low",
        effects=(),
        facts={"not seen": sentence(age.unseen, age.since), "error": age.problem[:2000]},
        extra={"subject": source},
        reopen="always",
    )
