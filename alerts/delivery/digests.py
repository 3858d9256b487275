"""Digests: one alert that lists many. Its members wait in it and are finished only when it is accepted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from alerts import metrics
from alerts.delivery.batches import Batch
from alerts.models import Alert
from alerts.verdicts import MOST_DECISIONS, decision_row
from events.enums import AlertReason

State = Alert.State


def make(members: Sequence[Alert], choice: Batch, channel: str, now: datetime) -> Alert:
    """Create the digest of these alerts, whose rows the caller has locked."""
    digest = Alert.objects.create(
        event=None,
        reason=AlertReason.DIGEST,
        channel=channel,
        urgency=choice.urgency,
        severity=max(member.severity for member in members),
        # What a link to act on all of them is bound to: a member may be sent by itself later and leave its digest.
        detail={"digest": {"kind": choice.kind, "events": sorted({member.event_id for member in members})}},
        queued_at=now,
        due_at=now,
    )
    _move(
        [member.pk for member in members],
        State.GROUPED,
        digest.pk,
        now,
        "",
        decision_row("group", *choice.group, now),
        decision_row("limit", *choice.limit, now),
    )
    for _ in members:
        metrics.decided("group", choice.group[0])
        metrics.decided("limit", choice.limit[0])
    return digest


def mark_delivered(digest: Alert, now: datetime) -> int:
    """The receiver accepted the digest, which delivers its members; the number of members."""
    decision = decision_row("record", "digested", f"listed in digest {digest.pk}", now)
    return _move(_members(digest), State.DIGESTED, digest.pk, now, f"listed in digest {digest.pk}", decision)


def mark_refused(digest: Alert, why: str, now: datetime) -> int:
    """The receiver refused the digest: its members are sent individually, as one of them may be the cause."""
    decision = decision_row("record", "told_alone", f"digest {digest.pk} was refused: {why}", now)
    return _move(_members(digest), State.PENDING, None, now, "", decision)


def mark_dead(digest: Alert, why: str, now: datetime) -> int:
    """The digest was given up after 24 hours of retries, which count for its members too."""
    decision = decision_row("record", "dead", f"digest {digest.pk} was given up: {why}", now)
    return _move(_members(digest), State.DEAD, digest.pk, now, f"in digest {digest.pk}: {why}", decision)


def _members(digest: Alert) -> list[int]:
    return list(Alert.objects.filter(digest=digest.pk, state=State.GROUPED).order_by("id").values_list("pk", flat=True))


def _move(
    ids: Sequence[int], state: State, digest_id: int | None, now: datetime, reason: str, *decisions: dict[str, str]
) -> int:
    """Move members to a state and append the decisions; the number of members."""
    alone = state == State.PENDING
    done_at = None if state in (State.PENDING, State.GROUPED) else now
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE alerts_alert
            SET state = %s, digest_id = %s, done_at = %s, done_reason = %s, leased_until = NULL, leased_by = '',
                alone = alone OR %s, due_at = CASE WHEN %s THEN %s ELSE due_at END,
                decisions = CASE WHEN jsonb_array_length(decisions) < %s THEN decisions || %s::jsonb ELSE decisions END
            WHERE id = ANY (%s)
            """,
            [
                state.value,
                digest_id,
                done_at,
                reason[:200],
                alone,
                alone,
                now,
                MOST_DECISIONS,
                json.dumps(decisions),
                list(ids),
            ],
        )
        return int(cursor.rowcount)
