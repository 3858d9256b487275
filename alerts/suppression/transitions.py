"""State transitions of queued alerts: defer, release, silence, cancel."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from alerts import metrics
from alerts.deferral import note_deferred
from alerts.models import Alert, ChannelState, Silence
from alerts.outbox import wake
from alerts.rendering.summary import is_over
from alerts.verdicts import RENOTIFICATIONS, SuppressionReason, decision_row, with_decisions
from events.models import Event

State = Alert.State


def release(alert: Alert, why: str, now: datetime) -> None:
    """Send an alert that was deferred or suppressed; it counts as queued now. In the caller's transaction."""
    stage = stage_of(alert)
    alert.decisions = with_decisions(alert.decisions, [decision_row(stage, "released", why, now)])
    note_deferred(alert)
    alert.state, alert.queued_at, alert.due_at = State.PENDING, now, now
    alert.muted_by, alert.inhibitor_id, alert.silence_id = "", None, None
    alert.done_at, alert.done_reason = None, ""
    if alert.attempts:
        # Its 24 hours of retries began before it was deferred and may be over.
        alert.attempts, alert.detail["restarted_at"] = 0, now.isoformat()
    alert.save(
        update_fields=[
            "state",
            "queued_at",
            "due_at",
            "muted_by",
            "inhibitor",
            "silence",
            "attempts",
            "detail",
            "decisions",
            "done_at",
            "done_reason",
        ]
    )
    metrics.decided(stage, "released")
    wake([alert.channel])


def stage_of(alert: Alert) -> str:
    """The stage that deferred or suppressed an alert."""
    stages = {SuppressionReason.FLAPPING.value: "dedup", SuppressionReason.SILENCE.value: "mute",
              SuppressionReason.ACKNOWLEDGED.value: "acknowledge"}  # fmt: skip
    return stages.get(alert.muted_by, "inhibit")


def defer(alert: Alert, reason: str, inhibitor_id: int, why: str, now: datetime) -> None:
    """Defer an alert that another event explains. In the caller's transaction."""
    alert.decisions = with_decisions(alert.decisions, [decision_row("inhibit", reason, why, now)])
    alert.state, alert.muted_by, alert.inhibitor_id = State.DEFERRED, reason, inhibitor_id
    alert.save(update_fields=["state", "muted_by", "inhibitor", "decisions"])


def silence(alert: Alert, silence_id: int, why: str, now: datetime) -> None:
    """Silence a waiting or deferred alert. In the caller's transaction.

    The end of an event is deferred instead, and sent when the silence ends.
    """
    alert.decisions = with_decisions(alert.decisions, [decision_row("mute", "silenced", why, now)])
    alert.muted_by, alert.silence_id, alert.inhibitor_id = SuppressionReason.SILENCE, silence_id, None
    if alert.event is not None and is_over(alert.event):
        alert.state = State.DEFERRED
    else:
        alert.state, alert.done_at, alert.done_reason = State.SILENCED, now, why[:200]
    alert.save(update_fields=["state", "muted_by", "silence", "inhibitor", "done_at", "done_reason", "decisions"])
    metrics.decided("mute", "silenced")
    metrics.suppressed(SuppressionReason.SILENCE)


def cancel(alert: Alert, stage: str, reason: SuppressionReason, why: str, now: datetime) -> None:
    """End a waiting or deferred alert unsent. In the caller's transaction."""
    alert.decisions = with_decisions(alert.decisions, [decision_row(stage, reason, why, now)])
    alert.state, alert.muted_by, alert.done_at, alert.done_reason = State.SUPPRESSED, reason, now, why[:200]
    alert.leased_until, alert.leased_by = None, ""
    alert.save(update_fields=["state", "muted_by", "done_at", "done_reason", "leased_until", "leased_by", "decisions"])
    metrics.decided(stage, reason)
    metrics.suppressed(reason)


def cancel_renotifications(event_ids: Collection[int], now: datetime) -> int:
    """Cancel the waiting re-notifications of events that were acknowledged; the number cancelled.

    One that supersedes an unsent update carries that update and stays.
    """
    with transaction.atomic():
        alerts = pending_locked().filter(event__in=event_ids, reason__in=RENOTIFICATIONS)
        found = [alert for alert in alerts if RENOTIFICATIONS.issuperset(alert.detail.get("said", ()))]
        for alert in found:
            cancel(alert, "acknowledge", SuppressionReason.ACKNOWLEDGED, "acknowledged before it was sent", now)
    return len(found)


def cancel_for(channel: str, now: datetime) -> int:
    """Cancel the alerts that wait for a disabled or deleted receiver; the number cancelled. Leased alerts stay."""
    with transaction.atomic():
        found = list(_locked().filter(_unfinished(now), channel=channel))
        for alert in found:
            cancel(alert, "route", SuppressionReason.RECEIVER_OFF, "its receiver is disabled or deleted", now)
    return len(found)


def waiting_channels(now: datetime) -> set[str]:
    """Channels with waiting alerts."""
    return set(Alert.objects.filter(_unfinished(now)).order_by().values_list("channel", flat=True).distinct())


def clear_orphaned_suspensions(known: Collection[str], now: datetime) -> int:
    """End the suspension of channels without a receiver, which nothing else would end; the number of channels."""
    gone = ChannelState.objects.filter(suspended_at__isnull=False).exclude(pk__in=known)
    channels = list(gone.values_list("channel", flat=True))
    for channel in channels:
        gone.filter(pk=channel).update(suspended_at=None, suspended_reason="", probe_at=None)
    return len(channels)


def _unfinished(now: datetime) -> Q:
    """Neither finished nor leased. An expired lease counts: without a receiver, no dispatcher takes the alert over."""
    lost = Q(state=State.SENDING, leased_until__lte=now)
    return Q(state__in=[State.PENDING, State.GROUPED, State.DEFERRED]) | lost


def silence_waiting(matching: Callable[[Alert], Silence | None], events: QuerySet[Event], now: datetime) -> int:
    """Silence the waiting alerts of these events that a silence matches; the number silenced."""
    with transaction.atomic():
        waiting = pending_locked().filter(event__in=events).select_related("event")
        found = [(alert, match) for alert in waiting if (match := matching(alert)) is not None]
        for alert, match in found:
            silence(alert, match.pk, str(match), now)
    return len(found)


def pending_locked() -> QuerySet[Alert]:
    """Pending alerts, locked until the transaction ends. Alerts that a dispatcher has leased are not among them."""
    return _locked().filter(state=State.PENDING)


def _locked() -> QuerySet[Alert]:
    """Rows that another transaction has locked are skipped."""
    return Alert.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("id")
