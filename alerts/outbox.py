"""The outbox: alerts are queued in the transaction that writes their event, and can be sent again manually."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from alerts import metrics
from alerts.deferral import inherit, note_deferred, note_resent
from alerts.models import Alert, ChannelState
from alerts.routes import NOTICE_URGENCY, TEST_URGENCY
from alerts.verdicts import FLAPS, StageResult
from events.enums import AlertReason

NOTIFY_CHANNEL = "alert_queued"

State = Alert.State

WAITING = (State.PENDING, State.SENDING, State.GROUPED)
FINISHED = (State.DEAD, State.SENT, State.SUPERSEDED, State.SILENCED, State.SUPPRESSED, State.DIGESTED)
RESENDABLE = (*FINISHED, State.DEFERRED)

_TO_BE_SENT = StageResult("route", "routed")


@dataclass(frozen=True)
class NewAlert:
    """An alert to be queued in one channel.

    event_id: None for a notice or a test. revision: of the event; the table holds one row per event, life, reason,
    revision and channel. urgency: higher goes first. detail: facts for the card, as JSON. severity: of the event, from
    `alerts.verdicts.severity_of`. results: of the pipeline's stages; the last one decides the row's state.
    """

    channel: str
    reason: str
    urgency: int
    event_id: int | None = None
    revision: int = 1
    detail: Mapping[str, Any] = field(default_factory=dict)
    severity: int = 0
    results: Sequence[StageResult] = ()

    @property
    def decisive(self) -> StageResult:
        return self.results[-1] if self.results else _TO_BE_SENT


def queue(alert: NewAlert, now: datetime) -> int | None:
    """Insert an alert in the caller's transaction; the dispatchers are notified at its commit.

    Returns its id, or None if the same alert was queued before. Older cards of the event that still wait in the channel
    are superseded: a deferred alert supersedes deferred ones, an alert to be sent supersedes all of them.
    """
    last = alert.decisive
    state = State(last.disposition.value)
    done_at, done_reason = (now, last.reason) if state in (State.SILENCED, State.SUPPRESSED) else (None, "")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH queued AS (
                INSERT INTO alerts_alert (event_id, life, reason, revision, channel, state, urgency, detail, queued_at,
                                          due_at, attempts, leased_by, shrunk, done_at, done_reason, silence_id,
                                          inhibitor_id, muted_by, severity, decisions, alone)
                VALUES (%(event)s, coalesce((SELECT life FROM events_event WHERE id = %(event)s), 1),
                        %(reason)s, %(revision)s, %(channel)s, %(state)s, %(urgency)s, %(detail)s, %(now)s, %(now)s,
                        0, '', false, %(done_at)s, %(done_reason)s, %(silence)s, %(inhibitor)s, %(muted_by)s,
                        %(severity)s, %(decisions)s, false)
                ON CONFLICT DO NOTHING
                RETURNING id, channel
            )
            SELECT id, pg_notify(%(notify)s, channel) FROM queued
            """,
            {
                "event": alert.event_id,
                "reason": alert.reason,
                "revision": alert.revision,
                "channel": alert.channel,
                "state": state.value,
                "urgency": alert.urgency,
                "detail": json.dumps(alert.detail, default=_json_value),
                "now": now,
                "done_at": done_at,
                "done_reason": done_reason[:200],
                "silence": last.silence_id,
                "inhibitor": last.inhibitor_id,
                "muted_by": last.muted_by,
                "severity": alert.severity,
                "decisions": json.dumps([result.as_row(now) for result in alert.results]),
                "notify": NOTIFY_CHANNEL,
            },
        )
        row = cursor.fetchone()
    if row is None:
        metrics.decided("dedup", "duplicate")
        return None
    alert_id: int = row[0]
    for result in alert.results:
        metrics.decided(result.stage, result.decision)
    if last.muted_by:
        metrics.suppressed(last.muted_by)
    # Nothing can wait for the first revision of an event.
    if alert.event_id is not None and alert.revision > 1 and state in (State.PENDING, State.DEFERRED):
        states = [State.DEFERRED] if state == State.DEFERRED else [State.PENDING, State.DEFERRED]
        waiting = Alert.objects.filter(
            event_id=alert.event_id, channel=alert.channel, state__in=states, pk__lt=alert_id
        )
        older = list(waiting.order_by("id").select_for_update(no_key=True))
        if older:
            supersede(older, Alert.objects.get(pk=alert_id), now)
    return alert_id


def queue_test(channel: str, now: datetime) -> int:
    """Queue a test card ahead of everything else in a channel; its id. In the caller's transaction."""
    alert_id = queue(NewAlert(channel, AlertReason.TEST, TEST_URGENCY), now)
    assert alert_id is not None, "an alert without an event has no duplicate"
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
    acknowledged: Sequence[int] = (),
    released: Sequence[int] = (),
    about: str = "",
    urgency: int = NOTICE_URGENCY,
) -> None:
    """Queue a message without an event in each of the channels.

    kind: of notices that may be merged while they wait (`alerts.notices`); lines, acknowledged, released: theirs.
    about: as in `Notice`; what waits about the same is replaced, or its retry would come after its end.
    """
    notice: dict[str, Any] = {"title": title, "text": text, "good": good}
    if kind:
        notice |= {"kind": kind, "lines": list(lines), "acknowledged": list(acknowledged), "released": list(released)}
    if about:
        notice["about"] = about
    for channel in channels:
        alert_id = queue(NewAlert(channel, reason, urgency, detail={"notice": notice}), now)
        if about and alert_id is not None:
            earlier = Alert.objects.filter(channel=channel, state=State.PENDING, event=None, pk__lt=alert_id)
            # Not those that somebody has locked: two channels that work again at once would wait for each other.
            free = earlier.filter(detail__notice__about=about).select_for_update(skip_locked=True, no_key=True)
            _replace(Alert.objects.filter(pk__in=[row.pk for row in free]), alert_id, now)


def supersede(older: Sequence[Alert], newest: Alert, now: datetime) -> None:
    """Replace cards that were never sent by `newest`, which takes over their changes and their place in the queue."""
    reasons: list[str] = []
    changes: dict[str, list[Any]] = {}
    correction: dict[str, str] = {}
    flaps = max(alert.detail.get(FLAPS, 0) for alert in [*older, newest])
    # Undelivered alerts of an earlier life ended with that life: they neither explain nor defer this one.
    for alert in [*(row for row in older if row.life == newest.life), newest]:
        reasons += [reason for reason in (*alert.detail.get("said", ()), alert.reason) if reason not in reasons]
        for column, (before, after) in alert.detail.get("changes", {}).items():
            changes[column] = [changes[column][0] if column in changes else before, after]
        if alert.state == State.DEFERRED and newest.state != State.DEFERRED and alert is not newest:
            note_deferred(alert)
        inherit(newest.detail, alert.detail)
        if "correction" in alert.detail:
            # The latest holds: a card has room for one.
            correction["correction"] = alert.detail["correction"]
    newest.detail["said"] = [reason for reason in reasons if reason != newest.reason]
    newest.detail["changes"] = {column: pair for column, pair in changes.items() if pair[0] != pair[1]}
    newest.detail |= correction
    if flaps:
        newest.detail[FLAPS] = flaps
    untried = [alert.due_at for alert in older if alert.attempts == 0]
    newest.due_at = min([newest.due_at, *untried])
    if newest.state == State.DEFERRED and newest.reason != AlertReason.CLOSED:
        # Its duration counts from the reopening; if it counted from the latest update, updates would defer it for ever.
        of_this_life = [alert for alert in older if alert.life == newest.life]
        beginnings = [alert.queued_at for alert in of_this_life if alert.reason != AlertReason.CLOSED]
        newest.queued_at = min([newest.queued_at, *beginnings])
    newest.save(update_fields=["detail", "due_at", "queued_at"])
    _replace(Alert.objects.filter(pk__in=[alert.pk for alert in older]), newest.pk, now)


def _replace(older: QuerySet[Alert], newest: int, now: datetime) -> None:
    older.update(
        state=State.SUPERSEDED,
        done_at=now,
        done_reason=f"replaced by alert {newest}",
        leased_until=None,
        leased_by="",
    )


def restart(alert: Alert, now: datetime) -> None:
    """Make an alert due now, with the full retry ladder ahead. Its card notes an earlier delivery or suppression."""
    if alert.state in (State.SENT, State.DIGESTED):
        note_resent(alert)
    elif alert.state in (State.DEFERRED, State.SILENCED, State.SUPPRESSED):
        note_deferred(alert)
    alert.state, alert.due_at, alert.attempts, alert.shrunk = State.PENDING, now, 0, False
    alert.leased_until, alert.leased_by, alert.done_at, alert.done_reason = None, "", None, ""
    # A manual resend overrides every suppression.
    alert.muted_by, alert.inhibitor_id, alert.silence_id, alert.digest_id = "", None, None, None
    alert.detail["restarted_at"] = alert.detail["resent_at"] = now.isoformat()
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
    """Send finished or deferred alerts again, on request; the number of alerts queued."""
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


def health_gauges() -> dict[str, float]:
    """For /healthz and /metrics: waiting alerts, dead alerts, suspended channels."""
    return {
        "alerts_pending": Alert.objects.filter(state__in=WAITING).count(),
        "alerts_dead": Alert.objects.filter(state=Alert.State.DEAD).count(),
        "channels_suspended": ChannelState.objects.exclude(suspended_at=None).count(),
    }
