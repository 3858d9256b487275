"""Whales and vanishing depth as events: an updater like the others, whose upstream is the daemon's own collector.

It is run by `orderbooks.collector.recorder` when the collector has news, and by `replay` on what was archived of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from crypto_ews.conf import Config
from events.enums import Category, Status
from events.models import plain_events
from events.protocols import Fetcher
from events.sources.content import Age, AgeFrom, ContentRule, newest
from events.updater import Cycle, EventUpdater
from markets.watch import WatchLists
from markets.watch_store import effective_watch_lists
from orderbooks.detection.depth_drop import DepthWatch, Known
from orderbooks.detection.observations import SOURCE, URL, Depth, PairName, parse_book_news
from orderbooks.detection.whale import WhaleRules, WhaleWatch

# Every minute brings rows.
INTERVAL_SECONDS = 60.0


class BookEventUpdater(EventUpdater):
    """Events of the order books. A failed round leaves what is open to its expiry."""

    name = SOURCE

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self._names: dict[str, PairName] = {}
        self.interval_seconds = INTERVAL_SECONDS
        self.depths = DepthWatch(config.depth_drop_percent / 100)
        self.whales = WhaleWatch(
            WhaleRules(config.whale_event_score, persists_ms=round(config.whale_persists_seconds * 1000))
        )

    def content(self) -> ContentRule:
        return ContentRule(
            unseen="whales and vanishing depth in the order books",
            # Each minute brings a row of every pair.
            ages=(Age(AgeFrom.RELEASE, timedelta(minutes=10)),),
            exempt={
                "frozen": "news are made by the daemon itself, each once",
                "rows": "news, not a list: which pairs are known is the collector's to say",
                "name": "it is the daemon's own",
            },
        )

    def remember(self, depth: Depth) -> None:
        """A minute of before the start; they come oldest first."""
        self.depths.remember(depth)

    def cycle(self) -> Cycle:
        payload = self.fetch(SOURCE, URL)
        news = parse_book_news(payload)
        at = payload.received_at
        minutes = [datetime.fromtimestamp(depth.minute_ms / 1000, UTC) for depth in news.depths]
        self.saw("", at=newest(minutes, at))
        # The names of a pair stand in the news once it has some; what stands is judged without.
        self._names.update(news.pairs)
        names = self._names
        known = _open_events()
        watched = _watched(names, effective_watch_lists(self.config, at))
        cycle = Cycle(items=len(news.depths) + len(news.placed) + len(news.ended))
        cycle.drafts += self.depths.take(news.depths, names, watched, known, at)
        cycle.drafts += self.whales.take(news, names, watched, known, at)
        return cycle


def _open_events() -> Mapping[str, Known]:
    rows = plain_events().filter(
        status=Status.OPEN, category__in=(Category.WHALE, Category.DEPTH_DROP), source="orderbooks"
    )
    return {
        key: Known(title, facts, valid_until)
        for key, title, facts, valid_until in rows.values_list("natural_key", "title", "facts", "valid_until")
    }


def _watched(names: Mapping[str, PairName], lists: WatchLists) -> Mapping[str, bool]:
    return {pair: lists.pair(name.token, name.quote, name.ticker.partition(":")[0]) for pair, name in names.items()}
