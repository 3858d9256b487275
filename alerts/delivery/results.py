"""Records the result of a delivery attempt: the attempt, the state of its alert, and the state of its channel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from alerts import metrics
from alerts.delivery import digests
from alerts.delivery.claims import PROBE_EVERY, Lease, locked_state
from alerts.delivery.retry import UNFINISHED
from alerts.models import Alert, AlertAttempt, ChannelState
from alerts.verdicts import decision_row, with_decisions
from events.enums import AlertReason

State = Alert.State


@dataclass(frozen=True)
class Result:
    """What to record of an attempt. decision: a value of `retry.Kind`; explanation: for people, without secrets."""

    decision: str
    reason: str
    explanation: str
    http_status: int | None
    duration_seconds: float
    excerpt: str
    retry_at: datetime | None = None
    pause_until: datetime | None = None

    @property
    def sentence(self) -> str:
        return f"{self.reason}: {self.explanation}".rstrip(": ")[:300]


@dataclass(frozen=True)
class Recorded:
    """What changed with a result. taken_over: the lease had expired and another worker has the alert; only the attempt
    was recorded. suspended, resumed: of the channel. down_since: when the channel that resumed was suspended.
    """

    taken_over: bool = False
    suspended: bool = False
    resumed: bool = False
    down_since: datetime | None = None


def record_result(lease: Lease, result: Result, now: datetime) -> Recorded:
    """Record an attempt and the new state of its alert and channel, in one transaction."""
    decisions = _decisions(lease, result, now)
    if needs_no_transaction(lease, result):
        recorded = _record_sent(lease, result, decisions, now)
    else:
        recorded = _record_result(lease, result, decisions, now)
    _count(lease, result, recorded, now)
    return recorded


def needs_no_transaction(lease: Lease, result: Result) -> bool:
    """Whether one statement records the result, as only the alert and its attempt change: most results in a storm."""
    return (
        result.decision == "sent" and not (lease.throttled or lease.probe) and lease.alert.reason != AlertReason.DIGEST
    )


def _decisions(lease: Lease, result: Result, now: datetime) -> list[dict[str, str]]:
    return [
        *lease.decisions,
        decision_row("send", result.reason, result.explanation, now),
        decision_row("record", result.decision, f"attempt {lease.alert.attempts}", now),
    ]


def _count(lease: Lease, result: Result, recorded: Recorded, now: datetime) -> None:
    for row in lease.decisions:
        metrics.decided(row["stage"], row["decision"])
    metrics.decided("send", result.reason)
    metrics.decided("record", "taken_over" if recorded.taken_over else result.decision)
    metrics.dwelt("sending", lease.claimed_at, now)
    if result.decision == "sent" and not recorded.taken_over:
        metrics.dwelt("whole", lease.alert.queued_at, now)


def _record_sent(lease: Lease, result: Result, decisions: list[dict[str, str]], now: datetime) -> Recorded:
    stored = with_decisions(lease.alert.decisions, decisions)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH done AS (
                UPDATE alerts_alert
                SET state = 'sent', done_at = %s, done_reason = %s, leased_until = NULL, leased_by = '', decisions = %s
                WHERE id = %s AND state = 'sending' AND leased_by = %s
                RETURNING id
            ), tried AS (
                UPDATE alerts_alertattempt
                SET duration_ms = %s, http_status = %s, decision = 'sent', reason = %s, excerpt = %s
                WHERE id = %s
            )
            SELECT count(*) FROM done
            """,
            [
                now,
                result.reason[:200],
                json.dumps(stored),
                lease.alert.pk,
                lease.worker_id,
                round(result.duration_seconds * 1000),
                result.http_status,
                result.sentence,
                result.excerpt,
                lease.attempt_id,
            ],
        )
        return Recorded(taken_over=not cursor.fetchone()[0])


def _record_result(lease: Lease, result: Result, decisions: list[dict[str, str]], now: datetime) -> Recorded:
    with transaction.atomic():
        state = locked_state(lease.alert.channel)
        AlertAttempt.objects.filter(pk=lease.attempt_id).update(
            duration_ms=round(result.duration_seconds * 1000),
            http_status=result.http_status,
            decision=result.decision,
            reason=result.sentence,
            excerpt=result.excerpt,
        )
        alert = (
            Alert.objects.select_for_update(no_key=True)
            .filter(pk=lease.alert.pk, state=State.SENDING, leased_by=lease.worker_id)
            .first()
        )
        # The receiver saw the request between claim and answer; only a gap counted from the answer is a full one.
        state.last_started_at = now
        state.save(update_fields=["last_started_at"])
        down_since = state.suspended_at
        suspended, resumed = _apply_to_channel(state, result, now)
        if alert is None:
            return Recorded(True, suspended, resumed, down_since)
        alert.decisions = with_decisions(alert.decisions, decisions)
        _apply_to_alert(alert, result, now, lease.throttled)
        if resumed:
            _restart_waiting(lease.alert.channel, now)
        return Recorded(False, suspended, resumed, down_since)


def _apply_to_alert(alert: Alert, result: Result, now: datetime, throttled: bool) -> None:
    alert.leased_until, alert.leased_by = None, ""
    listed = alert.reason == AlertReason.DIGEST
    match result.decision:
        case "sent":
            alert.state, alert.done_at, alert.done_reason = State.SENT, now, result.reason[:200]
            if listed:
                digests.mark_delivered(alert, now)
        case "dead":
            alert.state, alert.done_at, alert.done_reason = State.DEAD, now, result.reason[:200]
            if listed:
                (digests.mark_dead if result.reason.endswith("_for_24_hours") else digests.mark_refused)(
                    alert, result.reason, now
                )
        case "shrink":
            alert.state, alert.shrunk, alert.due_at = State.PENDING, True, now
        case "suspend":
            # A channel without a rate limit is not blocked as a whole, so each alert waits for itself.
            alert.state, alert.due_at = State.PENDING, now if throttled else now + PROBE_EVERY
        case "retry":
            alert.state, alert.due_at = State.PENDING, result.retry_at or now
            if result.reason == UNFINISHED:
                # The receiver takes the message: a failure later on is its first one.
                alert.attempts = 1
        case unknown:
            raise ValueError(f"decision was {unknown!r}, expected sent, retry, shrink, dead or suspend")
    alert.save(
        update_fields=[
            "leased_until", "leased_by", "state", "shrunk", "due_at", "done_at", "done_reason", "decisions", "attempts"
        ]
    )  # fmt: skip


def _apply_to_channel(state: ChannelState, result: Result, now: datetime) -> tuple[bool, bool]:
    """Suspend, resume or pause the channel; (newly suspended, resumed)."""
    suspended = resumed = False
    was_suspended = state.suspended_at is not None
    if result.decision == "suspend":
        suspended = not was_suspended
        state.suspended_at = state.suspended_at or now
        state.suspended_reason = f"{result.reason}: {result.explanation}"[:300]
        state.probe_at = now + PROBE_EVERY
    elif result.decision == "sent" and was_suspended:
        resumed = True
        state.suspended_at, state.suspended_reason, state.probe_at = None, "", None
    elif result.decision == "shrink" and was_suspended:
        # The probe was refused for its size only: the minimal card completes it.
        state.probe_at = now
    elif result.reason == UNFINISHED and was_suspended:
        # Nothing was refused: the probe was not made yet, or not to its end.
        state.probe_at = result.retry_at
    elif result.pause_until is not None and not was_suspended:
        state.probe_at = result.pause_until
    else:
        return False, False
    state.save(update_fields=["suspended_at", "suspended_reason", "probe_at"])
    return suspended, resumed


def _restart_waiting(channel: str, now: datetime) -> None:
    """Restart the waiting alerts of a channel: time in suspension does not count towards their 24 hours of retries.

    Rows that an updater has locked are about to be superseded; waiting for them could deadlock with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE alerts_alert
            SET due_at = %s, attempts = 0, detail = detail || jsonb_build_object('restarted_at', %s::text)
            WHERE id IN (
                SELECT id FROM alerts_alert WHERE channel = %s AND state = %s FOR NO KEY UPDATE SKIP LOCKED
            )
            """,
            [now, now.isoformat(), channel, State.PENDING.value],
        )
