"""What the database adds to an announcement: the detection context, the symbol splitter, the identities of tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from crypto_ews.conf import Config
from events.drafts import EventDraft
from exchanges.announcements.assets import with_assets
from exchanges.announcements.detect import ENDS_TRADING, DetectionContext
from exchanges.announcements.reader import read
from exchanges.announcements.sites.base import ListedArticle
from exchanges.announcements.types import Article, ParsedNotice
from exchanges.models import SeenArticle
from exchanges.open_events import open_announcement_drafts
from exchanges.venues import exchange_and_market
from markets.instruments import load_knowledge
from markets.knowledge import MarketKnowledge
from markets.symbols import SymbolSplitter
from markets.versions import VersionedCache
from markets.watch_store import effective_watch_lists


def detection_context(exchange: str, config: Config, now: datetime) -> tuple[DetectionContext, list[EventDraft]]:
    """The context in which an announcement is detected, and the exchange's open announcement events, newest first."""
    open_events = open_announcement_drafts(exchange)
    leaving: dict[str, datetime | None] = {}
    for event in reversed(open_events):
        if event.category in ENDS_TRADING:
            for effect in event.effects:
                leaving.update(dict.fromkeys(effect.tickers, effect.trading_ends_at))
    context = DetectionContext(
        knowledge=load_knowledge(at=now),
        watch=effective_watch_lists(config, now),
        leaving=leaving,
        now=now,
        look_back=timedelta(days=config.news_lookback_days),
    )
    return context, open_events


# The articles of open events are parsed in each round, and their text hardly ever changes. A title that was parsed to
# decide whether its article is worth a request is not parsed again when that request fails.
_read = lru_cache(maxsize=512)(read)


def parsed(article: Article, splitter: SymbolSplitter) -> ParsedNotice:
    """`reader.read`, cached; names are as written. Raises BodyUnreadable."""
    return _read(article, splitter)


def identified(article: Article, splitter: SymbolSplitter, context: DetectionContext) -> ParsedNotice:
    """The parsed notice, its tokens as the assets that the exchange means by them. Raises BodyUnreadable."""
    return with_assets(article, parsed(article, splitter), context.knowledge)


def title_only(exchange: str, row: ListedArticle) -> Article:
    """The article while its body is not available: the title alone may be the warning."""
    return Article(exchange, row.article_id, row.title, None, row.released_at, row.url, row.catalogue)


def released(row: SeenArticle) -> datetime | None:
    """When the article was released; where the exchange does not report it, when the article was first seen.

    Neither moves.
    """
    return row.released_at or row.first_seen_at


def listed(row: SeenArticle) -> ListedArticle:
    """A stored article as the row of the list that it came from."""
    return ListedArticle(row.article_id, row.title, row.released_at, row.url, row.catalogue)


_splitter: VersionedCache[SymbolSplitter] = VersionedCache()


def splitter_for(knowledge: MarketKnowledge) -> SymbolSplitter:
    """Splits symbols by what is listed, else by the shipped quote assets. Built once per version of the lists."""
    return _splitter.of("splitter", knowledge.by_venue, lambda: _build_splitter(knowledge))


def _build_splitter(knowledge: MarketKnowledge) -> SymbolSplitter:
    places = {venue: exchange_and_market(venue) for venue in knowledge.by_venue}
    return SymbolSplitter(
        frozenset(
            (*places[venue], row.symbol, row.base, row.quote)
            for venue, rows in knowledge.by_venue.items()
            for row in rows.values()
        )
    )
