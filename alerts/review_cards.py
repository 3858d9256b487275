"""Reviews on cards: one card where an urgent one stays undecided, and a line in the daily canary.

1. A review is urgent that names something watched together with a word of ending (`Review.first`). Undecided for ten
   minutes it gets one card of low urgency; those that are due together share it.
2. The card never repeats, and nothing suppresses it: until somebody decides, `can_trade` answers `watch`.
3. The rest of the queue is one line of the daily canary, in the channels of operations events.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Min, Q

from alerts import outbox
from alerts.notices import MOST_LINES
from alerts.outbox import NewAlert
from alerts.rendering.message import REVIEWS_PAGE, review_page
from alerts.rendering.phrases import clean, source_label
from alerts.rendering.subjects import listed
from alerts.routes import REVIEW_URGENCY, channels
from crypto_ews.ui.text import span
from events import clock
from events.enums import AlertReason, Category
from events.models import Review

if TYPE_CHECKING:
    from crypto_ews.conf import Config

SECONDS = 15.0
DECIDED_WITHIN = timedelta(minutes=10)
# A review from further ahead was opened before the clock was set back, and has waited for some time.
_AHEAD = timedelta(minutes=1)
_MOST_AT_ONCE = 200
# After its release a review is named by can_trade for so long. A first start finds older notices.
_COUNTS = timedelta(days=30)


def queue_due(config: Config, now: datetime) -> int:
    """Queue the card of the urgent reviews that nobody has decided in time; the number of reviews on it."""
    late = Q(opened_at__lte=now - DECIDED_WITHIN) | Q(opened_at__gt=now + _AHEAD)
    with transaction.atomic():
        waiting = _urgent().filter(late).order_by("opened_at", "id")
        # One that a person is deciding at this moment is left to the next run.
        due = list(waiting.select_for_update(skip_locked=True, no_key=True, of=("self",))[:_MOST_AT_ONCE])
        if not due:
            return 0
        detail = {"notice": _card(due, now)}
        for channel in _channels(due[0].source):
            outbox.queue(NewAlert(channel, AlertReason.OPENED, REVIEW_URGENCY, detail=detail), now)
        Review.objects.filter(pk__in=[review.pk for review in due]).update(notified_at=now)
    return len(due)


def next_due(config: Config, now: datetime) -> datetime | None:
    """When the next card is due, or None."""
    opened_at: datetime | None = _urgent().aggregate(first=Min("opened_at"))["first"]
    return opened_at + DECIDED_WITHIN if opened_at is not None else None


def waiting_line(channel: str, now: datetime) -> str:
    """The line of the daily canary about undecided reviews; "" where there is none, or in another channel."""
    if channel not in _channels(""):
        return ""
    undecided = Review.objects.filter(decided_at=None)
    count = undecided.count()
    if not count:
        return ""
    oldest = undecided.aggregate(oldest=Min("opened_at"))["oldest"]
    notices = "1 notice waits" if count == 1 else f"{count} notices wait"
    return f"{notices} for a person to decide, the oldest for {span((now - oldest).total_seconds())}: Admin → Reviews."


def health_gauges() -> dict[str, float]:
    """For /healthz and /metrics: undecided reviews, and the age of the oldest urgent one (0: there is none)."""
    undecided = Review.objects.filter(decided_at=None).aggregate(
        count=Count("pk"), oldest=Min("opened_at", filter=Q(first=True))
    )
    age = (clock.now() - undecided["oldest"]).total_seconds() if undecided["oldest"] else 0.0
    return {"reviews_undecided": float(undecided["count"]), "reviews_urgent_seconds": max(age, 0.0)}


def _urgent() -> Any:
    return Review.objects.filter(first=True, decided_at=None, notified_at=None)


def _channels(source: str) -> list[str]:
    return [name for name, _ in channels(Category.OPERATIONS, source)]


def _card(due: Sequence[Review], now: datetime) -> dict[str, object]:
    """The content of the card, as `Alert.detail["notice"]` has it."""
    if len(due) == 1:
        (review,) = due
        title, lines, page = f"To be reviewed: {clean(review.title, 250)}", [], review_page(review.pk)
        about = f"{_about(review)}. {review.get_reason_display().capitalize()}."
    else:
        title, page, about = f"{len(due)} notices to be reviewed", REVIEWS_PAGE, ""
        lines = [f"{clean(review.title, 160)} ({_about(review)})" for review in due[:MOST_LINES]]
    counts = any(review.released_at > now - _COUNTS for review in due)
    until = "; until then can_trade answers watch for what is named" if counts else ", and can_trade does not name it"
    text = f"{about} Nobody has decided yet{until}.".strip()
    return {"title": title, "text": text, "good": False, "lines": lines, "page": page, "runbook": "review"}


def _about(review: Review) -> str:
    names = [*review.tokens, *(ticker.partition(":")[2] for ticker in review.tickers)]
    return clean(f"{source_label(review.source)}, names {listed(names, 5)} and has a word of ending", 200)
