"""The outbox: alerts are queued in the transaction that writes the event they tell of, and sent again by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from alerts import metrics
from alerts.deferral import inherit, note_deferred, note_told
from alerts.models import Alert, ChannelState
from alerts.routes import NOTICE_URGENCY
from alerts.verdicts import FLAPS, StageResult
from events.enums import AlertReason

NOTIFY_CHANNEL = "alert_queued"

State = Alert.State

WAITING = (State.PENDING, State.SENDING, State.GROUPED)
FINISHED = (State.DEAD, State.SENT, State.SUPERSEDED, State.SILENCED, State.MUTED, State.DIGESTED)
RESENDABLE = (*FINISHED, State.HELD)


def queue(
    *,
    event_id: int | None,
    reason: str,
    revision: int,
    channel: str,
    urgency: int,
    detail: dict[str, Any],
    now: datetime,
    state: str = State.PENDING,
    silence_id: int | None = None,
    inhibitor_id: int | None = None,
    muted_by: str = "",
    severity: int = 0,
    verdicts: Sequence[StageResult] = (),
) -> int | None:
    """Add an alert in the caller's transaction and notify the dispatchers at its commit.

    Returns its id, or None when the same alert was queued before. Older cards of the event that still wait are
    superseded by it: of those that are held back by one that is held back too, and all of them by one to be sent.
    """
    done_at, done_reason = None, ""
    if state in (State.SILENCED, State.MUTED):
        done_at, done_reason = now, verdicts[-1].reason if verdicts else muted_by
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH queued AS (
                INSERT INTO alerts_alert (event_id, life, reason, revision, channel, state, urgency, detail, queued_at,
                                          due_at, attempts, leased_by, shrunk, done_at, done_reason, silence_id,
                                          inhibitor_id, muted_by, severity, decisions, alone)
                VALUES (%s, coalesce((SELECT life FROM events_event WHERE id = %s), 1),
                        %s, %s, %s, %s, %s, %s, %s, %s, 0, '', false, %s, %s, %s, %s, %s, %s, %s, false)
                ON CONFLICT DO NOTHING
                RETURNING id, channel
            )
            SELECT id, pg_notify(%s, channel) FROM queued
            """,
            [
                event_id,
                event_id,
                reason,
                revision,
                channel,
                state,
                urgency,
                json.dumps(detail, default=_json_value),
                now,
                now,
                done_at,
                done_reason[:200],
                silence_id,
                inhibitor_id,
                muted_by,
                severity,
                json.dumps([verdict.as_row(now) for verdict in verdicts]),
                NOTIFY_CHANNEL,
            ],
        )
        row = cursor.fetchone()
    if row is None:
        metrics.decided("dedup", "duplicate")
        return None
    alert_id: int = row[0]
    for verdict in verdicts:
        metrics.decided(verdict.stage, verdict.decision)
    if muted_by:
        metrics.suppressed(muted_by)
    # Of the first revision of an event nothing can be waiting.
    if event_id is not None and revision > 1 and state in (State.PENDING, State.HELD):
        states = [State.HELD] if state == State.HELD else [State.PENDING, State.HELD]
        waiting = Alert.objects.filter(event_id=event_id, channel=channel, state__in=states, pk__lt=alert_id)
        older = list(waiting.order_by("id").select_for_update(no_key=True))
        if older:
            supersede(older, Alert.objects.get(pk=alert_id), now)
    return alert_id


def _json_value(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def queue_notice(
    channels: Iterable[str],
    reason: str,
    title: str,
    text: str,
    good: bool,
    now: datetime,
    *,
    kind: str = "",
    lines: Sequence[str] = (),
) -> None:
    """Queue a message that tells of no event, once for each of the channels.

    kind: of messages that may be merged (`alerts.notices`), each with its lines.
    """
    notice: dict[str, Any] = {"title": title, "text": text, "good": good}
    if kind:
        notice |= {"kind": kind, "lines": list(lines)}
    for channel in channels:
        queue(
            event_id=None,
            reason=reason,
            revision=1,
            channel=channel,
            urgency=NOTICE_URGENCY,
            detail={"notice": notice},
            now=now,
        )


def supersede(older: Sequence[Alert], newest: Alert, now: datetime) -> None:
    """Let `newest` speak for cards that never went out: it says what they would have said, in their place in line."""
    said: list[str] = []
    changes: dict[str, list[Any]] = {}
    flaps = max(alert.detail.get(FLAPS, 0) for alert in [*older, newest])
    # What an earlier life of the event never told is over with it, and neither explains nor defers this one.
    for alert in [*(row for row in older if row.life == newest.life), newest]:
        said += [reason for reason in (*alert.detail.get("said", ()), alert.reason) if reason not in said]
        for field, (before, after) in alert.detail.get("changes", {}).items():
            changes[field] = [changes[field][0] if field in changes else before, after]
        if alert.state == State.HELD and newest.state != State.HELD and alert is not newest:
            note_deferred(alert)
        inherit(newest.detail, alert.detail)
    newest.detail["said"] = [reason for reason in said if reason != newest.reason]
    newest.detail["changes"] = {field: pair for field, pair in changes.items() if pair[0] != pair[1]}
    if flaps:
        newest.detail[FLAPS] = flaps
    untried = [alert.due_at for alert in older if alert.attempts == 0]
    newest.due_at = min([newest.due_at, *untried])
    if newest.state == State.HELD and newest.reason != AlertReason.CLOSED:
        # How long it has lasted counts from its return, or updates would put off for ever that it is told.
        of_this_life = [alert for alert in older if alert.life == newest.life]
        beginnings = [alert.queued_at for alert in of_this_life if alert.reason != AlertReason.CLOSED]
        newest.queued_at = min([newest.queued_at, *beginnings])
    newest.save(update_fields=["detail", "due_at", "queued_at"])
    Alert.objects.filter(pk__in=[alert.pk for alert in older]).update(
        state=State.SUPERSEDED,
        done_at=now,
        done_reason=f"replaced by alert {newest.pk}",
        leased_until=None,
        leased_by="",
    )


def restart(alert: Alert, now: datetime) -> None:
    """Give an alert a new start: due now, with the whole retry ladder before it.

    Its card says what it was before: told already, or kept from being told.
    """
    if alert.state in (State.SENT, State.DIGESTED):
        note_told(alert)
    elif alert.state in (State.HELD, State.SILENCED, State.MUTED):
        note_deferred(alert)
    alert.state, alert.due_at, alert.attempts, alert.shrunk = State.PENDING, now, 0, False
    alert.leased_until, alert.leased_by, alert.done_at, alert.done_reason = None, "", None, ""
    # Whoever wants it again wants it told, whatever kept it from being told.
    alert.muted_by, alert.inhibitor_id, alert.silence_id, alert.digest_id = "", None, None, None
    alert.detail["restarted_at"] = now.isoformat()
    alert.save(
        update_fields=[
            "state",
            "due_at",
            "attempts",
            "shrunk",
            "leased_until",
            "leased_by",
            "done_at",
            "done_reason",
            "muted_by",
            "inhibitor",
            "silence",
            "digest",
            "detail",
        ]
    )


def resend(alert_ids: Iterable[int], now: datetime) -> int:
    """Send alerts again, by hand: those that are finished, whatever became of them, and those that are held back.

    Returns how many were queued.
    """
    with transaction.atomic():
        alerts = list(Alert.objects.select_for_update(no_key=True).filter(pk__in=alert_ids, state__in=RESENDABLE))
        for alert in alerts:
            restart(alert, now)
        wake({alert.channel for alert in alerts})
    return len(alerts)


def wake(channels: Iterable[str]) -> None:
    """Notify the dispatchers of these channels at the transaction's commit."""
    with connection.cursor() as cursor:
        for channel in channels:
            cursor.execute("SELECT pg_notify(%s, %s)", [NOTIFY_CHANNEL, channel])


def health_numbers() -> dict[str, float]:
    """For /healthz and /metrics: what waits, what was given up, and channels that are suspended."""
    return {
        "alerts_pending": Alert.objects.filter(state__in=WAITING).count(),
        "alerts_dead": Alert.objects.filter(state=Alert.State.DEAD).count(),
        "channels_suspended": ChannelState.objects.exclude(suspended_at=None).count(),
    }
