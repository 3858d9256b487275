"""The announcement updaters, the same for every exchange: new articles, and edits of articles of open events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeGuard

from django.db.models import F, Q

from crypto_ews.conf import Config
from events import quarantine
from events.drafts import EventDraft
from events.errors import PermanentError, RetryableError, SchemaDrift, UpstreamError
from events.kinds import Category, OutcomeKind, Status
from events.lifecycle.as_draft import draft_of
from events.models import Event
from events.registry import Outcome
from events.updater import Cycle, EventUpdater, Fetcher, Stopping
from exchanges.announcements import Article, BodyUnreadable, Reading
from exchanges.assets import with_assets
from exchanges.base import AnnouncementSite, ListedArticle
from exchanges.detect import Surroundings
from exchanges.judging import ReadArticle, Verdict, judge, refold
from exchanges.models import SeenArticle
from exchanges.open_drafts import with_list_facts
from exchanges.reading import read
from exchanges.renames import renaming
from exchanges.symbol_knowledge import splitter_for
from markets.identity_store import add_names, load_identity, note_unknown
from markets.instruments import load_knowledge
from markets.symbols import SymbolSplitter
from markets.watch import effective_watch_lists

logger = logging.getLogger(__name__)

State = SeenArticle.State
# A list that never meets a known article would otherwise be paged to its beginning.
_MAX_PAGES = 40
# What was announced earlier than this is over, however long its lead was.
_EVER_RELEVANT = timedelta(days=60)
_RETRY_AT_MOST = timedelta(hours=1)
# So many articles in a row that cannot be had are the upstream's trouble, not theirs.
_TROUBLES = 3
_ENDS_TRADING = (Category.DELISTING, Category.TRADING_SUSPENSION)


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
        cycle.settle = lambda outcomes: self._settle(round_, verdicts, cycle.drafts, outcomes, now)
        return cycle

    def _worth_reading(self, row: ListedArticle, around: Surroundings, splitter: SymbolSplitter) -> bool:
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
        """What is new in the lists, and the ids of all that the completed walks met."""
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
        done: set[str] = set()
        for number in range(1, _MAX_PAGES + 1):
            page = self.site.page(self.fetch, list_name, number)
            for bad in page.bad_rows:
                logger.warning("%s: a row of the list was put aside: %s", self.name, bad.error)
                quarantine.put_aside(
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
            known = SeenArticle.objects.filter(exchange=self.site.exchange, article_id__in=ids)
            anchored = set(known.filter(anchors=True).values_list("article_id", flat=True))
            all_known = set(known.values_list("article_id", flat=True))
            for row in page.rows:
                if row.article_id not in all_known:
                    fresh.setdefault(row.article_id, row)
            cycle.items += len(page.rows)
            # Each catalogue of a page is a list of its own, and is followed until something known in it.
            for catalogue in {row.catalogue for row in page.rows} - done:
                rows = [row for row in page.rows if row.catalogue == catalogue]
                repeated = {row.article_id for row in rows} <= met
                too_old = all(row.released_at and row.released_at < oldest for row in rows)
                # The last row, not any: one that was moved to the top must not hide what is new behind it.
                if repeated or too_old or rows[-1].article_id in anchored:
                    done.add(catalogue)
            met |= ids
            if {row.catalogue for row in page.rows} <= done:
                break
        return met

    def _waiting(self, now: datetime) -> list[ListedArticle]:
        """Articles that could not be read before and are due again."""
        rows = SeenArticle.objects.filter(
            exchange=self.site.exchange, state__in=[State.LISTED, State.QUARANTINED], next_attempt_at__lte=now
        )
        return [listed(row) for row in rows.order_by("-released_at")[:20]]

    def _read(
        self, row: ListedArticle, splitter: SymbolSplitter, around: Surroundings, round_: _Round, cycle: Cycle
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

    def _settle(
        self,
        round_: _Round,
        verdicts: Sequence[Verdict],
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
        verdicts: Sequence[Verdict],
        now: datetime,
    ) -> None:
        row, error = unread.row, unread.error
        seen = SeenArticle.objects.get(exchange=self.site.exchange, article_id=row.article_id)
        odd = not _is_trouble(error)
        if odd:
            logger.warning("%s: article %s was put aside: %s", self.name, row.article_id, error)
            quarantine.put_aside(
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
        seen.next_attempt_at = now + min(delay, _RETRY_AT_MOST)
        verdict = next((v for v in verdicts if v.read.article.article_id == row.article_id), None)
        seen.event = event_of(verdict, by_key) if verdict else seen.event
        seen.save()


class EditUpdater(EventUpdater):
    """Reads the articles of open events again, since lists do not move edited rows."""

    def __init__(self, site: AnnouncementSite, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.site = site
        self.name = f"{site.exchange}.edits"
        self.interval_seconds = config.update_refresh_minutes * 60

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
                    draft = replace(with_list_facts(draft), quiet=False, based_on=event.based_on)
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


def surroundings(exchange: str, config: Config, now: datetime) -> tuple[Surroundings, list[EventDraft]]:
    """What the database knows around an announcement, and the exchange's open events, newest first."""
    events = (
        Event.objects.filter(source=exchange, status=Status.OPEN, articles__isnull=False)
        .distinct()
        .order_by("-published_at", "-id")
        .prefetch_related("effects")
    )
    open_events = [draft_of(event) for event in events]
    leaving: dict[str, datetime | None] = {}
    for event in reversed(open_events):
        if event.category in _ENDS_TRADING:
            for effect in event.effects:
                leaving.update(dict.fromkeys(effect.tickers, effect.trading_ends_at))
    knowledge = load_knowledge(at=now)
    around = Surroundings(
        knowledge=knowledge,
        watch=effective_watch_lists(config).with_assets(knowledge.asset),
        leaving=leaving,
        now=now,
        look_back=timedelta(days=config.news_lookback_days),
    )
    return around, open_events


def _is_trouble(error: UpstreamError | BodyUnreadable) -> TypeGuard[UpstreamError]:
    """Whether an error is the upstream's trouble, as against an article that is odd or was taken away."""
    return isinstance(error, UpstreamError) and not isinstance(error, SchemaDrift | PermanentError)


def released(row: SeenArticle) -> datetime | None:
    """When it was released, as far as anybody said; else when it was first seen, which does not move."""
    return row.released_at or row.first_seen_at


def identified(article: Article, splitter: SymbolSplitter, around: Surroundings) -> Reading:
    """What an article says, its tokens as the assets that the exchange means by them."""
    return with_assets(article, read(article, splitter), around.knowledge)


def listed(row: SeenArticle) -> ListedArticle:
    return ListedArticle(row.article_id, row.title, row.released_at, row.url, row.catalogue)


def note_unknown_tokens(drafts: Sequence[EventDraft], source: str, now: datetime) -> None:
    """List the tokens that nobody knows as unknown assets, for an admin to look at."""
    told = {(effect.token, effect.venue) for draft in drafts for effect in draft.effects}
    if told:
        identity = load_identity()
        unknown = {token for token, venue in told if identity.resolve(venue, token, now) is None}
        note_unknown(unknown, f"named by {source}")


def learn_renamings(articles: Sequence[ReadArticle]) -> None:
    """Take the renamings that were completed into the table of names."""
    for read_article in articles:
        row = renaming(read_article.article, read_article.reading)
        if row:
            add_names([row], f"announcement {read_article.article.url}")


def event_of(verdict: Verdict, by_key: dict[str, Outcome]) -> Event | None:
    """The event that an article belongs to; its own before those that it changes."""
    for key in sorted(verdict.keys, key=lambda key: key != verdict.read.key):
        outcome = by_key.get(key)
        if outcome and outcome.event:
            return outcome.event
    return None


def settle_article(source: str, verdict: Verdict, by_key: dict[str, Outcome], now: datetime) -> None:
    """Write down what became of an article that was read."""
    article, reading = verdict.read.article, verdict.read.reading
    event = event_of(verdict, by_key)
    failed = [by_key[key] for key in verdict.keys if by_key[key].kind == OutcomeKind.FAILED]
    if failed:
        state = State.QUARANTINED
        quarantine.put_aside(source, article.article_id, now, title=article.title, error=failed[0].reason)
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
        next_attempt_at=now + _RETRY_AT_MOST if failed else None,
        attempts=F("attempts") + 1,
    )
    if not failed:
        quarantine.resolve(source, article.article_id, now)
