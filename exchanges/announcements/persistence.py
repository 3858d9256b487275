"""Persists the states of articles in the transaction that records their events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from events import reviews
from events.drafts import EventDraft
from events.enums import OutcomeKind
from events.models import Event
from events.outcomes import Outcome
from events.sources import quarantine
from exchanges.announcements.assets import renamings
from exchanges.announcements.detect import DetectionContext
from exchanges.announcements.follow_ups import ArticleOutcome, ReadArticle
from exchanges.announcements.review_drafts import review_draft
from exchanges.models import SeenArticle
from exchanges.venues import venue_name
from markets.identity import NameRow
from markets.identity_store import drop_planned_names, known_identity, note_unknown, plan_name

State = SeenArticle.State
RETRY_AT_MOST = timedelta(hours=1)


def note_unknown_tokens(drafts: Sequence[EventDraft], source: str, now: datetime) -> None:
    """Add the tokens without a known asset to the list of unknown assets, for an admin."""
    named = {(effect.token, effect.venue) for draft in drafts for effect in draft.effects}
    if named:
        identity = known_identity()
        unknown = {token for token, venue in named if identity.resolve(venue, token, now) is None}
        note_unknown(unknown, f"named by {source}")


def learn_renamings(articles: Sequence[ReadArticle]) -> None:
    """Bring the table of names up to date with the changes of ticker that are announced, moved, done or called off."""
    for read_article in articles:
        article, notice = read_article.article, read_article.notice
        if notice.phase == "cancelled" and article.released_at:
            venue = venue_name(article.exchange, None)
            drop_planned_names([NameRow(venue, old, new) for old, new in notice.renamed], article.released_at)
        for row in renamings(article, notice):
            plan_name(row, article.url, article.released_at, done=notice.phase == "completed")


def event_of(outcome: ArticleOutcome, by_key: dict[str, Outcome]) -> Event | None:
    """The recorded event of an article: the one that it opened, else the first that it changed. by_key: by event."""
    for key in sorted(outcome.keys, key=lambda key: key != outcome.read.key):
        recorded = by_key.get(key)
        if recorded and recorded.event:
            return recorded.event
    return None


def events_by_article(outcomes: Iterable[ArticleOutcome], by_key: dict[str, Outcome]) -> dict[str, Event | None]:
    """What became of articles, by natural key; without those that could not be recorded."""
    return {
        outcome.read.key: event_of(outcome, by_key)
        for outcome in outcomes
        if all(by_key[key].kind != OutcomeKind.FAILED for key in outcome.keys)
    }


def persist_reviews(
    articles: Iterable[ReadArticle], events: dict[str, Event | None], context: DetectionContext, now: datetime
) -> None:
    """Open a review for each article that nobody could judge, and close those of articles that are explained now.

    events: what became of the explained articles, by natural key; of the others nothing is closed.
    """
    drafts = {read.key: draft for read in articles if (draft := review_draft(read, context))}
    reviews.open_reviews(drafts.values(), now)
    reviews.close_explained({key: event for key, event in events.items() if key not in drafts}, now)


def persist_article(source: str, outcome: ArticleOutcome, by_key: dict[str, Outcome], now: datetime) -> None:
    """Store the state of an article that was read. by_key: what recording made of its drafts, by event key."""
    article, notice = outcome.read.article, outcome.read.notice
    # A person may have made an event of the title before the body could be read. By its article its edits are read.
    event = event_of(outcome, by_key) or reviews.event_by_decision(outcome.read.key)
    failed = [by_key[key] for key in outcome.keys if by_key[key].kind == OutcomeKind.FAILED]
    if failed:
        state = State.QUARANTINED
        quarantine.quarantine_item(source, article.article_id, now, title=article.title, error=failed[0].reason)
    elif outcome.follow_up:
        state = State.FOLLOW_UP
    else:
        state = State.EVENT if event else State.REVIEW if notice.review else State.IGNORED
    SeenArticle.objects.filter(exchange=article.exchange, article_id=article.article_id).update(
        state=state,
        read_at=now,
        rule=notice.rule[:80],
        category=notice.category or "",
        event=event,
        payload_id=outcome.read.payload,
        next_attempt_at=now + RETRY_AT_MOST if failed else None,
        attempts=F("attempts") + 1,
    )
    if not failed:
        quarantine.resolve(source, article.article_id, now)
