"""Persists the states of articles in the transaction that records their events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

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
from markets.identity_store import add_names, known_identity, note_unknown
from markets.models import AssetName, Instrument

State = SeenArticle.State
_ORIGIN = "announcement"
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
            for old, new in notice.renamed:
                venue = venue_name(article.exchange, None)
                _announced(NameRow(venue, old, new), article.released_at).delete()
        for row in renamings(article, notice):
            planned = _announced(row, article.released_at).first()
            if planned:
                AssetName.objects.filter(pk=planned.pk).update(valid_from=row.valid_from)
            elif not _is_known(row, notice.phase == "completed"):
                add_names([row], f"{_ORIGIN} {article.url}")


def _announced(row: NameRow, released_at: datetime | None) -> QuerySet[AssetName]:
    """The row of an earlier announcement for a change of ticker that was still to come when this one came out."""
    rows = AssetName.objects.filter(venue=row.venue, name=row.name, asset__code=row.asset, valid_from__gt=released_at)
    return rows.filter(origin__startswith=_ORIGIN).order_by("valid_from")


def _is_known(row: NameRow, completed: bool) -> bool:
    """Whether the table has the change, or the new name is traded beside the old one, so that two coins are meant."""
    if AssetName.objects.filter(venue__in=(row.venue, ""), name=row.name, asset__code=row.asset).exists():
        return True
    return not completed and Instrument.objects.filter(venue=row.venue, base=row.asset, live=True).exists()


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
    event = event_of(outcome, by_key)
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
