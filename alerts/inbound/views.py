"""Where services report what people did there: `POST /hooks/<channel>`, signed with the channel's secret.

One state: a report becomes the acknowledgement that a card's link makes, or ends it, with an audit entry that says who
and where. A report works once, whatever became of it, and not an hour after the act; nor does it acknowledge what the
event became after whoever acted had seen it. Resolving an incident acknowledges its event and never closes it: bots
trade again when an event is closed, and that is decided by its source or in the admin.

A signed report is answered 200 whatever becomes of it. After three refusals PagerDuty turns a webhook off for a day,
and Telegram repeats what is refused and holds back what comes after.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from alerts import audit, notices
from alerts.audit import Act, Actor
from alerts.inbound.reports import NAMES, Report, Unreadable, is_signed, posts_to, read_report
from alerts.models import Alert, AuditEntry
from alerts.receiver import Receiver
from alerts.receivers import all_receivers
from alerts.rendering.links import Link
from alerts.suppression import acknowledgements
from alerts.suppression.acknowledgements import AlreadyAcknowledged
from crypto_ews.conf import get_config
from events import clock
from events.enums import AlertReason, Status
from events.models import plain_events

logger = logging.getLogger(__name__)

LARGEST = 256 * 1024
"""Bytes of a body: PagerDuty sends no larger one."""
OLDEST = timedelta(hours=1)
"""PagerDuty tries again for twenty minutes after an act; what is older was recorded by somebody."""
AHEAD = timedelta(minutes=5)
_REMEMBERED = timedelta(days=8)
_KEEPS_STATE = frozenset({"pagerduty", "opsgenie"})
WRONG_A_MINUTE, REPORTS_A_MINUTE = 10, 600
"""A storm in which everybody takes what they are paged for is no attack: PagerDuty tries what is refused again."""


class _Minute:
    """Counts by key within the last minute. A wrong signature counts for its address, a report for its channel: nobody
    without the secret can use up a channel's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, deque[float]] = {}

    def count(self, key: str) -> int:
        now = time.monotonic()
        with self._lock:
            if len(self._seen) > 5000:
                self._seen = {known: times for known, times in self._seen.items() if times and times[-1] > now - 60}
            times = self._seen.setdefault(key, deque(maxlen=REPORTS_A_MINUTE + 1))
            while times and times[0] <= now - 60:
                times.popleft()
            return len(times)

    def add(self, key: str) -> None:
        with self._lock:
            self._seen.setdefault(key, deque(maxlen=REPORTS_A_MINUTE + 1)).append(time.monotonic())

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()


minute = _Minute()


@never_cache
@csrf_exempt
@require_POST
def hook(request: HttpRequest, channel: str) -> JsonResponse:
    body = _body_of(request)
    if body is None:
        return JsonResponse({"error": f"the body was too large; expected at most {LARGEST} bytes"}, status=413)
    receivers = all_receivers(get_config())
    receiver = receivers.get(channel)
    if receiver is None or not is_signed(receiver, request.headers, body):
        # Who guesses shuts out nobody but guesses: behind one proxy a service may have the same address.
        wrong = f"wrong {audit.address_in(request) or 'nowhere'}"
        if minute.count(wrong) >= WRONG_A_MINUTE:
            return _too_many()
        minute.add(wrong)
        # The same answer whether the channel exists or not.
        return JsonResponse({"error": "expected a signature with the secret of this channel"}, status=401)
    if minute.count(f"channel {channel}") >= REPORTS_A_MINUTE:
        return _too_many()
    minute.add(f"channel {channel}")
    try:
        report = read_report(receiver, body)
    except Unreadable as fault:
        logger.warning("a report of %s in %s was not carried out: %s", NAMES[receiver.kind], channel, fault)
        return JsonResponse({"done": f"nothing: {fault}"})
    if report is None:
        return JsonResponse({"done": "nothing: not an act of a person on an event"})
    # An account or a bot may have one webhook for all of its receivers.
    others = [other for other in receivers.values() if other.kind == receiver.kind]
    if report.chats:
        others = [other for other in others if posts_to(other, receiver, report.chats)]
        if not others:
            return _done(report, "Nothing: no receiver posts into this chat")
    at_home = sorted(others, key=lambda other: other.channel != channel)
    now = clock.now()
    if report.at is not None and not now - OLDEST <= report.at <= now + AHEAD:
        logger.warning("a report of %s in %s was not carried out: its act is of %s", receiver.kind, channel, report.at)
        return _done(report, "Nothing: the report is too old, or ahead of our time")
    return _done(report, _carry_out(report, receiver, at_home, audit.address_in(request), now))


def _body_of(request: HttpRequest) -> bytes | None:
    """The body; None if it is too large, whatever its length is said to be."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        return None
    body = request.read(LARGEST + 1)
    return body if len(body) <= LARGEST else None


def _done(report: Report, text: str) -> JsonResponse:
    if report.press:
        # Telegram carries out a method that the answer names: the text appears to whoever pressed.
        return JsonResponse({"method": "answerCallbackQuery", "callback_query_id": report.press, "text": text[:200]})
    return JsonResponse({"done": text})


def _too_many() -> JsonResponse:
    return JsonResponse({"error": "too many requests in a minute"}, status=429, headers={"Retry-After": "60"})


def _carry_out(
    report: Report, receiver: Receiver, others: Sequence[Receiver], address: str | None, now: datetime
) -> str:
    """others: the receivers of which one had the card of the event, the likeliest first."""
    service = NAMES[receiver.kind]
    number = hashlib.sha256(f"{receiver.channel} {report.number}".encode(errors="replace")).hexdigest()[:32]
    notified = set(Alert.objects.filter(event=report.event_id, muted_by="").values_list("channel", flat=True))
    channel = next((other.channel for other in others if other.channel in notified), "")
    link = Link(report.event_id, "acknowledge", channel, (report.at or now) + _REMEMBERED, number)
    actor = Actor(report.by, f"{service} in {channel}", address=address, link=link, told=channel)
    try:
        with transaction.atomic():
            # Locked: nothing happens to the event between what is looked up here and what is done.
            event = plain_events().select_for_update(no_key=True, of=("self",)).filter(pk=report.event_id).first()
            if event is None or event.status == Status.CLOSED:
                return "Nothing: the event is closed" if event else "Nothing: the event has been deleted"
            if audit.used_by(link):
                return _BEFORE
            if not channel:
                logger.warning("event %s was reported by %s, which had no alert of it", event.pk, receiver.channel)
                return f"Nothing: {service} had no alert of the event from here"
            if report.did == "released":
                return _release(report, actor, now)
            if became := _became(event.pk, report):
                _page_anew(report, receiver, channel, became, now)
                return _note(actor, f"no change: the event {became} after that; look at it again", event.pk, now)
            if report.at and _was_given_back(event.pk, actor, report.at):
                return _note(actor, "no change: it was given back after that", event.pk, now)
            return _take(report, f"resolved in {service}" if report.did == "resolved" else "", actor, now)
    except IntegrityError:
        if audit.used_by(link) is None:
            raise
        return _BEFORE


_BEFORE = "Nothing: this report was carried out before"


def _take(report: Report, note: str, actor: Actor, now: datetime) -> str:
    try:
        acknowledgements.acknowledge(report.event_id, actor, note, now, at=min(report.at or now, now))
    except AlreadyAcknowledged as taken:
        what = f"{note or 'no change'}: {taken.current.by} had acknowledged it"
        return _note(actor, what, report.event_id, now)
    return f"{report.by} has acknowledged event {report.event_id}"


def _release(report: Report, actor: Actor, now: datetime) -> str:
    current = acknowledgements.current(report.event_id)
    if current is None:
        return _note(actor, "no change: nobody had acknowledged it", report.event_id, now, Act.RELEASED)
    if report.seen < current.at:
        what = f"no change: {current.by} acknowledged it after that"
        return _note(actor, what, report.event_id, now, Act.RELEASED)
    acknowledgements.unacknowledge(report.event_id, actor, now)
    return f"{report.by} has given event {report.event_id} back"


def _became(event_id: int, report: Report) -> str:
    """What happened to an event that ends an acknowledgement and that whoever acted had not seen; "" for nothing."""
    ends = acknowledgements.ENDS_ACKNOWLEDGEMENT
    later = Alert.objects.filter(Q(reason__in=ends) | Q(reason=AlertReason.OPENED, life__gt=1), event=event_id)
    unseen = Q(queued_at__gt=report.seen)
    if report.revision:
        unseen |= Q(revision__gt=report.revision)
    reason = later.filter(unseen).order_by("-id").values_list("reason", flat=True).first()
    return ends.get(reason, "opened again") if reason else ""


def _page_anew(report: Report, receiver: Receiver, channel: str, became: str, now: datetime) -> None:
    """The service has the incident as acknowledged or resolved, and what the event became as told: nobody would be
    paged for it any more. A chat keeps no state of its own."""
    if receiver.kind in _KEEPS_STATE:
        line = f"Not acknowledged by {report.by}: event #{report.event_id} {became} after that; it is nobody's still"
        notices.post([channel], line, now, released=[report.event_id])


def _was_given_back(event_id: int, actor: Actor, at: datetime) -> bool:
    """Whether the event was given back after an act: by reports of the same place, which may arrive in any order, with
    the time of theirs, and elsewhere."""
    released = AuditEntry.objects.filter(event=event_id, act=Act.RELEASED)
    here = Q(where=actor.where, link_ends_at__gt=at + _REMEMBERED)
    return released.filter(here | ~Q(where=actor.where) & Q(at__gt=at)).exists()


def _note(actor: Actor, what: str, event_id: int, now: datetime, act: Act = Act.ACKNOWLEDGED) -> str:
    """An act without effect is in the audit too, and its report is used up."""
    audit.record(act, actor, now, what, event_id)
    return what[0].upper() + what[1:]
