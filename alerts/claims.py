"""Claims: one alert at a time is taken from a channel's queue under a lease, and what became of it is written.

What must stay one thing for several dispatchers (pace, suspension) is decided while the channel's `ChannelState` row is
locked, which is never held while a message is under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Min, Q, QuerySet

from alerts.models import Alert, AlertAttempt, ChannelState
from alerts.outbox import supersede

PROBE_EVERY = timedelta(hours=1)
MIN_GAP = timedelta(seconds=1.05)
"""Between two messages of a channel: a second, and a margin for what varies on the way."""
PER_MINUTE = 30
MINUTE = timedelta(seconds=61)

State = Alert.State


@dataclass(frozen=True)
class Claim:
    """One alert that is ours to deliver until its lease ends."""

    alert: Alert
    holder: str
    attempt_id: int
    since: datetime


@dataclass(frozen=True)
class Wait:
    """Nothing may go now. until: when to look again at the latest, or None where nothing is queued.

    due: something is queued that is due, and only pace or a sibling under way holds it back.
    """

    until: datetime | None
    due: bool = False


def _claimable(channel: str, now: datetime) -> QuerySet[Alert]:
    """Due alerts, and those whose dispatcher did not come back; none whose event has another card under way."""
    under_way = (
        Alert.objects.filter(channel=channel, state=State.SENDING, leased_until__gt=now, event__isnull=False)
        .order_by()
        .values("event_id")
    )
    return (
        Alert.objects.filter(channel=channel)
        .filter(Q(state=State.PENDING, due_at__lte=now) | Q(state=State.SENDING, leased_until__lte=now))
        .exclude(event_id__in=under_way)
        .order_by("-urgency", "due_at", "id")
    )


def next_due(channel: str) -> datetime | None:
    """When the channel's next alert is due or its lease ends; None when nothing is queued."""
    # Without this the whole history is read: the index is of what is open.
    unfinished = Alert.objects.filter(channel=channel, state__in=[State.PENDING, State.SENDING])
    times = unfinished.aggregate(
        pending=Min("due_at", filter=Q(state=State.PENDING)),
        lease=Min("leased_until", filter=Q(state=State.SENDING)),
    )
    return min((at for at in times.values() if at is not None), default=None)


def claim(
    channel: str, holder: str, now: datetime, lease: timedelta, paced: bool, only: int | None = None
) -> Claim | Wait:
    """Take the most urgent alert that is due, or say how long to wait.

    holder: unique to this claim. paced: the channel has limits and can be suspended. only: take this alert and no
    other, suspended or not.
    """
    candidates = _claimable(channel, now)
    if only is not None:
        candidates = candidates.filter(pk=only)
    if not candidates.exists():
        until = next_due(channel)
        return Wait(until, due=until is not None and until <= now)
    with transaction.atomic():
        state = _locked_state(channel)
        suspended = state.suspended_at is not None and paced
        if paced and (until := _held_back_until(state, now, probe=only is not None)) is not None:
            return Wait(until, due=not suspended)
        alert = candidates.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
        if alert is None:
            return Wait(now + timedelta(seconds=0.1), due=True)
        alert = _newest_of_event(alert, now)
        AlertAttempt.objects.filter(alert=alert, decision="started").update(
            decision="lost", reason="lost: the dispatcher ended before it could record the answer"
        )
        alert.state, alert.leased_until, alert.leased_by = State.SENDING, now + lease, holder
        alert.attempts += 1
        alert.save(update_fields=["state", "leased_until", "leased_by", "attempts"])
        attempt = AlertAttempt.objects.create(
            alert=alert,
            channel=channel,
            started_at=now,
            duration_ms=0,
            decision="started",
            reason="started: no answer yet",
        )
        state.last_started_at = now
        if suspended:
            # Whoever else looks at this channel must not probe it as well.
            state.probe_at = now + PROBE_EVERY
        state.save(update_fields=["last_started_at", "probe_at"])
        # Its rows stay pending while a channel is suspended, so that a probe never is their last attempt.
        return Claim(alert, holder, attempt.pk, now if suspended else _since(alert, now))


def _held_back_until(state: ChannelState, now: datetime, probe: bool) -> datetime | None:
    """When the channel may next be used: suspension or asked-for pause, then pace; None: now."""
    if not probe and state.probe_at is not None and state.probe_at > now:
        return state.probe_at
    # A clock that was put back must not hold the channel up for as long as it was ahead.
    if state.last_started_at is not None and now < state.last_started_at + MIN_GAP:
        return min(state.last_started_at, now) + MIN_GAP
    started = AlertAttempt.objects.filter(channel=state.channel, started_at__gt=now - MINUTE, started_at__lte=now)
    recent = list(started.order_by("-started_at").values_list("started_at", flat=True)[:PER_MINUTE])
    return recent[-1] + MINUTE if len(recent) == PER_MINUTE else None


def _newest_of_event(alert: Alert, now: datetime) -> Alert:
    """The newest waiting card of the alert's event; it replaces older ones (it came while one was under way)."""
    if alert.event_id is None:
        return alert
    waiting = Q(state=State.PENDING) | Q(state=State.SENDING, leased_until__lte=now)
    rows = list(
        Alert.objects.filter(waiting, event_id=alert.event_id, channel=alert.channel)
        .order_by("id")
        .select_for_update(skip_locked=True, no_key=True)
    )
    *older, newest = rows
    if older:
        supersede(older, newest, now)
    return newest


def _since(alert: Alert, now: datetime) -> datetime:
    """When the 24 hours of retries began: with the first attempt, or when it was given a new start."""
    tries = AlertAttempt.objects.filter(alert=alert)
    if restarted := alert.detail.get("restarted_at"):
        tries = tries.filter(started_at__gte=datetime.fromisoformat(restarted))
    return tries.aggregate(first=Min("started_at"))["first"] or now


def _locked_state(channel: str) -> ChannelState:
    locked = ChannelState.objects.select_for_update(no_key=True)
    state = locked.filter(pk=channel).first()
    if state is None:
        ChannelState.objects.bulk_create([ChannelState(channel=channel)], ignore_conflicts=True)
        state = locked.get(pk=channel)
    return state


@dataclass(frozen=True)
class Result:
    """What to write after an attempt. decision: a `decision.Kind`; explanation: for people, without secrets."""

    decision: str
    reason: str
    explanation: str
    http_status: int | None
    duration_seconds: float
    excerpt: str
    retry_at: datetime | None = None
    pause_until: datetime | None = None


@dataclass(frozen=True)
class Recorded:
    """taken_over: the lease had ended and somebody else has the alert now; only the attempt was written.

    suspended, resumed: the channel's state changed with this attempt.
    """

    taken_over: bool = False
    suspended: bool = False
    resumed: bool = False


def finish(claim: Claim, result: Result, now: datetime) -> Recorded:
    """Record an attempt and what becomes of its alert and channel, in one transaction."""
    with transaction.atomic():
        state = _locked_state(claim.alert.channel)
        AlertAttempt.objects.filter(pk=claim.attempt_id).update(
            duration_ms=round(result.duration_seconds * 1000),
            http_status=result.http_status,
            decision=result.decision,
            reason=f"{result.reason}: {result.explanation}".rstrip(": ")[:300],
            excerpt=result.excerpt,
        )
        alert = (
            Alert.objects.select_for_update(no_key=True)
            .filter(pk=claim.alert.pk, state=State.SENDING, leased_by=claim.holder)
            .first()
        )
        # The receiver saw the request at some time between claim and answer, so that only a second from here on is one.
        state.last_started_at = now
        state.save(update_fields=["last_started_at"])
        suspended, resumed = _apply_to_channel(state, result, now)
        if alert is None:
            return Recorded(True, suspended, resumed)
        _apply_to_alert(alert, result, now)
        if resumed:
            _restart_waiting(claim.alert.channel, now)
        return Recorded(False, suspended, resumed)


def _apply_to_alert(alert: Alert, result: Result, now: datetime) -> None:
    alert.leased_until, alert.leased_by = None, ""
    match result.decision:
        case "sent":
            alert.state, alert.done_at, alert.done_reason = State.SENT, now, result.reason[:200]
        case "dead":
            alert.state, alert.done_at, alert.done_reason = State.DEAD, now, result.reason[:200]
        case "shrink":
            alert.state, alert.shrunk, alert.due_at = State.PENDING, True, now
        case "suspend":
            alert.state, alert.due_at = State.PENDING, now
        case "retry":
            alert.state, alert.due_at = State.PENDING, result.retry_at or now
        case unknown:
            raise ValueError(f"decision was {unknown!r}, expected sent, retry, shrink, dead or suspend")
    alert.save(update_fields=["leased_until", "leased_by", "state", "shrunk", "due_at", "done_at", "done_reason"])


def _apply_to_channel(state: ChannelState, result: Result, now: datetime) -> tuple[bool, bool]:
    """Suspend, lift or pause; (newly suspended, lifted)."""
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
        # The probe was refused for its size only: the smaller card completes it.
        state.probe_at = now
    elif result.pause_until is not None and not was_suspended:
        state.probe_at = result.pause_until
    else:
        return False, False
    state.save(update_fields=["suspended_at", "suspended_reason", "probe_at"])
    return suspended, resumed


def _restart_waiting(channel: str, now: datetime) -> None:
    """Time in a suspended channel does not count against an alert's 24 hours.

    Rows that an updater holds are about to be superseded: waiting for them could deadlock with it.
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
