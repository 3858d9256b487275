"""What the database knows around announcements, and announcements as they read in its light."""

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

State = SeenArticle.State


def surroundings(exchange: str, config: Config, now: datetime) -> tuple[DetectionContext, list[EventDraft]]:
    """What the database knows around an announcement, and the exchange's open events, newest first."""
    open_events = open_announcement_drafts(exchange)
    leaving: dict[str, datetime | None] = {}
    for event in reversed(open_events):
        if event.category in ENDS_TRADING:
            for effect in event.effects:
                leaving.update(dict.fromkeys(effect.tickers, effect.trading_ends_at))
    knowledge = load_knowledge(at=now)
    around = DetectionContext(
        knowledge=knowledge,
        watch=effective_watch_lists(config, now),
        leaving=leaving,
        now=now,
        look_back=timedelta(days=config.news_lookback_days),
    )
    return around, open_events


def released(row: SeenArticle) -> datetime | None:
    """When it was released, as far as anybody said; else when it was first seen, which does not move."""
    return row.released_at or row.first_seen_at


# The articles of open events are read again each round, and hardly ever say anything else than before.
_read = lru_cache(maxsize=512)(read)


def identified(article: Article, splitter: SymbolSplitter, around: DetectionContext) -> ParsedNotice:
    """What an article says, its tokens as the assets that the exchange means by them."""
    return with_assets(article, _read(article, splitter), around.knowledge)


def listed(row: SeenArticle) -> ListedArticle:
    return ListedArticle(row.article_id, row.title, row.released_at, row.url, row.catalogue)


_splitter: VersionedCache[SymbolSplitter] = VersionedCache()


def splitter_for(knowledge: MarketKnowledge) -> SymbolSplitter:
    """Splits by what is listed, else by the shipped quote assets. Built once per state of the lists."""
    return _splitter.of("splitter", knowledge.by_venue, lambda: _build(knowledge))


def _build(knowledge: MarketKnowledge) -> SymbolSplitter:
    places = {venue: exchange_and_market(venue) for venue in knowledge.by_venue}
    return SymbolSplitter(
        frozenset(
            (*places[venue], row.symbol, row.base, row.quote)
            for venue, rows in knowledge.by_venue.items()
            for row in rows.values()
        )
    )
