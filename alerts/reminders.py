"""What time alone brings to alerts: reminders ahead of dates, repeats, escalation, and the end of holding back.

1. One query reads every open event of high priority that may be due, with what was told of it: the cost follows open
   events, not history. What is due of each is decided by `plan`, which is pure.
2. A reminder of a date goes out each of the configured spans ahead, unless a card told of the event since then; so
   missed ones collapse into one after an outage. At the moment itself `expire` takes a step, which is a reminder too.
3. A repeat goes out while an event stays open and in nobody's hand, at the configured spans after the last news of it,
   and when a silence ends that hid this news.
   Who was told further news needs less of it: each takes two of the first steps away, down to a card a day.
4. What opened, got worse or turned, and is in nobody's hand after a while, is told to the second channel, once.
5. What each is for is in its row's key (the minute that it stands for, or the revision that it escalates), so that two
   daemons, or a run after a crash, queue it once.
6. What was held back is told when its cause has gone, if its event still stands (`alerts.suppression.release`); the
   end of a silence is said in its channels (`alerts.notices`).
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
from alerts.routes import TRANSIENT_CATEGORIES, route
from alerts.suppression import release
from alerts.verdicts import SuppressionReason
from events.enums import AlertReason, Priority, Status
from events.models import plain_events

if TYPE_CHECKING:
    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)

SECONDS = 15.0
ESCALATES_WITHIN = timedelta(days=7)
"""Of the news: what is older was left alone on purpose, or before a second channel was named."""

_LOOKED_BACK = 200

_NEWS = (AlertReason.OPENED, AlertReason.WORSE, AlertReason.TURNED, AlertReason.UPDATED, AlertReason.REMINDER)
_ESCALATED = (AlertReason.OPENED, AlertReason.WORSE, AlertReason.TURNED)
_LIFECYCLE = (*_NEWS, AlertReason.CLOSED)


@dataclass(frozen=True)
class Schedule:
    """The configured spans. escalate_to: channel, or empty for none."""

    reminders: Sequence[timedelta]
    repeats: Sequence[timedelta]
    escalate_to: str = ""
    escalate_after: timedelta = timedelta(minutes=15)

    @classmethod
    def of(cls, config: Config) -> Schedule:
        return cls(
            [timedelta(hours=hours) for hours in config.reminder_hours],
            [timedelta(hours=hours) for hours in config.repeat_hours],
            config.escalate_to,
            timedelta(minutes=config.escalate_after_minutes),
        )


@dataclass(frozen=True)
class Watched:
    """An open event and what was told of it so far.

    told_at: of the latest alert of any kind, told or not; told_news_at, news: the latest piece of news and how many
    there were, None where its last word was its end or is held back. escalate: revision → when it was queued, of what
    the second channel has not heard. silenced_until: end of the silence that hid the latest news or repeat.
    """

    event_id: int
    channel: str
    opened_at: datetime
    dates: Sequence[datetime]
    step_due_at: datetime | None
    told_at: datetime | None
    told_news_at: datetime | None
    news: int
    repeated_at: datetime | None
    escalate: Mapping[int, datetime]
    passing: bool
    in_hand: bool
    silenced_until: datetime | None = None


@dataclass(frozen=True)
class Due:
    """An alert that is to be queued from `at` on. revision: what makes it the same one for every daemon."""

    at: datetime
    event_id: int
    reason: str
    revision: int


def plan(event: Watched, schedule: Schedule, now: datetime) -> Iterator[Due]:
    """The first of each kind that is due of an event: by `now`, or later where nothing is due by then. Pure."""
    yield from _reminder(event, schedule.reminders, now)
    if event.in_hand or event.passing:
        return
    if event.told_news_at is not None:
        yield from _repeat(event, event.told_news_at, schedule.repeats, now)
    if schedule.escalate_to not in ("", event.channel) and event.escalate:
        first = min(event.escalate.values()) + schedule.escalate_after
        by_then = [revision for revision, at in event.escalate.items() if at + schedule.escalate_after <= now]
        yield Due(first, event.event_id, AlertReason.ESCALATED, max(by_then, default=max(event.escalate)))


def _reminder(event: Watched, spans: Sequence[timedelta], now: datetime) -> Iterator[Due]:
    if event.step_due_at is not None and event.step_due_at <= now:
        # The step that `expire` is about to take is told, and its card shows the dates as well.
        return
    known_since = max((at for at in (event.told_at, event.opened_at) if at is not None and at <= now), default=None)
    moments = {date - span for date in event.dates if date > now for span in spans}
    yield from _latest_or_next(
        event, AlertReason.REMINDER, [at for at in moments if known_since is None or at > known_since], now
    )


def _repeat(event: Watched, news_at: datetime, spans: Sequence[timedelta], now: datetime) -> Iterator[Due]:
    daily = next((index for index, span in enumerate(spans) if span > timedelta(days=1)), len(spans))
    rest = spans[min(2 * (event.news - 1), daily) :]
    known_since = max(news_at, event.repeated_at or news_at)
    moments = [news_at + span for span in rest]
    if event.silenced_until is not None:
        # Nobody has heard that it is still there, however late that is; and the minute is not that of a hidden repeat.
        moments.append(event.silenced_until + timedelta(minutes=1))
    yield from _latest_or_next(event, AlertReason.REPEAT, [at for at in moments if at > known_since], now)


def _latest_or_next(event: Watched, reason: str, moments: Sequence[datetime], now: datetime) -> Iterator[Due]:
    """The latest of the moments that have passed, which stands for all of them; where none has, the next."""
    if not moments:
        return
    passed = [at for at in moments if at <= now]
    at = max(passed) if passed else min(moments)
    yield Due(at, event.event_id, reason, minute_number(at))


def minute_number(at: datetime) -> int:
    """Minutes since 1970: tens of millions, which an event's own revisions never reach."""
    return int(at.timestamp() // 60)


_READ = """
SELECT e.id, e.category, e.source, e.opened_at, e.important_dates, e.step_due_at,
       told.told_at, last.queued_at, last.reason, last.muted_by <> '', told.news, told.repeated_at, told.escalate,
       latest.silenced_until,
       EXISTS (SELECT FROM alerts_acknowledgement k WHERE k.event_id = e.id AND k.life = e.life AND k.ended_at IS NULL)
FROM events_event e
LEFT JOIN LATERAL (
    SELECT max(a.queued_at) FILTER (WHERE a.reason <> 'escalated' AND a.queued_at <= %(now)s) AS told_at,
           count(DISTINCT (a.reason, a.revision))
               FILTER (WHERE a.reason = ANY (%(lifecycle)s) AND a.state NOT IN ('held', 'muted')) AS news,
           max(a.queued_at) FILTER (WHERE a.reason = 'repeat') AS repeated_at,
           jsonb_object_agg(a.revision, a.queued_at) FILTER (
               WHERE a.reason = ANY (%(escalated)s) AND a.muted_by = '' AND a.queued_at > %(since)s
                 AND a.life = e.life
           ) || jsonb_build_object('done', max(a.revision) FILTER (WHERE a.reason = 'escalated')) AS escalate
    FROM alerts_alert a WHERE a.event_id = e.id AND a.life >= e.told_since_life
) told ON true
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
  AND (e.category <> ALL (%(passing)s) OR e.next_important_at IS NOT NULL)
ORDER BY e.id
"""


def read_watched(now: datetime) -> list[Watched]:
    """Every open event that may be due."""
    parameters: dict[str, Any] = {
        "lifecycle": list(_LIFECYCLE),
        "escalated": list(_ESCALATED),
        "passing": list(TRANSIENT_CATEGORIES),
        "since": now - ESCALATES_WITHIN,
        # A clock that was put back must not make reminders be told already that were not.
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, parameters)
        return [_watched(row) for row in cursor.fetchall()]


def _watched(row: tuple[Any, ...]) -> Watched:
    event_id, category, source, opened_at, dates, step_due_at = row[:6]
    told_at, last_at, last, unheard, news, repeated_at, found, silenced_until, in_hand = row[6:]
    escalate = json.loads(found or "{}")
    done = escalate.pop("done", None) or 0
    is_open_to_people = last_at is not None and last != AlertReason.CLOSED and not unheard
    return Watched(
        event_id,
        route(category, source)[0],
        opened_at,
        [datetime.fromisoformat(date["at"]) for date in json.loads(dates)],
        step_due_at,
        told_at,
        last_at if is_open_to_people else None,
        news or 0,
        repeated_at,
        {
            int(revision): datetime.fromisoformat(at).astimezone(UTC)
            for revision, at in escalate.items()
            if int(revision) > done and is_open_to_people
        },
        category in TRANSIENT_CATEGORIES,
        in_hand,
        silenced_until,
    )


def run(config: Config, now: datetime) -> int:
    """Queue what is due by `now`; how many alerts. What cannot be queued is said and does not keep the others back."""
    schedule = Schedule.of(config)
    queued = 0
    for event in read_watched(now):
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
        # It may have been closed, or be being told anew, since it was read.
        open_events = plain_events().filter(pk=due.event_id, status=Status.OPEN, priority=Priority.HIGH)
        event = open_events.select_for_update(no_key=True, skip_locked=True).first()
        if event is None:
            return 0
        second = schedule.escalate_to if due.reason == AlertReason.ESCALATED else None
        detail = _silenced_before(event.pk) if due.reason == AlertReason.REPEAT else {}
        return queue_for(event, due.reason, due.revision, now, only_channel=second, detail=detail)


def _silenced_before(event_id: int) -> dict[str, Any]:
    """Since when an event that is repeated was silenced, where nothing was heard of it since."""
    rows = Alert.objects.filter(event=event_id).exclude(muted_by=SuppressionReason.RECEIVER_OFF).order_by("-id")
    found: dict[str, Any] = {}
    for state, muted_by, queued_at in rows.values_list("state", "muted_by", "queued_at")[:_LOOKED_BACK]:
        if state != Alert.State.SILENCED:
            break
        note_since(found, queued_at, word_for(muted_by))
    return found


def next_due(config: Config, now: datetime) -> datetime | None:
    """The earliest moment at which `run` has something to do, seen from `now`."""
    schedule = Schedule.of(config)
    moments = [due.at for event in read_watched(now) for due in plan(event, schedule, now)]
    moments += release.due(now)
    return min(moments, default=None)
