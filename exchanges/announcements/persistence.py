"""Writing down what became of articles that were read, in the transaction that records their events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F

from events.drafts import EventDraft
from events.enums import OutcomeKind
from events.models import Event
from events.outcomes import Outcome
from events.sources import quarantine
from exchanges.announcements.assets import renaming
from exchanges.announcements.follow_ups import ArticleOutcome, ReadArticle
from exchanges.models import SeenArticle
from markets.identity_store import add_names, known_identity, note_unknown

State = SeenArticle.State
RETRY_AT_MOST = timedelta(hours=1)


def note_unknown_tokens(drafts: Sequence[EventDraft], source: str, now: datetime) -> None:
    """List the tokens that nobody knows as unknown assets, for an admin to look at."""
    told = {(effect.token, effect.venue) for draft in drafts for effect in draft.effects}
    if told:
        identity = known_identity()
        unknown = {token for token, venue in told if identity.resolve(venue, token, now) is None}
        note_unknown(unknown, f"named by {source}")


def learn_renamings(articles: Sequence[ReadArticle]) -> None:
    """Take the renamings that were completed into the table of names."""
    for read_article in articles:
        row = renaming(read_article.article, read_article.reading)
        if row:
            add_names([row], f"announcement {read_article.article.url}")


def event_of(verdict: ArticleOutcome, by_key: dict[str, Outcome]) -> Event | None:
    """The event that an article belongs to; its own before those that it changes."""
    for key in sorted(verdict.keys, key=lambda key: key != verdict.read.key):
        outcome = by_key.get(key)
        if outcome and outcome.event:
            return outcome.event
    return None


def settle_article(source: str, verdict: ArticleOutcome, by_key: dict[str, Outcome], now: datetime) -> None:
    """Write down what became of an article that was read."""
    article, reading = verdict.read.article, verdict.read.reading
    event = event_of(verdict, by_key)
    failed = [by_key[key] for key in verdict.keys if by_key[key].kind == OutcomeKind.FAILED]
    if failed:
        state = State.QUARANTINED
        quarantine.quarantine_item(source, article.article_id, now, title=article.title, error=failed[0].reason)
    elif verdict.follow_up:
        state = State.FOLLOW_UP
    else:
        state = State.EVENT if event else State.IGNORED
    SeenArticle.objects.filter(exchange=article.exchange, article_id=article.article_id).update(
        state=state,
        read_at=now,
        rule=reading.rule[:80],
        category=reading.category or "",
        event=event,
        payload_id=verdict.read.payload,
        next_attempt_at=now + RETRY_AT_MOST if failed else None,
        attempts=F("attempts") + 1,
    )
    if not failed:
        quarantine.resolve(source, article.article_id, now)
