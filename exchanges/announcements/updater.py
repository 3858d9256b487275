"""The announcement updater, the same for every exchange: new articles and the events that they are."""

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
from exchanges.announcements.context import identified, listed, splitter_for, surroundings
from exchanges.announcements.detect import DetectionContext
from exchanges.announcements.follow_ups import ArticleOutcome, ReadArticle, judge
from exchanges.announcements.persistence import (
    RETRY_AT_MOST,
    event_of,
    learn_renamings,
    note_unknown_tokens,
    settle_article,
)
from exchanges.announcements.reader import read
from exchanges.announcements.sites.base import AnnouncementSite, ListedArticle
from exchanges.announcements.types import Article, BodyUnreadable
from exchanges.content import announcements
from exchanges.models import SeenArticle
from markets.symbols import SymbolSplitter

logger = logging.getLogger(__name__)

State = SeenArticle.State
# A list that never meets a known article would otherwise be paged to its beginning.
_MAX_PAGES = 40
# What was announced earlier than this is over, however long its lead was.
_EVER_RELEVANT = timedelta(days=60)


@dataclass(frozen=True)
class _Unread:
    """An article that could not be read, why, what its title alone says, and the answer that could not be used."""

    row: ListedArticle
    error: UpstreamError | BodyUnreadable
    title: ReadArticle | None
    payload: str | None


@dataclass
class _Round:
    """What one round met: rows new to us, and articles that could not be read."""

    fresh: dict[str, ListedArticle]
    anchors: set[str]
    read: list[ReadArticle]
    unread: list[_Unread]
    banned: RetryableError | None = None


class AnnouncementUpdater(EventUpdater):
    """Reads an exchange's lists until something known, then each new article, and records the events they are."""

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
        fresh, anchors = self._walk_lists(cycle)
        around, open_events = surroundings(self.site.exchange, self.config, now)
        waiting = self._waiting(now)
        rows = {**{row.article_id: row for row in waiting}, **fresh}
        banned = (error for error in cycle.failures if isinstance(error, RetryableError) and error.after)
        splitter = splitter_for(around.knowledge)
        round_ = _Round(fresh, anchors, [], [], next(banned, None))
        for row in sorted(rows.values(), key=lambda row: row.released_at or now, reverse=True):
            if not self._worth_reading(row, around, splitter):
                continue
            self._read(row, splitter, around, round_, cycle)
        titles_only = [unread.title for unread in round_.unread if unread.title is not None]
        cycle.drafts, verdicts = judge(round_.read + titles_only, open_events, around)
        if fresh or anchors or verdicts or round_.unread:
            cycle.on_recorded = lambda outcomes: self._on_recorded(round_, verdicts, cycle.drafts, outcomes, now)
        return cycle

    def _worth_reading(self, row: ListedArticle, around: DetectionContext, splitter: SymbolSplitter) -> bool:
        """All news of the look-back; older, which only a first start meets, where its title is a warning.

        What was announced before the look-back may still lie ahead: it belongs into the view, unalerted.
        """
        age = around.now - (row.released_at or around.now)
        if age <= around.look_back:
            return True
        return age <= _EVER_RELEVANT and read(self._title_only(row), splitter).event

    def _title_only(self, row: ListedArticle) -> Article:
        return Article(self.site.exchange, row.article_id, row.title, None, row.released_at, row.url, row.catalogue)

    def _walk_lists(self, cycle: Cycle) -> tuple[dict[str, ListedArticle], set[str]]:
        """What is new in the lists, and the ids of all that the completed walks met and that are no anchors yet."""
        fresh: dict[str, ListedArticle] = {}
        anchors: set[str] = set()
        for list_name in self.site.lists:
            try:
                anchors |= self._walk(list_name, fresh, cycle)
            except Stopping:
                raise
            except UpstreamError as error:
                # What the walk met so far is news all the same; the next walk goes on past it, as it anchors nothing.
                cycle.failures.append(error)
                if isinstance(error, RetryableError) and error.after:
                    if not fresh:
                        raise
                    break
        if len(cycle.failures) == len(self.site.lists) and not fresh:
            raise cycle.failures[0]
        return fresh, anchors

    def _walk(self, list_name: str, fresh: dict[str, ListedArticle], cycle: Cycle) -> set[str]:
        now = self.now()
        oldest = now - max(_EVER_RELEVANT, timedelta(days=self.config.news_lookback_days))
        met: set[str] = set()
        anchors: set[str] = set()
        done: set[str] = set()
        for number in range(1, _MAX_PAGES + 1):
            page = self.site.page(self.fetch, list_name, number)
            for bad in page.bad_rows:
                logger.warning("%s: a row of the list was put aside: %s", self.name, bad.error)
                quarantine.quarantine_item(
                    self.name,
                    bad.key,
                    now,
                    title=bad.title,
                    error=bad.error,
                    excerpt=bad.excerpt,
                    payload=self.fetcher.last_digest,
                )
            ids = {row.article_id for row in page.rows}
            if number == 1 and not ids:
                raise SchemaDrift(self.name, f"list {list_name}", "articles; it has never been empty", "none")
            if number == 1:
                # Before a single row is taken for news: a list that is not what it was tells nothing.
                released = newest((row.released_at for row in page.rows), now)
                self.saw(list_name, at=released, rows=len(ids), names=page.names, asked=self.site.asked(list_name))
            known = SeenArticle.objects.filter(exchange=self.site.exchange, article_id__in=ids)
            anchored = dict(known.values_list("article_id", "anchors"))
            for row in page.rows:
                if row.article_id not in anchored:
                    fresh.setdefault(row.article_id, row)
            cycle.items += len(page.rows)
            # Each catalogue of a page is a list of its own, and is followed until something known in it.
            for catalogue in {row.catalogue for row in page.rows} - done:
                rows = [row for row in page.rows if row.catalogue == catalogue]
                repeated = {row.article_id for row in rows} <= met
                too_old = all(row.released_at and row.released_at < oldest for row in rows)
                # The last row, not any: one that was moved to the top must not hide what is new behind it.
                if repeated or too_old or anchored.get(rows[-1].article_id):
                    done.add(catalogue)
            met |= ids
            anchors |= {article_id for article_id, is_anchor in anchored.items() if is_anchor}
            if {row.catalogue for row in page.rows} <= done:
                break
        return met - anchors

    def _waiting(self, now: datetime) -> list[ListedArticle]:
        """Articles that could not be read before and are due again."""
        # What waits for longer than we ever let one wait was put off by a clock that was set back since.
        due = Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + RETRY_AT_MOST + timedelta(minutes=1))
        rows = SeenArticle.objects.filter(due, exchange=self.site.exchange, state__in=[State.LISTED, State.QUARANTINED])
        return [listed(row) for row in rows.order_by("-released_at")[:20]]

    def _read(
        self, row: ListedArticle, splitter: SymbolSplitter, around: DetectionContext, round_: _Round, cycle: Cycle
    ) -> None:
        before = self.fetcher.last_digest
        try:
            if round_.banned:
                raise round_.banned
            article = self.site.article(self.fetch, row)
            round_.read.append(ReadArticle(article, identified(article, splitter, around), self.fetcher.last_digest))
        except Stopping:
            raise
        except (UpstreamError, BodyUnreadable) as error:
            # The title alone may be the warning: it counts now, and the body when it can be read.
            title_only = self._title_only(row)
            reading = identified(title_only, splitter, around)
            title = ReadArticle(title_only, reading) if reading.event else None
            payload = self.fetcher.last_digest if self.fetcher.last_digest != before else None
            round_.unread.append(_Unread(row, error, title, payload))
            if _is_trouble(error) and error is not round_.banned:
                cycle.failures.append(error)
            if isinstance(error, RetryableError) and error.after:
                # It asked us to wait: going on would make the ban longer.
                round_.banned = error

    def _on_recorded(
        self,
        round_: _Round,
        verdicts: Sequence[ArticleOutcome],
        drafts: Sequence[EventDraft],
        outcomes: Sequence[Outcome],
        now: datetime,
    ) -> None:
        exchange = self.site.exchange
        own_release = {found.article.article_id: found.article.released_at for found in round_.read}
        SeenArticle.objects.bulk_create(
            [
                SeenArticle(
                    exchange=exchange,
                    article_id=row.article_id,
                    title=row.title,
                    url=row.url,
                    catalogue=row.catalogue,
                    released_at=row.released_at or own_release.get(row.article_id),
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
        for verdict in verdicts:
            if verdict.read.article.article_id not in unread:
                settle_article(self.name, verdict, by_key, now)
        for item in unread.values():
            self._settle_unread(item, by_key, verdicts, now)

    def _settle_unread(
        self,
        unread: _Unread,
        by_key: dict[str, Outcome],
        verdicts: Sequence[ArticleOutcome],
        now: datetime,
    ) -> None:
        row, error = unread.row, unread.error
        seen = SeenArticle.objects.get(exchange=self.site.exchange, article_id=row.article_id)
        odd = not _is_trouble(error)
        if odd:
            logger.warning("%s: article %s was put aside: %s", self.name, row.article_id, error)
            quarantine.quarantine_item(
                self.name,
                row.article_id,
                now,
                title=row.title,
                error=str(error),
                payload=unread.payload,
            )
        seen.state = State.QUARANTINED if odd else State.LISTED
        # The first repeats come soon; a page that stays odd is asked for hourly.
        delay = timedelta(seconds=self.interval_seconds * 2 ** min(seen.attempts, 12))
        seen.attempts += 1
        seen.next_attempt_at = now + min(delay, RETRY_AT_MOST)
        verdict = next((v for v in verdicts if v.read.article.article_id == row.article_id), None)
        seen.event = event_of(verdict, by_key) if verdict else seen.event
        seen.save()


def _is_trouble(error: UpstreamError | BodyUnreadable) -> TypeGuard[UpstreamError]:
    """Whether an error is the upstream's trouble, as against an article that is odd or was taken away."""
    return isinstance(error, UpstreamError) and not isinstance(error, SchemaDrift | PermanentError)
