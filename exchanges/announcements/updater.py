"""The announcement updater of any exchange: reads its lists, then each new article, and records the events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from django.db.models import Q

from crypto_ews.conf import Config
from events.drafts import EventDraft
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources import quarantine
from events.sources.content import ContentRule, newest
from events.updater import Cycle, EventUpdater, Stopping
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift, UpstreamError
from exchanges.announcements.context import detection_context, identified, listed, parsed, splitter_for, title_only
from exchanges.announcements.detect import DetectionContext
from exchanges.announcements.follow_ups import ArticleOutcome, ReadArticle, drafts_from_articles
from exchanges.announcements.persistence import (
    RETRY_AT_MOST,
    event_of,
    events_by_article,
    learn_renamings,
    note_unknown_tokens,
    persist_article,
    persist_reviews,
)
from exchanges.announcements.sites.base import AnnouncementSite, LastAnswer, ListedArticle
from exchanges.announcements.types import BodyUnreadable
from exchanges.content import announcements
from exchanges.models import SeenArticle
from markets.symbols import SymbolSplitter

logger = logging.getLogger(__name__)

State = SeenArticle.State
# A list without any known article would otherwise be read to its first page ever.
_MAX_PAGES = 40
# No announcement has a longer lead: what was announced earlier is over.
_EVER_RELEVANT = timedelta(days=60)


@dataclass(frozen=True)
class _Unread:
    """An article that could not be read.

    title: the article by its title alone. payload: sha256 of the answer that was unusable.
    """

    row: ListedArticle
    error: UpstreamError | BodyUnreadable
    title: ReadArticle
    payload: str | None


@dataclass
class _Round:
    """The state of one round.

    fresh: listed rows without a `SeenArticle`, by article id. anchors: ids at which later rounds may stop.
    banned: the error by which the exchange asked us to wait; no article is requested after it.
    """

    fresh: dict[str, ListedArticle]
    anchors: set[str]
    read: list[ReadArticle]
    unread: list[_Unread]
    banned: RetryableError | None = None


class AnnouncementUpdater(EventUpdater):
    """Reads an exchange's lists page by page until a known article, then each new article, and records the events."""

    def __init__(self, site: AnnouncementSite, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.site = site
        self.name = f"{site.exchange}.announcements"
        self.interval_seconds = config.update_refresh_minutes * 60

    def content(self) -> ContentRule:
        return announcements(self.site.exchange)

    def cycle(self) -> Cycle:
        now = self.now()
        cycle = Cycle()
        fresh, anchors = self._read_lists(cycle)
        context, open_events = detection_context(self.site.exchange, self.config, now)
        waiting = self._waiting(now)
        rows = {**{row.article_id: row for row in waiting}, **fresh}
        banned = (error for error in cycle.failures if isinstance(error, RetryableError) and error.after)
        splitter = splitter_for(context.knowledge)
        round_ = _Round(fresh, anchors, [], [], next(banned, None))
        for row in sorted(rows.values(), key=lambda row: row.released_at or now, reverse=True):
            if not self._worth_reading(row, context, splitter):
                continue
            self._read(row, splitter, context, round_, cycle)
        titles = [unread.title for unread in round_.unread if unread.title.notice.event]
        cycle.drafts, article_outcomes = drafts_from_articles(round_.read + titles, open_events, context)
        if fresh or anchors or article_outcomes or round_.unread:
            cycle.on_recorded = lambda outcomes: self._on_recorded(
                round_, article_outcomes, cycle.drafts, outcomes, context
            )
        return cycle

    def _worth_reading(self, row: ListedArticle, context: DetectionContext, splitter: SymbolSplitter) -> bool:
        """Whether an article is requested: always within the look-back, and older ones where the title is a warning, or
        may be one.

        Only a first start meets older ones. What they announce may still lie ahead: it belongs into the view, without
        an alert.
        """
        age = context.now - (row.released_at or context.now)
        if age <= context.look_back:
            return True
        if age > _EVER_RELEVANT:
            return False
        notice = parsed(title_only(self.site.exchange, row), splitter)
        return notice.event or (notice.review is not None and notice.review.ending)

    def _read_lists(self, cycle: Cycle) -> tuple[dict[str, ListedArticle], set[str]]:
        """New rows by article id, and the ids in lists that were read to a known article and are no anchors yet."""
        fresh: dict[str, ListedArticle] = {}
        anchors: set[str] = set()
        for list_name in self.site.lists:
            try:
                anchors |= self._read_list(list_name, fresh, cycle)
            except Stopping:
                raise
            except UpstreamError as error:
                # The rows read so far are new all the same. They become no anchors, so the next round reads past them.
                cycle.failures.append(error)
                if isinstance(error, RetryableError) and error.after:
                    if not fresh:
                        raise
                    break
        if len(cycle.failures) == len(self.site.lists) and not fresh:
            raise cycle.failures[0]
        return fresh, anchors

    def _read_list(self, list_name: str, fresh: dict[str, ListedArticle], cycle: Cycle) -> set[str]:
        """Read a list page by page until a known article in each of its catalogues, or until rows are too old.

        New rows are added to `fresh`. Returns the ids that may become anchors. Raises UpstreamError; SchemaDrift also
        where the first page is empty.
        """
        now = self.now()
        oldest = now - max(_EVER_RELEVANT, timedelta(days=self.config.news_lookback_days))
        seen: set[str] = set()
        anchors: set[str] = set()
        done: set[str] = set()
        for number in range(1, _MAX_PAGES + 1):
            answer = LastAnswer(self.fetch)
            page = self.site.page(answer, list_name, number)
            for bad in page.bad_rows:
                logger.warning("%s: a row of the list was quarantined: %s", self.name, bad.error)
                quarantine.quarantine_item(
                    self.name,
                    bad.key,
                    now,
                    title=bad.title,
                    error=bad.error,
                    excerpt=bad.excerpt,
                    payload=answer.archived_as,
                )
            ids = {row.article_id for row in page.rows}
            if number == 1 and not ids:
                raise SchemaDrift(self.name, f"list {list_name}", "articles; it has never been empty", "none")
            if number == 1:
                # Before any row counts as new: the rows of a list that is not the expected one are not used.
                released = newest((row.released_at for row in page.rows), now)
                self.saw(list_name, at=released, rows=len(ids), names=page.names, asked=self.site.asked(list_name))
            known = SeenArticle.objects.filter(exchange=self.site.exchange, article_id__in=ids)
            anchored = dict(known.values_list("article_id", "anchors"))
            for row in page.rows:
                if row.article_id not in anchored:
                    fresh.setdefault(row.article_id, row)
            cycle.items += len(page.rows)
            # Each catalogue of a page is a list in itself, and is read until a known article.
            for catalogue in {row.catalogue for row in page.rows} - done:
                rows = [row for row in page.rows if row.catalogue == catalogue]
                repeated = {row.article_id for row in rows} <= seen
                too_old = all(row.released_at and row.released_at < oldest for row in rows)
                # The last row decides: a known row that was moved to the top must not hide new rows after it.
                if repeated or too_old or anchored.get(rows[-1].article_id):
                    done.add(catalogue)
            seen |= ids
            anchors |= {article_id for article_id, is_anchor in anchored.items() if is_anchor}
            if {row.catalogue for row in page.rows} <= done:
                break
        return seen - anchors

    def _waiting(self, now: datetime) -> list[ListedArticle]:
        """Articles that could not be read earlier and are due again."""
        # A wait longer than the longest comes from a clock that has been set back since.
        due = Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + RETRY_AT_MOST + timedelta(minutes=1))
        rows = SeenArticle.objects.filter(due, exchange=self.site.exchange, state__in=[State.LISTED, State.QUARANTINED])
        return [listed(row) for row in rows.order_by("-released_at")[:20]]

    def _read(
        self, row: ListedArticle, splitter: SymbolSplitter, context: DetectionContext, round_: _Round, cycle: Cycle
    ) -> None:
        answer = LastAnswer(self.fetch)
        try:
            if round_.banned:
                raise round_.banned
            article = self.site.article(answer, row)
            round_.read.append(ReadArticle(article, identified(article, splitter, context), answer.archived_as))
        except Stopping:
            raise
        except (UpstreamError, BodyUnreadable) as error:
            # The title alone may be the warning: it counts now, and the body once it can be read.
            title = title_only(self.site.exchange, row)
            by_title = ReadArticle(title, identified(title, splitter, context))
            round_.unread.append(_Unread(row, error, by_title, answer.archived_as))
            if _is_upstream_failure(error) and error is not round_.banned:
                cycle.failures.append(error)
            if isinstance(error, RetryableError) and error.after:
                # It asked us to wait: further requests would make the ban longer.
                round_.banned = error

    def _on_recorded(
        self,
        round_: _Round,
        article_outcomes: Sequence[ArticleOutcome],
        drafts: Sequence[EventDraft],
        outcomes: Sequence[Outcome],
        context: DetectionContext,
    ) -> None:
        """Persist the states of the round's articles, in the transaction that recorded the events."""
        exchange, now = self.site.exchange, context.now
        released = {found.article.article_id: found.article.released_at for found in round_.read}
        SeenArticle.objects.bulk_create(
            [
                SeenArticle(
                    exchange=exchange,
                    article_id=row.article_id,
                    title=row.title,
                    url=row.url,
                    catalogue=row.catalogue,
                    released_at=row.released_at or released.get(row.article_id),
                    first_seen_at=now,
                    state=State.OLD,
                )
                for row in round_.fresh.values()
            ],
            ignore_conflicts=True,
        )
        SeenArticle.objects.filter(exchange=exchange, anchors=False, article_id__in=round_.anchors).update(anchors=True)
        note_unknown_tokens(drafts, self.name, now)
        learn_renamings(round_.read)
        by_key = dict(zip((draft.natural_key for draft in drafts), outcomes, strict=True))
        unread = {item.row.article_id: item for item in round_.unread}
        by_article = {outcome.read.article.article_id: outcome for outcome in article_outcomes}
        for article_id, outcome in by_article.items():
            if article_id not in unread:
                persist_article(self.name, outcome, by_key, now)
        undecided = [item.title for item in unread.values() if self._persist_unread(item, by_key, by_article, now)]
        explained = [outcome for article_id, outcome in by_article.items() if article_id not in unread]
        persist_reviews([*round_.read, *undecided], events_by_article(explained, by_key), context, now)

    def _persist_unread(
        self, unread: _Unread, by_key: dict[str, Outcome], by_article: dict[str, ArticleOutcome], now: datetime
    ) -> bool:
        """Store when an unread article is requested again; returns whether it has been waited for its body.

        by_article: also has those whose title is a warning.
        """
        row, error = unread.row, unread.error
        outcome = by_article.get(row.article_id)
        seen = SeenArticle.objects.get(exchange=self.site.exchange, article_id=row.article_id)
        unusable = not _is_upstream_failure(error)
        if unusable:
            logger.warning("%s: article %s was quarantined: %s", self.name, row.article_id, error)
            quarantine.quarantine_item(
                self.name,
                row.article_id,
                now,
                title=row.title,
                error=str(error),
                payload=unread.payload,
            )
        seen.state = State.QUARANTINED if unusable else State.LISTED
        # The first retries come soon; a page that remains unusable is requested hourly.
        delay = timedelta(seconds=self.interval_seconds * 2 ** min(seen.attempts, 12))
        seen.attempts += 1
        seen.next_attempt_at = now + min(delay, RETRY_AT_MOST)
        seen.event = event_of(outcome, by_key) if outcome else seen.event
        seen.save()
        # A body that comes at the second try most often explains the title.
        return unusable or seen.attempts > 1


def _is_upstream_failure(error: UpstreamError | BodyUnreadable) -> TypeGuard[UpstreamError]:
    """Whether the upstream (rather than this article) is at fault."""
    return isinstance(error, UpstreamError) and not isinstance(error, SchemaDrift | PermanentError)
