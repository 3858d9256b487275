"""Claims: alerts are taken from a channel's queue under a lease, one by one, several, or as one card that lists many.

What must stay one thing for several dispatchers (order, pace, suspension) is decided while the channel's `ChannelState`
row is locked, which is never held while a message is under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet

from alerts import metrics
from alerts.delivery import digests, rate_limit
from alerts.delivery.batches import (
    MARKET_WITHIN,
    MOST_LISTED,
    Batch,
    Choice,
    Individual,
    Market,
    NotYet,
    Waiting,
    choose,
)
from alerts.models import Alert, AlertAttempt, ChannelState
from alerts.outbox import supersede
from alerts.verdicts import decision_row
from events.enums import Category

PROBE_EVERY = timedelta(hours=1)
LOOKED_AT = MOST_LISTED + 50
"""Of what is due, the most urgent: more than one card lists, so that a look costs the same however long the queue."""

State = Alert.State


@dataclass(frozen=True)
class Lease:
    """One alert that is ours to deliver until its lease ends.

    since: when the 24 hours of retries began. paced, probe: how it was claimed. decisions: of the stages so far, kept
    with the result.
    """

    alert: Alert
    holder: str
    attempt_id: int
    since: datetime
    claimed_at: datetime
    leased_until: datetime
    throttled: bool = False
    probe: bool = False
    decisions: tuple[dict[str, str], ...] = field(default=())


@dataclass(frozen=True)
class Wait:
    """Nothing may go now. until: when to look again at the latest, or None where nothing is queued.

    due: something is queued that is due, and only pace or a sibling under way holds it back.
    """

    until: datetime | None
    due: bool = False


def _claimable(channel: str, now: datetime) -> QuerySet[Alert]:
    """Due alerts, and those whose dispatcher did not come back; none whose event has another card under way."""
    under_way = Alert.objects.filter(channel=channel, state=State.SENDING, leased_until__gt=now).order_by()
    listed = Alert.objects.filter(digest__in=under_way.filter(event__isnull=True).values("pk"), state=State.GROUPED)
    return (
        Alert.objects.filter(channel=channel)
        .filter(Q(state=State.PENDING, due_at__lte=now) | Q(state=State.SENDING, leased_until__lte=now))
        .exclude(event_id__in=under_way.filter(event__isnull=False).values("event_id"))
        .exclude(event_id__in=listed.order_by().values("event_id"))
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
    channel: str, holder: str, now: datetime, lease: timedelta, throttled: bool, only: int | None = None, most: int = 1
) -> list[Lease] | Wait:
    """Take what goes out next, or say how long to wait.

    holder: unique to this claim. paced: the channel has limits and can be suspended. only: take this alert and no
    other, suspended or not. most: so many at a time, to be delivered one after another within the lease; a paced
    channel gives one.
    """
    candidates = _claimable(channel, now)
    if only is not None:
        candidates = candidates.filter(pk=only)
    if not candidates.exists():
        until = next_due(channel)
        return Wait(until, due=until is not None and until <= now)
    with transaction.atomic():
        state = locked_state(channel)
        suspended = state.suspended_at is not None and throttled
        if throttled and (until := _held_back_until(state, now, probe=only is not None)) is not None:
            return Wait(until, due=not suspended)
        choice = _choose(state, candidates, now, throttled, suspended or only is not None, most)
        if isinstance(choice, NotYet):
            return Wait(choice.until, due=True)
        alerts = _take(choice, candidates, channel, now)
        if not alerts:
            return Wait(now + timedelta(seconds=0.1), due=True)
        for alert in alerts:
            metrics.dwelt("queued", max(alert.queued_at, alert.due_at), now)
        verdicts = (decision_row("group", *choice.group, now), decision_row("limit", *choice.limit, now))
        # One without pace is not held back, but what it takes lifts its suspension all the same.
        probe = state.suspended_at is not None
        claims = _lease(alerts, holder, now, lease, throttled, probe, verdicts)
        _note_start(state, now, throttled, suspended, choice)
        return claims


def _choose(
    state: ChannelState, candidates: QuerySet[Alert], now: datetime, throttled: bool, alone: bool, most: int
) -> Choice:
    rows = candidates.values_list("id", "event_id", "event__category", "reason", "urgency", "alone")
    waiting = [Waiting(*row) for row in rows[: 1 if alone else LOOKED_AT]]
    if not waiting:
        # Another dispatcher was quicker.
        return NotYet(now + timedelta(seconds=0.1))
    if alone:
        return Individual((waiting[0].alert_id,), ("single", ""), ("asked_for", ""))
    quota = rate_limit.quota(state.recent_starts, now) if throttled else rate_limit.unlimited(now)
    moving = any(row.moves for row in waiting)
    market = Market(_moved_lately(state.channel, now), state.market_card_at) if moving else Market()
    return choose(waiting, quota, market, now, 1 if throttled else most)


def _moved_lately(channel: str, now: datetime) -> int:
    lately = Alert.objects.filter(
        channel=channel, queued_at__gt=now - MARKET_WITHIN, event__category=Category.VOLATILITY, muted_by=""
    )
    return lately.order_by().values("event__natural_key").distinct().count()


def _held_back_until(state: ChannelState, now: datetime, probe: bool) -> datetime | None:
    """When the channel may next be used at all: suspension or asked-for pause, then pace; None: now."""
    # What is further ahead was written by a clock that was put back since.
    if not probe and state.probe_at is not None and now < state.probe_at <= now + PROBE_EVERY:
        return state.probe_at
    if (until := rate_limit.next_start(state.last_started_at, now)) is not None:
        return until
    quota = rate_limit.quota(state.recent_starts, now)
    return None if quota.urgent else quota.until_urgent


def _note_start(
    state: ChannelState, now: datetime, throttled: bool, suspended: bool, choice: Individual | Batch
) -> None:
    """What the other dispatchers must know of this one's request."""
    fields = []
    if throttled:
        state.last_started_at = now
        state.recent_starts = [*rate_limit.counted(state.recent_starts, now), now]
        fields += ["last_started_at", "recent_starts"]
    if suspended:
        # Whoever else looks at this channel must not probe it as well.
        state.probe_at = now + PROBE_EVERY
        fields.append("probe_at")
    if isinstance(choice, Batch) and choice.kind == "market":
        state.market_card_at = now
        fields.append("market_card_at")
    if fields:
        state.save(update_fields=fields)


def _take(choice: Individual | Batch, candidates: QuerySet[Alert], channel: str, now: datetime) -> list[Alert]:
    """Lock the chosen rows, let the newest of each event speak for older ones, and make the list of many one alert."""
    locked = candidates.filter(pk__in=choice.alert_ids).select_for_update(skip_locked=True, no_key=True, of=("self",))
    chosen = {alert.pk: alert for alert in locked}
    if not chosen:
        return []
    ordered = [chosen[alert_id] for alert_id in choice.alert_ids if alert_id in chosen]
    newest = _newest_of_events(ordered, channel, now)
    if isinstance(choice, Individual):
        return newest
    if len(newest) == 1:
        return newest
    return [digests.make(newest, choice, channel, now)]


def _newest_of_events(alerts: Sequence[Alert], channel: str, now: datetime) -> list[Alert]:
    """Each event's newest waiting card, which replaces older ones (it came while one was under way).

    alerts: rows that the caller holds locked.
    """
    events = {alert.event_id for alert in alerts if alert.event_id is not None}
    waiting = Q(state=State.PENDING) | Q(state=State.SENDING, leased_until__lte=now)
    others = Alert.objects.filter(waiting, event_id__in=events, channel=channel)
    others = others.exclude(pk__in=[alert.pk for alert in alerts]).select_for_update(skip_locked=True, no_key=True)
    by_event: dict[int | None, list[Alert]] = {}
    for row in sorted([*alerts, *(others if events else ())], key=lambda row: row.pk):
        by_event.setdefault(row.event_id, []).append(row)
    newest: list[Alert] = []
    seen: set[int] = set()
    for alert in alerts:
        if alert.event_id is None:
            newest.append(alert)
        elif alert.event_id not in seen:
            seen.add(alert.event_id)
            *older, last = by_event[alert.event_id]
            if older:
                supersede(older, last, now)
            newest.append(last)
    return newest


def _lease(
    alerts: Sequence[Alert],
    holder: str,
    now: datetime,
    lease: timedelta,
    throttled: bool,
    probe: bool,
    verdicts: tuple[dict[str, str], ...],
) -> list[Lease]:
    ids = [alert.pk for alert in alerts]
    if any(alert.state == State.SENDING for alert in alerts):
        AlertAttempt.objects.filter(alert__in=ids, decision="started").update(
            decision="lost", reason="lost: the dispatcher ended before it could record the answer"
        )
    Alert.objects.filter(pk__in=ids).update(
        state=State.SENDING, leased_until=now + lease, leased_by=holder, attempts=F("attempts") + 1
    )
    begun = AlertAttempt.objects.bulk_create(
        AlertAttempt(
            alert=alert,
            channel=alert.channel,
            started_at=now,
            duration_ms=0,
            decision="started",
            reason="started: no answer yet",
        )
        for alert in alerts
    )
    claims = []
    for alert, attempt in zip(alerts, begun, strict=True):
        # Its rows stay pending while a channel is suspended, so that a probe never is their last attempt.
        since = now if probe or not alert.attempts else _since(alert, now)
        alert.state, alert.leased_until, alert.leased_by = State.SENDING, now + lease, holder
        alert.attempts += 1
        claims.append(Lease(alert, holder, attempt.pk, since, now, now + lease, throttled, probe, verdicts))
    return claims


def _since(alert: Alert, now: datetime) -> datetime:
    """When the 24 hours of retries began: with the first attempt, or when it was given a new start."""
    tries = AlertAttempt.objects.filter(alert=alert)
    if restarted := alert.detail.get("restarted_at"):
        tries = tries.filter(started_at__gte=datetime.fromisoformat(restarted))
    return tries.aggregate(first=Min("started_at"))["first"] or now


def locked_state(channel: str) -> ChannelState:
    locked = ChannelState.objects.select_for_update(no_key=True)
    state = locked.filter(pk=channel).first()
    if state is None:
        ChannelState.objects.bulk_create([ChannelState(channel=channel)], ignore_conflicts=True)
        state = locked.get(pk=channel)
    return state


def release_leases(claims: Iterable[Lease]) -> None:
    """Put alerts that were claimed and not sent back into the queue, as if they had not been claimed."""
    for claim_ in claims:
        with transaction.atomic():
            ours = Alert.objects.filter(pk=claim_.alert.pk, state=State.SENDING, leased_by=claim_.holder)
            if ours.update(state=State.PENDING, leased_until=None, leased_by="", attempts=F("attempts") - 1):
                AlertAttempt.objects.filter(pk=claim_.attempt_id).delete()
