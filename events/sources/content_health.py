"""The age of a source's content in its row of health, and the card of a source that answers and says nothing new.

The row's state is `stale` while the content is older than its bound: bots read that as they read silence. The answer's
own age (`last_success_at`) goes on counting beside it.
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
from events.sources.content import ContentRule, Judgement, PartState, parts_as_json, parts_from_json, sentence

logger = logging.getLogger(__name__)

State = SourceHealth.State


def known_parts(source: str) -> dict[str, PartState]:
    """What is remembered of the source's content."""
    stored = SourceHealth.objects.filter(pk=source).values_list("content", flat=True).first()
    return parts_from_json(stored or {})


def keep(source: str, judgement: Judgement) -> None:
    """Write down how old the content is, whatever else became of the round."""
    with clock.BASE:
        SourceHealth.objects.filter(pk=source).update(**_columns(judgement))


def _columns(judgement: Judgement) -> dict[str, Any]:
    """Under `BASE`: the age is read by the database's clock, as the answer's is. What the parts say is of our time."""
    return {
        "content": parts_as_json(judgement.parts),
        "content_at": None if judgement.at is None else clock.as_database(judgement.at),
        "content_bound_seconds": judgement.bound.total_seconds() if judgement.bound else None,
    }


def succeeded(
    source: str,
    rule: ContentRule,
    judgement: Judgement,
    now: datetime,
    items: int,
    seconds: float,
    clock_skew: float | None,
) -> None:
    """The source answered: it is well where its content is no older than its bound, else it is stale, told once."""
    if not judgement.problem:
        keep(source, judgement)
        health.succeeded(source, now, items, seconds, clock_skew)
        return
    # Together: whoever is killed in between must leave neither a stale source untold, nor one told that is well.
    with transaction.atomic():
        newly = _write_stale(source, judgement, now, items, seconds, clock_skew)
        # It can be read, so that it is neither silent nor odd: also where that came while its content was old already.
        other = [trouble for trouble in health.TROUBLES if trouble != "content" and health.is_told(source, trouble)]
        health.close_troubles(source, now, other)
        if newly:
            logger.warning("%s answers and says nothing new: %s", source, judgement.problem)
            if not _is_told_by_another(rule):
                record(_draft(source, judgement), now)


def _write_stale(
    source: str, judgement: Judgement, now: datetime, items: int, seconds: float, clock_skew: float | None
) -> bool:
    """Its row of health; whether parts of it are old that were not before."""
    # What readers compare with the database's clock is kept by that clock. The base first: whoever moves it waits for
    # the row.
    with clock.BASE:
        row = SourceHealth.objects.select_for_update().get(pk=source)
        at = clock.as_database(now)
        newly = bool(set(judgement.overdue) - set(row.content_overdue)) or not row.content_overdue
        row.state, row.last_success_at, row.last_item_count = State.STALE, at, items
        row.last_duration_ms, row.clock_skew_seconds = round(seconds * 1000), clock_skew
        row.consecutive_failures, row.next_attempt_at = 0, None
        for column, value in _columns(judgement).items():
            setattr(row, column, value)
        row.content_overdue = list(judgement.overdue)
        row.last_error = judgement.problem
        if newly:
            row.last_error_at = at
        row.save()
    return newly


def _is_told_by_another(rule: ContentRule) -> bool:
    """Whether the card of a source that this one reads through says it already."""
    keys = [health.key_of(source, trouble) for source in rule.told_by for trouble in health.TROUBLES]
    return plain_events().filter(natural_key__in=keys, status=Status.OPEN).exists()


def _draft(source: str, judgement: Judgement) -> EventDraft:
    assert judgement.since is not None, "what is beyond its bound has an age"
    return EventDraft(
        source="operations",
        category=Category.OPERATIONS,
        natural_key=health.key_of(source, "content"),
        title=f"Source {source} answers and says nothing new",
        kind="operations",
        # Not about a token: it must reach people, and never the view.
        priority="low",
        effects=(),
        facts={"not seen": sentence(judgement.unseen, judgement.since), "error": judgement.problem[:2000]},
        extra={"subject": source},
        reopen="always",
    )
