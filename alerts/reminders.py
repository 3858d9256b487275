"""Scheduled alerts: reminders ahead of dates, repeats, escalation, and the release of deferred alerts.

1. One query reads every open high-priority event that may be due, with its past alerts: the cost follows open events,
   not history. `plan` decides what is due, without the database.
2. A reminder of a date is due at each of the configured spans ahead, unless a card of the event was queued since then:
   after an outage, missed reminders collapse into one. At the date itself, `expire` takes the step and alerts it.
3. A repeat is due while an event stays open and unacknowledged, at the configured spans after its latest update, and
   when a silence ends that hid that update. Each further update skips two of the first spans, down to one card a day.
4. An opening, a worsening or a turn that stays unacknowledged is escalated to the second channels, once. What hid the
   escalation may end before the event: a silence, an acknowledgement. It is sent then.
5. The row's key names what an alert is for (the minute that is due, or the revision that is escalated), so that two
   daemons, or a run after a crash, queue it once.
6. Deferred alerts are released once nothing suppresses them and the event is still open
   (`alerts.suppression.release`); the end of a silence is posted in its channels (`alerts.notices`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction

from alerts import notices
from alerts.deferral import note_since, word_for
from alerts.models import Alert
from alerts.policy import queue_for
from alerts.receivers import for_escalations
from alerts.routes import TRANSIENT_CATEGORIES, route
from alerts.suppression import release
from alerts.verdicts import SuppressionReason
from events.enums import AlertReason, Priority, Status
from events.models import Event, plain_events

if TYPE_CHECKING:
    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)

SECONDS = 15.0
ESCALATES_WITHIN = timedelta(days=7)
"""An older alert is not escalated: it was left alone on purpose, or no second channel was configured then."""

_MOST_EXAMINED = 200

_UPDATES = (AlertReason.OPENED, AlertReason.WORSE, AlertReason.TURNED, AlertReason.UPDATED, AlertReason.REMINDER)
_ESCALATED = (AlertReason.OPENED, AlertReason.WORSE, AlertReason.TURNED)
_LIFECYCLE = (*_UPDATES, AlertReason.CLOSED)


@dataclass(frozen=True)
class Schedule:
    """The configured spans. escalate_to: the channels that get escalations."""

    reminders: Sequence[timedelta]
    repeats: Sequence[timedelta]
    escalate_to: Sequence[str] = ()
    escalate_after: timedelta = timedelta(minutes=15)

    @classmethod
    def of(cls, config: Config) -> Schedule:
        return cls(
            [timedelta(hours=hours) for hours in config.reminder_hours],
            [timedelta(hours=hours) for hours in config.repeat_hours],
            for_escalations(config),
            timedelta(minutes=config.escalate_after_minutes),
        )


@dataclass(frozen=True)
class OpenEvent:
    """An open event and its past alerts.

    notified_at: when the latest alert other than an escalation was queued, whatever became of it. updated_at: when the
    latest update was queued, None if the event's latest alert is its end or is suppressed; updates: how many there
    were. escalate: revision → when it was queued, for alerts that the second channel has not had. transient: never
    repeated or escalated. silenced_until: end of the silence that hid the latest update or repeat.
    """

    event_id: int
    channel: str
    opened_at: datetime
    dates: Sequence[datetime]
    step_due_at: datetime | None
    notified_at: datetime | None
    updated_at: datetime | None
    updates: int
    repeated_at: datetime | None
    escalate: Mapping[int, datetime]
    transient: bool
    acknowledged: bool
    silenced_until: datetime | None = None


@dataclass(frozen=True)
class Due:
    """An alert to be queued at `at` or later. revision: makes it the same row for every daemon. unanswered: of an
    escalation, the channel that did not acknowledge, and since when."""

    at: datetime
    event_id: int
    reason: str
    revision: int
    unanswered: tuple[str, datetime] | None = None


def plan(event: OpenEvent, schedule: Schedule, now: datetime) -> Iterator[Due]:
    """The next alert of each kind for an event: the one that is due by `now`, else the first later one. Pure."""
    yield from _reminder(event, schedule.reminders, now)
    if event.acknowledged or event.transient:
        return
    if event.updated_at is not None:
        yield from _repeat(event, event.updated_at, schedule.repeats, now)
    if set(schedule.escalate_to) - {event.channel} and event.escalate:
        first = min(event.escalate.values()) + schedule.escalate_after
        by_then = [revision for revision, at in event.escalate.items() if at + schedule.escalate_after <= now]
        revision = max(by_then, default=max(event.escalate))
        unanswered = event.channel, min(event.escalate.values())
        yield Due(first, event.event_id, AlertReason.ESCALATED, revision, unanswered)


def _reminder(event: OpenEvent, spans: Sequence[timedelta], now: datetime) -> Iterator[Due]:
    if event.step_due_at is not None and event.step_due_at <= now:
        # `expire` is about to take the step; the card of that step shows the dates too.
        return
    known_since = max((at for at in (event.notified_at, event.opened_at) if at is not None and at <= now), default=None)
    moments = {date - span for date in event.dates if date > now for span in spans}
    yield from _latest_or_next(
        event, AlertReason.REMINDER, [at for at in moments if known_since is None or at > known_since], now
    )


def _repeat(event: OpenEvent, updated_at: datetime, spans: Sequence[timedelta], now: datetime) -> Iterator[Due]:
    daily = next((index for index, span in enumerate(spans) if span > timedelta(days=1)), len(spans))
    rest = spans[min(2 * (event.updates - 1), daily) :]
    known_since = max(updated_at, event.repeated_at or updated_at)
    moments = [updated_at + span for span in rest]
    if event.silenced_until is not None:
        # The silence hid that the event is still open. One minute later, as a hidden repeat may have the minute itself.
        moments.append(event.silenced_until + timedelta(minutes=1))
    yield from _latest_or_next(event, AlertReason.REPEAT, [at for at in moments if at > known_since], now)


def _latest_or_next(event: OpenEvent, reason: str, moments: Sequence[datetime], now: datetime) -> Iterator[Due]:
    """The latest moment that has passed, in place of all passed ones; if none has, the next."""
    if not moments:
        return
    passed = [at for at in moments if at <= now]
    at = max(passed) if passed else min(moments)
    yield Due(at, event.event_id, reason, minute_number(at))


def minute_number(at: datetime) -> int:
    """Minutes since 1970: tens of millions, a number that the revisions of an event never reach."""
    return int(at.timestamp() // 60)


_READ = """
SELECT e.id, e.category, e.source, e.opened_at, e.important_dates, e.step_due_at,
       past.notified_at, last.queued_at, last.reason, last.muted_by <> '', past.updates, past.repeated_at,
       past.escalate, latest.silenced_until,
       EXISTS (SELECT FROM alerts_acknowledgement k WHERE k.event_id = e.id AND k.life = e.life AND k.ended_at IS NULL)
FROM events_event e
LEFT JOIN LATERAL (
    SELECT max(a.queued_at) FILTER (WHERE a.reason <> 'escalated' AND a.queued_at <= %(now)s) AS notified_at,
           count(DISTINCT (a.reason, a.revision))
               FILTER (WHERE a.reason = ANY (%(lifecycle)s) AND a.state NOT IN ('held', 'muted')) AS updates,
           max(a.queued_at) FILTER (WHERE a.reason = 'repeat') AS repeated_at,
           jsonb_object_agg(a.revision, a.queued_at) FILTER (
               WHERE a.reason = ANY (%(escalated)s) AND a.muted_by = '' AND a.queued_at > %(since)s
                 AND a.life = e.life
           ) || jsonb_build_object('done', max(a.revision) FILTER (
               WHERE a.reason = 'escalated' AND a.muted_by <> 'acknowledged'
                 AND (a.muted_by <> 'silence' OR s.until > %(now)s)
           )) AS escalate
    FROM alerts_alert a LEFT JOIN alerts_silence s ON s.id = a.silence_id
    WHERE a.event_id = e.id AND a.life >= e.told_since_life
) past ON true
LEFT JOIN LATERAL (
    SELECT a.queued_at, a.reason, CASE WHEN a.state IN ('held', 'muted') THEN a.muted_by ELSE '' END AS muted_by
    FROM alerts_alert a
    WHERE a.event_id = e.id AND a.life >= e.told_since_life AND a.reason = ANY (%(lifecycle)s)
      AND a.muted_by <> 'receiver_off'
    ORDER BY a.id DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
    SELECT CASE WHEN a.state = 'silenced' THEN coalesce(s.until, a.queued_at) END AS silenced_until
    FROM alerts_alert a LEFT JOIN alerts_silence s ON s.id = a.silence_id
    WHERE a.event_id = e.id AND a.life >= e.told_since_life AND (a.reason = ANY (%(lifecycle)s) OR a.reason = 'repeat')
      AND a.muted_by <> 'receiver_off'
    ORDER BY a.id DESC LIMIT 1
) latest ON true
WHERE e.status = 'open' AND e.priority = 'high'
  AND (e.category <> ALL (%(transient)s) OR e.next_important_at IS NOT NULL)
ORDER BY e.id
"""


def read_open_events(now: datetime) -> list[OpenEvent]:
    """Every open event that may have an alert due."""
    parameters: dict[str, Any] = {
        "lifecycle": list(_LIFECYCLE),
        "escalated": list(_ESCALATED),
        "transient": list(TRANSIENT_CATEGORIES),
        "since": now - ESCALATES_WITHIN,
        # After the clock was set back, an alert queued "later" must not count as a reminder that was sent.
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, parameters)
        return [_open_event(row) for row in cursor.fetchall()]


def _open_event(row: tuple[Any, ...]) -> OpenEvent:
    event_id, category, source, opened_at, dates, step_due_at = row[:6]
    notified_at, last_at, last, suppressed, updates, repeated_at, found, silenced_until, acknowledged = row[6:]
    escalate = json.loads(found or "{}")
    done = escalate.pop("done", None) or 0
    is_known_open = last_at is not None and last != AlertReason.CLOSED and not suppressed
    return OpenEvent(
        event_id,
        route(category, source)[0],
        opened_at,
        [datetime.fromisoformat(date["at"]) for date in json.loads(dates)],
        step_due_at,
        notified_at,
        last_at if is_known_open else None,
        updates or 0,
        repeated_at,
        {
            int(revision): datetime.fromisoformat(at).astimezone(UTC)
            for revision, at in escalate.items()
            if int(revision) > done and is_known_open
        },
        category in TRANSIENT_CATEGORIES,
        acknowledged,
        silenced_until,
    )


def run(config: Config, now: datetime) -> int:
    """Queue what is due by `now`; the number of alerts. A failure of one is logged and does not stop the others."""
    schedule = Schedule.of(config)
    queued = 0
    for event in read_open_events(now):
        for due in plan(event, schedule, now):
            if due.at > now:
                continue
            try:
                queued += _queue(due, schedule, now)
            except DatabaseError:
                if not connection.is_usable():
                    raise
                logger.exception("%s of event %s could not be queued", due.reason, due.event_id)
    notices.post_ends(now)
    return queued + release.release_due(now)


def _queue(due: Due, schedule: Schedule, now: datetime) -> int:
    with transaction.atomic():
        # The event may have closed or been updated since the read.
        open_events = plain_events().filter(pk=due.event_id, status=Status.OPEN, priority=Priority.HIGH)
        event = open_events.select_for_update(no_key=True, skip_locked=True).first()
        if event is None:
            return 0
        if due.reason == AlertReason.ESCALATED:
            main = route(event.category, event.source)[0]
            second = [channel for channel in schedule.escalate_to if channel != main]
            detail = {}
            if due.unanswered is not None:
                unanswered, since = due.unanswered
                detail = {"unanswered": {"channel": unanswered, "since": since.isoformat()}}
            return sum(
                queue_for(event, due.reason, due.revision, now, only_channel=channel, detail=detail)
                or _send_suppressed(event, due, channel, now)
                for channel in second
            )
        detail = _silenced_before(event.pk) if due.reason == AlertReason.REPEAT else {}
        return queue_for(event, due.reason, due.revision, now, detail=detail)


def _send_suppressed(event: Event, due: Due, channel: str, now: datetime) -> int:
    """Send an escalation that was queued and not sent, because of a silence that is over or an acknowledgement that
    has ended; 1 if it is sent."""
    suppressed = Alert.objects.filter(
        event=event.pk, life=event.life, reason=due.reason, revision=due.revision, channel=channel,
        muted_by__in=[SuppressionReason.SILENCE, SuppressionReason.ACKNOWLEDGED],
    )  # fmt: skip
    alert = suppressed.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    return 0 if alert is None else release.release_or_suppress(alert, "still open and not acknowledged", now)


def _silenced_before(event_id: int) -> dict[str, Any]:
    """Since when the event of a repeat was silenced, as card facts; empty if its latest alert was not silenced."""
    rows = Alert.objects.filter(event=event_id).exclude(muted_by=SuppressionReason.RECEIVER_OFF).order_by("-id")
    found: dict[str, Any] = {}
    for state, muted_by, queued_at in rows.values_list("state", "muted_by", "queued_at")[:_MOST_EXAMINED]:
        if state != Alert.State.SILENCED:
            break
        note_since(found, queued_at, word_for(muted_by))
    return found


def next_due(config: Config, now: datetime) -> datetime | None:
    """The earliest moment at which `run` has something to do, or None."""
    schedule = Schedule.of(config)
    moments = [due.at for event in read_open_events(now) for due in plan(event, schedule, now)]
    moments += release.due(now)
    return min(moments, default=None)
