"""Where services report what people did there: `POST /hooks/<channel>`, signed with the channel's secret.

One state: a report becomes the acknowledgement that a card's link makes, with an audit entry that says who and where.
A report works once, whatever became of it, and not an hour after the act. Resolving an incident acknowledges its event
and never closes it: bots trade again when an event is closed, and that is decided by its source or in the admin.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from alerts import audit
from alerts.audit import Act, Actor
from alerts.inbound.reports import NAMES, Report, Unreadable, is_signed, read_report
from alerts.receiver import Receiver
from alerts.receivers import all_receivers
from alerts.rendering.links import Link
from alerts.suppression import acknowledgements
from alerts.suppression.acknowledgements import AlreadyAcknowledged
from crypto_ews.conf import get_config
from events import clock
from events.enums import Status
from events.models import plain_events

LARGEST = 256 * 1024
OLDEST = timedelta(hours=1)
"""Services try again for minutes after an act; what is older was recorded by somebody."""
AHEAD = timedelta(minutes=5)
_REMEMBERED = timedelta(days=8)
WRONG_A_MINUTE, REPORTS_A_MINUTE = 10, 120


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
    address = audit.address_in(request) or "nowhere"
    if minute.count(f"wrong {address}") >= WRONG_A_MINUTE:
        return _too_many()
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        return JsonResponse({"error": f"the body was too large; expected at most {LARGEST} bytes"}, status=413)
    receiver = all_receivers(get_config()).get(channel)
    if receiver is None or not is_signed(receiver, request.headers, request.body):
        # The same answer whether the channel exists or not.
        minute.add(f"wrong {address}")
        return JsonResponse({"error": "expected a signature with the secret of this channel"}, status=401)
    if minute.count(f"channel {channel}") >= REPORTS_A_MINUTE:
        return _too_many()
    minute.add(f"channel {channel}")
    try:
        report = read_report(receiver, request.body)
    except Unreadable as fault:
        return JsonResponse({"error": str(fault)}, status=400)
    if report is None:
        return JsonResponse({"done": "nothing: not an act on an event"})
    now = clock.now()
    if report.at is not None and not now - OLDEST <= report.at <= now + AHEAD:
        return JsonResponse({"error": "the report is too old, or ahead of our time"}, status=400)
    done = _carry_out(report, receiver, audit.address_in(request), now)
    if report.press:
        # Telegram carries out a method that the answer names: the text appears to whoever pressed.
        return JsonResponse({"method": "answerCallbackQuery", "callback_query_id": report.press, "text": done[:200]})
    return JsonResponse({"done": done})


def _too_many() -> JsonResponse:
    return JsonResponse({"error": "too many requests in a minute"}, status=429, headers={"Retry-After": "60"})


def _carry_out(report: Report, receiver: Receiver, address: str | None, now: datetime) -> str:
    service = NAMES[receiver.kind]
    event = plain_events().filter(pk=report.event_id).first()
    if event is None or event.status == Status.CLOSED:
        return "Nothing: the event is closed" if event else "Nothing: the event has been deleted"
    number = hashlib.sha256(f"{receiver.channel} {report.number}".encode()).hexdigest()[:32]
    link = Link(event.pk, "acknowledge", receiver.channel, now + _REMEMBERED, number)
    if audit.used_by(link):
        return "Nothing: this report was carried out before"
    actor = Actor(report.by, f"{service} in {receiver.channel}", address=address, link=link)
    note = "" if report.did == "acknowledged" else f"resolved in {service}"
    try:
        acknowledgements.acknowledge(event.pk, actor, note, now)
    except AlreadyAcknowledged as taken:
        return _note(actor, f"{note or 'no change'}: {taken.current.by} had acknowledged it", event.pk, now)
    except IntegrityError:
        if audit.used_by(link) is None:
            raise
        return "Nothing: this report was carried out before"
    return f"{report.by} has acknowledged event {event.pk}"


def _note(actor: Actor, what: str, event_id: int, now: datetime) -> str:
    """An act without effect is in the audit too, and its report is used up."""
    try:
        with transaction.atomic():
            audit.record(Act.ACKNOWLEDGED, actor, now, what, event_id)
    except IntegrityError:
        return "Nothing: this report was carried out before"
    return what[0].upper() + what[1:]
