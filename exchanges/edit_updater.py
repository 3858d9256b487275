"""Edits: the articles of open events, read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from crypto_ews.conf import Config
from events import quarantine
from events.content import ContentRule
from events.drafts import EventDraft
from events.errors import PermanentError, RetryableError, SchemaDrift, UpstreamError
from events.kinds import Status
from events.updater import Cycle, EventUpdater, Fetcher, Stopping
from exchanges.announcements import Article, BodyUnreadable
from exchanges.article_context import identified, listed, released, surroundings
from exchanges.base import AnnouncementSite
from exchanges.content import edits
from exchanges.detect import Surroundings
from exchanges.judging import ReadArticle, refold
from exchanges.models import SeenArticle
from exchanges.open_drafts import with_list_facts
from exchanges.symbol_knowledge import splitter_for

State = SeenArticle.State
# So many articles in a row that cannot be had are the upstream's trouble, not theirs.
_TROUBLES = 3


class EditUpdater(EventUpdater):
    """Reads the articles of open events again, since lists do not move edited rows."""

    def __init__(self, site: AnnouncementSite, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.site = site
        self.name = f"{site.exchange}.edits"
        self.interval_seconds = config.update_refresh_minutes * 60

    def content(self) -> ContentRule:
        return edits(self.site.exchange)

    def cycle(self) -> Cycle:
        cycle = Cycle()
        around, open_events = surroundings(self.site.exchange, self.config, self.now())
        rows, by_key = self._articles_of(open_events)
        wanted = {article_id for ids in by_key.values() for article_id in ids}
        articles = self._read_all([row for row in rows if row.article_id in wanted], around, cycle)
        for event in open_events:
            ids = by_key.get(event.natural_key, set())
            if ids and ids <= articles.keys():
                draft = refold(event, [articles[article_id] for article_id in ids], around)
                if draft is not None:
                    draft = replace(with_list_facts(draft, event), quiet=False, based_on=event.based_on)
                if draft is not None and draft.digest() != event.based_on:
                    # Whatever an edit changes is news now, however old the article is; and what another writer has
                    # learnt since this round began is newer than what it read.
                    cycle.drafts.append(draft)
        return cycle

    def _articles_of(self, open_events: Sequence[EventDraft]) -> tuple[list[SeenArticle], dict[str, set[str]]]:
        """The articles of the open events, and key → ids: an event's own, and those that changed it."""
        by_key: dict[str, set[str]] = {
            event.natural_key: set(event.facts.get("follow_ups", ())) for event in open_events
        }
        ids = {article_id for found in by_key.values() for article_id in found}
        rows = list(
            SeenArticle.objects.filter(exchange=self.site.exchange)
            .filter(Q(event__status=Status.OPEN) | Q(article_id__in=ids))
            .order_by("event_id", "released_at")
            .select_related("event")
        )
        for row in rows:
            if row.event is not None and row.event.natural_key in by_key:
                by_key[row.event.natural_key].add(row.article_id)
        return rows, by_key

    def _read_all(self, rows: Sequence[SeenArticle], around: Surroundings, cycle: Cycle) -> dict[str, ReadArticle]:
        splitter = splitter_for(around.knowledge)
        articles: dict[str, ReadArticle] = {}
        troubles = 0
        for row in rows:
            if row.state in (State.LISTED, State.QUARANTINED):
                # Its body waits for the other updater; until then its title counts here as it counted there.
                title = Article(self.site.exchange, row.article_id, row.title, None, released(row), row.url)
                articles[row.article_id] = ReadArticle(title, identified(title, splitter, around))
                continue
            try:
                article = self.site.article(self.fetch, listed(row))
                article = replace(article, released_at=released(row) or article.released_at)
                reading = identified(article, splitter, around)
                articles[row.article_id] = ReadArticle(article, reading, self.fetcher.last_digest)
                self.saw("")
                cycle.items += 1
                troubles = 0
            except Stopping:
                raise
            except (BodyUnreadable, PermanentError) as error:
                # One article that was taken away must not hide the edits of the others.
                quarantine.put_aside(self.name, row.article_id, around.now, title=row.title, error=str(error))
            except UpstreamError as error:
                cycle.failures.append(error)
                troubles += not isinstance(error, SchemaDrift)
                if troubles >= _TROUBLES or (isinstance(error, RetryableError) and error.after):
                    # The upstream is in trouble: asking it for every other article would only add to that.
                    break
        return articles
