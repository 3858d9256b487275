"""Edits: the articles of open events, read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q

from crypto_ews.conf import Config
from events.drafts import EventDraft
from events.enums import Status
from events.lifecycle import may_come_back
from events.lifecycle.restore import draft_of
from events.models import PayloadBody, plain_events
from events.protocols import Fetcher
from events.sources import quarantine
from events.sources.absence import Patience, believed
from events.sources.content import ContentRule
from events.updater import Cycle, EventUpdater, Stopping
from events.upstream.archive import body_bytes
from events.upstream.client import Payload
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift, UpstreamError, is_not_found
from exchanges.announcements.context import identified, listed, released, splitter_for, surroundings
from exchanges.announcements.detect import DetectionContext, article_key
from exchanges.announcements.follow_ups import ReadArticle, refold
from exchanges.announcements.sites.base import AnnouncementSite, Get
from exchanges.announcements.types import Article, BodyUnreadable
from exchanges.content import edits
from exchanges.models import SeenArticle
from exchanges.open_events import with_list_facts
from markets.venues import exchange_title

State = SeenArticle.State
# So many articles in a row that cannot be had are the upstream's trouble, not theirs.
_TROUBLES = 3
# Copies that a network of caches serves differ for some minutes.
_PATIENCE = Patience(at_least=timedelta(minutes=30))
# A new article may be listed a little before it is there.
_PROBED_FROM = 3
_CONTROLS = 3


@dataclass(frozen=True)
class _Reads:
    """What a round read. read: ids of what was fetched; not_found: of what the exchange does not know any more."""

    articles: dict[str, ReadArticle]
    read: set[str]
    not_found: set[str]


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
        # What an admin kept away until now, or was offline for a while, is looked at again: it opens if it still warns.
        closed = may_come_back(self.site.exchange, around.now)
        returning = [draft_of(event) for event in closed]
        rows, by_key = self._articles_of([*open_events, *returning], [event.pk for event in closed])
        wanted = {article_id for ids in by_key.values() for article_id in ids}
        rows = [row for row in rows if row.article_id in wanted]
        reads = self._read_all(rows, around, cycle)
        asked = {article_id for event in open_events for article_id in by_key.get(event.natural_key, ())}
        gone = self._gone(asked, reads, around)
        kept = self._kept(rows, reads, around)
        for event in open_events:
            ids = by_key.get(event.natural_key, set())
            own = {article_id for article_id in ids if self._key(article_id) == event.natural_key}
            if own & gone and not _list_confirms(event):
                cycle.drafts.append(self._taken_offline(event))
                continue
            # A follow-up that was taken offline is taken back.
            ids = own | ids - gone
            # One that cannot be had now, or no more, is read as it was last: watch lists and instruments go on.
            articles = {**kept, **reads.articles}
            if ids and ids <= articles.keys():
                draft = refold(event, [articles[article_id] for article_id in ids], around)
                if draft is not None:
                    draft = replace(with_list_facts(draft, event), quiet=False, based_on=event.based_on)
                if draft is not None and draft.digest() != event.based_on:
                    # Whatever an edit changes is news now, however old the article is; and what another writer has
                    # learnt since this round began is newer than what it read.
                    cycle.drafts.append(draft)
        for event in returning:
            ids = by_key.get(event.natural_key, set())
            if ids and ids <= reads.articles.keys():
                draft = refold(event, [reads.articles[article_id] for article_id in ids], around)
                if draft is not None:
                    cycle.drafts.append(replace(with_list_facts(draft, event), quiet=False, based_on=None))
        return cycle

    def _key(self, article_id: str) -> str:
        return article_key(self.site.exchange, article_id)

    def _gone(self, asked: set[str], reads: _Reads, around: DetectionContext) -> set[str]:
        """Articles that were taken offline: not found in several rounds in which others were."""
        missing = reads.not_found & asked
        if missing and not reads.read and not self._control(asked):
            # Nothing is found: where articles are has changed, not what they say.
            return set()
        unknown = asked - missing - reads.articles.keys()
        return believed(self.name, missing, around.now, _PATIENCE, unknown)

    def _control(self, asked: set[str]) -> bool:
        """Whether another article, which was read before, is found where it was."""
        states = [State.EVENT, State.FOLLOW_UP, State.IGNORED]
        rows = SeenArticle.objects.filter(exchange=self.site.exchange, state__in=states).exclude(article_id__in=asked)
        # A notice and its correction are taken offline together: more than one is tried.
        for row in rows.exclude(read_at=None).order_by("-released_at")[:_CONTROLS]:
            try:
                self.site.article(self.fetch, listed(row))
                return True
            except Stopping:
                raise
            except (UpstreamError, BodyUnreadable) as error:
                if not is_not_found(error):
                    return False
        return False

    def _is_offline(self, row: SeenArticle) -> bool:
        """Whether an article whose body nobody could read yet is not there at all."""
        try:
            self.site.article(self.fetch, listed(row))
        except Stopping:
            raise
        except (UpstreamError, BodyUnreadable) as error:
            return is_not_found(error)
        return False

    def _taken_offline(self, event: EventDraft) -> EventDraft:
        reason = f"{exchange_title(self.site.exchange)} took its announcement offline: {event.title}"
        return replace(event, state="closed", close_reason=reason[:200], retracted=True, quiet=False, based_on=None)

    def _kept(self, rows: Sequence[SeenArticle], reads: _Reads, around: DetectionContext) -> dict[str, ReadArticle]:
        """The articles that could not be read this time, from the answers that the archive has of them."""
        wanted = [row for row in rows if row.article_id not in reads.articles]
        if not wanted:
            return {}
        payloads = dict(
            plain_events()
            .filter(natural_key__in=[self._key(row.article_id) for row in wanted], status=Status.OPEN)
            .values_list("natural_key", "payload_id")
        )
        splitter = splitter_for(around.knowledge)
        kept: dict[str, ReadArticle] = {}
        for row in wanted:
            # An event keeps the answer that it was made of last, an article the one that it was first read from.
            digest = payloads.get(self._key(row.article_id)) or row.payload_id
            body = PayloadBody.objects.filter(pk=digest).first() if digest else None
            if body is None:
                continue
            try:
                article = self.site.article(_answering(body_bytes(body), around.now), listed(row))
            except (UpstreamError, BodyUnreadable):
                continue  # It was another kind of answer, such as a list: nothing is known but the event itself.
            article = replace(article, released_at=released(row) or article.released_at)
            kept[row.article_id] = ReadArticle(article, identified(article, splitter, around), digest)
        return kept

    def _articles_of(
        self, events: Sequence[EventDraft], closed_ids: Sequence[int]
    ) -> tuple[list[SeenArticle], dict[str, set[str]]]:
        """The articles of the events, and key → ids: an event's own, and those that changed it."""
        by_key: dict[str, set[str]] = {event.natural_key: set(event.facts.get("follow_ups", ())) for event in events}
        ids = {article_id for found in by_key.values() for article_id in found}
        rows = list(
            SeenArticle.objects.filter(exchange=self.site.exchange)
            .filter(Q(event__status=Status.OPEN) | Q(article_id__in=ids) | Q(event__in=closed_ids))
            .order_by("event_id", "released_at")
            .select_related("event")
        )
        for row in rows:
            if row.event is not None and row.event.natural_key in by_key:
                by_key[row.event.natural_key].add(row.article_id)
        return rows, by_key

    def _read_all(self, rows: Sequence[SeenArticle], around: DetectionContext, cycle: Cycle) -> _Reads:
        splitter = splitter_for(around.knowledge)
        reads = _Reads({}, set(), set())
        articles = reads.articles
        troubles = 0
        for row in rows:
            if row.state in (State.LISTED, State.QUARANTINED):
                # Its body waits for the other updater; until then its title counts here as it counted there.
                title = Article(self.site.exchange, row.article_id, row.title, None, released(row), row.url)
                articles[row.article_id] = ReadArticle(title, identified(title, splitter, around))
                if row.attempts >= _PROBED_FROM and self._is_offline(row):
                    reads.not_found.add(row.article_id)
                continue
            try:
                article = self.site.article(self.fetch, listed(row))
                article = replace(article, released_at=released(row) or article.released_at)
                reading = identified(article, splitter, around)
                articles[row.article_id] = ReadArticle(article, reading, self.fetcher.last_digest)
                self.saw("")
                reads.read.add(row.article_id)
                cycle.items += 1
                troubles = 0
            except Stopping:
                raise
            except (BodyUnreadable, PermanentError) as error:
                if is_not_found(error):
                    reads.not_found.add(row.article_id)
                # One article that was taken away must not hide the edits of the others.
                quarantine.quarantine_item(self.name, row.article_id, around.now, title=row.title, error=str(error))
            except UpstreamError as error:
                cycle.failures.append(error)
                troubles += not isinstance(error, SchemaDrift)
                if troubles >= _TROUBLES or (isinstance(error, RetryableError) and error.after):
                    # The upstream is in trouble: asking it for every other article would only add to that.
                    break
        return reads


def _list_confirms(event: EventDraft) -> bool:
    """Whether the exchange's own lists show what the article said: then it is so, whatever became of the article."""
    instruments = event.facts.get("instruments", {}).values()
    tags = event.facts.get("tags", {}).values()
    return any(not word.get("resumed_at") for word in instruments) or any(not word.get("removed_at") for word in tags)


def _answering(body: bytes, at: datetime) -> Get:
    """Gives an archived answer to whatever is asked."""

    def get(source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        return Payload(source, url, 200, {}, body, at, 0.0, None)

    return get
