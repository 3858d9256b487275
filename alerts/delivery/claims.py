"""Claims alerts from a channel's queue under a lease: one, several, or a batch as one digest.

What several dispatchers must agree on (order, rate limit, suspension) is decided while the channel's `ChannelState` row
is locked. The lock is never held while a message is being sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet

from alerts import metrics
from alerts.channels.base import PER_MINUTE
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
from alerts.delivery.rate_limit import Quota
from alerts.models import Alert, AlertAttempt, ChannelState
from alerts.outbox import supersede
from alerts.verdicts import decision_row
from events.enums import Category

PROBE_EVERY = timedelta(hours=1)
MOST_EXAMINED = MOST_LISTED + 50
"""Due alerts examined, the most urgent ones: more than one card lists, and a bound on the cost in a long queue."""

State = Alert.State


@dataclass(frozen=True)
class Lease:
    """An alert leased to this worker until `leased_until`.

    worker_id: unique to the claim. attempt_id: of its `AlertAttempt` row. since: when the 24 hours of retries began.
    throttled: the channel has a rate limit. probe: the channel was suspended. decisions: of the stages at the claim,
    recorded with the result.
    """

    alert: Alert
    worker_id: str
    attempt_id: int
    since: datetime
    claimed_at: datetime
    leased_until: datetime
    throttled: bool = False
    probe: bool = False
    decisions: tuple[dict[str, str], ...] = field(default=())


@dataclass(frozen=True)
class Wait:
    """Nothing may go now. until: when to look again at the latest, or None if nothing is queued.

    due: an alert is due, and only the rate limit or a leased alert of the same event delays it.
    """

    until: datetime | None
    due: bool = False


def _claimable(channel: str, now: datetime) -> QuerySet[Alert]:
    """Due alerts and those with an expired lease, except where another message about the event is being sent: its card,
    a digest that lists it, or the line of who took it or gave it back. A pager that got them in another order would
    have open what is over, or as taken what is nobody's."""
    due = Alert.objects.filter(channel=channel).filter(
        Q(state=State.PENDING, due_at__lte=now) | Q(state=State.SENDING, leased_until__lte=now)
    )
    if events := _under_way(channel, now):
        acts = Q(event=None) & reduce(or_, (_about(event) for event in sorted(events)))
        due = due.exclude(event_id__in=events).exclude(acts)
    return due.order_by("-urgency", "due_at", "id")


def _under_way(channel: str, now: datetime) -> set[int]:
    """The events of the messages that are being sent in a channel."""
    sending = Alert.objects.filter(channel=channel, state=State.SENDING, leased_until__gt=now).order_by()
    rows = list(sending.values_list("id", "event_id", "detail"))
    events = {event_id for _, event_id, _ in rows if event_id is not None}
    if lists := [pk for pk, event_id, _ in rows if event_id is None]:
        listed = Alert.objects.filter(digest__in=lists, state=State.GROUPED, event__isnull=False).order_by()
        events |= {event_id for event_id in listed.values_list("event_id", flat=True) if event_id is not None}
    for _, event_id, detail in rows:
        notice: dict[str, list[int]] = {} if event_id is not None else detail.get("notice", {})
        events |= {*notice.get("acknowledged", ()), *notice.get("released", ())}
    return events


def _about(event: int) -> Q:
    return Q(detail__notice__acknowledged__contains=[event]) | Q(detail__notice__released__contains=[event])


def _candidates(channel: str, now: datetime, only: int | None) -> QuerySet[Alert]:
    found = _claimable(channel, now)
    return found if only is None else found.filter(pk=only)


def next_due(channel: str) -> datetime | None:
    """When the channel's next alert is due or its next lease ends; None if nothing is queued."""
    # The states select the partial index; without them the whole history is read.
    unfinished = Alert.objects.filter(channel=channel, state__in=[State.PENDING, State.SENDING])
    times = unfinished.aggregate(
        pending=Min("due_at", filter=Q(state=State.PENDING)),
        lease=Min("leased_until", filter=Q(state=State.SENDING)),
    )
    return min((at for at in times.values() if at is not None), default=None)


def claim(
    channel: str,
    worker_id: str,
    now: datetime,
    lease_for: timedelta,
    throttled: bool,
    only: int | None = None,
    most: int = 1,
    per_minute: int = PER_MINUTE,
) -> list[Lease] | Wait:
    """Lease what goes out next, or return how long to wait.

    worker_id: unique to this claim. throttled: the channel has a rate limit and can be suspended. only: lease this
    alert and no other, suspended or not. most: alerts to lease at a time, to be sent one after another within the
    lease; a throttled channel leases one. per_minute: messages that a throttled receiver takes.
    """
    if not _candidates(channel, now, only).exists():
        until = next_due(channel)
        return Wait(until, due=until is not None and until <= now)
    with transaction.atomic():
        state = locked_state(channel)
        # Read again: another dispatcher may have leased a message about the same event meanwhile.
        candidates = _candidates(channel, now, only)
        suspended = state.suspended_at is not None and throttled
        if throttled and (until := _blocked_until(state, now, only is not None, per_minute)) is not None:
            return Wait(until, due=not suspended)
        quota = rate_limit.quota(state.recent_starts, now, per_minute) if throttled else rate_limit.unlimited(now)
        choice = _choose(state, candidates, now, quota, suspended or only is not None, 1 if throttled else most)
        if isinstance(choice, NotYet):
            return Wait(choice.until, due=True)
        alerts = _take(choice, candidates, channel, now)
        if not alerts:
            return Wait(now + timedelta(seconds=0.1), due=True)
        for alert in alerts:
            metrics.dwelt("queued", max(alert.queued_at, alert.due_at), now)
        decisions = (decision_row("group", *choice.group, now), decision_row("limit", *choice.limit, now))
        # A channel without a rate limit is not blocked while suspended, yet a delivery ends its suspension too.
        probe = state.suspended_at is not None
        leases = _lease(alerts, worker_id, now, lease_for, throttled, probe, decisions)
        _note_start(state, now, throttled, suspended, choice)
        return leases


def _choose(
    state: ChannelState, candidates: QuerySet[Alert], now: datetime, quota: Quota, individual: bool, most: int
) -> Choice:
    rows = candidates.values_list("id", "event_id", "event__category", "reason", "urgency", "alone")
    waiting = [Waiting(*row) for row in rows[: 1 if individual else MOST_EXAMINED]]
    if not waiting:
        # Another dispatcher was faster.
        return NotYet(now + timedelta(seconds=0.1))
    if individual:
        return Individual((waiting[0].alert_id,), ("single", ""), ("asked_for", ""))
    moving = any(row.moves for row in waiting)
    market = Market(_tokens_moving(state.channel, now), state.market_card_at) if moving else Market()
    return choose(waiting, quota, market, now, most)


def _tokens_moving(channel: str, now: datetime) -> int:
    lately = Alert.objects.filter(
        channel=channel, queued_at__gt=now - MARKET_WITHIN, event__category=Category.VOLATILITY, muted_by=""
    )
    return lately.order_by().values("event__natural_key").distinct().count()


def _blocked_until(state: ChannelState, now: datetime, probe: bool, per_minute: int) -> datetime | None:
    """When the channel may next be used: after suspension or a requested pause, then the rate limit. None: now."""
    # A time further ahead was written before the clock was set back.
    if not probe and state.probe_at is not None and now < state.probe_at <= now + PROBE_EVERY:
        return state.probe_at
    if (until := rate_limit.next_start(state.last_started_at, now)) is not None:
        return until
    quota = rate_limit.quota(state.recent_starts, now, per_minute)
    return None if quota.urgent else quota.until_urgent


def _note_start(
    state: ChannelState, now: datetime, throttled: bool, suspended: bool, choice: Individual | Batch
) -> None:
    """Write what other dispatchers must know about this request."""
    fields = []
    if throttled:
        state.last_started_at = now
        state.recent_starts = [*rate_limit.counted(state.recent_starts, now), now]
        fields += ["last_started_at", "recent_starts"]
    if suspended:
        # No other dispatcher may probe this channel as well.
        state.probe_at = now + PROBE_EVERY
        fields.append("probe_at")
    if isinstance(choice, Batch) and choice.kind == "market":
        state.market_card_at = now
        fields.append("market_card_at")
    if fields:
        state.save(update_fields=fields)


def _take(choice: Individual | Batch, candidates: QuerySet[Alert], channel: str, now: datetime) -> list[Alert]:
    """Lock the chosen rows and supersede all but the newest of each event; a batch becomes one digest."""
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
    """The newest waiting card of each event, which supersedes older ones (queued while one was being sent).

    alerts: rows that the caller has locked.
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
    worker_id: str,
    now: datetime,
    lease_for: timedelta,
    throttled: bool,
    probe: bool,
    decisions: tuple[dict[str, str], ...],
) -> list[Lease]:
    ids = [alert.pk for alert in alerts]
    if any(alert.state == State.SENDING for alert in alerts):
        AlertAttempt.objects.filter(alert__in=ids, decision="started").update(
            decision="lost", reason="lost: the dispatcher ended before it could record the answer"
        )
    Alert.objects.filter(pk__in=ids).update(
        state=State.SENDING, leased_until=now + lease_for, leased_by=worker_id, attempts=F("attempts") + 1
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
    leases = []
    for alert, attempt in zip(alerts, begun, strict=True):
        # The time of a suspension does not count: a probe is never the last attempt of an alert.
        since = now if probe or not alert.attempts else _since(alert, now)
        alert.state, alert.leased_until, alert.leased_by = State.SENDING, now + lease_for, worker_id
        alert.attempts += 1
        leases.append(Lease(alert, worker_id, attempt.pk, since, now, now + lease_for, throttled, probe, decisions))
    return leases


def _since(alert: Alert, now: datetime) -> datetime:
    """When the 24 hours of retries began: at the first attempt, or the first one after a restart."""
    tries = AlertAttempt.objects.filter(alert=alert)
    if restarted := alert.detail.get("restarted_at"):
        tries = tries.filter(started_at__gte=datetime.fromisoformat(restarted))
    return tries.aggregate(first=Min("started_at"))["first"] or now


def locked_state(channel: str) -> ChannelState:
    """The channel's state row, locked until the transaction ends; created if it is missing."""
    locked = ChannelState.objects.select_for_update(no_key=True)
    state = locked.filter(pk=channel).first()
    if state is None:
        ChannelState.objects.bulk_create([ChannelState(channel=channel)], ignore_conflicts=True)
        state = locked.get(pk=channel)
    return state


def release_leases(leases: Iterable[Lease]) -> None:
    """Return alerts that were leased and not sent to the queue, as if they had never been claimed."""
    for lease in leases:
        with transaction.atomic():
            ours = Alert.objects.filter(pk=lease.alert.pk, state=State.SENDING, leased_by=lease.worker_id)
            if ours.update(state=State.PENDING, leased_until=None, leased_by="", attempts=F("attempts") - 1):
                AlertAttempt.objects.filter(pk=lease.attempt_id).delete()
