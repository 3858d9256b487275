"""What people decide about reviews of announcements: an event, or harmless; and how they take it back.

1. An event is recorded as every other draft (`events.lifecycle.record`), with the notice as its source: the event, its
   article, then the review. The rounds of sources lock in this order too.
2. Of two persons the first counts. The second one's event is rolled back with the decision.
3. A decision holds for the text that the person has seen. One whose notice was edited meanwhile is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from crypto_ews.conf import get_config
from events import lifecycle, reviews
from events.enums import Status
from events.lifecycle import LifecycleError
from events.models import Event, KeySuppression, Review, plain_events
from exchanges.announcements.context import detection_context, splitter_for
from exchanges.announcements.decided import (
    EventDecision,
    NothingNamed,
    decided_draft,
    decided_notice,
    label_of,
)
from exchanges.announcements.detect import article_key
from exchanges.announcements.types import Article
from exchanges.models import SeenArticle

State = SeenArticle.State
_BY_PEOPLE = (Review.Decision.EVENT, Review.Decision.HARMLESS)


class CannotDecide(ValueError):
    """The decision was not stored; the message says why, to the person who made it."""


def article_of(review: Review) -> Article:
    """The notice as it was read when the review was last written; its body is the text alone."""
    article_id = review.natural_key.removeprefix(article_key(review.source, ""))
    return Article(review.source, article_id, review.title, review.text or None, review.released_at, review.url)


def open_event_of(review: Review) -> Event | None:
    """The open event of the review's notice: one that people made of it, or one from before its edit."""
    return plain_events().filter(natural_key=review.natural_key, status=Status.OPEN).first()


def decide_event(review_id: int, digest: str, decision: EventDecision, by: str, now: datetime) -> Review:
    """Open the event that a person takes a notice for. digest: of the text that the person has seen.

    Raises CannotDecide and Review.DoesNotExist.
    """
    review = _undecided(review_id, digest)
    context, _ = detection_context(review.source, get_config(), now)
    article = article_of(review)
    try:
        notice = decided_notice(article, decision, context, splitter_for(context.knowledge))
        draft = replace(decided_draft(article, notice, context), payload=review.payload_id)
        with transaction.atomic():
            outcome = lifecycle.record(draft, now)
            if outcome.event is None:
                raise CannotDecide(f"no event was opened: {outcome.reason}")
            event = plain_events().get(pk=outcome.event.pk)
            # By it the article is read again. What is not read yet stays to be read.
            _articles(review).update(event=event)
            _articles(review).filter(state=State.REVIEW).update(state=State.EVENT)
            return _decide(review_id, digest, Review.Decision.EVENT, by, now, event, label_of(notice))
    except (NothingNamed, LifecycleError) as error:
        raise CannotDecide(str(error)) from error


def decide_harmless(review_id: int, digest: str, by: str, now: datetime) -> Review:
    """Store that a notice is no event. An event that is open under its key stays open. Raises as `decide_event`."""
    review = _undecided(review_id, digest)
    with transaction.atomic():
        _articles(review).filter(state=State.REVIEW).update(state=State.IGNORED)
        return _decide(review_id, digest, Review.Decision.HARMLESS, by, now, None, {"category": "other"})


def take_back(review_id: int, by: str, now: datetime) -> Event | None:
    """Make a review undecided again; returns the event that was closed by it, as a false alarm.

    An event that was open before the decision stays: the decision has only changed it.
    Raises CannotDecide and Review.DoesNotExist.
    """
    review = Review.objects.select_related("event").get(pk=review_id)
    if review.decided_at is not None and review.decision not in _BY_PEOPLE:
        raise CannotDecide("no person has decided this one; its source explains the notice")
    event = review.event
    closed = None
    try:
        with transaction.atomic():
            if event is not None and event.status == Status.OPEN and event.opened_at == review.decided_at:
                reason = f"the decision on review {review_id} was taken back"
                lifecycle.close_event(event.pk, now, by=by, reason=reason, false_alarm=True)
                # The key stays open to another decision, and to the article's edit.
                KeySuppression.objects.filter(natural_key=event.natural_key).delete()
                closed = event
            if closed is not None:
                _articles(review).filter(event=closed).update(event=None)
                _articles(review).filter(state=State.EVENT).update(state=State.REVIEW)
            elif event is None:
                # An article of an event stays one: by it the edits of that event are read.
                _articles(review).filter(state=State.IGNORED).update(state=State.REVIEW)
            seen = Review.objects.select_for_update(of=("self",)).get(pk=review_id)
            if seen.decided_at != review.decided_at:
                raise CannotDecide("somebody else has decided it meanwhile")
            reviews.reopen(review_id)
    except (LifecycleError, reviews.CannotReopen) as error:
        raise CannotDecide(str(error)) from error
    return closed


def labelled_lines(since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """What people decided, oldest first, with the keys of the labelled titles and articles of the captures.

    A row without a body is a labelled title. Names of events are assets; reasons are in `note`.
    """
    decided = Review.objects.filter(decision__in=_BY_PEOPLE).order_by("decided_at", "id")
    if since is not None:
        decided = decided.filter(decided_at__gte=since)
    for review in decided.iterator(chunk_size=200):
        yield _labelled(review)


def _labelled(review: Review) -> dict[str, Any]:
    label: Mapping[str, Any] = review.label
    tokens, title = label.get("tokens", []), review.title.upper()
    return {
        "exchange": review.source,
        "title": review.title,
        "body": review.text or None,
        "date": f"{review.released_at:%Y-%m-%d}",
        "released_at": f"{review.released_at:%Y-%m-%dT%H:%M:%SZ}",
        "event": review.decision == Review.Decision.EVENT,
        "category": label.get("category"),
        "category_alt": [],
        "phase": label.get("phase"),
        "market": label.get("market"),
        "tokens": tokens,
        "tokens_optional": [],
        "tickers": label.get("tickers", []),
        "needs_body": not all(token in title for token in tokens),
        "important_dates": label.get("important_dates", []),
        "other_dates": [],
        "trading_status": label.get("trading_status", "trading"),
        "note": f"review: {review.reason}",
        "source_repo": "",
        "source_path": review.natural_key,
    }


def _undecided(review_id: int, digest: str) -> Review:
    """The review, where it can still be decided; `_decide` asks again under its lock."""
    review = Review.objects.get(pk=review_id)
    if review.decided_at is not None:
        who = review.decided_by or review.source
        raise CannotDecide(f"{who} has decided at {review.decided_at:%Y-%m-%d %H:%M} UTC: {review.decision}")
    _require_same(review, digest)
    return review


def _require_same(review: Review, digest: str) -> None:
    if review.digest != digest:
        raise CannotDecide("the notice was edited since this page was made; read it again")


def _decide(
    review_id: int, digest: str, decision: str, by: str, now: datetime, event: Event | None, label: Mapping[str, Any]
) -> Review:
    try:
        row = reviews.decide(review_id, decision, by, now, event, label)
    except reviews.AlreadyDecided as error:
        raise CannotDecide(str(error)) from error
    _require_same(row, digest)
    return row


def _articles(review: Review) -> QuerySet[SeenArticle]:
    return SeenArticle.objects.filter(exchange=review.source, article_id=article_of(review).article_id)
