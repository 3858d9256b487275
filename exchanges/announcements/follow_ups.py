"""From articles that were read to drafts: one per event, the original notice folded with its follow-ups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from events.drafts import EventDraft
from exchanges.announcements.detect import (
    DetectionContext,
    announcement_draft,
    apply_follow_up,
    article_key,
    concerned_keys,
    is_follow_up,
    lift,
    lifting_keys,
)
from exchanges.announcements.types import Article, ParsedNotice

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ReadArticle:
    """An article with what it says, and the sha256 of the archived answer it came in."""

    article: Article
    reading: ParsedNotice
    payload: str | None = None

    @property
    def key(self) -> str:
        return article_key(self.article.exchange, self.article.article_id)


@dataclass(frozen=True)
class ArticleOutcome:
    """What becomes of one article: the keys of the events that it is, or changes; none: it is no event."""

    read: ReadArticle
    keys: tuple[str, ...]
    follow_up: bool


def judge(
    articles: Sequence[ReadArticle], open_events: Sequence[EventDraft], around: DetectionContext
) -> tuple[list[EventDraft], list[ArticleOutcome]]:
    """Drafts for new articles, one per event and in order of release, with a verdict per article.

    open_events: newest first. A follow-up changes the event it speaks of, be it open already or told by an article
    of the same batch.
    """
    drafts: dict[str, EventDraft] = {}
    verdicts = []
    for read in sorted(articles, key=_release_order):
        current = [*drafts.values(), *(event for event in open_events if event.natural_key not in drafts)]
        still_open = [event for event in current if event.state == "open"]
        by_key = {event.natural_key: event for event in still_open}
        keys: list[str] = []
        for key in lifting_keys(read.article, read.reading, still_open):
            drafts[key] = lift(by_key[key], read.reading.lifted, read.article)
            keys.append(key)
        concerned = concerned_keys(read.article, read.reading, still_open) if is_follow_up(read.reading) else []
        for key in concerned:
            drafts[key] = apply_follow_up(drafts.get(key, by_key[key]), read.article, read.reading, around)
            keys.append(key)
        draft = None if concerned else announcement_draft(read.article, read.reading, around)
        if draft:
            drafts[read.key] = replace(draft, payload=read.payload)
            keys.append(read.key)
        verdicts.append(ArticleOutcome(read, tuple(keys), follow_up=bool(keys) and read.key not in keys))
    # A new article is news whatever was recorded since the round began.
    return [replace(draft, based_on=None) for draft in drafts.values()], verdicts


def refold(recorded: EventDraft, articles: Iterable[ReadArticle], around: DetectionContext) -> EventDraft | None:
    """An open event from all of its articles as they read now: the original, then its follow-ups by release.

    Closed where the original is no event any more; None where it is not among the articles.
    """
    ordered = sorted(articles, key=_release_order)
    original = next((read for read in ordered if read.key == recorded.natural_key), None)
    if original is None:
        return None
    draft = announcement_draft(original.article, original.reading, around)
    if draft is None:
        what = (
            original.reading.phase if original.reading.category else "its article was edited and warns of nothing now"
        )
        title = " ".join(original.article.title.split())
        return replace(recorded, state="closed", close_reason=f"{what}: {title}"[:200])
    draft = replace(draft, payload=original.payload)
    for read in ordered:
        if read is original:
            continue
        if read.reading.lifted:
            draft = lift(draft, read.reading.lifted, read.article)
        if is_follow_up(read.reading) and draft.state == "open":
            draft = apply_follow_up(draft, read.article, read.reading, around)
    return draft


def _release_order(read: ReadArticle) -> tuple[datetime, str]:
    return (read.article.released_at or _LONG_AGO, read.article.article_id)
