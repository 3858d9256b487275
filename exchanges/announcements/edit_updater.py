"""The edit updater: reads the articles of open events and undecided reviews again, and rebuilds what edits changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q

from crypto_ews.conf import Config
from events import reviews
from events.drafts import EventDraft
from events.enums import Status
from events.facts import AnnouncementFacts, facts_as
from events.lifecycle import reopenable_events
from events.lifecycle.restore import draft_of
from events.models import Event, PayloadBody, plain_events
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources import quarantine
from events.sources.absence import Patience, gone_for_good
from events.sources.content import ContentRule
from events.updater import Cycle, EventUpdater, Stopping
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift, UpstreamError, is_not_found
from exchanges.announcements.archived import archived_article
from exchanges.announcements.context import detection_context, identified, listed, released, splitter_for, title_only
from exchanges.announcements.detect import DetectionContext, article_key
from exchanges.announcements.follow_ups import (
    ArticleOutcome,
    ReadArticle,
    drafts_from_articles,
    rebuild_from_articles,
)
from exchanges.announcements.persistence import (
    events_by_article,
    learn_renamings,
    persist_article,
    persist_reviews,
)
from exchanges.announcements.review_drafts import reviewed_digest
from exchanges.announcements.sites.base import AnnouncementSite, LastAnswer
from exchanges.announcements.types import BodyUnreadable
from exchanges.content import edits
from exchanges.models import SeenArticle
from exchanges.open_events import with_list_facts
from markets.venues import exchange_title

State = SeenArticle.State
# As many articles in a row that fail are an upstream failure, not a fault of the articles.
_FAILURES_IN_A_ROW = 3
# The copies in a CDN differ for some minutes.
_PATIENCE = Patience(at_least=timedelta(minutes=30))
# A new article may be listed shortly before it is available: only after so many attempts is it asked for here.
_PROBED_FROM = 3
_CONTROLS = 3
# A review that nobody decides is read again for a month, as `can_trade` names it; and no more than so many of them, so
# that a wave of reviews does not become a wave of requests.
_REVIEWED_FOR = timedelta(days=30)
_MOST_REVIEWS = 20


@dataclass(frozen=True)
class _Reads:
    """The articles of a round. read: ids that were fetched; not_found: ids that the exchange does not know any more."""

    articles: dict[str, ReadArticle]
    read: set[str]
    not_found: set[str]


class EditUpdater(EventUpdater):
    """Reads the articles of open events and undecided reviews again: lists do not move the rows of edited articles."""

    def __init__(self, site: AnnouncementSite, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.site = site
        self.name = f"{site.exchange}.edits"
        self.interval_seconds = config.update_refresh_minutes * 60

    def content(self) -> ContentRule:
        return edits(self.site.exchange)

    def cycle(self) -> Cycle:
        cycle = Cycle()
        context, open_events = detection_context(self.site.exchange, self.config, self.now())
        # Events whose suppression by an admin ended, or whose article was offline for a while, open if it still warns.
        closed = reopenable_events(self.site.exchange, context.now)
        returning = [draft_of(event) for event in closed]
        rows, by_key = self._articles_of([*open_events, *returning], [event.pk for event in closed])
        requested = {article_id for ids in by_key.values() for article_id in ids}
        rows = [row for row in rows if row.article_id in requested]
        rows += self._reviewed(requested, context)
        reads = self._read_all(rows, context, cycle)
        outcomes = self._explained(rows, requested, reads, open_events, context, cycle)
        changed = {draft.natural_key for draft in cycle.drafts}
        made_by_people = reviews.decided_to_be_events(self.site.exchange)
        read_by_people = reviews.decided_digests(made_by_people)
        asked = {article_id for event in open_events for article_id in by_key.get(event.natural_key, ())}
        gone = self._gone(asked, reads, context)
        archived = self._archived(rows, reads, context)
        for event in open_events:
            if event.natural_key in changed:
                continue
            ids = by_key.get(event.natural_key, set())
            original = {article_id for article_id in ids if self._key(article_id) == event.natural_key}
            if original & gone and not _list_confirms(event):
                cycle.drafts.append(self._taken_offline(event))
                continue
            # A follow-up that was taken offline no longer applies.
            ids = original | ids - gone
            # An article that is not available is taken from the archive: watch lists and instruments may have changed.
            articles = {**archived, **reads.articles}
            if any(_is_unclear(articles.get(id_), event.natural_key in made_by_people) for id_ in original):
                continue
            decided, _ = read_by_people.get(event.natural_key, ("", ""))
            if any(id_ in articles and reviewed_digest(articles[id_].article) == decided for id_ in original):
                # What a person read in this text holds, whatever a later release of the parser reads in it.
                continue
            if ids and ids <= articles.keys():
                draft = rebuild_from_articles(event, [articles[article_id] for article_id in ids], context)
                if draft is not None:
                    draft = replace(with_list_facts(draft, event), quiet=False, based_on=event.based_on)
                if draft is not None and draft.digest() != event.based_on:
                    # A change by an edit is never too old to alert. `based_on`: where another writer has recorded a
                    # newer state since this round began, the draft is stale.
                    cycle.drafts.append(draft)
        for event in returning:
            ids = by_key.get(event.natural_key, set())
            if ids and ids <= reads.articles.keys():
                draft = rebuild_from_articles(event, [reads.articles[article_id] for article_id in ids], context)
                if draft is not None:
                    cycle.drafts.append(replace(with_list_facts(draft, event), quiet=False, based_on=None))
        fetched = [read for article_id, read in reads.articles.items() if article_id in reads.read]
        cycle.on_recorded = lambda recorded: self._on_recorded(fetched, outcomes, cycle.drafts, recorded, context)
        return cycle

    def _reviewed(self, requested: set[str], context: DetectionContext) -> list[SeenArticle]:
        """The articles of undecided reviews that no open event has requested, and that were read before."""
        keys = reviews.undecided_keys(self.site.exchange, context.now - _REVIEWED_FOR, _MOST_REVIEWS)
        prefix = self._key("")
        ids = {key.removeprefix(prefix) for key in keys} - requested
        # What could not be read yet is the announcement updater's.
        waiting = [State.LISTED, State.QUARANTINED]
        rows = SeenArticle.objects.filter(exchange=self.site.exchange, article_id__in=ids).exclude(state__in=waiting)
        return list(rows.order_by("-released_at"))

    def _explained(
        self,
        rows: Sequence[SeenArticle],
        requested: set[str],
        reads: _Reads,
        open_events: list[EventDraft],
        context: DetectionContext,
        cycle: Cycle,
    ) -> list[ArticleOutcome]:
        """What became of reviewed articles that are explained now; adds the drafts of their events to the round."""
        ids = {row.article_id for row in rows} - requested
        explained = [
            read
            for id_, read in reads.articles.items()
            # An event whose tokens are doubtful is one, and its review stays.
            if id_ in ids and (read.notice.event or read.notice.review is None)
        ]
        drafts, outcomes = drafts_from_articles(explained, open_events, context)
        cycle.drafts += [replace(draft, quiet=False) for draft in drafts]
        return outcomes

    def _on_recorded(
        self,
        fetched: Sequence[ReadArticle],
        explained: Sequence[ArticleOutcome],
        drafts: Sequence[EventDraft],
        outcomes: Sequence[Outcome],
        context: DetectionContext,
    ) -> None:
        """Reviews, articles that are explained now, and moved changes of ticker, in the transaction of the round."""
        by_key = dict(zip((draft.natural_key for draft in drafts), outcomes, strict=True))
        for outcome in explained:
            persist_article(self.name, outcome, by_key, context.now)
        events = events_by_article(explained, by_key)
        # An open event may have had a review too, while its text was not understood.
        again = {read.key for read in fetched if read.notice.review is None} - {one.read.key for one in explained}
        events |= dict.fromkeys(again) | {event.natural_key: event for event in _open(again)}
        persist_reviews(fetched, events, context, context.now)
        learn_renamings(fetched)

    def _key(self, article_id: str) -> str:
        return article_key(self.site.exchange, article_id)

    def _gone(self, asked: set[str], reads: _Reads, context: DetectionContext) -> set[str]:
        """Articles that were taken offline: not found in several rounds in which other articles were found."""
        missing = reads.not_found & asked
        if missing and not reads.read and not self._control(asked):
            # No article is found at all: their addresses have changed, not their content.
            return set()
        unknown = asked - missing - reads.articles.keys()
        return gone_for_good(self.name, missing, context.now, _PATIENCE, unknown)

    def _control(self, asked: set[str]) -> bool:
        """Whether any other article, read in an earlier round, is found at its address."""
        states = [State.EVENT, State.FOLLOW_UP, State.IGNORED, State.REVIEW]
        rows = SeenArticle.objects.filter(exchange=self.site.exchange, state__in=states).exclude(article_id__in=asked)
        # A notice and its correction may be taken offline together: several are tried.
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
        """Whether an article whose body was never read does not exist."""
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

    def _archived(
        self, rows: Sequence[SeenArticle], reads: _Reads, context: DetectionContext
    ) -> dict[str, ReadArticle]:
        """The articles that could not be read in this round, from their answers in the archive."""
        unread = [row for row in rows if row.article_id not in reads.articles]
        if not unread:
            return {}
        payloads = dict(
            plain_events()
            .filter(natural_key__in=[self._key(row.article_id) for row in unread], status=Status.OPEN)
            .values_list("natural_key", "payload_id")
        )
        splitter = splitter_for(context.knowledge)
        archived: dict[str, ReadArticle] = {}
        for row in unread:
            # An event refers to its latest answer, an article to the answer that it was first read from.
            digest = payloads.get(self._key(row.article_id)) or row.payload_id
            body = PayloadBody.objects.filter(pk=digest).first() if digest else None
            if body is None:
                continue
            article = archived_article(self.site, body, row, context.now)
            if article is None:
                continue  # Only the event itself is known.
            archived[row.article_id] = ReadArticle(article, identified(article, splitter, context), digest)
        return archived

    def _articles_of(
        self, events: Sequence[EventDraft], closed_ids: Sequence[int]
    ) -> tuple[list[SeenArticle], dict[str, set[str]]]:
        """The articles of the events, and by event key the ids of its original and of its follow-ups."""
        by_key: dict[str, set[str]] = {
            event.natural_key: set(facts_as(AnnouncementFacts, event.facts).get("follow_ups", ())) for event in events
        }
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

    def _read_all(self, rows: Sequence[SeenArticle], context: DetectionContext, cycle: Cycle) -> _Reads:
        """Request the articles in their order, until the upstream fails."""
        splitter = splitter_for(context.knowledge)
        reads = _Reads({}, set(), set())
        articles = reads.articles
        failures = 0
        for row in rows:
            if row.state in (State.LISTED, State.QUARANTINED):
                # The announcement updater requests its body; until then the title counts, here as there.
                title = title_only(self.site.exchange, replace(listed(row), released_at=released(row)))
                articles[row.article_id] = ReadArticle(title, identified(title, splitter, context))
                if row.attempts >= _PROBED_FROM and self._is_offline(row):
                    reads.not_found.add(row.article_id)
                continue
            answer = LastAnswer(self.fetch)
            try:
                article = self.site.article(answer, listed(row))
                article = replace(article, released_at=released(row) or article.released_at)
                notice = identified(article, splitter, context)
                articles[row.article_id] = ReadArticle(article, notice, answer.archived_as)
                self.saw("")
                reads.read.add(row.article_id)
                cycle.items += 1
                failures = 0
            except Stopping:
                raise
            except (BodyUnreadable, PermanentError) as error:
                if is_not_found(error):
                    reads.not_found.add(row.article_id)
                # An article that was taken offline must not hide the edits of the others.
                quarantine.quarantine_item(self.name, row.article_id, context.now, title=row.title, error=str(error))
            except UpstreamError as error:
                cycle.failures.append(error)
                failures += not isinstance(error, SchemaDrift)
                if failures >= _FAILURES_IN_A_ROW or (isinstance(error, RetryableError) and error.after):
                    # Requests for the other articles would only add to the load of a failing upstream.
                    break
        return reads


def _open(natural_keys: set[str]) -> list[Event]:
    return list(plain_events().filter(natural_key__in=natural_keys, status=Status.OPEN)) if natural_keys else []


def _is_unclear(original: ReadArticle | None, made_by_person: bool) -> bool:
    """Whether an event stays as it is, because nobody can judge what its article has become.

    Unknown is never "no": an open event does not end because its article's new text is not understood. An event that a
    person made of a review ends by its article only where a rule reads an end there.
    """
    if original is None or original.notice.event:
        return False
    return original.notice.review is not None or (made_by_person and original.notice.category is None)


def _list_confirms(event: EventDraft) -> bool:
    """Whether the exchange's lists corroborate the event: then it is true, whatever became of the article."""
    facts = facts_as(AnnouncementFacts, event.facts)
    instruments, tags = facts.get("instruments", {}).values(), facts.get("tags", {}).values()
    return any(not fact.get("resumed_at") for fact in instruments) or any(not fact.get("removed_at") for fact in tags)
